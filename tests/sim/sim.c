#include "tests/sim/sim.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tests/sim/sim_private.h"

enum { EVENTS_MOST = 5000000 };

static const char *const fault_names[] = {
#define X(name, text) text,
    SIM_FAULTS(X)
#undef X
};

const char *sim_fault_name(enum sim_fault f)
{
    return fault_names[f];
}

/* Randomness, trace */

bool sim_has(const struct sim *s, enum sim_fault f)
{
    return (s->set.faults >> f & 1) && s->now < s->set.faults_end;
}

bool sim_chance(struct sim *s, double p)
{
    return rng_double(&s->rng) < p;
}

int64_t sim_between(struct sim *s, int64_t least, int64_t most)
{
    return least + (int64_t)rng_below(&s->rng, (uint64_t)(most - least + 1));
}

static void hash_bytes(struct sim *s, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->report->trace = (s->report->trace ^ (unsigned char)bytes[i]) * 0x100000001b3ull;
}

void sim_note(struct sim *s, const char *format, ...)
{
    char line[300];
    va_list args;
    int n = snprintf(line, sizeof line, "%9lld ", (long long)s->now);
    va_start(args, format);
    n += vsnprintf(line + n, sizeof line - (size_t)n, format, args);
    va_end(args);
    assert(n < (int)sizeof line);
    hash_bytes(s, line, (size_t)n);
    if (s->log)
        fprintf(s->log, "%s\n", line);
}

void sim_violate(struct sim *s, const char *format, ...)
{
    if (!s->report->ok)
        return;
    va_list args;
    int n = snprintf(s->report->violation, sizeof s->report->violation,
                     "seed %llu at %lld ms: ", (unsigned long long)s->seed, (long long)s->now);
    va_start(args, format);
    vsnprintf(s->report->violation + n, sizeof s->report->violation - (size_t)n, format, args);
    va_end(args);
    s->report->ok = false;
    sim_note(s, "VIOLATION: %.200s", s->report->violation);
}

/* The queue of events: a heap by time, then by order of making */

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static size_t sift_up(struct sim *s, size_t i)
{
    while (i > 0 && before(&s->events[i], &s->events[(i - 1) / 2])) {
        struct sim_event x = s->events[i];
        s->events[i] = s->events[(i - 1) / 2];
        s->events[(i - 1) / 2] = x;
        i = (i - 1) / 2;
    }
    return i;
}

static void sift_down(struct sim *s, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < s->n_events; child++)
            if (before(&s->events[child], &s->events[least]))
                least = child;
        if (least == i)
            return;
        struct sim_event x = s->events[i];
        s->events[i] = s->events[least];
        s->events[least] = x;
        i = least;
    }
}

struct sim_event *sim_schedule_event(struct sim *s, int64_t at, enum sim_kind kind, int who,
                                     uint64_t life)
{
    if (s->n_events == s->cap_events) {
        s->cap_events = s->cap_events ? s->cap_events * 2 : 1024;
        s->events = realloc(s->events, s->cap_events * sizeof *s->events);
        assert(s->events);
    }
    assert(at >= s->now);
    size_t i = s->n_events++;
    s->events[i] = (struct sim_event){
        .at = at, .order = ++s->made, .kind = kind, .who = who, .life = life};
    return &s->events[sift_up(s, i)];
}

void sim_schedule(struct sim *s, int64_t at, enum sim_kind kind, int who, uint64_t life)
{
    sim_schedule_event(s, at, kind, who, life);
}

static struct sim_event take(struct sim *s)
{
    struct sim_event first = s->events[0];
    s->events[0] = s->events[--s->n_events];
    sift_down(s, 0);
    return first;
}

/* Disasters */

static struct sim_worker *any_worker(struct sim *s, bool remote)
{
    int i = (int)rng_below(&s->rng, (uint64_t)s->set.workers);
    struct sim_worker *w = &s->workers[i];
    return w->alive && !(remote && w->local) ? w : NULL;
}

