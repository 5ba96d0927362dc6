/*
 * The coordinator's process: what serve.c, feed.c and spools.c are in the product. What is staged
 * waits for company, so a crash can fall between reading a result and committing it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_private.h"

void sim_coordinator_wake(struct sim *s, int64_t at)
{
    struct sim_coordinator *c = &s->coordinator;
    if (at < c->stalled_until)
        at = c->stalled_until;
    if (c->wake >= s->now && c->wake <= at)
        return;
    c->wake = at;
    sim_schedule(s, at, EVENT_TURN, 0, c->life);
}

/* Pairs */

/* One rollout as the store has it: finished, begun, or not there. */
static void recall(struct sim *s, struct subject *subject, struct call_key key)
{
    struct engine *e = s->coordinator.engine;
    const struct sim_call *last = sim_store_last(s, key.row, key.seat, key.lane, key.k);
    enum lane lane = (enum lane)key.lane;
    if (last) {
        engine_recall(e, subject, key.seat, lane, key.k,
                      planner_news_of((enum verdict)last->verdict, SCORE_NONE, SCORE_NONE, lane,
                                      last->filtered));
        return;
    }
    for (int step = SIM_STEPS - 1; step >= 0; step--) {
        const struct sim_call *c = sim_store_call(s, key.row, key.seat, lane, key.k, step);
        if (!c->durable)
            continue;
        const struct call_result r = {.verdict = (enum verdict)c->verdict,
                                      .first = (enum verdict)c->verdict,
                                      .filter = c->filtered ? S("length") : S("")};
        key.step = (uint8_t)step;
        engine_resume(e, subject, key, &r);
        return;
    }
}

static void begin(struct sim *s, uint64_t row)
{
    struct sim_coordinator *c = &s->coordinator;
    const struct planner_pair pair = {
        .id = s->store.pairs[row].id, .row = row, .trust = TRUST_VERIFIED};
    struct subject *subject = engine_begin(c->engine, &pair);
    assert(subject);
    for (size_t seat = 0; seat < c->seats.n && c->seats.all[seat].kind != SEAT_GENERATOR; seat++)
        for (int k = 0; k < SIM_MOST_N; k++)
            for (int lane = 0; lane < PLANNER_LANES; lane++)
                recall(
                    s, subject,
                    (struct call_key){
                        .row = row, .seat = (uint8_t)seat, .lane = (uint8_t)lane, .k = (uint8_t)k});
    engine_admit(c->engine, subject);
}

void sim_inbox_feed_pair(struct sim *s, uint64_t row)
{
    if (row <= (uint64_t)s->store.n_pairs && s->store.pairs[row].state == STATE_OPEN &&
        !s->store.n_staged && !engine_has(s->coordinator.engine, row))
        begin(s, row);
}

static bool has_open_pair(const struct sim *s, uint64_t after)
{
    for (uint64_t row = after + 1; row <= (uint64_t)s->store.n_pairs; row++)
        if (s->store.pairs[row].state == STATE_OPEN)
            return true;
    return false;
}

static void feed(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    uint64_t wants = engine_wants(c->engine);
    if (!wants && !c->at_end && engine_is_idle(c->engine))
        c->at_end = !has_open_pair(s, c->cursor);
    if (!wants)
        return;
    while (wants && c->cursor < (uint64_t)s->store.n_pairs) {
        uint64_t row = ++c->cursor;
        if (s->store.pairs[row].state != STATE_OPEN)
            continue;
        wants--;
        if (!engine_has(c->engine, row))
            begin(s, row);
    }
    c->at_end = c->cursor == (uint64_t)s->store.n_pairs;
}

/* Start and end */

