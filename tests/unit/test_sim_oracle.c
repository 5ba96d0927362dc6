#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The simulated teacher is no library: its pure parts are compiled into their tests. */
#include "cli/sim_teacher/faults.c"
#include "cli/sim_teacher/latency.c"
#include "cli/sim_teacher/mix.c"
#include "cli/sim_teacher/oracle.c"

#define DRAWS 40000
#define NEAR 0.015 /* over five standard deviations of a share of 40,000 */

static void the_probability_follows_the_options(void **state)
{
    (void)state;
    static const struct {
        struct oracle o;
        enum verdict gold;
        double p_first;
        const char *why;
    } rows[] = {
        {{0.9, 0, 0}, VERDICT_A, 0.9, "right answer first"},
        {{0.9, 0, 0}, VERDICT_B, 0.1, "right answer second"},
        {{0.6, 0.2, 0}, VERDICT_A, 0.8, "bias helps the first"},
        {{0.6, 0.2, 0}, VERDICT_B, 0.6, "and hurts the second"},
        {{0.6, -0.2, 0}, VERDICT_B, 0.2, "bias towards the second"},
        {{0.9, 0.5, 0}, VERDICT_A, 1, "not over 1"},
        {{0.1, 0.5, 0}, VERDICT_B, 1, "not under 0"},
        {{0.9, 0, 0}, VERDICT_NONE, 0.5, "unknown: a coin"},
        {{0.9, 0.3, 0}, VERDICT_NONE, 0.8, "a coin with the same bias"},
        {{0.9, 0.5, 1}, VERDICT_A, 0.02, "hopeless, whatever the bias"},
        {{0.9, 0.5, 1}, VERDICT_B, 0.98, "hopeless in the other order"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (fabs(oracle_p_first(&rows[i].o, rows[i].gold, 7) - rows[i].p_first) > 1e-12)
            fail_msg("%s", rows[i].why);
}

static void verdicts_come_at_their_probability(void **state)
{
    (void)state;
    const struct oracle o = {.p_correct = 0.7, .position_bias = 0.1};
    int right_first = 0, right_second = 0, first = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        uint64_t h = mix_two(i, 99);
        right_first += oracle_verdict(&o, VERDICT_A, i, h) == VERDICT_A;
        right_second += oracle_verdict(&o, VERDICT_B, i, h) == VERDICT_B;
        first += oracle_verdict(&o, VERDICT_NONE, i, h) == VERDICT_A;
    }
    assert_true(fabs((double)right_first / DRAWS - 0.8) < NEAR);
    assert_true(fabs((double)right_second / DRAWS - 0.6) < NEAR);
    assert_true(fabs((double)first / DRAWS - 0.6) < NEAR);
}

static void hopeless_pairs_are_the_same_in_both_orders(void **state)
{
    (void)state;
    const struct oracle o = {.p_correct = 0.9, .hopeless = 0.25};
    int hopeless = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        uint64_t pair = mix_two(i, 5);
        bool one = oracle_p_first(&o, VERDICT_A, pair) < 0.5;
        bool other = oracle_p_first(&o, VERDICT_B, pair) > 0.5;
        assert_int_equal(one, other);
        hopeless += one;
    }
    assert_true(fabs((double)hopeless / DRAWS - 0.25) < NEAR);
}

static void hashes_of_alike_texts_are_apart_and_uniform(void **state)
{
    (void)state;
    char text[64];
    double sum = 0;
    int buckets[16] = {0};
    for (int i = 0; i < DRAWS; i++) {
        int n = snprintf(text, sizeof text, "{\"model\":\"m\",\"seed\":%d}", i);
        double u = mix_share(mix_bytes((struct slice){text, (size_t)n}));
        assert_true(u >= 0 && u < 1);
        sum += u;
        buckets[(int)(u * 16)]++;
    }
    assert_true(fabs(sum / DRAWS - 0.5) < NEAR);
    for (int i = 0; i < 16; i++)
        assert_true(fabs((double)buckets[i] / DRAWS - 1.0 / 16) < 0.01);
    assert_true(mix_bytes(S("ab")) != mix_bytes(S("ab\0")));
    assert_true(mix_two(1, 2) != mix_two(2, 1));
}

static void faults_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *problem; /* NULL: fine */
    } rows[] = {{"429=0.05", NULL},
                {"drop=1", NULL},
                {"tie=0", NULL},
                {"429", "must be a number"},
                {"429=1.5", "must be a number"},
                {"429=-1", "must be a number"},
                {"429=nan", "must be a number"},
                {"429=x", "must be a number"},
                {"=0.1", "no fault of this kind"},
                {"trunkate=0.1", "did you mean truncate?"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct faults f = {0};
        struct err e = {0};
        bool ok = faults_add(&f, rows[i].text, &e);
        assert_int_equal(ok, rows[i].problem == NULL);
        if (!ok && !strstr(e.text, rows[i].problem))
            fail_msg("%s: %s", rows[i].text, e.text);
    }
    struct faults f = {0};
    struct err e = {0};
    assert_true(faults_add(&f, "429=0.7", &e));
    assert_true(faults_add(&f, "tie=0.7", &e)); /* another group */
    assert_false(faults_add(&f, "drop=0.4", &e));
    assert_non_null(strstr(e.text, "more than 1"));
}

