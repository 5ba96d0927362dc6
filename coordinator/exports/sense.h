/* sense: whether one row of a release is what rows promise to be. */
#ifndef EXPORTS_SENSE_H
#define EXPORTS_SENSE_H

#include "base/json.h"
#include "coordinator/exports/exporter.h"

/* sense_columns(row, columns, e): every column is there and of its type; else ERR_CORRUPT. */
bool sense_columns(const json *row, const struct export_column *columns, struct err *e);
/* sense_row(row, e): what its columns say agrees: order and gold, verdict and scores, the
 * completion and its segments, cues and reflection. */
bool sense_row(const json *row, struct err *e);
/* sense_count(row, f): enters a row of sft by its reflection. */
void sense_count(const json *row, struct flips *f);

#endif
