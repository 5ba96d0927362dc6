/*
 * The coordinator's core under a program of bytes: workers come, answer, fail, repeat themselves,
 * lie and vanish, checks of samples take their time, time passes, the coordinator is killed. After
 * every event its books must balance; an answer is acknowledged only when it is durable, a stored
 * call is never handed out again, a pair is decided and a seed ended only as what is stored says;
 * and in the end one good worker finishes everything.
 */
#include <string.h>

#include "base/log.h"
#include "coordinator/engine.h"
#include "tests/fuzz/fuzz.h"

enum {
    ROWS = 6,
    SEEDS = 3, /* whose pairs are built; the last one's prompt is open */
    SAMPLES = 4,
    MODIFICATIONS = 2,
    K_MAX = 8,
    STEPS = 2, /* calls of one rollout */
    PEERS = 3,
    GOOD_PEER = 9,
    OUT_MAX = 128,
    REPORTS_MAX = 512,
    EARLY = 4,
    PROJECTS = 6
};

struct rollout {
    bool there, durable, correct;
    bool last; /* its rollout ended with it */
};

struct sample {
    bool there, durable;
    bool told, told_durably; /* what it is worth */
    enum sample_mark mark;
};

/* A call in some worker's hands. */
struct out {
    uint32_t peer;
    struct wire_call call;
};

/* A result that was sent and not acknowledged yet; `known` when there is something to be kept. */
struct report {
    uint32_t peer;
    uint64_t attempt;
    struct call_key key;
    bool known;
};

struct world {
    struct engine_io io;
    const struct project *project;
    const struct seats *seats;
    struct engine *engine;
    uint64_t epoch, last_attempt;
    int64_t now;
    bool refuses;  /* what cannot be saved now, the worker has to keep */
    bool adopted;  /* calls from before a restart, which no limit held back */
    bool mistaken; /* `outs` may lack a lease: one got lost, or was adopted on somebody's lie */
    struct rollout stored[ROWS + 1][PLANNER_LANES][K_MAX][STEPS];
    enum pair_state decided[ROWS + 1];
    bool decided_durably[ROWS + 1];
    struct sample samples[SEEDS + 1][BUILDER_LANES][K_MAX];
    enum build ended[SEEDS + 1]; /* NONE: not */
    bool ended_durably[SEEDS + 1];
    bool slow;    /* checks take their time */
    bool correct; /* the result that is being told */
    struct out outs[OUT_MAX];
    size_t n_outs;
    struct report reports[REPORTS_MAX];
    size_t n_reports;
    uint64_t failing; /* the attempt whose FAIL is being told; its acknowledgement is at once */
};

static struct id id_of(const char *kind, uint64_t number)
{
    struct hash h;
    hash_init(&h, kind);
    hash_u64(&h, number);
    return hash_id(&h);
}

static const struct project *project_of(uint8_t choice, size_t length, const struct seats **judges)
{
    /* Mostly full draws: early stopping, the last two, spends its time on arithmetic and is left to
     * short programs. */
    static const char *const accept[PROJECTS] = {
        "k: 1, n: 1, stop: full",
        "k: 1, n: 4, stop: full",
        "k: 2, n: 3, stop: full",
        "k: 2, n: 3, stop: full, cut: false}\nreflection: {mode: wait, rounds: 1",
        "k: 3, n: 4",
        "k: 3, n: 5, speculate: 2",
    };
    static struct project projects[PROJECTS];
    static struct seats seats[PROJECTS];
    static struct arena arenas[PROJECTS];
    size_t i = choice < 224 || length > 128 ? choice % EARLY : choice % PROJECTS;
    if (!projects[i].file) {
        struct err e;
        char yaml[600];
        snprintf(yaml, sizeof yaml,
                 "build: {samples: 4, modifications: 2}\n"
                 "accept: {%s}\n%s"
                 "tries: 2\ncalibration: 0.3\ngive_up_after: 10000000\n"
                 "limits: {lease_s: 30}\n"
                 "endpoints:\n"
                 "  - {url: \"http://127.0.0.1:1/v1\", model: m, max_in_flight: 3}\n"
                 "  - {url: \"http://127.0.0.1:2/v1\", model: m, max_in_flight: 5}\n",
                 accept[i], strstr(accept[i], "reflection") ? "" : "reflection: {mode: none}\n");
        arena_init(&arenas[i], 1 << 20);
        fuzz_check(project_from_text(&projects[i], &arenas[i], "gavel.yaml", slice_of(yaml), &e) &&
                   seats_build(&seats[i], &projects[i], &e));
    }
    *judges = &seats[i];
    return &projects[i];
}

