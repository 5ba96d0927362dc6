#include "coordinator/engine_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#define SILENT_LEASES 2 /* an agent that says nothing for so many leases is gone */

struct engine *engine_new(const struct project *p, const struct id *recipe, uint64_t epoch,
                          const struct engine_io *io, int64_t now)
{
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->project = p;
    e->io = io;
    e->recipe = *recipe;
    e->lease_ms = (int64_t)(p->limits.lease_s * 1000);
    e->started = e->wanted_since = now;
    pool_init(&e->pool, p, now);
    e->planner = planner_new(&p->accept, p->calibration);
    e->dispatch = dispatch_new(epoch, e->lease_ms);
    if (e->planner && e->dispatch)
        return e;
    engine_free(e);
    return NULL;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    dispatch_free(e->dispatch);
    planner_free(e->planner);
    struct begun *b, *following;
    HASH_ITER(hh, e->begun, b, following)
    {
        HASH_DEL(e->begun, b);
        free(b);
    }
    free(e->receipts);
    free(e);
}

/* Pairs */

struct begun *engine_find(const struct engine *e, uint64_t row)
{
    struct begun *b = NULL;
    HASH_FIND(hh, e->begun, &row, sizeof row, b);
    return b;
}

bool engine_has(const struct engine *e, uint64_t row)
{
    return engine_find(e, row) != NULL;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t engine_wants(const struct engine *e)
{
    if (e->draining)
        return 0;
    uint64_t under_way = HASH_COUNT(e->begun), window = planner_window(e->planner);
    /* A call that waits for room was chosen on less evidence than one that is chosen later. */
    uint64_t room = least(dispatch_room(e->dispatch), pool_room(&e->pool));
    uint64_t ready = dispatch_count(e->dispatch, TASK_READY);
    uint64_t delayed = dispatch_count(e->dispatch, TASK_DELAYED);
    uint64_t leased = dispatch_count(e->dispatch, TASK_LEASED);
    /* Calls in backoff hold no slot, but they must not let the window grow without end. */
    if (ready >= room || under_way >= window || delayed > 2 * (leased + room) + 64)
        return 0;
    return least(room - ready, window - under_way);
}

struct subject *engine_begin(struct engine *e, const struct id *id, uint64_t row)
{
    assert(!engine_find(e, row));
    struct begun *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->row = row;
    planner_begin(e->planner, &b->subject, id, row);
    HASH_ADD(hh, e->begun, row, sizeof b->row, b);
    if (!b->hh.tbl) {
        free(b);
        return NULL;
    }
    return &b->subject;
}

void engine_rehearse(const struct engine *e, struct subject *s, const struct id *id)
{
    planner_begin(e->planner, s, id, 0);
}

void engine_recall(struct engine *e, struct subject *s, int lane, int k, bool correct)
{
    planner_recall(e->planner, s, lane, k, correct);
}

/* The pair is over: what is still out for it is nobody's any more. It is stored all the same when
 * it comes. */
static void forget(struct engine *e, struct begun *b, bool cut)
{
    for (int lane = 0; lane < PLANNER_LANES && b->tasks; lane++) {
        for (int k = 0; k < CALL_MAX_K; k++) {
            struct call_key key = {.row = b->row, .lane = (uint8_t)lane, .k = (uint8_t)k};
            struct task *t = dispatch_find(e->dispatch, key);
            if (!t)
                continue;
            t->owner = NULL;
            if (t->state != TASK_LEASED)
                dispatch_remove(e->dispatch, t);
            else if (cut)
                e->io->cancel(e->io->context, t->agent, t->attempt);
        }
    }
    HASH_DEL(e->begun, b);
    free(b);
}

static void settle(struct engine *e, struct begun *b, enum pair_state state, enum reason reason,
                   const char *detail)
{
    e->totals.decided[state]++;
    e->io->decide(e->io->context, &b->subject, state, reason, detail);
    /* A deferred pair goes on in the next run: what is out for it is worth waiting for. */
    forget(e, b, state != STATE_DEFERRED && e->project->accept.cut);
}

void engine_advance(struct engine *e, struct begun *b)
{
    enum reason reason;
    enum pair_state fate = planner_fate(e->planner, &b->subject, &reason);
    if (fate != STATE_OPEN) {
        settle(e, b, fate, reason, "");
        return;
    }
    bool known = b->subject.taken[0] | b->subject.taken[1];
    int lane, k;
    while (planner_next(e->planner, &b->subject, &lane, &k)) {
        struct call_key key = {.row = b->row, .lane = (uint8_t)lane, .k = (uint8_t)k};
        struct task *t = dispatch_find(e->dispatch, key);
        if (t)
            t->owner = b; /* still out from before the pair was set aside */
        else if (!dispatch_add(e->dispatch, b, key, known))
            engine_drain(e, "out of memory");
        b->tasks++;
    }
}

void engine_admit(struct engine *e, struct subject *s)
{
    engine_advance(e, engine_find(e, s->row));
}

void engine_drop(struct engine *e, struct task *t)
{
    struct begun *b = t->owner;
    if (b)
        b->tasks--;
    dispatch_remove(e->dispatch, t);
}

void engine_set_aside(struct engine *e, struct task *t, enum reason reason, const char *detail)
{
    struct begun *b = t->owner;
    engine_drop(e, t);
    if (b)
        settle(e, b, STATE_DEFERRED, reason, detail);
}

void engine_take_back(struct engine *e, struct task *t)
{
    pool_released(&e->pool, t->endpoint);
    /* A call that kills every worker that takes it must come to an end, too. */
    if (!t->owner)
        engine_drop(e, t);
    else if (++t->turned_away >= e->project->tries * ENGINE_TURNED_AWAY_PER_TRY)
        engine_set_aside(e, t, REASON_OUT_OF_TRIES, "lost: its workers ended or fell silent");
    else
        dispatch_back(e->dispatch, t);
}

/* Time */

static bool within_budget(const struct engine *e, int64_t now, const char **limit)
{
    const struct project_budget *b = &e->project->budget;
    *limit = b->tokens && e->totals.tokens >= (uint64_t)b->tokens              ? "budget.tokens"
             : b->wall_s > 0 && (double)(now - e->started) >= b->wall_s * 1000 ? "budget.wall_s"
             : b->calls && e->totals.answers >= (uint64_t)b->calls             ? "budget.calls"
                                                                               : NULL;
    return !*limit;
}

static bool may_grant(const struct engine *e)
{
    uint64_t calls = (uint64_t)e->project->budget.calls;
    uint64_t out = dispatch_count(e->dispatch, TASK_LEASED);
    return !e->draining && !e->paused && (!calls || e->totals.answers + out < calls);
}

static void grant_all(struct engine *e, int64_t now)
{
    struct task *t;
    struct agent *a;
    while (may_grant(e) && (t = dispatch_first(e->dispatch)) &&
           (a = dispatch_freest(e->dispatch))) {
        struct begun *b = t->owner;
        int endpoint = pool_pick(&e->pool, now, id_u64(&b->subject.id, t->key.lane));
        if (endpoint < 0)
            return;
        pool_started(&e->pool, endpoint);
        dispatch_lease(e->dispatch, t, a, endpoint, now);
        if (!e->io->grant(e->io->context, a, t, &b->subject)) {
            pool_released(&e->pool, endpoint);
            engine_set_aside(e, t, REASON_REQUEST_REFUSED, "the request could not be built");
        }
    }
}

static void expire(struct engine *e, int64_t now)
{
    struct task *t;
    while ((t = dispatch_expired(e->dispatch, now))) {
        log_warn("a lease of the worker on %s ran out; its call is given to another",
                 t->agent->host);
        if (now - t->agent->seen >= e->lease_ms / 2)
            t->agent->quiet = true;
        engine_take_back(e, t);
    }
    struct agent *following;
    for (struct agent *a = dispatch_agents(e->dispatch); a; a = following) {
        following = a->next;
        if (now - a->seen > SILENT_LEASES * e->lease_ms)
            engine_gone(e, a->peer);
    }
}

static void watch_teacher(struct engine *e, int64_t now)
{
    char why[600];
    int64_t give_up = (int64_t)(e->project->give_up_after * 1000);
    if (!e->begun || !dispatch_agents(e->dispatch) || e->paused)
        e->wanted_since = now;
    if (e->draining || now - e->wanted_since < give_up || pool_silence(&e->pool, now) < give_up)
        return;
    snprintf(why, sizeof why, "the teacher gave no answer for %.0f seconds (give_up_after)%s%s",
             e->project->give_up_after, e->last_failure[0] ? "; the last failure: " : "",
             e->last_failure);
    engine_drain(e, why);
}

static int64_t until(int64_t now, int64_t at)
{
    return at == INT64_MAX ? -1 : at > now ? at - now : 0;
}

int64_t engine_tick(struct engine *e, int64_t now)
{
    const char *limit;
    expire(e, now);
    dispatch_due(e->dispatch, now);
    watch_teacher(e, now);
    if (!within_budget(e, now, &limit)) {
        char why[100];
        snprintf(why, sizeof why, "%s is used up", limit);
        engine_drain(e, why);
    }
    grant_all(e, now);
    int64_t wait = until(now, dispatch_next(e->dispatch));
    wait = clock_sooner(wait, pool_next(&e->pool, now));
    return clock_sooner(wait,
                        1000); /* silence and the wall-clock budget are looked at once a second */
}

void engine_committed(struct engine *e)
{
    for (size_t i = 0; i < e->n_receipts; i++)
        e->io->ack(e->io->context, e->receipts[i].peer, e->receipts[i].attempt);
    e->n_receipts = 0;
}

void engine_pause(struct engine *e, bool paused)
{
    e->paused = paused;
}

void engine_drain(struct engine *e, const char *why)
{
    if (e->draining)
        return;
    e->draining = true;
    snprintf(e->why, sizeof e->why, "%s", why);
}

/* Looking */

enum engine_state engine_state(const struct engine *e)
{
    if (!e->draining)
        return ENGINE_RUNNING;
    return dispatch_count(e->dispatch, TASK_LEASED) ? ENGINE_DRAINING : ENGINE_STOPPED;
}

const char *engine_why(const struct engine *e)
{
    return e->why;
}

bool engine_is_idle(const struct engine *e)
{
    return !e->begun && !dispatch_count(e->dispatch, TASK_LEASED);
}

uint64_t engine_leased(const struct engine *e)
{
    return dispatch_count(e->dispatch, TASK_LEASED);
}

uint64_t engine_flying(const struct engine *e)
{
    uint64_t n = 0;
    for (const struct agent *a = dispatch_agents(e->dispatch); a; a = a->next)
        n += a->leased < a->slots ? a->leased : a->slots;
    return n;
}

void engine_expect_refusals(struct engine *e, int64_t n)
{
    e->pool.refusals_expected = n;
}

uint64_t engine_waiting(const struct engine *e)
{
    return dispatch_count(e->dispatch, TASK_DELAYED);
}

const struct engine_totals *engine_totals(const struct engine *e)
{
    return &e->totals;
}

const struct pool *engine_pool(const struct engine *e)
{
    return &e->pool;
}

struct agent *engine_agents(const struct engine *e)
{
    return dispatch_agents(e->dispatch);
}
