/*
 * checking: what a sample is worth: its final answer is found and compared with the known one, or a
 * changed prompt and the answer to it are set apart and compared with the original ones. Pure.
 */
#ifndef COORDINATOR_CHECKING_H
#define COORDINATOR_CHECKING_H

#include "coordinator/store/samples.h"
#include "judges/nonce.h"

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

/* checking_of(p, seed, task, x, baseline, nonce): a sample as it is looked at, whether it has just
 * come or is stored. Texts stay the arguments'; `nonce` is room for that of its marks. */
struct checking checking_of(const struct project *p, const struct builder_seed *seed,
                            const struct samples_task *task, const struct samples_sample *x,
                            struct slice baseline, char nonce[NONCE_BYTES + 1]);
/* checking_baseline(all, n): of these samples of an open prompt the answer that a changed prompt
 * which comes after them is about; empty: there is none. */
struct slice checking_baseline(const struct samples_sample *all, size_t n);
/* checking_mark(p, seats, x): what the sample counts as for the builder: one that may stand in no
 * pair is not enough of anything. */
enum sample_mark checking_mark(const struct project *p, const struct seats *seats,
                               const struct samples_sample *x);
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
