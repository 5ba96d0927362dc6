#include "coordinator/cues.h"

#include <strings.h>

#include "base/text.h"
#include "filters/words.h"

static const struct {
    const char *name, *more, *less;
} texts[] = {
#define X(name, text, more, less) {text, more, less},
    CUES(X)
#undef X
};

const char *cue_name(enum cue c)
{
    return texts[c].name;
}

const char *cue_more(enum cue c)
{
    return texts[c].more;
}

const char *cue_less(enum cue c)
{
    return texts[c].less;
}

/* ---- lines ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* run(s, c): how many c it begins with. */
static size_t run(struct slice s, char c)
{
    size_t n = 0;
    while (n < s.n && s.p[n] == c)
        n++;
    return n;
}

static bool space_at(struct slice s, size_t at)
{
    return at < s.n && (s.p[at] == ' ' || s.p[at] == '\t');
}

static bool is_heading(struct slice line)
{
    size_t n = run(line, '#');
    return n >= 1 && n <= 6 && space_at(line, n);
}

static bool is_item(struct slice line)
{
    if (line.n && (line.p[0] == '-' || line.p[0] == '*' || line.p[0] == '+'))
        return space_at(line, 1);
    if (slice_starts(line, S("•")))
        return true;
    size_t n = 0;
    while (n < line.n && n < 3 && is_digit(line.p[n]))
        n++;
    return n > 0 && n < line.n && (line.p[n] == '.' || line.p[n] == ')') && space_at(line, n + 1);
}

static bool is_table_row(struct slice line)
{
    return line.n && line.p[0] == '|' && slice_find(slice_from(line, 1), S("|")) != SIZE_MAX;
}

static uint64_t bold_parts(struct slice line)
{
    uint64_t marks = 0;
    for (size_t at; (at = slice_find(line, S("**"))) != SIZE_MAX; marks++)
        line = slice_from(line, at + 2);
    return marks / 2;
}

static void count_line(struct cues *c, struct slice line)
{
    c->count[CUE_BOLD] += bold_parts(line);
    line = slice_trim(line);
    c->count[CUE_HEADINGS] += is_heading(line);
    c->count[CUE_BULLETS] += is_item(line);
    c->count[CUE_FENCES] += run(line, '`') >= 3 || run(line, '~') >= 3;
    c->count[CUE_TABLES] += is_table_row(line);
    for (size_t i = 0; i < line.n; i++) {
        c->count[CUE_DIGITS] += is_digit(line.p[i]);
        c->count[CUE_QUESTIONS] += line.p[i] == '?';
        c->count[CUE_EXCLAMATIONS] += line.p[i] == '!';
    }
}

/* ---- refusals ---- */

static bool opens_with(struct slice text, const char *opener)
{
    size_t n = slice_of(opener).n;
    return text.n >= n && strncasecmp(text.p, opener, n) == 0;
}

/* Both apostrophes are written. */
static bool opens_like_a_refusal(struct slice text)
{
    static const char *const openers[] = {
        "i'm sorry",        "i’m sorry",  "i am sorry", "sorry",       "i apologize",
        "i apologise",      "my apologi", "i cannot",   "i can not",   "i can't",
        "i can’t",          "i'm unable", "i’m unable", "i am unable", "i'm not able",
        "i’m not able",     "i won't",    "i won’t",    "as an ai",    "as a langua",
        "unfortunately, i",
    };
    text = slice_trim(text);
    for (size_t i = 0; i < sizeof openers / sizeof openers[0]; i++)
        if (opens_with(text, openers[i]))
            return true;
    return false;
}

struct cues cues_of(struct slice text)
{
    struct cues c = {.count[CUE_CHARACTERS] = text_chars(text),
                     .count[CUE_REFUSAL] = opens_like_a_refusal(text)};
    struct words words = words_of(text);
    for (struct slice word; words_next_text(&words, &word);)
        c.count[CUE_WORDS]++;
    while (text.n) {
        struct slice rest, line = slice_cut(text, '\n', &rest);
        c.count[CUE_LINES] += line.n < text.n;
        count_line(&c, line);
        text = rest;
    }
    for (int i = CUE_HEADINGS; i <= CUE_TABLES; i++)
        c.count[CUE_MARKDOWN] += c.count[i];
    return c;
}
