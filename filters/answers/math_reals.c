/* Sets of real numbers: unions of intervals, whether written in brackets or by inequalities. */
#include "filters/answers/math_check.h"

#define MAX_PIECES 24

struct piece {
    struct math_node *low, *high;
    bool open_low, open_high;
};

struct reals {
    struct piece pieces[MAX_PIECES]; /* in order and apart, once settled */
    size_t n;
    struct math_node *variable; /* of the inequalities it came from */
};

static bool build(struct math_check *c, struct math_node *x, struct reals *r, int depth);

static struct math_node *endless(struct math_check *c, bool minus)
{
    struct math_node *x = math_leaf(c->work.tree, MATH_CONSTANT, MATH_INFINITY, S("infty"));
    return minus ? math_one(c->work.tree, MATH_NEGATIVE, 0, x) : x;
}

static bool add(struct reals *r, struct piece p)
{
    if (r->n == MAX_PIECES || !p.low || !p.high)
        return false;
    r->pieces[r->n++] = p;
    return true;
}

static bool is_endless(const struct math_node *x)
{
    while (x->kind == MATH_NEGATIVE)
        x = x->kids[0];
    return x->kind == MATH_CONSTANT && x->op == MATH_INFINITY;
}

/* Without empty pieces, in order, and joined where they touch; false when an order is not told. */
static bool settle(struct math_check *c, struct reals *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        struct piece p = r->pieces[i];
        p.open_low |= is_endless(p.low);
        p.open_high |= is_endless(p.high);
        int order = math_order(&c->work, p.low, p.high);
        if (order == 2)
            return false;
        if (order > 0 || (order == 0 && (p.open_low || p.open_high)))
            continue;
        size_t at = n++;
        for (; at > 0; at--) {
            order = math_order(&c->work, r->pieces[at - 1].low, p.low);
            if (order == 2)
                return false;
            if (order < 0 || (order == 0 && !r->pieces[at - 1].open_low))
                break;
            r->pieces[at] = r->pieces[at - 1];
        }
        r->pieces[at] = p;
    }
    r->n = n;
    n = 0;
    for (size_t i = 0; i < r->n; i++) {
        struct piece p = r->pieces[i], *last = n ? &r->pieces[n - 1] : NULL;
        int order = last ? math_order(&c->work, last->high, p.low) : -1;
        if (order == 2)
            return false;
        if (order < 0 || (order == 0 && last->open_high && p.open_low)) {
            r->pieces[n++] = p;
            continue;
        }
        order = math_order(&c->work, last->high, p.high);
        if (order == 2)
            return false;
        if (order < 0) {
            last->high = p.high;
            last->open_high = p.open_high;
        } else if (order == 0) {
            last->open_high &= p.open_high;
        }
    }
    r->n = n;
    return true;
}

static bool meet(struct math_check *c, struct reals *a, const struct reals *b)
{
    struct reals out = {.variable = a->variable ? a->variable : b->variable};
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++) {
            struct piece p = a->pieces[i];
            const struct piece *q = &b->pieces[k];
            int low = math_order(&c->work, p.low, q->low);
            int high = math_order(&c->work, p.high, q->high);
            if (low == 2 || high == 2)
                return false;
            if (low < 0)
                p.low = q->low;
            p.open_low = low < 0 ? q->open_low : low > 0 ? p.open_low : p.open_low || q->open_low;
            if (high > 0)
                p.high = q->high;
            p.open_high = high > 0   ? q->open_high
                          : high < 0 ? p.open_high
                                     : p.open_high || q->open_high;
            if (!add(&out, p))
                return false;
        }
    *a = out;
    return settle(c, a);
}

static bool complement(struct math_check *c, struct reals *r)
{
    struct reals out = {.variable = r->variable};
    struct piece p = {endless(c, true), NULL, true, true};
    for (size_t i = 0; i < r->n; i++) {
        p.high = r->pieces[i].low;
        p.open_high = !r->pieces[i].open_low;
        if (!add(&out, p))
            return false;
        p.low = r->pieces[i].high;
        p.open_low = !r->pieces[i].open_high;
    }
    p.high = endless(c, false);
    p.open_high = true;
    if (!add(&out, p))
        return false;
    *r = out;
    return settle(c, r);
}

static bool is_constant(const struct math_node *x)
{
    struct math_symbols s = {.n = 0};
    math_symbols_of(x, &s);
    return math_scalar(x) && s.n == 0;
}

/* ---- inequalities ---- */

static struct math_node *put_number(void *number, struct math_tree *t,
                                    const struct math_node *symbol)
{
    (void)symbol;
    return math_number(t, *(const unsigned long *)number);
}

/* x with the number in place of its one variable. */
static struct math_node *at(struct math_check *c, struct math_node *x, unsigned long number)
{
    return math_substitute(c->work.tree, x, put_number, &number);
}

