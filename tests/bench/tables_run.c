#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/tables.h"

struct call {
    double at;
    int pair, lane, rollout;
};

struct run {
    struct table_run *set;
    struct pair *pairs;
    int count, begun, open;
    struct call *heap;
    int out;
    int *ready; /* a ring of pairs that may have something to launch */
    int ready_head, ready_count;
    double now;
    struct rng rng;
    struct stopping *stopping;
    double slot_time; /* for the mean of calls in flight */
};

static void heap_push(struct run *r, struct call c)
{
    int i = r->out++;
    for (; i > 0 && r->heap[(i - 1) / 2].at > c.at; i = (i - 1) / 2)
        r->heap[i] = r->heap[(i - 1) / 2];
    r->heap[i] = c;
}

static struct call heap_pop(struct run *r)
{
    struct call top = r->heap[0], last = r->heap[--r->out];
    int i = 0;
    for (;;) {
        int child = 2 * i + 1;
        if (child + 1 < r->out && r->heap[child + 1].at < r->heap[child].at)
            child++;
        if (child >= r->out || r->heap[child].at >= last.at)
            break;
        r->heap[i] = r->heap[child];
        i = child;
    }
    r->heap[i] = last;
    return top;
}

static bool settled(const struct run *r, const struct pair *p)
{
    int n = r->set->rule.n;
    if (p->full)
        return p->tally[0].correct + p->tally[0].missed == n &&
               p->tally[1].correct + p->tally[1].missed == n;
    return p->left || tables_decided(p, r->set->rule);
}

/* The order that may have a call now; 2: none. */
static int wanted(const struct run *r, const struct pair *p)
{
    int lane = 0;
    while (lane < 2 &&
           (p->drawn[lane] >= r->set->rule.n ||
            (!p->full && !stopping_surely(r->stopping, p->tally[0], p->tally[1], p->tie, lane))))
        lane++;
    return lane;
}

/* Launches what is surely wanted of a pair; false: slots ran out while there may be more. */
static bool launch(struct run *r, int index)
{
    struct pair *p = &r->pairs[index];
    bool resting = p->tally[0].flying + p->tally[1].flying == 0;
    if (!settled(r, p) && !p->full && resting)
        p->left = stopping_give_up(r->stopping, p->tally[0], p->tally[1], p->tie);
    if (p->left)
        r->open--;
    while (!settled(r, p)) {
        int lane = wanted(r, p);
        if (lane == 2)
            break;
        if (r->out == r->set->slots)
            return false;
        double latency = exp(0.5 * rng_normal(&r->rng)) + 0.01 * rng_double(&r->rng);
        heap_push(r, (struct call){r->now + latency, index, lane, p->drawn[lane]++});
        p->tally[lane].flying++;
        r->set->calls++;
    }
    if (!settled(r, p) && p->tally[0].flying + p->tally[1].flying == 0) {
        fprintf(stderr, "an undecided pair stands still\n");
        exit(1);
    }
    return true;
}

/* A pair stands in the ring at most once, so the ring never holds more than all pairs. */
static void enqueue(struct run *r, int index)
{
    if (r->pairs[index].queued)
        return;
    r->pairs[index].queued = true;
    r->ready[(r->ready_head + r->ready_count++) % r->count] = index;
}

static void fill(struct run *r)
{
    while (r->ready_count > 0 && r->out < r->set->slots) {
        int index = r->ready[r->ready_head];
        if (!launch(r, index))
            return;
        r->pairs[index].queued = false;
        r->ready_head = (r->ready_head + 1) % r->count;
        r->ready_count--;
    }
    while (r->out < r->set->slots && r->begun < r->count &&
           (uint64_t)r->open < stopping_window(r->stopping)) {
        r->open++;
        int index = r->begun++;
        uint64_t drawn = r->pairs[index].tie >> 1 & 1023; /* the same pairs in every run */
        r->pairs[index].full = (double)drawn < 1024 * r->set->calibration;
        if (!launch(r, index))
            enqueue(r, index);
    }
}

static void arrive(struct run *r, struct call c)
{
    struct pair *p = &r->pairs[c.pair];
    struct tally before[2] = {p->tally[0], p->tally[1]}, *t = &p->tally[c.lane];
    bool correct = p->outcome[c.lane] >> c.rollout & 1, was_settled = settled(r, p);
    if (correct)
        t->correct++;
    else
        t->missed++;
    t->flying--;
    stopping_observe(r->stopping, before[0], before[1], c.lane, correct);
    if (was_settled)
        return;
    if (settled(r, p))
        r->open--;
    else
        enqueue(r, c.pair);
}

static void check(const struct run *r)
{
    long needed = 0;
    int unsettled = 0;
    bool ignored;
    for (int i = 0; i < r->count; i++) {
        unsettled += !settled(r, &r->pairs[i]);
        needed += tables_certificate(&r->pairs[i], r->set->rule, &ignored);
        r->set->left += r->pairs[i].left;
        r->set->accepted += tables_accepted(&r->pairs[i], r->set->rule);
    }
    bool too_few = r->set->loss == 0 && r->set->calls < needed;
    if (unsettled > 0 || r->open != 0 || too_few) {
        fprintf(stderr, "%d of %d, %d in flight: %d pairs undecided, %ld calls, %ld necessary\n",
                r->set->rule.k, r->set->rule.n, r->set->slots, unsettled, r->set->calls, needed);
        exit(1);
    }
}

void tables_run(struct table_run *set, const struct pair *dealt, int count)
{
    struct run r = {.set = set, .count = count};
    set->calls = set->accepted = set->left = 0;
    r.pairs = malloc((size_t)count * sizeof(*r.pairs));
    memcpy(r.pairs, dealt, (size_t)count * sizeof(*r.pairs));
    r.heap = malloc((size_t)set->slots * sizeof(*r.heap));
    r.ready = malloc((size_t)count * sizeof(*r.ready));
    r.stopping = stopping_new(set->rule.k, set->rule.n);
    if (set->loss > 0)
        stopping_adaptive(r.stopping, set->loss);
    rng_init(&r.rng, set->seed);
    for (fill(&r); r.out > 0; fill(&r)) {
        int out = r.out;
        struct call c = heap_pop(&r);
        r.slot_time += out * (c.at - r.now);
        r.now = c.at;
        arrive(&r, c);
    }
    check(&r);
    if (set->played)
        memcpy(set->played, r.pairs, (size_t)count * sizeof(*r.pairs));
    set->busy = r.slot_time / (r.now * set->slots);
    free(r.pairs);
    free(r.heap);
    free(r.ready);
    stopping_free(r.stopping);
}
