#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/rng.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/calibration.c"
#include "cli/forecast.c"
#include "cli/wilson.c"

#define assert_near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static void calls_of_one_pair(void **state)
{
    (void)state;
    static const struct {
        int k, n, stop;
        double calibration, p, expect;
        const char *why;
    } rows[] = {
        {3, 4, STOP_EARLY, 0, 1, 6, "always right: k in each order"},
        {3, 4, STOP_EARLY, 0, 0, 2, "never right: n-k+1 in one order"},
        {1, 1, STOP_EARLY, 0, 0.5, 1.5, "the second order only when the first has passed"},
        {3, 4, STOP_FULL, 0, 0.5, 8, "full: n in each order"},
        {3, 4, STOP_EARLY, 1, 0.5, 8, "all of it calibration"},
        {1, 8, STOP_EARLY, 0, 1, 2, "any correct of eight"},
        {64, 64, STOP_EARLY, 0, 1, 128, "the largest rule"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct project_accept accept = {.k = rows[i].k, .n = rows[i].n, .stop = rows[i].stop};
        double calls = forecast_calls(&accept, rows[i].calibration, rows[i].p);
        if (fabs(calls - rows[i].expect) > 1e-9)
            fail_msg("%s: %g", rows[i].why, calls);
    }
}

/* Draws one order until its fate is sealed. */
static bool draw(struct rng *r, int k, int n, double p, int *calls)
{
    int right = 0, wrong = 0;
    while (right < k && wrong <= n - k) {
        if (rng_double(r) < p)
            right++;
        else
            wrong++;
        ++*calls;
    }
    return right == k;
}

static void the_formula_agrees_with_drawing(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 7);
    static const double chances[] = {0.3, 0.5, 0.8, 0.95};
    for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++) {
        const struct project_accept accept = {.k = 3, .n = 5, .stop = STOP_EARLY};
        int calls = 0, pairs = 40000;
        for (int pair = 0; pair < pairs; pair++)
            if (draw(&r, 3, 5, chances[i], &calls))
                draw(&r, 3, 5, chances[i], &calls);
        assert_near(forecast_calls(&accept, 0, chances[i]), (double)calls / pairs, 0.05);
    }
}

static void tokens_cost_and_time_follow_from_the_calls(void **state)
{
    (void)state;
    struct project_endpoint endpoints[] = {
        {.role = ROLE_TEACHER, .max_in_flight = 10, .price_prompt = 1, .price_completion = 4},
        {.role = ROLE_TEACHER, .max_in_flight = 10},
    };
    struct project p = {.endpoints = {endpoints, 2}, .accept = {.k = 3, .n = 4}};
    const struct forecast_basis basis = {5, 400, 1000, 2000, 20};
    struct forecast f = forecast_of(&p, 100, &basis);
    assert_near(f.calls, 500, 1e-9);
    assert_near(f.prompt_tokens, 200000, 1e-6);
    assert_near(f.completion_tokens, 500000, 1e-6);
    assert_near(f.cost_usd, 2.2, 1e-9);
    assert_near(f.seconds, 50, 1e-9);
    f = forecast_of(&p, 0, &basis);
    assert_near(f.seconds, 0, 1e-9);
    p.workers.local = 1;
    p.workers.slots = 4;
    assert_near(forecast_in_flight(&p), 4, 1e-9);
    p.workers.local = 0;
    assert_near(forecast_in_flight(&p), 20, 1e-9);
}

static void intervals_are_those_of_wilson(void **state)
{
    (void)state;
    static const struct {
        double share, n, low, high;
    } rows[] = {
        {0.5, 100, 0.4038, 0.5962}, /* published values, to four digits */
        {0.9, 10, 0.5958, 0.9821},  {0, 10, 0, 0.2775}, {1, 10, 0.7225, 1}, {0.5, 0, 0, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wilson w = wilson_interval(rows[i].share, rows[i].n);
        assert_near(w.low, rows[i].low, 6e-5);
        assert_near(w.high, rows[i].high, 6e-5);
    }
}

/* judged(rollouts, "AB BB"): verdicts with the chosen answer first, then with the rejected one. */
static size_t judged(struct ledger_rollout *rollouts, const char *letters)
{
    size_t n = 0;
    int lane = 0, k = 0;
    for (const char *c = letters; *c; c++) {
        if (*c == ' ') {
            lane++;
            k = 0;
            continue;
        }
        enum verdict v = *c == 'A' ? VERDICT_A : *c == 'B' ? VERDICT_B : VERDICT_TIE;
        rollouts[n++] = (struct ledger_rollout){
            .lane = lane, .k = k++, .verdict = v, .outcome = outcome_of(v, (enum lane)lane)};
    }
    return n;
}

static void a_pair_counts_only_when_it_was_drawn_in_full(void **state)
{
    (void)state;
    struct ledger_rollout rollouts[16];
    struct calibration c = {.n = 2};
    calibration_add(&c, rollouts, judged(rollouts, "AB BB"));
    assert_int_equal(c.pairs, 1);
    assert_int_equal(c.correct[0], 1);
    assert_int_equal(c.correct[1], 2);
    assert_int_equal(c.chose_a[0], 1);
    assert_int_equal(c.chose_a[1], 0);
    assert_near(c.both, 0.5, 1e-9);
    calibration_add(&c, rollouts, judged(rollouts, "AA B"));
    calibration_add(&c, rollouts, judged(rollouts, "AA"));
    calibration_add(&c, rollouts, 0);
    assert_int_equal(c.pairs, 1);
    calibration_add(&c, rollouts, judged(rollouts, "AAB BBT"));
    assert_int_equal(c.pairs, 2);
    assert_int_equal(c.correct[0], 3); /* the third rollout is beyond n */
    assert_near(c.both, 1.5, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_one_pair),
        cmocka_unit_test(the_formula_agrees_with_drawing),
        cmocka_unit_test(tokens_cost_and_time_follow_from_the_calls),
        cmocka_unit_test(intervals_are_those_of_wilson),
        cmocka_unit_test(a_pair_counts_only_when_it_was_drawn_in_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
