/* built: which answer is right of a pair that was built for a known prompt (prompts.h) from what
 * generators wrote. */
#ifndef SIM_TEACHER_BUILT_H
#define SIM_TEACHER_BUILT_H

#include "cli/sim_teacher/prompts.h"
#include "cli/sim_teacher/question.h"
#include "schemas/types.h"

struct built {
    enum verdict gold; /* VERDICT_A or VERDICT_B (one answer: A: it is a right one); VERDICT_NONE:
                          not known */
    uint64_t prompt;   /* its id */
};

/* built_look(p, shown, one, out): false when the prompt is not known. Where its answer is known,
 * that answer is right which ends in it; where the prompt is open, the one that the simulated
 * teacher wrote for it, and not for another prompt. When both are right, or neither, nothing is
 * known. `one`: one answer is shown. */
bool built_look(const struct prompts *p, const struct question *shown, bool one, struct built *out);

#endif
