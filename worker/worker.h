/*
 * worker: the process that calls the teacher. One thread: poll, hear the coordinator, step the
 * session, let finished exchanges be judged, send.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct worker_options {
    const char *endpoint; /* of the coordinator */
    uint32_t slots;
    uint32_t parent; /* pid of the process that started it and that it does not outlive; 0: none */
    const char *spool;    /* folder for finished answers, NULL: none */
    double give_up_after; /* seconds without a word from the coordinator */
};

enum worker_ending {
    WORKER_DONE,    /* the coordinator or the user sent it home */
    WORKER_REFUSED, /* versions differ, or the project cannot be served here */
    WORKER_ALONE,   /* the coordinator was silent for too long */
    WORKER_FAILED,  /* see the error */
};

/* worker_run(options, why, n, e): works until it is sent home; `why` gets a sentence. SIGINT and
 * SIGTERM: first drains, a second one stops at once; a local worker leaves SIGINT to its parent and
 * stops at once on SIGTERM. */
enum worker_ending worker_run(const struct worker_options *o, char *why, size_t n, struct err *e);

#endif
