/*
 * filter: one check of judged traces = one file filter_<name>.c ending in one `const struct
 * filter`. A rollout filter sees one trace and runs in the worker; a corpus filter sees all
 * accepted pairs one after the other, each with the traces that would be exported, and runs in the
 * coordinator. A filter answers KEEP or REJECT; it never changes text.
 */
#ifndef FILTERS_FILTER_H
#define FILTERS_FILTER_H

#include "base/err.h"
#include "judges/history.h"
#include "judges/task.h"

#define FILTER_MAX_OPTIONS 8

enum filter_scope { FILTER_ROLLOUT, FILTER_CORPUS };

/* One option of a filter: a number with bounds. Its value is settings[i] of the same index. */
struct filter_option {
    const char *name;
    double fallback, min, max;
    const char *help;
};

/* What a rollout filter is shown: the trace, what was judged, as it was shown, and the verdict. */
struct filter_view {
    const struct trace *trace;
    const struct judge_task *task; /* never NULL; pointwise: answer_b has no message */
    enum verdict verdict;          /* A, B or SCORE */
    const struct segment *segments;
    size_t n_segments; /* 0: all of it is one call's */
};

/* One order of an accepted pair: its first kept trace. */
struct filter_side {
    struct slice thought, answer;
};

/* What a corpus filter is shown of an accepted pair. */
struct filter_item {
    struct id pair;
    struct filter_side sides[2];           /* chosen shown first, rejected shown first */
    struct slice evidence;                 /* JSON: how we know which one is better; may be empty */
    struct slice prompt, chosen, rejected; /* JSON lists of messages */
};

/* A row of a filter's own tests. A corpus filter sees thought and answer as the first order's; rows
 * that follow each other with the same options are one corpus. */
struct filter_case {
    const char *thought, *answer;
    const char *options; /* "min=10 max=20" */
    bool keep;
    const char *why;
    /* For those that look at more; NULL: empty. */
    const char *answer_a, *answer_b;      /* what was judged, as shown; corpus: chosen, rejected */
    char verdict;                         /* 'A' or 'B'; 0: A */
    const char *other_thought, *evidence; /* corpus scope: of the other order; JSON */
};

/* FILTER_CASE(thought, answer, options, keep, why): of a filter that looks at the trace alone. */
#define FILTER_CASE(t, a, o, k, w)                                             \
    {                                                                          \
        .thought = (t), .answer = (a), .options = (o), .keep = (k), .why = (w) \
    }

struct filter {
    const char *name;
    const char *help;
    enum filter_scope scope;
    const struct filter_option *options; /* ends with a NULL name */
    /* rollout scope: true keeps. Pure, linear in the text. */
    bool (*keep)(const double *settings, const struct filter_view *view);
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
