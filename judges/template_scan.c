#include "judges/template_scan.h"

struct template_scan template_scan_of(struct slice text)
{
    return (struct template_scan){text, 1, true};
}

static void skip(struct template_scan *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->line += s->rest.p[i] == '\n';
    if (n)
        s->line_begins = s->rest.p[n - 1] == '\n';
    s->rest = slice_from(s->rest, n);
}

/* Length of the line break that text begins with; 0: none. */
static size_t line_break(struct slice text)
{
    return slice_starts(text, S("\r\n")) ? 2 : slice_starts(text, S("\n")) ? 1 : 0;
}

/* The name when the rest begins with a line "=== name ==="; *n: the length of the line. */
static bool part_line(const struct template_scan *s, struct slice *name, size_t *n)
{
    if (!s->line_begins || !slice_starts(s->rest, S("=== ")))
        return false;
    size_t end = slice_find(s->rest, S("\n"));
    *n = end == SIZE_MAX ? s->rest.n : end + 1;
    struct slice line = slice_trim(slice_sub(s->rest, 0, *n));
    if (line.n < 8 || !slice_ends(line, S(" ===")))
        return false;
    *name = slice_trim(slice_sub(line, 4, line.n - 8));
    return true;
}

static struct template_piece read_mark(struct template_scan *s)
{
    struct template_piece piece = {TEMPLATE_HOLE, {0}, s->line};
    bool alone = s->line_begins;
    size_t end = slice_find(s->rest, S("}}"));
    if (end == SIZE_MAX) {
        piece.kind = TEMPLATE_UNENDED;
        piece.text = s->rest;
        s->rest = slice_from(s->rest, s->rest.n);
        return piece;
    }
    piece.text = slice_trim(slice_sub(s->rest, 2, end - 2));
    if (slice_starts(piece.text, S("#")) || slice_starts(piece.text, S("/"))) {
        piece.kind = piece.text.p[0] == '#' ? TEMPLATE_OPEN : TEMPLATE_CLOSE;
        piece.text = slice_trim(slice_from(piece.text, 1));
    }
    skip(s, end + 2);
    if (alone && piece.kind != TEMPLATE_HOLE)
        skip(s, line_break(s->rest));
    return piece;
}

/* How far plain text goes: to a mark, or to a part's line. */
static size_t text_length(const struct template_scan *s)
{
    struct template_scan at = *s;
    struct slice name;
    size_t n;
    while (at.rest.n && !part_line(&at, &name, &n)) {
        size_t end = slice_find(at.rest, S("\n"));
        struct slice line = slice_sub(at.rest, 0, end == SIZE_MAX ? at.rest.n : end + 1);
        size_t mark = slice_find(line, S("{{"));
        at.rest = slice_from(at.rest, mark == SIZE_MAX ? line.n : mark);
        if (mark != SIZE_MAX)
            break;
        at.line_begins = true;
    }
    return s->rest.n - at.rest.n;
}

struct template_piece template_scan_next(struct template_scan *s)
{
    struct template_piece piece = {TEMPLATE_END, {0}, s->line};
    size_t n;
    if (s->rest.n == 0)
        return piece;
    if (part_line(s, &piece.text, &n)) {
        piece.kind = TEMPLATE_PART;
        skip(s, n);
        return piece;
    }
    if (slice_starts(s->rest, S("{{")))
        return read_mark(s);
    n = text_length(s);
    piece.kind = TEMPLATE_TEXT;
    piece.text = slice_sub(s->rest, 0, n);
    skip(s, n);
    return piece;
}
