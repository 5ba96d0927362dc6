/*
 * look: what the subcommands that look read of a store, beside its counters. Nothing here writes;
 * a run may go on meanwhile. Callbacks get texts that are valid until they return, and must not
 * call the function again that called them.
 */
#ifndef STORE_LOOK_H
#define STORE_LOOK_H

#include "coordinator/store/ledger.h"

/* look_begin / look_end: what is read between them is of one moment. Keep it short: it holds up the
 * run's checkpoints. */
bool look_begin(struct store *s, struct err *e);
void look_end(struct store *s);

/* The newest run. */
struct look_run {
    int64_t run;        /* 0: nothing has run yet */
    int64_t started_ms; /* wall clock */
    int64_t ended_ms;   /* 0: still going, or killed */
    int exit_status;    /* once it has ended */
    int64_t pid, recipe;
    struct slice host, ending; /* ending: a sentence */
    struct slice project;      /* the project it ran with, as JSON */
};
/* look_run(s, run, arena, e): texts are copied to the arena. */
bool look_run(struct store *s, struct look_run *run, struct arena *arena, struct err *e);
/* look_rng_seed(s, run, rng_seed): of the project a run ran with; false: no such run. */
bool look_rng_seed(struct store *s, int64_t run, int64_t *rng_seed);

bool look_workers(struct store *s, void (*fn)(void *context, const struct ledger_worker *worker),
                  void *context, struct err *e);

/* look_quarantine(s, max, fn, context, e): the first bad lines, by file and line. */
struct look_bad_line {
    struct slice file, reason, head;
    int64_t line;
};
bool look_quarantine(struct store *s, size_t max,
                     void (*fn)(void *context, const struct look_bad_line *line), void *context,
                     struct err *e);

/* look_deferred(s, why, e): appends why one of the deferred pairs is; nothing when there is none.
 */
bool look_deferred(struct store *s, struct buf *why, struct err *e);

/* A seed file as it was when it was last read to its end (see files in 001_ledger.sql). */
struct look_file {
    int64_t size, mtime_ns, inode, lines;
    char options[128];
};
/* look_file(s, name, file, e): 1: there, 0: not known, -1: failed. */
int look_file(struct store *s, const char *name, struct look_file *file, struct err *e);

/* Means over the newest calls. */
struct look_means {
    int64_t calls; /* 0: none yet */
    double prompt_tokens, completion_tokens, latency_ms;
};
bool look_recent_calls(struct store *s, int64_t max, struct look_means *means, struct err *e);

/* ---- pairs ---- */

/* look_find(s, text, hits, max, n, e): pairs whose id is `text` or begins with it (6 hex digits or
 * more), or whose seed the user calls so. */
bool look_find(struct store *s, struct slice text, struct ledger_pair *hits, size_t max, size_t *n,
               struct err *e);
/* look_pairs(s, after, pairs, max, n, e): all pairs with rows above `after`, in order. */
bool look_pairs(struct store *s, uint64_t after, struct ledger_pair *pairs, size_t max, size_t *n,
                struct err *e);

/* A pair with its seed. */
struct look_pair {
    uint64_t row;
    struct id id;
    enum trust trust;
    enum pair_state state;
    enum reason reason;  /* of the decision in force */
    struct slice detail; /* likewise */
    int64_t recipe;      /* that decided it; undecided: of the newest run; 0: none yet */
    struct slice name;   /* the user's own id */
    struct slice file;
    int64_t line;
    struct slice importer, group, domain, source, language, eval_set;
    struct slice prompt, chosen, rejected;       /* JSON lists of messages */
    struct slice chosen_author, rejected_author; /* empty: not known */
    struct slice evidence, answer, reference, rubric, meta;
};
/* look_pair(s, row, pair, arena, e): texts are copied to the arena. */
bool look_pair(struct store *s, uint64_t row, struct look_pair *pair, struct arena *arena,
               struct err *e);

struct look_decision {
    enum pair_state state;
    enum reason reason;
    struct slice detail;
    int64_t run, recipe, rules, decided_ms;
    bool in_force;
};
/* look_decisions(s, row, fn, context, e): of one pair, oldest first. */
bool look_decisions(struct store *s, uint64_t row,
                    void (*fn)(void *context, const struct look_decision *decision), void *context,
                    struct err *e);

