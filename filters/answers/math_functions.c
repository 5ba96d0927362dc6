/* Exponentials, logarithms, circle functions, and what makes whole numbers. */
#include "filters/answers/math_tree.h"
#include "filters/answers/math_value.h"

#define WEIGHT 24              /* of a transcendental operation beside an addition */
#define MAX_EXPONENT (1 << 20) /* binary, of an argument */

/* An interval of its own in place of an exact value; false: v has no value or the budget is gone.
 */
static bool prepare(struct math_budget *m, struct math_value *v)
{
    if (v->state > VALUE_INTERVAL)
        return false;
    if (!math_charge(m, WEIGHT, (size_t)m->precision)) {
        math_value_unknown(v);
        return false;
    }
    math_value_interval(m, v);
    return true;
}

static void settle(struct math_value *v)
{
    if (mpfi_bounded_p(v->re_in) == 0 || (v->complex && mpfi_bounded_p(v->im_in) == 0))
        math_value_unknown(v);
}

/* |v| < 2^20: beyond that exponentials and circle functions cost too much. */
static bool moderate(const struct math_value *v)
{
    return mpfr_cmp_si(&v->re_in->right, MAX_EXPONENT) < 0 &&
           mpfr_cmp_si(&v->re_in->left, -MAX_EXPONENT) > 0;
}

/* ---- exponentials and logarithms ---- */

void math_value_pi(struct math_budget *m, struct math_value *v)
{
    math_value_set_si(v, 0);
    math_value_interval(m, v);
    mpfi_const_pi(v->re_in);
}

static void exponential(struct math_budget *m, struct math_value *v)
{
    if (v->state == VALUE_EXACT && mpq_sgn(v->re) == 0 && mpq_sgn(v->im) == 0) {
        math_value_set_si(v, 1);
        return;
    }
    if (!prepare(m, v))
        return;
    if (!moderate(v)) {
        math_value_unknown(v);
        return;
    }
    if (v->complex) {
        mpfi_t size, angle;
        mpfi_init2(size, m->precision);
        mpfi_init2(angle, m->precision);
        mpfi_exp(size, v->re_in);
        mpfi_set(angle, v->im_in);
        if (mpfr_cmp_si(&angle->right, MAX_EXPONENT) < 0 &&
            mpfr_cmp_si(&angle->left, -MAX_EXPONENT) > 0) {
            mpfi_cos(v->re_in, angle);
            mpfi_sin(v->im_in, angle);
            mpfi_mul(v->re_in, v->re_in, size);
            mpfi_mul(v->im_in, v->im_in, size);
            settle(v);
        } else {
            math_value_unknown(v);
        }
        mpfi_clear(size);
        mpfi_clear(angle);
        return;
    }
    mpfi_exp(v->re_in, v->re_in);
    settle(v);
}

static void logarithm(struct math_budget *m, struct math_value *v)
{
    int sign = math_value_sign(v);
    if (v->state == VALUE_EXACT && sign == 0) {
        math_value_undefined(v);
        return;
    }
    if (v->state == VALUE_EXACT && mpq_cmp_si(v->re, 1, 1) == 0 && sign == 1) {
        math_value_set_si(v, 0);
        return;
    }
    if (!prepare(m, v))
        return;
    if (sign == 2) {
        math_value_unknown(v);
        return;
    }
    if (sign < 0) {
        mpfi_neg(v->re_in, v->re_in);
        mpfi_set_prec(v->im_in, m->precision);
        mpfi_const_pi(v->im_in);
        v->complex = true;
    }
    mpfi_log(v->re_in, v->re_in);
    settle(v);
}

/* x = base^(p/q) exactly, for small p and q near what the intervals say: then r is p/q. */
static bool exact_log(struct math_value *r, const struct math_value *x,
                      const struct math_value *base)
{
    bool small = mpz_sizeinbase(mpq_numref(x->re), 2) < 2000 &&
                 mpz_sizeinbase(mpq_denref(x->re), 2) < 2000 &&
                 mpz_sizeinbase(mpq_numref(base->re), 2) < 2000 &&
                 mpz_sizeinbase(mpq_denref(base->re), 2) < 2000;
    double a = mpfi_get_d(r->re_in);
    if (!small || a > 2000 || a < -2000)
        return false;
    bool found = false;
    struct math_budget m = {.steps = 100000, .precision = 64};
    struct math_value left, right;
    math_value_init(&left);
    math_value_init(&right);
    for (long q = 1; q <= 12 && !found; q++) {
        double p = a * (double)q;
        long n = (long)(p < 0 ? p - 0.5 : p + 0.5);
        if (p - (double)n > 1e-6 || p - (double)n < -1e-6)
            continue;
        math_value_power(&m, &left, base, n);
        math_value_power(&m, &right, x, q);
        found = math_value_equal(&left, &right);
        if (found) {
            math_value_set_si(r, n);
            mpq_set_si(r->re, n, (unsigned long)q);
            mpq_canonicalize(r->re);
        }
    }
    math_value_clear(&left);
    math_value_clear(&right);
    return found;
}

