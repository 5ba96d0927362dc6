/* Sums, products, and what they are multiplied with: quantities and ratios. */
#include <string.h>

#include "filters/answers/math_parser.h"
#include "filters/answers/math_units.h"
#include "filters/answers/math_words.h"

/* In an expression a percentage is a share. */
static struct math_node *value(struct math_parser *p, struct math_node *x)
{
    if (!x || x->kind != MATH_PERCENT)
        return x;
    return math_two(p->tree, MATH_FRACTION, 0, x->kids[0], math_number(p->tree, 100));
}

static struct math_node *join(struct math_parser *p, enum math_kind kind, struct math_node *a,
                              struct math_node *b)
{
    a = value(p, a);
    b = value(p, b);
    if (!a || !b)
        return NULL;
    /* A number times a matrix goes to its entries. */
    if (kind == MATH_PRODUCT && a->kind == MATH_MATRIX && math_scalar(b))
        return join(p, kind, b, a);
    if (kind == MATH_PRODUCT && b->kind == MATH_MATRIX && math_scalar(a)) {
        struct math_node *x = math_many(p->tree, MATH_MATRIX, 0, b->kids, b->n);
        if (!x)
            return NULL;
        x->rows = b->rows;
        for (size_t i = 0; i < x->n; i++)
            if (!(x->kids[i] = math_two(p->tree, MATH_PRODUCT, 0, a, b->kids[i])))
                return NULL;
        return x;
    }
    return math_scalar(a) && math_scalar(b) ? math_two(p->tree, kind, 0, a, b) : NULL;
}

bool math_starts_factor(const struct math_parser *p)
{
    const struct math_token *t = math_next(p, 0);
    static const char *const others[] = {
        "cdot", "pm",       "mp",         "le",      "ge",     "ne",     "in",    "cup",
        "cap",  "setminus", "approx",     "}",       "rangle", "rfloor", "rceil", "choose",
        "over", "\\",       "degree",     "ldots",   "$",      "cents",  "euro",  "pounds",
        "yen",  "to",       "Rightarrow", "implies", "boxed",  "fbox"};
    switch (t->type) {
    case TOKEN_LETTER:
    case TOKEN_BEGIN:
        return true;
    case TOKEN_NUMBER:
        return p->at > 0 && p->t[p->at - 1].type != TOKEN_NUMBER;
    case TOKEN_COMMAND:
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            if (slice_is(t->text, others[i]))
                return false;
        return true;
    case TOKEN_SIGN:
        return strchr("({", t->text.p[0]) || (t->text.p[0] == '|' && !p->bars) ||
               (t->text.p[0] == '[' && !p->brackets);
    case TOKEN_END:
    case TOKEN_WORD:
    case TOKEN_FINISH:
    case TOKEN_MARK:
        return false;
    }
    return false;
}

static struct math_node *signed_factor(struct math_parser *p)
{
    const struct math_token *t = math_next(p, 0);
    if (!math_token_is(t, '-') && !math_token_is(t, '+'))
        return math_read_factor(p);
    p->at++;
    struct math_node *x = math_enter(p) ? math_leave(p, signed_factor(p)) : NULL;
    return math_token_is(t, '-') ? math_one(p->tree, MATH_NEGATIVE, 0, x) : x;
}

/* "3 x 10^8": the letter between two numbers is a times sign. */
static bool times_letter(const struct math_parser *p)
{
    const struct math_token *t = math_next(p, 0);
    return t->type == TOKEN_LETTER && (slice_is(t->text, "x") || slice_is(t->text, "X")) &&
           t->space && p->at > 0 && p->t[p->at - 1].type == TOKEN_NUMBER &&
           math_next(p, 1)->type == TOKEN_NUMBER && math_next(p, 1)->space;
}

