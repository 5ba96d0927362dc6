/*
 * stance: what one sentence of a judge's thought says about which answer is the better one. Read
 * from words and their order, in English and Chinese: enough to find where a thought concludes,
 * and to see a thought that argues for the side it then rejects.
 */
#ifndef JUDGES_STANCE_H
#define JUDGES_STANCE_H

#include "schemas/types.h"

struct stance {
    bool concludes;    /* states a verdict or scores */
    bool firm;         /* speaks of the answers as a whole: no question, condition or one aspect */
    bool scores;       /* gives a score */
    enum verdict side; /* A or B is the better one, TIE, or NONE: it does not say */
};

/* stance_of(sentence): linear. */
struct stance stance_of(struct slice sentence);
/* stance_side(text): the side that a text is about: the first answer that it names; NONE: none. */
enum verdict stance_side(struct slice text);

#endif
