/* A worker: what worker.c is in the product, with an exchange that is a date. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_private.h"

static struct buf *io_out(void *context)
{
    return &((struct sim_worker *)context)->out;
}

static bool io_project(void *context, struct slice text, struct err *e)
{
    struct sim_worker *w = context;
    (void)text;
    (void)e;
    sim_note(w->sim, "worker %d takes up a project", w->index);
    return true;
}

static void io_stop(void *context, struct job *job)
{
    struct sim_worker *w = context;
    for (struct sim_exchange **at = &w->exchanges; *at; at = &(*at)->next) {
        struct sim_exchange *x = *at;
        if (job->exchange != x)
            continue;
        *at = x->next;
        free(x);
        return;
    }
    sim_violate(w->sim, "worker %d stops an exchange that it does not have", w->index);
}

static void io_keep(void *context, struct slice report)
{
    struct sim_worker *w = context;
    if (w->local)
        sim_queue_push(&w->spool, sim_queue_frame(report));
}

static void io_cleared(void *context)
{
    sim_queue_clear(&((struct sim_worker *)context)->spool);
}

void sim_worker_wake(struct sim *s, struct sim_worker *w, int64_t at)
{
    if (at < w->stalled_until)
        at = w->stalled_until;
    if (w->wake >= s->now && w->wake <= at)
        return;
    w->wake = at;
    sim_schedule(s, at, EVENT_WORK, w->index, w->life);
}

void sim_worker_start(struct sim *s, int index)
{
    struct sim_worker *w = &s->workers[index];
    struct hash h;
    assert(!w->alive);
    w->alive = true;
    w->life = ++s->lives;
    w->wake = -1;
    w->up_last = w->down_last = w->stalled_until = w->cut_until = 0;
    hash_init(&h, "worker");
    hash_u64(&h, w->life);
    w->hello = (struct wire_hello){.version = WIRE_VERSION,
                                   .program = S("sim"),
                                   .worker = hash_id(&h),
                                   .slots = w->slots,
                                   .read_ahead = w->read_ahead,
                                   .pid = (uint32_t)w->life,
                                   .host = S("host"),
                                   .local = w->local};
    w->io = (struct session_io){w, io_out, io_project, io_stop, io_keep, io_cleared};
    buf_init(&w->out, 1 << 20);
    w->session = session_new(&w->hello, &w->io, s->now);
    assert(w->session);
    sim_note(s, "worker %d starts as %d", index, (int)w->life);
    sim_worker_wake(s, w, s->now);
}

void sim_worker_die(struct sim *s, struct sim_worker *w)
{
    assert(w->alive);
    sim_note(s, "worker %d ends", w->index);
    session_free(w->session);
    assert(!w->exchanges);
    buf_free(&w->out);
    sim_queue_clear(&w->inbox);
    sim_queue_move(&s->spools, &w->spool);
    w->session = NULL;
    w->alive = false;
    struct sim_coordinator *c = &s->coordinator;
    if (w->local && c->alive) {
        assert(c->n_deaths < sizeof c->deaths / sizeof c->deaths[0]);
        c->deaths[c->n_deaths++] = (uint32_t)w->life;
        sim_coordinator_wake(s, s->now);
    }
}

static void start_queued(struct sim *s, struct sim_worker *w)
{
    struct job *job;
    while (session_flying(w->session) < w->slots && (job = session_queued(w->session))) {
        struct sim_exchange *x = sim_teacher_ask(s, w, job);
        x->next = w->exchanges;
        w->exchanges = x;
        session_started(w->session, job, x);
    }
}

static void hear(struct sim *s, struct sim_worker *w, struct sim_frame *f)
{
    struct slice frame = {f->bytes, f->n};
    struct wire_message m;
    struct err e;
    int more;
    while ((more = wire_next(&frame, &m, &e)) == 1) {
        sim_note(s, "worker %d hears %s %llx", w->index, wire_name(m.type),
                 (unsigned long long)(m.type == WIRE_TYPE_ACK     ? m.as.ack.attempt
                                      : m.type == WIRE_TYPE_GRANT ? m.as.grant.attempt
                                                                  : 0));
        session_hear(w->session, &m, s->now);
    }
    assert(more == 0);
}

void sim_worker_turn(struct sim *s, struct sim_worker *w)
{
    struct sim_frame *f;
    w->wake = -1;
    while ((f = sim_queue_pop(&w->inbox))) {
        hear(s, w, f);
        free(f);
    }
    start_queued(s, w);
    int64_t wait = session_tick(w->session, s->now);
    sim_link_up(s, w);
    if (session_state(w->session) == SESSION_CLOSED) {
        if (session_refused(w->session))
            sim_violate(s, "worker %d is refused: %s", w->index, session_why(w->session));
        sim_worker_die(s, w);
        if (!w->local)
            sim_schedule(s, s->now + sim_between(s, 100, 5000), EVENT_START_WORKER, w->index, 0);
        return;
    }
    sim_worker_wake(s, w, s->now + (wait > 0 ? wait : 1));
}

void sim_worker_answer(struct sim *s, struct sim_worker *w, uint64_t number)
{
    struct sim_exchange **at = &w->exchanges;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    struct sim_exchange *x = *at;
    if (!x)
        return; /* it was cut short */
    if (s->now < w->stalled_until) {
        sim_schedule_event(s, w->stalled_until, EVENT_ANSWER, w->index, w->life)->number = number;
        return;
    }
    *at = x->next;
    struct job *jobs[SIM_MOST_N];
    size_t n = 0;
    enum ask ask = (enum ask)x->batch->ask;
    for (size_t i = 0; i < x->batch->n; i++)
        if (x->batch->jobs[i])
            jobs[n++] = x->batch->jobs[i];
    for (size_t i = 0; i < n; i++) { /* the batch goes with the last of them */
        if (x->failure != FAILURE_COUNT) {
            session_fail(w->session, jobs[i], x->failure, x->http_status, x->retry_after_ms,
                         S("failed"), s->now);
            continue;
        }
        struct call_result r = sim_teacher_result(s, jobs[i], ask);
        sim_check_attempt(s, jobs[i]->call.attempt)->result = true;
        session_result(w->session, jobs[i], &r, s->now);
    }
    free(x);
    sim_worker_wake(s, w, s->now);
}
