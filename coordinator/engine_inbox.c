/* What workers say, and what it means. */
#include "coordinator/engine_private.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void heard(struct agent *a, int64_t now)
{
    a->seen = now;
    a->quiet = false;
}

bool engine_hello(struct engine *e, uint32_t peer, const struct wire_hello *m, int64_t now)
{
    struct agent *a = dispatch_join(e->dispatch, peer, &m->worker, now);
    if (!a)
        return false;
    a->slots = least(m->slots, 65536);
    a->credit = a->slots + least(m->read_ahead, a->slots);
    a->pid = m->pid;
    a->local = m->local;
    a->draining = false;
    snprintf(a->host, sizeof a->host, SLICE_FMT, SLICE_ARG(m->host));
    return true;
}

bool engine_ping(struct engine *e, uint32_t peer, const struct wire_ping *m, int64_t now)
{
    struct agent *a = dispatch_agent(e->dispatch, peer);
    if (!a)
        return false;
    heard(a, now);
    a->in_flight = m->in_flight;
    return true;
}

bool engine_leaving(struct engine *e, uint32_t peer, int64_t now)
{
    struct agent *a = dispatch_agent(e->dispatch, peer);
    if (!a)
        return false;
    a->seen = now;
    a->draining = true;
    return true;
}

/* Whether this rollout or sample is wanted, and out from now on. */
static bool take_out(struct engine *e, struct begun *b, struct call_key key)
{
    if (engine_is_seed(b))
        return lane_is_seed((enum lane)key.lane) &&
               builder_adopt(e->project, &b->building, (enum lane)key.lane, key.k);
    return !lane_is_seed((enum lane)key.lane) && e->seats->all[key.seat].kind != SEAT_CHECKER &&
           planner_adopt(e->planner, &b->subject, key.seat, key.lane, key.k);
}

static enum ask first_ask(struct call_key key)
{
    return key.lane == LANE_ANSWER     ? ASK_ANSWER
           : key.lane == LANE_MODIFIED ? ASK_MODIFY
                                       : ASK_JUDGE;
}

/* Whether a call of this seat and sample can be one of this pair or seed. */
static bool belongs(const struct engine *e, const struct begun *b, int seat, struct call_key key)
{
    if (seat < 0 || seat != key.seat)
        return false;
    if (engine_is_seed(b))
        return seat == e->generator;
    return seat != e->generator && (seat != 0 || key.k < b->subject.n);
}

/* A worker names a call it holds from before this coordinator began. That of a rollout's later step
 * has its task already, made when the pair was put under way. */
static void adopt(struct engine *e, struct agent *a, const struct wire_call *call, int64_t now)
{
    struct begun *b = engine_find(e, call->key.row);
    int seat = engine_seat(e, call);
    if (!b || !id_eq(engine_id(b), &call->subject) || !belongs(e, b, seat, call->key) ||
        call->endpoint >= e->pool.n || !dispatch_issued(e->dispatch, call->attempt))
        return; /* its result will be stored if it can be */
    struct task *t = dispatch_find(e->dispatch, call->key);
    if (!t && call->key.step == 0 && take_out(e, b, call->key) &&
        engine_add(e, b, call->key, first_ask(call->key), 0))
        t = dispatch_find(e->dispatch, call->key);
    if (!t || t->state != TASK_READY)
        return;
    pool_started(&e->pool, call->endpoint);
    dispatch_adopt(e->dispatch, t, a, call->attempt, call->endpoint, now);
}

bool engine_renew(struct engine *e, uint32_t peer, const struct wire_call *call, int64_t now)
{
    struct agent *a = dispatch_agent(e->dispatch, peer);
    if (!a)
        return false;
    heard(a, now);
    struct task *t = dispatch_leased(e->dispatch, call->attempt);
    if (t && t->agent == a && call_key_eq(t->key, call->key))
        dispatch_renew(e->dispatch, t, now);
    else if (!t)
        adopt(e, a, call, now);
    return true;
}

