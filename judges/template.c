#include "judges/template.h"

#include <assert.h>

#include "judges/template_scan.h"

static const char *speaker(struct slice role)
{
    static const struct {
        const char *role, *label;
    } speakers[] = {
        {"system", "System"},       {"developer", "System"}, {"user", "User"},
        {"assistant", "Assistant"}, {"tool", "Tool"},
    };
    for (size_t i = 0; i < sizeof speakers / sizeof speakers[0]; i++)
        if (slice_is(role, speakers[i].role))
            return speakers[i].label;
    return "Other";
}

/* A single text stands alone; a conversation is labelled turn by turn. */
static void write_turns(struct buf *b, const struct chat *chat, const char *lone_role,
                        struct slice nonce)
{
    if (chat->n == 1 && slice_is(chat->messages[0].role, lone_role)) {
        buf_slice(b, chat->messages[0].content);
        return;
    }
    for (size_t i = 0; i < chat->n; i++) {
        buf_str(b, i ? "\n\n[" : "[");
        buf_str(b, speaker(chat->messages[i].role));
        buf_slice(b, nonce);
        buf_str(b, "]\n");
        buf_slice(b, chat->messages[i].content);
    }
}

static void fill(struct buf *b, struct slice name, const struct judge_task *task)
{
    if (slice_is(name, "question"))
        write_turns(b, &task->prompt, "user", task->nonce);
    else if (slice_is(name, "answer_a") || slice_is(name, "answer"))
        write_turns(b, &task->answer_a, "assistant", task->nonce);
    else if (slice_is(name, "answer_b"))
        write_turns(b, &task->answer_b, "assistant", task->nonce);
    else if (slice_is(name, "reference"))
        buf_slice(b, task->reference);
    else if (slice_is(name, "rubric"))
        buf_slice(b, task->rubric);
    else if (slice_is(name, "nonce"))
        buf_slice(b, task->nonce);
    else if (slice_is(name, "hint") && task->hint)
        buf_char(b, task->hint);
}

/* Whether what the section is for is there. */
static bool stands(struct slice section, const struct judge_task *task)
{
    return slice_is(section, "reference") ? task->reference.n > 0
           : slice_is(section, "rubric")  ? task->rubric.n > 0
                                          : task->hint != 0;
}

/* One part's text up to the next part's line or the end; *next is the piece that ended it. */
static void write_part(struct buf *b, struct template_scan *s, const struct judge_task *task,
                       struct template_piece *next)
{
    bool shown = true;
    struct template_piece piece = template_scan_next(s);
    while (piece.kind != TEMPLATE_PART && piece.kind != TEMPLATE_END) {
        *next = template_scan_next(s);
        bool last = next->kind == TEMPLATE_PART || next->kind == TEMPLATE_END;
        if (piece.kind == TEMPLATE_OPEN)
            shown = stands(piece.text, task);
        else if (piece.kind == TEMPLATE_CLOSE)
            shown = true;
        else if (piece.kind == TEMPLATE_HOLE && shown)
            fill(b, piece.text, task);
        else if (piece.kind == TEMPLATE_TEXT && shown && last) {
            while (piece.text.n && slice_trim(slice_from(piece.text, piece.text.n - 1)).n == 0)
                piece.text.n--;
            buf_slice(b, piece.text);
        } else if (piece.kind == TEMPLATE_TEXT && shown)
            buf_slice(b, piece.text);
        piece = *next;
    }
    *next = piece;
}

static bool add_message(struct chat *out, struct slice role, struct buf *text, struct arena *arena,
                        struct err *e)
{
    struct slice content = text->failed ? (struct slice){0} : arena_dup(arena, buf_view(text));
    if (!content.p)
        return err_set(e, text->nomem || arena->nomem ? ERR_NOMEM : ERR_LIMIT,
                       "the judge prompt is larger than a call may be");
    if (content.n)
        out->messages[out->n++] = (struct message){role, content};
    buf_clear(text);
    return true;
}

bool template_render(struct slice text, const struct judge_task *task, struct chat *out,
                     struct arena *arena, struct err *e)
{
    struct template_scan s = template_scan_of(text);
    struct template_piece part = template_scan_next(&s);
    struct buf b;
    while (part.kind == TEMPLATE_TEXT) /* blank lines before the first part */
        part = template_scan_next(&s);
    buf_init(&b, arena->max);
    out->n = 0;
    out->messages = arena_alloc(arena, 2 * sizeof *out->messages);
    bool ok = out->messages || err_set(e, arena->nomem ? ERR_NOMEM : ERR_LIMIT,
                                       "the judge prompt is larger than a call may be");
    while (ok && part.kind == TEMPLATE_PART) {
        assert(out->n < 2);
        struct slice role = slice_is(part.text, "system") ? S("system") : S("user");
        write_part(&b, &s, task, &part);
        ok = add_message(out, role, &b, arena, e);
    }
    buf_free(&b);
    return ok;
}
