/* What stands in brackets: groups, tuples, intervals, sets, matrices. */
#include <string.h>

#include "filters/answers/math_parser.h"

/* '(' and ')', '[' and ']', '{' for \{ and \}, '<' for \langle and \rangle; 0: no bracket. */
static char opening(const struct math_token *t)
{
    if (t->type == TOKEN_COMMAND)
        return slice_is(t->text, "{") ? '{' : slice_is(t->text, "langle") ? '<' : '\0';
    return math_token_is(t, '(') || math_token_is(t, '[') ? t->text.p[0] : '\0';
}

static char closing(const struct math_token *t)
{
    if (t->type == TOKEN_COMMAND)
        return slice_is(t->text, "}") ? '}' : slice_is(t->text, "rangle") ? '>' : '\0';
    return math_token_is(t, ')') || math_token_is(t, ']') ? t->text.p[0] : '\0';
}

/* {x : x > 3}, {x | …}, {x \in R : …}: how many tokens stand before the condition; 0: none. */
static size_t builder(const struct math_parser *p)
{
    if (math_next(p, 0)->type != TOKEN_LETTER)
        return 0;
    for (size_t i = 1; i <= 8; i++) {
        const struct math_token *t = math_next(p, i);
        if (math_token_is(t, ':') || math_token_is(t, '|'))
            return i + 1;
        if (i == 1 && !math_token_says(t, "in"))
            return 0;
    }
    return 0;
}

static struct math_node *made(struct math_parser *p, char open, char close,
                              struct math_node **items, size_t n)
{
    if (open == '{')
        return close != '}' ? NULL
               : n == 0     ? math_leaf(p->tree, MATH_EMPTY, 0, S(""))
                            : math_many(p->tree, MATH_SET, 0, items, n);
    if (open == '<')
        return close == '>' && n ? math_many(p->tree, MATH_TUPLE, 0, items, n) : NULL;
    if (n == 0 || close == '}' || close == '>')
        return NULL;
    bool round = open == '(' && close == ')', square = open == '[' && close == ']';
    if (n == 1)
        return round || (square && (math_scalar(items[0]) || items[0]->kind == MATH_MATRIX))
                   ? items[0]
                   : NULL;
    if (round)
        return math_many(p->tree, MATH_TUPLE, 0, items, n);
    if (n > 2)
        return square ? math_many(p->tree, MATH_TUPLE, 1, items, n) : NULL;
    int open_ends = (open == '(' ? MATH_OPEN_LOW : 0) | (close == ')' ? MATH_OPEN_HIGH : 0);
    return math_two(p->tree, MATH_INTERVAL, open_ends, items[0], items[1]);
}

static struct math_node *bracket(struct math_parser *p, char open)
{
    struct math_node *items[MATH_MAX_ITEMS];
    size_t n = 0, skip = open == '{' ? builder(p) : 0;
    char close = closing(math_next(p, 0));
    p->at += skip;
    while (!close) {
        if (n == MATH_MAX_ITEMS || !(items[n++] = math_read_item(p)))
            return NULL;
        close = closing(math_next(p, 0));
        if (!close && !math_skip_sign(p, ',') && !math_skip_sign(p, ';'))
            return NULL;
    }
    p->at++;
    if (!skip)
        return made(p, open, close, items, n);
    return close != '}' || n == 0 ? NULL
           : n == 1               ? items[0]
                                  : math_many(p->tree, MATH_ALL, 0, items, n);
}

struct math_node *math_read_bracket(struct math_parser *p)
{
    char open = opening(math_next(p, 0));
    if (!open || !math_enter(p))
        return NULL;
    int bars = p->bars;
    p->bars = 0;
    p->brackets++;
    p->at++;
    struct math_node *x = bracket(p, open);
    p->brackets--;
    p->bars = bars;
    return math_leave(p, x);
}

/* The column specification of an array goes. */
static void skip_columns(struct math_parser *p)
{
    if (!math_skip_sign(p, '{'))
        return;
    while (math_next(p, 0)->type == TOKEN_LETTER || math_token_is(math_next(p, 0), '|'))
        p->at++;
    math_skip_sign(p, '}');
}

static struct math_node *determinant(struct math_parser *p, struct math_node *m)
{
    if (m->rows != 2 || m->n != 4)
        return NULL;
    struct math_node *a = math_two(p->tree, MATH_PRODUCT, 0, m->kids[0], m->kids[3]);
    struct math_node *b = math_two(p->tree, MATH_PRODUCT, 0, m->kids[1], m->kids[2]);
    return math_two(p->tree, MATH_SUM, 0, a, math_one(p->tree, MATH_NEGATIVE, 0, b));
}

static struct math_node *matrix(struct math_parser *p, struct slice name)
{
    struct math_node *cells[MATH_MAX_ITEMS];
    size_t n = 0, rows = 1, columns = 0, column = 0;
    for (;;) {
        if (n == MATH_MAX_ITEMS || !(cells[n++] = math_read_item(p)) || !math_scalar(cells[n - 1]))
            return NULL;
        column++;
        if (math_skip_sign(p, '&'))
            continue;
        columns = rows == 1 ? column : columns;
        if (column != columns)
            return NULL;
        const struct math_token *t = math_next(p, 0);
        bool more = t->type == TOKEN_COMMAND && slice_is(t->text, "\\");
        p->at += more;
        if (math_next(p, 0)->type == TOKEN_FINISH)
            break;
        if (!more)
            return NULL;
        rows++;
        column = 0;
    }
    if (!slice_eq(math_next(p, 0)->text, name))
        return NULL;
    p->at++;
    struct math_node *x = math_many(p->tree, MATH_MATRIX, 0, cells, n);
    if (!x)
        return NULL;
    x->rows = (uint32_t)rows;
    return slice_is(name, "vmatrix") ? determinant(p, x) : x;
}

struct math_node *math_read_matrix(struct math_parser *p)
{
    static const char *const names[] = {"pmatrix", "bmatrix", "matrix",     "Bmatrix",
                                        "vmatrix", "array",   "smallmatrix"};
    struct slice name = math_next(p, 0)->text;
    bool known = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        known |= slice_is(name, names[i]);
    if (!known)
        return NULL;
    p->at++;
    if (slice_is(name, "array"))
        skip_columns(p);
    int brackets = p->brackets++, bars = p->bars;
    p->bars = 0;
    struct math_node *x = matrix(p, name);
    p->brackets = brackets;
    p->bars = bars;
    return x;
}
