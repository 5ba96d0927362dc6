/* Words: the same characters, white space aside. */
#include "filters/answers/checker.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "filters/answers/outcome.h"
#include "filters/answers/wrapping.h"

/* How much is overlooked. */
enum plainness { EXACT, NO_CASE, LENIENT };

/* Folded text in memory of its own; p NULL: out of memory. */
struct folded {
    uint8_t *p;
    size_t n;
};

static struct folded compose(struct slice s, enum plainness plain)
{
    struct folded f = {0};
    const uint8_t *p = (const uint8_t *)s.p;
    f.p = plain == EXACT     ? u8_normalize(UNINORM_NFC, p, s.n, NULL, &f.n)
          : plain == NO_CASE ? u8_casefold(p, s.n, NULL, UNINORM_NFC, NULL, &f.n)
                             : u8_casefold(p, s.n, NULL, UNINORM_NFKC, NULL, &f.n);
    return f;
}

static bool is_space(ucs4_t c)
{
    return uc_is_property_white_space(c) || c == 0x200b || c == 0xfeff;
}

static bool is_punctuation(ucs4_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_P);
}

/* In place: white space becomes one blank; in lenient text punctuation is dropped, or parts words
 * when it stands between two of them. */
static void fold_space(struct folded *f, bool punctuation)
{
    size_t to = 0, n;
    bool gap = false;
    for (size_t from = 0; from < f->n; from += n) {
        ucs4_t c;
        n = (size_t)u8_mbtoucr(&c, f->p + from, f->n - from);
        if (is_space(c) || (punctuation && is_punctuation(c))) {
            gap = to > 0;
            continue;
        }
        if (gap)
            f->p[to++] = ' ';
        gap = false;
        memmove(f->p + to, f->p + from, n);
        to += n;
    }
    f->n = to;
}

/* In place, for folded lenient text. */
static void drop_articles(struct folded *f)
{
    struct slice rest = {(const char *)f->p, f->n};
    size_t to = 0;
    while (rest.n) {
        struct slice word = slice_cut(rest, ' ', &rest);
        if (slice_is(word, "a") || slice_is(word, "an") || slice_is(word, "the"))
            continue;
        if (to)
            f->p[to++] = ' ';
        memmove(f->p + to, word.p, word.n);
        to += word.n;
    }
    if (to)
        f->n = to; /* an answer that is an article stays one */
}

/* An answer of nothing but punctuation, such as "+", keeps it. */
static struct folded fold(struct slice s, enum plainness plain)
{
    struct folded f = compose(s, plain);
    if (!f.p)
        return f;
    fold_space(&f, false);
    if (plain != LENIENT)
        return f;
    struct folded bare = compose((struct slice){(const char *)f.p, f.n}, EXACT);
    if (!bare.p) {
        free(f.p);
        return bare;
    }
    fold_space(&bare, true);
    drop_articles(&bare);
    free(bare.n ? f.p : bare.p);
    return bare.n ? bare : f;
}

static enum answer_verdict same(struct slice a, struct slice b, enum plainness plain)
{
    struct folded x = fold(a, plain), y = fold(b, plain);
    enum answer_verdict v = ANSWER_UNKNOWN; /* without memory */
    if (x.p && y.p)
        v = x.n == y.n && memcmp(x.p, y.p, x.n) == 0 ? ANSWER_EQUAL : ANSWER_DIFFERENT;
    free(x.p);
    free(y.p);
    return v;
}

static void compare(const struct answer_rules *rules, struct slice gold, struct slice candidate,
                    struct answer_result *r)
{
    if (outcome_without_look(gold, candidate, r))
        return;
    gold = wrapping_off(gold, WRAP_ALL & ~(unsigned)WRAP_STOP);
    candidate = wrapping_off(candidate, WRAP_ALL & ~(unsigned)WRAP_STOP);
    enum answer_verdict exact = same(gold, candidate, rules->fold_case ? NO_CASE : EXACT);
    enum answer_verdict loose = exact == ANSWER_EQUAL ? ANSWER_EQUAL
                                                      : same(gold, candidate, LENIENT);
    if (exact == ANSWER_EQUAL)
        outcome_all(r, ANSWER_EQUAL, "the same text");
    else if (loose == ANSWER_EQUAL)
        outcome_set(r, exact, exact, loose, "the same but for case, punctuation or articles");
    else
        outcome_set(r, exact, exact, loose,
                    exact == ANSWER_UNKNOWN || loose == ANSWER_UNKNOWN ? "out of memory"
                                                                       : "another text");
}

#define EQ ANSWER_EQUAL, ANSWER_EQUAL, ANSWER_EQUAL
#define NE ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_DIFFERENT
#define LENIENTLY ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_EQUAL

static const struct checker_case cases[] = {
    {"Evelyn", "Evelyn", EQ, "the same"},
    {"Evelyn", "\\text{Evelyn}", EQ, "as text in TeX"},
    {"Evelyn", "  **\"Evelyn\"** ", EQ, "emphasis and quotation marks"},
    {"New York", "New \t\n York", EQ, "white space"},
    {"New York", "New\xc2\xa0York", EQ, "a blank that does not break"},
    {"caf\xc3\xa9", "cafe\xcc\x81", EQ, "composed and not"},
    {"'", "'", EQ, "a quotation mark alone"},
    {"Evelyn", "evelyn", LENIENTLY, "case"},
    {"Evelyn", "Evelyn.", LENIENTLY, "a full stop"},
    {"the king", "A king!", LENIENTLY, "articles and punctuation"},
    {"well-known", "well known", LENIENTLY, "a hyphen"},
    {"STRASSE",
     "stra\xc3\x9f"
     "e",
     LENIENTLY, "full case folding"},
    {"\xef\xac\x81n", "fin", LENIENTLY, "a ligature"},
    {"Evelyn", "Eve lyn", NE, "another division into words"},
    {"Evelyn", "Eva", NE, "another name"},
    {"+", "-", NE, "punctuation that is all there is"},
    {"the", "a", NE, "articles that are all there is"},
    {"Evelyn", " ", NE, "nothing"},
    {"Evelyn", "Evelyn or Bob", NE, "one of two"},
    {"A\\", "A\\\"", LENIENTLY, "a backslash and a mark are text"},
};

const struct checker checker_text = {
    .name = "text",
    .help =
        "the same characters after Unicode normalisation, white space aside; lenient: also case, "
        "punctuation and articles aside",
    .check_gold = outcome_check_text,
    .compare = compare,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