static struct rollout *rollout_of(struct world *w, struct call_key key)
{
    bool real = key.row >= 1 && key.row <= ROWS && key.lane < PLANNER_LANES && key.k < K_MAX;
    return real && key.step < STEPS ? &w->stored[key.row][key.lane][key.k][key.step] : NULL;
}

static struct sample *sample_of(struct world *w, struct call_key key)
{
    uint64_t row = key.row & ~CALL_SEED;
    bool real = row != key.row && row >= 1 && row <= SEEDS && lane_is_seed((enum lane)key.lane) &&
                key.k < K_MAX && key.step == 0;
    return real ? &w->samples[row][key.lane - LANE_ANSWER][key.k] : NULL;
}

static bool is_seed(struct call_key key)
{
    return (key.row & CALL_SEED) != 0;
}

static bool is_known(uint64_t row)
{
    return row < SEEDS;
}

static bool is_of_this_store(const struct world *w, const struct wire_call *call)
{
    bool seed = is_seed(call->key);
    struct id subject = id_of(seed ? "seed" : "pair", call->key.row & ~CALL_SEED);
    int seat = seed ? seats_generator(w->seats) : 0;
    return id_eq(&subject, &call->subject) && id_eq(&w->seats->all[seat].recipe, &call->recipe);
}

/* What is kept of this call; NULL: there is no such call. */
static bool place_of(struct world *w, struct call_key key, bool *there, bool *durable)
{
    const struct sample *x = sample_of(w, key);
    const struct rollout *r = rollout_of(w, key);
    *there = x ? x->there : r && r->there;
    *durable = x ? x->durable : r && r->durable;
    return x || r;
}

/* The call that the rollout ended with; NULL: it has not ended. */
static const struct rollout *last_of(const struct world *w, uint64_t row, int lane, int k)
{
    for (int step = 0; step < STEPS; step++)
        if (w->stored[row][lane][k][step].last)
            return &w->stored[row][lane][k][step];
    return NULL;
}

/* What the engine does */

static bool hand_out(struct world *w, const struct agent *agent, const struct task *task,
                     const struct id *subject)
{
    int64_t limit = ((const struct project_endpoint *)w->project->endpoints.items)[task->endpoint]
                        .max_in_flight;
    fuzz_check(task->attempt > w->last_attempt && task->attempt >> 32 == w->epoch);
    fuzz_check(w->adopted || agent->leased <= agent->credit);
    fuzz_check(w->adopted || engine_pool(w->engine)->endpoints[task->endpoint].flying <= limit);
    fuzz_check(!agent->draining);
    w->last_attempt = task->attempt;
    if (w->n_outs == OUT_MAX)
        return w->mistaken = true; /* lost on the way */
    w->outs[w->n_outs++] = (struct out){agent->peer,
                                        {task->attempt, *subject,
                                         w->seats->all[task->key.seat].recipe, task->key,
                                         (uint16_t)task->endpoint}};
    return true;
}

static bool io_grant(void *context, const struct agent *agent, const struct task *task, int n,
                     const struct subject *subject)
{
    struct world *w = context;
    struct rollout *r = rollout_of(w, task->key);
    fuzz_check(n == 1 && r && !r->there && task->key.k < w->project->accept.n);
    fuzz_check(task->key.seat == 0);
    fuzz_check(!task->key.step || ((r - 1)->durable && !(r - 1)->last));
    fuzz_check(w->decided[task->key.row] == STATE_OPEN && subject->row == task->key.row);
    return hand_out(w, agent, task, &subject->id);
}

static bool has_durable_baseline(const struct world *w, uint64_t row)
{
    for (int k = 0; k < K_MAX; k++) {
        const struct sample *x = &w->samples[row][0][k];
        if (x->told_durably && x->mark == MARK_USABLE)
            return true;
    }
    return false;
}

