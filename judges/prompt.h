/* prompt: lays out a question and two answers between markers; shared by the pairwise formats. */
#ifndef JUDGES_PROMPT_H
#define JUDGES_PROMPT_H

#include "judges/judge.h"

/* prompt_pair(instructions, task, out, arena, e): a system message with the instructions and a user
 * message with the question, answer A and answer B, all texts byte for byte. ERR_LIMIT when the
 * arena is full. */
bool prompt_pair(struct slice instructions, const struct judge_task *task, struct chat *out,
                 struct arena *arena, struct err *e);

#endif
