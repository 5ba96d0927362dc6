/*
 * samples: seeds whose pairs are built here: which are to be built, the answers that were sampled
 * for them, what these are worth, and the pairs made of them. Writing functions need a transaction.
 */
#ifndef STORE_SAMPLES_H
#define STORE_SAMPLES_H

#include "coordinator/builder.h"
#include "coordinator/store/store.h"
#include "filters/answers/answer.h"
#include "judges/seat.h"
#include "schemas/wire.h"

struct ledger_run;

#define SAMPLES_MAX 512                             /* of one seed that are looked at */
#define SAMPLES_MEMORY ((size_t)1024 * 1024 * 1024) /* for all samples of one seed */

/* samples_open_seeds(s, p, after, seeds, max, n, e): seeds to be built with rows above `after`, in
 * order; only of the kinds that build.verifiable and build.open ask for. */
bool samples_open_seeds(struct store *s, const struct project *p, uint64_t after,
                        struct builder_seed *seeds, size_t max, size_t *n, struct err *e);
/* samples_open_seed(s, row, id, seed, found, e): whether it exists so and is to be built. */
bool samples_open_seed(struct store *s, uint64_t row, const struct id *id,
                       struct builder_seed *seed, bool *found, struct err *e);
/* samples_seed(s, row, id, found, e): whether this seed exists under this identity. */
bool samples_seed(struct store *s, uint64_t row, const struct id *id, bool *found, struct err *e);
/* samples_outdated(s, rules, after, seeds, max, n, e): seeds with rows above `after`, in order,
 * whose building ended under other rules when it ended last. */
bool samples_outdated(struct store *s, const struct id *rules, uint64_t after,
                      struct builder_seed *seeds, size_t max, size_t *n, struct err *e);
/* samples_reopen(s, rules, recipe, n, e): deferred seeds are open again, and those that gave no
 * pair under other rules; recipe > 0: also those that gave none under another recipe (redraw: all).
 */
bool samples_reopen(struct store *s, const struct id *rules, int64_t recipe, int64_t *n,
                    struct err *e);
/* samples_reopen_one(s, row, e): this one, however it ended; its pairs stay. */
bool samples_reopen_one(struct store *s, uint64_t row, struct err *e);
/* samples_set_rules(s, row, rules, e): it was looked at under these. */
bool samples_set_rules(struct store *s, uint64_t row, const struct id *rules, struct err *e);

/* The texts of a seed, in the arena. */
struct samples_task {
    struct slice prompt;              /* JSON list of messages */
    struct slice answer, answer_kind; /* of a known one; may be empty */
    struct slice language;
};
bool samples_task(struct store *s, uint64_t row, struct samples_task *task, struct arena *arena,
                  struct err *e);

/* One stored sample. Texts are in the arena. */
struct samples_sample {
    int64_t row, recipe;
    struct id recipe_id;
    enum lane lane;
    int k;
    enum finish finish;
    bool unclosed;
    struct slice answer;
    struct slice author;   /* the model that its recipe names */
    enum sample_mark mark; /* UNCHECKED: under these rules it has not been looked at */
    struct slice final, answer_part, why; /* of the check */
    double prompt_overlap, answer_overlap;
};
/* samples_read(s, row, rules, recipe, out, max, n, arena, e): a seed's samples of all recipes, by
 * lane, k and recipe; of more than `max`, those of `recipe` and of the latest others. Checks made
 * under other rules than `rules` do not count; NULL: all count. */
bool samples_read(struct store *s, uint64_t row, const struct id *rules, int64_t recipe,
                  struct samples_sample *out, size_t max, size_t *n, struct arena *arena,
                  struct err *e);
/* samples_baseline(s, row, text, arena, e): the usable answer to an open prompt that its changed
 * prompts are about: the first one. ERR_NOTFOUND: there is none. */
bool samples_baseline(struct store *s, uint64_t row, struct slice *text, struct arena *arena,
                      struct err *e);

/* samples_has(s, recipe, key): whether this sample is stored; key.row without CALL_SEED. */
bool samples_has(struct store *s, int64_t recipe, struct call_key key);
/* samples_add(s, recipe, call, result, endpoint, cost, wall_ms, e): one finished call, and the
 * counters. call->key.row is without CALL_SEED. */
bool samples_add(struct store *s, int64_t recipe, const struct wire_call *call,
                 const struct call_result *result, int64_t endpoint, int64_t cost_nano_usd,
                 int64_t wall_ms, struct err *e);

/* What was found out about a sample. Texts belong to the caller. */
struct samples_check {
    enum sample_mark mark;
    enum answer_verdict strict, lenient;
    struct slice final;       /* its final answer; of a changed prompt: that prompt */
    struct slice answer_part; /* of a changed prompt: the answer to it; empty: the whole sample */
    struct slice why;
    double prompt_overlap, answer_overlap; /* -1: not measured */
};
/* samples_set_check(s, row, recipe, key, rules, check, e): takes the place of an earlier one. */
bool samples_set_check(struct store *s, int64_t recipe, struct call_key key, const struct id *rules,
                       const struct samples_check *check, struct err *e);

/* samples_made_pair(s, pair): whether this pair was built here. */
bool samples_made_pair(struct store *s, uint64_t pair);

/* How the building of a seed ended. */
struct samples_end {
    const struct project *project;
    const struct seats *seats;    /* who judges the pairs */
    const struct ledger_run *run; /* that decides on labels */
    uint64_t seed;                /* row */
    struct id id;
    bool known;
    struct id rules;
    int64_t recipe;           /* the generator's; 0: there is none */
    enum build_reason reason; /* NONE: as the stored samples say (then pairs are made of them) */
    const char *detail;
    int64_t wall_ms;
};
/* What came of it. */
struct samples_made {
    int64_t pairs;     /* new ones */
    int64_t withdrawn; /* pairs whose label does not hold any more */
    int64_t returned;  /* pairs whose label holds again */
    int64_t holding;   /* pairs of the seed whose label holds, the new ones among them */
};
/* samples_relabel(s, end, made, arena, e): whether the labels of the seed's pairs hold under the
 * checks that are stored: one that does not is rejected as LABEL_WITHDRAWN, one that does again is
 * what it was before. A sample that is not checked yet changes nothing. Adds to *made. */
bool samples_relabel(struct store *s, const struct samples_end *end, struct samples_made *made,
                     struct arena *arena, struct err *e);
/* samples_end(s, end, made, arena, e): looks at the labels of the pairs that the seed has, makes as
 * many more of what is stored for it as are wanted, or notes why there are none; moves the
 * counters. Nothing when the seed is not open. Adds to *made. */
bool samples_end(struct store *s, const struct samples_end *end, struct samples_made *made,
                 struct arena *arena, struct err *e);

#endif
