/*
 * ledger: what a run writes and reads while it works: runs, recipes, rules, calls, rollouts,
 * decisions, and the open pairs. Writing functions need a transaction.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "coordinator/store/store.h"
#include "judges/history.h"
#include "judges/seat.h"
#include "schemas/wire.h"

/* The recipe or the rules of a run, as stored. */
struct ledger_text {
    int64_t row;
    struct id id;
    struct buf text;
};

/* What a run works under. */
struct ledger_run {
    int64_t run;                    /* also the epoch */
    int64_t recipes[CALL_MAX_SEAT]; /* rows of the seats' recipes; [0] is that of `recipe` */
    struct ledger_text recipe, rules;
    bool resumed;                               /* there was a run before this one */
    bool unfinished;                            /* and it never said how it ended */
    struct ledger_text last_recipe, last_rules; /* of that run */
};

/* ledger_begin_run(s, p, seats, abilities, run, e): stores the seats' recipes and the rules when
 * they are new, opens the run; its own transaction. `abilities`: what the probe found, as JSON; ""
 * when nothing was probed. Free with ledger_free_run. */
bool ledger_begin_run(struct store *s, const struct project *p, const struct seats *seats,
                      struct slice abilities, struct ledger_run *run, struct err *e);
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
    enum trust trust;
    uint64_t domain, source; /* hashes of their names (ledger_name) */
};
/* ledger_name(text): 64 bits of a domain's or source's name; 0 for "". */
uint64_t ledger_name(struct slice text);
/* ledger_open_pairs(s, after, pairs, max, n, e): open pairs with rows above `after`, in order. */
bool ledger_open_pairs(struct store *s, uint64_t after, struct ledger_pair *pairs, size_t max,
                       size_t *n, struct err *e);
/* ledger_recent_pairs(s, pairs, max, n, e): the pairs of the last decisions that are in force,
 * newest first; no more than 10 * max decisions are looked at. */
bool ledger_recent_pairs(struct store *s, struct ledger_pair *pairs, size_t max, size_t *n,
                         struct err *e);
/* ledger_is_open(s, row, id, pair): whether it exists so and is not decided; then *pair is filled.
 */
bool ledger_is_open(struct store *s, uint64_t row, const struct id *id, struct ledger_pair *pair);
/* ledger_accepted(s, fn, context, e): how many pairs are accepted, by trust, domain, source, and
 * share of correct rollouts under the deciding recipe. */
struct ledger_accepted {
    enum trust trust;
    uint64_t domain, source;
    double pass;
    int64_t n;
};
bool ledger_accepted(struct store *s, void (*fn)(void *context, const struct ledger_accepted *a),
                     void *context, struct err *e);
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
    struct slice reference, rubric, language; /* plain text, may be empty */
};
bool ledger_task(struct store *s, uint64_t row, struct ledger_task *task, struct arena *arena,
                 struct err *e);

/* Rollouts */
struct ledger_rollout {
    int lane, k;
    int64_t call;
    enum verdict verdict;
    enum outcome outcome;
    int score_a, score_b; /* hundredths; SCORE_NONE: none */
    bool filtered;
};
/* ledger_rollouts(s, row, recipe, out, max, n, e): of one pair under one recipe, by k then lane. */
bool ledger_rollouts(struct store *s, uint64_t row, int64_t recipe, struct ledger_rollout *out,
                     size_t max, size_t *n, struct err *e);
/* A rollout that was begun and is not finished: the last of its calls. Of `result` only finish,
 * ask, format, verdict, first, trace_tokens, scores and whether a filter rejected it are filled. */
struct ledger_unfinished {
    int lane, k, step;
    struct call_result result;
};
bool ledger_unfinished(struct store *s, uint64_t row, int64_t recipe, struct ledger_unfinished *out,
                       size_t max, size_t *n, struct err *e);
/* ledger_history(s, row, recipe, lane, k, step, h, arena, e): the rollout as it stood after its
 * call `step` (-1: after its last one); its texts are copied to the arena. ERR_NOTFOUND: there is
 * no such call. */
bool ledger_history(struct store *s, uint64_t row, int64_t recipe, int lane, int k, int step,
                    struct history *h, struct arena *arena, struct err *e);
/* ledger_reflections(s, recipe, counts, e): finished rollouts of this recipe, by first and last
 * outcome. */
bool ledger_reflections(struct store *s, int64_t recipe, struct flip_counts *counts, struct err *e);
/* ledger_has_call(s, row, recipe, key): whether this call is stored. */
bool ledger_has_call(struct store *s, int64_t recipe, struct call_key key);
/* ledger_add_call(s, recipe, call, result, last, endpoint, cost, wall_ms, e): one finished call
 * with its text, and the counters; `last`: the rollout is finished with it and gets its row. The
 * second half of a pointwise judgment settles the outcome of both. Only rollouts of the roles that
 * decide (teachers and hinted) are counted in `rollouts.*`. */
bool ledger_add_call(struct store *s, int64_t recipe, enum seat_kind kind,
                     const struct wire_call *call, const struct call_result *result, bool last,
                     int64_t endpoint, int64_t cost_nano_usd, int64_t wall_ms, struct err *e);
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
/* The row of the rules that all decisions are under; another number: they have to be made again. */
#define LEDGER_RULES_IN_FORCE "rules.in_force"
/* ledger_set_live(s, name, value, e): a counter that is set, not added to. */
bool ledger_set_live(struct store *s, const char *name, int64_t value, struct err *e);

#endif
