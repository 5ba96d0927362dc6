/*
 * passrates: how the pass rates of a run's pairs are distributed, learned from what became of the
 * pairs so far. A pair is taken to have two pass rates, one for each lane, drawn from a grid of
 * rate pairs; expectation maximisation fits the weights of the grid to the tallies. Both lanes are
 * fitted at once because the second is seen mostly for pairs that passed the first, and further
 * calls are made mostly of pairs that look well: which calls were made depends on outcomes that are
 * in the tallies, so the likelihood of whole tallies is not misled by the choice, while rates
 * counted by themselves are. Pure; what it says does not depend on the order in which the evidence
 * came.
 */
#ifndef COORDINATOR_PASSRATES_H
#define COORDINATOR_PASSRATES_H

#include "coordinator/tally.h"

#define PASSRATES 11
extern const double passrates_grid[PASSRATES];

/* A cell is a tally as it is counted here: any correct and missed up to n, in units of 1 << shift.
 */
struct passrates {
    int n;
    int shift;
    int side;        /* values of correct, or of missed, that cells tell apart */
    int cells;       /* of one lane: side * side */
    uint32_t *pairs; /* [cell of lane 0][cell of lane 1]: how many stand there */
    double weight[PASSRATES][PASSRATES]; /* [rate of lane 0][rate of lane 1]; sums to 1 */
};

/* passrates_init(r, n): nothing known: the prior, half of it on lanes of the same rate. False
 * without memory. 1 <= n <= 64. */
bool passrates_init(struct passrates *r, int n);
void passrates_free(struct passrates *r);
/* passrates_add(r, a, b): a pair stands at these tallies. passrates_drop: it no longer does; a pair
 * that was never added is let pass. */
void passrates_add(struct passrates *r, struct tally a, struct tally b);
void passrates_drop(struct passrates *r, struct tally a, struct tally b);
/* passrates_fit(r): brings the weights up to date. */
void passrates_fit(struct passrates *r);
/* passrates_likelihood(x, correct, missed): of one sequence with these counts under rate x of the
 * grid. */
double passrates_likelihood(int x, int correct, int missed);

#endif
