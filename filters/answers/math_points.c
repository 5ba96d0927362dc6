/* Expressions with variables, compared at rational points. */
#include "filters/answers/math_equal.h"
#include "filters/answers/math_eval.h"

#define POINTS 14     /* tried */
#define ENOUGH 3      /* points of agreement that are asked for at least */
#define WHOLE_FROM 8  /* points from here on have whole coordinates: for n! and (-1)^n */
#define ROUGH 128     /* binary digits of a first look … */
#define FINE 640      /* … and of a second */
#define AGREEMENT 480 /* binary digits that have to agree then */

/* What variables may be: at even points positive, at odd ones of both signs; by turns larger and
 * smaller than one, so that arc sines and roots of 1 - x find a place. */
static void choose(struct rng *rng, int nth, struct math_point *point, bool *positive)
{
    *positive = true;
    for (size_t i = 0; i < point->symbols->n; i++) {
        bool small = nth % 4 >= 2;
        long over = (long)rng_below(rng, 4000) + 3, under = (long)rng_below(rng, 90) + 11;
        if (nth >= WHOLE_FROM) {
            over = (long)rng_below(rng, 40) + 1;
            under = 1;
        } else if (small) {
            under = over + 1 + (long)rng_below(rng, 1000);
        }
        bool minus = nth % 2 && nth < WHOLE_FROM && (rng_u64(rng) & 1 || i == 0);
        *positive &= !minus;
        mpq_set_si(point->values[i], minus ? -over : over, (unsigned long)under);
        mpq_canonicalize(point->values[i]);
    }
}

static void point_init(struct math_point *p, const struct math_symbols *symbols, uint64_t seed)
{
    p->symbols = symbols;
    p->seed = seed;
    p->ranged = 0;
    mpq_init(p->high);
    for (size_t i = 0; i < symbols->n; i++)
        mpq_init(p->values[i]);
}

static void point_clear(struct math_point *p)
{
    mpq_clear(p->high);
    for (size_t i = 0; i < p->symbols->n; i++)
        mpq_clear(p->values[i]);
}

enum look { LOOK_AGREE, LOOK_APART, LOOK_UNKNOWN, LOOK_NEITHER, LOOK_ONE };

static void evaluate(struct math_work *w, mpfr_prec_t precision, const struct math_node *x,
                     const struct math_point *point, struct math_value *v)
{
    struct math_budget m = {.steps = w->steps, .precision = precision};
    math_eval(&m, x, point, v);
    w->steps = m.steps;
}

static bool small(const struct math_value *d)
{
    if (d->state == VALUE_EXACT)
        return mpq_sgn(d->re) == 0 && mpq_sgn(d->im) == 0;
    const mpfi_srcptr parts[] = {d->re_in, d->complex ? d->im_in : d->re_in};
    for (size_t i = 0; i < 2; i++)
        if ((mpfr_zero_p(&parts[i]->left) == 0 && mpfr_get_exp(&parts[i]->left) > -AGREEMENT) ||
            (mpfr_zero_p(&parts[i]->right) == 0 && mpfr_get_exp(&parts[i]->right) > -AGREEMENT))
            return false;
    return true;
}

/* At one point. real: a value that is not real counts as none. */
static enum look look(struct math_work *w, mpfr_prec_t precision, const struct math_node *a,
                      const struct math_node *b, const struct math_point *point, bool real)
{
    struct math_value x, y;
    enum look found = LOOK_UNKNOWN;
    math_value_init(&x);
    math_value_init(&y);
    evaluate(w, precision, a, point, &x);
    evaluate(w, precision, b, point, &y);
    bool none_x = x.state == VALUE_UNDEFINED ||
                  (real && x.state < VALUE_UNDEFINED && !math_value_real(&x));
    bool none_y = y.state == VALUE_UNDEFINED ||
                  (real && y.state < VALUE_UNDEFINED && !math_value_real(&y));
    if (none_x || none_y) {
        found = none_x && none_y ? LOOK_NEITHER : LOOK_ONE;
    } else if (math_value_equal(&x, &y)) {
        found = LOOK_AGREE;
    } else if (math_value_apart(&x, &y)) {
        found = LOOK_APART;
    } else if (precision == FINE && x.state <= VALUE_INTERVAL && y.state <= VALUE_INTERVAL) {
        struct math_budget m = {.steps = w->steps, .precision = precision};
        math_value_subtract(&m, &x, &x, &y);
        found = x.state <= VALUE_INTERVAL && small(&x) ? LOOK_AGREE : LOOK_UNKNOWN;
    }
    math_value_clear(&x);
    math_value_clear(&y);
    if (found == LOOK_UNKNOWN && precision == ROUGH && w->steps > 0)
        return look(w, FINE, a, b, point, real);
    return found;
}

