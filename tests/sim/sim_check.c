/* The promises, checked from outside: by what was sent, asked and stored, not by what the engine
 * believes. */
#include <assert.h>
#include <stdlib.h>

#include "tests/sim/sim_private.h"

/* Attempts */

struct sim_attempt *sim_check_attempt(struct sim *s, uint64_t attempt)
{
    size_t low = 0, high = s->n_attempts;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->attempts[middle].attempt < attempt)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < s->n_attempts && s->attempts[low].attempt == attempt)
        return &s->attempts[low];
    sim_violate(s, "attempt %llx was never granted", (unsigned long long)attempt);
    static struct sim_attempt none;
    return &none;
}

static void remember_attempt(struct sim *s, uint64_t attempt, int call)
{
    if (s->n_attempts && s->attempts[s->n_attempts - 1].attempt >= attempt) {
        sim_violate(s, "attempt %llx comes after %llx", (unsigned long long)attempt,
                    (unsigned long long)s->attempts[s->n_attempts - 1].attempt);
        return;
    }
    if (s->n_attempts == s->cap_attempts) {
        s->cap_attempts = s->cap_attempts ? s->cap_attempts * 2 : 256;
        s->attempts = realloc(s->attempts, s->cap_attempts * sizeof *s->attempts);
        assert(s->attempts);
    }
    s->attempts[s->n_attempts++] = (struct sim_attempt){attempt, call, false};
}

static struct sim_call *call_of(struct sim *s, uint64_t attempt)
{
    return &s->store.calls[sim_check_attempt(s, attempt)->call];
}

void sim_check_released(struct sim *s, uint64_t attempt)
{
    struct sim_call *c = call_of(s, attempt);
    if (c->lease == attempt)
        c->lease = 0;
}

void sim_check_renewed(struct sim *s, uint64_t attempt, uint32_t peer)
{
    struct sim_call *c = call_of(s, attempt);
    c->lease = attempt;
    c->lease_peer = peer;
    c->lease_until = s->now + SIM_LEASE_MS;
}

/* Grants */

static bool is_in_spool(const struct sim_queue *q, int index)
{
    for (const struct sim_frame *f = q->head; f; f = f->next) {
        struct slice frame = {f->bytes, f->n};
        struct wire_message m;
        struct err e;
        while (wire_next(&frame, &m, &e) == 1)
            if (sim_store_index(wire_call_of(&m).key) == index)
                return true;
    }
    return false;
}

static void check_not_finished(struct sim *s, int index)
{
    const struct sim_call *c = &s->store.calls[index];
    if (c->durable || c->staged)
        sim_violate(s, "call %d is granted although its answer is here", index);
    if (is_in_spool(&s->spools, index))
        sim_violate(s, "call %d is granted although its answer lies in a spool", index);
    for (int i = 0; i < s->set.locals; i++)
        if (is_in_spool(&s->workers[i].spool, index))
            sim_violate(s, "call %d is granted although worker %d has its answer", index, i);
}

/* What a call builds upon must be durable: the rollout's call before it, a checker's trace. */
static void check_before(struct sim *s, const struct task *t)
{
    const struct call_key *key = &t->key;
    if (key->step) {
        const struct sim_call *c = sim_store_call(s, key->row, key->seat, key->lane, key->k,
                                                  key->step - 1);
        if (!c->durable || c->last)
            sim_violate(s, "a rollout goes on from a call that is not stored, or was the last");
    }
    if (s->coordinator.seats.all[key->seat].kind != SEAT_CHECKER)
        return;
    const struct sim_call *c = sim_store_last(s, key->row, 0, key->lane, key->k);
    if (!c || c->filtered || c->verdict != lane_gold((enum lane)key->lane))
        sim_violate(s, "a checker is asked about a trace that is not stored or not right");
}

