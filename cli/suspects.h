/* suspects: pairs whose label may be the wrong way round: more judgments contradict it than agree,
 * at best in both orders. Under early stopping a pair mostly ends with the first order that fails,
 * so that few have both; the chance ranks them all the same. Most suspect first. */
#ifndef CLI_SUSPECTS_H
#define CLI_SUSPECTS_H

#include "coordinator/store/look.h"
#include "coordinator/suspicion.h"

#define SUSPECTS_MAX ((size_t)1 << 18) /* pairs beyond these are counted only */

struct suspect {
    uint64_t row;
    struct suspicion_order orders[2];
    bool pointwise;    /* the two are the same judgments */
    bool contradicted; /* by both orders */
    double odds;       /* natural log; see coordinator/suspicion.h */
};

struct suspects {
    struct suspect *all;
    size_t n, room;
    int64_t total, contradicted;            /* pairs; those of them that both orders contradict */
    int64_t first_correct, first_incorrect; /* first judgments of all pairs: nobody chose them */
    bool failed;                            /* no memory */
};

/* suspects_add(s, judged, recipe): one pair, by the rollouts of the recipe that decided it, else of
 * `recipe`. */
void suspects_add(struct suspects *s, const struct look_judged *judged, int64_t recipe);
/* suspects_rank(s, e): sorts them; to be called once, after the last pair. */
bool suspects_rank(struct suspects *s, struct err *e);
/* suspects_chance(suspect): that the label is the wrong way round, 0 to 1. */
double suspects_chance(const struct suspect *suspect);
void suspects_free(struct suspects *s);

#endif
