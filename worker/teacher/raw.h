/* raw: requests to an endpoint whose answers are wanted as they are, several at once. For finding
 * out what a server is and can do; a run has no use for it. */
#ifndef WORKER_TEACHER_RAW_H
#define WORKER_TEACHER_RAW_H

#include "base/buf.h"
#include "schemas/project.h"

enum raw_place {
    RAW_CHAT,   /* POST to the chat completions */
    RAW_MODELS, /* GET of the list of models beside them */
    RAW_PROPS,  /* GET of llama.cpp's /props, which stands outside of /v1 */
};

struct raw {
    size_t endpoint;
    enum raw_place place;
    struct slice body; /* RAW_CHAT: JSON */
    /* The answer: */
    long status; /* 0: none, `why` says why */
    struct buf answer;
    char why[256];
};

/* raw_ask(project, asks, n, seconds, e): sends all, waits for all, at most so long. False: nothing
 * could be sent. Answers are to be given to raw_free, also after a failure. */
bool raw_ask(const struct project *p, struct raw *asks, size_t n, long seconds, struct err *e);
void raw_free(struct raw *asks, size_t n);

#endif
