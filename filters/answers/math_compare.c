#include "filters/answers/math_check.h"

#include <string.h>

#include "filters/answers/math_words.h"

enum answer_verdict math_best(enum answer_verdict a, enum answer_verdict b)
{
    if (a == ANSWER_EQUAL || b == ANSWER_EQUAL)
        return ANSWER_EQUAL;
    return a == ANSWER_UNKNOWN || b == ANSWER_UNKNOWN ? ANSWER_UNKNOWN : ANSWER_DIFFERENT;
}

enum answer_verdict math_unlike(struct math_check *c, const char *why)
{
    c->why = why;
    return ANSWER_DIFFERENT;
}

enum answer_verdict math_differ(struct math_check *c, const char *why)
{
    c->why = why;
    return c->level == MATH_LENIENT ? ANSWER_UNKNOWN : ANSWER_DIFFERENT;
}

enum answer_verdict math_overlook(struct math_check *c, enum answer_verdict v, const char *why)
{
    if (v != ANSWER_EQUAL)
        return v;
    c->why = why;
    return c->level == MATH_STRICT ? ANSWER_DIFFERENT : v;
}

/* ---- numbers and expressions ---- */

static bool is_decimal(const struct math_node *x)
{
    while (x->kind == MATH_NEGATIVE)
        x = x->kids[0];
    return x->kind == MATH_NUMBER && x->scale > 0;
}

/* Another name in place of a variable's, or (`name` NULL) its letter made small. */
static struct math_node *put_name(void *name, struct math_tree *t, const struct math_node *symbol)
{
    if (name)
        return math_leaf(t, MATH_SYMBOL, 0, *(const struct slice *)name);
    char *small = arena_str(t->arena, symbol->text);
    if (small && symbol->text.n == 1 && *small >= 'A' && *small <= 'Z')
        *small = (char)(*small - 'A' + 'a');
    return small ? math_leaf(t, MATH_SYMBOL, 0, slice_of(small)) : NULL;
}

/* The same function of another variable, or of letters of another size. */
static bool same_but_for_name(struct math_check *c, struct math_node *a, struct math_node *b)
{
    struct math_symbols x = {.n = 0}, y = {.n = 0};
    math_symbols_of(a, &x);
    math_symbols_of(b, &y);
    if (x.n == 0 || y.n == 0)
        return false;
    struct math_tree *t = c->work.tree;
    struct math_node *small_a = math_substitute(t, a, put_name, NULL),
                     *small_b = math_substitute(t, b, put_name, NULL);
    if (small_a && small_b && math_equal(&c->work, small_a, small_b) == ANSWER_EQUAL)
        return true;
    if (x.n != 1 || y.n != 1 || slice_eq(x.names[0], y.names[0]))
        return false;
    struct math_node *other = math_substitute(t, b, put_name, &x.names[0]);
    return other && math_equal(&c->work, a, other) == ANSWER_EQUAL;
}

/* Two expressions that differ: whether one may still be meant for the other. */
static bool may_be_meant(struct math_check *c, struct math_node *a, struct math_node *b)
{
    struct math_node *pairs[2][2] = {{a, b}, {b, a}};
    for (int i = 0; i < 2; i++)
        if (is_decimal(pairs[i][0]) && math_close(&c->work, pairs[i][0], pairs[i][1]) != 0) {
            c->why = "equal but for rounding";
            return true;
        }
    if (a->kind == MATH_SYMBOL || b->kind == MATH_SYMBOL)
        return false;
    c->why = "the same function of another variable";
    return same_but_for_name(c, a, b);
}

static enum answer_verdict symbols(struct math_check *c, const struct math_node *a,
                                   const struct math_node *b)
{
    char x = a->text.p[0], y = b->text.p[0];
    if (slice_eq(a->text, b->text))
        return ANSWER_EQUAL;
    bool letters = a->text.n == 1 && b->text.n == 1 && (x | 0x20) == (y | 0x20);
    if (!letters || c->level == MATH_STRICT)
        return math_unlike(c, "other letters");
    c->why = "the same letter, large and small";
    return c->level == MATH_RULES ? ANSWER_UNKNOWN : ANSWER_EQUAL;
}

static bool is_choice(const struct math_node *x)
{
    return x->kind == MATH_SYMBOL && x->text.n == 1 && x->text.p[0] >= 'A' && x->text.p[0] <= 'J';
}

