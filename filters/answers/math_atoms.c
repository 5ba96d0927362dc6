/* The smallest things with a value, and what is hung on them: powers, marks, indices. */
#include <string.h>

#include "base/buf.h"
#include "filters/answers/math_parser.h"
#include "filters/answers/math_words.h"

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* ---- numbers of a base: 1011_2, 1A3_{16}, 212_{\text{three}} ---- */

static int base_of(struct math_parser *p)
{
    bool brace = math_skip_sign(p, '{');
    bool bracket = math_skip_sign(p, '(');
    const struct math_token *t = math_next(p, 0);
    int64_t base = 0;
    if (t->type == TOKEN_NUMBER && slice_i64(t->text, &base)) {
        p->at++;
    } else {
        size_t used = 0;
        struct math_node *word = math_words_number(p->tree, t, &used);
        if (!word || word->kids[0]->kind != MATH_NUMBER || !slice_i64(word->kids[0]->text, &base))
            return 0;
        p->at += used;
    }
    if ((bracket && !math_skip_sign(p, ')')) || (brace && !math_skip_sign(p, '}')))
        return 0;
    return base >= 2 && base <= 36 ? (int)base : 0;
}

static bool is_digits(struct slice s, int base)
{
    for (size_t i = 0; i < s.n; i++) {
        int c = s.p[i] | 0x20, v = c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10;
        if (s.p[i] == '.')
            continue;
        if ((s.p[i] >= '0' && s.p[i] <= '9' ? s.p[i] - '0' : v) >= base || v < 0)
            return false;
    }
    return true;
}

static bool is_small_digit(char c)
{
    return c >= 'a' && c <= 'f';
}

/* Small letters are digits of base 16 alone, and more than one: a_{16} is the sixteenth a. */
static bool has_small_digits(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (is_small_digit(s.p[i]))
            return true;
    return false;
}

static struct math_node *based(struct math_parser *p)
{
    size_t start = p->at, n = 0, bytes = 0;
    for (const struct math_token *t; (t = math_next(p, n))->type == TOKEN_NUMBER ||
                                     t->type == TOKEN_LETTER || t->type == TOKEN_WORD;
         n++) {
        if ((n && t->space && !t->quoted) ||
            (t->type != TOKEN_NUMBER && !is_upper(t->text.p[0]) && !is_small_digit(t->text.p[0])))
            break;
        bytes += t->text.n;
    }
    bool digit = math_next(p, 0)->type == TOKEN_NUMBER;
    bool named = digit && n == 1 && math_token_says(math_next(p, 1), "base");
    if (n == 0 || (!named && !math_token_is(math_next(p, n), '_')))
        return NULL;
    char *digits = arena_alloc(p->tree->arena, bytes + 1);
    if (!digits)
        return NULL;
    struct slice all = {digits, 0};
    uint32_t scale = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < math_next(p, i)->text.n; k++) {
            char c = math_next(p, i)->text.p[k];
            scale = c == '.' ? 1 : scale ? scale + 1 : 0;
            if (c != '.')
                digits[all.n++] = c;
        }
    p->at += n + 1;
    int base = base_of(p);
    bool small = has_small_digits(all) && (base != 16 || all.n < 2);
    if (!base || small || !is_digits(all, base) || (!digit && base <= 10)) {
        p->at = start;
        return NULL;
    }
    struct math_node *x = math_leaf(p->tree, MATH_BASED, base, all);
    if (x)
        x->scale = scale ? scale - 1 : 0;
    return x;
}

/* ---- letters ---- */

/* The name with its index and primes: x_1, a_{12}, y'. */
static struct slice name_of(struct math_parser *p, struct slice letter)
{
    size_t start = p->at;
    if (math_skip_sign(p, '_')) {
        bool brace = math_skip_sign(p, '{');
        size_t n = 0;
        while (math_next(p, 0)->type == TOKEN_NUMBER || math_next(p, 0)->type == TOKEN_LETTER ||
               math_next(p, 0)->type == TOKEN_WORD) {
            p->at++;
            if (++n == 1 && !brace)
                break;
        }
        if (n == 0 || (brace && !math_skip_sign(p, '}')))
            p->at = start;
    }
    size_t end = p->at;
    while (math_skip_sign(p, '\''))
        ;
    if (p->at == start)
        return letter;
    struct buf name;
    buf_init(&name, 256);
    buf_slice(&name, letter);
    for (size_t i = start; i < p->at; i++)
        if (i >= end || !strchr("{}", p->t[i].text.p[0]))
            buf_slice(&name, p->t[i].text);
    struct slice s = name.failed ? (struct slice){NULL, 0}
                                 : arena_dup(p->tree->arena, buf_view(&name));
    buf_free(&name);
    return s;
}

