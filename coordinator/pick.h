/*
 * pick: which of the answers that were sampled for a seed make pairs. Pure: the same answers give
 * the same pairs, whatever order they came in.
 */
#ifndef COORDINATOR_PICK_H
#define COORDINATOR_PICK_H

#include "schemas/call.h"
#include "schemas/project.h"

#define PICK_MAX 512 /* answers of one seed that are looked at */

/* A stored answer. Slices belong to the caller. */
struct pick_sample {
    int64_t row; /* of the sample in the store */
    enum lane lane;
    int k;
    enum sample_mark mark;
    bool own;           /* a model that will judge the pair wrote it */
    struct slice text;  /* the answer that stands in the pair */
    struct slice final; /* its final answer; known answers only */
};

struct pick_pair {
    size_t chosen, rejected; /* indexes of the samples */
};

/* pick_pairs(p, seed, known, samples, n, pairs, had, reason): at most build.pairs pairs, and why
 * there are none. The first `had` of them are there already and stay. Each answer stands in as few
 * pairs as possible; texts that are equal count as one. build.exclude_judge leaves out what the
 * judging models wrote. */
size_t pick_pairs(const struct project *p, const struct id *seed, bool known,
                  const struct pick_sample *samples, size_t n, struct pick_pair pairs[CALL_MAX_K],
                  size_t had, enum build_reason *reason);

#endif
