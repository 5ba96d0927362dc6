/*
 * math_equal: whether two expressions have the same value, for all values of their variables. It
 * is said to be so when it is proved, or, where nobody has a proof, when they agree to so many
 * digits, or at so many points, that chance is no explanation; see math_bound.h.
 */
#ifndef ANSWERS_MATH_EQUAL_H
#define ANSWERS_MATH_EQUAL_H

#include "base/rng.h"
#include "filters/answers/answer.h"
#include "filters/answers/math_tree.h"

struct math_work {
    struct math_tree *tree; /* where helper nodes may be built */
    int64_t steps;          /* left; used up means unknown */
    uint64_t seed;          /* of points and primes: a hash of both texts */
    bool positive;          /* out: they differ only where a variable is not positive */
    bool partial;           /* out: there are points where only one of them has a value */
};

/* math_equal(w, a, b): of two scalars (math_scalar). */
enum answer_verdict math_equal(struct math_work *w, const struct math_node *a,
                               const struct math_node *b);
/* math_equal_constants(w, a, b): the same of two without variables. */
enum answer_verdict math_equal_constants(struct math_work *w, const struct math_node *a,
                                         const struct math_node *b);
/* math_order(w, a, b): of two constants, infinities among them: -1, 0, 1; 2: not told. */
int math_order(struct math_work *w, const struct math_node *a, const struct math_node *b);
/* math_proportional(w, a, b, ratio_sign): whether a = c b for one constant c, not 0, for all values
 * of the variables; *ratio_sign is the sign of c, when it is. */
enum answer_verdict math_proportional(struct math_work *w, const struct math_node *a,
                                      const struct math_node *b, int *ratio_sign);
/* math_zeros(w, a, b): whether a = 0 and b = 0 have the same solutions, as far as points found by
 * solving for a variable that stands alone tell. Different: proved. */
enum answer_verdict math_zeros(struct math_work *w, const struct math_node *a,
                               const struct math_node *b);
/* math_close(w, decimal, x): whether `decimal`, a literal with digits behind its point, is x
 * rounded or cut off to these digits; -1: not told. */
int math_close(struct math_work *w, const struct math_node *decimal, const struct math_node *x);

#endif
