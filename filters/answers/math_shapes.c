/* Several things in a row: lists, tuples, sets, vectors and matrices. */
#include "filters/answers/math_check.h"

#define PAIR_STEPS 40 /* what the look at one pair of items is charged */

bool math_is_collection(const struct math_node *x)
{
    return x->kind == MATH_LIST || x->kind == MATH_TUPLE || x->kind == MATH_SET ||
           x->kind == MATH_MATRIX || x->kind == MATH_INTERVAL;
}

static enum answer_verdict in_order(struct math_check *c, struct math_node *a, struct math_node *b)
{
    enum answer_verdict all = ANSWER_EQUAL;
    if (a->n != b->n)
        return math_unlike(c, "one has more parts");
    for (size_t i = 0; i < a->n && all != ANSWER_DIFFERENT; i++) {
        c->work.steps -= PAIR_STEPS;
        enum answer_verdict v = math_compare(c, a->kids[i], b->kids[i]);
        all = v == ANSWER_EQUAL ? all : v;
    }
    return all;
}

/* Whether every item of a has an equal one in b, each used once unless `often`. Equality being
 * transitive, the first that fits is as good as any. */
static enum answer_verdict each_in(struct math_check *c, struct math_node *a, struct math_node *b,
                                   bool often)
{
    bool used[MATH_MAX_ITEMS] = {false}, unsure = false;
    for (size_t i = 0; i < a->n; i++) {
        enum answer_verdict found = ANSWER_DIFFERENT;
        for (size_t k = 0; k < b->n && found != ANSWER_EQUAL; k++) {
            if (used[k])
                continue;
            c->work.steps -= PAIR_STEPS;
            if (c->work.steps < 0)
                return ANSWER_UNKNOWN;
            found = math_best(found, math_compare(c, a->kids[i], b->kids[k]));
            used[k] = found == ANSWER_EQUAL && !often;
        }
        if (found == ANSWER_DIFFERENT)
            return math_unlike(c, "a part of one is not in the other");
        unsure |= found == ANSWER_UNKNOWN;
    }
    return unsure ? ANSWER_UNKNOWN : ANSWER_EQUAL;
}

static enum answer_verdict as_bags(struct math_check *c, struct math_node *a, struct math_node *b)
{
    return a->n == b->n ? each_in(c, a, b, false) : math_unlike(c, "one has more parts");
}

static enum answer_verdict as_sets(struct math_check *c, struct math_node *a, struct math_node *b)
{
    enum answer_verdict there = each_in(c, a, b, true);
    enum answer_verdict back = there == ANSWER_DIFFERENT ? there : each_in(c, b, a, true);
    return there == ANSWER_EQUAL ? back : there;
}

/* Different, but lenient does not tell when the parts are the same in some order. */
static enum answer_verdict unless_same_parts(struct math_check *c, struct math_node *a,
                                             struct math_node *b, const char *why)
{
    if (c->level == MATH_LENIENT && as_sets(c, a, b) != ANSWER_DIFFERENT)
        return ANSWER_UNKNOWN;
    return math_unlike(c, why);
}

static enum answer_verdict lists(struct math_check *c, struct math_node *a, struct math_node *b)
{
    enum answer_verdict v;
    if (c->level == MATH_STRICT && !(a->op && b->op))
        return in_order(c, a, b);
    v = as_bags(c, a, b);
    return c->level == MATH_LENIENT && v != ANSWER_EQUAL ? math_best(v, as_sets(c, a, b)) : v;
}

static enum answer_verdict tuples(struct math_check *c, struct math_node *a, struct math_node *b)
{
    enum answer_verdict v = in_order(c, a, b);
    if (v == ANSWER_DIFFERENT)
        return unless_same_parts(c, a, b, "parts differ, or their order");
    return a->op == b->op ? v : math_overlook(c, v, "other brackets");
}

static bool is_vector(const struct math_node *x)
{
    return x->kind == MATH_MATRIX && (x->rows == 1 || x->rows == x->n);
}

