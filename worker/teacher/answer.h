/*
 * answer: what a chat completion says, read from one JSON document or gathered from the events of a
 * stream. Pure.
 */
#ifndef WORKER_TEACHER_ANSWER_H
#define WORKER_TEACHER_ANSWER_H

#include "worker/teacher/http_error.h"

/* One judgment of possibly several that a request asked for. */
struct answer_choice {
    struct buf content, reasoning, refusal;
    enum thought_field field; /* where the reasoning stood; ABSENT while there is none */
    bool came;                /* something of it */
    bool finished;            /* a finish_reason has come */
    enum finish finish;
};

struct answer {
    struct answer_choice first, *more; /* by index */
    size_t wanted;                     /* choices that were asked for */
    bool done;                         /* a stream has said [DONE], or a document was read */
    struct buf model, id;
    uint32_t prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens; /* 0: not said */
    bool failed; /* and `error` says why */
    struct http_error error;
};

/* answer_init(a, max): at most max bytes of content, of reasoning and of refusal. */
void answer_init(struct answer *a, size_t max);
/* answer_want(a, n): n choices were asked for (else one); those that are more do not count. Before
 * anything is read. False: out of memory. */
bool answer_want(struct answer *a, size_t n);
/* answer_free(a): a is as after answer_init. */
void answer_free(struct answer *a);
/* answer_document(a, body): the body of a 200 that is no stream; white space around it is fine.
 * Afterwards the answer is whole or has failed. */
void answer_document(struct answer *a, struct slice body);
/* answer_event(a, name, data): one event of a stream. What comes after a failure is ignored. */
void answer_event(struct answer *a, struct slice name, struct slice data);
/* answer_is_whole(a): nothing is missing and there is no failure: a finish_reason or [DONE] has
 * come; of several choices each that began has its finish_reason, and there are all of them or
 * [DONE] has come. */
bool answer_is_whole(const struct answer *a);
/* answer_too_large(a): a text was over the maximum, or memory ran out. */
bool answer_too_large(const struct answer *a);
/* answer_nth(a, i): of a whole answer the choices that came, from 0; NULL after the last. There is
 * always a first. */
const struct answer_choice *answer_nth(const struct answer *a, size_t i);
/* answer_text(c) / answer_finish(c): content and finish of a choice. A refusal counts as content,
 * finished by the content filter. */
struct slice answer_text(const struct answer_choice *c);
enum finish answer_finish(const struct answer_choice *c);

#endif
