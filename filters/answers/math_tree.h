/*
 * math_tree: an answer as an expression tree. Nodes live in an arena and are never changed once
 * they are handed out, so trees share parts freely.
 */
#ifndef ANSWERS_MATH_TREE_H
#define ANSWERS_MATH_TREE_H

#include "base/arena.h"

#define MATH_MAX_NODES 4000 /* of one tree */
#define MATH_MAX_DEPTH 120  /* of brackets, fractions and powers inside one another */
#define MATH_MAX_ITEMS 256  /* of a list, a sum, a matrix */
#define MATH_ARENA ((size_t)4 << 20)

enum math_kind {
    MATH_NUMBER,   /* text: decimal digits; scale: how many of them stand behind the point */
    MATH_WORDS,    /* a number written in words; kid: the number */
    MATH_BASED,    /* text: digits; op: base; scale as above */
    MATH_SYMBOL,   /* text: name */
    MATH_CONSTANT, /* op: enum math_constant */
    MATH_SUM,      /* kids added */
    MATH_PRODUCT,  /* kids multiplied */
    MATH_NEGATIVE, /* kid */
    MATH_FRACTION, /* over, under */
    MATH_POWER,    /* base, exponent */
    MATH_ROOT,     /* radicand, degree: real for an odd degree */
    MATH_CALL,     /* op: enum math_function; kids: arguments */
    MATH_APPLY,    /* text: name of a function nobody knows; kids: arguments */
    MATH_SIGNED,   /* op: +1 for \pm, -1 for \mp; kid */
    MATH_DEGREES,  /* kid, with a degree sign, inside an expression */
    MATH_PERCENT,  /* kid */
    MATH_QUANTITY, /* kid with a unit */
    MATH_LIST,     /* answers side by side; op: 1 when their order is no matter even for strict */
    MATH_TUPLE,    /* round brackets, or pointed ones */
    MATH_SET,      /* braces */
    MATH_INTERVAL, /* low, high; op: enum math_open; brackets of which one at least is square */
    MATH_UNION,    /* kids */
    MATH_MEET,     /* kids: their intersection */
    MATH_WITHOUT,  /* first without second */
    MATH_REALS,    /* all real numbers */
    MATH_EMPTY,    /* the empty set; op: 1 when said in words */
    MATH_MATRIX,   /* rows; kids row by row */
    MATH_RELATION, /* kids and, between them, ops: enum math_relation */
    MATH_ANY,      /* "or" between statements */
    MATH_ALL,      /* "and" between statements */
    MATH_RATIO,    /* kids */
    MATH_TIME,     /* op: seconds of the day; scale: 2 when am or pm was only half said */
    MATH_TEXT,     /* text: words, lower case, single spaces */
};

enum math_constant { MATH_PI, MATH_E, MATH_I, MATH_INFINITY };
enum math_open { MATH_OPEN_LOW = 1, MATH_OPEN_HIGH = 2 };
enum math_relation { MATH_EQ, MATH_NE, MATH_LT, MATH_LE, MATH_GT, MATH_GE, MATH_IN };

/* name in TeX or in words, number of arguments (0: one or more) */
#define MATH_FUNCTIONS(X) \
    X(EXP, "exp", 1)      \
    X(LN, "ln", 1)        \
    X(LOG, "log", 2)      \
    X(SIN, "sin", 1)      \
    X(COS, "cos", 1)      \
    X(TAN, "tan", 1)      \
    X(COT, "cot", 1)      \
    X(SEC, "sec", 1)      \
    X(CSC, "csc", 1)      \
    X(ASIN, "arcsin", 1)  \
    X(ACOS, "arccos", 1)  \
    X(ATAN, "arctan", 1)  \
    X(ACOT, "arccot", 1)  \
    X(SINH, "sinh", 1)    \
    X(COSH, "cosh", 1)    \
    X(TANH, "tanh", 1)    \
    X(ABS, "abs", 1)      \
    X(FLOOR, "floor", 1)  \
    X(CEIL, "ceil", 1)    \
    X(FACTORIAL, "", 1)   \
    X(BINOMIAL, "", 2)    \
    X(GCD, "gcd", 0)      \
    X(LCM, "lcm", 0)      \
    X(MAX, "max", 0)      \
    X(MIN, "min", 0)

enum math_function {
#define X(name, text, n) MATH_##name,
    MATH_FUNCTIONS(X)
#undef X
        MATH_FUNCTION_COUNT
};

struct math_unit;
struct math_node {
    enum math_kind kind;
    int op;
    uint32_t n; /* kids */
    uint32_t rows;
    uint32_t scale;
    struct slice text;
    struct math_node **kids;
    const int *ops;
    const struct math_unit *unit;
};

/* Where a tree is built: everything is refused, once and for all, past a limit. */
struct math_tree {
    struct arena *arena;
    size_t nodes;
};

/* Each constructor gives NULL past a limit, and when a kid is NULL: so a failure travels up. */
struct math_node *math_leaf(struct math_tree *t, enum math_kind kind, int op, struct slice text);
struct math_node *math_one(struct math_tree *t, enum math_kind kind, int op, struct math_node *kid);
struct math_node *math_two(struct math_tree *t, enum math_kind kind, int op, struct math_node *a,
                           struct math_node *b);
/* math_substitute(t, x, put, context): x with what put(context, t, symbol) gives in place of each
 * symbol; what has no kids is shared. NULL when the tree is full or put gives NULL. */
typedef struct math_node *math_put_fn(void *context, struct math_tree *t,
                                      const struct math_node *symbol);
struct math_node *math_substitute(struct math_tree *t, struct math_node *x, math_put_fn *put,
                                  void *context);
/* math_many(…): copies the array of n kids. */
struct math_node *math_many(struct math_tree *t, enum math_kind kind, int op,
                            struct math_node *const *kids, size_t n);
/* math_number(t, v): v >= 0. */
struct math_node *math_number(struct math_tree *t, unsigned long v);

/* math_scalar(x): whether it is an expression with one value: no list, set, text, relation … */
bool math_scalar(const struct math_node *x);
/* math_has(x, kind, op): whether a node of this kind (and op, unless -1) is anywhere in x. */
bool math_has(const struct math_node *x, enum math_kind kind, int op);
/* math_size(x): nodes, counted as a tree, up to MATH_MAX_NODES. */
size_t math_size(const struct math_node *x);
/* math_same(a, b): the same tree, node for node. */
bool math_same(const struct math_node *a, const struct math_node *b);

#define MATH_MAX_SYMBOLS 12
struct math_symbols {
    struct slice names[MATH_MAX_SYMBOLS];
    size_t n;
    bool full; /* there are more than fit */
};

/* math_symbols(x, s): adds the names of all symbols in x, each once. */
void math_symbols_of(const struct math_node *x, struct math_symbols *s);

/* math_with_sign(t, x, sign): x with every \pm in it decided. */
struct math_node *math_with_sign(struct math_tree *t, struct math_node *x, int sign);

#endif
