/*
 * reflector: whether a rollout goes on after a call, and how: the modes of `reflection.mode`. Under
 * `mixed` a share of the rollouts gets a cue without a look at the label; the share is steered by
 * what came of the rollouts so far. Pure: the same events give the same answers.
 */
#ifndef COORDINATOR_REFLECTOR_H
#define COORDINATOR_REFLECTOR_H

#include "judges/seat.h"

struct reflector;

/* reflector_new(p): the project must outlive it; NULL without memory. */
struct reflector *reflector_new(const struct project *p);
void reflector_free(struct reflector *r);
/* reflector_after(r, kind, rollout, key, result, ask): whether a further call of this rollout is
 * wanted after the one with `key` brought `result`; *ask says which. `rollout`: hash of subject,
 * recipe, lane and k (reflector_rollout). Teacher and further teachers reflect as the project says,
 * a hinted rollout that came out right is judged again without the hint, checkers and students make
 * one call. The label is looked at only by wrong_to_right, right_to_right and for hinted ones. */
bool reflector_after(const struct reflector *r, enum seat_kind kind, const struct id *rollout,
                     struct call_key key, const struct call_result *result, enum ask *ask);
struct id reflector_rollout(const struct id *subject, const struct id *recipe, struct call_key key);
/* reflector_finished(r, key, result): a rollout of seat 0 is over, for the steering. Pointwise ones
 * with a score count as PENDING. */
void reflector_finished(struct reflector *r, struct call_key key, const struct call_result *result);
const struct flip_counts *reflector_counts(const struct reflector *r);
/* reflector_set_counts(r, counts): as an earlier run left them. */
void reflector_set_counts(struct reflector *r, const struct flip_counts *counts);

#endif
