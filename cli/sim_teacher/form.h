/* form: the tags at the end of a judgment, in each judge format (arXiv 2505.10320, section 2). */
#ifndef SIM_TEACHER_FORM_H
#define SIM_TEACHER_FORM_H

#include "base/buf.h"
#include "schemas/types.h"

/* What the tags shall say. */
struct form {
    enum format format;
    const char *nonce;    /* after each tag's name; "": none */
    enum verdict verdict; /* A, B, TIE, CONFLICTING or SCORE */
    int score_a, score_b; /* hundredths */
    uint64_t h;
};

/* form_scores(f, side): draws the scores that go with the verdict; a lone answer is a good one when
 * side is 'A', a poor one when it is 'B'. */
void form_scores(struct form *f, char side);
/* form_write(f, out) */
void form_write(const struct form *f, struct buf *out);

#endif
