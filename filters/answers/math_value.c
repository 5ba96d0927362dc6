#include "filters/answers/math_value.h"

void math_value_init(struct math_value *v)
{
    v->state = VALUE_EXACT;
    v->has_intervals = false;
    v->complex = false;
    mpq_init(v->re);
    mpq_init(v->im);
}

void math_value_clear(struct math_value *v)
{
    mpq_clear(v->re);
    mpq_clear(v->im);
    if (v->has_intervals) {
        mpfi_clear(v->re_in);
        mpfi_clear(v->im_in);
    }
}

void math_value_unknown(struct math_value *v)
{
    v->state = VALUE_UNKNOWN;
}

void math_value_undefined(struct math_value *v)
{
    v->state = VALUE_UNDEFINED;
}

static void make_intervals(struct math_value *v, mpfr_prec_t precision)
{
    if (v->has_intervals) {
        mpfi_set_prec(v->re_in, precision);
        mpfi_set_prec(v->im_in, precision);
        return;
    }
    mpfi_init2(v->re_in, precision);
    mpfi_init2(v->im_in, precision);
    v->has_intervals = true;
}

void math_value_set(struct math_value *v, const struct math_value *from)
{
    if (v == from)
        return;
    v->state = from->state;
    v->complex = from->complex;
    if (from->state == VALUE_EXACT) {
        mpq_set(v->re, from->re);
        mpq_set(v->im, from->im);
    } else if (from->state == VALUE_INTERVAL) {
        make_intervals(v, mpfi_get_prec(from->re_in));
        mpfi_set(v->re_in, from->re_in);
        if (from->complex)
            mpfi_set(v->im_in, from->im_in);
    }
}

void math_value_set_si(struct math_value *v, long n)
{
    v->state = VALUE_EXACT;
    mpq_set_si(v->re, n, 1);
    mpq_set_si(v->im, 0, 1);
}

void math_value_interval(struct math_budget *b, struct math_value *v)
{
    if (v->state != VALUE_EXACT)
        return;
    make_intervals(v, b->precision);
    mpfi_set_q(v->re_in, v->re);
    v->complex = mpq_sgn(v->im) != 0;
    if (v->complex)
        mpfi_set_q(v->im_in, v->im);
    v->state = VALUE_INTERVAL;
}

static size_t bits(mpq_srcptr q)
{
    return mpz_sizeinbase(mpq_numref(q), 2) + mpz_sizeinbase(mpq_denref(q), 2);
}

bool math_charge(struct math_budget *m, int64_t weight, size_t n)
{
    /* Long numbers cost more than in proportion. */
    int64_t words = (int64_t)(n / 64) + 1;
    m->steps -= weight * (words + words * words / 64);
    return m->steps >= 0;
}

bool math_value_real(const struct math_value *v)
{
    return v->state == VALUE_EXACT ? mpq_sgn(v->im) == 0
                                   : v->state == VALUE_INTERVAL && !v->complex;
}

bool math_value_integer(const struct math_value *v, long *n)
{
    if (v->state != VALUE_EXACT || mpq_sgn(v->im) != 0 || mpz_cmp_ui(mpq_denref(v->re), 1) != 0 ||
        mpz_sizeinbase(mpq_numref(v->re), 2) > 31)
        return false;
    *n = mpz_get_si(mpq_numref(v->re));
    return true;
}

int math_value_sign(const struct math_value *v)
{
    if (!math_value_real(v))
        return 2;
    if (v->state == VALUE_EXACT)
        return mpq_sgn(v->re);
    return mpfi_is_strictly_pos(v->re_in) > 0 ? 1 : mpfi_is_strictly_neg(v->re_in) > 0 ? -1 : 2;
}

static bool apart(mpfi_srcptr a, mpfi_srcptr b)
{
    return mpfr_cmp(&a->right, &b->left) < 0 || mpfr_cmp(&b->right, &a->left) < 0;
}

static bool apart_q(mpfi_srcptr a, mpq_srcptr q)
{
    return mpfr_cmp_q(&a->right, q) < 0 || mpfr_cmp_q(&a->left, q) > 0;
}

bool math_value_apart(const struct math_value *a, const struct math_value *b)
{
    if (a->state > VALUE_INTERVAL || b->state > VALUE_INTERVAL)
        return false;
    if (a->state == VALUE_EXACT && b->state == VALUE_EXACT)
        return !math_value_equal(a, b);
    if (a->state == VALUE_EXACT)
        return math_value_apart(b, a);
    if (b->state == VALUE_EXACT) {
        if (apart_q(a->re_in, b->re))
            return true;
        return a->complex ? apart_q(a->im_in, b->im) : mpq_sgn(b->im) != 0;
    }
    if (apart(a->re_in, b->re_in))
        return true;
    if (a->complex && b->complex)
        return apart(a->im_in, b->im_in);
    if (!a->complex && !b->complex)
        return false;
    return mpfi_has_zero(a->complex ? a->im_in : b->im_in) == 0;
}

