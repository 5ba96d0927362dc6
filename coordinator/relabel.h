/*
 * relabel: what stored samples are worth under the present rules of building, without a call. Pairs
 * whose labels do not hold any more are taken out, those whose labels hold again come back, and
 * seeds get the pairs that the rules now make of what is stored for them.
 */
#ifndef COORDINATOR_RELABEL_H
#define COORDINATOR_RELABEL_H

#include "coordinator/store/samples.h"

struct relabel {
    struct store *store;
    const struct project *project;
    const struct seats *seats;
    const struct ledger_run *run;
    /* What only the command of answers.exec can compare is opened, for a run to have it compared;
     * else it is left as it is. */
    bool running;
    bool (*stop)(void *context); /* asked between two chunks; NULL: never */
    void *context;
};

struct relabel_report {
    int64_t seeds;               /* looked at */
    int64_t samples, changed;    /* likewise; whose worth is another now */
    int64_t withdrawn, returned; /* pairs */
    int64_t pairs;               /* new ones */
    int64_t wanting;             /* seeds that need more answers now */
    int64_t commanded;           /* seeds that the command must look at */
};

/* The counter that names the rules that all ends of building are under. */
#define RELABEL_COUNTER "rules.building"

/* relabel_rules(p, id, e): the fingerprint of the rules that samples are checked under. */
bool relabel_rules(const struct project *p, struct id *id, struct err *e);
/* relabel_all(r, report, e): all seeds whose building ended under other rules. In chunks, each its
 * own transaction; may be interrupted and repeated at any point. Does nothing while the rules are
 * those of the last time. Pairs that came back are to be decided again (redecide.h). */
bool relabel_all(const struct relabel *r, struct relabel_report *report, struct err *e);

#endif
