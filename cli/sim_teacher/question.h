/*
 * question: finds the prompt and the answers in the text of a judge's question. The texts may hold
 * the same markers themselves, so there may be several readings.
 */
#ifndef SIM_TEACHER_QUESTION_H
#define SIM_TEACHER_QUESTION_H

#include "cli/sim_teacher/frame.h"
#include "schemas/chat.h"

#define QUESTION_MAX_READINGS 128

struct question {
    struct slice prompt;
    struct slice a, b; /* one answer: a; b is empty */
};

/* question_read(text, frame, readings): the readings, the most likely first; slices into text. 0:
 * the text is no such question. */
size_t question_read(struct slice text, const struct frame *frame,
                     struct question readings[QUESTION_MAX_READINGS]);
/* question_render_prompt(prompt, out, arena, e): a prompt as a question would show it; in the
 * arena.
 */
bool question_render_prompt(const struct chat *prompt, struct slice *out, struct arena *arena,
                            struct err *e);
/* question_render(prompt, a, b, q, arena, e): the three texts as a question would show them; in the
 * arena. */
bool question_render(const struct chat *prompt, const struct chat *a, const struct chat *b,
                     struct question *q, struct arena *arena, struct err *e);

#endif
