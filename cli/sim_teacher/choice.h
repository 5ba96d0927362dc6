/*
 * choice: one of the answers that a request asks for, and what is decided about it: a pure function
 * of the character, what is asked, and a hash.
 */
#ifndef SIM_TEACHER_CHOICE_H
#define SIM_TEACHER_CHOICE_H

#include "cli/sim_teacher/asked.h"
#include "cli/sim_teacher/faults.h"
#include "cli/sim_teacher/generated.h"
#include "cli/sim_teacher/oracle.h"

/* How the teacher goes on with what stands there already. All are probabilities. */
struct temper {
    double reflects; /* it reflects by itself, and stays with its verdict */
    double fix;      /* a wrong judgment that is gone on with becomes right */
    double breaks;   /* a right one becomes wrong; one of which nothing is known turns */
    double empty;    /* nothing new follows the cue, and the verdict stays */
    double hold;     /* a closed thought is answered as it leans */
    double hinted;   /* who was told the winner names it */
    double mention;  /* and says so */
    double dispute;  /* a reviewed critique is found to claim something false */
};

struct choice {
    enum fault fault;         /* of the content, or NONE */
    enum verdict verdict;     /* as a strict reader will find it */
    char side;                /* whom the text speaks for; one answer: A, it is good */
    int score_a, score_b;     /* hundredths; SCORE_NONE: none */
    bool repeated;            /* nothing new follows the cue */
    bool reflects;            /* by itself, without a cue */
    bool mentions;            /* the hint is given away */
    enum generated generated; /* by a generator; NONE: it judges */
};

/* choice_decide(c, a, o, t, f, h) */
void choice_decide(struct choice *c, const struct asked *a, const struct oracle *o,
                   const struct temper *t, const struct faults *f, uint64_t h);

/* choice_verdict(fault, sound): what a strict reader finds with this fault of the content. */
enum verdict choice_verdict(enum fault fault, enum verdict sound);

#endif
