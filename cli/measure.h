/*
 * measure: how good a judge is, from pairs of which every rollout that was asked for is there. The
 * names are those of J1 (arXiv 2505.10320): accuracy in each order, consistent accuracy (right in
 * both), verdict flips, ties; SC@N (majority over N verdicts) and Mean@N (mean over N scores); and,
 * for rollouts that were made to go on, the same after every cue (budget forcing, s1, arXiv
 * 2501.19393). Whatever filters say. Pure.
 */
#ifndef CLI_MEASURE_H
#define CLI_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/call.h"

#define MEASURE_POWERS 7 /* N = 1, 2, 4 … 64 */
#define MEASURE_NO_SCORE (-SCORE_MAX - 1)

/* One half of a pair, rollouts 0 to n-1. Pairwise: an order; pointwise: the first half is that of
 * the matched judgments, the second is not used. */
struct measure_half {
    enum outcome outcomes[CALL_MAX_K];
    bool chose_a[CALL_MAX_K];
    /* Pairwise: points (hundredths) by which the chosen answer is ahead. Pointwise: the scores of
     * the chosen answer in the first half, of the rejected one in the second. */
    int scores[CALL_MAX_K];
    /* After each cue; after[k][0]: before any. As many as cues[k] says, and one. */
    uint8_t cues[CALL_MAX_K];
    enum outcome after[CALL_MAX_K][CALL_MAX_STEP + 1];
};

struct measure_pair {
    bool pointwise, has_scores;
    int n; /* rollouts of each half */
    struct measure_half halves[2];
};

/* Sums over pairs; a pointwise judgment counts as both orders at once. */
struct measure_point {
    int64_t pairs;
    double right[2]; /* of the halves: chance to be right */
    double both;     /* chance to be right in both */
};

/* Rollouts with so many cues or more: right after so many, and the same ones before any. Each order
 * is looked at in the pairs that have such a rollout in it. */
struct measure_wait {
    int64_t pairs[2], pairs_both;
    double now[2], before[2];
    double now_both, before_both;
};

struct measure {
    bool pointwise;
    int64_t pairs, rollouts;
    double right[2], tie[2], none[2]; /* sums over pairs of shares */
    /* Pairs with a judgment that chose a side, and over them the sums of A's shares of those. */
    int64_t choosing[2];
    double chose_a[2];
    /* Of one judgment in each order, drawn at random: sums of chances. They add up to `pairs`. */
    double both_right, both_wrong, flip, any_tie, any_none;
    struct measure_point majority[MEASURE_POWERS]; /* SC@N; as many of each: half */
    struct measure_point mean[MEASURE_POWERS];     /* Mean@N; equal means are not right */
    struct measure_wait waits[CALL_MAX_STEP + 1];
};

/* measure_add(m, pair): one pair, n >= 1. SC@N is the exact mean over all choices of N of its
 * rollouts, in each order by itself; Mean@N that over blocks of N rollouts in their order. */
void measure_add(struct measure *m, const struct measure_pair *pair);
/* measure_vote(correct, incorrect, other, n): how likely more of n rollouts, drawn without putting
 * back, are correct than incorrect; as many of each counts half, none of either nothing. n is at
 * most their sum. */
double measure_vote(int correct, int incorrect, int other, int n);

#endif
