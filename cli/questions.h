/* questions: asks a teacher a few things at once, without coordinator, worker or store. */
#ifndef CLI_QUESTIONS_H
#define CLI_QUESTIONS_H

#include "worker/teacher/teacher.h"

struct question {
    size_t endpoint; /* index in the project */
    struct chat chat;
    struct request_shape shape;
};

/* questions_ask(project, questions, n, done, context, e): asks each once, at most max_in_flight of
 * an endpoint at a time, and calls done(context, i, answer) as the answers come. False: nothing
 * could be asked (e.g. a key is missing). */
bool questions_ask(const struct project *p, const struct question *questions, size_t n,
                   void (*done)(void *context, size_t i, const struct teacher_answer *answer),
                   void *context, struct err *e);

#endif
