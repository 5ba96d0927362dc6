/* What the coordinator says, and what it means in each state. */
#include "worker/session_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct job *add_job(struct session *s, const struct wire_grant *m)
{
    struct job *j = job_new(m);
    struct session_entry *entry = j ? calloc(1, sizeof *entry) : NULL;
    if (entry) {
        entry->attempt = m->attempt;
        entry->job = j;
        HASH_ADD(hh, s->entries, attempt, sizeof entry->attempt, entry);
        if (entry->hh.tbl)
            return j;
    }
    free(entry);
    job_free(j);
    return NULL;
}

static void hear_grant(struct session *s, const struct wire_grant *m, int64_t now)
{
    if (session_find(s, m->attempt))
        return;
    struct job *j = add_job(s, m);
    if (!j)
        return; /* out of memory: the lease will run out */
    job_queue_push(&s->queue, j);
    if (s->leave && s->sm.state == SESSION_DRAINING)
        session_say_leaving(s); /* the first word of it has not arrived, or is still on its way */
    if (s->sm.state != SESSION_ACTIVE)
        session_give_back(s, j, now);
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
    if (job_state(entry->job) == JOB_FLYING)
        s->io->stop(s->io->context, entry->job);
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

/* Our BYE has taken all calls of the old project back: only its results are of use to anybody. */
static void drop_all_but_results(struct session *s)
{
    struct session_entry *entry, *following;
    HASH_ITER(hh, s->entries, entry, following)
    {
        struct job *j = entry->job;
        if (job_state(j) == JOB_FLYING || (job_state(j) == JOB_HELD && session_is_result(j)))
            continue;
        if (job_state(j) == JOB_QUEUED)
            job_queue_cut(&s->queue, j);
        session_forget(s, entry);
    }
}

static void hear_welcome(struct session *s, const struct wire_welcome *m)
{
    if (s->sm.state != SESSION_GREETING)
        return;
    s->lease_ms = m->lease_ms < 1000 ? 1000 : m->lease_ms;
    if (s->project && slice_eq((struct slice){s->project, s->project_n}, m->project)) {
        sm_move(&s->sm, s->leave ? SESSION_DRAINING : SESSION_ACTIVE);
        if (s->leave)
            session_say_leaving(s);
        return;
    }
    char *text = malloc(m->project.n + 1);
    if (!text) {
        session_close(s, "out of memory", false);
        return;
    }
    memcpy(text, m->project.p, m->project.n);
    if (!s->entries) {
        session_take_up(s, text, m->project.n);
        if (s->sm.state == SESSION_GREETING)
            sm_move(&s->sm, SESSION_ACTIVE);
        return;
    }
    free(s->next_project);
    s->next_project = text;
    s->next_project_n = m->project.n;
    struct wire_bye bye = {.why = WIRE_BYE_DONE, .reason = S("changing the project")};
    wire_put_bye(s->io->out(s->io->context), &bye);
    sm_move(&s->sm, SESSION_LEAVING);
    drop_all_but_results(s);
}

static void hear_bye(struct session *s, const struct wire_bye *m)
{
    char why[600];
    if (m->why == WIRE_BYE_UNKNOWN) {
        if (s->sm.state == SESSION_ACTIVE || s->sm.state == SESSION_DRAINING) {
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
        hear_welcome(s, &m->as.welcome);
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
