/* counting: going on with a count that was broken off ("one, two, thr"), as every model can: by
 * that a probe sees whether a server goes on with an answer. */
#ifndef SIM_TEACHER_COUNTING_H
#define SIM_TEACHER_COUNTING_H

#include "base/slice.h"

/* counting_rest(begun): what is left of "one, two, … ten" after the text's end; NULL when it does
 * not end in the first two numbers and more. */
const char *counting_rest(struct slice begun);

#endif
