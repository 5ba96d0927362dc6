/* plan: what a run would find to do, and what that is likely to take. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include "base/jsonw.h"
#include "cli/counts.h"
#include "cli/forecast.h"
#include "cli/opening.h"

/* A seed file and how many of its lines a run would still import. */
struct plan_file {
    const char *name;
    bool imported; /* unchanged since it was imported */
    bool exact;    /* the number of lines was counted, not estimated */
    bool unknown;  /* standard input: cannot be counted */
    int64_t lines, bytes;
    double paired;      /* share of its records that hold a pair … */
    double known, open; /* … or a prompt with or without a known answer, whose pair is built */
};

/* Prompts that come without a pair and get one built. */
struct plan_builds {
    double known, open; /* prompts; */
    double seeds;       /* in all */
    double calls, pairs;
    bool measured; /* on the prompts built so far */
};

struct plan {
    struct counts counts;
    bool has_store;
    struct plan_file *files;
    size_t n_files;
    int64_t new_lines; /* not imported yet */
    bool exact;        /* new_lines is */
    int64_t pairs;     /* to judge: open, deferred, one of each new line with a pair, and built */
    struct plan_builds builds;
    int64_t decided;    /* that calls per pair were measured on; 0: they are assumed */
    int64_t calls_seen; /* that tokens and latency were measured on; 0: they are assumed */
    struct forecast_basis basis;
    struct forecast forecast;
};

/* plan_read(plan, o, e): o has its project, and its store if there is one. Reads seed files that
 * are not imported yet as far as counting needs. */
bool plan_read(struct plan *plan, struct opening *o, struct err *e);
void plan_text(struct buf *out, const struct plan *plan);
/* plan_json(w, plan): members of an object. */
void plan_json(struct jsonw *w, const struct plan *plan);

#endif
