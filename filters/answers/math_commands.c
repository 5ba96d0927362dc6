/* What begins with a backslash: fractions, roots, functions, named letters. */
#include <string.h>

#include "filters/answers/math_parser.h"
#include "filters/answers/math_units.h"
#include "filters/answers/math_words.h"

/* ---- fractions and roots ---- */

static struct math_node *digit(struct math_parser *p, struct slice s, size_t i)
{
    return math_leaf(p->tree, MATH_NUMBER, 0, slice_sub(s, i, 1));
}

/* \frac12, \frac{1}{2}, \frac1{2}, \frac{3}4; what TeX would take as digits behind it is refused.
 */
static struct math_node *pair(struct math_parser *p, enum math_kind kind, int op)
{
    const struct math_token *t = math_next(p, 0);
    struct math_node *a, *b;
    if (t->type == TOKEN_NUMBER && t->text.n == 2 && t->text.p[0] != '.' && t->text.p[1] != '.') {
        p->at++;
        return math_two(p->tree, kind, op, digit(p, t->text, 0), digit(p, t->text, 1));
    }
    if (t->type == TOKEN_NUMBER && t->text.n != 1)
        return NULL;
    a = math_read_group(p);
    t = math_next(p, 0);
    if (!a || (t->type == TOKEN_NUMBER && t->text.n != 1))
        return NULL;
    b = math_read_group(p);
    return math_two(p->tree, kind, op, a, b);
}

static struct math_node *root(struct math_parser *p)
{
    struct math_node *degree = NULL;
    if (math_token_is(math_next(p, 0), '[')) {
        p->at++;
        degree = math_read_sum(p);
        if (!degree || !math_skip_sign(p, ']'))
            return NULL;
    }
    struct math_node *x = math_read_group(p);
    return math_two(p->tree, MATH_ROOT, 0, x, degree ? degree : math_number(p->tree, 2));
}

/* ---- functions ---- */

static int function_of(struct slice name)
{
    static const char *const names[] = {
#define X(name, text, n) text,
        MATH_FUNCTIONS(X)
#undef X
    };
    static const struct {
        const char *name;
        int op;
    } others[] = {{"asin", MATH_ASIN}, {"acos", MATH_ACOS}, {"atan", MATH_ATAN}, {"tg", MATH_TAN},
                  {"lg", MATH_LOG},    {"ctg", MATH_COT},   {"cosec", MATH_CSC}};
    for (int i = 0; i < MATH_FUNCTION_COUNT; i++)
        if (*names[i] && slice_is(name, names[i]))
            return i;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (slice_is(name, others[i].name))
            return others[i].op;
    return -1;
}

static bool starts_function(const struct math_token *t)
{
    return t->type == TOKEN_COMMAND && function_of(t->text) >= 0;
}

/* "(30^\circ)" alone is a measure; in a function it is an angle. */
static struct math_node *angle(struct math_parser *p, struct math_node *x)
{
    bool degrees = x && x->kind == MATH_QUANTITY && math_unit_is(x->unit, "degree");
    return degrees ? math_one(p->tree, MATH_DEGREES, 0, x->kids[0]) : x;
}

/* An argument without brackets goes on as far as factors stand side by side: sin 2x cos x is
 * sin(2x) cos(x). With brackets it ends with them. */
