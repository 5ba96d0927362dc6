/*
 * generation: what a generator is asked for, and what its answer holds: an answer to a seed's
 * prompt, or a changed prompt with an answer to that one. The latter is the recipe of Self-Taught
 * Evaluators (arXiv 2408.02666), which J1 (arXiv 2505.10320) took over: the generator sees the
 * prompt and a good answer to it, writes a prompt that is related but asks for something else, and
 * answers that one well; to the original prompt its answer is the worse one. The wording is ours.
 * Pure.
 */
#ifndef JUDGES_GENERATION_H
#define JUDGES_GENERATION_H

#include "judges/nonce.h"
#include "judges/task.h"
#include "schemas/types.h"

#define GENERATION_PROMPT_ID "generation-1" /* changes whenever the wording does */

/* The two marks of an answer to ASK_MODIFY, without their nonce. */
#define GENERATION_PROMPT_TAG "changed_prompt"
#define GENERATION_ANSWER_TAG "answer_to_it"

/* generation_render(ask, task, instruction, out, arena, e): the messages of ASK_ANSWER (the task's
 * prompt, followed by the instruction if there is one) or ASK_MODIFY (about the task's prompt and
 * its answer_a, the baseline). Texts belong to the task or the arena. */
bool generation_render(enum ask ask, const struct judge_task *task, struct slice instruction,
                       struct chat *out, struct arena *arena, struct err *e);
/* generation_nonce(seed, recipe, prompt, baseline, out): the nonce of the marks (judges/nonce.h),
 * for a seed whose texts (the baseline too) could be taken for one of them; else "". */
void generation_nonce(const struct id *seed, const struct id *recipe, struct slice prompt,
                      struct slice baseline, char out[NONCE_BYTES + 1]);

/* The two parts of an answer to ASK_MODIFY; slices into it. */
struct generation_modified {
    struct slice prompt, answer;
};
/* generation_parse(answer, nonce, out): false when they do not stand between their marks, once each
 * and in this order, or one is blank. Linear. */
bool generation_parse(struct slice answer, struct slice nonce, struct generation_modified *out);

#endif