static bool io_grant_seed(void *context, const struct agent *agent, const struct task *task, int n,
                          const struct building *b)
{
    struct world *w = context;
    uint64_t row = task->key.row & ~CALL_SEED;
    const struct sample *x = sample_of(w, task->key);
    bool modified = task->key.lane == LANE_MODIFIED;
    int most = is_known(row) ? SAMPLES : modified ? MODIFICATIONS : BUILDER_BASELINES;
    fuzz_check(n == 1 && x && !x->there && task->key.k < most && !(is_known(row) && modified));
    fuzz_check(task->key.seat == seats_generator(w->seats) && b->row == task->key.row);
    fuzz_check(task->ask == (modified ? ASK_MODIFY : ASK_ANSWER));
    fuzz_check(!modified || has_durable_baseline(w, row));
    fuzz_check(w->ended[row] == BUILD_NONE);
    return hand_out(w, agent, task, &b->id);
}

static void io_cancel(void *context, const struct agent *agent, uint64_t attempt)
{
    (void)context;
    fuzz_check(agent && attempt);
}

static void io_ack(void *context, uint32_t peer, uint64_t attempt)
{
    struct world *w = context;
    if (attempt == w->failing)
        return;
    for (size_t i = 0; i < w->n_reports; i++) {
        struct report *r = &w->reports[i];
        if (r->peer != peer || r->attempt != attempt)
            continue;
        bool there, durable;
        fuzz_check(!r->known || (place_of(w, r->key, &there, &durable) && durable));
        *r = w->reports[--w->n_reports];
        return;
    }
    bool answers_a_report = false;
    fuzz_check(answers_a_report);
}

static enum engine_saved save_sample(struct world *w, const struct wire_call *call)
{
    struct sample *x = sample_of(w, call->key);
    if (!x || !is_of_this_store(w, call))
        return ENGINE_UNKNOWN;
    if (x->there)
        return ENGINE_KNOWN;
    if (w->refuses)
        return ENGINE_UNSAVED;
    bool known = is_known(call->key.row & ~CALL_SEED);
    *x = (struct sample){.there = true,
                         .mark = !w->correct       ? MARK_UNSURE
                                 : !known          ? MARK_USABLE
                                 : call->key.k % 2 ? MARK_WRONG
                                                   : MARK_RIGHT};
    return ENGINE_SAVED;
}

static enum engine_saved io_save(void *context, const struct wire_call *call,
                                 const struct call_result *result, bool last)
{
    struct world *w = context;
    if (is_seed(call->key))
        return save_sample(w, call);
    struct rollout *r = rollout_of(w, call->key);
    if (!r || !is_of_this_store(w, call))
        return ENGINE_UNKNOWN;
    if (r->there)
        return ENGINE_KNOWN;
    if (w->refuses)
        return ENGINE_UNSAVED;
    *r = (struct rollout){.there = true,
                          .last = last,
                          .correct = outcome_of(result->verdict, (enum lane)call->key.lane) ==
                                     OUTCOME_CORRECT};
    return ENGINE_SAVED;
}

/* Of all that is stored: rollouts beyond n count while fewer than n are there. */
static void count(const struct world *w, uint64_t row, int lane, int64_t *correct, int64_t *wrong)
{
    *correct = *wrong = 0;
    for (int k = 0; k < K_MAX; k++) {
        const struct rollout *r = last_of(w, row, lane, k);
        *correct += r && r->correct;
        *wrong += r && !r->correct;
    }
}

static void io_decide(void *context, const struct subject *s, enum pair_state state,
                      enum reason reason, const char *detail)
{
    struct world *w = context;
    int64_t right[2], wrong[2], k = w->project->accept.k, n = w->project->accept.n;
    count(w, s->row, 0, &right[0], &wrong[0]);
    count(w, s->row, 1, &right[1], &wrong[1]);
    fuzz_check(w->decided[s->row] == STATE_OPEN && state != STATE_OPEN && detail);
    fuzz_check(reason != REASON_NONE && reason < REASON_COUNT);
    if (state == STATE_ACCEPTED)
        fuzz_check(right[0] >= k && right[1] >= k);
    if (state == STATE_REJECTED)
        fuzz_check(wrong[0] > n - k || wrong[1] > n - k);
    w->decided[s->row] = state;
}