static struct math_node *minus(struct math_check *c, struct math_node *a, struct math_node *b)
{
    return math_two(c->work.tree, MATH_SUM, 0, a, math_one(c->work.tree, MATH_NEGATIVE, 0, b));
}

/* Where a - b, linear in its one variable, is zero; *slope its sign. NULL: not so. */
static struct math_node *zero_of(struct math_check *c, struct math_node *a, struct math_node *b,
                                 int *slope)
{
    *slope = a->kind == MATH_SYMBOL ? 1 : -1;
    if (a->kind == MATH_SYMBOL && is_constant(b))
        return b;
    if (b->kind == MATH_SYMBOL && is_constant(a))
        return a;
    struct math_node *f[3];
    for (unsigned long i = 0; i < 3; i++)
        if (!(f[i] = minus(c, at(c, a, i), at(c, b, i))))
            return NULL;
    struct math_node *rise = minus(c, f[1], f[0]), *next = minus(c, f[2], f[1]);
    if (!rise || !next || math_equal_constants(&c->work, rise, next) != ANSWER_EQUAL)
        return NULL;
    *slope = math_order(&c->work, rise, math_number(c->work.tree, 0));
    if (*slope != 1 && *slope != -1)
        return NULL;
    return math_one(c->work.tree, MATH_NEGATIVE, 0,
                    math_two(c->work.tree, MATH_FRACTION, 0, f[0], rise));
}

static int flipped(int op)
{
    static const int flips[] = {MATH_EQ, MATH_NE, MATH_GT, MATH_GE, MATH_LT, MATH_LE, MATH_IN};
    return flips[op];
}

/* a op b, with one variable in both together. */
static bool side(struct math_check *c, struct math_node *a, int op, struct math_node *b,
                 struct reals *r)
{
    struct math_symbols s = {.n = 0};
    int slope;
    math_symbols_of(a, &s);
    math_symbols_of(b, &s);
    if (s.n != 1 || !math_scalar(a) || (!math_scalar(b) && op != MATH_IN))
        return false;
    r->variable = math_leaf(c->work.tree, MATH_SYMBOL, 0, s.names[0]);
    if (op == MATH_IN)
        return a->kind == MATH_SYMBOL && build(c, b, r, 1);
    if (math_has(a, MATH_APPLY, -1) || math_has(b, MATH_APPLY, -1))
        return false;
    struct math_node *zero = zero_of(c, a, b, &slope);
    if (!zero)
        return false;
    if (slope < 0)
        op = flipped(op);
    bool strict = op == MATH_LT || op == MATH_GT || op == MATH_NE;
    struct piece below = {endless(c, true), zero, true, strict};
    struct piece above = {zero, endless(c, false), strict, true};
    if (op == MATH_EQ)
        return add(r, (struct piece){zero, zero, false, false});
    if (op != MATH_GT && op != MATH_GE && !add(r, below))
        return false;
    return op == MATH_LT || op == MATH_LE || add(r, above);
}

/* |f| < b is -b < f < b; |f| > b the rest. */
static bool absolute(struct math_check *c, struct math_node *a, int op, struct math_node *b,
                     struct reals *r, int depth)
{
    bool inside = op == MATH_LT || op == MATH_LE;
    struct math_node *f = a->kids[0], *low = math_one(c->work.tree, MATH_NEGATIVE, 0, b);
    struct reals other = {.n = 0};
    if (!low || op == MATH_IN || op == MATH_NE || !is_constant(b) || depth > 4 ||
        math_order(&c->work, b, math_number(c->work.tree, 0)) != 1)
        return false;
    if (op == MATH_EQ)
        return side(c, f, op, b, r) && side(c, f, op, low, r) && settle(c, r);
    if (!side(c, f, op, b, r) || !settle(c, r) || !side(c, f, flipped(op), low, &other) ||
        !settle(c, &other))
        return false;
    if (inside)
        return meet(c, r, &other);
    for (size_t i = 0; i < other.n; i++)
        if (!add(r, other.pieces[i]))
            return false;
    return settle(c, r);
}

static bool relation(struct math_check *c, struct math_node *x, struct reals *r, int depth)
{
    for (size_t i = 0; i + 1 < x->n; i++) {
        struct reals one = {.n = 0};
        struct math_node *a = x->kids[i], *b = x->kids[i + 1];
        int op = x->ops[i];
        if (b->kind == MATH_CALL && b->op == MATH_ABS) {
            struct math_node *swap = a;
            a = b;
            b = swap;
            op = flipped(op);
        }
        bool bars = a->kind == MATH_CALL && a->op == MATH_ABS;
        if (!(bars ? absolute(c, a, op, b, &one, depth) : side(c, a, op, b, &one)) ||
            !settle(c, &one))
            return false;
        if (i == 0)
            *r = one;
        else if (!meet(c, r, &one))
            return false;
    }
    return true;
}

