#include "filters/answers/wrapping.h"

#define LAYERS 8

/* Longer ones before those they begin with. */
static const struct pair {
    struct slice open, close;
    unsigned which;
} pairs[] = {
    {{"$$", 2}, {"$$", 2}, WRAP_MATH},
    {{"$", 1}, {"$", 1}, WRAP_MATH},
    {{"\\(", 2}, {"\\)", 2}, WRAP_MATH},
    {{"\\[", 2}, {"\\]", 2}, WRAP_MATH},
    {{"**", 2}, {"**", 2}, WRAP_MARKDOWN},
    {{"__", 2}, {"__", 2}, WRAP_MARKDOWN},
    {{"*", 1}, {"*", 1}, WRAP_MARKDOWN},
    {{"```", 3}, {"```", 3}, WRAP_MARKDOWN},
    {{"`", 1}, {"`", 1}, WRAP_MARKDOWN},
    {{"\"", 1}, {"\"", 1}, WRAP_QUOTES},
    {{"'", 1}, {"'", 1}, WRAP_QUOTES},
    {{"``", 2}, {"''", 2}, WRAP_QUOTES},
    {{"\xe2\x80\x9c", 3}, {"\xe2\x80\x9d", 3}, WRAP_QUOTES},
    {{"\xe2\x80\x98", 3}, {"\xe2\x80\x99", 3}, WRAP_QUOTES},
    {{"\xe2\x80\x9e", 3}, {"\xe2\x80\x9c", 3}, WRAP_QUOTES},
    {{"\xc2\xab", 2}, {"\xc2\xbb", 2}, WRAP_QUOTES},
    {{"\xe3\x80\x8c", 3}, {"\xe3\x80\x8d", 3}, WRAP_QUOTES},
};

static const struct slice commands[] = {
    {"\\text", 5},   {"\\textbf", 7}, {"\\textit", 7}, {"\\textrm", 7}, {"\\texttt", 7},
    {"\\mathrm", 7}, {"\\mathbf", 7}, {"\\mathsf", 7}, {"\\mathit", 7}, {"\\mbox", 5},
    {"\\emph", 5},   {"\\boxed", 6},  {"\\fbox", 5},
};

enum {
    N_PAIRS = sizeof pairs / sizeof pairs[0],
    N_COMMANDS = sizeof commands / sizeof commands[0],
    FIRST_BOX = N_COMMANDS - 2,
};

size_t wrapping_brace(struct slice s, size_t from)
{
    size_t depth = 0;
    for (size_t i = from; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '{')
            depth++;
        else if (s.p[i] == '}' && --depth == 0)
            return i;
    }
    return SIZE_MAX;
}

/* Offset of the closing mark behind the opening one. A backslash keeps a dollar sign from closing.
 */
static size_t find_close(struct slice s, const struct pair *pair)
{
    for (size_t i = pair->open.n; i + pair->close.n <= s.n; i++) {
        if (slice_starts(slice_from(s, i), pair->close))
            return i;
        if (s.p[i] == '\\' && pair->which == WRAP_MATH)
            i++;
    }
    return SIZE_MAX;
}

static const struct pair *pair_of(struct slice s, unsigned which)
{
    for (size_t i = 0; i < N_PAIRS; i++)
        if (pairs[i].which & which && slice_starts(s, pairs[i].open))
            return &pairs[i];
    return NULL;
}

size_t wrapping_close(struct slice s)
{
    const struct pair *pair = pair_of(s, WRAP_MATH | WRAP_MARKDOWN | WRAP_QUOTES);
    size_t close = pair ? find_close(s, pair) : SIZE_MAX;
    return close == SIZE_MAX || close == pair->open.n ? 0 : close + pair->close.n;
}

static struct slice pair_off(struct slice s, unsigned which)
{
    const struct pair *pair = pair_of(s, which);
    size_t close = pair ? find_close(s, pair) : SIZE_MAX;
    if (close == SIZE_MAX || close + pair->close.n != s.n || close == pair->open.n)
        return s;
    return slice_sub(s, pair->open.n, close - pair->open.n);
}

static struct slice command_off(struct slice s, unsigned which)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        size_t brace = commands[i].n;
        bool asked = which & (i < FIRST_BOX ? WRAP_COMMANDS : WRAP_BOX);
        if (!asked || !slice_starts(s, commands[i]))
            continue;
        while (brace < s.n && s.p[brace] == ' ')
            brace++;
        if (brace < s.n && s.p[brace] == '{' && wrapping_brace(s, brace) == s.n - 1)
            return slice_sub(s, brace + 1, s.n - brace - 2);
    }
    return s;
}

/* "a.m." and "e.g." end in a stop of their own, "..." in three. */
static struct slice stop_off(struct slice s)
{
    const struct slice wide = S("\xe3\x80\x82");
    if (slice_ends(s, wide))
        return slice_sub(s, 0, s.n - wide.n);
    if (!slice_ends(s, S(".")) || s.n < 2)
        return s;
    bool own = s.p[s.n - 2] == '.' ||
               (s.n >= 4 && s.p[s.n - 3] == '.' && !(s.p[s.n - 2] >= '0' && s.p[s.n - 2] <= '9'));
    return own ? s : slice_sub(s, 0, s.n - 1);
}

struct slice wrapping_off(struct slice s, unsigned which)
{
    s = slice_trim(s);
    for (int i = 0; i < LAYERS; i++) {
        struct slice inner = which & WRAP_STOP ? slice_trim(stop_off(s)) : s;
        inner = slice_trim(pair_off(inner, which));
        inner = slice_trim(command_off(inner, which));
        if (inner.n == s.n)
            break;
        s = inner;
    }
    return s;
}
