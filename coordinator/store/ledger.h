/*
 * ledger: what a run writes and reads while it works: runs, recipes, rules, calls, rollouts,
 * decisions, and the open pairs. Writing functions need a transaction.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "coordinator/store/store.h"
#include "schemas/call.h"
#include "schemas/wire.h"

/* The recipe or the rules of a run, as stored. */
struct ledger_text {
    int64_t row;
    struct id id;
    struct buf text;
};

/* What a run works under. */
struct ledger_run {
    int64_t run; /* also the epoch */
    struct ledger_text recipe, rules;
    bool resumed;                               /* there was a run before this one */
    bool unfinished;                            /* and it never said how it ended */
    struct ledger_text last_recipe, last_rules; /* of that run */
};

/* ledger_begin_run(s, p, recipe, rules, run, e): stores recipe and rules texts when they are new,
 * opens the run; its own transaction. Free with ledger_free_run. */
bool ledger_begin_run(struct store *s, const struct project *p, struct slice recipe,
                      struct slice rules, struct ledger_run *run, struct err *e);
void ledger_free_run(struct ledger_run *run);
/* ledger_end_run(s, run, exit, ending, e): how it ended; its own transaction. */
bool ledger_end_run(struct store *s, int64_t run, int exit_status, const char *ending,
                    struct err *e);
/* ledger_recipe(s, id, row, found, e): the row of a recipe, if it is stored. */
bool ledger_recipe(struct store *s, const struct id *id, int64_t *row, bool *found, struct err *e);

/* Pairs */
struct ledger_pair {
    uint64_t row;
    struct id id;
};
/* ledger_open_pairs(s, after, pairs, max, n, e): open pairs with rows above `after`, in order. */
bool ledger_open_pairs(struct store *s, uint64_t after, struct ledger_pair *pairs, size_t max,
                       size_t *n, struct err *e);
/* ledger_recent_pairs(s, pairs, max, n, e): the pairs of the last decisions that are in force,
 * newest first; no more than 10 * max decisions are looked at. */
bool ledger_recent_pairs(struct store *s, struct ledger_pair *pairs, size_t max, size_t *n,
                         struct err *e);
/* ledger_is_open(s, row, id): whether it exists so and is not decided. */
bool ledger_is_open(struct store *s, uint64_t row, const struct id *id);
/* ledger_pair(s, row, id, found, e): whether this pair exists under this identity. */
bool ledger_pair(struct store *s, uint64_t row, const struct id *id, bool *found, struct err *e);
/* ledger_reopen_deferred(s, e): deferred pairs are open again; for the start of a run. */
bool ledger_reopen_deferred(struct store *s, int64_t *n, struct err *e);
/* ledger_reopen_all(s, recipe, e): pairs that were decided under another recipe are open again
 * (redraw: all). */
bool ledger_reopen_redrawn(struct store *s, int64_t recipe, int64_t *n, struct err *e);

/* The texts of a pair, as JSON lists of messages, in the arena. */
struct ledger_task {
    struct slice prompt, chosen, rejected;
};
bool ledger_task(struct store *s, uint64_t row, struct ledger_task *task, struct arena *arena,
                 struct err *e);

/* Rollouts */
struct ledger_rollout {
    int lane, k;
    int64_t call;
    enum verdict verdict;
    enum outcome outcome;
    bool filtered;
};
/* ledger_rollouts(s, row, recipe, out, max, n, e): of one pair under one recipe, by k then lane. */
bool ledger_rollouts(struct store *s, uint64_t row, int64_t recipe, struct ledger_rollout *out,
                     size_t max, size_t *n, struct err *e);
/* ledger_has_call(s, row, recipe, key): whether this call is stored. */
bool ledger_has_call(struct store *s, int64_t recipe, struct call_key key);
/* ledger_add_call(s, recipe, call, result, endpoint, wall_ms, prices, e): one finished call with
 * its text and its rollout, and the counters. */
bool ledger_add_call(struct store *s, int64_t recipe, const struct wire_call *call,
                     const struct call_result *result, int64_t endpoint, int64_t cost_nano_usd,
                     int64_t wall_ms, struct err *e);
/* ledger_endpoint(s, endpoint, row, e): the row of an endpoint, made when it is new. */
bool ledger_endpoint(struct store *s, const struct project_endpoint *endpoint, int64_t *row,
                     struct err *e);

/* Decisions */
struct ledger_decision {
    uint64_t pair;
    int64_t recipe, rules, run;
    enum pair_state state;
    enum reason reason;
    const char *detail;
};
/* ledger_decide(s, d, wall_ms, e): adds the decision, puts it in force, moves the counters. */
bool ledger_decide(struct store *s, const struct ledger_decision *d, int64_t wall_ms,
                   struct err *e);

/* Workers and what is in flight, for `status`; rewritten about once a second. */
struct ledger_worker {
    char uid[ID_HEX];
    const char *host;
    uint32_t pid, slots, in_flight;
    bool local;
    uint64_t done;
    int64_t connected_ms, seen_ms;
};
bool ledger_set_workers(struct store *s, const struct ledger_worker *workers, size_t n,
                        struct err *e);
/* ledger_set_live(s, name, value, e): a counter that is set, not added to. */
bool ledger_set_live(struct store *s, const char *name, int64_t value, struct err *e);

#endif