struct tally {
    int agree, apart, apart_positive, unknown, one;
};

/* Whether to go on: not when a difference is found where all variables are positive. */
static bool note(struct tally *t, enum look found, bool positive)
{
    t->agree += found == LOOK_AGREE;
    t->apart += found == LOOK_APART;
    t->apart_positive += found == LOOK_APART && positive;
    t->unknown += found == LOOK_UNKNOWN;
    t->one += found == LOOK_ONE;
    return !t->apart_positive;
}

static enum answer_verdict conclude(struct math_work *w, const struct tally *t)
{
    w->partial |= t->one > 0;
    if (t->apart) {
        w->positive = !t->apart_positive && t->agree >= 2;
        return ANSWER_DIFFERENT;
    }
    return t->agree >= ENOUGH && t->unknown <= t->agree && w->steps > 0 ? ANSWER_EQUAL
                                                                        : ANSWER_UNKNOWN;
}

static enum answer_verdict compare(struct math_work *w, const struct math_node *a,
                                   const struct math_node *b, const struct math_symbols *symbols)
{
    struct math_point point;
    struct tally t = {0};
    struct rng rng;
    bool real = !math_has(a, MATH_CONSTANT, MATH_I) && !math_has(b, MATH_CONSTANT, MATH_I);
    rng_init(&rng, w->seed);
    point_init(&point, symbols, w->seed);
    for (int i = 0; i < POINTS && w->steps > 0; i++) {
        bool positive;
        if (i >= WHOLE_FROM && t.agree >= ENOUGH)
            break;
        /* What has no value between whole numbers is not held against it. */
        t.unknown = i == WHOLE_FROM ? 0 : t.unknown;
        choose(&rng, i, &point, &positive);
        if (!note(&t, look(w, ROUGH, a, b, &point, real), positive))
            break;
    }
    point_clear(&point);
    return conclude(w, &t);
}

enum answer_verdict math_equal(struct math_work *w, const struct math_node *a,
                               const struct math_node *b)
{
    struct math_symbols symbols = {.n = 0};
    w->positive = w->partial = false;
    math_symbols_of(a, &symbols);
    math_symbols_of(b, &symbols);
    if (symbols.full)
        return ANSWER_UNKNOWN;
    bool unknown_function = math_has(a, MATH_APPLY, -1) || math_has(b, MATH_APPLY, -1);
    if (symbols.n == 0 && !unknown_function)
        return math_equal_constants(w, a, b);
    return compare(w, a, b, &symbols);
}

/* ---- equations ---- */

/* a(p) b(q) - a(q) b(p), which is 0 for all p and q when one is a multiple of the other. */
static enum look cross(struct math_work *w, const struct math_value at[2],
                       const struct math_value here[2])
{
    struct math_budget m = {.steps = w->steps, .precision = FINE};
    struct math_value x, y;
    enum look found = LOOK_UNKNOWN;
    math_value_init(&x);
    math_value_init(&y);
    math_value_multiply(&m, &x, &at[0], &here[1]);
    math_value_multiply(&m, &y, &at[1], &here[0]);
    if (math_value_equal(&x, &y))
        found = LOOK_AGREE;
    else if (math_value_apart(&x, &y))
        found = LOOK_APART;
    math_value_subtract(&m, &x, &x, &y);
    if (found == LOOK_UNKNOWN && x.state <= VALUE_INTERVAL && small(&x))
        found = LOOK_AGREE;
    w->steps = m.steps;
    math_value_clear(&x);
    math_value_clear(&y);
    return found;
}

static bool usable(const struct math_value *v)
{
    return v->state <= VALUE_INTERVAL && math_value_real(v);
}