static enum sample_mark io_check(void *context, const struct building *b,
                                 const struct wire_call *call, const struct call_result *result)
{
    struct world *w = context;
    struct sample *x = sample_of(w, call->key);
    fuzz_check(x && x->there && !x->told && b->row == call->key.row && result);
    x->told = !w->slow;
    return x->told ? x->mark : MARK_UNCHECKED;
}

static void io_build(void *context, const struct building *b)
{
    struct world *w = context;
    uint64_t row = b->row & ~CALL_SEED;
    int n[BUILDER_LANES] = {0}, untold = 0, marks[MARK_COUNT] = {0}, usable[BUILDER_LANES] = {0};
    for (int at = 0; at < BUILDER_LANES; at++)
        for (int k = 0; k < K_MAX; k++) {
            const struct sample *x = &w->samples[row][at][k];
            n[at] += x->there;
            untold += x->there && !x->told;
            marks[x->mark] += x->told;
            usable[at] += x->told && x->mark == MARK_USABLE;
        }
    bool enough = is_known(row) ? marks[MARK_RIGHT] && marks[MARK_WRONG] : usable[0] && usable[1];
    bool all = is_known(row) ? n[0] >= SAMPLES
               : usable[0]   ? n[1] >= MODIFICATIONS
                             : n[0] >= BUILDER_BASELINES;
    fuzz_check(enough || (all && !untold));
    fuzz_check(w->ended[row] == BUILD_NONE);
    w->ended[row] = BUILD_BUILT;
}

static void io_defer(void *context, const struct building *b, enum build_reason reason,
                     const char *detail)
{
    struct world *w = context;
    fuzz_check(reason == BUILD_REASON_OUT_OF_TRIES || reason == BUILD_REASON_REFUSED);
    fuzz_check(detail && w->ended[b->row & ~CALL_SEED] == BUILD_NONE);
    w->ended[b->row & ~CALL_SEED] = BUILD_DEFERRED;
}

static const struct engine_building building = {io_grant_seed, io_check, io_build, io_defer};

/* What a coordinator does */

/* Every sample of seed i / (lanes * k). */
static struct sample *sample_at(struct world *w, int i)
{
    return &w->samples[i / (BUILDER_LANES * K_MAX)][i / K_MAX % BUILDER_LANES][i % K_MAX];
}

enum { ALL_SAMPLES = (SEEDS + 1) * BUILDER_LANES * K_MAX };

static void commit(struct world *w)
{
    for (uint64_t row = 1; row <= ROWS; row++) {
        w->decided_durably[row] = w->decided[row] != STATE_OPEN;
        for (int lane = 0; lane < PLANNER_LANES; lane++)
            for (int i = 0; i < K_MAX * STEPS; i++) {
                struct rollout *r = &w->stored[row][lane][i / STEPS][i % STEPS];
                r->durable = r->there;
            }
    }
    for (int i = 0; i < ALL_SAMPLES; i++) {
        sample_at(w, i)->durable = sample_at(w, i)->there;
        sample_at(w, i)->told_durably = sample_at(w, i)->told;
    }
    for (uint64_t row = 1; row <= SEEDS; row++)
        w->ended_durably[row] = w->ended[row] != BUILD_NONE;
    engine_committed(w->engine);
}

static void recall(struct world *w, struct subject *s, struct call_key key)
{
    const struct rollout *r = last_of(w, key.row, key.lane, key.k);
    if (r) {
        engine_recall(w->engine, s, 0, key.lane, key.k,
                      (struct planner_news){r->correct, PLANNER_NO_SCORE});
        return;
    }
    const struct call_result begun = {.verdict = VERDICT_A};
    if (w->stored[key.row][key.lane][key.k][0].there)
        engine_resume(w->engine, s, key, &begun);
}

