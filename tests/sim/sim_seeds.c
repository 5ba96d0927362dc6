/* Seeds whose pairs are built: what feed.c, serve_building.c and the store's samples are in the
 * product. What a sample is worth is fixed; now and then looking takes its time. */
#include <assert.h>

#include "tests/sim/sim_private.h"

struct call_key sim_seeds_key(int index)
{
    int at = index - SIM_OF_PAIRS;
    assert(at >= 0 && index < SIM_CALLS);
    return (struct call_key){.row = (uint64_t)(at / SIM_MOST_N / BUILDER_LANES) | CALL_SEED,
                             .lane = (uint8_t)(LANE_ANSWER + at / SIM_MOST_N % BUILDER_LANES),
                             .k = (uint8_t)(at % SIM_MOST_N)};
}

struct sim_call *sim_seeds_sample(struct sim *s, uint64_t row, enum lane lane, int k)
{
    struct call_key key = {.row = row | CALL_SEED, .lane = (uint8_t)lane, .k = (uint8_t)k};
    int index = sim_store_index(key);
    assert(index >= 0);
    return &s->store.calls[index];
}

enum sample_mark sim_seeds_mark(const struct sim *s, int index)
{
    struct call_key key = sim_seeds_key(index);
    const struct sim_seed *seed = &s->store.seeds[key.row & ~CALL_SEED];
    double draw = id_share(&seed->id, call_key_pack(key));
    if (seed->known) {
        double p = 0.9 * id_share(&seed->id, 1); /* some prompts are easier */
        return draw < p ? MARK_RIGHT : draw < 0.8 ? MARK_WRONG : MARK_UNSURE;
    }
    bool modified = key.lane == LANE_MODIFIED;
    return draw < (modified ? 0.4 : 0.7) ? MARK_USABLE : modified ? MARK_TOO_CLOSE : MARK_EMPTY;
}

bool sim_seeds_is_here(const struct sim *s, uint64_t row, const struct id *id)
{
    return row >= 1 && row <= (uint64_t)s->set.seeds && id_eq(&s->store.seeds[row].id, id);
}

/* Checks */

static void stage_check(struct sim *s, int index, enum sample_mark mark)
{
    *sim_store_stage(&s->store) = (struct sim_staged){
        .kind = SIM_STAGED_CHECK, .call = index, .mark = mark};
    sim_inbox_staged(s, false);
    sim_note(s, "sample %d is %s", index, mark_name(mark));
}

static enum sample_mark look(struct sim *s, int index)
{
    enum sample_mark mark = sim_seeds_mark(s, index);
    if (sim_chance(s, s->set.slow_checks)) {
        int64_t ms = sim_between(s, 1, 4000);
        sim_schedule_event(s, s->now + ms, EVENT_CHECK, 0, s->coordinator.life)->number = (uint64_t)
            index;
        return MARK_UNCHECKED;
    }
    stage_check(s, index, mark);
    return mark;
}

void sim_seeds_checked(struct sim *s, int index)
{
    struct call_key key = sim_seeds_key(index);
    enum sample_mark mark = sim_seeds_mark(s, index);
    stage_check(s, index, mark);
    engine_checked(s->coordinator.engine, key.row & ~CALL_SEED, (enum lane)key.lane, key.k, mark);
    sim_coordinator_wake(s, s->now);
}

/* The engine's way to act */

static bool io_grant(void *context, const struct agent *agent, const struct task *task, int n,
                     const struct building *b)
{
    sim_inbox_put_grant(context, agent, task, n, &b->id);
    return true;
}

static enum sample_mark io_check(void *context, const struct building *b,
                                 const struct wire_call *call, const struct call_result *result)
{
    (void)b;
    (void)result;
    return look(context, sim_store_index(call->key));
}

static void end(struct sim *s, const struct building *b, bool deferred)
{
    uint64_t row = b->row & ~CALL_SEED;
    struct sim_seed *seed = &s->store.seeds[row];
    if (seed->staged_state != BUILD_OPEN)
        sim_violate(s, "seed %d ends twice", (int)row);
    seed->staged_state = deferred ? BUILD_DEFERRED : BUILD_BUILT; /* or not: its samples tell */
    *sim_store_stage(&s->store) = (struct sim_staged){
        .kind = SIM_STAGED_END, .row = row, .deferred = deferred};
    sim_inbox_staged(s, row > s->coordinator.seed_cursor); /* the feed has yet to pass it */
    sim_note(s, "seed %d %s", (int)row, deferred ? "is deferred" : "ends");
}

