/*
 * dispatch: who makes which call. A call is READY, DELAYED until its backoff is over, or LEASED to
 * one worker for one attempt; moving it is what the functions do. Attempts are numbered epoch *
 * 2^32 + counter and never repeat, so a word about an attempt that is not the call's present one is
 * stale. Pure: time comes in as `now` (monotonic ms).
 */
#ifndef COORDINATOR_DISPATCH_H
#define COORDINATOR_DISPATCH_H

#include "base/heap.h"
#include "schemas/wire.h"

enum task_state { TASK_READY, TASK_DELAYED, TASK_LEASED };

struct dispatch;
struct agent;
struct task;

struct task_list {
    struct task *head, *tail;
};

/* A call that has to be made. */
struct task {
    struct call_key key;
    void *owner; /* the caller's; NULL once nobody waits for the result any more */
    enum task_state state;
    enum ask ask;
    int band;                     /* of worth: lower ones go first */
    int tries;                    /* failures that count against `tries` */
    int turned_away;              /* failures that were the endpoint's, which do not */
    uint64_t attempt;             /* LEASED: the present one */
    int endpoint;                 /* LEASED */
    struct agent *agent;          /* LEASED: who has it */
    struct task *next, *prev;     /* in the list of its state or agent */
    struct task *of_owner;        /* the owner's own list */
    struct heap_node timer;       /* DELAYED: due; LEASED: runs out */
    struct dispatch_index *index; /* kept by dispatch */
};

/* A connected worker. */
struct agent {
    uint32_t peer; /* its number in the link */
    struct id uid;
    uint32_t slots, credit; /* credit: calls it may hold */
    uint32_t leased;
    uint32_t in_flight; /* as it last said */
    uint64_t done;
    uint32_t pid;
    bool local, draining;
    bool quiet; /* a lease ran out without a word: it gets no calls until it says one */
    char host[64];
    int64_t connected, seen; /* monotonic ms */
    struct task_list tasks;  /* what it has leased */
    struct agent *next;
};

struct dispatch *dispatch_new(uint64_t epoch, int64_t lease_ms);
void dispatch_free(struct dispatch *d);

/* Agents */
/* dispatch_join(d, peer, uid, now): a worker says HELLO; one with the same uid under another peer
 * number is replaced, its leases go with it. NULL without memory. */
struct agent *dispatch_join(struct dispatch *d, uint32_t peer, const struct id *uid, int64_t now);
struct agent *dispatch_agent(const struct dispatch *d, uint32_t peer); /* NULL: unknown */
struct agent *dispatch_agents(const struct dispatch *d);               /* list by `next` */
/* dispatch_leave(d, agent): its leases must have been taken away (dispatch_back, dispatch_remove).
 */
void dispatch_leave(struct dispatch *d, struct agent *a);
/* dispatch_freest(d): the agent with most room for another call, NULL: all are full. */
struct agent *dispatch_freest(const struct dispatch *d);
/* dispatch_room(d): calls that all agents together may still be given. */
uint64_t dispatch_room(const struct dispatch *d);

/* Tasks */
#define DISPATCH_BANDS 4
/* dispatch_add(d, owner, key, ask, band): a new READY task. NULL without memory. */
struct task *dispatch_add(struct dispatch *d, void *owner, struct call_key key, enum ask ask,
                          int band);
/* dispatch_remove(d, t): forgets it, whatever its state, and frees it. */
void dispatch_remove(struct dispatch *d, struct task *t);
/* dispatch_first(d, seats): the READY task whose turn it is among those of these seats (bit i: seat
 * i); NULL: there is none. */
struct task *dispatch_first(const struct dispatch *d, unsigned seats);
/* dispatch_ready(d, seat): how many of this seat are READY. */
uint64_t dispatch_ready(const struct dispatch *d, int seat);
void dispatch_lease(struct dispatch *d, struct task *t, struct agent *a, int endpoint, int64_t now);
/* dispatch_issued(d, attempt): whether it was handed out in this epoch or an earlier one. A worker
 * may hold one that was not: of a store that was deleted since. */
bool dispatch_issued(const struct dispatch *d, uint64_t attempt);
/* dispatch_adopt(d, t, a, attempt, endpoint, now): a READY task that a worker holds from before a
 * restart; the attempt must have been issued. */
void dispatch_adopt(struct dispatch *d, struct task *t, struct agent *a, uint64_t attempt,
                    int endpoint, int64_t now);
/* dispatch_delay(d, t, due): LEASED -> DELAYED. */
void dispatch_delay(struct dispatch *d, struct task *t, int64_t due);
/* dispatch_back(d, t): LEASED -> READY, first in line. */
void dispatch_back(struct dispatch *d, struct task *t);
/* dispatch_renew(d, t, now): the lease starts again. */
void dispatch_renew(struct dispatch *d, struct task *t, int64_t now);
/* dispatch_leased(d, attempt): the task whose present attempt this is: the fence. NULL: stale. */
struct task *dispatch_leased(const struct dispatch *d, uint64_t attempt);
/* dispatch_find(d, key): the task of this call in any state. */
struct task *dispatch_find(const struct dispatch *d, struct call_key key);
/* dispatch_due(d, now): DELAYED tasks whose time has come become READY. */
void dispatch_due(struct dispatch *d, int64_t now);
/* dispatch_expired(d, now): a task whose lease has run out, NULL: none. */
struct task *dispatch_expired(const struct dispatch *d, int64_t now);
/* dispatch_next(d): when dispatch_due or dispatch_expired will have something to do; INT64_MAX:
 * never. */
int64_t dispatch_next(const struct dispatch *d);
size_t dispatch_count(const struct dispatch *d, enum task_state state);

#endif
