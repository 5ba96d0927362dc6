/*
 * checking: what a sample is worth: its final answer is found and compared with the known one, or a
 * changed prompt and the answer to it are set apart and compared with the original ones. Pure.
 */
#ifndef COORDINATOR_CHECKING_H
#define COORDINATOR_CHECKING_H

#include "coordinator/store/samples.h"

/* A sample and what it is compared with. */
struct checking {
    const struct project *project;
    enum lane lane;
    bool known;              /* the seed's answer is */
    struct slice gold, kind; /* known: the answer, and its kind ("": the project's) */
    struct slice prompt;     /* JSON list of messages */
    struct slice baseline;   /* LANE_MODIFIED: the answer to the original prompt */
    struct slice nonce;      /* in the marks of a changed prompt; empty: none */
    enum finish finish;
    bool unclosed; /* the thought never ended */
    struct slice answer;
};

/* checking_look(c, out, arena): the check; its texts point into the arguments or the arena. False:
 * it is to be made by the user's command (kind exec): out->final is what to compare. True with the
 * mark UNCHECKED: out of memory. */
bool checking_look(const struct checking *c, struct samples_check *out, struct arena *arena);
/* checking_heed(p, out, result, arena): completes such a check by what the command answered. */
struct answer_result;
void checking_heed(const struct project *p, struct samples_check *out,
                   const struct answer_result *result, struct arena *arena);
/* checking_gold(p, answer, kind, e): whether a known answer is one of its kind; false with a
 * sentence. */
bool checking_gold(const struct project *p, struct slice answer, struct slice kind, struct err *e);

#endif
