#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/forecast.c"
#include "cli/wilson.c"

#define assert_near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static struct arena arena;
static struct project project;
static struct seats seats;

/* A project of one teacher with these keys on top. */
static void load(const char *yaml)
{
    static const char base[] = "endpoints: [{url: \"http://h/v1\", model: teacher}]\n";
    struct err e;
    struct buf text;
    buf_init(&text, 4096);
    buf_str(&text, strstr(yaml, "endpoints:") ? "" : base);
    buf_str(&text, yaml);
    arena_reset(&arena);
    if (!project_from_text(&project, &arena, "p.yaml", buf_view(&text), &e) ||
        !seats_build(&seats, &project, &e))
        fail_msg("%s", e.text);
    buf_free(&text);
}

static struct forecast_calls calls_of(const char *yaml, double right)
{
    struct forecast_calls calls;
    load(yaml);
    forecast_pair(&project, &seats, project_bar(&project, TRUST_SYNTHETIC), right, &calls);
    return calls;
}

#define PLAIN "calibration: 0\nreflection: {mode: none}\n"

static void calls_of_one_pair(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        double right, expect;
        const char *why;
    } rows[] = {
        {PLAIN "accept: {k: 3, n: 4}\n", 1, 6, "always right: k in each order"},
        {PLAIN "accept: {k: 3, n: 4}\n", 0, 2, "never right: n-k+1 in one order"},
        {PLAIN "accept: {k: 1, n: 1}\n", 0.5, 1.5, "the second order only when the first passed"},
        {PLAIN "accept: {k: 3, n: 4, stop: full}\n", 0.5, 8, "full: n in each order"},
        {"calibration: 1\nreflection: {mode: none}\naccept: {k: 3, n: 4}\n", 0.5, 8,
         "all of it calibration"},
        {PLAIN "accept: {k: 1, n: 8}\n", 1, 2, "any correct of eight"},
        {PLAIN "accept: {k: 64, n: 64}\n", 1, 128, "the largest rule"},
        {PLAIN "accept: {rule: mean_score, n: 4}\njudge: {format: scores}\n", 0.9, 8,
         "all scores are needed"},
        {PLAIN "accept: {k: 1, n: 1}\njudge: {format: pointwise}\n", 0.5, 2,
         "one answer after the other, never a second order"},
        {PLAIN "accept: {k: 1, n: 1}\njudge: {mix: {pointwise: 1, verdict: 1}}\n", 0.5, 1.75,
         "half of each"},
        {PLAIN "accept: {k: 1, n: 1}\npurpose: evaluate\n", 0.5, 2, "measured in full"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct forecast_calls calls = calls_of(rows[i].yaml, rows[i].right);
        if (fabs(calls.total - rows[i].expect) > 1e-9)
            fail_msg("%s: %g", rows[i].why, calls.total);
        assert_near(calls.kinds[SEAT_TEACHER], calls.total, 1e-9);
        assert_near(calls.cues, 0, 1e-9);
    }
}

static void cues_are_further_calls(void **state)
{
    (void)state;
    static const struct {
        const char *reflection;
        double cues;
        const char *why;
    } rows[] = {
        {"mode: natural", 0, "nothing is asked again"},
        {"mode: wait", 1, "every judgment"},
        {"mode: wait, rounds: 3", 3, "every judgment three times"},
        {"mode: wrong_to_right", 0.25, "the wrong ones"},
        {"mode: right_to_right", 0.75, "the right ones"},
        {"mode: mixed, share: 0.4", 0.4, "a share"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml, "accept: {k: 1, n: 2, stop: full}\nreflection: {%s}\n",
                 rows[i].reflection);
        struct forecast_calls calls = calls_of(yaml, 0.75);
        if (fabs(calls.cues - 4 * rows[i].cues) > 1e-9 ||
            fabs(calls.total - 4 * (1 + rows[i].cues)) > 1e-9)
            fail_msg("%s: %g of %g", rows[i].why, calls.cues, calls.total);
    }
}

