/*
 * stopping: under `stop: early`, which order of a pair the next call should go to. A pair is
 * accepted when both orders reach k correct of at most n, and lost as soon as one order has n-k+1
 * misses; the orders are lanes 0 and 1. The policy is the plan of fewest expected calls for pass
 * rates that are learned from the run so far, both orders of a pair together. Pure and
 * deterministic: the same observations give the same plan. It takes at most 3 MB (adaptive: 5.5);
 * for n up to 16 at most 0.5.
 *
 * A contest of one lane (pointwise: one judgment is two scores) is played as if lane 1 had passed:
 * b = {k, 0, 0} throughout. It needs a plan of its own: pairs of two lanes teach it nothing.
 */
#ifndef COORDINATOR_STOPPING_H
#define COORDINATOR_STOPPING_H

#include "coordinator/tally.h"

struct stopping;

/* stopping_new(k, n): 1 <= k <= n <= 64. NULL without memory. */
struct stopping *stopping_new(int k, int n);
void stopping_free(struct stopping *s);
/* stopping_observe(s, a, b, lane, correct): one more finished rollout of `lane`, in a pair whose
 * tallies were a (lane 0) and b (lane 1) before it. Both are asked for because an order is seen
 * mostly where the other one passed. For every finished rollout, also those of pairs drawn in full;
 * stored ones are replayed one by one from empty tallies, in any order. */
void stopping_observe(struct stopping *s, struct tally a, struct tally b, int lane, bool correct);
/* stopping_next(s, a, b, tie): the lane the next call should go to when the finished rollouts are a
 * and b (flying is not looked at; neither lane has failed, and not both have passed). `tie`: any
 * bits that belong to the pair, they decide when both lanes are equally good. A lane that has
 * passed is never returned. */
int stopping_next(struct stopping *s, struct tally a, struct tally b, uint64_t tie);
/* stopping_surely(s, a, b, tie, lane): whether a further call of `lane` will be wanted whatever the
 * calls in flight (a.flying, b.flying) say: every combination of their outcomes leaves the pair
 * undecided and leads stopping_next to this lane. With nothing in flight this holds for exactly one
 * lane of an undecided pair. */
bool stopping_surely(struct stopping *s, struct tally a, struct tally b, uint64_t tie, int lane);
/* Under `stop: adaptive` a pair may be given up before its fate is sealed, when what further calls
 * can be expected to bring is not worth their cost; and among pairs under way the calls go first to
 * those where they are worth most.
 *
 * stopping_adaptive(s, loss): from now on stopping_give_up says yes; at most this share (0 to 0.5)
 * of the pairs that early stopping would accept may be lost by it, in expectation under what was
 * learned. */
void stopping_adaptive(struct stopping *s, double loss);
/* stopping_give_up(s, a, b, tie): whether the pair should be given up; never when calls of it are
 * out or too little is known of the population yet. Not asked about pairs drawn in full. Where all
 * pairs at these tallies would be more than may be lost, the tie decides which of them. */
bool stopping_give_up(struct stopping *s, struct tally a, struct tally b, uint64_t tie);
/* stopping_worth(s, a, b): expected accepted pairs per further call, from 0 to 1; 1 when both lanes
 * have passed, 0 when one has failed. Without stopping_adaptive it is 0 for undecided pairs. */
double stopping_worth(struct stopping *s, struct tally a, struct tally b);
/* stopping_window(s): how many pairs may be under way at once, so that not too many of them choose
 * an order before the first answers have told which one is harder: 16 at first, one more with every
 * second answer, without limit after 512 answers. */
uint64_t stopping_window(const struct stopping *s);

#endif