static struct math_node *argument(struct math_parser *p)
{
    const struct math_token *t = math_next(p, 0);
    if (math_token_is(t, '-')) {
        p->at++;
        return math_one(p->tree, MATH_NEGATIVE, 0,
                        math_enter(p) ? math_leave(p, argument(p)) : NULL);
    }
    bool bracket = math_token_is(t, '(') || math_token_is(t, '[') || math_token_is(t, '{') ||
                   math_token_is(t, '|');
    if (bracket)
        return angle(p, math_read_atom(p));
    struct math_node *factors[16];
    size_t n = 0;
    do {
        struct math_node *x = math_read_factor(p);
        if (!x || n == 16)
            return NULL;
        factors[n++] = x;
        t = math_next(p, 0);
        if (math_token_is(t, '/') && math_next(p, 1)->type == TOKEN_NUMBER && n == 1 &&
            x->kind == MATH_CONSTANT) {
            p->at++;
            factors[0] = math_two(p->tree, MATH_FRACTION, 0, x, math_read_factor(p));
            break;
        }
        t = math_next(p, 0);
    } while (math_starts_factor(p) && !starts_function(t) && !math_token_is(t, '(') &&
             t->type != TOKEN_WORD);
    return n == 1 ? factors[0] : math_many(p->tree, MATH_PRODUCT, 0, factors, n);
}

static int inverse_of(int op)
{
    switch (op) {
    case MATH_SIN:
        return MATH_ASIN;
    case MATH_COS:
        return MATH_ACOS;
    case MATH_TAN:
        return MATH_ATAN;
    case MATH_COT:
        return MATH_ACOT;
    default:
        return -1;
    }
}

static struct math_node *logarithm(struct math_parser *p, struct math_node *base, bool natural)
{
    struct math_node *x = argument(p);
    if (!base && natural)
        return math_one(p->tree, MATH_CALL, MATH_LN, x);
    return math_two(p->tree, MATH_CALL, MATH_LOG, x, base ? base : math_number(p->tree, 10));
}

/* gcd(12, 18), max(1, 2): all that stands in the brackets. */
static struct math_node *many(struct math_parser *p, int op)
{
    struct math_node *x = math_read_bracket(p);
    if (!x || (x->kind != MATH_TUPLE && x->kind != MATH_SET))
        return math_one(p->tree, MATH_CALL, op, x);
    return math_many(p->tree, MATH_CALL, op, x->kids, x->n);
}

static struct math_node *call(struct math_parser *p, int op)
{
    struct math_node *base = NULL, *power = NULL, *x;
    if (op == MATH_LOG && math_skip_sign(p, '_') && !(base = math_read_group(p)))
        return NULL;
    if (math_skip_sign(p, '^') && !(power = math_read_group(p)))
        return NULL;
    bool minus_one = power && power->kind == MATH_NEGATIVE && power->kids[0]->kind == MATH_NUMBER &&
                     slice_is(power->kids[0]->text, "1");
    if (minus_one && inverse_of(op) >= 0) {
        op = inverse_of(op);
        power = NULL;
    }
    if (op == MATH_LOG) {
        if (!base)
            p->met |= READ_LOG_NATURAL;
        x = logarithm(p, base, p->flags & READ_LOG_NATURAL);
    } else if (op >= MATH_GCD) {
        x = many(p, op);
    } else {
        x = math_one(p->tree, MATH_CALL, op, argument(p));
    }
    return power ? math_two(p->tree, MATH_POWER, 0, x, power) : x;
}

static struct math_node *between(struct math_parser *p, int op, const char *close)
{
    struct math_node *x = math_read_sum(p);
    return x && math_skip_word(p, close) ? math_one(p->tree, MATH_CALL, op, x) : NULL;
}

/* ---- letters with something on them ---- */

static struct math_node *dressed(struct math_parser *p, struct slice name)
{
    bool brace = math_skip_sign(p, '{');
    struct slice inside = math_next(p, 0)->text;
    size_t n = 0;
    while (math_next(p, 0)->type == TOKEN_LETTER || math_next(p, 0)->type == TOKEN_WORD ||
           math_next(p, 0)->type == TOKEN_NUMBER ||
           (brace && math_next(p, 0)->type == TOKEN_COMMAND)) {
        p->at++;
        if (++n == 1 && !brace)
            break;
    }
    const struct math_token *last = math_next(p, 0);
    if (n == 0 || last == p->t || (brace && !math_skip_sign(p, '}')))
        return NULL;
    inside.n = (size_t)(last[-1].text.p + last[-1].text.n - inside.p);
    if (slice_is(name, "mathbb"))
        return slice_is(inside, "R") ? math_leaf(p->tree, MATH_REALS, 0, inside)
                                     : math_leaf(p->tree, MATH_SYMBOL, 0, inside);
    /* The name is where it stands in the text: "\vec{v}" and "v" are two. */
    char *both = arena_alloc(p->tree->arena, name.n + inside.n + 1);
    if (!both)
        return NULL;
    memcpy(both, name.p, name.n);
    both[name.n] = ' ';
    memcpy(both + name.n + 1, inside.p, inside.n);
    return math_leaf(p->tree, MATH_SYMBOL, 0, (struct slice){both, name.n + 1 + inside.n});
}

