/*
 * filter: one check of judged traces = one file filter_<name>.c ending in one `const struct
 * filter`. A rollout filter sees one trace and runs in the worker; a corpus filter sees all
 * accepted pairs one after the other and runs in the coordinator. A filter answers KEEP or REJECT;
 * it never changes text.
 */
#ifndef FILTERS_FILTER_H
#define FILTERS_FILTER_H

#include "base/err.h"
#include "judges/trace.h"

#define FILTER_MAX_OPTIONS 8

enum filter_scope { FILTER_ROLLOUT, FILTER_CORPUS };

/* One option of a filter: a number with bounds. Its value is settings[i] of the same index. */
struct filter_option {
    const char *name;
    double fallback, min, max;
    const char *help;
};

/* What a corpus filter is shown of an accepted pair: its identity and one kept trace. */
struct filter_item {
    struct id pair;
    struct slice thought, answer;
};

struct filter_case {
    const char *thought, *answer;
    const char *options; /* "min=10 max=20" */
    bool keep;
    const char *why;
};

struct filter {
    const char *name;
    const char *help;
    enum filter_scope scope;
    const struct filter_option *options; /* ends with a NULL name */
    /* rollout scope: true keeps. Pure, linear in the text. */
    bool (*keep)(const double *settings, const struct trace *trace);
    /* corpus scope: state lives for one pass over the accepted pairs, in the order of their rows.
     */
    void *(*open)(const double *settings);
    bool (*admit)(void *state, const struct filter_item *item);
    void (*close)(void *state);
    const struct filter_case *cases;
    size_t n_cases;
};

extern const struct filter
    *const filter_table[]; /* sorted by name, NULL at the end; made by the build */

const struct filter *filter_find(const char *name);

#endif
