/* Relations, sets made of sets, and the answers side by side that a text may hold. */
#include <string.h>

#include "filters/answers/math_parser.h"
#include "filters/answers/math_words.h"

static bool is_set(const struct math_node *x)
{
    return x->kind >= MATH_LIST && x->kind <= MATH_EMPTY && x->kind != MATH_LIST;
}

/* cup, cap, setminus, or the letter U between sets; -1: none. */
static int set_operator(const struct math_parser *p, const struct math_node *x)
{
    const struct math_token *t = math_next(p, 0);
    if (t->type == TOKEN_COMMAND) {
        if (slice_is(t->text, "cup"))
            return MATH_UNION;
        if (slice_is(t->text, "cap"))
            return MATH_MEET;
        return slice_is(t->text, "setminus") ? MATH_WITHOUT : -1;
    }
    bool letter = t->type == TOKEN_LETTER && slice_is(t->text, "U");
    return letter && is_set(x) ? MATH_UNION : -1;
}

static struct math_node *set_expression(struct math_parser *p)
{
    struct math_node *x = math_read_quantity(p);
    for (int op; x && (op = set_operator(p, x)) >= 0;) {
        p->at++;
        x = math_two(p->tree, (enum math_kind)op, 0, x, math_read_quantity(p));
    }
    return x;
}

/* The relation sign that comes next, taken; -1: none. */
static int relation(struct math_parser *p)
{
    static const struct {
        const char *name;
        int op;
    } names[] = {{"le", MATH_LE}, {"ge", MATH_GE},     {"ne", MATH_NE},
                 {"in", MATH_IN}, {"approx", MATH_EQ}, {"equals", MATH_EQ}};
    const struct math_token *t = math_next(p, 0), *next = math_next(p, 1);
    bool equals = math_token_is(next, '=');
    if (math_token_is(t, '=')) {
        p->at += math_token_is(next, '=') ? 2 : 1;
        return MATH_EQ;
    }
    if (math_token_is(t, '<') || math_token_is(t, '>')) {
        p->at += equals ? 2 : 1;
        return math_token_is(t, '<') ? equals ? MATH_LE : MATH_LT : equals ? MATH_GE : MATH_GT;
    }
    if (math_token_is(t, '!') && equals) {
        p->at += 2;
        return MATH_NE;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (math_token_says(t, names[i].name)) {
            p->at++;
            return names[i].op;
        }
    return -1;
}

/* "\sqrt{2} \approx 1.414" answers \sqrt{2}: what follows is read and left out. */
static bool rounded(struct math_parser *p, const struct math_node *x)
{
    if (x->kind == MATH_SYMBOL || !math_token_says(math_next(p, 0), "approx"))
        return true;
    p->at++;
    return math_read_quantity(p) != NULL;
}

struct math_node *math_read_item(struct math_parser *p)
{
    struct math_node *sides[8];
    int ops[8];
    size_t n = 0;
    /* "\approx 3.14" and "= 5" have nothing on the left. */
    if (math_token_is(math_next(p, 0), '=') || math_token_says(math_next(p, 0), "approx"))
        p->at++;
    do {
        if (n == 8 || !(sides[n++] = set_expression(p)))
            return NULL;
        if (!rounded(p, sides[n - 1]))
            return NULL;
    } while ((ops[n - 1] = relation(p)) >= 0);
    if (n == 1)
        return sides[0];
    struct math_node *x = math_many(p->tree, MATH_RELATION, 0, sides, n);
    int *copy = arena_alloc(p->tree->arena, n * sizeof *copy);
    if (!x || !copy)
        return NULL;
    memcpy(copy, ops, (n - 1) * sizeof *copy);
    x->ops = copy;
    return x;
}

/* ---- several answers ---- */

enum separator { SEPARATOR_NONE, SEPARATOR_COMMA, SEPARATOR_OR, SEPARATOR_AND };

static enum separator separator(struct math_parser *p)
{
    enum separator s = SEPARATOR_NONE;
    for (;;) {
        if (math_skip_sign(p, ',') || math_skip_sign(p, ';') || math_skip_word(p, "\\"))
            s = s ? s : SEPARATOR_COMMA;
        else if (math_skip_word(p, "or"))
            s = SEPARATOR_OR;
        else if (math_skip_word(p, "and"))
            s = SEPARATOR_AND;
        else
            return s;
    }
}

static bool assigns(const struct math_node *x)
{
    return x->kind == MATH_RELATION && x->n == 2 && x->ops[0] == MATH_EQ &&
           x->kids[0]->kind == MATH_SYMBOL;
}

/* "x = 1, 2" is "x = 1, x = 2". */
static bool spread(struct math_parser *p, struct math_node **items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (!assigns(items[i - 1]) || !math_scalar(items[i]))
            continue;
        struct math_node *x = math_two(p->tree, MATH_RELATION, 0, items[i - 1]->kids[0], items[i]);
        if (!x)
            return false;
        x->ops = items[i - 1]->ops;
        items[i] = x;
    }
    return true;
}

struct math_node *math_read_statements(struct math_parser *p)
{
    struct math_node *items[MATH_MAX_ITEMS];
    enum separator all = SEPARATOR_NONE, s;
    size_t n = 0;
    bool relations = true;
    for (;;) {
        if (n == MATH_MAX_ITEMS || !(items[n++] = math_read_item(p)))
            return NULL;
        relations &= items[n - 1]->kind == MATH_RELATION;
        s = separator(p);
        if (s == SEPARATOR_NONE)
            break;
        /* "1, 2 and 3" and "x < 1 or x > 2" take their word from the last. */
        all = s;
        if (math_next(p, 0)->type == TOKEN_END)
            return NULL;
    }
    if (math_next(p, 0)->type != TOKEN_END)
        return NULL;
    if (n == 1)
        return items[0];
    if (!spread(p, items, n))
        return NULL;
    enum math_kind kind = !relations || all == SEPARATOR_COMMA ? MATH_LIST
                          : all == SEPARATOR_OR                ? MATH_ANY
                                                               : MATH_ALL;
    return math_many(p->tree, kind, 0, items, n);
}