/* ---- building ---- */

static bool points(struct reals *r, const struct math_node *x)
{
    for (size_t i = 0; i < x->n; i++)
        if (!is_constant(x->kids[i]) || math_has(x->kids[i], MATH_CONSTANT, MATH_I) ||
            !add(r, (struct piece){x->kids[i], x->kids[i], false, false}))
            return false;
    return true;
}

static bool several(struct math_check *c, struct math_node *x, struct reals *r, int depth)
{
    bool join = x->kind == MATH_UNION || x->kind == MATH_ANY;
    for (size_t i = 0; i < x->n; i++) {
        struct reals one = {.n = 0};
        if (!build(c, x->kids[i], &one, depth + 1))
            return false;
        if (r->variable && one.variable && !slice_eq(r->variable->text, one.variable->text))
            return false;
        if (i == 0) {
            *r = one;
        } else if (join) {
            for (size_t k = 0; k < one.n; k++)
                if (!add(r, one.pieces[k]))
                    return false;
        } else {
            if (x->kind == MATH_WITHOUT && !complement(c, &one))
                return false;
            if (!meet(c, r, &one))
                return false;
        }
    }
    return true;
}

static bool build(struct math_check *c, struct math_node *x, struct reals *r, int depth)
{
    bool ok = false;
    if (depth > 40 || c->work.steps <= 0)
        return false;
    switch ((int)x->kind) {
    case MATH_INTERVAL:
    case MATH_TUPLE:
        if (x->n != 2 || !is_constant(x->kids[0]) || !is_constant(x->kids[1]))
            return false;
        ok = add(r, (struct piece){x->kids[0], x->kids[1],
                                   x->kind == MATH_TUPLE || (x->op & MATH_OPEN_LOW),
                                   x->kind == MATH_TUPLE || (x->op & MATH_OPEN_HIGH)});
        break;
    case MATH_REALS:
        ok = add(r, (struct piece){endless(c, true), endless(c, false), true, true});
        break;
    case MATH_EMPTY:
        return true;
    case MATH_SET:
        ok = points(r, x);
        break;
    case MATH_UNION:
    case MATH_MEET:
    case MATH_WITHOUT:
    case MATH_ANY:
    case MATH_ALL:
        ok = several(c, x, r, depth);
        break;
    case MATH_RELATION:
        return relation(c, x, r, depth);
    default:
        return false;
    }
    return ok && settle(c, r);
}

bool math_is_reals(const struct math_node *x)
{
    switch ((int)x->kind) {
    case MATH_INTERVAL:
    case MATH_UNION:
    case MATH_MEET:
    case MATH_WITHOUT:
    case MATH_REALS:
    case MATH_EMPTY:
    case MATH_ANY:
    case MATH_ALL:
        return true;
    case MATH_RELATION:
        for (size_t i = 0; i + 1 < x->n; i++)
            if (x->ops[i] == MATH_EQ)
                return false;
        return true;
    default:
        return false;
    }
}

static bool by_relation(const struct math_node *x)
{
    return x->kind == MATH_RELATION || x->kind == MATH_ANY || x->kind == MATH_ALL;
}

enum answer_verdict math_compare_reals(struct math_check *c, struct math_node *a,
                                       struct math_node *b, bool *told)
{
    struct reals x = {.n = 0}, y = {.n = 0};
    *told = build(c, a, &x, 0) && build(c, b, &y, 0);
    if (!*told)
        return ANSWER_UNKNOWN;
    bool same = x.n == y.n;
    for (size_t i = 0; i < x.n && same; i++) {
        int low = math_order(&c->work, x.pieces[i].low, y.pieces[i].low);
        int high = math_order(&c->work, x.pieces[i].high, y.pieces[i].high);
        if (low == 2 || high == 2)
            return ANSWER_UNKNOWN;
        same = low == 0 && high == 0 && x.pieces[i].open_low == y.pieces[i].open_low &&
               x.pieces[i].open_high == y.pieces[i].open_high;
    }
    if (!same)
        return math_unlike(c, "other sets of real numbers");
    if (x.variable && y.variable && !slice_eq(x.variable->text, y.variable->text))
        return c->level == MATH_LENIENT ? ANSWER_EQUAL : math_unlike(c, "other variables");
    c->why = "the same set of real numbers";
    return by_relation(a) == by_relation(b) && (a->kind == MATH_REALS) == (b->kind == MATH_REALS)
               ? ANSWER_EQUAL
               : math_overlook(c, ANSWER_EQUAL, "a set by brackets and by inequalities");
}
