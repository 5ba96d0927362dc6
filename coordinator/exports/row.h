/*
 * row: what the rows of all formats have in common: the columns that say where a row comes from and
 * what its trace is.
 */
#ifndef EXPORTS_ROW_H
#define EXPORTS_ROW_H

#include "coordinator/exports/exporter.h"

#define ROW_BYTES_MAX ((size_t)1 << 30)

/* What the column `gold` says of a pointwise row. */
#define ROW_CHOSEN "chosen"
#define ROW_REJECTED "rejected"

/* The columns every row has; ends with a row without name. */
extern const struct export_column row_columns[];

/* What a row is about. */
struct row_about {
    int half;
    const struct release_rollout *trace; /* whose kind and marks stand in the row; NULL: none */
    bool alone;                          /* it is the one judgment that the row shows */
};

/* row_begin(item): a new row in item->line, open for the format's own columns. */
struct jsonw row_begin(const struct export_item *item);
/* row_end(item, w, about, row, context, e): adds the common columns, hands the row to row(). */
bool row_end(const struct export_item *item, struct jsonw *w, const struct row_about *about,
             exporter_row_fn *row, void *context, struct err *e);
/* row_assistant(item, w, key, rollout, e): the trace as a list of one assistant message; it stays
 * in item->transcript. */
bool row_assistant(const struct export_item *item, struct jsonw *w, const char *key,
                   const struct release_rollout *rollout, struct err *e);
/* row_score(w, key, score): hundredths as points with two decimals; "-1.00" for none. */
void row_score(struct jsonw *w, const char *key, int score);
/* row_gold(lane): the letter that is right in this order; pointwise: which answer it is. */
const char *row_gold(enum lane lane);
/* row_counts(item, w, half): n_correct, n_rollouts, stopped, and those of the student. */
void row_counts(const struct export_item *item, struct jsonw *w, int half);

#endif
