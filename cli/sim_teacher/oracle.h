/* oracle: what the simulated judge decides, as a pure function of its character and the request. */
#ifndef SIM_TEACHER_ORACLE_H
#define SIM_TEACHER_ORACLE_H

#include "schemas/types.h"

struct oracle {
    double p_correct;
    double
        position_bias; /* in [-1, 1]: added when the right answer is shown first, else subtracted */
    double hopeless;   /* share of pairs that are judged wrongly nearly always */
};

/* oracle_p(o, gold, pair): the probability of the verdict A. `gold` is VERDICT_NONE when unknown:
 * then a coin with the bias; `pair` is the pair's hash. */
double oracle_p_first(const struct oracle *o, enum verdict gold, uint64_t pair);
/* oracle_verdict(o, gold, pair, h): VERDICT_A or VERDICT_B; h is a hash of the request. */
enum verdict oracle_verdict(const struct oracle *o, enum verdict gold, uint64_t pair, uint64_t h);

#endif