void math_value_log(struct math_budget *m, struct math_value *r, const struct math_value *x,
                    const struct math_value *base)
{
    struct math_value under;
    math_value_init(&under);
    math_value_set(&under, base);
    math_value_set(r, x);
    bool exact = x->state == VALUE_EXACT && base->state == VALUE_EXACT && math_value_sign(x) == 1 &&
                 math_value_sign(base) == 1;
    logarithm(m, &under);
    logarithm(m, r);
    math_value_divide(m, r, r, &under);
    if (exact && r->state == VALUE_INTERVAL)
        exact_log(r, x, base);
    math_value_clear(&under);
}

/* ---- the circle ---- */

static void quotient(struct math_budget *m, struct math_value *v, int over, int under)
{
    struct math_value x;
    math_value_init(&x);
    math_value_set(&x, v);
    if (over < 0)
        math_value_set_si(v, 1);
    else
        math_value_call(m, v, over);
    math_value_call(m, &x, under);
    math_value_divide(m, v, v, &x);
    math_value_clear(&x);
}

/* Arc sine and arc cosine, inside [-1, 1]. */
static void arc(struct math_value *v, int function)
{
    if (mpfr_cmp_si(&v->re_in->left, -1) < 0 || mpfr_cmp_si(&v->re_in->right, 1) > 0) {
        bool outside = mpfr_cmp_si(&v->re_in->right, -1) < 0 || mpfr_cmp_si(&v->re_in->left, 1) > 0;
        if (outside)
            math_value_undefined(v);
        else
            math_value_unknown(v);
        return;
    }
    if (function == MATH_ASIN)
        mpfi_asin(v->re_in, v->re_in);
    else
        mpfi_acos(v->re_in, v->re_in);
    settle(v);
}

static void real_function(struct math_value *v, int function)
{
    switch (function) {
    case MATH_SIN:
        mpfi_sin(v->re_in, v->re_in);
        break;
    case MATH_COS:
        mpfi_cos(v->re_in, v->re_in);
        break;
    case MATH_TAN:
        mpfi_tan(v->re_in, v->re_in);
        break;
    case MATH_SINH:
        mpfi_sinh(v->re_in, v->re_in);
        break;
    case MATH_COSH:
        mpfi_cosh(v->re_in, v->re_in);
        break;
    case MATH_TANH:
        mpfi_tanh(v->re_in, v->re_in);
        break;
    case MATH_ATAN:
        mpfi_atan(v->re_in, v->re_in);
        break;
    default:
        math_value_unknown(v);
        return;
    }
    settle(v);
}

static void floor_of(struct math_budget *m, struct math_value *v, bool up)
{
    if (!math_value_real(v)) {
        math_value_unknown(v);
        return;
    }
    mpz_t low, high;
    mpz_inits(low, high, NULL);
    if (v->state == VALUE_EXACT) {
        if (up)
            mpz_cdiv_q(low, mpq_numref(v->re), mpq_denref(v->re));
        else
            mpz_fdiv_q(low, mpq_numref(v->re), mpq_denref(v->re));
        mpz_set(high, low);
    } else if (mpfr_get_exp(&v->re_in->right) < 4096 && mpfr_get_exp(&v->re_in->left) < 4096) {
        mpfr_get_z(low, &v->re_in->left, up ? MPFR_RNDU : MPFR_RNDD);
        mpfr_get_z(high, &v->re_in->right, up ? MPFR_RNDU : MPFR_RNDD);
    } else {
        mpz_set_si(high, 1);
    }
    if (mpz_cmp(low, high) == 0) {
        math_value_set_si(v, 0);
        mpq_set_z(v->re, low);
    } else {
        math_value_unknown(v);
    }
    m->steps--;
    mpz_clears(low, high, NULL);
}

static void absolute(struct math_budget *m, struct math_value *v)
{
    if (math_value_sign(v) < 0) {
        math_value_negate(v);
    } else if (!math_value_real(v) && v->state == VALUE_EXACT) {
        struct math_value c;
        math_value_init(&c);
        math_value_set(&c, v);
        mpq_neg(c.im, c.im);
        math_value_multiply(m, v, v, &c);
        math_value_root(m, v, 2);
        math_value_clear(&c);
    } else if (v->state == VALUE_INTERVAL) {
        if (v->complex)
            mpfi_hypot(v->re_in, v->re_in, v->im_in);
        else
            mpfi_abs(v->re_in, v->re_in);
        v->complex = false;
    }
}

