/*
 * rehearsal: a few pairs are judged as a run would do it, with the same requests, by the teacher
 * alone and once in each order; nothing is stored and no call is made twice.
 */
#ifndef CLI_REHEARSAL_H
#define CLI_REHEARSAL_H

#include "cli/first_pairs.h"
#include "judges/seat.h"
#include "worker/judging.h"

#define REHEARSAL_ORDERS 2

/* One call of a rollout. */
struct rehearsal_call {
    enum ask ask;
    uint32_t seed;
    bool answered;
    struct call_result result; /* answered */
    enum failure failure;      /* else */
    int http_status;
    const char *message;
};

struct rehearsal_rollout {
    const struct first_pair *pair;
    enum lane lane;
    struct judging judging; /* as it was asked last */
    struct chat request;    /* of the first call */
    struct rehearsal_call calls[CALL_MAX_STEP];
    size_t n_calls;
    bool answered;        /* the last call, too */
    enum outcome outcome; /* answered: of the whole rollout */
};

struct rehearsal {
    const struct project *project; /* `continuation` settled */
    const struct seats *seats;
    const struct chain *chain;
    struct rehearsal_rollout *rollouts; /* REHEARSAL_ORDERS for each pair */
    size_t n;
    size_t answers; /* calls that were answered */
};

/* rehearsal_make(r, pairs, n, arena, e): fills the rollouts; project, seats and chain are set by
 * the caller. All texts live in the arena. False: nothing could be asked. */
bool rehearsal_make(struct rehearsal *r, const struct first_pair *pairs, size_t n,
                    struct arena *arena, struct err *e);

#endif
