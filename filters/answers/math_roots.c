/* Roots, and powers that are no integers. */
#include "filters/answers/math_tree.h"
#include "filters/answers/math_value.h"

#define MAX_ROOT 64

static void settle(struct math_value *v)
{
    if (mpfi_bounded_p(v->re_in) == 0 || (v->complex && mpfi_bounded_p(v->im_in) == 0))
        math_value_unknown(v);
}

static bool exact_root(struct math_value *v, unsigned long n)
{
    mpz_t over, under;
    mpz_inits(over, under, NULL);
    bool exact = mpz_root(over, mpq_numref(v->re), n) != 0 &&
                 mpz_root(under, mpq_denref(v->re), n) != 0;
    if (exact) {
        mpz_set(mpq_numref(v->re), over);
        mpz_set(mpq_denref(v->re), under);
    }
    mpz_clears(over, under, NULL);
    return exact;
}

static void real_root(struct math_value *v, unsigned long n)
{
    mpfr_rootn_ui(&v->re_in->left, &v->re_in->left, n, MPFR_RNDD);
    mpfr_rootn_ui(&v->re_in->right, &v->re_in->right, n, MPFR_RNDU);
    settle(v);
}

/* v becomes v times i. */
static void turn_quarter(struct math_budget *m, struct math_value *v)
{
    struct math_value i;
    math_value_init(&i);
    mpq_set_si(i.im, 1, 1);
    math_value_multiply(m, v, v, &i);
    math_value_clear(&i);
}

/* The root of x + iy with the real part >= 0: sqrt((r + x) / 2) + i sign(y) sqrt((r - x) / 2). */
static void complex_square_root(struct math_budget *m, struct math_value *v)
{
    bool up = mpfi_is_strictly_pos(v->im_in) > 0, down = mpfi_is_strictly_neg(v->im_in) > 0;
    if (!up && !down) {
        math_value_unknown(v);
        return;
    }
    mpfi_t r, x;
    mpfi_init2(r, m->precision);
    mpfi_init2(x, m->precision);
    mpfi_hypot(r, v->re_in, v->im_in);
    mpfi_sub(x, r, v->re_in);
    mpfi_add(r, r, v->re_in);
    mpfi_div_ui(r, r, 2);
    mpfi_div_ui(x, x, 2);
    if (mpfi_is_nonneg(r) > 0 && mpfi_is_nonneg(x) > 0) {
        mpfi_sqrt(v->re_in, r);
        mpfi_sqrt(v->im_in, x);
        if (down)
            mpfi_neg(v->im_in, v->im_in);
        settle(v);
    } else {
        math_value_unknown(v);
    }
    mpfi_clear(r);
    mpfi_clear(x);
}

void math_value_root(struct math_budget *m, struct math_value *v, unsigned long n)
{
    if (v->state > VALUE_INTERVAL || n == 1)
        return;
    if (n == 0 || n > MAX_ROOT || !math_charge(m, 4, (size_t)m->precision)) {
        math_value_unknown(v);
        return;
    }
    int sign = math_value_sign(v);
    if (sign < 0) {
        math_value_negate(v);
        math_value_root(m, v, n);
        if (n % 2)
            math_value_negate(v);
        else if (n == 2)
            turn_quarter(m, v);
        else
            math_value_unknown(v);
        return;
    }
    if (v->state == VALUE_EXACT && mpq_sgn(v->im) == 0 &&
        mpz_sizeinbase(mpq_numref(v->re), 2) <= (size_t)MATH_EXACT_BITS && exact_root(v, n))
        return;
    math_value_interval(m, v);
    if (v->complex && n == 2)
        complex_square_root(m, v);
    else if (v->complex || (sign == 2 && n % 2 == 0 && mpfr_sgn(&v->re_in->left) < 0))
        math_value_unknown(v);
    else
        real_root(v, n);
}

void math_value_raise(struct math_budget *m, struct math_value *r, const struct math_value *a,
                      const struct math_value *b)
{
    long n;
    if (math_value_integer(b, &n)) {
        math_value_power(m, r, a, n);
        return;
    }
    struct math_value x;
    math_value_init(&x);
    math_value_set(&x, a);
    bool rational = b->state == VALUE_EXACT && mpq_sgn(b->im) == 0 &&
                    mpz_cmp_ui(mpq_denref(b->re), MAX_ROOT) <= 0 &&
                    mpz_sizeinbase(mpq_numref(b->re), 2) <= 31;
    if (rational && mpz_cmp_ui(mpq_denref(b->re), 1) != 0) {
        math_value_root(m, &x, mpz_get_ui(mpq_denref(b->re)));
        math_value_power(m, r, &x, mpz_get_si(mpq_numref(b->re)));
    } else if (math_value_sign(a) != 1) {
        math_value_unknown(r);
    } else {
        math_value_call(m, &x, MATH_LN);
        math_value_multiply(m, r, &x, b);
        math_value_call(m, r, MATH_EXP);
    }
    math_value_clear(&x);
}