static bool letter_unit(const struct math_parser *p)
{
    const struct math_token *t = math_next(p, 0), *after = math_next(p, 1);
    bool single = t->type == TOKEN_LETTER && strchr("mgshlL", t->text.p[0]) && p->at > 0;
    bool ends = after->type == TOKEN_END || math_token_is(after, '^') ||
                math_token_is(after, '/') || math_token_is(after, ',');
    return single && ends && p->brackets == 0 && p->t[p->at - 1].type == TOKEN_NUMBER;
}

/* What follows a slash takes what stands beside it along, when it is read so: 1/2x is 1/(2x). */
static struct math_node *divisor(struct math_parser *p)
{
    struct math_node *x = signed_factor(p);
    if (!x || !math_starts_factor(p) || math_token_is(math_next(p, 0), '(')) {
        if (x && math_token_is(math_next(p, 0), '('))
            p->met |= READ_SLASH_WIDE;
        else
            return x;
    } else {
        p->met |= READ_SLASH_WIDE;
    }
    while (x && (p->flags & READ_SLASH_WIDE) && math_starts_factor(p))
        x = join(p, MATH_PRODUCT, x, math_read_factor(p));
    return x;
}

/* "two and a half" */
static bool and_part(const struct math_parser *p)
{
    return math_token_says(math_next(p, 0), "and") &&
           (math_token_says(math_next(p, 1), "a") || math_token_says(math_next(p, 1), "one")) &&
           (math_token_says(math_next(p, 2), "half") || math_token_says(math_next(p, 2), "third") ||
            math_token_says(math_next(p, 2), "quarter"));
}

/* Side by side is a product; but "7 (seven)" is one number, said twice. */
static struct math_node *beside(struct math_parser *p, struct math_node *x, struct math_node *y)
{
    bool twice = y && (y->kind == MATH_WORDS || (x->kind == MATH_WORDS && y->kind == MATH_NUMBER));
    return twice ? NULL : join(p, MATH_PRODUCT, x, y);
}

static struct math_node *product(struct math_parser *p)
{
    struct math_node *x = signed_factor(p);
    while (x) {
        const struct math_token *t = math_next(p, 0);
        if (letter_unit(p)) {
            p->met |= READ_LETTER_UNIT;
            p->likely |= READ_LETTER_UNIT;
            if (p->flags & READ_LETTER_UNIT)
                return x;
        }
        if (!math_scalar(x) && x->kind != MATH_MATRIX && x->kind != MATH_PERCENT)
            break;
        unsigned ten = math_word_scale(t);
        if (math_token_is(t, '*') || math_token_says(t, "cdot") || times_letter(p)) {
            p->at++;
            x = join(p, MATH_PRODUCT, x, signed_factor(p));
        } else if (math_token_is(t, '/') && math_next(p, 1)->type != TOKEN_WORD) {
            p->at++;
            x = join(p, MATH_FRACTION, x, divisor(p));
        } else if (x->kind == MATH_NUMBER && math_word_part(t) && !math_token_says(t, "quarters")) {
            p->at++;
            x = join(p, MATH_FRACTION, x, math_number(p->tree, math_word_part(t)));
        } else if (math_token_says(t, "dozen")) {
            p->at++;
            x = join(p, MATH_PRODUCT, x, math_number(p->tree, 12));
        } else if (and_part(p)) {
            size_t used = 0;
            p->at++;
            x = join(p, MATH_SUM, x, math_words_number(p->tree, math_next(p, 0), &used));
            p->at += used;
        } else if (ten) {
            p->at++;
            x = join(p, MATH_PRODUCT, x,
                     math_two(p->tree, MATH_POWER, 0, math_number(p->tree, 10),
                              math_number(p->tree, ten)));
        } else if (math_starts_factor(p)) {
            x = beside(p, x, math_read_factor(p));
        } else {
            break;
        }
    }
    return x;
}

