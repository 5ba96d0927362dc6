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

/* n = 0 is what a grant of one call may say, too. */
static size_t calls_of(const struct wire_grant *m)
{
    return m->n ? m->n : 1;
}

bool job_fits(const struct wire_grant *m)
{
    return m->k + calls_of(m) <= CALL_MAX_K && m->step < CALL_MAX_STEP && m->ask < ASK_COUNT &&
           m->format < FORMAT_COUNT && m->lane < LANE_COUNT;
}

static struct job *new_job(const struct wire_grant *m, struct job_batch *batch, size_t choice)
{
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    const struct wire_message as_message = {.type = WIRE_TYPE_GRANT, .as.grant = *m};
    sm_init(&j->sm, rows, JOB_QUEUED);
    j->call = wire_call_of(&as_message);
    j->call.attempt += choice;
    j->call.key.k = (uint8_t)(j->call.key.k + choice);
    j->batch = batch;
    j->choice = choice;
    batch->jobs[choice] = j;
    batch->waiting++;
    return j;
}

static struct slice copy_text(char **at, struct slice text)
{
    struct slice copy = {*at, text.n};
    if (text.n)
        memcpy(*at, text.p, text.n);
    *at += text.n;
    return copy;
}

/* One block for batch and texts: thousands of them are in hand. */
static struct job_batch *new_batch(const struct wire_grant *m)
{
    size_t n = calls_of(m), head = sizeof(struct job_batch) + n * sizeof(struct job *);
    struct job_batch *b = malloc(head + m->task.n + m->history.n + m->cue.n);
    if (!b)
        return NULL;
    memset(b, 0, head);
    char *at = (char *)b + head;
    *b = (struct job_batch){.seed = m->seed, .ask = m->ask, .format = m->format, .n = n};
    b->task = copy_text(&at, m->task);
    b->history = copy_text(&at, m->history);
    b->cue = copy_text(&at, m->cue);
    return b;
}

struct job_batch *job_batch_new(const struct wire_grant *m)
{
    assert(job_fits(m));
    struct job_batch *b = new_batch(m);
    if (!b)
        return NULL;
    for (size_t i = 0; i < b->n; i++) {
        if (new_job(m, b, i))
            continue;
        if (i == 0)
            free(b);
        while (i-- > 0)
            job_free(b->jobs[i]);
        return NULL;
    }
    return b;
}

static void leave_batch(struct job *j)
{
    struct job_batch *b = j->batch;
    if (!b)
        return;
    j->batch = NULL;
    j->exchange = NULL;
    b->jobs[j->choice] = NULL;
    if (--b->waiting == 0)
        free(b);
}

void job_free(struct job *j)
{
    if (!j)
        return;
    leave_batch(j);
    free(j->report);
    free(j);
}

void job_started(struct job *j, void *exchange)
{
    sm_move(&j->sm, JOB_FLYING);
    j->exchange = exchange;
}

bool job_is_last(const struct job *j)
{
    return j->batch && j->batch->waiting == 1;
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
    leave_batch(j);
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
