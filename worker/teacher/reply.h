/* reply: what the users of a teacher learn of an exchange that is over. */
#ifndef WORKER_TEACHER_REPLY_H
#define WORKER_TEACHER_REPLY_H

#include "schemas/types.h"

/* One of several choices that a request with n > 1 brought. */
struct teacher_choice {
    struct slice content, reasoning;
    enum thought_field field;
    enum finish finish;
};

/* What one exchange ended with. Everything in it lives until `done` returns. */
struct teacher_answer {
    bool ok;
    /* not ok: */
    enum failure failure;
    int64_t retry_after_ms; /* -1: the server did not say */
    struct slice message;   /* a sentence, redacted, at most 400 bytes */
    /* ok: the whole answer arrived */
    struct slice content;     /* message.content, empty when null */
    struct slice reasoning;   /* the text of reasoning or reasoning_content */
    enum thought_field field; /* which of them */
    enum finish finish;
    const struct teacher_choice *more; /* n > 1: the choices after the first, by index */
    size_t n_more;
    struct slice model, request_id;
    uint32_t prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens;
    /* both: */
    uint16_t http_status; /* 0: no answer at all */
    uint32_t latency_ms, first_byte_ms;
};

#endif