static enum answer_verdict matrices(struct math_check *c, struct math_node *a, struct math_node *b)
{
    if (a->n != b->n)
        return math_unlike(c, "matrices of other sizes");
    if (a->rows == b->rows)
        return in_order(c, a, b);
    if (!is_vector(a) || !is_vector(b))
        return unless_same_parts(c, a, b, "matrices of other sizes");
    enum answer_verdict v = in_order(c, a, b);
    if (v != ANSWER_EQUAL || c->level == MATH_LENIENT)
        return v;
    return c->level == MATH_RULES ? ANSWER_UNKNOWN : math_unlike(c, "a row and a column");
}

/* Both hold the same in the same order, but one is a list, the other a tuple, a vector … What
 * `likely` says is whether that is as good. */
static enum answer_verdict across(struct math_check *c, struct math_node *a, struct math_node *b,
                                  bool likely, const char *why)
{
    enum answer_verdict v = in_order(c, a, b);
    if (v == ANSWER_DIFFERENT)
        return unless_same_parts(c, a, b, why);
    if (c->level == MATH_STRICT)
        return math_unlike(c, why);
    return v == ANSWER_EQUAL && c->level == MATH_RULES && !likely ? ANSWER_UNKNOWN : v;
}

static enum answer_verdict intervals(struct math_check *c, struct math_node *a, struct math_node *b)
{
    if (a->op == b->op)
        return in_order(c, a, b);
    return in_order(c, a, b) == ANSWER_EQUAL ? math_unlike(c, "open or closed")
                                             : math_unlike(c, "other intervals");
}

/* Of "x = 1, y = 2" the values in the order of the names; NULL: the list is none such. */
static struct math_node *coordinates(struct math_check *c, struct math_node *list)
{
    struct math_node *sorted[8], *values[8];
    if (list->n > 8)
        return NULL;
    for (size_t i = 0; i < list->n; i++) {
        struct math_node *x = list->kids[i];
        size_t at = i;
        if (!math_is_assignment(x) || x->kids[0]->kind != MATH_SYMBOL)
            return NULL;
        for (; at > 0 && slice_cmp(sorted[at - 1]->kids[0]->text, x->kids[0]->text) > 0; at--)
            sorted[at] = sorted[at - 1];
        if (at > 0 && slice_eq(sorted[at - 1]->kids[0]->text, x->kids[0]->text))
            return NULL;
        sorted[at] = x;
    }
    for (size_t i = 0; i < list->n; i++)
        values[i] = sorted[i]->kids[1];
    return math_many(c->work.tree, MATH_TUPLE, 0, values, list->n);
}

enum answer_verdict math_compare_collections(struct math_check *c, struct math_node *a,
                                             struct math_node *b)
{
    if (a->kind > b->kind)
        return math_compare_collections(c, b, a);
    if (a->kind == b->kind) {
        switch ((int)a->kind) {
        case MATH_LIST:
            return lists(c, a, b);
        case MATH_TUPLE:
            return tuples(c, a, b);
        case MATH_SET:
            return as_sets(c, a, b);
        case MATH_INTERVAL:
            return intervals(c, a, b);
        default:
            return matrices(c, a, b);
        }
    }
    if (a->kind == MATH_LIST && b->kind == MATH_SET)
        return math_overlook(c, as_sets(c, a, b), "one is a set");
    /* From here on a half open interval is nothing but an interval. */
    if (b->kind == MATH_INTERVAL && b->op)
        return math_unlike(c, "one is an interval");
    if (b->kind == MATH_MATRIX && a->kind != MATH_SET)
        return is_vector(b) ? across(c, a, b, a->kind != MATH_LIST, "one is a vector")
                            : math_unlike(c, "one is a matrix");
    if (a->kind == MATH_TUPLE && b->kind == MATH_INTERVAL)
        return unless_same_parts(c, a, b, "open or closed");
    if (a->kind == MATH_LIST) {
        struct math_node *values = coordinates(c, a);
        return values ? across(c, values, b, true, "one names its parts")
                      : across(c, a, b, false, "one is in brackets, their order counts");
    }
    return unless_same_parts(c, a, b, "one is a set");
}