static void load(struct world *w, uint64_t row)
{
    const struct planner_pair pair = {.id = id_of("pair", row), .row = row};
    if (w->decided[row] != STATE_OPEN || engine_has(w->engine, row))
        return;
    struct subject *s = engine_begin(w->engine, &pair);
    fuzz_check(s);
    for (int k = 0; k < K_MAX; k++)
        for (int lane = 0; lane < PLANNER_LANES; lane++)
            recall(w, s, (struct call_key){.row = row, .lane = (uint8_t)lane, .k = (uint8_t)k});
    engine_admit(w->engine, s);
}

static void load_seed(struct world *w, uint64_t row)
{
    const struct builder_seed seed = {id_of("seed", row), row, is_known(row)};
    if (w->ended[row] != BUILD_NONE || engine_has_seed(w->engine, row))
        return;
    struct building *b = engine_begin_seed(w->engine, &seed);
    fuzz_check(b);
    for (int i = 0; i < BUILDER_LANES * K_MAX; i++) {
        struct sample *x = &w->samples[row][i / K_MAX][i % K_MAX];
        x->told |= x->there && !w->slow;
        if (x->there)
            builder_recall(b, LANE_ANSWER + (unsigned)(i / K_MAX), i % K_MAX,
                           x->told ? x->mark : MARK_UNCHECKED, true);
    }
    engine_admit_seed(w->engine, b);
}

/* Checks that took their time come to their end. */
static void end_checks(struct world *w)
{
    for (int i = 0; i < ALL_SAMPLES; i++) {
        struct sample *x = sample_at(w, i);
        if (!x->there || x->told)
            continue;
        x->told = true;
        engine_checked(w->engine, (uint64_t)(i / (BUILDER_LANES * K_MAX)),
                       LANE_ANSWER + (unsigned)(i / K_MAX % BUILDER_LANES), i % K_MAX, x->mark);
    }
}

static void feed(struct world *w)
{
    commit(w);
    for (uint64_t row = 1; row <= ROWS && engine_wants(w->engine); row++)
        load(w, row);
    for (uint64_t row = 1; row <= SEEDS && engine_wants_seeds(w->engine); row++)
        load_seed(w, row);
}

static void restart(struct world *w)
{
    engine_free(w->engine);
    w->epoch++;
    w->adopted = true;
    w->n_reports = 0;
    for (uint64_t row = 1; row <= ROWS; row++) {
        if (!w->decided_durably[row])
            w->decided[row] = STATE_OPEN;
        for (int lane = 0; lane < PLANNER_LANES; lane++)
            for (int i = 0; i < K_MAX * STEPS; i++) {
                struct rollout *r = &w->stored[row][lane][i / STEPS][i % STEPS];
                if (!r->durable)
                    *r = (struct rollout){0};
            }
    }
    for (int i = 0; i < ALL_SAMPLES; i++) {
        struct sample *x = sample_at(w, i);
        x->told = x->told_durably;
        if (!x->durable)
            *x = (struct sample){0};
    }
    for (uint64_t row = 1; row <= SEEDS; row++)
        if (!w->ended_durably[row])
            w->ended[row] = BUILD_NONE;
    w->engine = engine_new(w->project, w->seats, w->epoch, &w->io, w->now);
    fuzz_check(w->engine);
}

/* What workers do */

static void hello(struct world *w, uint32_t peer, uint8_t size)
{
    struct wire_hello m = {.version = WIRE_VERSION,
                           .worker = id_of("worker", peer),
                           .slots = 1 + size % 5,
                           .read_ahead = size / 5 % 5,
                           .host = S("host")};
    fuzz_check(engine_hello(w->engine, peer, &m, w->now));
}

static void result(struct world *w, uint32_t peer, const struct wire_call *call, bool correct)
{
    enum verdict gold = call->key.lane == LANE_CHOSEN_FIRST ? VERDICT_A : VERDICT_B;
    struct call_result r = {.http_status = 200,
                            .verdict = correct ? gold : VERDICT_TIE,
                            .thought = S("t"),
                            .answer = S("a"),
                            .score_a = SCORE_NONE,
                            .score_b = SCORE_NONE,
                            .prompt_tokens = 9,
                            .endpoint = call->endpoint};
    bool there, durable;
    if (w->n_reports == REPORTS_MAX)
        return;
    w->correct = correct;
    engine_result(w->engine, peer, call, &r, w->now);
    bool place = is_of_this_store(w, call) && place_of(w, call->key, &there, &durable);
    if (peer != ENGINE_NO_PEER && (!place || there))
        w->reports[w->n_reports++] = (struct report){peer, call->attempt, call->key, place};
}

