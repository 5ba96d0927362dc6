#include "worker/session_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    HELLO_FIRST_MS = 50, /* doubled until it is HELLO_EVERY_MS */
    HELLO_EVERY_MS = 1000,
    PING_EVERY_MS = 2000,
    REPEAT_AFTER_MS = 5000, /* a report that was not acknowledged is sent again */
    REPORT_MAX = 512 * 1024 * 1024,
};

static const struct sm_row rows[] = {
    [SESSION_GREETING] = {"GREETING", SM_TO(SESSION_ACTIVE) | SM_TO(SESSION_LEAVING) |
                                          SM_TO(SESSION_CLOSED) | SM_TO(SESSION_DRAINING)},
    [SESSION_ACTIVE] = {"ACTIVE", SM_TO(SESSION_GREETING) | SM_TO(SESSION_LEAVING) |
                                      SM_TO(SESSION_DRAINING) | SM_TO(SESSION_CLOSED)},
    [SESSION_LEAVING] = {"LEAVING",
                         SM_TO(SESSION_GREETING) | SM_TO(SESSION_DRAINING) | SM_TO(SESSION_CLOSED)},
    [SESSION_DRAINING] = {"DRAINING", SM_TO(SESSION_GREETING) | SM_TO(SESSION_CLOSED)},
    [SESSION_CLOSED] = {"CLOSED", 0},
};

void session_greet_soon(struct session *s, int64_t now)
{
    s->greet_at = now;
    s->greet_wait = HELLO_FIRST_MS;
}

struct session *session_new(const struct wire_hello *hello, const struct session_io *io,
                            int64_t now)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->hello = *hello;
    s->io = io;
    s->lease_ms = 30000;
    s->heard = now;
    session_greet_soon(s, now);
    s->pinged = s->renewed = s->looked = now;
    buf_init(&s->report, REPORT_MAX);
    sm_init(&s->sm, rows, SESSION_GREETING);
    return s;
}

struct session_entry *session_find(struct session *s, uint64_t attempt)
{
    struct session_entry *entry = NULL;
    HASH_FIND(hh, s->entries, &attempt, sizeof attempt, entry);
    return entry;
}

void session_forget(struct session *s, struct session_entry *entry)
{
    HASH_DEL(s->entries, entry);
    job_free(entry->job);
    free(entry);
}

void session_stop(struct session *s, struct job *j)
{
    if (job_state(j) == JOB_FLYING && job_is_last(j))
        s->io->stop(s->io->context, j);
}

void session_free(struct session *s)
{
    if (!s)
        return;
    struct session_entry *entry, *following;
    HASH_ITER(hh, s->entries, entry, following)
    {
        session_stop(s, entry->job);
        session_forget(s, entry);
    }
    buf_free(&s->report);
    free(s->project);
    free(s->next_project);
    free(s);
}

void session_close(struct session *s, const char *why, bool refused)
{
    if (s->sm.state == SESSION_CLOSED)
        return;
    snprintf(s->why, sizeof s->why, "%s", why);
    s->refused = refused;
    sm_move(&s->sm, SESSION_CLOSED);
}

/* Jobs not started yet */

struct job *session_queued(struct session *s)
{
    return s->sm.state == SESSION_ACTIVE ? s->queue.head : NULL;
}

void session_started(struct session *s, struct job *j, void *exchange)
{
    struct job_batch *batch = j->batch;
    for (size_t i = 0; i < batch->n; i++) {
        if (!batch->jobs[i])
            continue;
        job_queue_cut(&s->queue, batch->jobs[i]);
        job_started(batch->jobs[i], exchange);
    }
    s->flying++;
}

/* Reports */

bool session_is_result(const struct job *j)
{
    return j->report_n > 4 && j->report[4] == WIRE_TYPE_RESULT;
}

static void send_report(struct session *s, struct job *j, int64_t now)
{
    buf_add(s->io->out(s->io->context), j->report, j->report_n);
    j->sent = now;
}

static void hold(struct session *s, struct job *j, bool result, int64_t now)
{
    assert(!s->report.failed || s->report.nomem);
    if (job_state(j) == JOB_QUEUED)
        job_queue_cut(&s->queue, j);
    else if (job_is_last(j))
        s->flying--;
    /* Without memory for its report a call is made again when its lease has run out. */
    if (s->report.failed || !job_hold(j, buf_view(&s->report))) {
        session_forget(s, session_find(s, j->call.attempt));
        return;
    }
    if (result) {
        s->held_results++;
        s->io->keep(s->io->context, buf_view(&s->report));
    }
    if (s->sm.state != SESSION_GREETING)
        send_report(s, j, now);
}

void session_result(struct session *s, struct job *j, const struct call_result *r, int64_t now)
{
    buf_clear(&s->report);
    wire_put_call_result(&s->report, &j->call, r);
    hold(s, j, true, now);
}

void session_fail(struct session *s, struct job *j, enum failure failure, uint16_t http_status,
                  int64_t retry_after_ms, struct slice message, int64_t now)
{
    struct wire_fail m = {.failure = (uint8_t)failure,
                          .http_status = http_status,
                          .retry_after_ms = retry_after_ms,
                          .message = message};
    wire_set_call(&m, &j->call);
    buf_clear(&s->report);
    wire_put_fail(&s->report, &m);
    hold(s, j, false, now);
}

