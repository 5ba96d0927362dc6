/* rollouts: reading stored traces back in bulk, to decide again from them. */
#ifndef STORE_ROLLOUTS_H
#define STORE_ROLLOUTS_H

#include "coordinator/store/ledger.h"

/* One finished rollout with its text and what it judged; slices in the arena. */
struct ledger_text_row {
    int64_t call, pair, recipe;
    struct id pair_id, recipe_id; /* the nonce follows from them */
    enum seat_kind kind;          /* of the recipe */
    int lane, k;
    enum verdict verdict;
    enum finish finish;
    enum format format;
    struct slice filter, thought, answer;
    struct slice segments;                    /* see judges/history.h; empty: one call wrote all */
    struct slice prompt, answer_a, answer_b;  /* JSON lists of messages, as they were shown in this
                                                 lane; pointwise: answer_b is empty */
    struct slice reference, rubric, language; /* plain text, may be empty */
};
/* ledger_text_rows(s, after, rows, max, n, arena, e): rollouts whose last call is above `after`, in
 * the order of these calls. */
bool ledger_text_rows(struct store *s, int64_t after, struct ledger_text_row *rows, size_t max,
                      size_t *n, struct arena *arena, struct err *e);
/* ledger_set_filter(s, row, name, e): the filter that rejects this rollout now, "" for none; moves
 * the counters. */
bool ledger_set_filter(struct store *s, const struct ledger_text_row *row, const char *name,
                       struct err *e);

/* A pair that is accepted or rejected, or open; the recipe whose rollouts (would) decide it. */
struct ledger_decided {
    struct ledger_pair pair;
    int64_t recipe; /* of seat 0 */
    int64_t run;    /* that decided it; open: 0 */
    enum pair_state state;
    enum reason reason;
};
/* ledger_judged_after(s, recipe, after, out, max, n, e): pairs that are decided, and open ones with
 * rollouts of this recipe, in the order of rows. */
bool ledger_judged_after(struct store *s, int64_t recipe, uint64_t after,
                         struct ledger_decided *out, size_t max, size_t *n, struct err *e);

/* Who judged beside a seat 0, as rows of recipes in the order of struct seats. */
struct ledger_seats {
    int64_t recipes[CALL_MAX_SEAT]; /* [0]: that of seat 0 */
    enum seat_kind kinds[CALL_MAX_SEAT];
    size_t n;
};
/* ledger_seats(s, run, recipe, seats, e): the seats of `run` when its seat 0 has this recipe, else
 * those of the newest run for which this holds; of no such run: seat 0 alone. */
bool ledger_seats(struct store *s, int64_t run, int64_t recipe, struct ledger_seats *seats,
                  struct err *e);

/* What a filter over the whole set needs of an accepted pair: the traces that could be exported,
 * correct and rejected by no filter, by order (pointwise: by answer) and k; slices in the arena. */
struct ledger_kept {
    int k;
    int64_t call;
    struct slice thought, answer;
};
struct ledger_item {
    struct slice prompt, chosen, rejected; /* JSON lists of messages */
    struct slice evidence;                 /* JSON */
    struct ledger_kept *sides[2];          /* chosen shown first (or alone); rejected likewise */
    size_t n[2];
};
bool ledger_kept(struct store *s, uint64_t row, int64_t recipe, struct ledger_item *item,
                 struct arena *arena, struct err *e);

#endif