static bool holds(const struct world *w, uint32_t peer, uint64_t attempt)
{
    for (size_t i = 0; i < w->n_outs; i++)
        if (w->outs[i].peer == peer && w->outs[i].call.attempt == attempt)
            return true;
    return w->mistaken;
}

/* The fence: of a call that the peer does not hold it cannot end anything. */
static void failed(struct world *w, uint32_t peer, const struct wire_call *call, uint8_t failure)
{
    struct wire_fail m = {.failure = failure,
                          .http_status = 500,
                          .retry_after_ms = failure & 64 ? 2000 : -1,
                          .message = S("the reason")};
    wire_set_call(&m, call);
    uint64_t leased = engine_leased(w->engine);
    w->failing = call->attempt;
    engine_fail(w->engine, peer, call, &m, w->now);
    w->failing = 0;
    fuzz_check(holds(w, peer, call->attempt) || engine_leased(w->engine) == leased);
}

static void renew(struct world *w, uint32_t peer, const struct wire_call *call)
{
    uint64_t row = call->key.row, seed = row & ~CALL_SEED;
    bool real = seed >= 1 && seed <= (is_seed(call->key) ? SEEDS : ROWS);
    if (real && is_of_this_store(w, call) && !engine_has(w->engine, row)) {
        commit(w);
        if (is_seed(call->key))
            load_seed(w, seed);
        else
            load(w, row);
    }
    engine_renew(w->engine, peer, call, w->now);
}

static void let_go(struct world *w, size_t at)
{
    w->outs[at] = w->outs[--w->n_outs];
}

/* Four bytes choose a word about a call that nobody may have been given. */
static void lie(struct world *w, struct slice *program)
{
    uint8_t what = fuzz_byte(program), place = fuzz_byte(program), k = fuzz_byte(program);
    struct wire_call call = {
        .attempt = (uint64_t)(what & 8 ? w->epoch : 1) << 32 | fuzz_byte(program),
        .recipe = what & 16 ? id_of("recipe", 2) : w->seats->all[0].recipe,
        .key = {.row = place % (ROWS + 2), .lane = place / 8 % 3, .k = k % 66, .step = k > 250},
        .endpoint = place / 24 % 3,
    };
    call.subject = id_of(what & 4 ? "seed" : "pair", what & 32 ? 77 : call.key.row);
    if (what & 4) { /* about a seed, mostly in one of its lanes */
        call.key.row |= CALL_SEED;
        call.key.lane = (uint8_t)(LANE_COUNT - 1 - call.key.lane);
        call.key.seat = (uint8_t)seats_generator(w->seats);
        if (!(what & 16))
            call.recipe = w->seats->all[call.key.seat].recipe;
    }
    uint32_t peer = what & 64 ? ENGINE_NO_PEER : what % PEERS;
    if (what % 3 == 0)
        result(w, peer, &call, what & 128);
    else if (what % 3 == 1)
        failed(w, what % PEERS, &call, place);
    else
        renew(w, what % PEERS, &call);
    w->mistaken = true;
}

/* A word about a call that a worker does hold, from it or from another one. */
static void tell(struct world *w, uint8_t op, struct slice *program)
{
    uint8_t which = fuzz_byte(program), how = fuzz_byte(program);
    if (!w->n_outs)
        return;
    size_t at = which % w->n_outs;
    struct out out = w->outs[at];
    uint32_t peer = how & 16 ? (how & 32 ? ENGINE_NO_PEER : how / 64 % PEERS) : out.peer;
    if (op == 0) {
        result(w, peer, &out.call, how & 1);
        if (how & 2)
            let_go(w, at);
    } else if (op == 1) {
        failed(w, peer == ENGINE_NO_PEER ? 0 : peer, &out.call, how % (FAILURE_COUNT + 1));
        if (peer == out.peer)
            let_go(w, at);
    } else {
        peer = how & 16 ? how / 64 % PEERS : out.peer;
        w->mistaken |= peer != out.peer;
        renew(w, peer, &out.call);
    }
}

