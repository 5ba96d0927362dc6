/* Equations and inequalities, against one another and against what stands on one of their sides. */
#include "filters/answers/math_check.h"

static bool is_constant(const struct math_node *x)
{
    struct math_symbols s = {.n = 0};
    math_symbols_of(x, &s);
    return s.n == 0 && !math_has(x, MATH_APPLY, -1);
}

static bool is_equation(const struct math_node *x)
{
    return x->kind == MATH_RELATION && x->n == 2 && x->ops[0] == MATH_EQ;
}

/* What an answer may be called: x, f(x), (x, y). */
static bool is_name(const struct math_node *x)
{
    if (x->kind != MATH_TUPLE)
        return x->kind == MATH_SYMBOL || x->kind == MATH_APPLY;
    for (size_t i = 0; i < x->n; i++)
        if (x->kids[i]->kind != MATH_SYMBOL)
            return false;
    return true;
}

bool math_is_assignment(const struct math_node *x)
{
    return is_equation(x) && is_name(x->kids[0]);
}

/* x = 5 and 5 = x: the name first. */
static struct math_node *named_first(struct math_check *c, struct math_node *x)
{
    if (!is_equation(x) || is_name(x->kids[0]) || !is_name(x->kids[1]) || !is_constant(x->kids[0]))
        return x;
    struct math_node *y = math_two(c->work.tree, MATH_RELATION, 0, x->kids[1], x->kids[0]);
    if (y)
        y->ops = x->ops;
    return y ? y : x;
}

static struct math_node *minus(struct math_check *c, struct math_node *a, struct math_node *b)
{
    return math_two(c->work.tree, MATH_SUM, 0, a, math_one(c->work.tree, MATH_NEGATIVE, 0, b));
}

static bool is_plain(const struct math_node *x)
{
    return math_scalar(x->kids[0]) && math_scalar(x->kids[1]);
}

/* Two equations between expressions: multiples of one another, or with the same solutions. */
static enum answer_verdict equations(struct math_check *c, struct math_node *a, struct math_node *b)
{
    if (!is_plain(a) || !is_plain(b)) {
        enum answer_verdict left = math_compare(c, a->kids[0], b->kids[0]);
        enum answer_verdict right = math_compare(c, a->kids[1], b->kids[1]);
        return left == ANSWER_EQUAL && right == ANSWER_EQUAL ? ANSWER_EQUAL : ANSWER_UNKNOWN;
    }
    struct math_node *f = minus(c, a->kids[0], a->kids[1]), *g = minus(c, b->kids[0], b->kids[1]);
    int sign;
    if (!f || !g)
        return ANSWER_UNKNOWN;
    c->why = "equations that are multiples of one another";
    if (math_proportional(&c->work, f, g, &sign) == ANSWER_EQUAL)
        return ANSWER_EQUAL;
    enum answer_verdict v = math_zeros(&c->work, f, g);
    if (v == ANSWER_DIFFERENT)
        return math_unlike(c, "equations with other solutions");
    c->why = "equations";
    return v == ANSWER_EQUAL && c->level == MATH_STRICT ? ANSWER_UNKNOWN : v;
}

static enum answer_verdict assignments(struct math_check *c, struct math_node *a,
                                       struct math_node *b)
{
    struct math_node *x = a->kids[0], *y = b->kids[0];
    if (math_same(x, y))
        return math_compare(c, a->kids[1], b->kids[1]);
    bool values = is_constant(a->kids[1]) && is_constant(b->kids[1]);
    if (c->level == MATH_LENIENT) {
        enum answer_verdict bare = math_compare(c, a->kids[1], b->kids[1]);
        if (bare == ANSWER_EQUAL || values)
            return bare;
    }
    if (values || x->kind != y->kind)
        return x->kind == y->kind ? math_unlike(c, "values of other variables")
                                  : math_differ(c, "values of other names");
    return equations(c, a, b);
}

/* An inequality as f < 0 or f <= 0; *op which. */
static struct math_node *below_zero(struct math_check *c, struct math_node *x, int *op)
{
    *op = x->ops[0];
    bool swap = *op == MATH_GT || *op == MATH_GE;
    if (swap)
        *op = *op == MATH_GT ? MATH_LT : MATH_LE;
    return minus(c, x->kids[swap ? 1 : 0], x->kids[swap ? 0 : 1]);
}

static enum answer_verdict inequalities(struct math_check *c, struct math_node *a,
                                        struct math_node *b)
{
    int op_a, op_b, sign;
    if (a->n != 2 || b->n != 2 || !is_plain(a) || !is_plain(b))
        return ANSWER_UNKNOWN;
    struct math_node *f = below_zero(c, a, &op_a), *g = below_zero(c, b, &op_b);
    if (!f || !g || math_proportional(&c->work, f, g, &sign) != ANSWER_EQUAL)
        return ANSWER_UNKNOWN;
    if (op_a == op_b && (sign > 0 || op_a == MATH_NE))
        return ANSWER_EQUAL;
    return math_unlike(c, op_a == op_b ? "inequalities that point in other directions"
                                       : "a strict inequality and one that is not");
}

static enum answer_verdict two_relations(struct math_check *c, struct math_node *a,
                                         struct math_node *b)
{
    bool told = false;
    if (math_is_assignment(a) && math_is_assignment(b))
        return assignments(c, a, b);
    if (is_equation(a) && is_equation(b))
        return equations(c, a, b);
    enum answer_verdict v = math_compare_reals(c, a, b, &told);
    if (told)
        return v;
    if (is_equation(a) || is_equation(b))
        return math_differ(c, "one is an equation");
    return inequalities(c, a, b);
}

/* An equation and something that is none: what stands on one side may be the answer. */
static enum answer_verdict equation_and_other(struct math_check *c, struct math_node *a,
                                              struct math_node *b)
{
    if (c->level == MATH_STRICT)
        return math_unlike(c, "one is an equation");
    bool statement = is_constant(a->kids[0]) && is_constant(a->kids[1]);
    if (math_is_assignment(a) ||
        (statement && math_compare(c, a->kids[0], a->kids[1]) == ANSWER_EQUAL))
        return math_compare(c, a->kids[1], b);
    if (c->level == MATH_LENIENT)
        return math_best(math_compare(c, a->kids[0], b), math_compare(c, a->kids[1], b));
    return math_unlike(c, "one is an equation");
}

enum answer_verdict math_compare_relations(struct math_check *c, struct math_node *a,
                                           struct math_node *b)
{
    a = named_first(c, a);
    b = named_first(c, b);
    if (a->kind == b->kind)
        return two_relations(c, a, b);
    struct math_node *r = a->kind == MATH_RELATION ? a : b, *other = r == a ? b : a;
    if (is_equation(r))
        return equation_and_other(c, r, other);
    if (r->n == 2 && r->ops[0] == MATH_IN)
        return c->level == MATH_STRICT ? math_unlike(c, "one says what is in a set")
                                       : math_compare(c, r->kids[1], other);
    return math_differ(c, "one is an inequality");
}
