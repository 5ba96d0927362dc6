#include "coordinator/engine_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#define SILENT_LEASES 2 /* an agent that says nothing for so many leases is gone */

struct engine *engine_new(const struct project *p, const struct seats *seats, uint64_t epoch,
                          const struct engine_io *io, int64_t now)
{
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->project = p;
    e->io = io;
    e->seats = seats;
    e->generator = seats_generator(seats);
    e->lease_ms = (int64_t)(p->limits.lease_s * 1000);
    e->started = e->wanted_since = now;
    pool_init(&e->pool, p, now);
    quota_init(&e->quota, p);
    e->planner = planner_new(p, seats);
    e->reflector = reflector_new(p);
    e->dispatch = dispatch_new(epoch, e->lease_ms);
    if (e->planner && e->reflector && e->dispatch)
        return e;
    engine_free(e);
    return NULL;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    dispatch_free(e->dispatch);
    reflector_free(e->reflector);
    planner_free(e->planner);
    struct begun *b, *following;
    HASH_ITER(hh, e->begun, b, following)
    {
        HASH_DEL(e->begun, b);
        free(b);
    }
    free(e->receipts);
    free(e->sequels);
    free(e);
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

/* Calls that the budget still has room for. */
static uint64_t affordable(const struct engine *e)
{
    uint64_t calls = (uint64_t)e->project->budget.calls;
    uint64_t spoken_for = e->totals.answers + dispatch_count(e->dispatch, TASK_LEASED);
    return !calls ? UINT64_MAX : spoken_for < calls ? calls - spoken_for : 0;
}

static bool may_grant(const struct engine *e)
{
    return !e->draining && !e->paused && affordable(e) > 0;
}

static unsigned all_seats(const struct engine *e)
{
    return (1u << e->seats->n) - 1;
}

/* One that was tried before may have been what a server did not do for several at once. */
static bool is_alone(const struct task *t)
{
    return t->key.step != 0 || (t->ask != ASK_JUDGE && t->ask != ASK_ANSWER) || t->tries > 0;
}

/* Samples at temperatures of their own cannot share a request. */
static uint64_t most_together(const struct engine *e, const struct task *t)
{
    bool apart = t->ask == ASK_ANSWER && e->project->build.temperatures.n > 1;
    return apart || is_alone(t) ? 1 : (uint64_t)e->project->generation.per_request;
}

/* How many rollouts, this one and those that follow it, are asked for in one request. */
static int batch_of(const struct engine *e, const struct task *t, const struct agent *a,
                    int endpoint)
{
    uint64_t most = engine_least(most_together(e, t), a->credit - a->leased);
    most = engine_least(most, pool_room(&e->pool, (uint64_t)1 << endpoint));
    most = most > 1 ? engine_least(most, affordable(e)) : 1;
    struct call_key key = t->key;
    int n = 1;
    for (key.k++; n < (int)most; key.k++, n++) {
        const struct task *other = dispatch_find(e->dispatch, key);
        if (!other || other->state != TASK_READY || other->owner != t->owner || is_alone(other))
            break;
    }
    return n;
}

static bool send_grant(struct engine *e, const struct agent *a, const struct task *t, int n,
                       const struct begun *b)
{
    void *context = e->io->context;
    return engine_is_seed(b) ? e->io->building->grant(context, a, t, n, &b->building)
                             : e->io->grant(context, a, t, n, &b->subject);
}

static void grant(struct engine *e, struct task *t, struct agent *a, int endpoint, int64_t now)
{
    struct begun *b = t->owner;
    struct call_key key = t->key;
    int n = batch_of(e, t, a, endpoint);
    for (int i = 0; i < n; i++, key.k++) {
        pool_started(&e->pool, endpoint);
        dispatch_lease(e->dispatch, dispatch_find(e->dispatch, key), a, endpoint, now);
    }
    if (send_grant(e, a, t, n, b))
        return;
    for (key = t->key; n > 0; n--, key.k++) {
        pool_released(&e->pool, endpoint);
        if (key.k != t->key.k)
            engine_drop(e, dispatch_find(e->dispatch, key));
    }
    engine_set_aside(e, t, REASON_REQUEST_REFUSED, "the request could not be built");
}

static void grant_all(struct engine *e, int64_t now)
{
    struct task *t;
    struct agent *a;
    unsigned seats = all_seats(e);
    while (may_grant(e) && (t = dispatch_first(e->dispatch, seats)) &&
           (a = dispatch_freest(e->dispatch))) {
        const struct begun *b = t->owner;
        const struct seat *seat = &e->seats->all[t->key.seat];
        int endpoint = pool_pick(&e->pool, now, id_u64(engine_id(b), t->key.lane), seat->endpoints);
        if (endpoint < 0)
            seats &= ~(1u << t->key.seat); /* others may go on */
        else
            grant(e, t, a, endpoint, now);
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

/* Who has been silent for too long, of those that calls wait for; NULL: nobody. One that nothing
 * was asked of is not silent. */
static const char *silent(const struct engine *e, int64_t now, int64_t give_up)
{
    for (size_t i = 0; i < e->seats->n; i++) {
        const struct seat *seat = &e->seats->all[i];
        if (dispatch_ready(e->dispatch, (int)i) &&
            pool_unanswered(&e->pool, now, seat->endpoints) >= give_up)
            return seat->kind == SEAT_CHECKER     ? "checker"
                   : seat->kind == SEAT_STUDENT   ? "student"
                   : seat->kind == SEAT_GENERATOR ? "generator"
                                                  : "teacher";
    }
    return pool_silence(&e->pool, now, POOL_ALL) >= give_up ? "teacher" : NULL;
}

static void watch_teacher(struct engine *e, int64_t now)
{
    char why[600];
    int64_t give_up = (int64_t)(e->project->give_up_after * 1000);
    if (!e->begun || !dispatch_agents(e->dispatch) || e->paused)
        e->wanted_since = now;
    if (e->draining || now - e->wanted_since < give_up)
        return;
    const char *who = silent(e, now, give_up);
    if (!who)
        return;
    snprintf(why, sizeof why, "the %s gave no answer for %.0f seconds (give_up_after)%s%s", who,
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

static void make_sequel(struct engine *e, struct sequel next)
{
    struct begun *b = engine_find(e, next.key.row);
    if (!b)
        return;              /* it was decided meanwhile */
    if (engine_is_seed(b)) { /* it may have come by itself meanwhile */
        if (builder_is_out(&b->building, (enum lane)next.key.lane, next.key.k))
            engine_add(e, b, next.key, next.ask, 0);
        return;
    }
    const struct contest *c = &b->subject.contests[next.key.seat];
    struct call_key after = next.key;
    after.step++;
    if (!(c->done[next.key.lane % PLANNER_LANES] >> next.key.k & 1) &&
        !dispatch_find(e->dispatch, after))
        engine_add(e, b, next.key, next.ask, 0);
}

void engine_committed(struct engine *e)
{
    for (size_t i = 0; i < e->n_receipts; i++)
        e->io->ack(e->io->context, e->receipts[i].peer, e->receipts[i].attempt);
    e->n_receipts = 0;
    /* The last ones first: a rollout that has gone on since does not go back. */
    for (size_t i = e->n_sequels; i-- > 0;)
        make_sequel(e, e->sequels[i]);
    e->n_sequels = 0;
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
