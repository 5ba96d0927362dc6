#include "worker/job.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct sm_row rows[] = {
    [JOB_QUEUED] = {"QUEUED", SM_TO(JOB_FLYING) | SM_TO(JOB_HELD)},
    [JOB_FLYING] = {"FLYING", SM_TO(JOB_HELD)},
    [JOB_HELD] = {"HELD", SM_TO(JOB_OVER)},
    [JOB_OVER] = {"OVER", 0},
};

struct job *job_new(const struct wire_grant *m)
{
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    sm_init(&j->sm, rows, JOB_QUEUED);
    const struct wire_message as_message = {.type = WIRE_TYPE_GRANT, .as.grant = *m};
    j->call = wire_call_of(&as_message);
    j->seed = m->seed;
    j->prompt_n = m->prompt.n;
    j->answer_a_n = m->answer_a.n;
    j->answer_b_n = m->answer_b.n;
    j->texts = malloc(j->prompt_n + j->answer_a_n + j->answer_b_n + 1);
    if (!j->texts) {
        free(j);
        return NULL;
    }
    memcpy(j->texts, m->prompt.p, m->prompt.n);
    memcpy(j->texts + j->prompt_n, m->answer_a.p, m->answer_a.n);
    memcpy(j->texts + j->prompt_n + j->answer_a_n, m->answer_b.p, m->answer_b.n);
    return j;
}

void job_free(struct job *j)
{
    if (!j)
        return;
    free(j->texts);
    free(j->report);
    free(j);
}

struct slice job_prompt(const struct job *j)
{
    assert(j->texts);
    return (struct slice){j->texts, j->prompt_n};
}

struct slice job_answer_a(const struct job *j)
{
    assert(j->texts);
    return (struct slice){j->texts + j->prompt_n, j->answer_a_n};
}

struct slice job_answer_b(const struct job *j)
{
    assert(j->texts);
    return (struct slice){j->texts + j->prompt_n + j->answer_a_n, j->answer_b_n};
}

static void drop_texts(struct job *j)
{
    free(j->texts);
    j->texts = NULL;
}

void job_started(struct job *j, void *exchange)
{
    sm_move(&j->sm, JOB_FLYING);
    j->exchange = exchange;
    drop_texts(j);
}

bool job_hold(struct job *j, struct slice message)
{
    char *copy = malloc(message.n);
    if (!copy)
        return false;
    memcpy(copy, message.p, message.n);
    sm_move(&j->sm, JOB_HELD);
    j->report = copy;
    j->report_n = message.n;
    j->exchange = NULL;
    drop_texts(j);
    return true;
}

void job_over(struct job *j)
{
    sm_move(&j->sm, JOB_OVER);
}

enum job_state job_state(const struct job *j)
{
    return (enum job_state)j->sm.state;
}

void job_queue_push(struct job_queue *q, struct job *j)
{
    j->prev = q->tail;
    if (q->tail)
        q->tail->next = j;
    else
        q->head = j;
    q->tail = j;
}

void job_queue_cut(struct job_queue *q, struct job *j)
{
    if (j->prev)
        j->prev->next = j->next;
    else
        q->head = j->next;
    if (j->next)
        j->next->prev = j->prev;
    else
        q->tail = j->prev;
    j->next = j->prev = NULL;
}
