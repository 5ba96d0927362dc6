#include "judges/tags.h"

#include <string.h>

#define TAG_MAX 64

/* What one pair of tags says; two of them agree when they are equal. */
struct said {
    enum verdict verdict;
    int score;
};

static bool same(struct said a, struct said b)
{
    return a.verdict == b.verdict && a.score == b.score;
}

bool tags_readable(const struct trace *t, enum verdict *why)
{
    *why = t->finish == FINISH_CONTENT_FILTER ? VERDICT_REFUSED
           : t->finish == FINISH_LENGTH       ? VERDICT_TRUNCATED
           : t->unclosed                      ? VERDICT_UNCLOSED
                                              : VERDICT_EMPTY;
    return *why == VERDICT_EMPTY && t->answer.n > 0;
}

/* An opening or closing tag as it is written. */
struct tag {
    char text[TAG_MAX];
    size_t n; /* 0: longer than any that a prompt asks for */
};

static struct tag tag_of(const char *slash, const char *name, struct slice nonce)
{
    const struct slice parts[] = {S("<"), slice_of(slash), slice_of(name), nonce, S(">")};
    struct tag tag = {.n = 0};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].n > TAG_MAX - tag.n)
            return (struct tag){.n = 0};
        if (parts[i].n)
            memcpy(tag.text + tag.n, parts[i].p, parts[i].n);
        tag.n += parts[i].n;
    }
    return tag;
}

static size_t find(struct slice text, const struct tag *tag)
{
    return tag->n ? slice_find(text, (struct slice){tag->text, tag->n}) : SIZE_MAX;
}

static size_t behind_last(struct slice text, const struct tag *tag)
{
    size_t at = tag->n ? slice_rfind(text, (struct slice){tag->text, tag->n}) : SIZE_MAX;
    return at == SIZE_MAX ? 0 : at + tag->n;
}

size_t tags_opened(struct slice text, const char *name, struct slice nonce)
{
    struct tag tag = tag_of("", name, nonce);
    return behind_last(text, &tag);
}

size_t tags_closed(struct slice text, const char *name, struct slice nonce)
{
    struct tag tag = tag_of("/", name, nonce);
    return behind_last(text, &tag);
}

/* All pairs of this tag, which must say the same; false when there is not even one opening tag. */
static bool read_all(struct slice text, const char *name, struct slice nonce,
                     struct said (*read)(struct slice inside), struct said *found)
{
    const struct tag open = tag_of("", name, nonce), close = tag_of("/", name, nonce);
    bool any = false;
    for (;;) {
        size_t start = find(text, &open);
        if (start == SIZE_MAX)
            return any;
        text = slice_from(text, start + open.n);
        size_t end = find(text, &close);
        if (end == SIZE_MAX) {
            *found = (struct said){any ? VERDICT_CONFLICTING : VERDICT_MALFORMED, SCORE_NONE};
            return true;
        }
        struct said now = read(slice_sub(text, 0, end));
        if (any && !same(now, *found)) {
            *found = (struct said){VERDICT_CONFLICTING, SCORE_NONE};
            return true;
        }
        *found = now;
        any = true;
        text = slice_from(text, end + close.n);
    }
}

/* ---- verdicts ---- */

/* What may surround a verdict inside the tags: white space and the marks people emphasise with. */
static bool is_decoration(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '*' || c == '_' || c == '.';
}

static enum verdict read_token(struct slice token)
{
    if (slice_is(token, "A"))
        return VERDICT_A;
    if (slice_is(token, "B"))
        return VERDICT_B;
    struct slice t = slice_trim(token);
    bool tie = slice_is(t, "C") || slice_is(t, "tie") || slice_is(t, "Tie") || slice_is(t, "TIE") ||
               slice_is(t, "A=B") || slice_is(t, "B=A");
    return tie ? VERDICT_TIE : VERDICT_MALFORMED;
}

/* [[A]] or [[B]], repeated at most, and nothing else. */
static struct said read_verdict(struct slice inside)
{
    struct said found = {VERDICT_NONE, SCORE_NONE};
    while (inside.n) {
        if (is_decoration(inside.p[0])) {
            inside = slice_from(inside, 1);
            continue;
        }
        size_t end = slice_starts(inside, S("[[")) ? slice_find(inside, S("]]")) : SIZE_MAX;
        enum verdict v = end == SIZE_MAX ? VERDICT_MALFORMED
                                         : read_token(slice_sub(inside, 2, end - 2));
        if (v == VERDICT_MALFORMED)
            return (struct said){v, SCORE_NONE};
        if (found.verdict != VERDICT_NONE && found.verdict != v)
            return (struct said){VERDICT_CONFLICTING, SCORE_NONE};
        found.verdict = v;
        inside = slice_from(inside, end + 2);
    }
    return found;
}

enum verdict tags_verdict(struct slice text, struct slice nonce)
{
    struct said found;
    if (read_all(text, "answer", nonce, read_verdict, &found))
        return found.verdict;
    bool a = slice_find(text, S("[[A]]")) != SIZE_MAX;
    bool b = slice_find(text, S("[[B]]")) != SIZE_MAX;
    return a && b ? VERDICT_CONFLICTING : a || b ? VERDICT_OUTSIDE : VERDICT_NONE;
}

/* ---- scores ---- */

static bool is_digit(struct slice s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

/* Digits, and maybe a point and one or two more; no floating-point number is ever made of it, so
 * that 7.1 and 7.10 are the same score. */
static struct said read_score(struct slice inside)
{
    while (inside.n && is_decoration(inside.p[0]) && inside.p[0] != '.')
        inside = slice_from(inside, 1);
    while (inside.n && is_decoration(inside.p[inside.n - 1]) && inside.p[inside.n - 1] != '.')
        inside.n--;
    if (inside.n == 0)
        return (struct said){VERDICT_NONE, SCORE_NONE};
    bool negative = inside.p[0] == '-';
    size_t at = negative;
    if (!is_digit(inside, at))
        return (struct said){VERDICT_MALFORMED, SCORE_NONE};
    int value = 0;
    for (; is_digit(inside, at); at++)
        value = value > SCORE_MAX ? value : value * 10 + (inside.p[at] - '0');
    int tenths = 0, hundredths = 0;
    if (at < inside.n && inside.p[at] == '.' && is_digit(inside, at + 1)) {
        tenths = inside.p[at + 1] - '0';
        at += 2;
        if (is_digit(inside, at))
            hundredths = inside.p[at++] - '0';
    }
    if (at != inside.n)
        return (struct said){VERDICT_MALFORMED, SCORE_NONE};
    int score = value * 100 + tenths * 10 + hundredths;
    if (negative || score > SCORE_MAX)
        return (struct said){VERDICT_OUT_OF_RANGE, SCORE_NONE};
    return (struct said){VERDICT_SCORE, score};
}

enum verdict tags_score(struct slice text, const char *name, struct slice nonce, int *score)
{
    struct said found = {VERDICT_NONE, SCORE_NONE};
    if (!read_all(text, name, nonce, read_score, &found) && nonce.n &&
        tags_opened(text, name, S("")))
        found.verdict = VERDICT_OUTSIDE; /* the tag without its nonce may be anybody's */
    *score = found.score;
    return found.verdict;
}
