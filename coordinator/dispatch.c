#include "coordinator/dispatch.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1 /* uthash would call exit() */
#include <uthash.h>

/* Lookup by call and by present attempt; apart from struct task so that uthash stays in this file.
 */
struct dispatch_index {
    uint64_t key[2]; /* row, and the packed rest: no padding, for it is hashed as bytes */
    uint64_t attempt;
    struct task *task;
    UT_hash_handle by_key, by_attempt;
};

struct dispatch {
    uint64_t epoch, counter;
    int64_t lease_ms;
    struct task_list ready[CALL_MAX_SEAT][DISPATCH_BANDS];
    uint64_t n_ready[CALL_MAX_SEAT];
    struct heap delays, leases;
    size_t counts[3], n_tasks;
    struct dispatch_index *keys, *attempts;
    struct agent *agents;
};

static void list_push(struct task_list *l, struct task *t, bool front)
{
    struct task *beside = front ? l->head : l->tail;
    t->next = front ? beside : NULL;
    t->prev = front ? NULL : beside;
    if (!beside)
        l->head = l->tail = t;
    else if (front)
        beside->prev = l->head = t;
    else
        beside->next = l->tail = t;
}

static void list_cut(struct task_list *l, struct task *t)
{
    if (t->prev)
        t->prev->next = t->next;
    else
        l->head = t->next;
    if (t->next)
        t->next->prev = t->prev;
    else
        l->tail = t->prev;
    t->next = t->prev = NULL;
}

struct dispatch *dispatch_new(uint64_t epoch, int64_t lease_ms)
{
    struct dispatch *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->epoch = epoch;
    d->lease_ms = lease_ms;
    heap_init(&d->delays);
    heap_init(&d->leases);
    return d;
}

void dispatch_free(struct dispatch *d)
{
    if (!d)
        return;
    struct dispatch_index *x, *following;
    HASH_ITER(by_key, d->keys, x, following)
    {
        dispatch_remove(d, x->task);
    }
    while (d->agents)
        dispatch_leave(d, d->agents);
    heap_free(&d->delays);
    heap_free(&d->leases);
    free(d);
}

/* Agents */

static struct agent *find_uid(const struct dispatch *d, const struct id *uid)
{
    for (struct agent *a = d->agents; a; a = a->next)
        if (id_eq(&a->uid, uid))
            return a;
    return NULL;
}

struct agent *dispatch_join(struct dispatch *d, uint32_t peer, const struct id *uid, int64_t now)
{
    struct agent *a = find_uid(d, uid);
    if (!a) {
        a = calloc(1, sizeof *a);
        if (!a)
            return NULL;
        a->uid = *uid;
        a->connected = now;
        a->next = d->agents;
        d->agents = a;
    }
    a->peer = peer;
    a->seen = now;
    a->quiet = false;
    return a;
}

struct agent *dispatch_agent(const struct dispatch *d, uint32_t peer)
{
    for (struct agent *a = d->agents; a; a = a->next)
        if (a->peer == peer)
            return a;
    return NULL;
}

struct agent *dispatch_agents(const struct dispatch *d)
{
    return d->agents;
}

void dispatch_leave(struct dispatch *d, struct agent *a)
{
    assert(a->leased == 0 && !a->tasks.head);
    struct agent **at = &d->agents;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    free(a);
}

static uint32_t room(const struct agent *a)
{
    return a->draining || a->quiet || a->leased >= a->credit ? 0 : a->credit - a->leased;
}

struct agent *dispatch_freest(const struct dispatch *d)
{
    struct agent *best = NULL;
    for (struct agent *a = d->agents; a; a = a->next)
        if (room(a) && (!best || room(a) > room(best)))
            best = a;
    return best;
}

uint64_t dispatch_room(const struct dispatch *d)
{
    uint64_t sum = 0;
    for (const struct agent *a = d->agents; a; a = a->next)
        sum += room(a);
    return sum;
}

/* Tasks: leaving a state, entering a state */

static struct task_list *ready_list(struct dispatch *d, const struct task *t)
{
    return &d->ready[t->key.seat][t->band];
}

static void leave(struct dispatch *d, struct task *t)
{
    d->counts[t->state]--;
    switch (t->state) {
    case TASK_READY:
        list_cut(ready_list(d, t), t);
        d->n_ready[t->key.seat]--;
        break;
    case TASK_DELAYED:
        heap_remove(&d->delays, &t->timer);
        break;
    case TASK_LEASED:
        heap_remove(&d->leases, &t->timer);
        if (t->index->by_attempt.tbl)
            HASH_DELETE(by_attempt, d->attempts, t->index);
        list_cut(&t->agent->tasks, t);
        t->agent->leased--;
        t->agent = NULL;
        break;
    }
}

static void make_ready(struct dispatch *d, struct task *t, bool front)
{
    t->state = TASK_READY;
    d->counts[TASK_READY]++;
    d->n_ready[t->key.seat]++;
    list_push(ready_list(d, t), t, front);
}