static void read_project(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    struct err e;
    if (s->projects == 0 || sim_has(s, SIM_NEW_PROJECT))
        s->projects++;
    int n = snprintf(c->project_text, sizeof c->project_text,
                     "name: p%d\nrng_seed: %d\nendpoints:\n", (int)s->projects,
                     (int)s->seed % 1000);
    static const char endpoint[] =
        "- {role: %s, url: \"http://h%d/v1\", model: %s, max_in_flight: %d}\n";
    const struct {
        bool there;
        const char *role, *model;
    } more[] = {{s->set.second, "teacher", "other"},
                {s->set.checker, "checker", "c"},
                {s->set.student, "student", "s"},
                {s->set.generator && s->set.seeds, "generator", "g"}};
    for (int i = 0; i < s->set.endpoints; i++)
        n += snprintf(c->project_text + n, sizeof c->project_text - (size_t)n, endpoint, "teacher",
                      i, "m", s->set.limit);
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        if (more[i].there)
            n += snprintf(c->project_text + n, sizeof c->project_text - (size_t)n, endpoint,
                          more[i].role, 100 + (int)i, more[i].model, s->set.limit);
    n += snprintf(c->project_text + n, sizeof c->project_text - (size_t)n,
                  "reflection: {mode: %s, rounds: %d}\nhint: {share: %g}\nstudent: {n: 2}\n"
                  "generation: {per_request: %d}\n",
                  !s->set.rounds ? "none"
                  : s->set.mixed ? "mixed"
                                 : "wait",
                  s->set.rounds ? s->set.rounds : 1, s->set.hint ? 0.5 : 0.0, s->set.per_request);
    snprintf(c->project_text + n, sizeof c->project_text - (size_t)n,
             "build: {verifiable: %s, open: %s, samples: %d, right: %d, wrong: %d,"
             " modifications: %d, temperatures: [%s]}\n"
             "accept: {k: %d, n: %d, stop: %s, speculate: %d, cut: %s}\ncalibration: %g\n"
             "tries: %d\ngive_up_after: 1000000\nlimits: {lease_s: %d}\nbudget: {calls: %d}\n",
             s->set.seeds ? "true" : "false", s->set.seeds ? "true" : "false", s->set.samples,
             s->set.right, s->set.wrong, s->set.modifications, s->set.warm ? "1" : "0.7, 1",
             s->set.k, s->set.n, s->set.full ? "full" : "early", s->set.speculate,
             s->set.cut ? "true" : "false", s->set.calibration, s->set.tries, SIM_LEASE_MS / 1000,
             sim_has(s, SIM_BUDGET) ? s->set.budget : 0);
    arena_init(&c->arena, 1 << 22);
    bool ok = project_from_text(&c->project, &c->arena, "sim", slice_of(c->project_text), &e) &&
              seats_build(&c->seats, &c->project, &e);
    if (!ok)
        fprintf(stderr, "%s\n", e.text);
    assert(ok);
}

/* What dead local workers have left: staged, and committed before the file may go. */
static void take_spools(struct sim *s)
{
    for (struct sim_frame *f = s->spools.head; f; f = f->next) {
        struct slice frame = {f->bytes, f->n};
        struct wire_message m;
        struct call_result r;
        struct err e;
        while (wire_next(&frame, &m, &e) == 1 && wire_result_of(&m.as.result, &r)) {
            struct wire_call call = wire_call_of(&m);
            engine_result(s->coordinator.engine, ENGINE_NO_PEER, &call, &r, s->now);
            sim_check_released(s, call.attempt);
        }
    }
    sim_coordinator_commit(s);
    if (!s->store.n_staged)
        sim_queue_clear(&s->spools);
}

/* Which of them were accepted by the hinted pass is not kept here: the share is then looser. */
static void remember(struct sim *s)
{
    const struct flip_counts none = {0};
    uint64_t accepted = 0;
    for (int row = 1; row <= s->store.n_pairs; row++)
        accepted += s->store.pairs[row].state == STATE_ACCEPTED;
    engine_before(s->coordinator.engine, accepted, 0, &none);
}