static void every_seat_has_its_calls(void **state)
{
    (void)state;
    static const char yaml[] = PLAIN
        "accept: {k: 1, n: 1}\nstudent: {n: 3}\nhint: {share: 0.5, k: 1, n: 1}\nendpoints:\n"
        "- {url: \"http://h/v1\", model: a}\n"
        "- {url: \"http://h/v1\", model: b}\n"
        "- {url: \"http://h/v1\", model: c, role: checker}\n"
        "- {url: \"http://h/v1\", model: d, role: student}\n"
        "- {url: \"http://h/v1\", model: e, role: student}\n";
    struct forecast_calls calls = calls_of(yaml, 0.5);
    assert_int_equal(seats.n, 7);
    assert_near(calls.kinds[SEAT_TEACHER], 1.5, 1e-9);
    assert_near(calls.kinds[SEAT_SECOND], 0.25 * 1.5, 1e-9); /* of what the first accepts */
    assert_near(calls.kinds[SEAT_CHECKER], 0.0625 * 2 / 0.8, 1e-9);
    assert_near(calls.kinds[SEAT_STUDENT], 2 * 2 * 3, 1e-9);
    /* An eighth of a sixteenth, which one of four tries brings; each rollout judged once more when
     * it was right. */
    assert_near(calls.kinds[SEAT_HINTED], 0.125 * 1.5 * 1.5, 1e-9);
    double sum = 0;
    for (int kind = 0; kind < SEAT_KIND_COUNT; kind++)
        sum += calls.kinds[kind];
    assert_near(calls.total, sum, 1e-9);
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
        int calls = 0, pairs = 40000;
        for (int pair = 0; pair < pairs; pair++)
            if (draw(&r, 3, 5, chances[i], &calls))
                draw(&r, 3, 5, chances[i], &calls);
        struct forecast_calls expected = calls_of(PLAIN "accept: {k: 3, n: 5}\n", chances[i]);
        assert_near(expected.total, (double)calls / pairs, 0.05);
    }
}

static void building_goes_on_until_there_is_enough(void **state)
{
    (void)state;
    static const struct {
        const char *build;
        bool known;
        double good, calls, pairs;
    } rows[] = {
        {"samples: 2", true, 0.5, 2, 0.5},
        {"samples: 3", true, 0.5, 2.5, 0.75},
        {"samples: 4, right: 2, pairs: 2", true, 1, 4, 0},
        {"samples: 4, right: 2, wrong: 2, pairs: 4", true, 0.5, 4, 2.5},
        {"modifications: 1", false, 0.8, 2, 0.8},
        {"modifications: 2", false, 0.5, 2.5, 0.75},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, PLAIN "build: {%s}\n", rows[i].build);
        load(text);
        struct forecast_build f = forecast_build(&project, rows[i].known, rows[i].good);
        assert_near(f.calls, rows[i].calls, 1e-9);
        assert_near(f.pairs, rows[i].pairs, 1e-9);
    }
}

static void tokens_cost_and_time_follow_from_the_calls(void **state)
{
    (void)state;
    load("accept: {k: 3, n: 4}\nworkers: {local: 0}\nendpoints:\n"
         "- {url: \"http://h/v1\", model: a, max_in_flight: 10, price_prompt: 1, "
         "price_completion: 4}\n"
         "- {url: \"http://g/v1\", model: a, max_in_flight: 10}\n"
         "- {url: \"http://h/v1\", model: s, role: student, max_in_flight: 10, price_completion: "
         "1}\n");
    struct forecast_basis basis = {{{[SEAT_TEACHER] = 5}, 0, 5}, 0, 400, 1000, 2000, 20};
    struct forecast f = forecast_of(&project, &seats, 100, &basis);
    assert_near(f.calls, 500, 1e-9);
    assert_near(f.prompt_tokens, 200000, 1e-6);
    assert_near(f.completion_tokens, 500000, 1e-6);
    assert_near(f.cost_usd, 2.2, 1e-9);
    assert_near(f.seconds, 50, 1e-9);
    basis.per_pair.kinds[SEAT_STUDENT] = 10;
    basis.per_pair.total = 15;
    f = forecast_of(&project, &seats, 100, &basis);
    assert_near(f.calls, 1500, 1e-9);
    assert_near(f.cost_usd, 3.2, 1e-9);
    basis.build_calls = 50; /* by the teacher's endpoints */
    f = forecast_of(&project, &seats, 100, &basis);
    assert_near(f.calls, 1550, 1e-9);
    assert_near(f.cost_usd, 3.42, 1e-9);
    basis.build_calls = 0;
    f = forecast_of(&project, &seats, 0, &basis);
    assert_near(f.seconds, 0, 1e-9);
    assert_near(forecast_in_flight(&project), 30, 1e-9);
    project.workers.local = 1;
    project.workers.slots = 4;
    assert_near(forecast_in_flight(&project), 4, 1e-9);
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

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_one_pair),
        cmocka_unit_test(cues_are_further_calls),
        cmocka_unit_test(every_seat_has_its_calls),
        cmocka_unit_test(the_formula_agrees_with_drawing),
        cmocka_unit_test(building_goes_on_until_there_is_enough),
        cmocka_unit_test(tokens_cost_and_time_follow_from_the_calls),
        cmocka_unit_test(intervals_are_those_of_wilson),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
