/*
 * calibration: the teacher measured on the pairs that are always drawn in full. Early stopping
 * looks at easy and hard pairs unequally often; these pairs were chosen by hash and have all their
 * rollouts, so what is measured on them is not skewed.
 */
#ifndef CLI_CALIBRATION_H
#define CLI_CALIBRATION_H

#include "coordinator/planner.h"
#include "coordinator/store/look.h"

struct calibration {
    int64_t pairs;                  /* with all their rollouts in both orders */
    int64_t n;                      /* rollouts of one order */
    int64_t correct[PLANNER_LANES]; /* rollouts whose verdict is right, whatever filters say */
    int64_t chose_a[PLANNER_LANES];
    double both; /* sum over pairs of the chance that a judgment in each order is right */
};

/* calibration_add(c, rollouts, n_rollouts): one pair; passed over when it has not all of them. */
void calibration_add(struct calibration *c, const struct ledger_rollout *rollouts,
                     size_t n_rollouts);
/* calibration_read(c, store, run, e): all pairs that the newest run's rules draw in full, under its
 * recipe. Reads the ids of all pairs. */
bool calibration_read(struct calibration *c, struct store *s, const struct look_run *run,
                      struct err *e);

#endif