static void io_build(void *context, const struct building *b)
{
    end(context, b, false);
}

static void io_defer(void *context, const struct building *b, enum build_reason reason,
                     const char *detail)
{
    (void)detail;
    assert(reason == BUILD_REASON_REFUSED || reason == BUILD_REASON_OUT_OF_TRIES);
    end(context, b, true);
}

const struct engine_building sim_seeds_io = {io_grant, io_check, io_build, io_defer};

/* The store */

static void add_pair(struct sim *s, uint64_t seed)
{
    struct sim_pair *p = &s->store.pairs[++s->store.n_pairs];
    assert(s->store.n_pairs <= SIM_ROWS);
    *p = (struct sim_pair){.id = sim_id(s, "built", seed)};
    s->coordinator.at_end = false;
    sim_note(s, "seed %d gives pair %d", (int)seed, s->store.n_pairs);
}

void sim_seeds_commit(struct sim *s, const struct sim_staged *x)
{
    if (x->kind == SIM_STAGED_CHECK) {
        struct sim_call *c = &s->store.calls[x->call];
        if (!c->durable)
            sim_violate(s, "sample %d has a mark and is not stored", x->call);
        c->mark = (uint8_t)x->mark;
        return;
    }
    struct sim_seed *seed = &s->store.seeds[x->row];
    seed->state = x->deferred ? BUILD_DEFERRED : sim_check_build(s, x->row);
    seed->staged_state = seed->state;
    if (seed->state == BUILD_BUILT)
        add_pair(s, x->row);
}

void sim_seeds_reopen(struct sim *s)
{
    for (int row = 1; row <= s->set.seeds; row++)
        if (s->store.seeds[row].state == BUILD_DEFERRED)
            s->store.seeds[row].state = s->store.seeds[row].staged_state = BUILD_OPEN;
}

/* The feed */

static void begin(struct sim *s, uint64_t row)
{
    struct engine *e = s->coordinator.engine;
    const struct builder_seed seed = {s->store.seeds[row].id, row, s->store.seeds[row].known};
    struct building *b = engine_begin_seed(e, &seed);
    assert(b);
    for (int at = 0; at < BUILDER_LANES; at++)
        for (int k = 0; k < SIM_MOST_N; k++) {
            enum lane lane = LANE_ANSWER + (unsigned)at;
            const struct sim_call *c = sim_seeds_sample(s, row, lane, k);
            if (!c->durable)
                continue;
            enum sample_mark mark = (enum sample_mark)c->mark;
            if (mark == MARK_UNCHECKED)
                mark = look(s, (int)(c - s->store.calls));
            builder_recall(b, lane, k, mark, true);
        }
    engine_admit_seed(e, b);
}

static bool is_open(const struct sim *s, uint64_t row)
{
    return s->store.seeds[row].state == BUILD_OPEN;
}

void sim_seeds_feed_one(struct sim *s, uint64_t row)
{
    if (row <= (uint64_t)s->set.seeds && is_open(s, row) && !s->store.n_staged &&
        !engine_has_seed(s->coordinator.engine, row))
        begin(s, row);
}

static bool has_open(const struct sim *s, uint64_t after)
{
    for (uint64_t row = after + 1; row <= (uint64_t)s->set.seeds; row++)
        if (is_open(s, row))
            return true;
    return false;
}

void sim_seeds_feed(struct sim *s)
{
    struct sim_coordinator *c = &s->coordinator;
    uint64_t wants = engine_wants_seeds(c->engine);
    for (; wants && c->seed_cursor < (uint64_t)s->set.seeds; wants--) {
        uint64_t row = ++c->seed_cursor;
        if (is_open(s, row) && !engine_has_seed(c->engine, row))
            begin(s, row);
    }
    c->seeds_at_end = !has_open(s, c->seed_cursor);
}
