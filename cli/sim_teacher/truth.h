/* truth: which of two answers is right, for every pair of the seed files, and for pairs that were
 * built of the prompts that came without one. 96 to 128 bytes a pair. */
#ifndef SIM_TEACHER_TRUTH_H
#define SIM_TEACHER_TRUTH_H

#include "cli/sim_teacher/map.h"
#include "cli/sim_teacher/prompts.h"
#include "cli/sim_teacher/question.h"
#include "schemas/types.h"

#define TRUTH_MAX_PAIRS ((size_t)32 * 1024 * 1024)

struct truth {
    struct map known;
    struct prompts prompts;
    size_t pairs;    /* lines that gave one */
    size_t skipped;  /* lines that gave none: not understood, or their pair is yet to be built */
    size_t open;     /* of the latter, those that gave a prompt without an answer */
    size_t answered; /* and those that gave one with its answer */
};

struct truth_view {
    enum verdict gold; /* VERDICT_A or VERDICT_B (one answer: A: it is the right one of its pair);
                          VERDICT_NONE: not known */
    uint64_t pair;     /* the same in both orders, and for each of the two answers alone; of a pair
                          that was built: its prompt */
    struct question shown; /* the reading that was recognised, else the most likely one */
};

void truth_init(struct truth *t);
void truth_free(struct truth *t);
/* truth_add(t, q, e): a pair whose answer q->a is right. A pair added both ways round is unknown.
 */
bool truth_add(struct truth *t, const struct question *q, struct err *e);
/* truth_load(t, path, e): a seed file in any format that gavel imports, plain or compressed. */
bool truth_load(struct truth *t, const char *path, struct err *e);
/* truth_look(t, text, frame, view): false when the text shows no answers in this frame. Answers
 * are also recognised under another prompt, as long as the seed files do not contradict each other
 * about them. */
bool truth_look(const struct truth *t, struct slice text, const struct frame *frame,
                struct truth_view *view);

#endif
