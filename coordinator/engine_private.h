/* engine_private: what the parts of the engine share: engine.c (time), engine_pairs.c (pairs and
 * their tasks) and engine_inbox.c (what workers say). */
#ifndef COORDINATOR_ENGINE_PRIVATE_H
#define COORDINATOR_ENGINE_PRIVATE_H

#define HASH_NONFATAL_OOM 1 /* uthash would call exit() */
#include <uthash.h>

#include "coordinator/engine.h"
#include "coordinator/quota.h"
#include "coordinator/reflector.h"

/* Failures that are not the request's own that one call may meet, in multiples of `tries`. */
#define ENGINE_TURNED_AWAY_PER_TRY 16

/* A pair or a seed under way, in the table of all of them. */
struct begun {
    union {
        struct subject subject;   /* first: engine_begin hands out its address */
        struct building building; /* row has CALL_SEED */
    };
    uint64_t row;
    struct task *tasks; /* that name it as their owner, linked by of_owner */
    UT_hash_handle hh;
};

/* The next call of a rollout, to be made once the one before it is durable. */
struct sequel {
    struct call_key key;
    enum ask ask;
};

struct receipt {
    uint32_t peer;
    uint64_t attempt;
};

struct engine {
    const struct project *project;
    const struct engine_io *io;
    const struct seats *seats;
    struct planner *planner;
    struct reflector *reflector;
    struct quota quota;
    struct dispatch *dispatch;
    struct pool pool;
    struct begun *begun;
    uint64_t n_seeds;         /* of them */
    int generator;            /* its seat; -1: there is none */
    struct receipt *receipts; /* to be sent after the commit */
    size_t n_receipts, cap_receipts;
    struct sequel *sequels; /* likewise */
    size_t n_sequels, cap_sequels;
    struct engine_totals totals;
    int64_t lease_ms, started;
    int64_t wanted_since; /* an answer of the teacher has been wanted without a break since then */
    bool paused, draining;
    char why[800];
    char last_failure[400]; /* of a call; "": none has failed */
};

static inline uint64_t engine_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline bool engine_is_seed(const struct begun *b)
{
    return (b->row & CALL_SEED) != 0;
}

static inline const struct id *engine_id(const struct begun *b)
{
    return engine_is_seed(b) ? &b->building.id : &b->subject.id;
}

/* engine_put(e, b): into the table, by its row; false (and b is freed) without memory. */
bool engine_put(struct engine *e, struct begun *b);
/* engine_forget(e, b, cut): it is over: what is still out for it is nobody's any more, and is
 * stored all the same when it comes; `cut`: it is cancelled. */
void engine_forget(struct engine *e, struct begun *b, bool cut);
/* engine_find(e, row): the pair under way, NULL when it is not. */
struct begun *engine_find(const struct engine *e, uint64_t row);
/* engine_add(e, b, key, ask, band): a task of this pair, unless there is one. False: no memory. */
bool engine_add(struct engine *e, struct begun *b, struct call_key key, enum ask ask, int band);
/* engine_follow(e, key, ask): its sequel is to be made after the next commit. */
bool engine_follow(struct engine *e, struct call_key key, enum ask ask);
/* engine_advance(e, b): what the pair or seed needs next: calls, or its end (then b is gone). */
void engine_advance(struct engine *e, struct begun *b);
/* engine_advance_seed / engine_defer_seed: of seeds, by the functions around them. */
void engine_advance_seed(struct engine *e, struct begun *b);
void engine_defer_seed(struct engine *e, struct begun *b, enum reason reason, const char *detail);
/* engine_set_aside(e, t, reason, detail): the task cannot be done: its pair is deferred. A student
 * that cannot take the pair is passed over. */
void engine_set_aside(struct engine *e, struct task *t, enum reason reason, const char *detail);
/* engine_drop(e, t): takes the task out of the world, after its pair has let go of it. */
void engine_drop(struct engine *e, struct task *t);
/* engine_take_back(e, t): a leased task whose worker will not finish it. */
void engine_take_back(struct engine *e, struct task *t);

#endif
