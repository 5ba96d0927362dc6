#include "base/records_shape.h"

#include <string.h>

/* Members that hold the records of a file that is one object. */
static const char *const envelopes[] = {"data",     "rows",  "records",
                                        "examples", "items", "instances"};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blank(struct slice s, size_t at)
{
    while (at < s.n && is_blank(s.p[at]))
        at++;
    return at;
}

/* expect(s, at, c): past white space and c; SIZE_MAX: something else; s.n + 1: s ends before. */
static size_t expect(struct slice s, size_t at, char c)
{
    at = skip_blank(s, at);
    if (at >= s.n)
        return s.n + 1;
    return s.p[at] == c ? at + 1 : SIZE_MAX;
}

static size_t expect_name(struct slice s, size_t at)
{
    for (size_t i = 0; i < sizeof envelopes / sizeof envelopes[0]; i++) {
        size_t n = strlen(envelopes[i]);
        struct slice there = slice_sub(s, at, n);
        if (there.n < n && memcmp(there.p, envelopes[i], there.n) == 0)
            return s.n + 1;
        if (there.n == n && memcmp(there.p, envelopes[i], n) == 0 &&
            (at + n == s.n || s.p[at + n] == '"'))
            return at + n;
    }
    return SIZE_MAX;
}

/* envelope(s, at): the place behind `{"data": [` when an object follows there; SIZE_MAX: it is
 * none; over s.n: s ends before that is sure. */
static size_t envelope(struct slice s, size_t at)
{
    static const char after[] = {'"', ':', '['};
    at = expect(s, at, '{');
    if (at <= s.n)
        at = expect(s, at, '"');
    if (at <= s.n)
        at = expect_name(s, at);
    for (size_t i = 0; i < sizeof after && at <= s.n; i++)
        at = expect(s, at, after[i]);
    if (at > s.n)
        return at;
    size_t object = expect(s, at, '{');
    return object <= s.n ? at : object;
}

/* A line that ends within an object: is it one line of a document, or a broken record? A document
 * breaks after an opening bracket or a comma, and goes on with what can follow there; what could be
 * the next record too must be indented. */
static enum records_shape broken_line(struct slice s, size_t end, bool all)
{
    struct slice line = slice_trim(slice_sub(s, 0, end));
    size_t next = skip_blank(s, end);
    char last = line.n ? line.p[line.n - 1] : 0;
    if (next >= s.n)
        return all ? SHAPE_LINES : SHAPE_UNKNOWN;
    char c = s.p[next];
    bool indented = s.p[next - 1] == ' ' || s.p[next - 1] == '\t';
    bool goes_on = last == '{'   ? c == '"' || c == '}'
                   : last == ',' ? c == '"' || (c == '{' && indented)
                                 : last == '[' && (c != '{' || indented);
    return goes_on ? SHAPE_OBJECTS : SHAPE_LINES;
}

/* object(s, at, all): s begins an object at `at`. */
static enum records_shape object(struct slice s, size_t at, bool all)
{
    size_t depth = 0;
    bool text = false;
    for (; at < s.n; at++) {
        char c = s.p[at];
        if (c == '\n')
            return text ? SHAPE_LINES : broken_line(s, at, all);
        if (text && c == '\\')
            at++;
        else if (c == '"')
            text = !text;
        else if (!text && (c == '{' || c == '['))
            depth++;
        else if (!text && (c == '}' || c == ']') && --depth == 0)
            return SHAPE_LINES;
    }
    return all ? SHAPE_LINES : SHAPE_UNKNOWN;
}

/* A header of plain names and commas. */
static enum records_shape header(struct slice s, size_t at, bool all)
{
    size_t commas = 0;
    char before = ',';
    for (; at < s.n && s.p[at] != '\n' && s.p[at] != '\r'; before = s.p[at++]) {
        char c = s.p[at];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool digit = c >= '0' && c <= '9';
        if (c == ',' && before != ',')
            commas++;
        else if (!letter && !(digit && before != ','))
            return SHAPE_LINES;
    }
    if (at == s.n && !all)
        return SHAPE_UNKNOWN;
    return commas > 0 && before != ',' && at < s.n ? SHAPE_TABLE : SHAPE_LINES;
}

enum records_shape records_shape(struct slice head, bool all, char by_name, size_t *mark)
{
    struct slice bom = S("\xEF\xBB\xBF");
    *mark = slice_starts(head, bom) ? bom.n : 0;
    if (head.n < bom.n && !all && slice_starts(bom, head))
        return SHAPE_UNKNOWN;
    if (by_name)
        return SHAPE_TABLE;
    size_t at = skip_blank(head, *mark);
    if (at >= head.n)
        return all ? SHAPE_LINES : SHAPE_UNKNOWN;
    if (head.p[at] == '[')
        return SHAPE_LIST;
    if (head.p[at] != '{')
        return header(head, at, all);
    size_t inside = envelope(head, at);
    if (inside <= head.n)
        return SHAPE_ENVELOPE;
    if (inside != SIZE_MAX && !all)
        return SHAPE_UNKNOWN;
    return object(head, at, all);
}