static enum answer_verdict proportional(struct math_work *w, const struct math_node *a,
                                        const struct math_node *b,
                                        const struct math_symbols *symbols, int *ratio_sign)
{
    struct math_value first[2], here[2];
    struct math_point point;
    struct tally t = {0};
    struct rng rng;
    bool begun = false, none = false;
    rng_init(&rng, w->seed);
    point_init(&point, symbols, w->seed);
    for (int i = 0; i < 2; i++) {
        math_value_init(&first[i]);
        math_value_init(&here[i]);
    }
    for (int i = 0; i < POINTS && w->steps > 0 && !t.apart && t.agree < 6; i++) {
        bool positive;
        choose(&rng, i, &point, &positive);
        evaluate(w, FINE, a, &point, &here[0]);
        evaluate(w, FINE, b, &point, &here[1]);
        if (!usable(&here[0]) || !usable(&here[1]))
            continue;
        int signs[2] = {math_value_sign(&here[0]), math_value_sign(&here[1])};
        none |= (signs[0] == 0) != (signs[1] == 0) && signs[0] != 2 && signs[1] != 2;
        if (signs[0] == 2 || signs[1] == 2 || signs[0] == 0 || signs[1] == 0)
            continue;
        *ratio_sign = signs[0] * signs[1];
        if (begun)
            note(&t, cross(w, first, here), true);
        for (int k = 0; k < 2 && !begun; k++)
            math_value_set(&first[k], &here[k]);
        begun = true;
    }
    for (int i = 0; i < 2; i++) {
        math_value_clear(&first[i]);
        math_value_clear(&here[i]);
    }
    point_clear(&point);
    t.unknown += none;
    return none ? ANSWER_DIFFERENT : conclude(w, &t);
}

enum answer_verdict math_proportional(struct math_work *w, const struct math_node *a,
                                      const struct math_node *b, int *ratio_sign)
{
    struct math_symbols symbols = {.n = 0};
    math_symbols_of(a, &symbols);
    math_symbols_of(b, &symbols);
    *ratio_sign = 1;
    return symbols.full || symbols.n == 0 ? ANSWER_UNKNOWN
                                          : proportional(w, a, b, &symbols, ratio_sign);
}

/* Makes the i-th variable solve a = 0 when a is linear in it, the others as they are. */
static bool solve(struct math_work *w, const struct math_node *a, struct math_point *point,
                  size_t i)
{
    struct math_value at[3];
    for (int k = 0; k < 3; k++) {
        math_value_init(&at[k]);
        mpq_set_si(point->values[i], k, 1);
        evaluate(w, ROUGH, a, point, &at[k]);
    }
    bool exact = at[0].state == VALUE_EXACT && at[1].state == VALUE_EXACT &&
                 at[2].state == VALUE_EXACT && math_value_real(&at[0]) && math_value_real(&at[1]);
    bool ok = false;
    if (exact) {
        /* at1 - at0 is the slope; a third point tells whether it is one. */
        mpq_sub(at[2].re, at[2].re, at[1].re);
        mpq_sub(at[1].re, at[1].re, at[0].re);
        ok = mpq_equal(at[1].re, at[2].re) && mpq_sgn(at[1].re) != 0;
        if (ok) {
            mpq_div(point->values[i], at[0].re, at[1].re);
            mpq_neg(point->values[i], point->values[i]);
        }
    }
    if (ok) {
        evaluate(w, ROUGH, a, point, &at[0]);
        ok = at[0].state == VALUE_EXACT && mpq_sgn(at[0].re) == 0;
    }
    for (int k = 0; k < 3; k++)
        math_value_clear(&at[k]);
    return ok;
}

/* At points where a = 0: whether b = 0 as well. */
static void solve_one_way(struct math_work *w, const struct math_node *a, const struct math_node *b,
                          const struct math_symbols *symbols, struct tally *t)
{
    struct math_point point;
    struct rng rng;
    rng_init(&rng, w->seed);
    point_init(&point, symbols, w->seed);
    for (size_t i = 0; i < symbols->n && !t->apart; i++)
        for (int nth = 0; nth < 4 && w->steps > 0 && !t->apart; nth++) {
            bool positive;
            choose(&rng, nth, &point, &positive);
            if (!solve(w, a, &point, i))
                break;
            struct math_value v;
            math_value_init(&v);
            evaluate(w, ROUGH, b, &point, &v);
            if (v.state == VALUE_EXACT)
                note(t, mpq_sgn(v.re) || mpq_sgn(v.im) ? LOOK_APART : LOOK_AGREE, true);
            math_value_clear(&v);
        }
    point_clear(&point);
}