static enum answer_verdict scalars(struct math_check *c, struct math_node *a, struct math_node *b)
{
    if (a->kind == MATH_SYMBOL && b->kind == MATH_SYMBOL)
        return symbols(c, a, b);
    enum answer_verdict v = math_equal(&c->work, a, b);
    bool positive = c->work.positive, partial = c->work.partial;
    c->why = v == ANSWER_EQUAL       ? "the same value"
             : v == ANSWER_DIFFERENT ? "other values"
                                     : "no proof within the bounds";
    if (v == ANSWER_EQUAL && partial && c->level == MATH_STRICT)
        return ANSWER_UNKNOWN;
    if (v != ANSWER_DIFFERENT || c->level != MATH_LENIENT)
        return v;
    if (is_choice(a) || is_choice(b))
        return math_differ(c, "one is a choice");
    return positive || may_be_meant(c, a, b) ? ANSWER_UNKNOWN : math_unlike(c, "other values");
}

/* ---- texts ---- */

static enum answer_verdict texts(struct math_check *c, const struct math_node *a,
                                 const struct math_node *b)
{
    if (math_words_same(a->text, b->text)) {
        c->why = "the same words";
        return ANSWER_EQUAL;
    }
    c->why = "other words";
    return math_words_relate(a->text, b->text) ? ANSWER_UNKNOWN : ANSWER_DIFFERENT;
}

static enum answer_verdict text_and_other(struct math_check *c, const struct math_node *text,
                                          const struct math_node *other)
{
    size_t words = 0;
    bool digit = false;
    for (struct slice rest = text->text, word; rest.n; words++) {
        word = slice_cut(rest, ' ', &rest);
        digit |= math_word_counts(word);
        for (size_t i = 0; i < word.n; i++)
            digit |= word.p[i] >= '0' && word.p[i] <= '9';
    }
    bool simple = math_scalar(other) && !is_choice(other);
    c->why = "one is words";
    if (other->kind == MATH_EMPTY)
        return math_words_relate(text->text, S("no solution empty none")) ? ANSWER_UNKNOWN
                                                                          : ANSWER_DIFFERENT;
    if (words <= 3 && !digit && simple)
        return ANSWER_DIFFERENT;
    return math_differ(c, "one is words");
}

/* ---- all together ---- */

/* Every \pm as two, in order free lists; "x = 1 or x = 2" as a list; chains of "=" without their
 * middle. */
static struct math_node *unfolded(struct math_check *c, struct math_node *x)
{
    struct math_tree *t = c->work.tree;
    if (x->kind == MATH_RELATION && x->n > 2) {
        bool equations = true;
        for (size_t i = 0; i + 1 < x->n; i++)
            equations &= x->ops[i] == MATH_EQ;
        if (equations) {
            struct math_node *y = math_two(t, MATH_RELATION, 0, x->kids[0], x->kids[x->n - 1]);
            if (!y)
                return NULL;
            y->ops = x->ops;
            x = y;
        }
    }
    if (x->kind == MATH_ANY || x->kind == MATH_ALL) {
        bool all = true;
        for (size_t i = 0; i < x->n; i++)
            all &= math_is_assignment(x->kids[i]);
        if (all)
            x = math_many(t, MATH_LIST, 1, x->kids, x->n);
    }
    if (!x || !math_has(x, MATH_SIGNED, -1))
        return x;
    struct math_node *items[MATH_MAX_ITEMS];
    size_t n = 0;
    bool list = x->kind == MATH_LIST || x->kind == MATH_SET;
    for (size_t i = 0; i < (list ? x->n : 1); i++) {
        struct math_node *one = list ? x->kids[i] : x;
        int signs = math_has(one, MATH_SIGNED, -1) ? 2 : 1;
        for (int s = 0; s < signs; s++)
            if (n == MATH_MAX_ITEMS || !(items[n++] = math_with_sign(t, one, s ? -1 : 1)))
                return NULL;
    }
    return math_many(t, list ? x->kind : MATH_LIST, 1, items, n);
}

/* (x, y) = (1, 2) as x = 1 and y = 2. */
static struct math_node *apart(struct math_check *c, struct math_node *x)
{
    if (!math_is_assignment(x) || x->kids[0]->kind != MATH_TUPLE ||
        x->kids[1]->kind != MATH_TUPLE || x->kids[0]->n != x->kids[1]->n)
        return x;
    struct math_node *items[MATH_MAX_ITEMS];
    for (size_t i = 0; i < x->kids[0]->n; i++) {
        items[i] = math_two(c->work.tree, MATH_RELATION, 0, x->kids[0]->kids[i],
                            x->kids[1]->kids[i]);
        if (!items[i])
            return NULL;
        items[i]->ops = x->ops;
    }
    return math_many(c->work.tree, MATH_LIST, 1, items, x->kids[0]->n);
}

