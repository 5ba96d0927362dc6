/* final: the final answer at the end of a text: how it is written and found, and what wrong ones
 * look like. */
#ifndef SIM_TEACHER_FINAL_H
#define SIM_TEACHER_FINAL_H

#include "base/buf.h"

#define FINAL_WRONG 3 /* values that are often wrong, of each prompt */

enum final_form {
    FINAL_BOXED,  /* \boxed{7} in a sentence */
    FINAL_HASHES, /* a line "#### 7" */
    FINAL_PLAIN,  /* a line "The answer is 7." */
};

/* final_write(form, value, h, out): the end of a text that says it; h chooses the words. */
void final_write(enum final_form form, struct slice value, uint64_t h, struct buf *out);
/* final_find(text, value): the last one of any form; a slice of it. False: there is none. */
bool final_find(struct slice text, struct slice *value);
/* final_is(value, right): the same but for white space, commas and dollar signs, or the same
 * number. */
bool final_is(struct slice value, struct slice right);
/* final_wrong(right, id, which, out): number `which` (below FINAL_WRONG) of the wrong values of the
 * prompt `id`: near numbers, or another word. Never the right one. */
void final_wrong(struct slice right, uint64_t id, unsigned which, struct buf *out);

#endif