/* The sign before a term: '+', '-', 'p' for \pm, 'm' for \mp; 0: none. */
static char sign(struct math_parser *p)
{
    const struct math_token *t = math_next(p, 0);
    char c = math_token_is(t, '+')                                           ? '+'
             : math_token_is(t, '-')                                         ? '-'
             : math_token_says(t, "plus")                                    ? '+'
             : math_token_says(t, "minus") || math_token_says(t, "negative") ? '-'
             : math_token_says(t, "pm")                                      ? 'p'
             : math_token_says(t, "mp")                                      ? 'm'
                                                                             : '\0';
    /* "+-" and "+/-" by hand. */
    if (c == '+' && math_token_is(math_next(p, 1), '/') && math_token_is(math_next(p, 2), '-')) {
        p->at += 2;
        c = 'p';
    }
    p->at += c != '\0';
    return c;
}

static struct math_node *with_sign(struct math_parser *p, char c, struct math_node *x)
{
    switch (c) {
    case '-':
        if (x && x->kind == MATH_PERCENT)
            return math_one(p->tree, MATH_PERCENT, 0,
                            math_one(p->tree, MATH_NEGATIVE, 0, x->kids[0]));
        if (x && x->kind == MATH_MATRIX)
            return join(p, MATH_PRODUCT,
                        math_one(p->tree, MATH_NEGATIVE, 0, math_number(p->tree, 1)), x);
        return math_one(p->tree, MATH_NEGATIVE, 0, x);
    case 'p':
        return math_one(p->tree, MATH_SIGNED, 1, x);
    case 'm':
        return math_one(p->tree, MATH_SIGNED, -1, x);
    default:
        return x;
    }
}

static struct math_node *sum(struct math_parser *p)
{
    struct math_node *terms[MATH_MAX_ITEMS];
    size_t n = 0;
    char c = sign(p);
    do {
        struct math_node *x = with_sign(p, c, product(p));
        if (!x || n == MATH_MAX_ITEMS)
            return NULL;
        terms[n++] = x;
    } while ((c = sign(p)) != '\0');
    if (n == 1)
        return terms[0];
    for (size_t i = 0; i < n; i++) {
        terms[i] = value(p, terms[i]);
        if (!terms[i] || !math_scalar(terms[i]))
            return NULL;
    }
    return math_many(p->tree, MATH_SUM, 0, terms, n);
}

struct math_node *math_read_sum(struct math_parser *p)
{
    return math_enter(p) ? math_leave(p, sum(p)) : NULL;
}

/* ---- quantities ---- */

/* "USD 5": no product of three letters. */
static const char *currency_code(const struct math_parser *p)
{
    static const char *const codes[][2] = {{"USD", "dollar"}, {"EUR", "euro"}, {"GBP", "gbp"}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        size_t n = 0;
        while (n < 3 && math_next(p, n)->type == TOKEN_LETTER &&
               (math_next(p, n)->text.p[0] & ~0x20) == codes[i][0][n])
            n++;
        if (n == 3 && math_next(p, n)->type == TOKEN_NUMBER)
            return codes[i][1];
    }
    return NULL;
}

static const struct math_unit *currency(struct math_parser *p)
{
    static const char *const names[][2] = {
        {"$", "dollar"}, {"euro", "euro"}, {"pounds", "gbp"}, {"yen", "yen"}, {"cents", "cent"}};
    const struct math_token *t = math_next(p, 0);
    const char *code = currency_code(p);
    if (code) {
        p->at += 3;
        return math_unit_named(p->tree->arena, code);
    }
    if (math_token_says(t, "usd") || (math_token_says(t, "us") && math_token_says(t + 1, "$"))) {
        p->at += math_token_says(t, "us") ? 2 : 1;
        return math_unit_named(p->tree->arena, "dollar");
    }
    for (size_t i = 0; t->type == TOKEN_COMMAND && i < sizeof names / sizeof names[0]; i++)
        if (slice_is(t->text, names[i][0])) {
            p->at++;
            return math_unit_named(p->tree->arena, names[i][1]);
        }
    return NULL;
}

static struct math_node *measured(struct math_parser *p, struct math_node *x,
                                  const struct math_unit *u)
{
    x = x && x->kind == MATH_PERCENT ? value(p, x) : x;
    x = u ? math_one(p->tree, MATH_QUANTITY, 0, x) : NULL;
    if (x)
        x->unit = u;
    return x;
}

