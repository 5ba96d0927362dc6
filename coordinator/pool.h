/*
 * pool: the endpoints: which one takes the next call, how many calls each may have in flight over
 * all workers, and what a failure means for it. An endpoint that answers nothing is closed and
 * probed with single calls until it is back; a call that fails while others succeed waits alone.
 * Pure: the time comes in as `now` (monotonic ms), randomness from a seeded generator.
 */
#ifndef COORDINATOR_POOL_H
#define COORDINATOR_POOL_H

#include "base/rng.h"
#include "schemas/project.h"

enum pool_health {
    POOL_OPEN,   /* takes calls */
    POOL_PAUSED, /* overloaded: no calls until `until` */
    POOL_DOWN, /* cannot be reached or answers nothing: one probe at a time, the next at `until` */
};

struct pool_endpoint {
    enum pool_health health;
    int64_t limit;
    int64_t flying;
    bool probing;        /* DOWN: a call is out to see whether it is back */
    int64_t until;       /* monotonic ms; PAUSED, DOWN */
    int64_t last_answer; /* monotonic ms of the last whole HTTP answer, whatever its status */
    bool asked;          /* a call was chosen for it that no answer has followed */
    int64_t asked_since; /* monotonic ms of the first such call, or of the last answer */
    double overload;     /* running share of answers that said "too much" */
    int failures_in_row; /* connection-level failures since the last answer */
};

struct pool {
    struct pool_endpoint endpoints[ENDPOINT_MAX];
    size_t n;
    struct rng rng;
    int64_t refusals, refusals_expected; /* calls that were given up */
    int64_t answers;                     /* whole answers that were no failure */
};

void pool_init(struct pool *p, const struct project *project, int64_t now);
/* Functions with `among` look at these endpoints only (bit i: endpoint i). */
/* pool_pick(p, now, affinity, among): the endpoint for a call, -1: none takes one now. Calls with
 * the same affinity go to the same endpoint while it is not busier than the others by more than a
 * quarter of its limit. */
int pool_pick(struct pool *p, int64_t now, uint64_t affinity, uint64_t among);
void pool_started(struct pool *p, int endpoint);
/* pool_released(p, endpoint): a call that was started is no longer out, and nothing was learnt. */
void pool_released(struct pool *p, int endpoint);
/* pool_answered(p, endpoint, now): a call brought its whole answer. */
void pool_answered(struct pool *p, int endpoint, int64_t now);
/* pool_failed(p, endpoint, now, failure, http_status, retry_after_ms, tries): a call failed for the
 * tries-th time (from 1); retry_after_ms -1: not said. Returns the milliseconds the call should
 * wait: exponential backoff with full jitter, at least what the server asked for. */
int64_t pool_failed(struct pool *p, int endpoint, int64_t now, enum failure failure,
                    int http_status, int64_t retry_after_ms, int tries);
/* pool_room(p, among): how many more calls these endpoints together would take; one for each that
 * is paused or down, for its next probe. */
uint64_t pool_room(const struct pool *p, uint64_t among);
/* pool_next(p, now): milliseconds until an endpoint takes calls again by itself; -1: nothing to
 * wait for, because all take calls now, or only the end of a call can change it. */
int64_t pool_next(const struct pool *p, int64_t now);
/* pool_silence(p, now, among): milliseconds since any of them gave a whole answer. */
int64_t pool_silence(const struct pool *p, int64_t now, uint64_t among);
#define POOL_ALL UINT64_MAX
/* pool_unanswered(p, now, among): milliseconds since one of them began to owe an answer; 0 when one
 * owes none: that nothing was asked of it tells nothing. */
int64_t pool_unanswered(const struct pool *p, int64_t now, uint64_t among);
/* pool_refused(p): a call was refused for good, or failed as often as it may. */
void pool_refused(struct pool *p);
/* pool_refuses_all(p): there were so many of these, more than are expected and more than calls are
 * still out, and no answer, that the project must be wrong. */
bool pool_refuses_all(const struct pool *p);

#endif