/* A sample that a rule asks for; a changed prompt is about a baseline that is durable. */
static void check_sample(struct sim *s, const struct task *t)
{
    const struct call_key *key = &t->key;
    uint64_t row = key->row & ~CALL_SEED;
    bool known = s->store.seeds[row].known, usable = false;
    int most = key->lane == LANE_ANSWER ? (known ? s->set.samples : BUILDER_BASELINES)
               : known                  ? 0
                                        : s->set.modifications;
    for (int k = 0; k < SIM_MOST_N; k++)
        usable = usable || sim_seeds_sample(s, row, LANE_ANSWER, k)->mark == MARK_USABLE;
    if (key->k >= most)
        sim_violate(s, "a sample is asked for that no rule asks for");
    if (key->lane == LANE_MODIFIED && !usable)
        sim_violate(s, "a changed prompt is asked for without a durable baseline");
    if (s->store.seeds[row].staged_state != BUILD_OPEN)
        sim_violate(s, "a sample is asked for although its seed has ended");
    if (t->ask != (key->lane == LANE_ANSWER ? ASK_ANSWER : ASK_MODIFY))
        sim_violate(s, "a sample is asked for by the wrong ask");
}

/* A lease lasts until its time is over or its worker has said nothing for two leases. */
static bool is_held(const struct sim *s, const struct sim_call *c)
{
    return c->lease && s->now < c->lease_until &&
           s->now - s->coordinator.peers[c->lease_peer - 1].heard <= 2 * SIM_LEASE_MS;
}

void sim_check_grant(struct sim *s, const struct agent *a, const struct task *t)
{
    int index = sim_store_index(t->key);
    const struct pool_endpoint *at = &s->coordinator.engine->pool.endpoints[t->endpoint];
    sim_note(s, "grant %llx: call %d to peer %u", (unsigned long long)t->attempt, index, a->peer);
    bool seed = (t->key.row & CALL_SEED) != 0;
    if (index < 0 || (!seed && t->key.k >= s->set.n)) {
        sim_violate(s, "a call is granted that no rule asks for");
        return;
    }
    if (seed)
        check_sample(s, t);
    else
        check_before(s, t);
    remember_attempt(s, t->attempt, index);
    check_not_finished(s, index);
    struct sim_call *c = &s->store.calls[index];
    if (!seed && s->store.pairs[t->key.row].staged_state != STATE_OPEN)
        sim_violate(s, "call %d is granted although its pair is decided", index);
    if (is_held(s, c))
        sim_violate(s, "call %d is granted although attempt %llx holds it", index,
                    (unsigned long long)c->lease);
    if (a->leased > a->credit)
        sim_violate(s, "peer %u holds %u calls and has credit for %u", a->peer, a->leased,
                    a->credit);
    if (at->flying > at->limit)
        sim_violate(s, "%d calls at an endpoint that takes %d", (int)at->flying, (int)at->limit);
    if (s->coordinator.drained)
        sim_violate(s, "call %d is granted while the run drains", index);
    sim_check_renewed(s, t->attempt, a->peer);
}

void sim_check_ack(struct sim *s, uint64_t attempt)
{
    const struct sim_attempt *x = sim_check_attempt(s, attempt);
    if (x->result && !s->store.calls[x->call].durable)
        sim_violate(s, "the result of attempt %llx is acknowledged and not durable",
                    (unsigned long long)attempt);
}

/* Decisions: the rule, written once more. */

/* One seat's rollouts of one order: -1: it failed, 1: it passed. */
static int order_of(struct sim *s, uint64_t row, int seat, int lane, int k_of, int n)
{
    int correct = 0, missed = 0;
    for (int k = 0; k < n; k++) {
        const struct sim_call *c = sim_store_last(s, row, seat, lane, k);
        if (!c)
            continue;
        if (c->verdict == lane_gold((enum lane)lane) && !c->filtered)
            correct++;
        else
            missed++;
    }
    return missed > n - k_of ? -1 : correct >= k_of;
}

static int seat_says(struct sim *s, uint64_t row, int seat, int k, int n)
{
    int a = order_of(s, row, seat, 0, k, n), b = order_of(s, row, seat, 1, k, n);
    return a < 0 || b < 0 ? -1 : a && b;
}