static bool is_dress(struct slice name)
{
    static const char *const names[] = {"mathbf", "vec",      "hat",           "overline", "mathbb",
                                        "tilde",  "mathcal",  "underline",     "widehat",  "dot",
                                        "angle",  "triangle", "overrightarrow"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

/* Bold or a line under a number is emphasis, and bold around more than a letter. */
static bool is_loud(const struct math_parser *p, struct slice name)
{
    bool brace = math_token_is(math_next(p, 0), '{'), bold = slice_is(name, "mathbf");
    const struct math_token *t = math_next(p, brace);
    if (t->type == TOKEN_NUMBER)
        return bold || slice_is(name, "underline");
    return bold && brace && t->type != TOKEN_COMMAND &&
           !(t->type == TOKEN_LETTER && math_token_is(math_next(p, 2), '}'));
}

static bool is_greek(struct slice name)
{
    static const char *const names[] = {
        "alpha", "beta",    "gamma",  "delta", "epsilon", "zeta",  "eta",   "theta",
        "iota",  "kappa",   "lambda", "mu",    "nu",      "xi",    "rho",   "sigma",
        "tau",   "upsilon", "phi",    "chi",   "psi",     "omega", "Gamma", "Delta",
        "Theta", "Lambda",  "Sigma",  "Phi",   "Psi",     "Omega", "ell",   "hbar"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(name, names[i]))
            return true;
    return false;
}

static struct math_node *named(struct math_parser *p, struct slice name)
{
    if (slice_is(name, "pi"))
        return math_leaf(p->tree, MATH_CONSTANT, MATH_PI, name);
    if (slice_is(name, "infty") || slice_is(name, "infinity") || slice_is(name, "inf") ||
        slice_is(name, "Infinity"))
        return math_leaf(p->tree, MATH_CONSTANT, MATH_INFINITY, name);
    if (slice_is(name, "emptyset"))
        return math_leaf(p->tree, MATH_EMPTY, 0, S(""));
    if (is_greek(name))
        return math_read_symbol(p, name);
    if (is_loud(p, name))
        return math_read_group(p);
    return is_dress(name) ? dressed(p, name) : NULL;
}

struct math_node *math_read_command(struct math_parser *p)
{
    struct slice name = math_next(p, 0)->text;
    if (slice_is(name, "{") || slice_is(name, "langle"))
        return math_read_bracket(p);
    p->at++;
    if (slice_is(name, "frac"))
        return pair(p, MATH_FRACTION, 0);
    if (slice_is(name, "binom"))
        return pair(p, MATH_CALL, MATH_BINOMIAL);
    if (slice_is(name, "sqrt"))
        return root(p);
    if (slice_is(name, "cbrt"))
        return math_two(p->tree, MATH_ROOT, 0, math_read_group(p), math_number(p->tree, 3));
    if (slice_is(name, "lfloor"))
        return between(p, MATH_FLOOR, "rfloor");
    if (slice_is(name, "lceil"))
        return between(p, MATH_CEIL, "rceil");
    if (slice_is(name, "boxed") || slice_is(name, "fbox"))
        return math_token_is(math_next(p, 0), '{') ? math_read_atom(p) : NULL;
    int op = function_of(name);
    return op >= 0 ? call(p, op) : named(p, name);
}
