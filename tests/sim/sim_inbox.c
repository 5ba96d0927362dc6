/*
 * What arrives at the coordinator and what its engine wants done: the simulator's counterpart of
 * serve_inbox.c. The seams of planted bugs are here and in sim_coordinator.c: compiled in by
 * -DBUG_..., they show that the checks see what they are there to see.
 */
#include <assert.h>
#include <string.h>

#include "tests/sim/sim_private.h"

struct buf *sim_inbox_out(struct sim *s, uint32_t peer)
{
    assert(peer >= 1 && peer <= s->coordinator.n_peers);
    return &s->coordinator.peers[peer - 1].out;
}

/* The engine's way to act */

void sim_inbox_put_grant(struct sim *s, const struct agent *agent, const struct task *task, int n,
                         const struct id *subject)
{
    struct engine *e = s->coordinator.engine;
    struct call_key key = task->key;
    for (int i = 0; i < n; i++, key.k++)
        sim_check_grant(s, agent, dispatch_find(e->dispatch, key));
    struct wire_grant m = {.n = (uint8_t)n,
                           .ask = (uint8_t)task->ask,
                           .cue = S("c"),
                           .task = S("t"),
                           .history = S("h")};
    const struct wire_call call = {task->attempt, *subject,
                                   s->coordinator.seats.all[task->key.seat].recipe, task->key,
                                   (uint16_t)task->endpoint};
    wire_set_call(&m, &call);
    wire_put_grant(sim_inbox_out(s, agent->peer), &m);
}

static bool io_grant(void *context, const struct agent *agent, const struct task *task, int n,
                     const struct subject *subject)
{
    sim_inbox_put_grant(context, agent, task, n, &subject->id);
    return true;
}

static void io_cancel(void *context, const struct agent *agent, uint64_t attempt)
{
    struct wire_cancel m = {attempt};
    sim_note(context, "cancel %llx", (unsigned long long)attempt);
    wire_put_cancel(sim_inbox_out(context, agent->peer), &m);
}

static void io_ack(void *context, uint32_t peer, uint64_t attempt)
{
    struct wire_ack m = {attempt};
    sim_check_ack(context, attempt);
    wire_put_ack(sim_inbox_out(context, peer), &m);
}

void sim_inbox_staged(struct sim *s, bool urgent)
{
    struct sim_coordinator *c = &s->coordinator;
    if (!c->staged_since)
        c->staged_since = s->now;
    c->urgent = c->urgent || urgent;
}

static enum engine_saved io_save(void *context, const struct wire_call *call,
                                 const struct call_result *r, bool last)
{
    struct sim *s = context;
    enum engine_saved saved = sim_store_save(s, call, r, last);
    if (saved == ENGINE_SAVED) /* the feed must find it when it loads the pair */
        sim_inbox_staged(s, !engine_has(s->coordinator.engine, call->key.row));
    return saved;
}

static void io_decide(void *context, const struct subject *subject, enum pair_state state,
                      enum reason reason, const char *detail)
{
    struct sim *s = context;
    (void)reason;
    (void)detail;
    sim_store_decide(s, subject->row, state);
    sim_inbox_staged(s, subject->row > s->coordinator.cursor); /* the feed has yet to pass it */
}

void sim_inbox_fill_io(struct sim *s)
{
    s->coordinator.io = (struct engine_io){s,       io_grant,  io_cancel,    io_ack,
                                           io_save, io_decide, &sim_seeds_io};
}

/* Messages */

void sim_inbox_bye(struct sim *s, uint32_t peer, enum wire_bye_why why)
{
    struct wire_bye m = {.why = (uint8_t)why, .reason = S("bye")};
    wire_put_bye(sim_inbox_out(s, peer), &m);
}

static void hear_hello(struct sim *s, uint32_t peer, const struct wire_hello *m)
{
    struct sim_coordinator *c = &s->coordinator;
    if (!engine_hello(c->engine, peer, m, s->now))
        return;
    struct wire_welcome welcome = {.version = WIRE_VERSION,
                                   .epoch = s->store.epoch,
                                   .lease_ms = SIM_LEASE_MS,
                                   .project = slice_of(c->project_text)};
    wire_put_welcome(sim_inbox_out(s, peer), &welcome);
    if (c->drained) {
        struct wire_drain drain = {0};
        wire_put_drain(sim_inbox_out(s, peer), &drain);
    }
}

