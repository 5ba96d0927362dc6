/*
 * math_bound: how near two constant expressions can be without being equal. For what is made of
 * integers, the four operations and roots this is the BFMSS separation bound (Burnikel, Funke,
 * Mehlhorn, Schirra, Schmitt 2001): a proof. With pi, e, logarithms and the like no such bound is
 * known; then the figure is a rule of thumb, far above what the length of the expression could
 * explain.
 */
#ifndef ANSWERS_MATH_BOUND_H
#define ANSWERS_MATH_BOUND_H

#include "filters/answers/math_eval.h"

#define MATH_BOUND_ROOTS 16
#define MATH_BOUND_MAX ((int64_t)1 << 40) /* everything beyond is as good as endless */

struct math_bound {
    bool algebraic;
    int64_t over, under; /* binary digits of what numerator and denominator may reach */
    int64_t degree;      /* at most, of the number field */
    int64_t turns;       /* common denominator of the angles met, in half turns */
    bool imaginary;
    const struct math_node *roots[MATH_BOUND_ROOTS]; /* the different ones met */
    size_t n_roots;
};

/* math_bound_of(m, a, b, bound): of the difference a - b. */
void math_bound_of(struct math_budget *m, const struct math_node *a, const struct math_node *b,
                   struct math_bound *bound);
/* math_bound_bits(bound): the difference is 0 or at least 2 to the minus this. */
int64_t math_bound_bits(const struct math_bound *bound);

#endif
