/*
 * job: one call in the hands of a worker.
 *
 *   QUEUED ──start──> FLYING ──report──> HELD ──ack──> OVER
 *      └────────────report (given back)───┘
 *
 * A HELD job's report (a RESULT or FAIL message) is sent until it is acknowledged.
 */
#ifndef WORKER_JOB_H
#define WORKER_JOB_H

#include "base/sm.h"
#include "schemas/wire.h"

enum job_state { JOB_QUEUED, JOB_FLYING, JOB_HELD, JOB_OVER };

struct job {
    struct wire_call call;
    uint32_t seed;
    struct sm sm;
    char *texts; /* prompt, answer_a and answer_b, one after the other; NULL once started */
    size_t prompt_n, answer_a_n, answer_b_n;
    char *report; /* HELD: the encoded message */
    size_t report_n;
    int64_t sent;   /* monotonic ms of the last time it was sent */
    void *exchange; /* FLYING: the caller's */
    struct job *next, *prev;
};

/* job_new(grant): QUEUED, with its own copy of the texts; NULL without memory. */
struct job *job_new(const struct wire_grant *m);
void job_free(struct job *j);
struct slice job_prompt(const struct job *j);
struct slice job_answer_a(const struct job *j);
struct slice job_answer_b(const struct job *j);
/* job_started(j, exchange): QUEUED -> FLYING; the texts are given back. */
void job_started(struct job *j, void *exchange);
/* job_hold(j, message): QUEUED or FLYING -> HELD with a copy of the encoded report; false: out of
 * memory. */
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