/* One finished call, and the rollout it belongs to. */
struct look_call {
    enum seat_kind kind; /* who was asked */
    enum lane lane;
    int k, step;
    enum ask ask;
    enum format format;
    bool finished; /* the rollout is over */
    bool last;     /* the rollout ends with this call; `outcome` and `filter` are the rollout's */
    enum verdict verdict; /* of the rollout after this call */
    enum outcome outcome;
    enum verdict first;   /* last: before any cue */
    int cues;             /* last: how many times the rollout went on with one */
    int score_a, score_b; /* hundredths; SCORE_NONE: none */
    struct slice filter;  /* that rejected it; empty: none */
    int64_t recipe;
    struct id recipe_id;
    int64_t run;                                      /* that asked for it */
    struct slice thought, answer;                     /* the whole trace so far */
    struct slice segments;                            /* who wrote what of it (judges/history.h) */
    struct slice url, asked_model, model, request_id; /* model: as the server named it */
    int http_status;
    enum finish finish;
    enum thought_field thought_field;
    int64_t prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens;
    int64_t latency_ms, first_byte_ms, finished_ms;
};
/* look_calls(s, row, fn, context, e): of one pair, by recipe, lane, k and step. fn: false ends it.
 */
bool look_calls(struct store *s, uint64_t row,
                bool (*fn)(void *context, const struct look_call *call), void *context,
                struct err *e);

/* ---- all judgments ---- */

/* Whose rollouts are in the store. */
struct look_seat {
    int64_t recipe;
    struct id id; /* of the recipe */
    enum seat_kind kind;
    struct slice model; /* as the project names it */
};
/* look_seats(s, seats, max, n, arena, e): the first max recipes, in the order in which they came.
 */
bool look_seats(struct store *s, struct look_seat *seats, size_t max, size_t *n,
                struct arena *arena, struct err *e);

struct look_rollout {
    int64_t recipe, call;
    int lane, k;
    enum verdict verdict, first; /* at the end, and before any cue */
    enum outcome outcome;
    int cues;
    int score_a, score_b; /* hundredths; SCORE_NONE: none */
    bool filtered;
};
/* A pair with everything that was said of it. */
struct look_judged {
    struct ledger_pair pair;
    enum pair_state state;
    enum reason reason;
    int64_t recipe; /* that decided it; 0: undecided */
    struct slice name, domain, source, eval_set;
    const struct look_rollout *rollouts; /* by recipe, lane, k */
    size_t n;
};
/* look_judged(s, fn, context, e): every pair that has a finished rollout, in the order of rows. fn:
 * false ends it. Reads all rollouts. */
bool look_judged(struct store *s, bool (*fn)(void *context, const struct look_judged *judged),
                 void *context, struct err *e);

/* How a rollout stood after one of its calls. */
struct look_step {
    int64_t recipe;
    int lane, k, step;
    enum ask ask;
    enum verdict verdict;
    int score_a, score_b;
};
/* look_steps(s, row, fn, context, e): of the rollouts of one pair that have several calls, by
 * recipe, lane, k, step. */
bool look_steps(struct store *s, uint64_t row,
                void (*fn)(void *context, const struct look_step *step), void *context,
                struct err *e);

/* look_plain_thoughts(s, recipe, max, fn, context, e): thoughts of the newest correct rollouts that
 * were given no cue. */
bool look_plain_thoughts(struct store *s, int64_t recipe, int64_t max,
                         void (*fn)(void *context, struct slice thought), void *context,
                         struct err *e);

/* ---- samples ---- */

enum look_what {
    LOOK_STATE,   /* pairs in enum pair_state `code` */
    LOOK_REASON,  /* pairs decided for enum reason `code` */
    LOOK_VERDICT, /* pairs with a judgment of enum verdict `code` */
    LOOK_OUTCOME, /* pairs with a judgment of enum outcome `code` */
    LOOK_FILTER,  /* pairs that this filter, or a judgment of which it rejected */
};
struct look_wanted {
    enum look_what what;
    int code;
    const char *filter;
};
/* look_sample(s, wanted, salt, pairs, max, n, total, e): at most max of them, drawn by a hash of
 * their ids: the same store and salt give the same ones. *total: how many there are. */
bool look_sample(struct store *s, const struct look_wanted *wanted, uint64_t salt,
                 struct ledger_pair *pairs, size_t max, size_t *n, int64_t *total, struct err *e);

#endif
