#include <string.h>

#include "base/text.h"
#include "judges/symmetry.h"
#include "judges/template.h"
#include "judges/template_scan.h"

enum { PART_NONE, PART_SYSTEM, PART_USER };

struct checking {
    const struct judge *judge;
    int part;
    struct slice section; /* that is open; empty: none */
    int section_line;
    bool question, answer, answer_a, answer_b; /* holes seen */
    struct symmetry symmetry;
};

/* The beginning of what stands in a mark, for a message of one line. */
static struct slice shown(struct slice name)
{
    size_t n = 0;
    while (n < name.n && (unsigned char)name.p[n] >= ' ')
        n++;
    if (n > 40)
        for (n = 40; n > 0 && ((unsigned char)name.p[n] & 0xc0) == 0x80;)
            n--;
    return slice_sub(name, 0, n);
}

static bool is_answer(struct slice name)
{
    return slice_is(name, "answer") || slice_is(name, "answer_a") || slice_is(name, "answer_b");
}

/* Which of the holes there are for answers belong to this format. */
static bool fits_format(const struct judge *judge, struct slice name)
{
    return !is_answer(name) || slice_is(name, "answer") == judge->pointwise;
}

static bool unknown_hole(const struct checking *c, const struct template_piece *piece,
                         struct err *e)
{
    static const char *const pair[] = {"question", "answer_a", "answer_b", "reference",
                                       "rubric",   "nonce",    "hint"};
    static const char *const single[] = {"question", "answer", "reference",
                                         "rubric",   "nonce",  "hint"};
    if (is_answer(piece->text))
        return err_set(e, ERR_USAGE,
                       "line %d: {{" SLICE_FMT "}} is not for the format %s, which %s", piece->line,
                       SLICE_ARG(piece->text), c->judge->name,
                       c->judge->pointwise ? "sees one answer at a time: {{answer}}"
                                           : "compares {{answer_a}} with {{answer_b}}");
    const char *near = c->judge->pointwise
                           ? text_nearest(piece->text, single, sizeof single / sizeof single[0])
                           : text_nearest(piece->text, pair, sizeof pair / sizeof pair[0]);
    return err_set(e, ERR_USAGE,
                   "line %d: there is no hole {{" SLICE_FMT
                   "}}%s%s%s; there are question, %s, reference, "
                   "rubric, nonce and, inside {{#hint}}, hint",
                   piece->line, SLICE_ARG(shown(piece->text)), near ? " (did you mean {{" : "",
                   near ? near : "", near ? "}}?)" : "",
                   c->judge->pointwise ? "answer" : "answer_a, answer_b");
}

static bool is_section(struct slice name)
{
    return slice_is(name, "reference") || slice_is(name, "rubric") || slice_is(name, "hint");
}

static bool is_hole(struct slice name)
{
    return is_section(name) || is_answer(name) || slice_is(name, "question") ||
           slice_is(name, "nonce");
}

/* The letter of the better answer must not stand where the judge is to find it out. */
static bool check_place(const struct checking *c, const struct template_piece *piece, struct err *e)
{
    if (slice_is(piece->text, "hint") && !slice_is(c->section, "hint"))
        return err_set(e, ERR_USAGE,
                       "line %d: {{hint}} gives the verdict away and may only stand between "
                       "{{#hint}} and {{/hint}}",
                       piece->line);
    bool always = is_answer(piece->text) || slice_is(piece->text, "question");
    if (always && c->section.n)
        return err_set(e, ERR_USAGE,
                       "line %d: {{" SLICE_FMT "}} must not stand inside {{#" SLICE_FMT
                       "}}, which not every pair has",
                       piece->line, SLICE_ARG(piece->text), SLICE_ARG(c->section));
    return true;
}

static uint64_t place_of(const struct checking *c)
{
    unsigned char section = c->section.n ? (unsigned char)c->section.p[2] : 0; /* f, b or n */
    return (uint64_t)c->part << 8 | section;
}

static bool take_hole(struct checking *c, const struct template_piece *piece, struct err *e)
{
    struct slice name = piece->text;
    if (!is_hole(name) || !fits_format(c->judge, name))
        return unknown_hole(c, piece, e);
    if (!check_place(c, piece, e))
        return false;
    if (slice_is(name, "answer_b") && !c->answer_a)
        return err_set(e, ERR_USAGE,
                       "line %d: {{answer_b}} stands before {{answer_a}}; A is the answer that is "
                       "shown first",
                       piece->line);
    c->question |= slice_is(name, "question");
    c->answer |= slice_is(name, "answer");
    c->answer_a |= slice_is(name, "answer_a");
    c->answer_b |= slice_is(name, "answer_b");
    symmetry_hole(&c->symmetry, name, piece->line, place_of(c));
    return true;
}

static bool open_section(struct checking *c, const struct template_piece *piece, struct err *e)
{
    if (!is_section(piece->text))
        return err_set(e, ERR_USAGE,
                       "line %d: there is no section {{#" SLICE_FMT
                       "}}; there are reference, rubric and "
                       "hint",
                       piece->line, SLICE_ARG(shown(piece->text)));
    if (c->section.n)
        return err_set(e, ERR_USAGE,
                       "line %d: {{#" SLICE_FMT "}} stands inside {{#" SLICE_FMT
                       "}} of line %d; sections cannot be nested",
                       piece->line, SLICE_ARG(piece->text), SLICE_ARG(c->section), c->section_line);
    c->section = piece->text;
    c->section_line = piece->line;
    return true;
}