static const struct math_unit *unit_behind(struct math_parser *p)
{
    size_t used = 0;
    const struct math_unit *u = currency(p);
    if (u)
        return u;
    if ((p->flags & READ_LETTER_UNIT) && letter_unit(p)) {
        struct math_token letter = *math_next(p, 0);
        struct math_token two[] = {letter, *math_next(p, 1), *math_next(p, 2), {.type = TOKEN_END}};
        two[0].type = TOKEN_WORD;
        struct math_unit *guess = (struct math_unit *)(uintptr_t)math_unit_parse(p->tree->arena,
                                                                                 two, &used);
        if (!guess)
            return NULL;
        guess->guessed = true;
        u = guess;
    } else {
        u = math_unit_parse(p->tree->arena, math_next(p, 0), &used);
    }
    p->at += used;
    return u;
}

/* "5 ft 3 in": the second in units of the first. */
static struct math_node *added(struct math_parser *p, struct math_node *x)
{
    if (math_next(p, 0)->type != TOKEN_NUMBER || !x)
        return x;
    struct math_node *y = math_read_quantity(p);
    if (!y || y->kind != MATH_QUANTITY || math_unit_match(x->unit, y->unit) != UNIT_CONVERTIBLE)
        return NULL;
    struct math_node *more = math_two(
        p->tree, MATH_FRACTION, 0,
        math_two(p->tree, MATH_PRODUCT, 0, y->kids[0], math_unit_scale(p->tree, y->unit)),
        math_unit_scale(p->tree, x->unit));
    return measured(p, math_two(p->tree, MATH_SUM, 0, x->kids[0], more), x->unit);
}

static struct math_node *quantity(struct math_parser *p)
{
    bool minus = math_token_is(math_next(p, 0), '-') && math_next(p, 1)->type == TOKEN_COMMAND &&
                 math_token_says(math_next(p, 1), "$");
    p->at += minus;
    const struct math_unit *u = currency(p);
    struct math_node *x = math_read_sum(p);
    if (minus)
        x = math_one(p->tree, MATH_NEGATIVE, 0, x);
    if (!x || (!math_scalar(x) && x->kind != MATH_PERCENT && x->kind != MATH_TUPLE))
        return u ? NULL : x;
    if (x->kind == MATH_DEGREES && !u)
        return measured(p, x->kids[0], math_unit_named(p->tree->arena, "degree"));
    if (x->kind == MATH_NEGATIVE && x->kids[0]->kind == MATH_DEGREES)
        return measured(p, math_one(p->tree, MATH_NEGATIVE, 0, x->kids[0]->kids[0]),
                        math_unit_named(p->tree->arena, "degree"));
    if (u && (math_token_says(math_next(p, 0), "per") || math_token_is(math_next(p, 0), '/'))) {
        size_t used = 0;
        p->at++;
        u = math_unit_per(p->tree->arena, u, math_next(p, 0), &used);
        p->at += used;
        return measured(p, x, u);
    }
    const struct math_unit *behind = unit_behind(p);
    /* "\$5 dollars" has one unit, said twice. */
    if (u && behind && !math_unit_is(behind, "dollar"))
        return NULL;
    u = u ? u : behind;
    return u ? added(p, measured(p, x, u)) : x;
}

struct math_node *math_read_quantity(struct math_parser *p)
{
    struct math_node *parts[8];
    size_t n = 0;
    do {
        struct math_node *x = math_enter(p) ? math_leave(p, quantity(p)) : NULL;
        if (!x || n == 8)
            return NULL;
        parts[n++] = x;
    } while ((math_token_is(math_next(p, 0), ':') || math_token_says(math_next(p, 0), "to")) &&
             p->at++ < p->n);
    if (n == 1)
        return parts[0];
    for (size_t i = 0; i < n; i++)
        if (!math_scalar(parts[i]))
            return NULL;
    return math_many(p->tree, MATH_RATIO, 0, parts, n);
}
