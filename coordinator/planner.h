/*
 * planner: looks at everything known about a pair and names the calls worth making next, or says
 * that the pair is decided. Acceptance is k correct of at most n in each order. Pure.
 */
#ifndef COORDINATOR_PLANNER_H
#define COORDINATOR_PLANNER_H

#include "coordinator/stopping.h"
#include "schemas/call.h"
#include "schemas/project.h"

#define PLANNER_LANES 2 /* the two orders; lane numbers are those of enum lane */

/* A pair under way. */
struct subject {
    struct id id;
    uint64_t row;
    struct tally tally[PLANNER_LANES];
    uint64_t done[PLANNER_LANES];  /* bit k: rollout k is finished */
    uint64_t taken[PLANNER_LANES]; /* bit k: rollout k is finished or out */
    bool full;                     /* drawn in full: every rollout of both orders is wanted */
};

struct planner;

/* planner_new(accept, calibration): NULL without memory. */
struct planner *planner_new(const struct project_accept *accept, double calibration);
void planner_free(struct planner *p);

/* planner_begin(p, s, id, row): a pair of which nothing is known yet. */
void planner_begin(const struct planner *p, struct subject *s, const struct id *id, uint64_t row);
/* planner_recall(p, s, lane, k, correct): a rollout that was stored by an earlier run. Rollouts
 * beyond n (rules were tightened) are taken in the order of k until n are there; false: this one
 * does not count. */
bool planner_recall(struct planner *p, struct subject *s, int lane, int k, bool correct);
/* planner_next(p, s, lane, k): a call to make now, marked as out; false: none before others have
 * come back. An undecided pair with nothing out always has one. */
bool planner_next(struct planner *p, struct subject *s, int *lane, int *k);
/* planner_adopt(s, lane, k): a call that is known to be out already (from before a restart); false:
 * it is finished. */
bool planner_adopt(struct subject *s, int lane, int k);
/* planner_done(p, s, lane, k, correct): the rollout is finished, whether it was asked for or came
 * by itself (the answer of an earlier run that was still under way); false: nothing changes, for it
 * was finished before, or came by itself and is beyond the n that the rules look at. */
bool planner_done(struct planner *p, struct subject *s, int lane, int k, bool correct);
/* planner_fate(p, s, reason): OPEN, ACCEPTED or REJECTED, by the finished rollouts. */
enum pair_state planner_fate(const struct planner *p, const struct subject *s, enum reason *reason);
/* planner_window(p): how many pairs may be under way now (see stopping_window). */
uint64_t planner_window(const struct planner *p);

#endif
