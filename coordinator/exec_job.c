#include "coordinator/exec_job.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/jsonw.h"

#define REQUEST_MAX ((size_t)4 << 20)

struct exec_job *exec_job_new(uint64_t id, struct slice gold, struct slice candidate,
                              struct slice prompt, struct err *e)
{
    char name[24];
    struct exec_job *job = calloc(1, sizeof *job);
    if (!job) {
        err_set(e, ERR_NOMEM, "out of memory");
        return NULL;
    }
    job->id = id;
    buf_init(&job->line, REQUEST_MAX);
    struct jsonw w = jsonw_to(&job->line);
    snprintf(name, sizeof name, "%" PRIu64, id);
    jsonw_object(&w);
    jsonw_kstr(&w, "id", name);
    jsonw_kslice(&w, "gold", gold);
    jsonw_kslice(&w, "candidate", candidate);
    if (prompt.n)
        jsonw_kslice(&w, "prompt", prompt);
    jsonw_end_object(&w);
    buf_char(&job->line, '\n');
    if (buf_ok(&job->line, "the comparison", e))
        return job;
    exec_job_free(job);
    return NULL;
}

void exec_job_free(struct exec_job *job)
{
    if (job)
        buf_free(&job->line);
    free(job);
}

void exec_jobs_put(struct exec_jobs *q, struct exec_job *job)
{
    if (q->last)
        q->last->next = job;
    else
        q->first = job;
    q->last = job;
    q->n++;
}

void exec_jobs_put_first(struct exec_jobs *q, struct exec_job *job)
{
    job->next = q->first;
    q->first = job;
    if (!q->last)
        q->last = job;
    q->n++;
}

struct exec_job *exec_jobs_take(struct exec_jobs *q)
{
    struct exec_job *job = q->first;
    assert(job);
    q->first = job->next;
    if (!q->first)
        q->last = NULL;
    job->next = NULL;
    q->n--;
    return job;
}
