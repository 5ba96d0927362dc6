/* exec_job: comparisons that wait for a command of the user's (see exec_checker.h). Pure. */
#ifndef COORDINATOR_EXEC_JOB_H
#define COORDINATOR_EXEC_JOB_H

#include "base/buf.h"

struct exec_job {
    uint64_t id;
    bool tried; /* once, by a process that may have been spoilt before */
    struct exec_job *next;
    struct buf line; /* the request */
};

/* In the order in which they are put to the command. */
struct exec_jobs {
    struct exec_job *first, *last;
    size_t n;
};

/* exec_job_new(id, gold, candidate, prompt, e): an empty prompt is left out; NULL on failure, also
 * for a request of more than 4 MiB. */
struct exec_job *exec_job_new(uint64_t id, struct slice gold, struct slice candidate,
                              struct slice prompt, struct err *e);
void exec_job_free(struct exec_job *job);
void exec_jobs_put(struct exec_jobs *q, struct exec_job *job);
void exec_jobs_put_first(struct exec_jobs *q, struct exec_job *job);
/* exec_jobs_take(q): the first; there must be one. */
struct exec_job *exec_jobs_take(struct exec_jobs *q);

#endif
