/* task: what is judged, as it will be shown, and its one JSON form, in which it goes to a worker.
 */
#ifndef JUDGES_TASK_H
#define JUDGES_TASK_H

#include "schemas/chat.h"

struct judge_task {
    struct chat prompt;     /* the conversation that both answers answer */
    struct chat answer_a;   /* shown first; pointwise: the one answer; ASK_ANSWER: no message */
    struct chat answer_b;   /* shown second; pointwise: no message */
    struct slice reference; /* an answer known to be good; empty: none */
    struct slice rubric;    /* what to judge by; empty: none */
    struct slice language;  /* of the seed, e.g. "en"; empty: not known */
    struct slice nonce;     /* mark in markers and tags; empty: none */
    char hint;              /* 'A' or 'B': the judge is told that this one wins; 0: no hint */
};

/* The same with its conversations still in JSON (as chat_write made them), as the coordinator has
 * it. */
struct task_text {
    struct slice prompt, answer_a, answer_b; /* answer_b empty: pointwise; both: ASK_ANSWER */
    struct slice reference, rubric, language, nonce;
    char hint;
};

/* task_write(w, t): one JSON object. */
void task_write(struct jsonw *w, const struct task_text *t);
/* task_read(text, task, arena, e): the inverse; texts are copied to the arena. ERR_PROTOCOL when it
 * is not one. */
bool task_read(struct slice text, struct judge_task *task, struct arena *arena, struct err *e);

#endif