static void factorial(struct math_budget *m, struct math_value *v)
{
    long n;
    if (!math_value_integer(v, &n) || n > 5000) {
        if (v->state <= VALUE_INTERVAL)
            math_value_unknown(v);
    } else if (n < 0) {
        math_value_undefined(v);
    } else if (math_charge(m, n / 50 + 1, (size_t)n)) {
        mpz_fac_ui(mpq_numref(v->re), (unsigned long)n);
    } else {
        math_value_unknown(v);
    }
}

void math_value_call(struct math_budget *m, struct math_value *v, int function)
{
    bool zero = v->state == VALUE_EXACT && mpq_sgn(v->re) == 0 && mpq_sgn(v->im) == 0;
    switch (function) {
    case MATH_EXP:
        exponential(m, v);
        return;
    case MATH_LN:
        logarithm(m, v);
        return;
    case MATH_FACTORIAL:
        factorial(m, v);
        return;
    case MATH_ABS:
        absolute(m, v);
        return;
    case MATH_FLOOR:
    case MATH_CEIL:
        floor_of(m, v, function == MATH_CEIL);
        return;
    case MATH_COT:
        quotient(m, v, MATH_COS, MATH_SIN);
        return;
    case MATH_SEC:
        quotient(m, v, -1, MATH_COS);
        return;
    case MATH_CSC:
        quotient(m, v, -1, MATH_SIN);
        return;
    default:
        break;
    }
    if (zero && (function == MATH_COS || function == MATH_COSH)) {
        math_value_set_si(v, 1);
        return;
    }
    if (zero && function != MATH_ACOS && function != MATH_ACOT)
        return;
    if (!prepare(m, v))
        return;
    if (v->complex || !moderate(v))
        math_value_unknown(v);
    else if (function == MATH_ASIN || function == MATH_ACOS)
        arc(v, function);
    else
        real_function(v, function);
}

/* Sine of twelfths that are rational: 0, 1/2, 1 of the quarter turn. */
static bool rational_sine(struct math_value *v, mpq_srcptr turns)
{
    static const int twice[12] = {0, 1, 9, 2, 9, 1, 0, -1, 9, -2, 9, -1};
    if (mpz_cmp_ui(mpq_denref(turns), 6) > 0 || 6 % mpz_get_ui(mpq_denref(turns)) != 0)
        return false;
    mpz_t sixths;
    mpz_init(sixths);
    mpz_mul_ui(sixths, mpq_numref(turns), 6 / mpz_get_ui(mpq_denref(turns)));
    int s = twice[mpz_fdiv_ui(sixths, 12)];
    mpz_clear(sixths);
    if (s == 9)
        return false;
    math_value_set_si(v, s);
    mpq_set_si(v->re, s, 2);
    mpq_canonicalize(v->re);
    return true;
}

/* The angle without whole turns, as an interval in v. */
static void reduced_angle(struct math_budget *m, struct math_value *v, mpq_srcptr turns)
{
    struct math_value t;
    mpz_t twice;
    math_value_init(&t);
    mpz_init(twice);
    mpq_set(t.re, turns);
    mpz_mul_2exp(twice, mpq_denref(turns), 1);
    mpz_fdiv_r(mpq_numref(t.re), mpq_numref(t.re), twice);
    mpq_canonicalize(t.re);
    math_value_pi(m, v);
    math_value_multiply(m, v, v, &t);
    math_value_clear(&t);
    mpz_clear(twice);
}

void math_value_turn(struct math_budget *m, struct math_value *v, int function, mpq_srcptr turns)
{
    mpq_t shifted;
    struct math_value under;
    switch (function) {
    case MATH_COS:
        mpq_init(shifted);
        mpq_set_si(shifted, 1, 2);
        mpq_add(shifted, shifted, turns);
        math_value_turn(m, v, MATH_SIN, shifted);
        mpq_clear(shifted);
        return;
    case MATH_TAN:
        math_value_init(&under);
        math_value_turn(m, v, MATH_SIN, turns);
        math_value_turn(m, &under, MATH_COS, turns);
        math_value_divide(m, v, v, &under);
        math_value_clear(&under);
        return;
    default:
        if (rational_sine(v, turns))
            return;
        reduced_angle(m, v, turns);
        math_value_call(m, v, MATH_SIN);
    }
}