static void kill_worker(struct sim *s)
{
    struct sim_worker *w = any_worker(s, false);
    if (!w)
        return;
    sim_worker_die(s, w);
    if (!w->local) {
        if (sim_chance(s, 0.5))
            sim_coordinator_notice(s, w);
        sim_schedule(s, s->now + sim_between(s, 100, 20000), EVENT_START_WORKER, w->index, 0);
    }
}

static void cut(struct sim *s)
{
    struct sim_worker *w = any_worker(s, true);
    if (!w)
        return;
    w->cut_until = s->now + sim_between(s, 100, 90000);
    sim_note(s, "worker %d is cut off until %lld", w->index, (long long)w->cut_until);
    if (sim_chance(s, 0.5))
        sim_coordinator_notice(s, w);
}

static void stall_worker(struct sim *s)
{
    struct sim_worker *w = any_worker(s, true);
    if (w)
        w->stalled_until = s->now + sim_between(s, 100, 90000);
}

static void send_home(struct sim *s)
{
    struct sim_worker *w = any_worker(s, true);
    if (!w)
        return;
    sim_note(s, "worker %d is asked to leave", w->index);
    session_leave(w->session, s->now);
    sim_worker_wake(s, w, s->now);
}

static void strike(struct sim *s, enum sim_fault f)
{
    struct sim_coordinator *c = &s->coordinator;
    switch ((int)f) {
    case SIM_COORDINATOR_DIES:
        if (!c->alive)
            break;
        sim_coordinator_die(s);
        sim_schedule(s, s->now + sim_between(s, 100, 40000), EVENT_START_COORDINATOR, 0, 0);
        break;
    case SIM_WORKER_DIES:
        kill_worker(s);
        break;
    case SIM_STALL:
        if (c->alive)
            c->stalled_until = s->now + sim_between(s, 100, 2 * SIM_LEASE_MS);
        break;
    case SIM_WORKER_STALLS:
        stall_worker(s);
        break;
    case SIM_WORKER_LEAVES:
        send_home(s);
        break;
    case SIM_PARTITION:
        cut(s);
        break;
    case SIM_DOWN:
        s->down_until = s->now + sim_between(s, 1000, 60000);
        break;
    case SIM_FATAL:
        s->fatal_until = s->now + sim_between(s, 10, 1000);
        break;
    case SIM_DISK_FULL:
        s->store.full = !s->store.full;
        break;
    case SIM_STOPS:
        if (c->alive)
            engine_drain(c->engine, "interrupted");
        break;
    default:
        return; /* classes without a date: looked at where they happen */
    }
    sim_note(s, "fault: %s", sim_fault_name(f));
}

static void on_fault(struct sim *s, enum sim_fault f)
{
    if (s->now >= s->set.faults_end) {
        s->store.full = false;
        return;
    }
    strike(s, f);
    int64_t most = f == SIM_DISK_FULL ? 5000 : s->world == SIM_HARD ? 12000 : 60000;
    int64_t next = s->now + sim_between(s, 500, most);
    sim_schedule(s, next < s->set.faults_end ? next : s->set.faults_end, EVENT_FAULT, (int)f, 0);
}

/* One event */

static void on_worker_event(struct sim *s, struct sim_event *x, struct sim_worker *w)
{
    bool there = w->alive && w->life == x->life;
    switch ((int)x->kind) {
    case EVENT_FRAME_UP: /* what a dead worker has sent still arrives */
        sim_coordinator_hear(s, w, x->life, x->frame);
        break;
    case EVENT_FRAME_DOWN:
        if (!there) {
            free(x->frame);
            break;
        }
        sim_queue_push(&w->inbox, x->frame);
        sim_worker_wake(s, w, s->now);
        break;
    case EVENT_WORK:
        if (there && w->wake == s->now && s->now >= w->stalled_until)
            sim_worker_turn(s, w);
        else if (there && w->wake == s->now)
            w->wake = -1, sim_worker_wake(s, w, w->stalled_until);
        break;
    case EVENT_ANSWER:
        if (there)
            sim_worker_answer(s, w, x->number);
        break;
    case EVENT_START_WORKER:
        /* A local worker is started by the coordinator that wants it. */
        if (!w->alive && (!w->local || (s->coordinator.alive && s->coordinator.life == x->life)))
            sim_worker_start(s, w->index);
        break;
    default:
        assert(false);
    }
}