void session_give_back(struct session *s, struct job *j, int64_t now)
{
    session_fail(s, j, FAILURE_CANCELLED, 0, -1, S(""), now);
}

void session_give_back_queue(struct session *s, int64_t now)
{
    while (s->queue.head)
        session_give_back(s, s->queue.head, now);
}

/* Time */

static void put_renew(struct session *s, const struct job *j)
{
    struct wire_renew m;
    wire_set_call(&m, &j->call);
    wire_put_renew(s->io->out(s->io->context), &m);
}

static void renew_all(struct session *s)
{
    for (struct session_entry *entry = s->entries; entry; entry = entry->hh.next)
        if (job_state(entry->job) != JOB_HELD)
            put_renew(s, entry->job);
}

static void repeat_reports(struct session *s, int64_t now, int64_t older_than)
{
    for (struct session_entry *entry = s->entries; entry; entry = entry->hh.next)
        if (job_state(entry->job) == JOB_HELD && now - entry->job->sent >= older_than)
            send_report(s, entry->job, now);
}

/* HELLO, then all that is still held: the coordinator learns of it before it can hand out the same
 * calls to somebody else. */
static void greet(struct session *s, int64_t now)
{
    wire_put_hello(s->io->out(s->io->context), &s->hello);
    renew_all(s);
    repeat_reports(s, now, 0);
    s->renewed = s->looked = now;
    s->greet_at = now + s->greet_wait;
    s->greet_wait = s->greet_wait * 2 < HELLO_EVERY_MS ? s->greet_wait * 2 : HELLO_EVERY_MS;
}

static void change_project(struct session *s)
{
    char *text = s->next_project;
    s->next_project = NULL;
    session_take_up(s, text, s->next_project_n);
    if (s->sm.state == SESSION_LEAVING) {
        sm_move(&s->sm, SESSION_GREETING);
        session_greet_soon(s, s->heard);
    }
}

/* How often there may be something to say: a short lease must not run out in between. */
static int64_t beat(const struct session *s)
{
    int64_t third = s->lease_ms / 3;
    return third < PING_EVERY_MS ? third : PING_EVERY_MS;
}

static void keep_alive(struct session *s, int64_t now)
{
    if (now - s->pinged >= beat(s)) {
        struct wire_ping ping = {.in_flight = (uint32_t)s->flying};
        wire_put_ping(s->io->out(s->io->context), &ping);
        s->pinged = now;
    }
    if (now - s->renewed >= s->lease_ms / 3) {
        renew_all(s);
        s->renewed = now;
    }
}

int64_t session_tick(struct session *s, int64_t now)
{
    if (s->sm.state == SESSION_CLOSED)
        return -1;
    if (s->sm.state == SESSION_LEAVING && !s->entries) {
        change_project(s);
        if (s->sm.state == SESSION_CLOSED)
            return -1;
    }
    if (s->leave && !s->entries) {
        struct wire_bye bye = {.why = WIRE_BYE_DONE, .reason = S("leaving")};
        wire_put_bye(s->io->out(s->io->context), &bye);
        session_close(s, "asked to leave", false);
        return -1;
    }
    if (s->sm.state == SESSION_GREETING) {
        if (now >= s->greet_at)
            greet(s, now);
        return s->greet_at - now;
    }
    if (now - s->looked >= PING_EVERY_MS) {
        repeat_reports(s, now, REPEAT_AFTER_MS);
        s->looked = now;
    }
    keep_alive(s, now);
    return beat(s);
}

/* Without it the coordinator would grant again what a leaving worker gives back. */
void session_say_leaving(struct session *s)
{
    struct wire_drain m = {0};
    wire_put_drain(s->io->out(s->io->context), &m);
}

void session_leave(struct session *s, int64_t now)
{
    s->leave = true;
    if (s->sm.state == SESSION_ACTIVE || s->sm.state == SESSION_LEAVING)
        sm_move(&s->sm, SESSION_DRAINING);
    if (s->sm.state == SESSION_DRAINING)
        session_say_leaving(s);
    session_give_back_queue(s, now);
}

enum session_state session_state(const struct session *s)
{
    return (enum session_state)s->sm.state;
}

const char *session_why(const struct session *s)
{
    return s->why;
}

bool session_refused(const struct session *s)
{
    return s->refused;
}

void session_each_kept(const struct session *s, void (*fn)(void *context, struct slice report),
                       void *context)
{
    for (struct session_entry *entry = s->entries; entry; entry = entry->hh.next)
        if (job_state(entry->job) == JOB_HELD && session_is_result(entry->job))
            fn(context, (struct slice){entry->job->report, entry->job->report_n});
}

size_t session_flying(const struct session *s)
{
    return s->flying;
}

size_t session_jobs(const struct session *s)
{
    return HASH_COUNT(s->entries);
}

int64_t session_heard(const struct session *s)
{
    return s->heard;
}
