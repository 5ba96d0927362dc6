/*
 * builder: what the building of one seed's pair needs next: answers to its prompt, or a changed
 * prompt with an answer to that one. Pure.
 *
 * Known answer: answers are sampled until enough are right and enough are wrong, never more at once
 * than are needed whatever the others turn out to be. Open prompt: one usable answer (the baseline,
 * which is the better one), then changed prompts until one is usable.
 */
#ifndef COORDINATOR_BUILDER_H
#define COORDINATOR_BUILDER_H

#include "schemas/call.h"
#include "schemas/project.h"

#define BUILDER_LANES 2
#define BUILDER_BASELINES 3 /* tries at a usable answer to an open prompt */

/* A seed as it enters. */
struct builder_seed {
    struct id id;
    uint64_t row; /* without CALL_SEED */
    bool known;   /* its answer is */
};

/* A seed under way. Lanes are those of enum lane from LANE_ANSWER on. */
struct building {
    struct id id;
    uint64_t row; /* with CALL_SEED */
    bool known;
    uint64_t taken[BUILDER_LANES];   /* bit k: sample k is finished or out, under this recipe */
    uint64_t done[BUILDER_LANES];    /* bit k: finished */
    uint64_t checked[BUILDER_LANES]; /* bit k: and its worth is known */
    int right, wrong;                /* of all recipes */
    int usable[BUILDER_LANES];
};

void builder_begin(struct building *b, const struct builder_seed *seed);
/* builder_recall(b, lane, k, mark, own): a sample that is stored; own: it is of the present recipe.
 * MARK_UNCHECKED: what it is worth is told later, by builder_checked. */
void builder_recall(struct building *b, enum lane lane, int k, enum sample_mark mark, bool own);
/* builder_next(p, b, lane, k): a sample to ask for now, marked as out; false: none before others
 * have come back or were checked. An undecided seed with nothing out always has one. */
bool builder_next(const struct project *p, struct building *b, enum lane *lane, int *k);
/* builder_adopt(p, b, lane, k): a sample that is known to be out already; false: it is finished or
 * does not belong here. */
bool builder_adopt(const struct project *p, struct building *b, enum lane lane, int k);
/* builder_is_out(b, lane, k): it was asked for and has not come. */
bool builder_is_out(const struct building *b, enum lane lane, int k);
/* builder_done(b, lane, k): the sample is stored; false: it was before. */
bool builder_done(struct building *b, enum lane lane, int k);
/* builder_checked(b, lane, k, mark): what it is worth; false: that was known. */
bool builder_checked(struct building *b, enum lane lane, int k, enum sample_mark mark);
/* builder_is_over(p, b): nothing more is to be sampled: what is there makes a pair or does not.
 * Samples that are out although there is enough (see builder_adopt) are not waited for. */
bool builder_is_over(const struct project *p, const struct building *b);

#endif