static int sign_at(struct math_work *w, const struct math_node *x, const struct math_point *point)
{
    struct math_value v;
    math_value_init(&v);
    evaluate(w, ROUGH, x, point, &v);
    int sign = v.state <= VALUE_INTERVAL ? math_value_sign(&v) : 2;
    math_value_clear(&v);
    return sign;
}

/* Halves the range of the i-th variable, at whose ends a has two signs, until it is narrow. */
static bool narrow(struct math_work *w, const struct math_node *a, struct math_point *point,
                   size_t i, int low_sign)
{
    mpq_t low, high;
    mpq_inits(low, high, NULL);
    mpq_set(low, point->values[i]);
    mpq_set(high, point->high);
    bool ok = true;
    for (int k = 0; k < 30 && ok; k++) {
        mpq_add(point->values[i], low, high);
        mpq_div_2exp(point->values[i], point->values[i], 1);
        int sign = sign_at(w, a, point);
        ok = sign == 1 || sign == -1;
        mpq_set(sign == low_sign ? low : high, point->values[i]);
    }
    mpq_set(point->values[i], low);
    mpq_set(point->high, high);
    mpq_clears(low, high, NULL);
    return ok;
}

/* Whether b is nowhere 0 on the narrow range, on which a, being continuous, is 0 somewhere. */
static bool crosses_alone(struct math_work *w, const struct math_node *a, const struct math_node *b,
                          struct math_point *point, size_t i)
{
    struct math_value v;
    math_value_init(&v);
    point->ranged = i + 1;
    evaluate(w, ROUGH, a, point, &v);
    bool continuous = v.state == VALUE_INTERVAL && math_value_real(&v);
    int sign = continuous ? sign_at(w, b, point) : 2;
    point->ranged = 0;
    math_value_clear(&v);
    return sign == 1 || sign == -1;
}

/* Looks along the i-th variable for a change of the sign of a where b is not 0. */
static bool zero_of_one_alone(struct math_work *w, const struct math_node *a,
                              const struct math_node *b, struct math_point *point, size_t i)
{
    int last = 2;
    for (long at = -12; at <= 12 && w->steps > 0; at++) {
        /* Off the whole numbers, where zeros are likely. */
        mpq_set_si(point->values[i], 7 * at + 3, 7);
        mpq_canonicalize(point->values[i]);
        int sign = sign_at(w, a, point);
        if (last * sign == -1) {
            mpq_set(point->high, point->values[i]);
            mpq_set_si(point->values[i], 7 * (at - 1) + 3, 7);
            mpq_canonicalize(point->values[i]);
            if (narrow(w, a, point, i, last) && crosses_alone(w, a, b, point, i))
                return true;
        }
        last = sign;
    }
    return false;
}

static bool crossing(struct math_work *w, const struct math_node *a, const struct math_node *b,
                     const struct math_symbols *symbols)
{
    static const long others[] = {0, 1, -1, 5};
    struct math_point point;
    bool found = false;
    point_init(&point, symbols, w->seed);
    for (size_t i = 0; i < symbols->n && !found; i++)
        for (size_t k = 0; k < sizeof others / sizeof others[0] && !found; k++) {
            for (size_t j = 0; j < symbols->n; j++) {
                mpq_set_si(point.values[j], 3 * others[k] + 1, 3);
                mpq_canonicalize(point.values[j]);
            }
            found = zero_of_one_alone(w, a, b, &point, i);
        }
    point_clear(&point);
    return found;
}

enum answer_verdict math_zeros(struct math_work *w, const struct math_node *a,
                               const struct math_node *b)
{
    struct math_symbols symbols = {.n = 0};
    struct tally there = {0}, back = {0};
    math_symbols_of(a, &symbols);
    math_symbols_of(b, &symbols);
    if (symbols.full || symbols.n == 0)
        return ANSWER_UNKNOWN;
    solve_one_way(w, a, b, &symbols, &there);
    if (!there.apart)
        solve_one_way(w, b, a, &symbols, &back);
    if (there.apart || back.apart)
        return ANSWER_DIFFERENT;
    if (there.agree >= ENOUGH && back.agree >= ENOUGH)
        return ANSWER_EQUAL;
    return crossing(w, a, b, &symbols) || crossing(w, b, a, &symbols) ? ANSWER_DIFFERENT
                                                                      : ANSWER_UNKNOWN;
}
