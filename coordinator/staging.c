#include "coordinator/staging.h"

#include <stdlib.h>

#define HASH_NONFATAL_OOM 1 /* uthash would call exit() */
#include <uthash.h>

#define STAGING_MAX (2048ull * 1024 * 1024) /* bounded in practice by the calls in flight */

struct staged {
    uint64_t key[3]; /* recipe, row, packed rest: for staging_has */
    bool is_call;
    int64_t wall_ms;
    struct wire_call call;
    struct call_result result;
    struct staging_call more;
    struct ledger_decision decision;
    struct staged *next;
    UT_hash_handle hh;
};

struct staging {
    struct arena arena;
    struct staged *first, *last, *calls;
    size_t n;
};

struct staging *staging_new(void)
{
    struct staging *s = calloc(1, sizeof *s);
    if (s)
        arena_init(&s->arena, STAGING_MAX);
    return s;
}

void staging_free(struct staging *s)
{
    if (!s)
        return;
    HASH_CLEAR(hh, s->calls);
    arena_free(&s->arena);
    free(s);
}

static void append(struct staging *s, struct staged *x)
{
    if (s->last)
        s->last->next = x;
    else
        s->first = x;
    s->last = x;
    s->n++;
}

/* The recipe says whose call it is; seats are numbered anew by every run. */
static void key_of(int64_t recipe, struct call_key key, uint64_t out[3])
{
    key.seat = 0;
    out[0] = (uint64_t)recipe;
    out[1] = key.row;
    out[2] = call_key_pack(key);
}

static bool copy_texts(struct arena *a, struct call_result *r)
{
    struct slice *texts[] = {&r->thought,    &r->answer, &r->segments,
                             &r->request_id, &r->model,  &r->filter};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = arena_dup(a, *texts[i]);
        if (!texts[i]->p)
            return false;
    }
    return true;
}

bool staging_call(struct staging *s, const struct wire_call *call, const struct call_result *result,
                  const struct staging_call *more)
{
    struct staged *x = arena_alloc(&s->arena, sizeof *x);
    if (!x)
        return false;
    x->is_call = true;
    x->wall_ms = more->wall_ms;
    x->call = *call;
    x->result = *result;
    x->more = *more;
    if (!copy_texts(&s->arena, &x->result))
        return false;
    key_of(more->recipe, call->key, x->key);
    HASH_ADD(hh, s->calls, key, sizeof x->key, x);
    if (!x->hh.tbl)
        return false;
    append(s, x);
    return true;
}

bool staging_decision(struct staging *s, const struct ledger_decision *d, int64_t wall_ms)
{
    struct staged *x = arena_alloc(&s->arena, sizeof *x);
    const char *detail = x ? arena_str(&s->arena, slice_of(d->detail)) : NULL;
    if (!detail)
        return false;
    x->wall_ms = wall_ms;
    x->decision = *d;
    x->decision.detail = detail;
    append(s, x);
    return true;
}

bool staging_has(const struct staging *s, int64_t recipe, struct call_key key)
{
    uint64_t wanted[3];
    struct staged *x = NULL;
    key_of(recipe, key, wanted);
    HASH_FIND(hh, s->calls, wanted, sizeof wanted, x);
    return x != NULL;
}

size_t staging_count(const struct staging *s)
{
    return s->n;
}

bool staging_write(struct staging *s, struct store *store, struct err *e)
{
    for (struct staged *x = s->first; x; x = x->next) {
        const struct staging_call *m = &x->more;
        bool ok = x->is_call
                      ? ledger_add_call(store, m->recipe, m->kind, &x->call, &x->result, m->last,
                                        m->endpoint, m->cost_nano_usd, m->wall_ms, e)
                      : ledger_decide(store, &x->decision, x->wall_ms, e);
        if (!ok)
            return false;
    }
    return true;
}

void staging_clear(struct staging *s)
{
    HASH_CLEAR(hh, s->calls);
    arena_reset(&s->arena);
    s->first = s->last = NULL;
    s->n = 0;
}
