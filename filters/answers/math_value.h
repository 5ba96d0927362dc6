/*
 * math_value: complex numbers, exact as long as they are rational and not too long, else enclosed
 * in intervals that certainly hold them (MPFI). Every operation is charged to a budget of steps, so
 * that the time is bounded without a clock.
 */
#ifndef ANSWERS_MATH_VALUE_H
#define ANSWERS_MATH_VALUE_H

#include <gmp.h>
#include <mpfi.h>
#include <mpfr.h>
#include <stdbool.h>
#include <stdint.h>

#define MATH_EXACT_BITS (1L << 16) /* longer results of an operation become intervals */
#define MATH_MAX_BITS (1L << 19)   /* of an exact operand: as a text of ANSWER_MAX digits has */

enum math_state {
    VALUE_EXACT,     /* re + im i */
    VALUE_INTERVAL,  /* inside the rectangle low + high i; without high it is real */
    VALUE_UNDEFINED, /* there is certainly none: 1/0, ln 0 */
    VALUE_UNKNOWN    /* it is not told within the bounds */
};

struct math_value {
    enum math_state state;
    bool has_intervals, complex; /* what must be cleared; whether im_in counts */
    mpq_t re, im;
    mpfi_t re_in, im_in;
};

/* What an evaluation may cost, and how precisely intervals are kept. */
struct math_budget {
    int64_t steps; /* left; below 0 everything is unknown */
    mpfr_prec_t precision;
};

void math_value_init(struct math_value *v);
void math_value_clear(struct math_value *v);
void math_value_unknown(struct math_value *v);
void math_value_undefined(struct math_value *v);
void math_value_set(struct math_value *v, const struct math_value *from);
void math_value_set_si(struct math_value *v, long n);
/* math_value_interval(b, v): turns an exact value into an interval. */
void math_value_interval(struct math_budget *b, struct math_value *v);

/* math_value_real(v): whether it has certainly no imaginary part. */
bool math_value_real(const struct math_value *v);
/* math_value_integer(v, n): whether it is exactly this integer, |n| < 2^31. */
bool math_value_integer(const struct math_value *v, long *n);
/* math_value_sign(v): of a real value: -1, 0, 1; 2: not told. */
int math_value_sign(const struct math_value *v);
/* math_value_apart(a, b): whether two values are proved to differ. math_value_equal: to be the same
 * (exact ones only). */
bool math_value_apart(const struct math_value *a, const struct math_value *b);
bool math_value_equal(const struct math_value *a, const struct math_value *b);

/* r may be a or b. */
void math_value_add(struct math_budget *m, struct math_value *r, const struct math_value *a,
                    const struct math_value *b);
void math_value_subtract(struct math_budget *m, struct math_value *r, const struct math_value *a,
                         const struct math_value *b);
void math_value_multiply(struct math_budget *m, struct math_value *r, const struct math_value *a,
                         const struct math_value *b);
void math_value_divide(struct math_budget *m, struct math_value *r, const struct math_value *a,
                       const struct math_value *b);
void math_value_negate(struct math_value *v);
/* math_value_power(m, r, a, n): |n| < 2^31. */
void math_value_power(struct math_budget *m, struct math_value *r, const struct math_value *a,
                      long n);

/* ---- math_roots.c, math_functions.c ---- */

/* math_value_root(m, v, n): n >= 1; for an odd n the real one. */
void math_value_root(struct math_budget *m, struct math_value *v, unsigned long n);
/* math_value_raise(m, r, a, b): a to the power b, whatever b is. */
void math_value_raise(struct math_budget *m, struct math_value *r, const struct math_value *a,
                      const struct math_value *b);
void math_value_pi(struct math_budget *m, struct math_value *v);
/* math_value_call(m, v, function): one of the functions of one argument, of v. */
void math_value_call(struct math_budget *m, struct math_value *v, int function);
/* math_value_turn(m, v, function, turns): sine, cosine or tangent of turns times pi. */
void math_value_turn(struct math_budget *m, struct math_value *v, int function, mpq_srcptr turns);
/* math_value_log(m, r, x, base) */
void math_value_log(struct math_budget *m, struct math_value *r, const struct math_value *x,
                    const struct math_value *base);
/* math_charge(m, weight, bits): false when the budget is used up. */
bool math_charge(struct math_budget *m, int64_t weight, size_t bits);

#endif
