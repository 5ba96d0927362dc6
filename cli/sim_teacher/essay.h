/*
 * essay: what a simulated generator writes about a prompt, put together from sentences by hash, and
 * prompts that are changed. Every essay about an open prompt names a subject in its first sentence:
 * a word of the prompt. So it is known again later which prompt it answers.
 */
#ifndef SIM_TEACHER_ESSAY_H
#define SIM_TEACHER_ESSAY_H

#include "base/buf.h"

struct essay {
    struct slice prompt;  /* what it is about */
    struct slice subject; /* what it must name; empty: any word of the prompt */
    uint64_t h;           /* everything random about it */
};

/* essay_answer(e, out): an answer to an open prompt: 3 to 9 sentences. */
void essay_answer(const struct essay *e, struct buf *out);
/* essay_solution(e, out): a few sentences that lead to a final answer, without digits and without
 * the answer. */
void essay_solution(const struct essay *e, struct buf *out);
/* essay_thought(e, out): what is thought before anything is written. */
void essay_thought(const struct essay *e, struct buf *out);
/* essay_answers(text, prompt, yes): false when the text is no answer that essay_answer wrote; else
 * *yes: its subject is one of this prompt's. */
bool essay_answers(struct slice text, struct slice prompt, bool *yes);
/* essay_change(e, out): e->prompt with some of its words exchanged. Returns the subject that it
 * has and e->prompt does not. */
struct slice essay_change(const struct essay *e, struct buf *out);
/* essay_stray(e, out): a prompt that has next to nothing to do with e->prompt; returns as
 * essay_change. */
struct slice essay_stray(const struct essay *e, struct buf *out);

#endif