bool math_value_equal(const struct math_value *a, const struct math_value *b)
{
    return a->state == VALUE_EXACT && b->state == VALUE_EXACT && mpq_equal(a->re, b->re) &&
           mpq_equal(a->im, b->im);
}

void math_value_negate(struct math_value *v)
{
    if (v->state == VALUE_EXACT) {
        mpq_neg(v->re, v->re);
        mpq_neg(v->im, v->im);
    } else if (v->state == VALUE_INTERVAL) {
        mpfi_neg(v->re_in, v->re_in);
        if (v->complex)
            mpfi_neg(v->im_in, v->im_in);
    }
}

/* ---- operations on two ---- */

/* Whether there is nothing to compute: an operand has no value, or the budget is gone. */
static bool without_value(struct math_budget *m, struct math_value *r, const struct math_value *a,
                          const struct math_value *b)
{
    size_t n = 0;
    if (a->state == VALUE_EXACT && b->state == VALUE_EXACT)
        n = bits(a->re) + bits(b->re) + bits(a->im) + bits(b->im);
    else
        n = (size_t)m->precision;
    if (a->state == VALUE_UNKNOWN || b->state == VALUE_UNKNOWN || !math_charge(m, 1, n) ||
        n > (size_t)MATH_MAX_BITS) {
        math_value_unknown(r);
        return true;
    }
    if (a->state == VALUE_UNDEFINED || b->state == VALUE_UNDEFINED) {
        math_value_undefined(r);
        return true;
    }
    return false;
}

static bool both_exact(const struct math_value *a, const struct math_value *b, bool sum)
{
    if (a->state != VALUE_EXACT || b->state != VALUE_EXACT)
        return false;
    size_t n = bits(a->re) + bits(b->re) + bits(a->im) + bits(b->im);
    bool whole = mpz_cmp_ui(mpq_denref(a->re), 1) == 0 && mpz_cmp_ui(mpq_denref(b->re), 1) == 0;
    return n <= (size_t)(sum && whole ? MATH_MAX_BITS : MATH_EXACT_BITS);
}

/* Both as intervals, in copies that the caller clears. */
static void as_intervals(struct math_budget *m, struct math_value pair[2],
                         const struct math_value *a, const struct math_value *b)
{
    math_value_init(&pair[0]);
    math_value_init(&pair[1]);
    math_value_set(&pair[0], a);
    math_value_set(&pair[1], b);
    math_value_interval(m, &pair[0]);
    math_value_interval(m, &pair[1]);
}

/* An interval that has lost all bounds says nothing. */
static void settle(struct math_value *r)
{
    r->state = VALUE_INTERVAL;
    if (mpfi_bounded_p(r->re_in) == 0 || (r->complex && mpfi_bounded_p(r->im_in) == 0))
        math_value_unknown(r);
}

void math_value_add(struct math_budget *m, struct math_value *r, const struct math_value *a,
                    const struct math_value *b)
{
    if (without_value(m, r, a, b))
        return;
    if (both_exact(a, b, true)) {
        r->state = VALUE_EXACT;
        mpq_add(r->re, a->re, b->re);
        mpq_add(r->im, a->im, b->im);
        return;
    }
    struct math_value v[2];
    as_intervals(m, v, a, b);
    make_intervals(r, m->precision);
    mpfi_add(r->re_in, v[0].re_in, v[1].re_in);
    r->complex = v[0].complex || v[1].complex;
    if (v[0].complex && v[1].complex)
        mpfi_add(r->im_in, v[0].im_in, v[1].im_in);
    else if (r->complex)
        mpfi_set(r->im_in, v[0].complex ? v[0].im_in : v[1].im_in);
    settle(r);
    math_value_clear(&v[0]);
    math_value_clear(&v[1]);
}

void math_value_subtract(struct math_budget *m, struct math_value *r, const struct math_value *a,
                         const struct math_value *b)
{
    struct math_value minus;
    math_value_init(&minus);
    math_value_set(&minus, b);
    math_value_negate(&minus);
    math_value_add(m, r, a, &minus);
    math_value_clear(&minus);
}

static void multiply_exact(struct math_value *r, const struct math_value *a,
                           const struct math_value *b)
{
    r->state = VALUE_EXACT;
    if (mpq_sgn(a->im) == 0 && mpq_sgn(b->im) == 0) {
        mpq_mul(r->re, a->re, b->re);
        mpq_set_si(r->im, 0, 1);
        return;
    }
    mpq_t x, y, z;
    mpq_inits(x, y, z, NULL);
    mpq_mul(x, a->re, b->re);
    mpq_mul(z, a->im, b->im);
    mpq_sub(x, x, z);
    mpq_mul(y, a->re, b->im);
    mpq_mul(z, a->im, b->re);
    mpq_add(r->im, y, z);
    mpq_set(r->re, x);
    mpq_clears(x, y, z, NULL);
}