/* In each order one right trace of the teacher must have stood; lost when all have fallen. */
static int checker_says(struct sim *s, uint64_t row, int seat)
{
    int says = 1;
    for (int lane = 0; lane < PLANNER_LANES; lane++) {
        bool stood = false, left = false;
        for (int k = 0; k < s->set.n; k++) {
            const struct sim_call *trace = sim_store_last(s, row, 0, lane, k);
            const struct sim_call *c = sim_store_last(s, row, seat, lane, k);
            bool right = trace && !trace->filtered && trace->verdict == lane_gold((enum lane)lane);
            left = left || (right && !c);
            stood = stood ||
                    (right && c && !c->filtered && c->verdict == lane_gold((enum lane)lane));
        }
        if (!stood && !left)
            return -1;
        says = says && stood;
    }
    return says;
}

static bool students_are_done(struct sim *s, uint64_t row, int seat)
{
    for (int i = 0; i < 2 * PLANNER_LANES; i++)
        if (!sim_store_last(s, row, seat, i % 2, i / 2))
            return false;
    return true;
}

static enum pair_state rule(struct sim *s, uint64_t row)
{
    const struct seats *seats = &s->coordinator.seats;
    int says = seat_says(s, row, 0, s->set.k, s->set.n);
    for (int i = 1; i < (int)seats->n; i++) {
        if (seats->all[i].kind == SEAT_STUDENT && !students_are_done(s, row, i))
            return STATE_OPEN;
        if (seats->all[i].kind == SEAT_HINTED && says < 0 && seat_says(s, row, i, 1, 2) > 0)
            return STATE_ACCEPTED;
        if (seats->all[i].kind == SEAT_SECOND && says > 0)
            says = seat_says(s, row, i, s->set.k, s->set.n);
        if (seats->all[i].kind == SEAT_CHECKER && says > 0)
            says = checker_says(s, row, i);
    }
    return says < 0 ? STATE_REJECTED : says > 0 ? STATE_ACCEPTED : STATE_OPEN;
}

void sim_check_decision(struct sim *s, uint64_t row, enum pair_state state)
{
    enum pair_state by_rule = rule(s, row);
    if (state != STATE_DEFERRED && state != by_rule)
        sim_violate(s, "pair %d is %s, its stored rollouts say %s", (int)row, state_name(state),
                    state_name(by_rule));
}

/* What is durable of a seed. */
struct drawn {
    int n[BUILDER_LANES], usable[BUILDER_LANES], right, wrong, unchecked;
};

static struct drawn drawn_of(struct sim *s, uint64_t row)
{
    struct drawn d = {{0}, {0}, 0, 0, 0};
    for (int at = 0; at < BUILDER_LANES; at++)
        for (int k = 0; k < SIM_MOST_N; k++) {
            const struct sim_call *c = sim_seeds_sample(s, row, LANE_ANSWER + (unsigned)at, k);
            d.n[at] += c->durable;
            d.usable[at] += c->mark == MARK_USABLE;
            d.right += c->mark == MARK_RIGHT;
            d.wrong += c->mark == MARK_WRONG;
            d.unchecked += c->durable && c->mark == MARK_UNCHECKED;
        }
    return d;
}

enum build sim_check_build(struct sim *s, uint64_t row)
{
    const struct drawn d = drawn_of(s, row);
    bool known = s->store.seeds[row].known;
    bool enough = known ? d.right >= s->set.right && d.wrong >= s->set.wrong
                        : d.usable[0] && d.usable[1];
    bool all = !d.unchecked && (known         ? d.n[0] >= s->set.samples
                                : d.usable[0] ? d.n[1] >= s->set.modifications
                                              : d.n[0] >= BUILDER_BASELINES);
    if (!enough && !all)
        sim_violate(s, "seed %d ends too early", (int)row);
    bool pair = known ? d.right && d.wrong : d.usable[0] && d.usable[1];
    return pair ? BUILD_BUILT : BUILD_FAILED;
}

