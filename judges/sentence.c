#include "judges/sentence.h"

static void find_quotation(struct sentences *s)
{
    if (!quotations_next(&s->quotations, &s->quoted))
        s->quoted.begin = SIZE_MAX;
}

struct sentences sentences_of(struct slice text)
{
    struct sentences s = {.text = text, .quotations = quotations_of(text)};
    find_quotation(&s);
    return s;
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
static const char *const wide_stops[] = {"。", "！", "？"};
/* What may close a quotation, bracket or emphasis after a stop. */
static const char *const closers[] = {"\"", "'", ")", "]", "*", "”", "’", "」", "』", "）"};

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

static bool may_stop(char c)
{
    return c == '.' || c == '\n' || c == '!' || c == '?' || (unsigned char)c >= 0xE3;
}

/* Where the sentence ends whose stop may stand at `at`; 0: none does. `counted`: all before it are
 * digits. */
static size_t end_at(struct slice text, size_t start, size_t at, bool counted)
{
    char c = text.p[at];
    if ((unsigned char)c >= 0xE3) {
        size_t n = mark_at(text, at, wide_stops, sizeof wide_stops / sizeof wide_stops[0]);
        return n ? past_closers(text, at + n) : 0;
    }
    if (c == '\n')
        return at + 1;
    if (c == '.' && (counted || is_abbreviation(text, start, at)))
        return 0;
    size_t end = past_closers(text, at + 1);
    return end == text.n || is_space(text.p[end]) ? end : 0;
}

/* past_quotation(s): behind the quotation that begins here; its last stop may be the sentence's. */
static void past_quotation(struct sentences *s, size_t start, size_t *end)
{
    struct slice inside = s->quoted.inside;
    size_t after = s->quoted.end;
    find_quotation(s);
    bool stops = false;
    for (size_t back = 1; back <= 3 && back <= inside.n && !stops; back++)
        stops = may_stop(inside.p[inside.n - back]) &&
                end_at(inside, 0, inside.n - back, false) == inside.n;
    s->at = after;
    if (stops && after > start && (after == s->text.n || is_space(s->text.p[after])))
        *end = after;
}

bool sentences_next(struct sentences *s, struct slice *sentence)
{
    while (s->at < s->text.n && is_space(s->text.p[s->at]))
        s->at++;
    size_t start = s->at, end = 0;
    bool counted = true;
    if (start == s->text.n)
        return false;
    while (s->at < s->text.n && end == 0) {
        while (s->quoted.begin < s->at)
            find_quotation(s);
        if (s->at == s->quoted.begin) {
            past_quotation(s, start, &end);
            counted = false;
            continue;
        }
        char c = s->text.p[s->at];
        if (may_stop(c))
            end = end_at(s->text, start, s->at, counted && s->at > start);
        counted = counted && is_digit(c);
        s->at++;
    }
    s->at = end ? end : s->text.n;
    *sentence = slice_trim(slice_sub(s->text, start, s->at - start));
    return true;
}

size_t sentences_at(const struct sentences *s, struct slice sentence)
{
    return (size_t)(sentence.p - s->text.p);
}