/* The receipt waits for the commit; without room for it the worker sends its result once more. */
static void receipt(struct engine *e, uint32_t peer, uint64_t attempt)
{
    if (peer == ENGINE_NO_PEER)
        return;
    if (e->n_receipts == e->cap_receipts) {
        size_t cap = e->cap_receipts ? e->cap_receipts * 2 : 256;
        struct receipt *more = realloc(e->receipts, cap * sizeof *more);
        if (!more)
            return;
        e->receipts = more;
        e->cap_receipts = cap;
    }
    e->receipts[e->n_receipts++] = (struct receipt){peer, attempt};
}

static void fatal(struct engine *e, int endpoint, const struct wire_fail *m)
{
    const struct project_endpoint *all = e->project->endpoints.items;
    const char *advice = failure_advice((enum failure)m->failure);
    char why[600];
    snprintf(why, sizeof why, "the endpoint %s refuses to work (%s): " SLICE_FMT "%s%s",
             all[endpoint].url, failure_name((enum failure)m->failure), SLICE_ARG(m->message),
             *advice ? "; " : "", advice);
    engine_drain(e, why);
}

/* The call will not be made again in this run. When not one got an answer, the next million would
 * fare no better. */
static void give_up(struct engine *e, struct task *t, enum reason reason, const char *detail)
{
    engine_set_aside(e, t, reason, detail);
    if (!pool_refuses_all(&e->pool))
        return;
    char why[800];
    snprintf(why, sizeof why, "the teacher answered none of the first %lld calls (%s)",
             (long long)e->pool.refusals, detail);
    engine_drain(e, why);
}

static void weigh_failure(struct engine *e, struct task *t, const struct wire_fail *m, int64_t now)
{
    enum failure failure = (enum failure)m->failure;
    enum failure_blame blame = failure_blame_of(failure);
    if (blame == BLAME_NOBODY) {
        pool_released(&e->pool, t->endpoint);
        dispatch_back(e->dispatch, t);
        return;
    }
    if (blame == BLAME_REQUEST)
        t->tries++;
    else
        t->turned_away++;
    int64_t wait = pool_failed(&e->pool, t->endpoint, now, failure, m->http_status,
                               m->retry_after_ms, t->tries + t->turned_away);
    char detail[700];
    snprintf(detail, sizeof detail, "%s: " SLICE_FMT, failure_name(failure), SLICE_ARG(m->message));
    snprintf(e->last_failure, sizeof e->last_failure, "%.399s", detail);
    if (failure_class_of(failure) == FAILURE_FATAL)
        fatal(e, t->endpoint, m);
    if (failure_class_of(failure) == FAILURE_REJECT) {
        pool_refused(&e->pool);
        give_up(e, t, failure == FAILURE_CONTEXT ? REASON_TOO_LONG : REASON_REQUEST_REFUSED,
                detail);
    } else if (t->tries >= e->project->tries) {
        pool_refused(&e->pool);
        give_up(e, t, REASON_OUT_OF_TRIES, detail);
    } else if (t->turned_away >= e->project->tries * ENGINE_TURNED_AWAY_PER_TRY) {
        engine_set_aside(e, t, REASON_OUT_OF_TRIES, detail);
    } else {
        e->totals.retries++;
        dispatch_delay(e->dispatch, t, now + wait);
    }
}

bool engine_fail(struct engine *e, uint32_t peer, const struct wire_call *call,
                 const struct wire_fail *m, int64_t now)
{
    struct agent *a = dispatch_agent(e->dispatch, peer);
    if (!a)
        return false;
    heard(a, now);
    struct task *t = dispatch_leased(e->dispatch, call->attempt);
    if (t && t->agent == a && m->failure < FAILURE_COUNT) {
        bool failed = failure_blame_of((enum failure)m->failure) != BLAME_NOBODY;
        e->totals.failures += failed;
        e->totals.by_failure[m->failure] += failed;
        if (t->owner) {
            weigh_failure(e, t, m, now);
        } else {
            pool_released(&e->pool, t->endpoint);
            engine_drop(e, t);
        }
    }
    /* There is nothing that must be durable first. */
    e->io->ack(e->io->context, peer, call->attempt);
    return true;
}