/* f(x, y): what is in the brackets. */
static struct math_node *apply(struct math_parser *p, struct slice name)
{
    struct math_node *inside = math_read_bracket(p);
    if (!inside)
        return NULL;
    struct math_node *x = inside->kind == MATH_TUPLE
                              ? math_many(p->tree, MATH_APPLY, 0, inside->kids, inside->n)
                              : math_one(p->tree, MATH_APPLY, 0, inside);
    if (x)
        x->text = name;
    return x;
}

static bool is_function(const struct math_parser *p, char letter)
{
    if (!math_token_is(math_next(p, 0), '('))
        return false;
    if (strchr("fghFGH", letter))
        return true;
    bool named = is_upper(letter) || strchr("pqrsuvyz", letter);
    return named && math_next(p, 1)->type == TOKEN_LETTER && math_token_is(math_next(p, 2), ')') &&
           math_token_is(math_next(p, 3), '=');
}

struct math_node *math_read_symbol(struct math_parser *p, struct slice letter)
{
    struct slice name = name_of(p, letter);
    if (!name.p)
        return NULL;
    if (name.n == 1 && slice_is(name, "e"))
        return math_leaf(p->tree, MATH_CONSTANT, MATH_E, name);
    if (name.n == 1 && slice_is(name, "i"))
        return math_leaf(p->tree, MATH_CONSTANT, MATH_I, name);
    if (letter.n == 1 && is_function(p, letter.p[0]))
        return apply(p, name);
    return math_leaf(p->tree, MATH_SYMBOL, 0, name);
}

/* ---- atoms ---- */

static struct math_node *bars(struct math_parser *p)
{
    p->at++;
    p->bars++;
    int brackets = p->brackets;
    p->brackets = 0;
    struct math_node *x = math_read_sum(p);
    p->brackets = brackets;
    p->bars--;
    if (!x || !(math_skip_sign(p, '|')))
        return NULL;
    return math_one(p->tree, MATH_CALL, MATH_ABS, x);
}

/* {1, 2} by somebody who forgot the backslashes: x and what follows it. */
static struct math_node *plain_set(struct math_parser *p, struct math_node *x)
{
    struct math_node *items[32] = {x};
    size_t n = 1;
    while (math_skip_sign(p, ','))
        if (n == 32 || !(items[n++] = math_read_item(p)))
            return NULL;
    return math_many(p->tree, MATH_SET, 0, items, n);
}

static struct math_node *braces(struct math_parser *p)
{
    p->at++;
    int bars_open = p->bars;
    p->bars = 0;
    p->brackets++;
    struct math_node *x = math_read_item(p);
    if (x && math_token_is(math_next(p, 0), ','))
        x = plain_set(p, x);
    p->brackets--;
    if (x &&
        (math_token_says(math_next(p, 0), "choose") || math_token_says(math_next(p, 0), "over"))) {
        bool over = math_token_says(math_next(p, 0), "over");
        p->at++;
        struct math_node *y = math_read_sum(p);
        x = over ? math_two(p->tree, MATH_FRACTION, 0, x, y)
                 : math_two(p->tree, MATH_CALL, MATH_BINOMIAL, x, y);
    }
    p->bars = bars_open;
    return x && math_skip_sign(p, '}') ? x : NULL;
}

static struct math_node *atom(struct math_parser *p)
{
    const struct math_token *t = math_next(p, 0);
    struct math_node *x;
    size_t used = 0;
    if ((x = based(p)))
        return x;
    if (t->type == TOKEN_NUMBER)
        return math_read_number(p);
    bool article = t->type == TOKEN_LETTER && math_next(p, 1)->type == TOKEN_WORD;
    if ((t->type == TOKEN_WORD || article) && (x = math_words_number(p->tree, t, &used))) {
        p->at += used;
        return x;
    }
    if (t->type == TOKEN_WORD && math_token_says(t, "infinity")) {
        p->at++;
        return math_leaf(p->tree, MATH_CONSTANT, MATH_INFINITY, S("infty"));
    }
    if (t->type == TOKEN_LETTER || (t->type == TOKEN_WORD && t->text.n == 1)) {
        p->at++;
        return math_read_symbol(p, t->text);
    }
    if (t->type == TOKEN_COMMAND)
        return math_read_command(p);
    if (t->type == TOKEN_BEGIN)
        return math_read_matrix(p);
    if (math_token_is(t, '(') || math_token_is(t, '['))
        return math_read_bracket(p);
    if (math_token_is(t, '{'))
        return braces(p);
    return math_token_is(t, '|') ? bars(p) : NULL;
}