/* A fault of the transport strikes first. */
static enum fault drawn(const struct faults *f, uint64_t attempt, uint64_t answer)
{
    enum fault v = faults_transport(f, attempt);
    return v != FAULT_NONE ? v : faults_content(f, answer);
}

static void faults_come_at_their_rates(void **state)
{
    (void)state;
    struct faults f = {0};
    struct err e;
    assert_true(faults_add(&f, "429=0.1", &e) && faults_add(&f, "drop=0.2", &e) &&
                faults_add(&f, "tie=0.5", &e));
    int count[FAULT_COUNT] = {0};
    for (uint64_t i = 0; i < DRAWS; i++)
        count[drawn(&f, mix_two(i, 1), mix_two(i, 2))]++;
    assert_true(fabs((double)count[FAULT_429] / DRAWS - 0.1) < NEAR);
    assert_true(fabs((double)count[FAULT_DROP] / DRAWS - 0.2) < NEAR);
    assert_true(fabs((double)count[FAULT_TIE] / DRAWS - 0.7 * 0.5) < NEAR);
    assert_int_equal(count[FAULT_NONE] + count[FAULT_429] + count[FAULT_DROP] + count[FAULT_TIE],
                     DRAWS);
}

static void asking_again_can_mend_the_transport_but_never_the_content(void **state)
{
    (void)state;
    struct faults f = {0};
    struct err e;
    assert_true(faults_add(&f, "500=0.5", &e) && faults_add(&f, "empty=0.5", &e));
    int mended = 0;
    for (uint64_t request = 0; request < 1000; request++) {
        enum fault whole = FAULT_COUNT;
        for (uint64_t seen = 1; seen < 20; seen++) {
            enum fault v = drawn(&f, mix_two(request, seen), mix_two(request, 77));
            if (v == FAULT_500)
                continue;
            mended += whole == FAULT_COUNT && seen > 1;
            assert_true(whole == FAULT_COUNT || whole == v);
            whole = v;
        }
    }
    assert_true(mended > 300);
}

static void each_fault_knows_what_it_does(void **state)
{
    (void)state;
    assert_true(faults_refuses(FAULT_HANG) && faults_spoils(FAULT_HANG));
    assert_true(!faults_refuses(FAULT_DROP) && faults_spoils(FAULT_DROP));
    assert_true(faults_spoils(FAULT_ERROR200) && faults_spoils(FAULT_BADJSON));
    assert_false(faults_spoils(FAULT_DRIP)); /* slow, but whole */
    for (int v = FAULT_NO_VERDICT; v < FAULT_COUNT; v++)
        assert_false(faults_spoils((enum fault)v) || faults_refuses((enum fault)v));
    assert_false(faults_spoils(FAULT_NONE));
}

static void latencies_are_read(void **state)
{
    (void)state;
    struct latency l;
    struct err e;
    assert_true(latency_parse(&l, "250", &e) && latency_draw(&l, 1) == 250);
    assert_true(latency_parse(&l, "0", &e) && latency_draw(&l, 1) == 0);
    assert_true(latency_parse(&l, "lognormal:400,0", &e) && latency_draw(&l, 9) == 400);
    static const char *const wrong[] = {"",           "-1",           "1e9",  "x",
                                        "lognormal:", "lognormal:10", "nan",  "lognormal:10,-1",
                                        "10,0.5",     "normal:1,1",   "10ms", "lognormal:10,0.5,1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (latency_parse(&l, wrong[i], &e))
            fail_msg("'%s' was taken", wrong[i]);
}

static void half_of_the_latencies_are_under_the_median(void **state)
{
    (void)state;
    struct latency l;
    struct err e;
    assert_true(latency_parse(&l, "lognormal:400,0.5", &e));
    int under = 0, under_one_sigma = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        int64_t ms = latency_draw(&l, mix_two(i, 3));
        assert_true(ms >= 0 && ms <= (int64_t)LATENCY_MAX_MS);
        assert_int_equal(ms, latency_draw(&l, mix_two(i, 3)));
        under += ms < 400;
        under_one_sigma += (double)ms < 400 * exp(0.5);
    }
    assert_true(fabs((double)under / DRAWS - 0.5) < NEAR);
    assert_true(fabs((double)under_one_sigma / DRAWS - 0.8413) < NEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_probability_follows_the_options),
        cmocka_unit_test(verdicts_come_at_their_probability),
        cmocka_unit_test(hopeless_pairs_are_the_same_in_both_orders),
        cmocka_unit_test(hashes_of_alike_texts_are_apart_and_uniform),
        cmocka_unit_test(faults_are_read),
        cmocka_unit_test(faults_come_at_their_rates),
        cmocka_unit_test(asking_again_can_mend_the_transport_but_never_the_content),
        cmocka_unit_test(each_fault_knows_what_it_does),
        cmocka_unit_test(latencies_are_read),
        cmocka_unit_test(half_of_the_latencies_are_under_the_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
