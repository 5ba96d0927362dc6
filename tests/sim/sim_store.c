/* The store: what is staged is lost in a crash, what is committed is not. */
#include <assert.h>
#include <stdlib.h>

#include "tests/sim/sim_private.h"

int sim_store_index(struct call_key key)
{
    uint64_t seed = key.row & ~CALL_SEED;
    if (seed != key.row) {
        int lane = (int)key.lane - (int)LANE_ANSWER;
        if (seed < 1 || seed > SIM_SEEDS || !lane_is_seed((enum lane)key.lane) ||
            key.k >= SIM_MOST_N || key.step)
            return -1;
        return SIM_OF_PAIRS + ((int)seed * BUILDER_LANES + lane) * SIM_MOST_N + key.k;
    }
    if (key.row < 1 || key.row > SIM_ROWS || key.seat >= SIM_SEATS || key.lane >= PLANNER_LANES ||
        key.k >= SIM_MOST_N || key.step >= SIM_STEPS)
        return -1;
    uint64_t rollout = ((key.row * SIM_SEATS + key.seat) * PLANNER_LANES + key.lane) * SIM_MOST_N;
    return (int)((rollout + key.k) * SIM_STEPS + key.step);
}

struct sim_call *sim_store_call(struct sim *s, uint64_t row, int seat, int lane, int k, int step)
{
    struct call_key key = {.row = row,
                           .seat = (uint8_t)seat,
                           .lane = (uint8_t)lane,
                           .k = (uint8_t)k,
                           .step = (uint8_t)step};
    int index = sim_store_index(key);
    assert(index >= 0);
    return &s->store.calls[index];
}

const struct sim_call *sim_store_last(struct sim *s, uint64_t row, int seat, int lane, int k)
{
    for (int step = 0; step < SIM_STEPS; step++) {
        const struct sim_call *c = sim_store_call(s, row, seat, lane, k, step);
        if (c->durable && c->last)
            return c;
    }
    return NULL;
}

struct sim_staged *sim_store_stage(struct sim_store *st)
{
    if (st->n_staged == st->cap_staged) {
        st->cap_staged = st->cap_staged ? st->cap_staged * 2 : 64;
        st->staged = realloc(st->staged, st->cap_staged * sizeof *st->staged);
        assert(st->staged);
    }
    return &st->staged[st->n_staged++];
}

enum engine_saved sim_store_save(struct sim *s, const struct wire_call *call,
                                 const struct call_result *r, bool last)
{
    int index = sim_store_index(call->key);
    uint64_t row = call->key.row;
    bool seed = (row & CALL_SEED) != 0;
    if (index < 0 || !(seed ? sim_seeds_is_here(s, row & ~CALL_SEED, &call->subject)
                            : row <= (uint64_t)s->store.n_pairs &&
                                  id_eq(&s->store.pairs[row].id, &call->subject))) {
        sim_violate(s, "a result for a call that does not exist");
        return ENGINE_UNKNOWN;
    }
    struct sim_call *c = &s->store.calls[index];
    if (c->durable || c->staged)
        return ENGINE_KNOWN;
    bool filtered = false;
    if (seed) {
        if (r->verdict != VERDICT_NONE ||
            r->ask != (call->key.lane == LANE_MODIFIED ? ASK_MODIFY : ASK_ANSWER))
            sim_violate(s, "sample %d is to be stored as something else", index);
    } else if (r->verdict != sim_teacher_verdict(s, call->key, &filtered) ||
               filtered != (r->filter.n > 0))
        sim_violate(s, "call %d is to be stored with a verdict the teacher never gave", index);
    c->staged = true;
    *sim_store_stage(&s->store) = (struct sim_staged){.kind = SIM_STAGED_CALL,
                                                      .row = call->key.row,
                                                      .call = index,
                                                      .verdict = (uint8_t)r->verdict,
                                                      .filtered = filtered,
                                                      .last = last};
    sim_note(s, "staged call %d", index);
    return ENGINE_SAVED;
}

void sim_store_decide(struct sim *s, uint64_t row, enum pair_state state)
{
    s->store.pairs[row].staged_state = state;
    *sim_store_stage(&s->store) = (struct sim_staged){
        .kind = SIM_STAGED_DECISION, .row = row, .state = state};
    sim_note(s, "pair %d is %s", (int)row, state_name(state));
}

bool sim_store_commit(struct sim *s)
{
    struct sim_store *st = &s->store;
    if (st->full)
        return false;
    for (size_t i = 0; i < st->n_staged; i++) {
        const struct sim_staged *x = &st->staged[i];
        if (x->kind == SIM_STAGED_CHECK || x->kind == SIM_STAGED_END) {
            sim_seeds_commit(s, x);
            continue;
        }
        if (x->kind == SIM_STAGED_DECISION) {
            st->pairs[x->row].state = x->state;
            sim_check_decision(s, x->row, x->state);
            continue;
        }
        struct sim_call *c = &st->calls[x->call];
        if (c->durable)
            sim_violate(s, "call %d is stored twice", x->call);
        c->durable = true;
        c->staged = false;
        c->verdict = x->verdict;
        c->filtered = x->filtered;
        c->last = x->last;
    }
    st->n_staged = 0;
    return true;
}

void sim_store_crash(struct sim *s)
{
    struct sim_store *st = &s->store;
    for (size_t i = 0; i < st->n_staged; i++)
        if (st->staged[i].kind == SIM_STAGED_CALL)
            st->calls[st->staged[i].call].staged = false;
    for (int row = 1; row <= st->n_pairs; row++)
        st->pairs[row].staged_state = st->pairs[row].state;
    for (int row = 1; row <= s->set.seeds; row++)
        st->seeds[row].staged_state = st->seeds[row].state;
    for (size_t i = 0; i < sizeof st->calls / sizeof st->calls[0]; i++)
        st->calls[i].lease = 0; /* leases are memory */
    st->n_staged = 0;
}

void sim_store_reopen(struct sim *s)
{
    for (int row = 1; row <= s->store.n_pairs; row++)
        if (s->store.pairs[row].state == STATE_DEFERRED)
            s->store.pairs[row].state = s->store.pairs[row].staged_state = STATE_OPEN;
    sim_seeds_reopen(s);
}

bool sim_store_all_decided(const struct sim *s, bool deferred_too)
{
    for (int row = 1; row <= s->store.n_pairs; row++) {
        enum pair_state state = s->store.pairs[row].state;
        if (state == STATE_OPEN || (state == STATE_DEFERRED && !deferred_too))
            return false;
    }
    for (int row = 1; row <= s->set.seeds; row++) {
        enum build state = s->store.seeds[row].state;
        if (state == BUILD_OPEN || (state == BUILD_DEFERRED && !deferred_too))
            return false;
    }
    return true;
}