struct math_node *math_read_atom(struct math_parser *p)
{
    return math_enter(p) ? math_leave(p, atom(p)) : NULL;
}

/* What TeX takes for an argument: a group, or one digit, letter or command. A plain "2^10" has all
 * its digits. */
struct math_node *math_read_group(struct math_parser *p)
{
    const struct math_token *t = math_next(p, 0);
    if (math_token_is(t, '-') || math_token_is(t, '+')) {
        p->at++;
        struct math_node *x = math_enter(p) ? math_leave(p, math_read_group(p)) : NULL;
        return math_token_is(t, '-') ? math_one(p->tree, MATH_NEGATIVE, 0, x) : x;
    }
    if (t->type == TOKEN_NUMBER) {
        p->at++;
        struct math_node *x = math_leaf(p->tree, MATH_NUMBER, 0, t->text);
        const char *point = memchr(t->text.p, '.', t->text.n);
        if (!x || !point)
            return x;
        p->at--;
        return math_read_number(p);
    }
    return math_read_atom(p);
}

/* ---- marks behind an atom ---- */

static struct math_node *power(struct math_parser *p, struct math_node *x)
{
    struct math_node *y = math_enter(p) ? math_leave(p, math_read_group(p)) : NULL;
    /* x^y^z is x^(y^z). */
    if (y && math_token_is(math_next(p, 0), '^')) {
        p->at++;
        y = math_enter(p) ? math_leave(p, power(p, y)) : NULL;
    }
    return math_two(p->tree, MATH_POWER, 0, x, y);
}

/* (101)_2: x is what stood in the brackets. */
static struct math_node *indexed(struct math_parser *p, const struct math_node *x)
{
    p->at++;
    int base = base_of(p);
    if (!base || !is_digits(x->text, base))
        return NULL;
    struct math_node *y = math_leaf(p->tree, MATH_BASED, base, x->text);
    if (y)
        y->scale = x->scale;
    return y;
}

/* What stands behind an atom: a power, a base, a factorial, percent, degrees. */
static struct math_node *marks(struct math_parser *p, struct math_node *x)
{
    while (x) {
        const struct math_token *t = math_next(p, 0);
        if (math_token_is(t, '^')) {
            p->at++;
            x = power(p, x);
        } else if (math_token_is(t, '_') && x->kind == MATH_NUMBER) {
            x = indexed(p, x);
        } else if (math_token_is(t, '!') && !(t->space && math_token_is(math_next(p, 1), '='))) {
            p->at++;
            x = math_one(p->tree, MATH_CALL, MATH_FACTORIAL, x);
        } else if (math_token_is(t, '%') || math_token_says(t, "percent") ||
                   math_token_says(t, "pct") ||
                   (math_token_says(t, "per") && math_token_says(math_next(p, 1), "cent"))) {
            p->at += math_token_says(t, "per") ? 2 : 1;
            x = math_one(p->tree, MATH_PERCENT, 0, x);
        } else if (math_token_says(t, "squared") || math_token_says(t, "cubed")) {
            p->at++;
            x = math_two(p->tree, MATH_POWER, 0, x,
                         math_number(p->tree, math_token_says(t, "squared") ? 2 : 3));
        } else if (t->type == TOKEN_COMMAND && math_token_says(t, "degree") &&
                   math_next(p, 1)->type != TOKEN_WORD &&
                   !(math_next(p, 1)->type == TOKEN_LETTER &&
                     strchr("CF", math_next(p, 1)->text.p[0]))) {
            p->at++;
            x = math_one(p->tree, MATH_DEGREES, 0, x);
        } else {
            return x;
        }
    }
    return NULL;
}

struct math_node *math_read_factor(struct math_parser *p)
{
    return marks(p, math_read_atom(p));
}
