/*
 * stopping: under `stop: early`, which order of a pair the next call should go to. A pair is
 * accepted when both orders reach k correct of at most n, and lost as soon as one order has n-k+1
 * misses; so the cheapest next call is the one that is likeliest to end the pair per call it costs.
 * The policy is the optimal plan for beta-distributed pass rates of each order, estimated from the
 * run so far. Pure: no clock, no memory beyond the struct, deterministic.
 */
#ifndef COORDINATOR_STOPPING_H
#define COORDINATOR_STOPPING_H

#include <stdbool.h>
#include <stdint.h>

/* How one order of one pair stands. */
struct tally {
    uint8_t correct; /* rollouts that were correct and passed the filters */
    uint8_t missed;  /* all other finished rollouts */
    uint8_t flying;  /* calls that are out */
};

struct stopping;

/* stopping_new(k, n): 1 <= k <= n <= 64. NULL without memory. */
struct stopping *stopping_new(int k, int n);
void stopping_free(struct stopping *s);
/* stopping_observe(s, a, b, lane, correct): one more finished rollout of `lane` (0 or 1) of a pair
 * whose tallies were a (order 0) and b (order 1) before it; flying is not looked at. Both tallies
 * are asked for because how an order does among pairs that passed the other says little about the
 * rest. Tell it of every finished rollout, of pairs that are drawn in full too. A stored pair is
 * replayed rollout by rollout from empty tallies, in any order. */
void stopping_observe(struct stopping *s, struct tally a, struct tally b, int lane, bool correct);
/* stopping_next(s, a, b, tie): the lane (0 or 1) the next call should go to when the finished
 * rollouts are a and b (flying is not looked at; neither lane is failed, and not both have passed).
 * `tie`: any bit pattern of the pair, decides when both are equally good. A lane that has passed is
 * never returned. */
int stopping_next(struct stopping *s, struct tally a, struct tally b, uint64_t tie);
/* stopping_surely(s, a, b, tie, lane): whether a further call of `lane` will be wanted whatever the
 * calls in flight (a.flying, b.flying) say: every combination of their outcomes leaves the pair
 * undecided and leads stopping_next to this lane. */
bool stopping_surely(struct stopping *s, struct tally a, struct tally b, uint64_t tie, int lane);
/* stopping_window(s): how many pairs may be under way at once so that not too many of them choose
 * an order before the first answers have told which one is harder: small at first, without limit
 * once the evidence stands. */
uint64_t stopping_window(const struct stopping *s);

#endif
