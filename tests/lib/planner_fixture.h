/* planner_fixture: a planner for a project that a test writes, and short words for one seat. */
#ifndef TESTS_PLANNER_FIXTURE_H
#define TESTS_PLANNER_FIXTURE_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "coordinator/planner.h"

struct planner_fixture {
    struct arena arena;
    struct project project;
    struct seats seats;
    struct planner *planner;
};

/* planner_fixture_open(f, yaml): `yaml` goes after one teacher endpoint, unless it names its own.
 */
static inline void planner_fixture_open(struct planner_fixture *f, const char *yaml)
{
    struct err e = {0};
    struct buf text;
    arena_init(&f->arena, 4 << 20);
    buf_init(&text, 65536);
    buf_addf(&text, "%s%s",
             slice_find(slice_of(yaml), S("endpoints:")) == SIZE_MAX
                 ? "endpoints: [{url: \"http://h/v1\", model: m}]\n"
                 : "",
             yaml);
    bool ok = project_from_text(&f->project, &f->arena, "test", buf_view(&text), &e) &&
              seats_build(&f->seats, &f->project, &e);
    if (!ok)
        fprintf(stderr, "planner_fixture: %s\n", e.text);
    assert(ok);
    buf_free(&text);
    f->planner = planner_new(&f->project, &f->seats);
    assert(f->planner);
}

static inline void planner_fixture_close(struct planner_fixture *f)
{
    planner_free(f->planner);
    arena_free(&f->arena);
}

static inline struct planner_pair planner_fixture_pair(uint64_t number, enum trust trust)
{
    struct hash h;
    hash_init(&h, "pair");
    hash_u64(&h, number);
    return (struct planner_pair){.id = hash_id(&h), .row = number, .trust = trust};
}

static inline void planner_fixture_begin(struct planner_fixture *f, struct subject *s,
                                         uint64_t number)
{
    const struct planner_pair pair = planner_fixture_pair(number, TRUST_VERIFIED);
    planner_begin(f->planner, s, &pair);
}

static inline struct planner_news planner_fixture_news(bool correct)
{
    return (struct planner_news){correct, PLANNER_NO_SCORE};
}

/* Counts of seat 0 in one order. */
static inline int planner_fixture_correct(const struct subject *s, int lane)
{
    const struct contest *c = &s->contests[0];
    return __builtin_popcountll(c->right[lane] & ~c->beyond[lane]);
}

static inline int planner_fixture_done(const struct subject *s, int lane)
{
    const struct contest *c = &s->contests[0];
    return __builtin_popcountll(c->done[lane] & ~c->beyond[lane]);
}

static inline int planner_fixture_flying(const struct subject *s, int lane)
{
    const struct contest *c = &s->contests[0];
    return __builtin_popcountll(c->taken[lane] & ~c->done[lane]);
}

#endif
