#include "coordinator/staging.h"

#include <stdlib.h>

#define HASH_NONFATAL_OOM 1 /* uthash would call exit() */
#include <uthash.h>

#define STAGING_MAX (2048ull * 1024 * 1024) /* bounded in practice by the calls in flight */

enum staged_kind { STAGED_CALL, STAGED_CHECK, STAGED_END, STAGED_DECISION };

struct staged {
    uint64_t key[3]; /* recipe, row, packed rest: for staging_has */
    enum staged_kind kind;
    int64_t wall_ms;
    union {
        struct {
            struct wire_call call;
            struct call_result result;
            struct staging_call more;
        };
        struct {
            int64_t recipe;
            struct call_key sample;
            struct id rules;
            struct samples_check check;
        };
        struct samples_end end;
        struct ledger_decision decision;
    };
    struct staged *next;
    UT_hash_handle hh;
};

struct staging {
    struct arena arena;
    struct arena seed; /* of the one whose pairs are being made */
    struct staged *first, *last, *calls;
    size_t n;
};

struct staging *staging_new(void)
{
    struct staging *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    arena_init(&s->arena, STAGING_MAX);
    arena_init(&s->seed, SAMPLES_MEMORY);
    return s;
}

void staging_free(struct staging *s)
{
    if (!s)
        return;
    HASH_CLEAR(hh, s->calls);
    arena_free(&s->arena);
    arena_free(&s->seed);
    free(s);
}

static struct staged *begin(struct staging *s, enum staged_kind kind)
{
    struct staged *x = arena_alloc(&s->arena, sizeof *x);
    if (x)
        x->kind = kind;
    return x;
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

static bool copy_all(struct arena *a, struct slice *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        *texts[i] = arena_dup(a, *texts[i]);
        if (!texts[i]->p)
            return false;
    }
    return true;
}

static bool copy_texts(struct arena *a, struct call_result *r)
{
    struct slice *const texts[] = {&r->thought,    &r->answer, &r->segments,
                                   &r->request_id, &r->model,  &r->filter};
    return copy_all(a, texts, sizeof texts / sizeof texts[0]);
}

bool staging_call(struct staging *s, const struct wire_call *call, const struct call_result *result,
                  const struct staging_call *more)
{
    struct staged *x = begin(s, STAGED_CALL);
    if (!x)
        return false;
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

bool staging_check(struct staging *s, int64_t recipe, struct call_key key, const struct id *rules,
                   const struct samples_check *check)
{
    struct staged *x = begin(s, STAGED_CHECK);
    if (!x)
        return false;
    x->recipe = recipe;
    x->sample = key;
    x->rules = *rules;
    x->check = *check;
    struct slice *const texts[] = {&x->check.final, &x->check.answer_part, &x->check.why};
    if (!copy_all(&s->arena, texts, sizeof texts / sizeof texts[0]))
        return false;
    append(s, x);
    return true;
}

bool staging_end(struct staging *s, const struct samples_end *end)
{
    struct staged *x = begin(s, STAGED_END);
    if (!x)
        return false;
    x->end = *end;
    x->end.detail = arena_str(&s->arena, slice_of(end->detail));
    if (!x->end.detail)
        return false;
    append(s, x);
    return true;
}

bool staging_decision(struct staging *s, const struct ledger_decision *d, int64_t wall_ms)
{
    struct staged *x = begin(s, STAGED_DECISION);
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

static bool write_call(struct store *store, const struct staged *x, struct err *e)
{
    const struct staging_call *m = &x->more;
    struct wire_call call = x->call;
    if (!(call.key.row & CALL_SEED))
        return ledger_add_call(store, m->recipe, m->kind, &call, &x->result, m->last, m->endpoint,
                               m->cost_nano_usd, m->wall_ms, e);
    call.key.row &= ~CALL_SEED;
    return samples_add(store, m->recipe, &call, &x->result, m->endpoint, m->cost_nano_usd,
                       m->wall_ms, e);
}

static bool write_one(struct staging *s, struct store *store, const struct staged *x, struct err *e)
{
    switch (x->kind) {
    case STAGED_CALL:
        return write_call(store, x, e);
    case STAGED_CHECK:
        return samples_set_check(store, x->recipe, x->sample, &x->rules, &x->check, e);
    case STAGED_END:
        arena_reset(&s->seed);
        return samples_end(store, &x->end, &(struct samples_made){0}, &s->seed, e);
    case STAGED_DECISION:
        break;
    }
    return ledger_decide(store, &x->decision, x->wall_ms, e);
}

bool staging_write(struct staging *s, struct store *store, struct err *e)
{
    for (const struct staged *x = s->first; x; x = x->next)
        if (!write_one(s, store, x, e))
            return false;
    return true;
}

void staging_clear(struct staging *s)
{
    HASH_CLEAR(hh, s->calls);
    arena_reset(&s->arena);
    s->first = s->last = NULL;
    s->n = 0;
}