void sim_coordinator_start(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    uint64_t life = ++s->lives;
    assert(!c->alive);
    memset(c, 0, sizeof *c);
    c->alive = true;
    c->life = life;
    c->wake = -1;
    c->peers = calloc(SIM_PEERS, sizeof *c->peers);
    assert(c->peers);
    read_project(s);
    sim_store_reopen(s);
    sim_inbox_fill_io(s);
    c->engine = engine_new(&c->project, &c->seats, ++s->store.epoch, &c->io, s->now);
    assert(c->engine);
    remember(s);
    s->report->runs++;
    sim_note(s, "the coordinator starts, epoch %d", (int)s->store.epoch);
    take_spools(s);
    if (s->unfinished && s->set.locals < s->set.workers) {
        c->grace_until = s->now + SIM_GRACE_MS;
        engine_pause(c->engine, true);
    }
    s->unfinished = true;
    for (int i = 0; i < s->set.locals; i++)
        sim_schedule(s, s->now + sim_between(s, 1, 300), EVENT_START_WORKER, i, c->life);
    sim_coordinator_wake(s, s->now);
}

static void put_away(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    engine_free(c->engine);
    for (size_t i = 0; i < c->n_peers; i++)
        buf_free(&c->peers[i].out);
    free(c->peers);
    sim_queue_clear(&c->inbox);
    arena_free(&c->arena);
    c->engine = NULL;
    c->peers = NULL;
    c->n_peers = 0;
    c->alive = false;
    c->life = ++s->lives;
    c->n_deaths = 0;
    sim_store_crash(s);
}

static void end_local_workers(struct sim *s)
{
    for (int i = 0; i < s->set.locals; i++)
        if (s->workers[i].alive)
            sim_worker_die(s, &s->workers[i]);
}

void sim_coordinator_die(struct sim *s)
{
    sim_note(s, "the coordinator dies");
    s->coordinator.alive = false; /* nobody is told of its workers' deaths */
    end_local_workers(s);
    put_away(s);
}

/* Peers */

static uint32_t number_of(struct sim *s, const struct sim_worker *w, uint64_t life)
{
    struct sim_coordinator *c = &s->coordinator;
    for (size_t i = c->n_peers; i-- > 0;)
        if (c->peers[i].worker == w->index && c->peers[i].life == life && !c->peers[i].forgotten)
            return (uint32_t)i + 1;
    assert(c->n_peers < SIM_PEERS);
    struct sim_peer *p = &c->peers[c->n_peers++];
    *p = (struct sim_peer){.worker = w->index, .life = life};
    buf_init(&p->out, 1 << 20);
    return (uint32_t)c->n_peers;
}

void sim_coordinator_hear(struct sim *s, struct sim_worker *w, uint64_t life, struct sim_frame *f)
{
    if (!s->coordinator.alive) {
        free(f);
        return;
    }
    f->peer = number_of(s, w, life);
    sim_queue_push(&s->coordinator.inbox, f);
    sim_coordinator_wake(s, s->now);
}

void sim_coordinator_notice(struct sim *s, const struct sim_worker *w)
{
    struct sim_coordinator *c = &s->coordinator;
    for (size_t i = 0; c->alive && i < c->n_peers; i++) {
        struct sim_peer *p = &c->peers[i];
        if (p->worker != w->index || p->life != w->life || p->forgotten)
            continue;
        p->forgotten = true;
        buf_clear(&p->out);
        sim_inbox_gone(s, (uint32_t)i + 1);
    }
}

static void flush(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    for (size_t i = 0; i < c->n_peers; i++) {
        struct sim_peer *p = &c->peers[i];
        struct sim_worker *w = &s->workers[p->worker];
        if (!p->out.n)
            continue;
        if (p->forgotten) {
            buf_clear(&p->out);
        } else if (!w->alive || w->life != p->life) {
            p->forgotten = true; /* its pipe is gone */
            buf_clear(&p->out);
            sim_inbox_gone(s, (uint32_t)i + 1);
        } else {
            sim_link_down(s, w, &p->out);
        }
    }
}

/* A turn */

