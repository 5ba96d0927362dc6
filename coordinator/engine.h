/*
 * engine: the coordinator without its sockets and its disk: planner, pool and dispatch joined.
 * Events go in with the time they happened; what has to be done comes out through struct engine_io.
 * The same code runs in production and in the simulator.
 *
 * Promises: an ACK is sent only after engine_committed() says that what it acknowledges is durable;
 * a finished call is saved once and never made again; a FAIL or RENEW of an attempt that is not the
 * present one changes nothing.
 */
#ifndef COORDINATOR_ENGINE_H
#define COORDINATOR_ENGINE_H

#include "coordinator/builder.h"
#include "coordinator/dispatch.h"
#include "coordinator/planner.h"
#include "coordinator/pool.h"

enum engine_saved {
    ENGINE_SAVED,   /* staged: durable with the next commit */
    ENGINE_KNOWN,   /* the store has this call already */
    ENGINE_UNKNOWN, /* no such pair here: nothing to keep */
    ENGINE_UNSAVED, /* it could not be staged: the worker keeps it */
};

/* What the engine needs done for seeds whose pairs are built; with the context of engine_io. */
struct engine_building {
    /* grant(context, agent, task, n, b): as below. */
    bool (*grant)(void *context, const struct agent *agent, const struct task *task, int n,
                  const struct building *b);
    /* check(context, b, call, result): what a sample that was just saved is worth; UNCHECKED: it is
     * told later by engine_checked. */
    enum sample_mark (*check)(void *context, const struct building *b, const struct wire_call *call,
                              const struct call_result *result);
    /* build(context, b): stages the seed's pairs, made of what is stored for it, or that there are
     * none. */
    void (*build)(void *context, const struct building *b);
    /* defer(context, b, reason, detail): stages that it is taken up again by the next run. */
    void (*defer)(void *context, const struct building *b, enum build_reason reason,
                  const char *detail);
};

/* What the engine needs done. `context` is the caller's. None of these may call back into the
 * engine. */
struct engine_io {
    void *context;
    /* grant(context, agent, task, n, subject): send the call; n > 1: and the rollouts that follow
     * it, as one request (their tasks hold the attempts that follow). False: the pair's text cannot
     * be read or the request cannot be built, and the pair must be set aside. */
    bool (*grant)(void *context, const struct agent *agent, const struct task *task, int n,
                  const struct subject *subject);
    void (*cancel)(void *context, const struct agent *agent, uint64_t attempt);
    void (*ack)(void *context, uint32_t peer, uint64_t attempt);
    /* save(context, call, result, last): stages a finished call; last: its rollout is finished. */
    enum engine_saved (*save)(void *context, const struct wire_call *call,
                              const struct call_result *result, bool last);
    /* decide(context, subject, state, reason, detail): stages a decision. */
    void (*decide)(void *context, const struct subject *s, enum pair_state state,
                   enum reason reason, const char *detail);
    const struct engine_building *building; /* NULL: no seed is ever begun */
};

struct engine_totals { /* of this run */
    uint64_t answers, failures, retries;
    uint64_t tokens; /* prompt and completion */
    uint64_t decided[STATE_COUNT];
    uint64_t by_failure[FAILURE_COUNT];
};

enum engine_state {
    ENGINE_RUNNING,
    ENGINE_DRAINING, /* no new calls; waits for those that are out */
    ENGINE_STOPPED,  /* nothing is out any more */
};

struct engine;

/* engine_new(project, seats, epoch, io, now): NULL without memory. project, seats and io must
 * outlive it. */
struct engine *engine_new(const struct project *p, const struct seats *seats, uint64_t epoch,
                          const struct engine_io *io, int64_t now);
void engine_free(struct engine *e);

/* Pairs */
/* engine_wants(e): how many more open pairs should be loaded now. */
uint64_t engine_wants(const struct engine *e);
/* engine_has(e, row): whether this pair is under way. */
bool engine_has(const struct engine *e, uint64_t row);
/* engine_begin(e, pair): opens a pair for engine_recall and engine_resume; engine_admit(e, s) then
 * puts it under way (or decides it at once). NULL without memory. */
struct subject *engine_begin(struct engine *e, const struct planner_pair *pair);
void engine_recall(struct engine *e, struct subject *s, int seat, int lane, int k,
                   struct planner_news news);
/* engine_resume(e, s, key, result): a rollout that was begun and is not finished; `key` and
 * `result` are its last call's. */
