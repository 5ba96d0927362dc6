/*
 * exporter: one output format = one file exporter_<name>.c ending in one `const struct exporter`.
 * It turns one pair with its rollouts into rows of JSON; shards, splits, compression, manifest and
 * card are release.c's work. row.h has what rows of all formats share, choice.h which traces leave.
 */
#ifndef EXPORTS_EXPORTER_H
#define EXPORTS_EXPORTER_H

#include "base/jsonw.h"
#include "coordinator/exports/kind.h"
#include "coordinator/store/release_view.h"
#include "judges/judge.h"
#include "schemas/project.h"

/* A judgment has two halves: the two orders; pointwise, the two answers. */
#define EXPORT_HALVES 2

struct transcript;

/* What the rows made so far consist of: it steers which traces are kept of the next pairs. */
struct export_tally {
    int64_t kinds[KIND_COUNT]; /* rows of traces by kind of reflection */
    int64_t hinted, checked, rows;
    struct flip_counts flips; /* their rollouts */
};

/* What an exporter is given: the pair, and what all rows of a release have in common. */
struct export_item {
    const struct project *project;
    const struct release_pair *pair;
    enum format format;                  /* in which the pair is, or would be, judged */
    enum lane lanes[EXPORT_HALVES];      /* of this format */
    const char *split;                   /* name of the side it falls on */
    const char *teacher;                 /* model name, for pairs without a rollout */
    struct slice prompts[EXPORT_HALVES]; /* by half: the request the judge gets, a JSON list of
                                            messages */
    struct export_tally *tally;
    struct transcript *transcript; /* for making a trace in */
    struct buf *line;              /* for making a row in; cleared by whoever begins one */
};

/* row(context, text, e): takes one finished row of JSON (without line break). */
typedef bool exporter_row_fn(void *context, struct slice text, struct err *e);

/* A column always has one type, and a value in every row. */
enum export_type {
    EXPORT_STRING,
    EXPORT_INT,
    EXPORT_NUMBER, /* always written with two decimals */
    EXPORT_BOOL,
    EXPORT_MESSAGES,
    EXPORT_SEGMENTS, /* a list of {"origin", "text", "train"} */
    EXPORT_OBJECT
};

struct export_column {
    const char *name;
    enum export_type type;
};

struct exporter {
    const char *name;
    const char *help;
    const struct export_column *columns; /* beyond those of row.h; ends with a row without name */
    /* rows(item, row, context, e): hands every row of this pair to row(); none is fine. */
    bool (*rows)(const struct export_item *item, exporter_row_fn *row, void *context,
                 struct err *e);
};

/* sorted by name, NULL at the end; made by the build */
extern const struct exporter *const exporter_table[];

/* exporter_find(name): NULL when there is none. */
const struct exporter *exporter_find(const char *name);

#endif
