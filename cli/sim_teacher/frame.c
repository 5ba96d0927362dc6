#include "cli/sim_teacher/frame.h"

#include <string.h>

#include "judges/template_scan.h"

struct slice frame_text(const struct frame_piece *piece)
{
    return (struct slice){piece->p, piece->n};
}

static void add(struct frame_piece *piece, struct slice text)
{
    size_t n = text.n < FRAME_PIECE - piece->n ? text.n : FRAME_PIECE - piece->n;
    memcpy(piece->p + piece->n, n ? text.p : "", n);
    piece->n += n;
}

/* What a wording has been found to say so far. */
struct reading {
    struct frame *frame;
    struct frame_piece run;  /* the text since the last mark that is no nonce */
    struct frame_piece *end; /* where that text belongs as well, at its end; NULL: nowhere */
    struct slice section;    /* in which it stands; empty: in none */
    bool user, asked;        /* the user's part has begun; the question was shown */
};

/* end_run(r): a mark ends the text before it. */
static void end_run(struct reading *r)
{
    struct frame *f = r->frame;
    bool between = r->asked && f->before_a.n == 0;
    if (r->end)
        *r->end = r->run;
    r->end = NULL;
    if (between && r->section.n && r->run.n && f->n_sections < FRAME_SECTIONS)
        f->sections[f->n_sections++] = r->run;
}

static void read_hole(struct reading *r, struct slice name)
{
    struct frame *f = r->frame;
    if (slice_is(name, "question")) {
        f->before_question = r->run;
        r->end = &f->after_question;
        r->asked = true;
    } else if (slice_is(name, "answer") || slice_is(name, "answer_a")) {
        f->before_a = r->run;
        r->end = &f->after_a;
    } else if (slice_is(name, "answer_b")) {
        r->end = &f->after_b;
    } else if (slice_is(name, "hint")) {
        f->before_hint = r->run;
    }
}

static void read_piece(struct reading *r, const struct template_piece *piece)
{
    if (piece->kind == TEMPLATE_TEXT)
        add(&r->run, piece->text);
    if (piece->kind == TEMPLATE_TEXT || slice_is(piece->text, "nonce"))
        return;
    end_run(r);
    if (piece->kind == TEMPLATE_HOLE)
        read_hole(r, piece->text);
    r->section = piece->kind == TEMPLATE_OPEN    ? piece->text
                 : piece->kind == TEMPLATE_CLOSE ? S("")
                                                 : r->section;
    r->run.n = 0;
}

void frame_of(struct frame *f, const struct judge *judge)
{
    struct template_scan scan = template_scan_of(slice_of(judge->wording));
    struct reading r = {.frame = f};
    *f = (struct frame){.one = judge->pointwise};
    for (;;) {
        struct template_piece piece = template_scan_next(&scan);
        if (piece.kind == TEMPLATE_END)
            break;
        r.user = r.user || (piece.kind == TEMPLATE_PART && slice_is(piece.text, "user"));
        if (r.user)
            read_piece(&r, &piece);
    }
    end_run(&r);
}

char frame_hint(const struct frame *f, struct slice text)
{
    size_t at = f->before_hint.n ? slice_rfind(text, frame_text(&f->before_hint)) : SIZE_MAX;
    struct slice rest = at == SIZE_MAX ? S("") : slice_from(text, at + f->before_hint.n);
    return rest.n && (rest.p[0] == 'A' || rest.p[0] == 'B') ? rest.p[0] : '\0';
}
