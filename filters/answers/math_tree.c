#include "filters/answers/math_tree.h"

#include <string.h>

static struct math_node *node(struct math_tree *t, enum math_kind kind, int op, size_t n)
{
    if (t->nodes >= MATH_MAX_NODES || n > MATH_MAX_ITEMS)
        return NULL;
    struct math_node *x = arena_alloc(t->arena, sizeof *x);
    if (!x)
        return NULL;
    t->nodes++;
    x->kind = kind;
    x->op = op;
    x->n = (uint32_t)n;
    x->kids = n ? arena_alloc(t->arena, n * sizeof(struct math_node *)) : NULL;
    return n && !x->kids ? NULL : x;
}

struct math_node *math_leaf(struct math_tree *t, enum math_kind kind, int op, struct slice text)
{
    struct math_node *x = node(t, kind, op, 0);
    if (x)
        x->text = text;
    return x;
}

struct math_node *math_one(struct math_tree *t, enum math_kind kind, int op, struct math_node *kid)
{
    return math_many(t, kind, op, &kid, 1);
}

struct math_node *math_two(struct math_tree *t, enum math_kind kind, int op, struct math_node *a,
                           struct math_node *b)
{
    struct math_node *const kids[] = {a, b};
    return math_many(t, kind, op, kids, 2);
}

struct math_node *math_many(struct math_tree *t, enum math_kind kind, int op,
                            struct math_node *const *kids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!kids[i])
            return NULL;
    struct math_node *x = node(t, kind, op, n);
    if (x && n)
        memcpy(x->kids, kids, n * sizeof(struct math_node *));
    return x;
}

struct math_node *math_number(struct math_tree *t, unsigned long v)
{
    char digits[24];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + v % 10);
    while (v /= 10);
    struct slice text = arena_dup(t->arena, (struct slice){digits + at, sizeof digits - at});
    return text.p ? math_leaf(t, MATH_NUMBER, 0, text) : NULL;
}

bool math_scalar(const struct math_node *x)
{
    return x->kind < MATH_PERCENT;
}

bool math_has(const struct math_node *x, enum math_kind kind, int op)
{
    if (x->kind == kind && (op == -1 || x->op == op))
        return true;
    for (size_t i = 0; i < x->n; i++)
        if (math_has(x->kids[i], kind, op))
            return true;
    return false;
}

static void count(const struct math_node *x, size_t *n)
{
    for (size_t i = 0; i < x->n && *n < MATH_MAX_NODES; i++)
        count(x->kids[i], n);
    ++*n;
}

size_t math_size(const struct math_node *x)
{
    size_t n = 0;
    count(x, &n);
    return n;
}

bool math_same(const struct math_node *a, const struct math_node *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->op != b->op || a->n != b->n || a->scale != b->scale ||
        a->rows != b->rows || a->unit || b->unit || !slice_eq(a->text, b->text))
        return false;
    for (size_t i = 0; i < a->n; i++) {
        if (a->ops && i + 1 < a->n && a->ops[i] != b->ops[i])
            return false;
        if (!math_same(a->kids[i], b->kids[i]))
            return false;
    }
    return true;
}

void math_symbols_of(const struct math_node *x, struct math_symbols *s)
{
    for (size_t i = 0; i < x->n; i++)
        math_symbols_of(x->kids[i], s);
    if (x->kind != MATH_SYMBOL)
        return;
    for (size_t i = 0; i < s->n; i++)
        if (slice_eq(s->names[i], x->text))
            return;
    if (s->n == MATH_MAX_SYMBOLS)
        s->full = true;
    else
        s->names[s->n++] = x->text;
}

struct math_node *math_with_sign(struct math_tree *t, struct math_node *x, int sign)
{
    if (!math_has(x, MATH_SIGNED, -1))
        return x;
    if (x->kind == MATH_SIGNED) {
        struct math_node *kid = math_with_sign(t, x->kids[0], sign);
        return x->op == sign ? kid : kid ? math_one(t, MATH_NEGATIVE, 0, kid) : NULL;
    }
    struct math_node *y = node(t, x->kind, x->op, x->n);
    if (!y)
        return NULL;
    struct math_node **kids = y->kids;
    *y = *x;
    y->kids = kids;
    for (size_t i = 0; i < x->n; i++)
        if (!(kids[i] = math_with_sign(t, x->kids[i], sign)))
            return NULL;
    return y;
}

struct math_node *math_substitute(struct math_tree *t, struct math_node *x, math_put_fn *put,
                                  void *context)
{
    if (x->kind == MATH_SYMBOL)
        return put(context, t, x);
    if (x->n == 0)
        return x;
    struct math_node *y = math_many(t, x->kind, x->op, x->kids, x->n);
    if (!y)
        return NULL;
    y->text = x->text;
    for (size_t i = 0; i < x->n; i++)
        if (!(y->kids[i] = math_substitute(t, x->kids[i], put, context)))
            return NULL;
    return y;
}
