/* Two constants: which is larger, or are they one. */
#include "filters/answers/math_bound.h"
#include "filters/answers/math_equal.h"
#include "filters/answers/math_modular.h"

#define PROOF_BITS 8192 /* of a separation bound that is still evaluated */
#define THUMB_BITS 4096 /* of a rule of thumb */
#define THUMB_SIZE 160  /* nodes of the expressions it is trusted for */

/* Both values at a precision; false when one of them has none. */
static bool evaluate(struct math_work *w, mpfr_prec_t precision, const struct math_node *a,
                     const struct math_node *b, struct math_value *x, struct math_value *y)
{
    struct math_budget m = {.steps = w->steps, .precision = precision};
    math_eval(&m, a, NULL, x);
    math_eval(&m, b, NULL, y);
    w->steps = m.steps;
    return x->state <= VALUE_INTERVAL && y->state <= VALUE_INTERVAL;
}

/* The order of two values that are apart. */
static int direction(struct math_work *w, mpfr_prec_t precision, const struct math_value *x,
                     const struct math_value *y)
{
    struct math_value d;
    struct math_budget m = {.steps = w->steps + 1000, .precision = precision};
    math_value_init(&d);
    math_value_subtract(&m, &d, x, y);
    int sign = math_value_sign(&d);
    math_value_clear(&d);
    return sign ? sign : 2;
}

static bool within(mpfi_srcptr d, int64_t bits)
{
    mpfr_exp_t most = (mpfr_exp_t)-bits;
    return (mpfr_zero_p(&d->left) != 0 || mpfr_get_exp(&d->left) <= most) &&
           (mpfr_zero_p(&d->right) != 0 || mpfr_get_exp(&d->right) <= most);
}

/* Whether |x - y| < 2^-bits. */
static bool agree(struct math_work *w, mpfr_prec_t precision, int64_t bits,
                  const struct math_value *x, const struct math_value *y)
{
    struct math_value d;
    struct math_budget m = {.steps = w->steps, .precision = precision};
    math_value_init(&d);
    math_value_subtract(&m, &d, x, y);
    math_value_interval(&m, &d);
    bool ok = d.state == VALUE_INTERVAL && within(d.re_in, bits + 1) &&
              (!d.complex || within(d.im_in, bits + 1));
    math_value_clear(&d);
    return ok;
}

/* At one precision: *sign -1 or 1 when apart, 0 when equal; 2 when it takes more. need: the bits of
 * agreement that mean equality; 0: none do. */
static int look(struct math_work *w, mpfr_prec_t precision, int64_t need, const struct math_node *a,
                const struct math_node *b, bool *apart)
{
    struct math_value x, y;
    int sign = 2;
    math_value_init(&x);
    math_value_init(&y);
    if (evaluate(w, precision, a, b, &x, &y)) {
        if (math_value_equal(&x, &y)) {
            sign = 0;
        } else if (math_value_apart(&x, &y)) {
            *apart = true;
            sign = direction(w, precision, &x, &y);
        } else if (need && agree(w, precision, need, &x, &y)) {
            sign = 0;
        }
    }
    math_value_clear(&x);
    math_value_clear(&y);
    return sign;
}

/* With as many digits as a proof takes. */
static int prove(struct math_work *w, const struct math_node *a, const struct math_node *b,
                 bool *apart)
{
    struct math_budget m = {.steps = w->steps, .precision = 64};
    struct math_bound bound;
    math_bound_of(&m, a, b, &bound);
    w->steps = m.steps;
    int64_t need = math_bound_bits(&bound);
    bool proof = bound.algebraic && need <= PROOF_BITS;
    if (!proof) {
        bound.algebraic = false;
        need = math_bound_bits(&bound);
        if (need > THUMB_BITS || math_size(a) + math_size(b) > THUMB_SIZE)
            return 2;
    }
    int64_t extra = 128 + (bound.over < 1024 ? bound.over : 1024);
    int sign = look(w, (mpfr_prec_t)(need + extra), need, a, b, apart);
    if (sign == 2 && !*apart && need + 16 * extra < 2 * PROOF_BITS)
        sign = look(w, (mpfr_prec_t)(need + 16 * extra), need, a, b, apart);
    return sign;
}

static int order(struct math_work *w, const struct math_node *a, const struct math_node *b,
                 bool *apart)
{
    static const mpfr_prec_t precisions[] = {96, 384};
    for (size_t i = 0; i < sizeof precisions / sizeof precisions[0]; i++) {
        int sign = look(w, precisions[i], 0, a, b, apart);
        if (sign != 2 || *apart)
            return sign;
    }
    struct rng rng;
    rng_init(&rng, w->seed);
    struct math_budget m = {.steps = w->steps, .precision = 96};
    enum answer_verdict v = math_modular(&m, &rng, a, b);
    w->steps = m.steps;
    *apart = v == ANSWER_DIFFERENT;
    if (v != ANSWER_UNKNOWN)
        return v == ANSWER_EQUAL ? 0 : 2;
    return prove(w, a, b, apart);
}

/* -1 or 1 for an infinity, else 0. */
static int infinity(const struct math_node *x)
{
    if (x->kind == MATH_NEGATIVE)
        return -infinity(x->kids[0]);
    return x->kind == MATH_CONSTANT && x->op == MATH_INFINITY;
}

int math_order(struct math_work *w, const struct math_node *a, const struct math_node *b)
{
    int x = infinity(a), y = infinity(b);
    bool apart = false;
    if (x || y)
        return (x > y) - (x < y);
    return order(w, a, b, &apart);
}

enum answer_verdict math_equal_constants(struct math_work *w, const struct math_node *a,
                                         const struct math_node *b)
{
    int x = infinity(a), y = infinity(b);
    bool apart = false;
    if (x || y)
        return x == y ? ANSWER_EQUAL : ANSWER_DIFFERENT;
    int sign = order(w, a, b, &apart);
    return sign == 0 ? ANSWER_EQUAL : apart || sign != 2 ? ANSWER_DIFFERENT : ANSWER_UNKNOWN;
}

int math_close(struct math_work *w, const struct math_node *decimal, const struct math_node *x)
{
    struct math_value v, exact, gap, unit;
    struct math_budget m = {.steps = w->steps, .precision = 256};
    int close = -1;
    math_value_init(&v);
    math_value_init(&exact);
    math_value_init(&gap);
    math_value_init(&unit);
    math_eval(&m, x, NULL, &v);
    math_eval(&m, decimal, NULL, &exact);
    if (math_value_real(&v)) {
        const struct math_node *literal = decimal;
        while (literal->kind == MATH_NEGATIVE)
            literal = literal->kids[0];
        math_value_set_si(&unit, 10);
        math_value_power(&m, &unit, &unit, -(long)literal->scale);
        math_value_subtract(&m, &gap, &v, &exact);
        math_value_call(&m, &gap, MATH_ABS);
        /* Rounded or cut off: less than one in the last place. */
        math_value_subtract(&m, &gap, &unit, &gap);
        close = math_value_sign(&gap) == 1 ? 1 : math_value_sign(&gap) == 2 ? -1 : 0;
    }
    w->steps = m.steps;
    math_value_clear(&v);
    math_value_clear(&exact);
    math_value_clear(&gap);
    math_value_clear(&unit);
    return close;
}