static void multiply_intervals(struct math_budget *m, struct math_value *r,
                               const struct math_value *a, const struct math_value *b)
{
    make_intervals(r, m->precision);
    r->complex = a->complex || b->complex;
    if (!r->complex) {
        mpfi_mul(r->re_in, a->re_in, b->re_in);
    } else if (!a->complex || !b->complex) {
        const struct math_value *real = a->complex ? b : a, *other = a->complex ? a : b;
        mpfi_mul(r->im_in, real->re_in, other->im_in);
        mpfi_mul(r->re_in, real->re_in, other->re_in);
    } else {
        mpfi_t x;
        mpfi_init2(x, m->precision);
        mpfi_mul(x, a->im_in, b->im_in);
        mpfi_mul(r->re_in, a->re_in, b->re_in);
        mpfi_sub(r->re_in, r->re_in, x);
        mpfi_mul(x, a->im_in, b->re_in);
        mpfi_mul(r->im_in, a->re_in, b->im_in);
        mpfi_add(r->im_in, r->im_in, x);
        mpfi_clear(x);
    }
    settle(r);
}

void math_value_multiply(struct math_budget *m, struct math_value *r, const struct math_value *a,
                         const struct math_value *b)
{
    if (without_value(m, r, a, b))
        return;
    if (both_exact(a, b, false)) {
        multiply_exact(r, a, b);
        return;
    }
    struct math_value v[2];
    as_intervals(m, v, a, b);
    multiply_intervals(m, r, &v[0], &v[1]);
    math_value_clear(&v[0]);
    math_value_clear(&v[1]);
}

/* v becomes 1 / v. */
static void invert(struct math_budget *m, struct math_value *v)
{
    if (v->state == VALUE_EXACT && mpq_sgn(v->im) == 0) {
        if (mpq_sgn(v->re) == 0)
            math_value_undefined(v);
        else
            mpq_inv(v->re, v->re);
        return;
    }
    struct math_value norm, conjugate;
    math_value_init(&norm);
    math_value_init(&conjugate);
    math_value_set(&conjugate, v);
    if (v->state == VALUE_EXACT)
        mpq_neg(conjugate.im, conjugate.im);
    else if (v->complex)
        mpfi_neg(conjugate.im_in, conjugate.im_in);
    if (math_value_real(v)) {
        if (mpfi_has_zero(v->re_in) != 0)
            math_value_unknown(v);
        else
            mpfi_inv(v->re_in, v->re_in);
    } else {
        math_value_multiply(m, &norm, v, &conjugate);
        if (norm.state == VALUE_INTERVAL)
            norm.complex = false;
        if (math_value_sign(&norm) == 1) {
            invert(m, &norm);
            math_value_multiply(m, v, &conjugate, &norm);
        } else {
            math_value_unknown(v);
        }
    }
    math_value_clear(&norm);
    math_value_clear(&conjugate);
}

void math_value_divide(struct math_budget *m, struct math_value *r, const struct math_value *a,
                       const struct math_value *b)
{
    if (without_value(m, r, a, b))
        return;
    struct math_value under;
    math_value_init(&under);
    math_value_set(&under, b);
    if (a->state == VALUE_INTERVAL || !both_exact(a, b, false))
        math_value_interval(m, &under);
    if (b->state == VALUE_EXACT && mpq_sgn(b->re) == 0 && mpq_sgn(b->im) == 0)
        math_value_undefined(&under);
    else
        invert(m, &under);
    math_value_multiply(m, r, a, &under);
    math_value_clear(&under);
}

static size_t power_bits(const struct math_value *a, unsigned long n)
{
    size_t one = bits(a->re) + bits(a->im);
    return n && one > (size_t)MATH_MAX_BITS / n ? (size_t)MATH_MAX_BITS : one * n;
}

void math_value_power(struct math_budget *m, struct math_value *r, const struct math_value *a,
                      long n)
{
    unsigned long left = (unsigned long)(n < 0 ? -n : n);
    struct math_value square, result;
    math_value_init(&square);
    math_value_init(&result);
    math_value_set(&square, a);
    math_value_set_si(&result, 1);
    bool unit = a->state == VALUE_EXACT && mpz_sizeinbase(mpq_numref(a->re), 2) <= 1 &&
                mpz_cmp_ui(mpq_denref(a->re), 1) == 0 && mpq_sgn(a->im) == 0;
    if (a->state == VALUE_EXACT && !unit && power_bits(a, left) > (size_t)MATH_EXACT_BITS)
        math_value_interval(m, &square);
    if (a->state == VALUE_EXACT && mpq_sgn(a->re) == 0 && mpq_sgn(a->im) == 0 && n <= 0)
        math_value_undefined(&result);
    while (left && result.state <= VALUE_INTERVAL) {
        if (left & 1)
            math_value_multiply(m, &result, &result, &square);
        left >>= 1;
        if (left)
            math_value_multiply(m, &square, &square, &square);
    }
    if (n < 0 && result.state <= VALUE_INTERVAL)
        invert(m, &result);
    math_value_set(r, a->state == VALUE_EXACT || a->state == VALUE_INTERVAL ? &result : a);
    math_value_clear(&square);
    math_value_clear(&result);
}
