/* What the coordinator says, and what it means in each state. */
#include "worker/session_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add_job(struct session *s, struct job *j)
{
    struct session_entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return false;
    entry->attempt = j->call.attempt;
    entry->job = j;
    HASH_ADD(hh, s->entries, attempt, sizeof entry->attempt, entry);
    if (!entry->hh.tbl) {
        free(entry);
        return false;
    }
    job_queue_push(&s->queue, j);
    return true;
}

static void drop_queued(struct session *s, struct job *j)
{
    job_queue_cut(&s->queue, j);
    session_forget(s, session_find(s, j->call.attempt));
}

/* All of them or none. The jobs are copied out, for the batch goes with its last. */
static size_t add_jobs(struct session *s, const struct wire_grant *m, struct job *jobs[CALL_MAX_K])
{
    struct job_batch *batch = job_batch_new(m);
    if (!batch)
        return 0;
    size_t n = batch->n, added = 0;
    memcpy(jobs, batch->jobs, n * sizeof *jobs);
    while (added < n && add_job(s, jobs[added]))
        added++;
    if (added == n)
        return n;
    for (size_t i = 0; i < n; i++) {
        if (i < added)
            drop_queued(s, jobs[i]);
        else
            job_free(jobs[i]);
    }
    return 0;
}

static bool knows_any(struct session *s, const struct wire_grant *m)
{
    size_t n = m->n ? m->n : 1;
    for (size_t i = 0; i < n; i++)
        if (session_find(s, m->attempt + i))
            return true;
    return false;
}

/* What cannot be taken on (out of memory, numbers of no call) comes back when its lease runs out.
 */
static void hear_grant(struct session *s, const struct wire_grant *m, int64_t now)
{
    struct job *jobs[CALL_MAX_K];
    if (!job_fits(m) || knows_any(s, m))
        return;
    size_t n = add_jobs(s, m, jobs);
    if (n == 0 || s->sm.state == SESSION_ACTIVE)
        return;
    if (s->sm.state == SESSION_LEAVING || (s->leave && s->sm.state == SESSION_DRAINING))
        session_say_leaving(s); /* the first word of it has not arrived, or is still on its way */
    for (size_t i = 0; i < n; i++)
        session_give_back(s, jobs[i], now);
}

static void hear_ack(struct session *s, uint64_t attempt)
{
    struct session_entry *entry = session_find(s, attempt);
    if (!entry || job_state(entry->job) != JOB_HELD)
        return;
    if (session_is_result(entry->job) && --s->held_results == 0)
        s->io->cleared(s->io->context);
    job_over(entry->job);
    session_forget(s, entry);
}

static void hear_cancel(struct session *s, uint64_t attempt, int64_t now)
{
    struct session_entry *entry = session_find(s, attempt);
    if (!entry || job_state(entry->job) == JOB_HELD)
        return; /* a result that crosses the CANCEL is sent and stored all the same */
    session_stop(s, entry->job);
    session_give_back(s, entry->job, now);
}

void session_take_up(struct session *s, char *text, size_t n)
{
    struct err e;
    if (!s->io->project(s->io->context, (struct slice){text, n}, &e)) {
        struct wire_bye bye = {.why = WIRE_BYE_REFUSED, .reason = slice_of(e.text)};
        wire_put_bye(s->io->out(s->io->context), &bye);
        free(text);
        session_close(s, e.text, true);
        return;
    }
    free(s->project);
    s->project = text;
    s->project_n = n;
}

/* What is flying for the old project is finished under its leases; what is not begun is for others.
 */
static void leave_project(struct session *s, char *next, size_t n, int64_t now)
{
    free(s->next_project);
    s->next_project = next;
    s->next_project_n = n;
    sm_move(&s->sm, SESSION_LEAVING);
    session_say_leaving(s);
    session_give_back_queue(s, now);
}

static void go_on(struct session *s)
{
    sm_move(&s->sm, s->leave ? SESSION_DRAINING : SESSION_ACTIVE);
    if (s->leave)
        session_say_leaving(s);
}

static void hear_welcome(struct session *s, const struct wire_welcome *m, int64_t now)
{
    if (s->sm.state != SESSION_GREETING)
        return;
    s->lease_ms = m->lease_ms < 1000 ? 1000 : m->lease_ms;
    struct slice project = {s->project, s->project_n};
    if (s->leave || (s->project && slice_eq(project, m->project))) {
        go_on(s);
        return;
    }
    char *text = malloc(m->project.n + 1);
    if (!text) {
        session_close(s, "out of memory", false);
        return;
    }
    memcpy(text, m->project.p, m->project.n);
    if (s->entries) {
        leave_project(s, text, m->project.n, now);
        return;
    }
    session_take_up(s, text, m->project.n);
    if (s->sm.state == SESSION_GREETING)
        sm_move(&s->sm, SESSION_ACTIVE);
}

static void hear_bye(struct session *s, const struct wire_bye *m)
{
    char why[600];
    if (m->why == WIRE_BYE_UNKNOWN) {
        if (s->sm.state != SESSION_GREETING) {
            sm_move(&s->sm, SESSION_GREETING);
            session_greet_soon(s, s->heard);
        }
        return;
    }
    if (m->why == WIRE_BYE_DONE) { /* it keeps the connection open until it hears this */
        struct wire_bye bye = {.why = WIRE_BYE_DONE, .reason = S("leaving")};
        wire_put_bye(s->io->out(s->io->context), &bye);
    }
    snprintf(why, sizeof why, "the coordinator says: " SLICE_FMT, SLICE_ARG(m->reason));
    session_close(s, why, m->why != WIRE_BYE_DONE);
}

void session_hear(struct session *s, const struct wire_message *m, int64_t now)
{
    s->heard = now;
    if (s->sm.state == SESSION_CLOSED)
        return;
    switch ((int)m->type) {
    case WIRE_TYPE_WELCOME:
        hear_welcome(s, &m->as.welcome, now);
        break;
    case WIRE_TYPE_GRANT:
        hear_grant(s, &m->as.grant, now);
        break;
    case WIRE_TYPE_ACK:
        hear_ack(s, m->as.ack.attempt);
        break;
    case WIRE_TYPE_CANCEL:
        hear_cancel(s, m->as.cancel.attempt, now);
        break;
    case WIRE_TYPE_DRAIN:
        if (s->sm.state == SESSION_ACTIVE)
            sm_move(&s->sm, SESSION_DRAINING);
        session_give_back_queue(s, now);
        break;
    case WIRE_TYPE_BYE:
        hear_bye(s, &m->as.bye);
        break;
    default:
        break; /* a worker's own messages mean nothing to a worker */
    }
}
