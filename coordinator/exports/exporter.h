/*
 * exporter: one output format = one file exporter_<name>.c ending in one `const struct exporter`. It
 * turns one pair with its rollouts into rows of JSON; shards, splits, compression, manifest and card
 * are release.c's work.
 */
#ifndef EXPORTS_EXPORTER_H
#define EXPORTS_EXPORTER_H

#include "base/jsonw.h"
#include "coordinator/store/release_view.h"
#include "judges/judge.h"

/* What an exporter is given: the pair, and what all rows of a release have in common. */
struct export_item {
    const struct project *project;
    const struct judge *judge;
    const struct release_pair *pair;
    const char *split;   /* name of the side it falls on */
    const char *teacher; /* model name */
    struct arena *arena; /* for the time of this pair */
};

/* row(context, json, e): takes one finished row (without line break). */
typedef bool exporter_row_fn(void *context, struct slice json, struct err *e);

struct exporter {
    const char *name;
    const char *help;
    /* rows(item, row, context, e): hands every row of this pair to row(); none is fine. */
    bool (*rows)(const struct export_item *item, exporter_row_fn *row, void *context, struct err *e);
};

extern const struct exporter *const exporter_table[]; /* sorted by name, NULL at the end; made by the build */

const struct exporter *exporter_find(const char *name);

#endif
