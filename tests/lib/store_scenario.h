/*
 * store_scenario: everything a run does to a store, in steps that may be repeated, as a coordinator
 * repeats them after a failure or a restart: open, begin, import, judge, decide, build pairs, read
 * back, end.
 */
#ifndef TESTS_STORE_SCENARIO_H
#define TESTS_STORE_SCENARIO_H

#include "coordinator/imports/intake.h"
#include "coordinator/staging.h"

#define SCENARIO_PAIRS 4
#define SCENARIO_SEEDS 2  /* prompts whose pairs are built */
#define SCENARIO_GROUPS 2 /* transactions of calls and decisions */

struct scenario {
    char store_path[300], seeds_path[300];
    struct arena arena;
    struct project project;
    struct seats seats;
    struct store *store;
    struct staging *staging;
    struct ledger_run run;
    int64_t endpoint;
    bool small_cache;                      /* so small that pages are written before the commit */
    int commits;                           /* transactions that were reported as committed */
    void (*committed)(struct scenario *s); /* told after each of them; NULL: nobody */
};

/* scenario_init(s, dir): writes the seed file unless it is there; the store will be in dir/store.
 */
void scenario_init(struct scenario *s, const char *dir);
void scenario_free(struct scenario *s);
/* scenario_step(s, step, e): one of SCENARIO_STEPS steps, in order; a step that failed may be
 * repeated. */
#define SCENARIO_STEPS (6 + SCENARIO_GROUPS)
bool scenario_step(struct scenario *s, int step, struct err *e);
/* scenario_close(s): the process is over; the next step is the first again. */
void scenario_close(struct scenario *s);

#endif
