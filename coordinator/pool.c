#include "coordinator/pool.h"

#include <assert.h>
#include <string.h>

enum {
    BACKOFF_FIRST_MS = 500,
    BACKOFF_MOST_MS = 60 * 1000,
    PROBE_FIRST_MS = 500,
    PROBE_MOST_MS = 15 * 1000,
    RETRY_AFTER_MOST_MS = 600 * 1000,
    DOWN_AFTER = 5,        /* connection failures in a row */
    REFUSALS_AT_START = 20 /* calls without an answer, before any with one */
};
#define OVERLOAD_HALF 0.5          /* most answers are refusals: the endpoint itself is full */
#define OVERLOAD_MEMORY (1 / 32.0) /* weight of one answer in the running share */

void pool_init(struct pool *p, const struct project *project, int64_t now)
{
    memset(p, 0, sizeof *p);
    const struct project_endpoint *all = project->endpoints.items;
    p->n = project->endpoints.n;
    assert(p->n >= 1 && p->n <= ENDPOINT_MAX);
    for (size_t i = 0; i < p->n; i++) {
        p->endpoints[i].limit = all[i].max_in_flight;
        p->endpoints[i].last_answer = now;
    }
    rng_init(&p->rng, (uint64_t)project->rng_seed);
}

static bool takes_call(const struct pool_endpoint *e, int64_t now)
{
    switch (e->health) {
    case POOL_OPEN:
        return e->flying < e->limit;
    case POOL_PAUSED:
        return now >= e->until && e->flying < e->limit;
    case POOL_DOWN:
        return now >= e->until && !e->probing && e->flying < e->limit;
    }
    return false;
}

static double load(const struct pool_endpoint *e)
{
    return (double)e->flying / (double)e->limit;
}

static bool is_among(const struct pool *p, size_t i, uint64_t among)
{
    return i < p->n && (among >> i & 1);
}

/* The endpoint whose prefix cache such calls are meant to fill. */
static size_t home_of(const struct pool *p, uint64_t affinity, uint64_t among)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < p->n; i++)
        n += is_among(p, i, among);
    for (size_t skip = n ? (size_t)(affinity % n) : 0; at < p->n; at++)
        if (is_among(p, at, among) && skip-- == 0)
            break;
    return at;
}

int pool_pick(struct pool *p, int64_t now, uint64_t affinity, uint64_t among)
{
    int least = -1;
    for (size_t i = 0; i < p->n; i++)
        if (is_among(p, i, among) && takes_call(&p->endpoints[i], now) &&
            (least < 0 || load(&p->endpoints[i]) < load(&p->endpoints[least])))
            least = (int)i;
    if (least < 0)
        return -1;
    size_t home = home_of(p, affinity, among);
    bool stay = takes_call(&p->endpoints[home], now) &&
                load(&p->endpoints[home]) <= load(&p->endpoints[least]) + 0.25;
    struct pool_endpoint *e = &p->endpoints[stay ? (int)home : least];
    e->asked_since = e->asked ? e->asked_since : now;
    e->asked = true;
    return (int)(e - p->endpoints);
}

void pool_started(struct pool *p, int endpoint)
{
    struct pool_endpoint *e = &p->endpoints[endpoint];
    if (e->health == POOL_PAUSED)
        e->health = POOL_OPEN;
    e->probing = e->health == POOL_DOWN;
    e->flying++;
}

void pool_released(struct pool *p, int endpoint)
{
    struct pool_endpoint *e = &p->endpoints[endpoint];
    assert(e->flying > 0);
    e->flying--;
    e->probing = false; /* it may have been another call: then there are two probes at worst */
}

static void heard(struct pool_endpoint *e, int64_t now, bool overloaded)
{
    e->last_answer = e->asked_since = now;
    e->asked = e->flying > 0;
    e->failures_in_row = 0;
    e->overload += ((overloaded ? 1.0 : 0.0) - e->overload) * OVERLOAD_MEMORY;
    if (e->health == POOL_DOWN)
        e->health = POOL_OPEN;
}

void pool_answered(struct pool *p, int endpoint, int64_t now)
{
    pool_released(p, endpoint);
    heard(&p->endpoints[endpoint], now, false);
    p->answers++;
}

