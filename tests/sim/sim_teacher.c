/* The teacher: a table of verdicts, and a way of not answering. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "tests/sim/sim_private.h"

enum verdict sim_teacher_verdict(const struct sim *s, struct call_key key, bool *filtered)
{
    const struct id *pair = &s->store.pairs[key.row].id;
    uint64_t salt = s->seed * 1000003 + call_key_pack(key);
    double draw = id_share(pair, salt);
    double p = s->set.p_correct * (0.5 + id_share(pair, s->seed)); /* some pairs are easier */
    enum verdict gold = lane_gold((enum lane)key.lane);
    *filtered = id_u64(pair, salt + 1) % 20 == 0;
    if (draw < p)
        return gold;
    *filtered = false;
    switch (id_u64(pair, salt + 2) % 4) {
    case 0:
        return VERDICT_TIE;
    case 1:
        return VERDICT_NONE;
    default:
        return gold == VERDICT_A ? VERDICT_B : VERDICT_A;
    }
}

struct call_result sim_teacher_result(const struct sim *s, const struct job *job, enum ask ask)
{
    bool filtered, ignored;
    if (job->call.key.row & CALL_SEED)
        return (struct call_result){.http_status = 200,
                                    .endpoint = job->call.endpoint,
                                    .ask = ask,
                                    .verdict = VERDICT_NONE,
                                    .first = VERDICT_NONE,
                                    .score_a = SCORE_NONE,
                                    .score_b = SCORE_NONE,
                                    .prompt_tokens = 100,
                                    .completion_tokens = 50,
                                    .answer = S("a")};
    struct call_key begun = job->call.key;
    begun.step = 0;
    struct call_result r = {.http_status = 200,
                            .endpoint = job->call.endpoint,
                            .ask = ask,
                            .verdict = sim_teacher_verdict(s, job->call.key, &filtered),
                            .first = sim_teacher_verdict(s, begun, &ignored),
                            .score_a = SCORE_NONE,
                            .score_b = SCORE_NONE,
                            .trace_tokens = 50 * (job->call.key.step + 1u),
                            .prompt_tokens = 100,
                            .completion_tokens = 50,
                            .thought = S("t"),
                            .answer = S("a")};
    r.filter = filtered ? S("length") : S("");
    return r;
}

static int64_t latency(struct sim *s)
{
    int64_t ms = (int64_t)((double)s->set.latency_ms * exp(rng_normal(&s->rng)));
    return ms < 1 ? 1 : ms > SIM_LATENCY_MOST_MS ? SIM_LATENCY_MOST_MS : ms;
}

/* How it ends without an answer, and when. */
static int64_t fault(struct sim *s, struct sim_exchange *x, bool poison)
{
    static const struct {
        enum failure failure;
        uint16_t http_status;
    } errors[] = {{FAILURE_OVERLOADED, 429}, {FAILURE_OVERLOADED, 503},
                  {FAILURE_GATEWAY, 502},    {FAILURE_SERVER_ERROR, 500},
                  {FAILURE_DROPPED, 0},      {FAILURE_BAD_ANSWER, 200}};
    int64_t ms = sim_between(s, 1, 400);
    if (s->now < s->fatal_until) {
        x->failure = FAILURE_UNAUTHORIZED;
        x->http_status = 401;
    } else if (s->now < s->down_until) {
        x->failure = FAILURE_CONNECT;
    } else if (poison) {
        x->failure = FAILURE_CONTEXT;
        x->http_status = 400;
    } else if (sim_has(s, SIM_HANGS) && sim_chance(s, 0.03)) {
        x->failure = FAILURE_TIMEOUT_TOTAL;
        return SIM_DEADLINE_MS;
    } else if (sim_has(s, SIM_ERRORS) && sim_chance(s, 0.2)) {
        size_t i = (size_t)rng_below(&s->rng, sizeof errors / sizeof errors[0]);
        x->failure = errors[i].failure;
        x->http_status = errors[i].http_status;
        if (x->http_status == 429 && sim_chance(s, 0.3))
            x->retry_after_ms = sim_between(s, 0, 20000);
    }
    return ms;
}

struct sim_exchange *sim_teacher_ask(struct sim *s, struct sim_worker *w, struct job *job)
{
    struct sim_exchange *x = calloc(1, sizeof *x);
    assert(x);
    x->number = ++s->exchanges;
    x->batch = job->batch;
    x->failure = FAILURE_COUNT;
    x->retry_after_ms = -1;
    uint64_t row = job->call.key.row;
    int64_t ms = fault(s, x,
                       row & CALL_SEED ? s->store.seeds[row & ~CALL_SEED].poison
                                       : s->store.pairs[row].poison);
    if (x->failure == FAILURE_COUNT)
        ms = latency(s);
    for (size_t i = 0; i < x->batch->n; i++) {
        const struct job *j = x->batch->jobs[i];
        if (!j)
            continue;
        int index = sim_store_index(j->call.key);
        assert(index >= 0);
        s->store.calls[index].starts++;
        s->report->starts++;
        sim_note(s, "worker %d asks call %d: %s in %d ms", w->index, index,
                 x->failure == FAILURE_COUNT ? "answer" : failure_name(x->failure), (int)ms);
    }
    sim_schedule_event(s, s->now + ms, EVENT_ANSWER, w->index, w->life)->number = x->number;
    return x;
}