/* A set of one element and the element. */
static enum answer_verdict single(struct math_check *c, struct math_node *set, struct math_node *x)
{
    enum answer_verdict v = set->n == 1 ? math_compare(c, set->kids[0], x) : ANSWER_DIFFERENT;
    if (v == ANSWER_EQUAL && c->level == MATH_RULES)
        v = ANSWER_UNKNOWN;
    return v != ANSWER_DIFFERENT && c->level != MATH_STRICT ? v : math_unlike(c, "one is a set");
}

/* "7/2 or 3.5" says one thing in two ways. */
static enum answer_verdict said_twice(struct math_check *c, struct math_node *list,
                                      struct math_node *x)
{
    enum answer_verdict all = ANSWER_EQUAL;
    for (size_t i = 0; i < list->n && all != ANSWER_DIFFERENT; i++) {
        enum answer_verdict v = math_compare(c, list->kids[i], x);
        all = v == ANSWER_EQUAL ? all : v;
    }
    if (all == ANSWER_DIFFERENT && c->level == MATH_LENIENT)
        for (size_t i = 0; i < list->n; i++)
            if (math_is_assignment(list->kids[i]) &&
                math_compare(c, list->kids[i], x) == ANSWER_EQUAL)
                return ANSWER_UNKNOWN;
    return all == ANSWER_DIFFERENT ? math_unlike(c, "one has more parts")
                                   : math_overlook(c, all, "one is said twice");
}

static enum answer_verdict pair(struct math_check *c, struct math_node *a, struct math_node *b)
{
    bool told = false;
    if (a->kind == MATH_TEXT || b->kind == MATH_TEXT) {
        if (a->kind == b->kind)
            return texts(c, a, b);
        return a->kind == MATH_TEXT ? text_and_other(c, a, b) : text_and_other(c, b, a);
    }
    if (a->kind == MATH_EMPTY && b->kind == MATH_EMPTY)
        return a->op == b->op ? ANSWER_EQUAL
                              : math_overlook(c, ANSWER_EQUAL, "the empty set, by sign and words");
    bool equation = (a->kind == MATH_RELATION && !math_is_reals(a)) ||
                    (b->kind == MATH_RELATION && !math_is_reals(b));
    if ((math_is_reals(a) || math_is_reals(b)) && !(equation && a->kind == b->kind)) {
        enum answer_verdict v = math_compare_reals(c, a, b, &told);
        if (told && (v == ANSWER_EQUAL || !math_is_collection(a) || !math_is_collection(b)))
            return v;
    }
    if (math_is_measure(a) || math_is_measure(b)) {
        bool relation = a->kind == MATH_RELATION || b->kind == MATH_RELATION;
        if (!relation && !math_is_collection(a) && !math_is_collection(b))
            return math_compare_measures(c, a, b);
    }
    if (a->kind == MATH_RELATION || b->kind == MATH_RELATION)
        return math_compare_relations(c, a, b);
    if (math_is_collection(a) && math_is_collection(b))
        return math_compare_collections(c, a, b);
    if (a->kind == MATH_SET || b->kind == MATH_SET)
        return single(c, a->kind == MATH_SET ? a : b, a->kind == MATH_SET ? b : a);
    if (math_scalar(a) && math_scalar(b))
        return scalars(c, a, b);
    if (is_choice(a) || is_choice(b))
        return math_differ(c, "one is a choice");
    if ((a->kind == MATH_LIST && math_scalar(b)) || (b->kind == MATH_LIST && math_scalar(a)))
        return said_twice(c, a->kind == MATH_LIST ? a : b, a->kind == MATH_LIST ? b : a);
    if (math_is_reals(a) && math_is_reals(b))
        return ANSWER_UNKNOWN;
    bool zero = a->kind == MATH_EMPTY || b->kind == MATH_EMPTY;
    return zero ? math_differ(c, "one is empty") : math_unlike(c, "things of other kinds");
}

enum answer_verdict math_compare(struct math_check *c, struct math_node *a, struct math_node *b)
{
    if (math_same(a, b)) {
        c->why = "the same expression";
        return ANSWER_EQUAL;
    }
    if (c->work.steps <= 0) {
        c->why = "too much to work out";
        return ANSWER_UNKNOWN;
    }
    a = unfolded(c, a);
    b = unfolded(c, b);
    if (a && b && a->kind == MATH_LIST)
        b = apart(c, b);
    if (a && b && b->kind == MATH_LIST)
        a = apart(c, a);
    return a && b ? pair(c, a, b) : ANSWER_UNKNOWN;
}
