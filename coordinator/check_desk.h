/*
 * check_desk: samples that a command of the user's compares (answers.kind: exec). It takes any
 * number of them, hands the command no more than it can hold, and tells what came of each.
 */
#ifndef COORDINATOR_CHECK_DESK_H
#define COORDINATOR_CHECK_DESK_H

#include "base/loop.h"
#include "coordinator/store/samples.h"
#include "filters/answers/answer.h"

/* A sample whose final answer is to be compared. */
struct check_order {
    uint64_t seed; /* row */
    int64_t recipe;
    struct call_key key; /* its row is the seed's, without CALL_SEED */
    struct slice final;  /* the sample's final answer */
    struct slice gold, prompt;
};

/* done(context, order, result): the texts of the order live until it returns. */
typedef void check_done_fn(void *context, const struct check_order *order,
                           const struct answer_result *result);

struct check_desk;

/* check_desk_new(loop, p, done, context, e): starts nothing yet; the project must outlive it. NULL
 * on failure. */
struct check_desk *check_desk_new(struct loop *loop, const struct project *p, check_done_fn *done,
                                  void *context, struct err *e);
/* check_desk_free(d): what is unfinished is not told of. NULL is fine. */
void check_desk_free(struct check_desk *d);
/* check_desk_put(d, order, e): copies it; false without memory. */
bool check_desk_put(struct check_desk *d, const struct check_order *order, struct err *e);
/* check_desk_hopeless(d): the command fails whatever it is asked; nothing is told of any more. */
bool check_desk_hopeless(const struct check_desk *d);

#endif