static void make_leased(struct dispatch *d, struct task *t, struct agent *a, uint64_t attempt,
                        int endpoint, int64_t now)
{
    assert(t->state == TASK_READY && !dispatch_leased(d, attempt));
    leave(d, t);
    t->state = TASK_LEASED;
    d->counts[TASK_LEASED]++;
    t->band = 0; /* its pair is under way: should it come back, it goes first */
    t->attempt = attempt;
    t->endpoint = endpoint;
    t->agent = a;
    a->leased++;
    list_push(&a->tasks, t, false);
    t->index->attempt = attempt;
    /* Without memory for it every word about this attempt is stale; a result is found by its key.
     */
    HASH_ADD(by_attempt, d->attempts, attempt, sizeof attempt, t->index);
    heap_put(&d->leases, &t->timer, now + d->lease_ms, attempt);
}

static void key_of(struct call_key key, uint64_t out[2])
{
    out[0] = key.row;
    out[1] = call_key_pack(key);
}

struct task *dispatch_add(struct dispatch *d, void *owner, struct call_key key, enum ask ask,
                          int band)
{
    assert(!dispatch_find(d, key) && key.seat < CALL_MAX_SEAT && band < DISPATCH_BANDS);
    struct task *t = calloc(1, sizeof *t);
    struct dispatch_index *x = calloc(1, sizeof *x);
    /* Room for both timers is made now, so that moving a task can never fail. */
    if (!t || !x || !heap_reserve(&d->delays, d->n_tasks + 1) ||
        !heap_reserve(&d->leases, d->n_tasks + 1)) {
        free(t);
        free(x);
        return NULL;
    }
    key_of(key, x->key);
    x->task = t;
    t->index = x;
    t->key = key;
    t->owner = owner;
    t->ask = ask;
    t->band = band;
    heap_node_init(&t->timer);
    HASH_ADD(by_key, d->keys, key, sizeof x->key, x);
    if (!x->by_key.tbl) {
        free(t);
        free(x);
        return NULL;
    }
    d->n_tasks++;
    make_ready(d, t, false);
    return t;
}

void dispatch_remove(struct dispatch *d, struct task *t)
{
    leave(d, t);
    HASH_DELETE(by_key, d->keys, t->index);
    d->n_tasks--;
    free(t->index);
    free(t);
}

void dispatch_lease(struct dispatch *d, struct task *t, struct agent *a, int endpoint, int64_t now)
{
    make_leased(d, t, a, d->epoch << 32 | ++d->counter, endpoint, now);
}

bool dispatch_issued(const struct dispatch *d, uint64_t attempt)
{
    return attempt <= (d->epoch << 32 | d->counter);
}

void dispatch_adopt(struct dispatch *d, struct task *t, struct agent *a, uint64_t attempt,
                    int endpoint, int64_t now)
{
    make_leased(d, t, a, attempt, endpoint, now);
}

void dispatch_delay(struct dispatch *d, struct task *t, int64_t due)
{
    assert(t->state == TASK_LEASED);
    leave(d, t);
    t->state = TASK_DELAYED;
    d->counts[TASK_DELAYED]++;
    heap_put(&d->delays, &t->timer, due, t->attempt);
}

void dispatch_back(struct dispatch *d, struct task *t)
{
    assert(t->state == TASK_LEASED);
    leave(d, t);
    make_ready(d, t, true);
}

void dispatch_renew(struct dispatch *d, struct task *t, int64_t now)
{
    assert(t->state == TASK_LEASED);
    heap_put(&d->leases, &t->timer, now + d->lease_ms, t->attempt);
}

struct task *dispatch_leased(const struct dispatch *d, uint64_t attempt)
{
    struct dispatch_index *x = NULL;
    HASH_FIND(by_attempt, d->attempts, &attempt, sizeof attempt, x);
    return x ? x->task : NULL;
}

struct task *dispatch_find(const struct dispatch *d, struct call_key key)
{
    uint64_t wanted[2];
    struct dispatch_index *x = NULL;
    key_of(key, wanted);
    HASH_FIND(by_key, d->keys, wanted, sizeof wanted, x);
    return x ? x->task : NULL;
}

static struct task *task_of(struct heap_node *node)
{
    return node ? (struct task *)(void *)((char *)node - offsetof(struct task, timer)) : NULL;
}

void dispatch_due(struct dispatch *d, int64_t now)
{
    struct task *t;
    while ((t = task_of(heap_top(&d->delays))) && t->timer.key <= now) {
        leave(d, t);
        make_ready(d, t, false);
    }
}

struct task *dispatch_expired(const struct dispatch *d, int64_t now)
{
    struct task *t = task_of(heap_top(&d->leases));
    return t && t->timer.key <= now ? t : NULL;
}

int64_t dispatch_next(const struct dispatch *d)
{
    const struct heap_node *a = heap_top(&d->delays), *b = heap_top(&d->leases);
    int64_t next = a ? a->key : INT64_MAX;
    return b && b->key < next ? b->key : next;
}

size_t dispatch_count(const struct dispatch *d, enum task_state state)
{
    return d->counts[state];
}

struct task *dispatch_first(const struct dispatch *d, unsigned seats)
{
    for (int band = 0; band < DISPATCH_BANDS; band++)
        for (int seat = 0; seat < CALL_MAX_SEAT; seat++)
            if ((seats >> seat & 1) && d->ready[seat][band].head)
                return d->ready[seat][band].head;
    return NULL;
}

uint64_t dispatch_ready(const struct dispatch *d, int seat)
{
    return d->n_ready[seat];
}
