/*
 * job: one call in the hands of a worker.
 *
 *   QUEUED ──start──> FLYING ──report──> HELD ──ack──> OVER
 *      └────────────report (given back)───┘
 *
 * A HELD job's report (a RESULT or FAIL message) is sent until it is acknowledged. Calls that one
 * request is made for are a batch: they start together and share texts and exchange.
 */
#ifndef WORKER_JOB_H
#define WORKER_JOB_H

#include "base/sm.h"
#include "schemas/wire.h"

enum job_state { JOB_QUEUED, JOB_FLYING, JOB_HELD, JOB_OVER };

struct job;

/* What the jobs of one request have in common. It goes with the last one that waits for it. */
struct job_batch {
    uint32_t seed; /* of the first call */
    uint8_t ask, format;
    struct slice task, history, cue; /* its own copies */
    size_t n;                        /* calls that the request is made for */
    size_t waiting;                  /* of them QUEUED or FLYING */
    struct job *jobs[];              /* by choice; NULL: does not wait (any more) */
};

struct job {
    struct wire_call call;
    struct sm sm;
    struct job_batch *batch; /* NULL unless QUEUED or FLYING */
    size_t choice;           /* of the batch's */
    char *report;            /* HELD: the encoded message */
    size_t report_n;
    int64_t sent;   /* monotonic ms of the last time it was sent */
    void *exchange; /* FLYING: the caller's; the same for the whole batch */
    struct job *next, *prev;
};

/* job_fits(grant): whether its calls have numbers that a call can have (schemas/call.h). */
bool job_fits(const struct wire_grant *m);
/* job_batch_new(grant): the jobs of a grant that fits, all QUEUED, with their own copy of the
 * texts; NULL without memory. */
struct job_batch *job_batch_new(const struct wire_grant *m);
/* job_free(j): the batch goes with its last waiting job. NULL is fine. */
void job_free(struct job *j);
/* job_started(j, exchange): QUEUED -> FLYING. */
void job_started(struct job *j, void *exchange);
/* job_is_last(j): no other job of its batch waits. */
bool job_is_last(const struct job *j);
/* job_hold(j, message): QUEUED or FLYING -> HELD with a copy of the encoded report; it leaves its
 * batch. False: out of memory. */
bool job_hold(struct job *j, struct slice message);
/* job_over(j): acknowledged. */
void job_over(struct job *j);
enum job_state job_state(const struct job *j);

/* Jobs in the order of their arrival, linked by next and prev. */
struct job_queue {
    struct job *head, *tail;
};
void job_queue_push(struct job_queue *q, struct job *j);
/* job_queue_cut(q, j): j is in q. */
void job_queue_cut(struct job_queue *q, struct job *j);

#endif
