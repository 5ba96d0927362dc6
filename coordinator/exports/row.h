/*
 * row: what the rows of all formats have in common: the columns that say where a row comes from,
 * the choice among several traces, and the text of a trace.
 */
#ifndef EXPORTS_ROW_H
#define EXPORTS_ROW_H

#include "coordinator/exports/exporter.h"

#define ROW_BYTES_MAX ((size_t)1 << 30)

/* The columns every row has; ends with a row without name. */
extern const struct export_column row_columns[];

/* row_begin(item): a new row in item->line, open for the format's own columns. */
struct jsonw row_begin(const struct export_item *item);
/* row_end(item, w, lane, rollout, row, context, e): adds the common columns, hands the row to
 * row(). `rollout` is the one judgment that the row shows, NULL when it is no single one. */
bool row_end(const struct export_item *item, struct jsonw *w, enum lane lane,
             const struct release_rollout *rollout, exporter_row_fn *row, void *context,
             struct err *e);
/* row_assistant(item, w, key, rollout): the trace as a list of one assistant message. */
void row_assistant(const struct export_item *item, struct jsonw *w, const char *key,
                   const struct release_rollout *rollout);

/* row_keep(item, lane, outcome, kept): the traces of that order and outcome that no filter
 * rejected, as `accept.keep` ranks them, at most `accept.keep_per_order`. kept has room for
 * CALL_MAX_K. */
size_t row_keep(const struct export_item *item, enum lane lane, enum outcome outcome,
                const struct release_rollout **kept);
/* row_accepted(item): the pair was accepted, and both orders have a correct trace to show. */
bool row_accepted(const struct export_item *item);
/* row_correct / row_rollouts: of the pair in this order; correct: and no filter rejected it. */
int row_correct(const struct export_item *item, enum lane lane);
int row_rollouts(const struct export_item *item, enum lane lane);

#endif