void engine_resume(struct engine *e, struct subject *s, struct call_key key,
                   const struct call_result *result);
void engine_admit(struct engine *e, struct subject *s);
/* engine_rehearse(e, s, pair): a decided pair whose rollouts are only told (engine_recall) for what
 * they teach early stopping; it is not put under way. */
void engine_rehearse(struct engine *e, struct subject *s, const struct planner_pair *pair);
/* engine_before(e, accepted, hinted, flips): what earlier runs left: accepted pairs, those of them
 * by the hinted pass, and the teacher's finished rollouts. engine_accepted: likewise, by kind. */
void engine_before(struct engine *e, uint64_t accepted, uint64_t hinted,
                   const struct flip_counts *flips);
struct quota *engine_quota(struct engine *e);
/* engine_seat(e, call): the seat whose recipe the call is of; -1: none of this run. */
int engine_seat(const struct engine *e, const struct wire_call *call);

/* Seeds whose pairs are to be built; rows are without CALL_SEED. */
/* engine_wants_seeds(e): how many more should be begun now; pairs go first. */
uint64_t engine_wants_seeds(const struct engine *e);
bool engine_has_seed(const struct engine *e, uint64_t row);
/* engine_begin_seed(e, seed): opens it for builder_recall; engine_admit_seed(e, b) then puts it
 * under way (or ends it at once). NULL without memory. */
struct building *engine_begin_seed(struct engine *e, const struct builder_seed *seed);
void engine_admit_seed(struct engine *e, struct building *b);
/* engine_checked(e, row, lane, k, mark): what a sample is worth whose check took its time. */
void engine_checked(struct engine *e, uint64_t row, enum lane lane, int k, enum sample_mark mark);

/* engine_expect_refusals(e, n): so many pairs were deferred before; that their calls fail again
 * says nothing about the project. */
void engine_expect_refusals(struct engine *e, int64_t n);

/* Workers. A word from a peer that has not said HELLO is answered by false: tell it so (RESULT
 * excepted). */
bool engine_hello(struct engine *e, uint32_t peer, const struct wire_hello *m, int64_t now);
bool engine_ping(struct engine *e, uint32_t peer, const struct wire_ping *m, int64_t now);
/* engine_leaving(e, peer, now): the worker takes no more calls; those it has it finishes. */
bool engine_leaving(struct engine *e, uint32_t peer, int64_t now);
bool engine_renew(struct engine *e, uint32_t peer, const struct wire_call *call, int64_t now);
bool engine_fail(struct engine *e, uint32_t peer, const struct wire_call *call,
                 const struct wire_fail *m, int64_t now);
/* engine_result: from any peer; ENGINE_NO_PEER for one that was read from a spool. */
void engine_result(struct engine *e, uint32_t peer, const struct wire_call *call,
                   const struct call_result *result, int64_t now);
/* engine_gone(e, peer): the worker is known to be dead (its process ended, its pipe is gone) or
 * says BYE. */
void engine_gone(struct engine *e, uint32_t peer);
#define ENGINE_NO_PEER UINT32_MAX

/* Time */
/* engine_tick(e, now): expires leases, ends backoffs, hands out calls. Call it after the inbox was
 * drained. Returns the milliseconds until it wants to be called again, -1: only events. */
int64_t engine_tick(struct engine *e, int64_t now);
/* engine_committed(e): all that was staged is durable: acknowledgements go out. */
void engine_committed(struct engine *e);
/* engine_pause(e, paused): no new calls while paused; everything else goes on. */
void engine_pause(struct engine *e, bool paused);
/* engine_drain(e, why): no more calls; `why` is a sentence for the end of the run. The first one
 * stays. */
void engine_drain(struct engine *e, const char *why);

/* Looking */
enum engine_state engine_state(const struct engine *e);
const char *engine_why(const struct engine *e); /* "" while nothing has gone wrong */
bool engine_is_idle(const struct engine *e);    /* no pair under way, no call out */
uint64_t engine_leased(const struct engine *e);
uint64_t engine_waiting(const struct engine *e); /* calls in backoff */
/* engine_flying(e): calls out without what workers hold ready beyond their slots. */
uint64_t engine_flying(const struct engine *e);
const struct engine_totals *engine_totals(const struct engine *e);
const struct pool *engine_pool(const struct engine *e);
struct agent *engine_agents(const struct engine *e);

#endif
