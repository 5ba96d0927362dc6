#include "filters/verbatim.h"

#include <string.h>

#define LEAST_PART 3 /* bytes of a part between two "..." that are looked for */

static const struct {
    const char *mark, *plain;
} marks[] = {
    {"‘", "'"}, /* single quotation marks */
    {"’", "'"},
    {"“", "\""}, /* double ones */
    {"”", "\""},
    {"„", "\""},
    {"\xE2\x80\x90", "-"}, /* hyphens, dashes, minus */
    {"\xE2\x80\x91", "-"},
    {"\xE2\x80\x93", "-"},
    {"\xE2\x80\x94", "-"},
    {"\xE2\x88\x92", "-"},
    {"…", "..."},      /* ellipsis */
    {"\xC2\xA0", " "}, /* spaces */
    {"\xE2\x80\xAF", " "},
    {"\xE3\x80\x80", " "},
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of the mark that the text begins with, and what it is in plain text; 0: none. */
static size_t plain_of(struct slice s, const char **plain)
{
    unsigned char c = (unsigned char)s.p[0];
    if (c != 0xE2 && c != 0xC2 && c != 0xE3)
        return 0;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct slice mark = slice_of(marks[i].mark);
        if (slice_starts(s, mark)) {
            *plain = marks[i].plain;
            return mark.n;
        }
    }
    return 0;
}

static void add_space(struct buf *out)
{
    if (out->n > 0 && out->p[out->n - 1] != ' ')
        buf_char(out, ' ');
}

void verbatim_add(struct buf *out, struct slice text)
{
    while (text.n > 0 && !out->failed) {
        const char *plain = NULL;
        size_t n = plain_of(text, &plain);
        if (n > 0 && plain[0] != ' ')
            buf_str(out, plain);
        else if (n > 0 || is_space(text.p[0]))
            add_space(out);
        else if (text.p[0] != '*' && text.p[0] != '`')
            buf_char(out, text.p[0]);
        text = slice_from(text, n ? n : 1);
    }
}

void verbatim_chat(struct buf *out, const struct chat *chat)
{
    for (size_t i = 0; i < chat->n; i++) {
        verbatim_add(out, chat->messages[i].content);
        buf_char(out, '\n');
    }
}

/* Without the marks that belong to the sentence around a quotation. */
static struct slice bare(struct slice s)
{
    s = slice_trim(s);
    while (s.n > 0 && (memchr(".,;:!?'\"", s.p[s.n - 1], 8) || is_space(s.p[s.n - 1])))
        s.n--;
    return s;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool verbatim_has(struct slice text, struct slice quotation)
{
    bool first = true;
    while (quotation.n > 0) {
        size_t gap = slice_find(quotation, S("..."));
        struct slice part = bare(slice_sub(quotation, 0, gap));
        quotation = gap == SIZE_MAX ? slice_sub(quotation, quotation.n, 0)
                                    : slice_from(quotation, gap + 3);
        if (first && part.n > LEAST_PART && is_letter(part.p[0]))
            part = slice_from(part, 1);
        first = false;
        if (part.n < LEAST_PART && (gap != SIZE_MAX || quotation.n > 0))
            continue;
        size_t hit = slice_find(text, part);
        if (hit == SIZE_MAX)
            return false;
        text = slice_from(text, hit + part.n);
    }
    return true;
}