static bool close_section(struct checking *c, const struct template_piece *piece, struct err *e)
{
    if (!c->section.n || !slice_eq(c->section, piece->text))
        return err_set(e, ERR_USAGE, "line %d: {{/" SLICE_FMT "}} closes nothing that is open",
                       piece->line, SLICE_ARG(shown(piece->text)));
    c->section = S("");
    return true;
}

static bool sections_are_closed(const struct checking *c, struct err *e)
{
    return !c->section.n ||
           err_set(e, ERR_USAGE,
                   "line %d: {{#" SLICE_FMT "}} is never closed; {{/" SLICE_FMT "}} is lacking",
                   c->section_line, SLICE_ARG(c->section), SLICE_ARG(c->section));
}

static bool begin_part(struct checking *c, const struct template_piece *piece, struct err *e)
{
    int part = slice_is(piece->text, "system") ? PART_SYSTEM
               : slice_is(piece->text, "user") ? PART_USER
                                               : PART_NONE;
    if (!sections_are_closed(c, e))
        return false;
    if (part == PART_NONE)
        return err_set(e, ERR_USAGE,
                       "line %d: there is no part === " SLICE_FMT " ===; there are system and user",
                       piece->line, SLICE_ARG(shown(piece->text)));
    if (part <= c->part)
        return err_set(e, ERR_USAGE,
                       "line %d: a template has one part === system === and then one part "
                       "=== user ===",
                       piece->line);
    c->part = part;
    return true;
}

static bool take(struct checking *c, const struct template_piece *piece, struct err *e)
{
    bool blank = piece->kind == TEMPLATE_TEXT && slice_trim(piece->text).n == 0;
    if (piece->kind == TEMPLATE_PART)
        return begin_part(c, piece, e);
    if (c->part == PART_NONE && !blank)
        return err_set(
            e, ERR_USAGE,
            "line %d: a template begins with the line === system === or === user ===", piece->line);
    switch (piece->kind) {
    case TEMPLATE_TEXT:
        symmetry_text(&c->symmetry, piece->text, piece->line, place_of(c));
        return true;
    case TEMPLATE_HOLE:
        return take_hole(c, piece, e);
    case TEMPLATE_OPEN:
        return open_section(c, piece, e);
    case TEMPLATE_CLOSE:
        return close_section(c, piece, e);
    case TEMPLATE_UNENDED:
        return err_set(e, ERR_USAGE, "line %d: " SLICE_FMT " is never closed; }} is lacking",
                       piece->line, SLICE_ARG(shown(piece->text)));
    case TEMPLATE_PART:
    case TEMPLATE_END:
        break;
    }
    return true;
}

static bool is_whole(const struct checking *c, struct err *e)
{
    if (!sections_are_closed(c, e))
        return false;
    if (c->part != PART_USER)
        return err_set(e, ERR_USAGE, "the part === user === is lacking");
    const char *lacks = !c->question                           ? "question"
                        : c->judge->pointwise && !c->answer    ? "answer"
                        : !c->judge->pointwise && !c->answer_a ? "answer_a"
                        : !c->judge->pointwise && !c->answer_b ? "answer_b"
                                                               : NULL;
    return !lacks ||
           err_set(e, ERR_USAGE, "{{%s}} is lacking: the judge would never see it", lacks);
}

static bool is_symmetric(struct checking *c, struct err *e)
{
    int line;
    bool both;
    int broken = symmetry_broken(&c->symmetry, &line, &both, e);
    if (broken <= 0)
        return broken == 0;
    return err_set(e, ERR_USAGE,
                   both
                       ? "line %d treats A and B differently: what is said of the one must be said "
                         "of the other in the same words"
                       : "line %d treats A and B differently: there is no line that says the same "
                         "of the other letter",
                   line);
}

/* It becomes part of JSON, where other bytes would be lost. */
static bool is_utf8(struct slice text, struct err *e)
{
    size_t at = text_utf8_error(text);
    int line = 1;
    if (at == SIZE_MAX)
        return true;
    for (size_t i = 0; i < at; i++)
        line += text.p[i] == '\n';
    return err_set(e, ERR_USAGE, "line %d: a byte that is not UTF-8; save the file as UTF-8", line);
}

bool template_check(struct slice text, const struct judge *judge, struct err *e)
{
    struct checking c = {.judge = judge};
    struct template_scan s = template_scan_of(text);
    bool ok = is_utf8(text, e);
    symmetry_init(&c.symmetry);
    while (ok) {
        struct template_piece piece = template_scan_next(&s);
        if (piece.kind == TEMPLATE_END)
            break;
        ok = take(&c, &piece, e);
    }
    ok = ok && is_whole(&c, e) && is_symmetric(&c, e);
    symmetry_free(&c.symmetry);
    return ok;
}