static void reap(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    while (c->n_deaths) {
        uint32_t pid = c->deaths[--c->n_deaths];
        take_spools(s); /* what it had finished is taken in before its calls go to another */
        for (struct agent *a = engine_agents(c->engine); a; a = a->next) {
            if (!a->local || a->pid != pid)
                continue;
            uint32_t peer = a->peer;
            sim_inbox_gone(s, peer);
            c->peers[peer - 1].forgotten = true;
            break;
        }
        for (int i = 0; i < s->set.locals; i++)
            if (!s->workers[i].alive)
                sim_schedule(s, s->now + sim_between(s, 100, 1000), EVENT_START_WORKER, i, c->life);
    }
}

/* Also in the middle of a turn, before a pair is looked up in the store. */
void sim_coordinator_commit(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    if (!sim_store_commit(s)) {
        c->stuck = true;
        engine_pause(c->engine, true);
        return;
    }
    if (c->stuck)
        engine_pause(c->engine, c->grace_until != 0);
    c->stuck = c->urgent = false;
    c->staged_since = 0;
    engine_committed(c->engine);
}

static bool commit_is_due(const struct sim *s)
{
    const struct sim_coordinator *c = &s->coordinator;
    return !s->store.n_staged || c->stuck || c->urgent ||
           s->now - c->staged_since >= s->set.commit_ms || !engine_leased(c->engine);
}

static bool is_over(const struct sim *s)
{
    const struct sim_coordinator *c = &s->coordinator;
    if (s->store.n_staged)
        return false;
    return engine_state(c->engine) == ENGINE_STOPPED ||
           (c->at_end && c->seeds_at_end && engine_is_idle(c->engine) &&
            engine_state(c->engine) == ENGINE_RUNNING);
}

/* The run is over: everybody is sent home; what the local ones still hold is taken in. */
static void farewell(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    bool complete = engine_state(c->engine) == ENGINE_RUNNING;
    sim_note(s, "the run ends: %s", complete ? "complete" : engine_why(c->engine));
    for (struct agent *a = engine_agents(c->engine); a; a = a->next)
        sim_inbox_bye(s, a->peer, WIRE_BYE_DONE);
    flush(s);
    end_local_workers(s);
    take_spools(s);
    s->unfinished = false;
    s->over = complete && sim_store_all_decided(s, s->now >= s->set.faults_end);
    put_away(s);
    if (!s->over)
        sim_schedule(s, s->now + sim_between(s, 500, 5000), EVENT_START_COORDINATOR, 0, 0);
}

static void hand_out(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    if (c->grace_until && s->now >= c->grace_until) {
        c->grace_until = 0;
        engine_pause(c->engine, c->stuck);
    }
    if (!c->stuck) {
        feed(s);
        sim_seeds_feed(s);
    }
    if (engine_state(c->engine) != ENGINE_RUNNING && !c->drained) {
        struct wire_drain drain = {0};
        c->drained = true;
        for (struct agent *a = engine_agents(c->engine); a; a = a->next)
            wire_put_drain(sim_inbox_out(s, a->peer), &drain);
    }
    int64_t wait = engine_tick(c->engine, s->now);
    if (s->store.n_staged && !c->stuck) {
        int64_t left = c->staged_since + s->set.commit_ms - s->now;
        wait = left > 0 && left < wait ? left : left > 0 ? wait : 0;
    }
    flush(s);
    sim_coordinator_wake(s, s->now + (c->n_deaths ? 0 : wait < 0 ? 1000 : wait));
}

void sim_coordinator_turn(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    struct sim_frame *f;
    c->wake = -1;
#ifdef BUG_EXPIRE_BEFORE_DRAIN
    engine_tick(c->engine, s->now);
#endif
    while ((f = sim_queue_pop(&c->inbox))) {
        sim_inbox_frame(s, f);
        free(f);
    }
    reap(s);
#ifdef BUG_ACK_EARLY
    engine_committed(c->engine);
#endif
    if (commit_is_due(s))
        sim_coordinator_commit(s);
    hand_out(s);
    if (is_over(s))
        farewell(s);
}