static void on_event(struct sim *s, struct sim_event *x)
{
    struct sim_coordinator *c = &s->coordinator;
    bool there = c->alive && c->life == x->life;
    switch ((int)x->kind) {
    case EVENT_TURN:
        if (there && c->wake == s->now) {
            if (s->now >= c->stalled_until)
                sim_coordinator_turn(s);
            else
                c->wake = -1, sim_coordinator_wake(s, c->stalled_until);
        }
        break;
    case EVENT_START_COORDINATOR:
        if (!c->alive)
            sim_coordinator_start(s);
        break;
    case EVENT_CHECK:
        if (there && s->now < c->stalled_until)
            sim_schedule_event(s, c->stalled_until, EVENT_CHECK, 0, x->life)->number = x->number;
        else if (there)
            sim_seeds_checked(s, (int)x->number);
        break;
    case EVENT_FAULT:
        on_fault(s, (enum sim_fault)x->who);
        break;
    default:
        on_worker_event(s, x, &s->workers[x->who]);
    }
}

/* A world from a seed */

static void draw_settings(struct sim *s)
{
    struct sim_settings *d = &s->set;
    d->pairs = (int)sim_between(s, 3, SIM_PAIRS);
    d->workers = (int)sim_between(s, 1, SIM_WORKERS);
    d->locals = (int)sim_between(s, 0, s->world == SIM_HARD ? d->workers / 2 : d->workers);
    d->n = (int)sim_between(s, 1, SIM_MOST_N);
    d->k = (int)sim_between(s, 1, d->n);
    d->full = sim_chance(s, 0.2);
    d->cut = sim_chance(s, 0.7);
    d->speculate = sim_chance(s, 0.3) ? (int)sim_between(s, 1, 4) : 0;
    d->calibration = sim_chance(s, 0.5) ? 0.2 : 0;
    d->rounds = sim_chance(s, 0.5) ? (int)sim_between(s, 1, SIM_STEPS - 1) : 0;
    d->mixed = sim_chance(s, 0.5);
    d->second = sim_chance(s, 0.2);
    d->hint = sim_chance(s, 0.3);
    d->checker = sim_chance(s, 0.3);
    d->student = sim_chance(s, 0.2);
    d->per_request = sim_chance(s, 0.3) ? (int)sim_between(s, 2, 4) : 1;
    d->seeds = sim_chance(s, 0.5) ? (int)sim_between(s, 1, SIM_SEEDS) : 0;
    d->right = (int)sim_between(s, 1, 3);
    d->wrong = (int)sim_between(s, 1, 3);
    d->samples = (int)sim_between(s, d->right + d->wrong, SIM_MOST_N);
    d->modifications = (int)sim_between(s, 1, 4);
    d->generator = sim_chance(s, 0.5);
    d->warm = sim_chance(s, 0.5);
    d->slow_checks = sim_chance(s, 0.4) ? 0.5 : 0;
    if (d->n < 2) /* the hinted pass and the students have two rollouts */
        d->hint = d->student = false;
    d->endpoints = (int)sim_between(s, 1, SIM_ENDPOINTS);
    d->limit = (int)sim_between(s, 1, 20);
    d->tries = (int)sim_between(s, 1, 6);
    d->budget = (int)sim_between(s, 5, 60);
    d->p_correct = 0.3 + 0.6 * rng_double(&s->rng);
    d->latency_ms = sim_between(s, 20, 1500);
    d->commit_ms = sim_chance(s, 0.5) ? 20 : sim_between(s, 0, 2000);
    if (sim_chance(s, 0.95)) /* one world in twenty is without any fault */
        for (int f = 0; f < SIM_FAULT_COUNT; f++)
            d->faults |= (uint32_t)sim_chance(s, 0.3) << f;
    d->faults_end = d->faults ? sim_between(s, 20000, 200000) : 0;
    /* Leases run out, silent workers are noticed, backoffs end; then all calls one by one, and a
     * run for every call that a budget may ask for. */
    int64_t calls = (int64_t)(d->pairs + d->seeds) * d->n * PLANNER_LANES * (d->rounds + 1) *
                        (1 + d->second + d->checker + d->student + d->hint) +
                    (int64_t)d->seeds * (d->samples + BUILDER_BASELINES + d->modifications);
    s->deadline = d->faults_end + 6 * SIM_LEASE_MS + 90000 + SIM_DEADLINE_MS + 40000 +
                  (calls + 10) * (SIM_LATENCY_MOST_MS + 100);
}

