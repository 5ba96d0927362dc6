/*
 * generator: what the simulated teacher makes of a request to a generator (judges/generation.h):
 * an answer to a prompt, right or wrong at a given rate, or a changed prompt with its answer, with
 * all that can be bad about either. A pure function of the character, what is asked, and a hash.
 */
#ifndef SIM_TEACHER_GENERATOR_H
#define SIM_TEACHER_GENERATOR_H

#include "cli/sim_teacher/choice.h"
#include "cli/sim_teacher/final.h"

/* How good it is. All but the form are probabilities or shares. */
struct generator {
    enum final_form form;
    double right;       /* an answer that has a final answer has the right one */
    double hard, easy;  /* prompts, by hash, that are answered wrongly, or rightly, nearly always */
    double no_answer;   /* a solution has no final answer */
    double conflict;    /* it has two different ones */
    double unparseable; /* a modification does not stand between its marks */
    double identical;   /* its prompt is the one that was to be changed */
    double off_topic;   /* its prompt has nothing to do with it */
};

/* generator_decide(c, g, a, f, h): fault and verdict are as those of a judgment; `generated` says
 * the rest. */
void generator_decide(struct choice *c, const struct generator *g, const struct asked *a,
                      const struct faults *f, uint64_t h);

/* What is to be written. */
struct generation {
    const struct generator *generator;
    const struct asked *asked;
    const struct choice *choice;
    uint64_t h;
    bool thinks; /* a thought comes first */
};

/* generator_write(g, thought, answer) */
void generator_write(const struct generation *g, struct buf *thought, struct buf *answer);

#endif