/* Whoever else may be making this call can stop; what it brings is stored or known. */
static void end_task(struct engine *e, const struct wire_call *call, int64_t now)
{
    struct task *t = dispatch_find(e->dispatch, call->key);
    if (!t)
        return;
    if (t->state == TASK_LEASED && t->attempt == call->attempt) {
        t->agent->done++;
        pool_answered(&e->pool, t->endpoint, now);
    } else if (t->state == TASK_LEASED) {
        e->io->cancel(e->io->context, t->agent, t->attempt);
        pool_released(&e->pool, t->endpoint);
    }
    engine_drop(e, t);
}

/* The rollout goes on: its next call waits until this one is durable. A result that comes twice
 * must not ask for it twice. */
static void go_on(struct engine *e, struct begun *b, struct call_key key, enum ask ask)
{
    const struct contest *c = &b->subject.contests[key.seat];
    int half = key.lane % PLANNER_LANES;
    bool out = c->taken[half] >> key.k & 1, finished = c->done[half] >> key.k & 1;
    /* One that came by itself is out from now on: the planner must not ask for it. */
    if (!out && !planner_adopt(e->planner, &b->subject, key.seat, key.lane, key.k))
        return;
    key.step++;
    if (!finished && !dispatch_find(e->dispatch, key))
        engine_follow(e, key, ask);
}

static void finish(struct engine *e, struct begun *b, const struct wire_call *call,
                   const struct call_result *r)
{
    struct planner_news news = planner_news_of(r->verdict, r->score_a, r->score_b,
                                               (enum lane)call->key.lane, r->filter.n > 0);
    if (planner_done(e->planner, &b->subject, call->key.seat, call->key.lane, call->key.k, news))
        engine_advance(e, b);
}

/* A sample is stored; what it is worth decides how the building goes on. */
static void finish_sample(struct engine *e, struct begun *b, const struct wire_call *call,
                          const struct call_result *r)
{
    enum lane lane = (enum lane)call->key.lane;
    if (!builder_done(&b->building, lane, call->key.k))
        return;
    enum sample_mark mark = e->io->building->check(e->io->context, &b->building, call, r);
    builder_checked(&b->building, lane, call->key.k, mark);
    engine_advance(e, b);
}

void engine_result(struct engine *e, uint32_t peer, const struct wire_call *call,
                   const struct call_result *result, int64_t now)
{
    struct agent *a = peer == ENGINE_NO_PEER ? NULL : dispatch_agent(e->dispatch, peer);
    if (a)
        heard(a, now);
    int seat = engine_seat(e, call);
    struct wire_call ours = *call;
    enum ask ask = ASK_JUDGE;
    bool on = false;
    bool sample = lane_is_seed((enum lane)call->key.lane);
    if (seat >= 0)
        ours.key.seat = (uint8_t)seat;
    if (seat >= 0 && !sample) {
        struct id rollout = reflector_rollout(&call->subject, &call->recipe, ours.key);
        on = reflector_after(e->reflector, e->seats->all[seat].kind, &rollout, ours.key, result,
                             &ask);
    }
    /* Whether a rollout of another recipe is finished is not known here: it is kept as a call. */
    enum engine_saved saved = e->io->save(e->io->context, &ours, result, seat >= 0 && !on);
    if (saved == ENGINE_UNSAVED)
        return;
    receipt(e, peer, call->attempt);
    if (saved == ENGINE_SAVED) {
        e->totals.answers++;
        e->totals.tokens += result->prompt_tokens + (uint64_t)result->completion_tokens;
        if (seat == 0 && !on)
            reflector_finished(e->reflector, ours.key, result);
    }
    struct begun *b = engine_find(e, call->key.row);
    if (b && (seat < 0 || !id_eq(engine_id(b), &call->subject)))
        return; /* of another recipe: stored, and no news for this one */
    end_task(e, &ours, now);
    /* What is known was heeded when it came first, or when its pair was loaded; asked once more,
     * the reflector might say otherwise. */
    if (!b || saved != ENGINE_SAVED)
        return;
    if (sample)
        finish_sample(e, b, &ours, result);
    else if (on)
        go_on(e, b, ours.key, ask);
    else
        finish(e, b, &ours, result);
}

void engine_gone(struct engine *e, uint32_t peer)
{
    struct agent *a = dispatch_agent(e->dispatch, peer);
    if (!a)
        return;
    while (a->tasks.head)
        engine_take_back(e, a->tasks.head);
    dispatch_leave(e->dispatch, a);
}