struct id sim_id(const struct sim *s, const char *kind, uint64_t row)
{
    struct hash h;
    hash_init(&h, kind);
    hash_u64(&h, s->seed);
    hash_u64(&h, row);
    return hash_id(&h);
}

static void populate(struct sim *s)
{
    bool poison = s->set.faults >> SIM_POISON & 1;
    s->store.n_pairs = s->set.pairs;
    for (int row = 1; row <= s->set.pairs; row++) {
        s->store.pairs[row].id = sim_id(s, "pair", (uint64_t)row);
        s->store.pairs[row].poison = poison && sim_chance(s, 0.1);
    }
    for (int row = 1; row <= s->set.seeds; row++)
        s->store.seeds[row] = (struct sim_seed){.id = sim_id(s, "seed", (uint64_t)row),
                                                .known = sim_chance(s, 0.6),
                                                .poison = poison && sim_chance(s, 0.1),
                                                .state = BUILD_OPEN,
                                                .staged_state = BUILD_OPEN};
    for (int i = 0; i < s->set.workers; i++) {
        struct sim_worker *w = &s->workers[i];
        w->sim = s;
        w->index = i;
        w->local = i < s->set.locals;
        w->slots = (uint32_t)sim_between(s, 1, 8);
        w->read_ahead = (uint32_t)sim_between(s, 0, 8);
        if (!w->local)
            sim_schedule(s, sim_between(s, 0, 3000), EVENT_START_WORKER, i, 0);
    }
    sim_schedule(s, sim_between(s, 0, 1000), EVENT_START_COORDINATOR, 0, 0);
    for (int f = 0; f < SIM_FAULT_COUNT; f++)
        if (s->set.faults >> f & 1)
            sim_schedule(s, sim_between(s, 500, 20000), EVENT_FAULT, f, 0);
}

static void put_away(struct sim *s)
{
    if (s->coordinator.alive)
        sim_coordinator_die(s);
    for (int i = 0; i < s->set.workers; i++)
        if (s->workers[i].alive)
            sim_worker_die(s, &s->workers[i]);
    for (size_t i = 0; i < s->n_events; i++)
        free(s->events[i].frame);
    sim_queue_clear(&s->spools);
    free(s->events);
    free(s->attempts);
    free(s->store.staged);
    free(s);
}

void sim_run(uint64_t seed, enum sim_world world, FILE *log, struct sim_report *report)
{
    struct sim *s = calloc(1, sizeof *s);
    assert(s);
    *report = (struct sim_report){.ok = true, .trace = 0xcbf29ce484222325ull};
    log_setup("sim", LOG_ERROR);
    s->seed = seed;
    s->world = world;
    s->report = report;
    s->log = log;
    rng_init(&s->rng, seed);
    draw_settings(s);
    populate(s);
    report->faults = s->set.faults;
    while (report->ok && !s->over) {
        assert(s->n_events);
        struct sim_event x = take(s);
        s->now = x.at;
        on_event(s, &x);
        sim_check_step(s);
        if (++report->events > EVENTS_MOST)
            sim_violate(s, "no end after %d events", EVENTS_MOST);
    }
    if (report->ok)
        sim_check_end(s);
    report->simulated_ms = s->now;
    put_away(s);
}
