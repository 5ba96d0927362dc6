#include "judges/sentence.h"

struct sentences sentences_of(struct slice text)
{
    return (struct sentences){text, 0};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of the first mark of `marks` (n of them) that the text has at `at`; 0: none. */
static size_t mark_at(struct slice text, size_t at, const char *const *marks, size_t n)
{
    struct slice rest = slice_from(text, at);
    for (size_t i = 0; i < n; i++)
        if (slice_starts(rest, slice_of(marks[i])))
            return slice_of(marks[i]).n;
    return 0;
}

/* Full stop, exclamation and question mark as Chinese and Japanese have them. */
static const char *const wide_stops[] = {"\xE3\x80\x82", "\xEF\xBC\x81", "\xEF\xBC\x9F"};
/* What may close a quotation, bracket or emphasis after a stop. */
static const char *const closers[] = {
    "\"",           "'",           ")", "]", "*", "\xE2\x80\x9D", "\xE2\x80\x99", "\xE3\x80\x8D",
    "\xE3\x80\x8F", "\xEF\xBC\x89"};

static size_t past_closers(struct slice text, size_t at)
{
    size_t n;
    while ((n = mark_at(text, at, closers, sizeof closers / sizeof closers[0])) > 0)
        at += n;
    return at;
}

static bool is_abbreviation(struct slice text, size_t start, size_t dot)
{
    struct slice before = slice_sub(text, start, dot - start);
    return slice_ends(before, S("e.g")) || slice_ends(before, S("i.e")) ||
           slice_ends(before, S(" vs"));
}

/* Where the sentence ends whose stop may stand at `at`; 0: none does. `counted`: all before it are
 * digits. */
static size_t end_at(struct slice text, size_t start, size_t at, bool counted)
{
    char c = text.p[at];
    size_t wide = (unsigned char)c >= 0xE3
                      ? mark_at(text, at, wide_stops, sizeof wide_stops / sizeof wide_stops[0])
                      : 0;
    if (wide)
        return past_closers(text, at + wide);
    if (c == '\n')
        return at + 1;
    if (c != '.' && c != '!' && c != '?')
        return 0;
    if (c == '.' && (counted || is_abbreviation(text, start, at)))
        return 0;
    size_t end = past_closers(text, at + 1);
    return end == text.n || is_space(text.p[end]) ? end : 0;
}

bool sentences_next(struct sentences *s, struct slice *sentence)
{
    while (s->at < s->text.n && is_space(s->text.p[s->at]))
        s->at++;
    size_t start = s->at, end = 0;
    bool counted = true;
    if (start == s->text.n)
        return false;
    for (; s->at < s->text.n && end == 0; s->at++) {
        end = end_at(s->text, start, s->at, counted && s->at > start);
        counted = counted && is_digit(s->text.p[s->at]);
    }
    s->at = end ? end : s->text.n;
    *sentence = slice_trim(slice_sub(s->text, start, s->at - start));
    return true;
}

size_t sentences_at(const struct sentences *s, struct slice sentence)
{
    return (size_t)(sentence.p - s->text.p);
}