static void hear_result(struct sim *s, uint32_t peer, const struct wire_message *m)
{
    struct call_result result;
    struct wire_call call = wire_call_of(m);
    bool ok = wire_result_of(&m->as.result, &result);
    assert(ok);
    (void)ok;
    engine_result(s->coordinator.engine, peer, &call, &result, s->now);
    sim_check_released(s, call.attempt);
}

static bool hear_fail(struct sim *s, uint32_t peer, const struct wire_message *m)
{
    struct wire_call call = wire_call_of(m);
#ifdef BUG_NO_FENCE
    struct task *t = dispatch_find(s->coordinator.engine->dispatch, call.key);
    if (t && t->state == TASK_LEASED) {
        call.attempt = t->attempt;
        peer = t->agent->peer;
    }
#endif
    bool known = engine_fail(s->coordinator.engine, peer, &call, &m->as.fail, s->now);
    sim_check_released(s, wire_call_of(m).attempt);
    return known;
}

static bool hear_renew(struct sim *s, uint32_t peer, const struct wire_message *m)
{
    struct engine *e = s->coordinator.engine;
    struct wire_call call = wire_call_of(m);
    if (!engine_has(e, call.key.row)) {
        uint64_t row = call.key.row & ~CALL_SEED;
        sim_coordinator_commit(s);
        if (row != call.key.row)
            sim_seeds_feed_one(s, row);
        else
            sim_inbox_feed_pair(s, row);
    }
    bool known = engine_renew(e, peer, &call, s->now);
    const struct task *t = dispatch_leased(e->dispatch, call.attempt);
    if (known && t && t->agent->peer == peer)
        sim_check_renewed(s, call.attempt, peer);
    return known;
}

static bool hear_ping(struct sim *s, uint32_t peer, const struct wire_ping *m)
{
    if (!engine_ping(s->coordinator.engine, peer, m, s->now))
        return false;
    wire_put_ping(sim_inbox_out(s, peer), m);
    return true;
}

static bool hear(struct sim *s, uint32_t peer, const struct wire_message *m)
{
    switch ((int)m->type) {
    case WIRE_TYPE_HELLO:
        hear_hello(s, peer, &m->as.hello);
        return true;
    case WIRE_TYPE_RESULT:
        hear_result(s, peer, m);
        return true;
    case WIRE_TYPE_FAIL:
        return hear_fail(s, peer, m);
    case WIRE_TYPE_RENEW:
        return hear_renew(s, peer, m);
    case WIRE_TYPE_PING:
        return hear_ping(s, peer, &m->as.ping);
    case WIRE_TYPE_DRAIN:
        return engine_leaving(s->coordinator.engine, peer, s->now);
    case WIRE_TYPE_BYE:
        sim_inbox_gone(s, peer);
        return true;
    default:
        sim_violate(s, "a worker sent %s", wire_name(m->type));
        return true;
    }
}

void sim_inbox_frame(struct sim *s, struct sim_frame *f)
{
    struct slice frame = {f->bytes, f->n};
    struct wire_message m;
    struct err e;
    bool known = true;
    int more;
    s->coordinator.peers[f->peer - 1].heard = s->now;
    while ((more = wire_next(&frame, &m, &e)) == 1) {
        sim_note(s, "peer %u says %s %llx", f->peer, wire_name(m.type),
                 (unsigned long long)wire_call_of(&m).attempt);
        known = hear(s, f->peer, &m) && known;
    }
    assert(more == 0);
    if (!known)
        sim_inbox_bye(s, f->peer, WIRE_BYE_UNKNOWN);
}

void sim_inbox_gone(struct sim *s, uint32_t peer)
{
    struct engine *e = s->coordinator.engine;
    struct agent *a = dispatch_agent(e->dispatch, peer);
    for (struct task *t = a ? a->tasks.head : NULL; t; t = t->next)
        sim_check_released(s, t->attempt);
#ifdef BUG_LEAK_CREDIT
    if (a && a->tasks.head)
        pool_started(&e->pool, a->tasks.head->endpoint);
#endif
    engine_gone(e, peer);
}