/* Exponential backoff with full jitter: uniform in (0, least(most, first * 2^(tries-1))]. */
static int64_t jitter(struct rng *r, int64_t first, int64_t most, int tries)
{
    int64_t ceiling = first;
    for (int i = 1; i < tries && ceiling < most; i++)
        ceiling *= 2;
    if (ceiling > most)
        ceiling = most;
    return 1 + (int64_t)rng_below(r, (uint64_t)ceiling);
}

/* The endpoint as a whole says "too much": everybody waits. One refusal among many answers is the
 * one call's affair. */
static void pause_if_full(struct pool_endpoint *e, int64_t now, int64_t wait)
{
    if (e->overload < OVERLOAD_HALF || e->health == POOL_DOWN)
        return;
    if (e->health != POOL_PAUSED || e->until < now + wait)
        e->until = now + wait;
    e->health = POOL_PAUSED;
}

static void unreachable(struct pool *p, struct pool_endpoint *e, int64_t now)
{
    e->failures_in_row++;
    if (e->failures_in_row < DOWN_AFTER && e->health != POOL_DOWN)
        return;
    e->health = POOL_DOWN;
    e->until = now +
               jitter(&p->rng, PROBE_FIRST_MS, PROBE_MOST_MS, e->failures_in_row - DOWN_AFTER + 1);
}

int64_t pool_failed(struct pool *p, int endpoint, int64_t now, enum failure failure,
                    int http_status, int64_t retry_after_ms, int tries)
{
    struct pool_endpoint *e = &p->endpoints[endpoint];
    pool_released(p, endpoint);
    int64_t wait = jitter(&p->rng, BACKOFF_FIRST_MS, BACKOFF_MOST_MS, tries);
    if (retry_after_ms > RETRY_AFTER_MOST_MS)
        retry_after_ms = RETRY_AFTER_MOST_MS;
    if (retry_after_ms > wait)
        wait = retry_after_ms;
    if (http_status)
        heard(e, now, failure == FAILURE_OVERLOADED || failure == FAILURE_GATEWAY);
    else if (failure == FAILURE_CONNECT || failure == FAILURE_TIMEOUT_CONNECT)
        unreachable(p, e, now);
    if (failure == FAILURE_OVERLOADED || failure == FAILURE_GATEWAY)
        pause_if_full(e, now, wait);
    return wait;
}

uint64_t pool_room(const struct pool *p, uint64_t among)
{
    uint64_t room = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct pool_endpoint *e = &p->endpoints[i];
        if (!is_among(p, i, among))
            continue;
        if (e->health != POOL_OPEN)
            room++;
        else if (e->flying < e->limit)
            room += (uint64_t)(e->limit - e->flying);
    }
    return room;
}

int64_t pool_next(const struct pool *p, int64_t now)
{
    int64_t least = -1;
    for (size_t i = 0; i < p->n; i++) {
        const struct pool_endpoint *e = &p->endpoints[i];
        /* One whose time has come waits for a call, not for the clock. */
        if (e->health == POOL_OPEN || e->probing || e->until <= now)
            continue;
        if (least < 0 || e->until - now < least)
            least = e->until - now;
    }
    return least;
}

int64_t pool_silence(const struct pool *p, int64_t now, uint64_t among)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < p->n; i++)
        if (is_among(p, i, among) && now - p->endpoints[i].last_answer < least)
            least = now - p->endpoints[i].last_answer;
    return least;
}

int64_t pool_unanswered(const struct pool *p, int64_t now, uint64_t among)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < p->n; i++) {
        const struct pool_endpoint *e = &p->endpoints[i];
        int64_t owed = e->asked ? now - e->asked_since : 0;
        if (is_among(p, i, among) && owed < least)
            least = owed;
    }
    return least;
}

void pool_refused(struct pool *p)
{
    p->refusals++;
}

bool pool_refuses_all(const struct pool *p)
{
    int64_t flying = 0;
    for (size_t i = 0; i < p->n; i++)
        flying += p->endpoints[i].flying;
    /* A refusal is quick and an answer slow: a few bad pairs among many good ones come first. */
    return p->answers == 0 && p->refusals >= flying &&
           p->refusals >= REFUSALS_AT_START + p->refusals_expected;
}
