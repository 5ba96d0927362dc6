#include "filters/answers/math_words.h"

#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static bool same(struct slice s, const char *name)
{
    return s.n == strlen(name) && strncasecmp(s.p, name, s.n) == 0;
}

static size_t find(struct slice s, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (same(s, names[i]))
            return i;
    return SIZE_MAX;
}

/* ---- numbers ---- */

static const char *const ones[] = {"zero",    "one",     "two",       "three",    "four",
                                   "five",    "six",     "seven",     "eight",    "nine",
                                   "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                   "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {"twenty", "thirty",  "forty",  "fifty",
                                   "sixty",  "seventy", "eighty", "ninety"};
static const char *const scales[] = {"hundred", "thousand", "million", "billion", "trillion"};
static const unsigned scale_powers[] = {2, 3, 6, 9, 12};
/* Parts of a whole, each perhaps with an s. */
static const struct {
    const char *name;
    unsigned long under;
} parts[] = {{"half", 2},       {"halve", 2},       {"third", 3},        {"fourth", 4},
             {"quarter", 4},    {"fifth", 5},       {"sixth", 6},        {"seventh", 7},
             {"eighth", 8},     {"ninth", 9},       {"tenth", 10},       {"eleventh", 11},
             {"twelfth", 12},   {"thirteenth", 13}, {"fifteenth", 15},   {"sixteenth", 16},
             {"twentieth", 20}, {"hundredth", 100}, {"thousandth", 1000}};

static unsigned long part_of(struct slice word)
{
    struct slice one = word;
    if (one.n > 3 && (one.p[one.n - 1] | 0x20) == 's')
        one.n--;
    for (size_t i = 0; i < COUNT(parts); i++)
        if (same(one, parts[i].name))
            return parts[i].under;
    return 0;
}

unsigned long math_word_part(const struct math_token *t)
{
    return t->type == TOKEN_WORD ? part_of(t->text) : 0;
}

bool math_word_counts(struct slice word)
{
    return find(word, ones, COUNT(ones)) != SIZE_MAX || find(word, tens, COUNT(tens)) != SIZE_MAX ||
           find(word, scales, COUNT(scales)) != SIZE_MAX || part_of(word) || same(word, "point") ||
           same(word, "dozen") || same(word, "minus") || same(word, "negative");
}

unsigned math_word_scale(const struct math_token *t)
{
    size_t i = t->type == TOKEN_WORD ? find(t->text, scales, COUNT(scales)) : SIZE_MAX;
    return i == SIZE_MAX ? 0 : scale_powers[i];
}

struct count {
    unsigned long total, group;
    size_t used;
    bool any;
};

static bool count_word(struct count *c, struct slice word)
{
    size_t i;
    unsigned long unit = c->group % 100;
    if ((i = find(word, ones, COUNT(ones))) != SIZE_MAX) {
        if (c->any && (unit != 0 ? unit < 20 || unit % 10 || i == 0 || i > 9 : i == 0))
            return false;
        c->group += i;
    } else if ((i = find(word, tens, COUNT(tens))) != SIZE_MAX) {
        if (unit != 0)
            return false;
        c->group += 10 * (i + 2);
    } else if ((i = find(word, scales, COUNT(scales))) != SIZE_MAX) {
        unsigned long power = 1;
        for (unsigned k = 0; k < scale_powers[i]; k++)
            power *= 10;
        if (!c->any || c->group == 0 || c->group >= 1000 || (i == 0 && c->group >= 100) ||
            (i > 0 && c->total % (power * 1000) != 0))
            return false;
        c->group *= power;
        if (i > 0) {
            c->total += c->group;
            c->group = 0;
        }
    } else {
        return false;
    }
    c->any = true;
    return true;
}

static struct count count_words(const struct math_token *t)
{
    struct count c = {0};
    size_t at = 0;
    for (;;) {
        size_t skip = 0;
        if (c.any && (math_token_is(&t[at], '-') || math_token_says(&t[at], "and")))
            skip = 1;
        if (t[at].type == TOKEN_END || t[at + skip].type != TOKEN_WORD)
            return c;
        /* "one and two" are two numbers; "one hundred and two" is one. */
        if (math_token_says(&t[at], "and") && c.group % 100 != 0)
            return c;
        if (math_token_says(&t[at], "and") && c.total == 0 && c.group == 0)
            return c;
        if (!count_word(&c, t[at + skip].text))
            return c;
        at += skip + 1;
        c.used = at;
    }
}

struct math_node *math_words_number(struct math_tree *tree, const struct math_token *t,
                                    size_t *used)
{
    bool article = math_token_says(t, "a") || math_token_says(t, "an");
    struct count c = {.group = 1, .used = 1};
    if (math_token_says(t, "dozen") || (article && math_token_says(t + 1, "dozen"))) {
        *used = article ? 2 : 1;
        return math_one(tree, MATH_WORDS, 0, math_number(tree, 12));
    }
    if (!article)
        c = count_words(t);
    unsigned long part = 0, value = c.total + c.group;
    bool dash = math_token_is(&t[c.used], '-');
    if (t[c.used].type != TOKEN_END && t[c.used + dash].type == TOKEN_WORD)
        part = part_of(t[c.used + dash].text);
    if (article || c.used == 0) {
        if (article ? !part
                    : (part = t->type == TOKEN_WORD && math_token_says(t, "half") ? 2 : 0) == 0)
            return NULL;
        *used = article ? 2 : 1;
        value = 1;
    } else {
        *used = c.used + (part ? 1 + dash : 0);
    }
    struct math_node *x = math_number(tree, value);
    if (part)
        x = math_two(tree, MATH_FRACTION, 0, x, math_number(tree, part));
    return math_one(tree, MATH_WORDS, 0, x);
}

/* ---- single words ---- */

static const char *const known[] = {
    "or",   "and",  "percent", "pct",       "per",    "yes",    "no",   "true",  "false", "none",
    "even", "odd",  "is",      "the",       "dozen",  "half",   "both", "all",   "only",  "dne",
    "not",  "base", "neither", "never",     "always", "red",    "blue", "prime", "real",  "to",
    "if",   "for",  "of",      "undefined", "monday", "answer", "mod",  "by"};

bool math_word_known(struct slice run)
{
    return find(run, known, COUNT(known)) != SIZE_MAX || find(run, ones, COUNT(ones)) != SIZE_MAX ||
           find(run, tens, COUNT(tens)) != SIZE_MAX || find(run, scales, COUNT(scales)) != SIZE_MAX;
}

static const char *const functions[] = {
    "arcsin", "arccos", "arctan", "arccot", "sinh",  "cosh", "tanh", "sin",      "cos",   "tan",
    "cot",    "sec",    "csc",    "sqrt",   "cbrt",  "ln",   "log",  "exp",      "abs",   "pi",
    "gcd",    "lcm",    "max",    "min",    "floor", "ceil", "inf",  "infinity", "infty", "asin",
    "acos",   "atan",   "theta",  "alpha",  "beta",  "cup",  "pm"};

size_t math_word_function(struct slice run)
{
    static const char *const begins[] = {"sin", "cos", "tan", "ln", "log", "pi", "sqrt"};
    for (size_t i = 0; i < COUNT(functions); i++)
        if (slice_is(run, functions[i]))
            return run.n;
    if (slice_is(run, "Infinity"))
        return run.n;
    for (size_t i = 0; i < COUNT(begins); i++) {
        struct slice begin = slice_of(begins[i]);
        bool letter = run.n == begin.n + 1 && memchr("xyztnk", run.p[run.n - 1], 6);
        if (slice_starts(run, begin) && letter)
            return begin.n;
    }
    return 0;
}

/* ---- phrases ---- */

struct slice math_words_text(struct arena *arena, const struct math_token *t, size_t n)
{
    size_t room = 1;
    for (size_t i = 0; i < n; i++)
        room += t[i].text.n + 1;
    char *p = arena_alloc(arena, room);
    size_t used = 0;
    for (size_t i = 0; p && i < n; i++) {
        bool wordy = t[i].type == TOKEN_WORD || t[i].type == TOKEN_LETTER ||
                     t[i].type == TOKEN_NUMBER || t[i].type == TOKEN_COMMAND;
        if (!wordy)
            continue;
        if (used && (t[i].space || t[i].type == TOKEN_WORD))
            p[used++] = ' ';
        for (size_t k = 0; k < t[i].text.n; k++) {
            char c = t[i].text.p[k];
            p[used++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
    }
    return (struct slice){p, used};
}

static const struct phrase {
    const char *text;
    enum math_kind kind;
    int op;
} phrases[] = {
    {"no solution", MATH_EMPTY, 1},
    {"no solutions", MATH_EMPTY, 1},
    {"no real solution", MATH_EMPTY, 1},
    {"no real solutions", MATH_EMPTY, 1},
    {"there is no solution", MATH_EMPTY, 1},
    {"there are no solutions", MATH_EMPTY, 1},
    {"empty set", MATH_EMPTY, 1},
    {"the empty set", MATH_EMPTY, 1},
    {"no real roots", MATH_EMPTY, 1},
    {"all real numbers", MATH_REALS, 1},
    {"all reals", MATH_REALS, 1},
    {"the set of all real numbers", MATH_REALS, 1},
    {"all real values", MATH_REALS, 1},
    {"infinity", MATH_CONSTANT, MATH_INFINITY},
    {"positive infinity", MATH_CONSTANT, MATH_INFINITY},
};

struct math_node *math_words_phrase(struct math_tree *tree, struct slice text)
{
    for (size_t i = 0; i < COUNT(phrases); i++)
        if (slice_is(text, phrases[i].text))
            return math_leaf(tree, phrases[i].kind, phrases[i].op, text);
    return NULL;
}

bool math_words_same(struct slice a, struct slice b)
{
    static const char *const forms[][2] = {{"dne", "does not exist"},
                                           {"inf", "infinite"},
                                           {"am", "a m"},
                                           {"pm", "p m"},
                                           {"undef", "undefined"}};
    for (size_t i = 0; i < COUNT(forms); i++)
        if ((slice_is(a, forms[i][0]) && slice_is(b, forms[i][1])) ||
            (slice_is(b, forms[i][0]) && slice_is(a, forms[i][1])))
            return true;
    return slice_eq(a, b);
}

static bool is_filler(struct slice word)
{
    static const char *const fillers[] = {"the", "a", "an", "of", "is", "it", "to", "and", "in"};
    return find(word, fillers, COUNT(fillers)) != SIZE_MAX;
}

static bool word_in(struct slice word, struct slice text)
{
    while (text.n) {
        struct slice other = slice_cut(text, ' ', &text);
        size_t least = word.n < other.n ? word.n : other.n;
        if (slice_eq(word, other) ||
            (least >= 3 && slice_eq(slice_sub(word, 0, least), slice_sub(other, 0, least))))
            return true;
    }
    return false;
}

bool math_words_relate(struct slice a, struct slice b)
{
    static const char *const alike[][2] = {{"true", "yes"},
                                           {"false", "no"},
                                           {"dne", "does not exist"},
                                           {"undefined", "does not exist"},
                                           {"undefined", "dne"},
                                           {"none", "no solution"},
                                           {"infinite", "infinitely many"},
                                           {"none", "zero"}};
    for (size_t i = 0; i < COUNT(alike); i++)
        if ((slice_is(a, alike[i][0]) && slice_is(b, alike[i][1])) ||
            (slice_is(b, alike[i][0]) && slice_is(a, alike[i][1])))
            return true;
    if (a.n > 200 || b.n > 200)
        return true;
    while (a.n) {
        struct slice word = slice_cut(a, ' ', &a);
        if (!is_filler(word) && word_in(word, b))
            return true;
    }
    return false;
}
