#include "cli/sim_teacher/excerpt.h"

#include <string.h>

static bool says_something(struct slice line)
{
    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))
            return true;
    }
    return false;
}

/* A tag or bracket from the material must not look like one of the judge's own. */
static struct slice harmless(struct slice line)
{
    size_t n = 0;
    while (n < line.n && (unsigned char)line.p[n] >= ' ' && line.p[n] != 127 &&
           !strchr("<>[]{}\"", line.p[n]))
        n++;
    return slice_trim(slice_sub(line, 0, n));
}

static struct slice line_of(struct slice text, bool from_end)
{
    struct slice line = {0};
    while (text.n) {
        size_t at = from_end ? slice_rfind(text, S("\n")) : slice_find(text, S("\n"));
        if (at == SIZE_MAX)
            line = text, text = S("");
        else if (from_end)
            line = slice_from(text, at + 1), text = slice_sub(text, 0, at);
        else
            line = slice_sub(text, 0, at), text = slice_from(text, at + 1);
        line = harmless(slice_trim(line));
        if (says_something(line))
            return line;
    }
    return S("");
}

/* fit(line, max): the longest beginning of at most max bytes that ends with a word, or if there is
 * none, with a character. */
static size_t fit(struct slice line, size_t max)
{
    if (line.n <= max)
        return line.n;
    size_t n = max;
    while (n > max / 2 && line.p[n] != ' ')
        n--;
    if (n > max / 2)
        return n;
    for (n = max; n > 0 && ((unsigned char)line.p[n] & 0xC0) == 0x80;)
        n--;
    return n;
}

void excerpt_take(struct slice text, bool from_end, char *out, size_t size)
{
    struct slice line = line_of(text, from_end);
    size_t n = fit(line, size - 1);
    memcpy(out, line.n ? line.p : "", n);
    out[n] = '\0';
}

void excerpt_last_sentence(struct slice text, char *out, size_t size)
{
    out[0] = '\0';
    size_t end = slice_rfind(text, S("."));
    if (end == SIZE_MAX)
        return;
    struct slice before = slice_sub(text, 0, end);
    size_t dot = slice_rfind(before, S(". ")), line = slice_rfind(before, S("\n"));
    size_t start = dot == SIZE_MAX ? 0 : dot + 2;
    if (line != SIZE_MAX && line + 1 > start)
        start = line + 1;
    struct slice sentence = slice_trim(slice_sub(text, start, end + 1 - start));
    if (sentence.n >= size)
        return;
    memcpy(out, sentence.p, sentence.n);
    out[sentence.n] = '\0';
}
