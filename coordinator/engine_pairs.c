/* The pairs under way, and the tasks that were made for them. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "coordinator/engine_private.h"

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

/* Calls that nobody can take now hold no slot, but they must not let the window grow without end:
 * those in backoff, and those for an endpoint of another role that is slow or away. */
static bool is_crowded(const struct engine *e, uint64_t room)
{
    uint64_t bearable = 2 * (dispatch_count(e->dispatch, TASK_LEASED) + room);
    uint64_t others = dispatch_count(e->dispatch, TASK_READY) - dispatch_ready(e->dispatch, 0);
    return dispatch_count(e->dispatch, TASK_DELAYED) > bearable + 64 || others > bearable + 1024;
}

uint64_t engine_wants(const struct engine *e)
{
    if (e->draining)
        return 0;
    uint64_t under_way = HASH_COUNT(e->begun) - e->n_seeds, window = planner_window(e->planner);
    /* A call that waits for room was chosen on less evidence than one that is chosen later. */
    uint64_t teachers = pool_room(&e->pool, e->seats->all[0].endpoints);
    uint64_t room = engine_least(dispatch_room(e->dispatch), teachers);
    uint64_t ready = dispatch_ready(e->dispatch, 0);
    if (ready >= room || under_way >= window || is_crowded(e, room))
        return 0;
    return engine_least(room - ready, window - under_way);
}

bool engine_put(struct engine *e, struct begun *b)
{
    HASH_ADD(hh, e->begun, row, sizeof b->row, b);
    if (b->hh.tbl)
        return true;
    free(b);
    return false;
}

struct subject *engine_begin(struct engine *e, const struct planner_pair *pair)
{
    assert(!engine_find(e, pair->row));
    struct begun *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->row = pair->row;
    planner_begin(e->planner, &b->subject, pair);
    return engine_put(e, b) ? &b->subject : NULL;
}

void engine_rehearse(struct engine *e, struct subject *s, const struct planner_pair *pair)
{
    planner_begin(e->planner, s, pair);
}

void engine_recall(struct engine *e, struct subject *s, int seat, int lane, int k,
                   struct planner_news news)
{
    planner_recall(e->planner, s, seat, lane, k, news);
}

void engine_before(struct engine *e, uint64_t accepted, uint64_t hinted,
                   const struct flip_counts *flips)
{
    planner_decided(e->planner, STATE_ACCEPTED, REASON_ACCEPTED, accepted - hinted);
    planner_decided(e->planner, STATE_ACCEPTED, REASON_HINTED, hinted);
    reflector_set_counts(e->reflector, flips);
}

struct quota *engine_quota(struct engine *e)
{
    return &e->quota;
}

int engine_seat(const struct engine *e, const struct wire_call *call)
{
    for (size_t i = 0; i < e->seats->n; i++)
        if (id_eq(&e->seats->all[i].recipe, &call->recipe))
            return (int)i;
    return -1;
}

/* Tasks of a pair */

static void join(struct begun *b, struct task *t)
{
    t->owner = b;
    t->of_owner = b->tasks;
    b->tasks = t;
}

static void part(struct task *t)
{
    struct begun *b = t->owner;
    struct task **at = &b->tasks;
    while (*at != t)
        at = &(*at)->of_owner;
    *at = t->of_owner;
    t->of_owner = NULL;
    t->owner = NULL;
}

bool engine_add(struct engine *e, struct begun *b, struct call_key key, enum ask ask, int band)
{
    struct task *t = dispatch_find(e->dispatch, key);
    if (t && t->owner)
        return true;
    if (!t) /* else still out from before the pair was set aside */
        t = dispatch_add(e->dispatch, NULL, key, ask, band);
    if (!t) {
        engine_drain(e, "out of memory");
        return false;
    }
    join(b, t);
    return true;
}

bool engine_follow(struct engine *e, struct call_key key, enum ask ask)
{
    if (e->n_sequels == e->cap_sequels) {
        size_t cap = e->cap_sequels ? e->cap_sequels * 2 : 256;
        struct sequel *more = realloc(e->sequels, cap * sizeof *more);
        if (!more) {
            engine_drain(e, "out of memory");
            return false;
        }
        e->sequels = more;
        e->cap_sequels = cap;
    }
    e->sequels[e->n_sequels++] = (struct sequel){key, ask};
    return true;
}