static void check_books(const struct world *w)
{
    uint64_t leased = 0;
    int64_t flying = 0;
    const struct pool *pool = engine_pool(w->engine);
    for (struct agent *a = engine_agents(w->engine); a; a = a->next)
        leased += a->leased;
    for (size_t i = 0; i < pool->n; i++) {
        fuzz_check(pool->endpoints[i].flying >= 0);
        flying += pool->endpoints[i].flying;
    }
    fuzz_check(leased == engine_leased(w->engine) && (uint64_t)flying == leased);
    for (uint64_t row = 1; row <= ROWS; row++)
        fuzz_check(!engine_has(w->engine, row) || w->decided[row] == STATE_OPEN);
    for (uint64_t row = 1; row <= SEEDS; row++)
        fuzz_check(!engine_has_seed(w->engine, row) || w->ended[row] == BUILD_NONE);
}

static void event(struct world *w, uint8_t op, struct slice *program)
{
    uint32_t peer = op / 16 % PEERS;
    switch (op % 16) {
    case 0:
    case 1:
    case 2:
        tell(w, op % 16, program);
        break;
    case 3:
        lie(w, program);
        break;
    case 4:
        hello(w, peer, fuzz_byte(program));
        break;
    case 5:
        feed(w);
        break;
    case 6:
        if (op & 16)
            end_checks(w);
        commit(w);
        break;
    case 7:
        engine_gone(w->engine, peer);
        break;
    case 8:
        engine_leaving(w->engine, peer, w->now);
        break;
    case 9:
        restart(w);
        break;
    case 10:
        engine_pause(w->engine, op & 16);
        w->slow = op & 32;
        break;
    case 11:
        if (op == 0xfb)
            engine_drain(w->engine, "enough");
        w->refuses = op & 16;
        break;
    case 12:
        w->now += 1000 * fuzz_byte(program);
        engine_tick(w->engine, w->now);
        break;
    default:
        w->now += op;
        engine_tick(w->engine, w->now);
    }
}

static bool is_over(const struct world *w)
{
    if (engine_state(w->engine) != ENGINE_RUNNING)
        return true;
    for (uint64_t row = 1; row <= ROWS; row++)
        if (w->decided[row] == STATE_OPEN)
            return false;
    for (uint64_t row = 1; row <= SEEDS; row++)
        if (w->ended[row] == BUILD_NONE)
            return false;
    return true;
}

/* From here on everything goes well. */
static void finish(struct world *w)
{
    for (uint32_t peer = 0; peer < PEERS; peer++)
        engine_gone(w->engine, peer);
    w->n_outs = 0;
    w->refuses = w->slow = false;
    end_checks(w);
    engine_pause(w->engine, false);
    hello(w, GOOD_PEER, 255);
    for (int round = 0; round < 2000 && !is_over(w); round++) {
        feed(w);
        w->now += 1000;
        engine_tick(w->engine, w->now);
        while (w->n_outs) {
            struct out out = w->outs[0];
            let_go(w, 0);
            result(w, out.peer, &out.call, true);
        }
        check_books(w);
    }
    fuzz_check(is_over(w));
    commit(w);
    fuzz_check(w->n_reports == 0);
    if (engine_state(w->engine) == ENGINE_RUNNING)
        fuzz_check(engine_is_idle(w->engine) && engine_leased(w->engine) == 0);
    engine_gone(w->engine, GOOD_PEER);
    fuzz_check(engine_leased(w->engine) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct world w;
    log_setup("fuzz", LOG_ERROR);
    struct slice program = fuzz_input(data, n);
    memset(&w, 0, sizeof w);
    w.io = (struct engine_io){&w, io_grant, io_cancel, io_ack, io_save, io_decide, &building};
    w.project = project_of(fuzz_byte(&program), n, &w.seats);
    w.now = 1000000;
    restart(&w);
    w.adopted = false;
    while (program.n) {
        event(&w, fuzz_byte(&program), &program);
        check_books(&w);
    }
    finish(&w);
    engine_free(w.engine);
    return 0;
}
