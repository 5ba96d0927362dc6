#include "coordinator/planner.h"

#include <assert.h>
#include <stdlib.h>

#define SALT_CALIBRATION 0x63616c6962ull

struct planner {
    int k, n, speculate;
    bool full;
    double calibration;
    struct stopping *stopping;
};

struct planner *planner_new(const struct project_accept *accept, double calibration)
{
    assert(accept->k >= 1 && accept->k <= accept->n && accept->n <= CALL_MAX_K);
    struct planner *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->k = (int)accept->k;
    p->n = (int)accept->n;
    p->speculate = (int)accept->speculate;
    p->full = accept->stop == STOP_FULL;
    p->calibration = calibration;
    p->stopping = stopping_new(p->k, p->n);
    if (!p->stopping) {
        free(p);
        return NULL;
    }
    return p;
}

void planner_free(struct planner *p)
{
    if (!p)
        return;
    stopping_free(p->stopping);
    free(p);
}

void planner_begin(const struct planner *p, struct subject *s, const struct id *id, uint64_t row)
{
    *s = (struct subject){.id = *id, .row = row};
    s->full = p->full || id_share(id, SALT_CALIBRATION) < p->calibration;
}

static bool is_taken(const struct subject *s, int lane, int k)
{
    return s->taken[lane] >> k & 1;
}

static void take(struct subject *s, int lane, int k)
{
    s->taken[lane] |= (uint64_t)1 << k;
}

static void count(struct planner *p, struct subject *s, int lane, int k, bool correct)
{
    struct tally *t = &s->tally[lane];
    stopping_observe(p->stopping, s->tally[0], s->tally[1], lane, correct);
    take(s, lane, k);
    s->done[lane] |= (uint64_t)1 << k;
    if (correct)
        t->correct++;
    else
        t->missed++;
}

bool planner_recall(struct planner *p, struct subject *s, int lane, int k, bool correct)
{
    assert(lane >= 0 && lane < PLANNER_LANES && k >= 0 && k < CALL_MAX_K);
    if (is_taken(s, lane, k) || s->tally[lane].correct + s->tally[lane].missed >= p->n)
        return false;
    count(p, s, lane, k, correct);
    return true;
}

static int finished(const struct tally *t)
{
    return t->correct + t->missed;
}

static bool passed(const struct planner *p, const struct tally *t)
{
    return t->correct >= p->k;
}

static bool failed(const struct planner *p, const struct tally *t)
{
    return t->missed >= p->n - p->k + 1;
}

/* Whether this lane has a rollout left that is neither finished nor out. */
static bool has_room(const struct planner *p, const struct subject *s, int lane)
{
    return finished(&s->tally[lane]) + s->tally[lane].flying < p->n;
}

static int next_full(const struct planner *p, const struct subject *s)
{
    for (int lane = 0; lane < PLANNER_LANES; lane++)
        if (has_room(p, s, lane))
            return lane;
    return -1;
}

/* Beyond what is surely needed, up to `speculate` calls of the order that is looked at first. */
static int next_speculative(struct planner *p, const struct subject *s, uint64_t tie)
{
    if (s->tally[0].flying + s->tally[1].flying > p->speculate)
        return -1;
    int lane = stopping_next(p->stopping, s->tally[0], s->tally[1], tie);
    for (int i = 0; i < PLANNER_LANES; i++, lane = !lane)
        if (!passed(p, &s->tally[lane]) && has_room(p, s, lane))
            return lane;
    return -1;
}

static int next_early(struct planner *p, const struct subject *s)
{
    uint64_t tie = id_u64(&s->id, 0);
    for (int lane = 0; lane < PLANNER_LANES; lane++)
        if (has_room(p, s, lane) &&
            stopping_surely(p->stopping, s->tally[0], s->tally[1], tie, lane))
            return lane;
    return p->speculate ? next_speculative(p, s, tie) : -1;
}

bool planner_next(struct planner *p, struct subject *s, int *lane, int *k)
{
    enum reason ignored;
    if (planner_fate(p, s, &ignored) != STATE_OPEN)
        return false;
    int at = s->full ? next_full(p, s) : next_early(p, s);
    if (at < 0)
        return false;
    int free_k = 0;
    while (is_taken(s, at, free_k))
        free_k++;
    assert(free_k < CALL_MAX_K);
    take(s, at, free_k);
    s->tally[at].flying++;
    *lane = at;
    *k = free_k;
    return true;
}

bool planner_adopt(struct subject *s, int lane, int k)
{
    if (is_taken(s, lane, k))
        return false;
    take(s, lane, k);
    s->tally[lane].flying++;
    return true;
}

/* A rollout beyond the n that the rules look at: asked for under wider rules, or come by itself
 * when the order was full. */
static bool is_beyond(const struct planner *p, const struct subject *s, int lane, int k)
{
    return k >= p->n || finished(&s->tally[lane]) >= p->n;
}

bool planner_done(struct planner *p, struct subject *s, int lane, int k, bool correct)
{
    if (s->done[lane] >> k & 1)
        return false;
    bool out = is_taken(s, lane, k);
    if (out) {
        assert(s->tally[lane].flying > 0);
        s->tally[lane].flying--;
    }
    if (is_beyond(p, s, lane, k)) {
        s->done[lane] |= (uint64_t)out << k;
        return out;
    }
    count(p, s, lane, k, correct);
    return true;
}

enum pair_state planner_fate(const struct planner *p, const struct subject *s, enum reason *reason)
{
    const struct tally *a = &s->tally[LANE_CHOSEN_FIRST], *b = &s->tally[LANE_REJECTED_FIRST];
    *reason = REASON_NONE;
    if (s->full && (finished(a) < p->n || finished(b) < p->n))
        return STATE_OPEN;
    if (passed(p, a) && passed(p, b)) {
        *reason = REASON_ACCEPTED;
        return STATE_ACCEPTED;
    }
    if (!failed(p, a) && !failed(p, b))
        return STATE_OPEN;
    *reason = failed(p, a) && failed(p, b)   ? REASON_FAILED_BOTH
              : passed(p, a) || passed(p, b) ? REASON_INCONSISTENT
              : failed(p, a)                 ? REASON_FAILED_CHOSEN_FIRST
                                             : REASON_FAILED_REJECTED_FIRST;
    return STATE_REJECTED;
}

uint64_t planner_window(const struct planner *p)
{
    return p->full ? UINT64_MAX : stopping_window(p->stopping);
}
