/*
 * symmetry: whether a text speaks of A as it speaks of B, line by line. A line that names both must
 * name them with the same words around them; a line that names one needs a line that says the same
 * of the other. A wording that favours a letter would teach the judge to, and one that differs
 * between the letters by a slip is a label leak (as in RM-R1's template of several turns). "A tie
 * is not possible" names no letter.
 */
#ifndef JUDGES_SYMMETRY_H
#define JUDGES_SYMMETRY_H

#include "base/buf.h"

#define SYMMETRY_LETTERS 32 /* of one kind in a line; what follows further ones is not compared */

/* What follows the letters of one kind in a line. */
struct symmetry_followers {
    uint64_t words[SYMMETRY_LETTERS];
    int n;
    int free; /* followed by "or", "and", …: what comes after says nothing about this one */
};

struct symmetry {
    struct buf lines; /* struct symmetry_line: those that name one letter, or both unequally */
    int uneven;       /* first line that names both but speaks of them differently; 0: none */
    /* the line under way */
    int line;
    uint64_t words, mirrored;        /* hash in order, as it is and with the letters exchanged */
    uint64_t bag, mirrored_bag;      /* the same whatever the order */
    struct symmetry_followers of[2]; /* of A, of B */
    int waiting;                     /* 0 or 1: that letter's follower is awaited; else -1 */
    bool after_underscore;
    bool sentence_begins;
};

/* symmetry_init(s) / symmetry_free(s). */
void symmetry_init(struct symmetry *s);
void symmetry_free(struct symmetry *s);
/* symmetry_text(s, text, line, place): text that begins on this line (it may hold more lines).
 * `place` tells what stands apart: only what stands in the same place is compared. */
void symmetry_text(struct symmetry *s, struct slice text, int line, uint64_t place);
/* symmetry_hole(s, name, line, place): a hole; answer_a and answer_b are each other's mirror. */
void symmetry_hole(struct symmetry *s, struct slice name, int line, uint64_t place);
/* symmetry_broken(s, line, both, e): after everything: 1 with the first line that treats A and B
 * differently and whether it names both; 0: there is none; -1: out of memory. */
int symmetry_broken(struct symmetry *s, int *line, bool *both, struct err *e);

#endif
