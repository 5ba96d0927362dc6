/* rollouts: reading stored traces back in bulk, to decide again from them. */
#ifndef STORE_ROLLOUTS_H
#define STORE_ROLLOUTS_H

#include "coordinator/store/ledger.h"

/* One stored rollout with its text. */
struct ledger_text_row {
    int64_t call, pair, recipe;
    int lane, k;
    enum verdict verdict;
    enum finish finish;
    struct slice filter, thought, answer; /* in the arena */
};
/* ledger_text_rows(s, after, rows, max, n, arena, e): rollouts whose call is above `after`, in
 * order. */
bool ledger_text_rows(struct store *s, int64_t after, struct ledger_text_row *rows, size_t max,
                      size_t *n, struct arena *arena, struct err *e);
/* ledger_set_filter(s, row, name, e): the filter that rejects this rollout now, "" for none; moves
 * the counters. */
bool ledger_set_filter(struct store *s, const struct ledger_text_row *row, const char *name,
                       struct err *e);

/* A pair that is accepted or rejected, or open; the recipe whose rollouts (would) decide it. */
struct ledger_decided {
    uint64_t row;
    struct id id;
    int64_t recipe;
    enum pair_state state;
    enum reason reason;
};
/* ledger_judged_after(s, recipe, after, out, max, n, e): pairs that are decided, and open ones with
 * rollouts of this recipe, in the order of rows. */
bool ledger_judged_after(struct store *s, int64_t recipe, uint64_t after,
                         struct ledger_decided *out, size_t max, size_t *n, struct err *e);
/* ledger_first_correct(s, row, recipe, thought, answer, arena, e): the first correct, unfiltered
 * trace with the chosen answer shown first; both empty when there is none. */
bool ledger_first_correct(struct store *s, uint64_t row, int64_t recipe, struct slice *thought,
                          struct slice *answer, struct arena *arena, struct err *e);

#endif