/* How many answers a seed with a known one takes when nothing goes wrong: as many at a time as are
 * needed whatever they turn out to be. */
static int fewest(struct sim *s, uint64_t row)
{
    int n = 0, right = 0, wrong = 0;
    for (;;) {
        int more = (right < s->set.right ? s->set.right - right : 0) +
                   (wrong < s->set.wrong ? s->set.wrong - wrong : 0);
        if (!more || n == s->set.samples)
            return n;
        for (; more && n < s->set.samples; more--, n++) {
            struct call_key key = {.row = row | CALL_SEED, .lane = LANE_ANSWER, .k = (uint8_t)n};
            enum sample_mark mark = sim_seeds_mark(s, sim_store_index(key));
            right += mark == MARK_RIGHT;
            wrong += mark == MARK_WRONG;
        }
    }
}

static void check_seeds_end(struct sim *s)
{
    for (int row = 1; row <= s->set.seeds; row++) {
        const struct sim_seed *seed = &s->store.seeds[row];
        s->report->built += seed->state == BUILD_BUILT;
        s->report->failed += seed->state == BUILD_FAILED;
        s->report->deferred += seed->state == BUILD_DEFERRED;
        if (seed->state == BUILD_OPEN)
            sim_violate(s, "seed %d is open at the end", row);
        if (seed->state == BUILD_DEFERRED && !s->set.faults)
            sim_violate(s, "seed %d is deferred though nothing went wrong", row);
        int n = drawn_of(s, (uint64_t)row).n[0];
        if (!s->set.faults && seed->known && n != fewest(s, (uint64_t)row))
            sim_violate(s, "seed %d took %d answers instead of %d", row, n,
                        fewest(s, (uint64_t)row));
    }
}

/* After every event: the engine's books agree with each other. */
void sim_check_step(struct sim *s)
{
    struct engine *e = s->coordinator.engine;
    int64_t flying[ENDPOINT_MAX] = {0};
    uint64_t leased = 0;
    if (!e)
        return;
    for (const struct agent *a = engine_agents(e); a; a = a->next) {
        uint32_t n = 0;
        for (const struct task *t = a->tasks.head; t; t = t->next, n++)
            flying[t->endpoint]++;
        if (n != a->leased)
            sim_violate(s, "peer %u holds %u calls, by the books %u", a->peer, n, a->leased);
        leased += n;
    }
    if (leased != engine_leased(e))
        sim_violate(s, "%d calls are out, by the books %d", (int)leased, (int)engine_leased(e));
    for (size_t i = 0; i < e->pool.n; i++)
        if (flying[i] != e->pool.endpoints[i].flying)
            sim_violate(s, "%d calls are at endpoint %zu, by the books %d", (int)flying[i], i,
                        (int)e->pool.endpoints[i].flying);
    if (s->now > s->deadline)
        sim_violate(s, "not finished %d s after the last fault",
                    (int)((s->now - s->set.faults_end) / 1000));
}

void sim_check_end(struct sim *s)
{
    check_seeds_end(s);
    for (int row = 1; row <= s->store.n_pairs; row++) {
        enum pair_state state = s->store.pairs[row].state;
        if (state == STATE_OPEN)
            sim_violate(s, "pair %d is neither decided nor deferred", row);
        /* A right trace that arrived after all others had fallen would be checked by the next run.
         */
        if (!(s->set.checker && state == STATE_REJECTED))
            sim_check_decision(s, (uint64_t)row, state);
    }
    for (size_t i = 0; i < sizeof s->store.calls / sizeof s->store.calls[0]; i++) {
        const struct sim_call *c = &s->store.calls[i];
        s->report->calls += c->starts > 0;
        if (!s->set.faults && c->starts > 1)
            sim_violate(s, "call %zu was made %u times though nothing went wrong", i, c->starts);
        if (!s->set.faults && s->set.cut == false && c->starts && !c->durable)
            sim_violate(s, "the answer to call %zu got lost though nothing went wrong", i);
    }
}
