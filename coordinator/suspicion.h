/*
 * suspicion: how likely the label of a pair is the wrong way round, from what a teacher said of it.
 *
 * The teacher is right about a pair with a rate of the pair's own, drawn from a beta distribution
 * whose mean is the teacher's accuracy and whose spread is as if eight rollouts had been seen
 * (Beta(6, 2) at 0.75). Rollouts of both orders are draws from that one rate, so a teacher that
 * prefers a place, not an answer, contradicts itself and makes nobody suspect. A rollout that leans
 * to neither side counts half for each. If the label is the wrong way round, what is stored as
 * correct was incorrect. Of the pairs, 5 % are taken to be so before anything was said. Both are
 * beta-binomials of the same counts, and their ratio is a matter of four gamma functions:
 *
 *   log P(flipped | counts) / P(right | counts) = log (0.05 / 0.95)
 *     + lgamma(a + i) + lgamma(b + c) - lgamma(a + c) - lgamma(b + i)
 *
 * with c correct, i incorrect, a = 8 accuracy, b = 8 (1 - accuracy). When rollouts were stopped
 * early, that depended on these counts alone, so it changes nothing. Pure.
 */
#ifndef COORDINATOR_SUSPICION_H
#define COORDINATOR_SUSPICION_H

#include <stdbool.h>

/* One order of a pair, as the label sees it. Pointwise: matched judgments, as one order. */
struct suspicion_order {
    int correct, incorrect;
    int unsure; /* ties; also rollouts without a verdict, when they shall count */
};

/* suspicion_odds(orders, n, accuracy): natural log odds that the label is the wrong way round; 0:
 * as likely as not. `accuracy`: share of correct among the teacher's decided rollouts, from pairs
 * drawn in full or from first rollouts; at 0.5 and below nothing can be concluded, and every pair
 * has the odds it began with. */
double suspicion_odds(const struct suspicion_order *orders, int n, double accuracy);
/* suspicion_contradicted(orders, n): whether each order has more incorrect than correct rollouts.
 * Early stopping ends a pair with the first order that fails, so this is seldom so but of pairs
 * drawn in full; the odds above rank the others. */
bool suspicion_contradicted(const struct suspicion_order *orders, int n);

#endif
