/*
 * math_modular: values modulo a large prime, for integers and fractions too long to write out, like
 * 9^{9^9}. Two that differ are different; two that agree modulo three primes of 61 bits, drawn by
 * the texts themselves, are equal but for a chance of one in more than 2^100.
 */
#ifndef ANSWERS_MATH_MODULAR_H
#define ANSWERS_MATH_MODULAR_H

#include "base/rng.h"
#include "filters/answers/answer.h"
#include "filters/answers/math_eval.h"

/* math_modular(m, rng, a, b): unknown when they hold more than whole powers and the four
 * operations. */
enum answer_verdict math_modular(struct math_budget *m, struct rng *rng, const struct math_node *a,
                                 const struct math_node *b);

#endif
