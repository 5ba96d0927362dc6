/*
 * redecide: decides again from stored rollouts under the present rules, without a call: filters
 * first, then acceptance; and the pass of the corpus filters over the accepted pairs.
 */
#ifndef COORDINATOR_REDECIDE_H
#define COORDINATOR_REDECIDE_H

#include "coordinator/store/rollouts.h"
#include "filters/chain.h"

struct redecide {
    struct store *store;
    const struct project *project;
    const struct chain *chain;
    int64_t run, rules; /* rows that new decisions name */
    const struct seats *seats;
    const int64_t *recipes; /* rows of their recipes; [0]'s rollouts decide pairs that are open */
    bool (*stop)(void *context); /* asked between two chunks; NULL: never */
    void *context;
};

struct redecide_report {
    int64_t rollouts, refiltered; /* looked at; whose filter changed */
    int64_t pairs; /* those that were looked at: decided ones, and open ones with rollouts */
    int64_t moved[STATE_COUNT][STATE_COUNT]; /* from, to; only where they differ */
};

/* The counter that names the rules all decisions are under; another number: redecide_all has to be
 * run (again). */
#define REDECIDE_COUNTER LEDGER_RULES_IN_FORCE

/* redecide_all(r, report, e): in chunks, each its own transaction; may be interrupted and repeated
 * at any point. When it was stopped it is true, too, and has to be run again. */
bool redecide_all(const struct redecide *r, struct redecide_report *report, struct err *e);
/* redecide_corpus(r, report, e): every accepted pair, and every one a corpus filter rejected
 * before, in the order of their rows. Does nothing when the chain has no corpus filter and none has
 * rejected anything. */
bool redecide_corpus(const struct redecide *r, struct redecide_report *report, struct err *e);

#endif