/* That the rollout goes on was decided when its last call came. */
static enum ask ask_after(enum seat_kind kind, const struct call_result *last)
{
    if (last->finish == FINISH_LENGTH && last->ask != ASK_CLOSE)
        return ASK_CLOSE;
    return kind == SEAT_HINTED ? ASK_RECHECK : ASK_CONTINUE;
}

void engine_resume(struct engine *e, struct subject *s, struct call_key key,
                   const struct call_result *result)
{
    if (!planner_adopt(e->planner, s, key.seat, key.lane, key.k))
        return;
    key.step++;
    key.row = s->row;
    engine_add(e, engine_find(e, s->row), key, ask_after(e->seats->all[key.seat].kind, result), 0);
}

void engine_forget(struct engine *e, struct begun *b, bool cut)
{
    while (b->tasks) {
        struct task *t = b->tasks;
        part(t);
        if (t->state != TASK_LEASED)
            dispatch_remove(e->dispatch, t);
        else if (cut)
            e->io->cancel(e->io->context, t->agent, t->attempt);
    }
    HASH_DEL(e->begun, b);
    e->n_seeds -= engine_is_seed(b);
    free(b);
}

static void settle(struct engine *e, struct begun *b, enum pair_state state, enum reason reason,
                   const char *detail)
{
    e->totals.decided[state]++;
    planner_decided(e->planner, state, reason, 1);
    planner_left(e->planner, &b->subject);
    e->io->decide(e->io->context, &b->subject, state, reason, detail);
    /* A deferred pair goes on in the next run: what is out for it is worth waiting for. */
    engine_forget(e, b, state != STATE_DEFERRED && e->project->accept.cut);
}

/* Decided by its rollouts, or by there being enough of its kind. */
static bool settle_if_due(struct engine *e, struct begun *b)
{
    enum reason reason;
    enum pair_state fate = planner_fate(e->planner, &b->subject, &reason);
    bool enough = fate == STATE_OPEN       ? quota_full(&e->quota, &b->subject)
                  : fate == STATE_ACCEPTED ? !quota_take(&e->quota, &b->subject)
                                           : false;
    if (enough) {
        fate = STATE_DEFERRED;
        reason = REASON_QUOTA;
    }
    if (fate != STATE_OPEN)
        settle(e, b, fate, reason, "");
    return fate != STATE_OPEN;
}

void engine_advance(struct engine *e, struct begun *b)
{
    struct planner_wish w;
    if (engine_is_seed(b)) {
        engine_advance_seed(e, b);
        return;
    }
    if (settle_if_due(e, b))
        return;
    while (planner_next(e->planner, &b->subject, &w)) {
        struct call_key key = {
            .row = b->row, .seat = (uint8_t)w.seat, .lane = (uint8_t)w.lane, .k = (uint8_t)w.k};
        /* What a checker looks at must be durable first. */
        bool check = e->seats->all[w.seat].kind == SEAT_CHECKER;
        if (!(check ? engine_follow(e, key, ASK_CHECK) : engine_add(e, b, key, ASK_JUDGE, w.band)))
            return;
    }
}

void engine_admit(struct engine *e, struct subject *s)
{
    engine_advance(e, engine_find(e, s->row));
}

void engine_drop(struct engine *e, struct task *t)
{
    if (t->owner)
        part(t);
    dispatch_remove(e->dispatch, t);
}

void engine_set_aside(struct engine *e, struct task *t, enum reason reason, const char *detail)
{
    struct begun *b = t->owner;
    int seat = t->key.seat;
    bool student = e->seats->all[seat].kind == SEAT_STUDENT;
    engine_drop(e, t);
    if (!b)
        return;
    if (engine_is_seed(b)) {
        engine_defer_seed(e, b, reason, detail);
        return;
    }
    if (!student || reason == REASON_OUT_OF_TRIES) {
        settle(e, b, STATE_DEFERRED, reason, detail);
        return;
    }
    planner_excuse(e->planner, &b->subject, seat); /* it would fail the next time, too */
    engine_advance(e, b);
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
