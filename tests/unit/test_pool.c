/* Endpoints: limits, pacing, and what a failure means for the call and for everybody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "coordinator/pool.h"

enum { BACKOFF_FIRST_MS = 500, BACKOFF_MOST_MS = 60000, PROBE_MOST_MS = 15000 };

static struct project_endpoint endpoints[3];

static void open_pool(struct pool *p, size_t n, int64_t limit, int64_t rng_seed)
{
    struct project project = {.rng_seed = rng_seed};
    memset(endpoints, 0, sizeof endpoints);
    for (size_t i = 0; i < n; i++)
        endpoints[i].max_in_flight = limit;
    project.endpoints.items = endpoints;
    project.endpoints.n = n;
    pool_init(p, &project, 0);
}

static int64_t fail_with(struct pool *p, int64_t now, enum failure failure, int http_status,
                         int64_t retry_after_ms, int tries)
{
    pool_started(p, 0);
    return pool_failed(p, 0, now, failure, http_status, retry_after_ms, tries);
}

static void answer(struct pool *p, int64_t now)
{
    pool_started(p, 0);
    pool_answered(p, 0, now);
}

/* Backoff */

static void backoff_doubles_to_a_maximum_with_full_jitter(void **state)
{
    (void)state;
    struct pool p;
    for (int tries = 1; tries <= 40; tries++) {
        int64_t ceiling = BACKOFF_FIRST_MS;
        for (int i = 1; i < tries && ceiling < BACKOFF_MOST_MS; i++)
            ceiling *= 2;
        if (ceiling > BACKOFF_MOST_MS)
            ceiling = BACKOFF_MOST_MS;
        int64_t least = INT64_MAX, most = 0, sum = 0;
        enum { DRAWS = 2000 };
        for (int64_t seed = 1; seed <= DRAWS; seed++) {
            open_pool(&p, 1, 8, seed);
            int64_t wait = fail_with(&p, 0, FAILURE_SERVER_ERROR, 500, -1, tries);
            assert_in_range(wait, 1, ceiling);
            least = wait < least ? wait : least;
            most = wait > most ? wait : most;
            sum += wait;
        }
        /* Full jitter: from nearly nothing to nearly the ceiling, half of it on average. */
        assert_true(least < ceiling / 50 + 2);
        assert_true(most > ceiling - ceiling / 50);
        assert_in_range(sum / DRAWS, ceiling * 45 / 100, ceiling * 55 / 100);
    }
}

static void retry_after_is_kept_up_to_ten_minutes(void **state)
{
    (void)state;
    static const struct {
        int64_t said, least, most;
        const char *why;
    } rows[] = {
        {-1, 1, 500, "not said: backoff alone"},
        {0, 1, 500, "at once: backoff alone"},
        {20000, 20000, 20000, "longer than the backoff"},
        {600000, 600000, 600000, "the longest that is believed"},
        {86400000, 600000, 600000, "a day is cut"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool p;
        open_pool(&p, 1, 8, 1);
        int64_t wait = fail_with(&p, 0, FAILURE_OVERLOADED, 429, rows[i].said, 1);
        if (wait < rows[i].least || wait > rows[i].most)
            fail_msg("%s: %lld ms", rows[i].why, (long long)wait);
    }
}

static void the_same_seed_gives_the_same_waits(void **state)
{
    (void)state;
    struct pool a, b;
    open_pool(&a, 1, 8, 7);
    open_pool(&b, 1, 8, 7);
    for (int i = 1; i < 100; i++)
        assert_int_equal(fail_with(&a, i, FAILURE_DROPPED, 0, -1, i % 9),
                         fail_with(&b, i, FAILURE_DROPPED, 0, -1, i % 9));
}

/* Overload */

static void a_429_among_many_answers_delays_that_call_alone(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 8, 1);
    for (int64_t now = 0; now < 1000; now++) {
        if (now % 4 == 0)
            assert_true(fail_with(&p, now, FAILURE_OVERLOADED, 429, 5000, 1) >= 5000);
        else
            answer(&p, now);
        assert_int_equal(p.endpoints[0].health, POOL_OPEN);
        assert_int_equal(pool_pick(&p, now, 0, POOL_ALL), 0);
    }
}

static void mostly_429_pauses_the_endpoint_for_everybody(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 8, 1);
    for (int64_t now = 0; now < 100; now++)
        fail_with(&p, now, FAILURE_OVERLOADED, 429, 5000, 1);
    assert_int_equal(p.endpoints[0].health, POOL_PAUSED);
    assert_int_equal(pool_pick(&p, 100, 0, POOL_ALL), -1);
    assert_int_equal(pool_next(&p, 100), 99 + 5000 - 100);
    assert_int_equal(pool_pick(&p, 99 + 4999, 0, POOL_ALL), -1);
    assert_int_equal(pool_pick(&p, 99 + 5000, 0, POOL_ALL), 0);
    pool_started(&p, 0);
    assert_int_equal(p.endpoints[0].health, POOL_OPEN);
    assert_int_equal(pool_next(&p, 99 + 5000), -1);
    /* It pauses again at the next refusal, and stays open once answers outnumber refusals. */
    pool_failed(&p, 0, 6000, FAILURE_OVERLOADED, 429, 5000, 1);
    assert_int_equal(p.endpoints[0].health, POOL_PAUSED);
    for (int64_t now = 12000; now < 12100; now++)
        answer(&p, now);
    fail_with(&p, 12100, FAILURE_OVERLOADED, 429, 5000, 1);
    assert_int_equal(p.endpoints[0].health, POOL_OPEN);
}

static void a_pause_is_never_shortened_by_a_shorter_wait(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 200, 1);
    for (int i = 0; i < 100; i++)
        pool_started(&p, 0);
    for (int i = 0; i < 50; i++)
        pool_failed(&p, 0, 0, FAILURE_OVERLOADED, 429, 60000, 1);
    int64_t until = p.endpoints[0].until;
    for (int i = 0; i < 50; i++)
        pool_failed(&p, 0, 1, FAILURE_OVERLOADED, 429, 0, 1);
    assert_int_equal(p.endpoints[0].until, until);
}

/* An endpoint that cannot be reached */

static void close_endpoint(struct pool *p, int64_t now)
{
    for (int i = 0; i < 5; i++)
        fail_with(p, now, FAILURE_CONNECT, 0, -1, 1);
}

static void five_connection_failures_in_a_row_close_an_endpoint(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 8, 1);
    for (int i = 0; i < 4; i++)
        fail_with(&p, 0, FAILURE_CONNECT, 0, -1, 1);
    assert_int_equal(p.endpoints[0].health, POOL_OPEN);
    answer(&p, 0); /* an answer begins the row anew */
    for (int i = 0; i < 4; i++)
        fail_with(&p, 0, i % 2 ? FAILURE_TIMEOUT_CONNECT : FAILURE_CONNECT, 0, -1, 1);
    assert_int_equal(p.endpoints[0].health, POOL_OPEN);
    fail_with(&p, 0, FAILURE_CONNECT, 0, -1, 1);
    assert_int_equal(p.endpoints[0].health, POOL_DOWN);
}

static void a_closed_endpoint_is_probed_with_one_call_at_a_time(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 8, 1);
    close_endpoint(&p, 0);
    for (int64_t now = 0, probes = 0; probes < 50;) {
        int64_t wait = pool_next(&p, now);
        assert_in_range(wait, 0, PROBE_MOST_MS);
        if (wait > 1)
            assert_int_equal(pool_pick(&p, now + wait - 1, 0, POOL_ALL), -1);
        now += wait;
        assert_int_equal(pool_pick(&p, now, 0, POOL_ALL), 0);
        pool_started(&p, 0);
        assert_int_equal(pool_pick(&p, now, 0, POOL_ALL), -1);
        assert_int_equal(pool_next(&p, now), -1); /* the probe's end is an event */
        pool_failed(&p, 0, now, FAILURE_CONNECT, 0, -1, 1);
        assert_int_equal(p.endpoints[0].health, POOL_DOWN);
        probes++;
    }
}

static void calls_that_hang_since_before_do_not_keep_it_closed(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 8, 1);
    for (int i = 0; i < 3; i++)
        pool_started(&p, 0); /* no word of them until their deadline */
    close_endpoint(&p, 0);
    int64_t wait = pool_next(&p, 0);
    assert_in_range(wait, 1, PROBE_MOST_MS);
    assert_int_equal(pool_pick(&p, wait, 0, POOL_ALL), 0);
    pool_started(&p, 0);
    assert_int_equal(pool_pick(&p, wait, 0, POOL_ALL), -1);
    pool_answered(&p, 0, wait);
    assert_int_equal(p.endpoints[0].health, POOL_OPEN);
}

static void what_takes_calls_again_is_nothing_to_wait_for(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 8, 1);
    close_endpoint(&p, 0);
    int64_t wait = pool_next(&p, 0);
    assert_in_range(wait, 1, PROBE_MOST_MS);
    /* Nobody has a call for it: whoever slept until now must not wake up again and again. */
    assert_int_equal(pool_next(&p, wait), -1);
    assert_int_equal(pool_pick(&p, wait, 0, POOL_ALL), 0);
}

static void a_probe_that_is_answered_reopens_it(void **state)
{
    (void)state;
    static const struct {
        enum failure failure; /* FAILURE_COUNT: a whole answer */
        int http_status;
        enum pool_health health;
        const char *why;
    } rows[] = {
        {FAILURE_COUNT, 200, POOL_OPEN, "a whole answer"},
        {FAILURE_SERVER_ERROR, 500, POOL_OPEN, "an error is an answer too"},
        {FAILURE_OVERLOADED, 503, POOL_OPEN, "also one that says: too much"},
        {FAILURE_CONNECT, 0, POOL_DOWN, "nobody there"},
        {FAILURE_DROPPED, 0, POOL_DOWN, "no HTTP answer"},
        {FAILURE_TIMEOUT_FIRST_BYTE, 0, POOL_DOWN, "it accepts and is silent"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool p;
        open_pool(&p, 1, 8, 1);
        close_endpoint(&p, 0);
        int64_t now = PROBE_MOST_MS;
        pool_started(&p, 0);
        if (rows[i].failure == FAILURE_COUNT)
            pool_answered(&p, 0, now);
        else
            pool_failed(&p, 0, now, rows[i].failure, rows[i].http_status, -1, 1);
        if (p.endpoints[0].health != rows[i].health)
            fail_msg("%s", rows[i].why);
    }
}

static void a_closed_endpoint_does_not_stop_the_others(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 2, 8, 1);
    close_endpoint(&p, 0);
    for (uint64_t affinity = 0; affinity < 10; affinity++)
        assert_int_equal(pool_pick(&p, 0, affinity, POOL_ALL), 1);
}

/* Limits and choice */

static void limits_are_never_passed_whatever_happens(void **state)
{
    (void)state;
    static const enum failure kinds[] = {FAILURE_CONNECT, FAILURE_OVERLOADED, FAILURE_DROPPED,
                                         FAILURE_SERVER_ERROR, FAILURE_BAD_REQUEST};
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct pool p;
        struct rng r;
        int64_t now = 0;
        int flying[3] = {0};
        open_pool(&p, 3, 5, (int64_t)seed);
        rng_init(&r, seed);
        for (int step = 0; step < 2000; step++) {
            now += (int64_t)rng_below(&r, 200);
            int at = pool_pick(&p, now, rng_u64(&r), POOL_ALL);
            if (at >= 0 && rng_below(&r, 3)) {
                assert_true(p.endpoints[at].health != POOL_DOWN || flying[at] == 0);
                pool_started(&p, at);
                flying[at]++;
            }
            int back = (int)rng_below(&r, 3);
            if (flying[back] && rng_below(&r, 2)) {
                uint64_t kind = rng_below(&r, 9);
                if (kind < 5)
                    pool_failed(&p, back, now, kinds[kind], kind == 1 || kind > 2 ? 429 : 0, -1,
                                (int)rng_below(&r, 7) + 1);
                else if (kind == 5)
                    pool_released(&p, back);
                else
                    pool_answered(&p, back, now);
                flying[back]--;
            }
            for (int i = 0; i < 3; i++) {
                assert_int_equal(p.endpoints[i].flying, flying[i]);
                assert_in_range(flying[i], 0, 5);
            }
        }
    }
}

static void calls_of_one_kind_stay_together_while_their_endpoint_is_not_busier(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 2, 8, 1);
    /* A quarter of the limit of 8 is 2: the first three go home, then home is too busy. */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pool_pick(&p, 0, 4, POOL_ALL), 0);
        pool_started(&p, 0);
    }
    assert_int_equal(pool_pick(&p, 0, 4, POOL_ALL), 1);
    pool_started(&p, 1);
    assert_int_equal(pool_pick(&p, 0, 4, POOL_ALL), 0);
    assert_int_equal(pool_pick(&p, 0, 5, POOL_ALL), 1);
}

static void a_full_endpoint_passes_its_calls_on(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 2, 2, 1);
    for (int i = 0; i < 4; i++) {
        int at = pool_pick(&p, 0, 0, POOL_ALL);
        assert_true(at >= 0);
        pool_started(&p, at);
    }
    assert_int_equal(p.endpoints[0].flying, 2);
    assert_int_equal(p.endpoints[1].flying, 2);
    assert_int_equal(pool_pick(&p, 0, 0, POOL_ALL), -1);
    assert_int_equal(pool_next(&p, 0), -1);
    pool_released(&p, 1);
    assert_int_equal(pool_pick(&p, 0, 0, POOL_ALL), 1);
}

/* The run as a whole */

static void silence_is_counted_from_the_last_answer_of_any_endpoint(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 2, 8, 1);
    assert_int_equal(pool_silence(&p, 1000, POOL_ALL), 1000);
    answer(&p, 700);
    assert_int_equal(pool_silence(&p, 1000, POOL_ALL), 300);
    fail_with(&p, 800, FAILURE_SERVER_ERROR, 500, -1, 1); /* it speaks, be it an error */
    assert_int_equal(pool_silence(&p, 1000, POOL_ALL), 200);
    fail_with(&p, 900, FAILURE_CONNECT, 0, -1, 1);
    fail_with(&p, 900, FAILURE_TIMEOUT_TOTAL, 0, -1, 1);
    assert_int_equal(pool_silence(&p, 1000, POOL_ALL), 200);
}

static void twenty_refusals_before_any_answer_condemn_the_project(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 8, 1);
    for (int i = 0; i < 20; i++) {
        assert_false(pool_refuses_all(&p));
        pool_refused(&p);
    }
    assert_true(pool_refuses_all(&p));
    answer(&p, 0);
    assert_false(pool_refuses_all(&p));
}

static void refusals_condemn_no_project_while_more_calls_are_out(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 2, 64, 1);
    for (int i = 0; i < 30; i++)
        pool_started(&p, i % 2);
    for (int i = 0; i < 29; i++)
        pool_refused(&p);
    assert_false(pool_refuses_all(&p));
    pool_refused(&p);
    assert_true(pool_refuses_all(&p));
}

static void pairs_that_were_deferred_before_may_be_refused_again(void **state)
{
    (void)state;
    struct pool p;
    open_pool(&p, 1, 8, 1);
    p.refusals_expected = 100;
    for (int i = 0; i < 119; i++)
        pool_refused(&p);
    assert_false(pool_refuses_all(&p));
    pool_refused(&p);
    assert_true(pool_refuses_all(&p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backoff_doubles_to_a_maximum_with_full_jitter),
        cmocka_unit_test(retry_after_is_kept_up_to_ten_minutes),
        cmocka_unit_test(the_same_seed_gives_the_same_waits),
        cmocka_unit_test(a_429_among_many_answers_delays_that_call_alone),
        cmocka_unit_test(mostly_429_pauses_the_endpoint_for_everybody),
        cmocka_unit_test(a_pause_is_never_shortened_by_a_shorter_wait),
        cmocka_unit_test(five_connection_failures_in_a_row_close_an_endpoint),
        cmocka_unit_test(a_closed_endpoint_is_probed_with_one_call_at_a_time),
        cmocka_unit_test(calls_that_hang_since_before_do_not_keep_it_closed),
        cmocka_unit_test(what_takes_calls_again_is_nothing_to_wait_for),
        cmocka_unit_test(a_probe_that_is_answered_reopens_it),
        cmocka_unit_test(a_closed_endpoint_does_not_stop_the_others),
        cmocka_unit_test(limits_are_never_passed_whatever_happens),
        cmocka_unit_test(calls_of_one_kind_stay_together_while_their_endpoint_is_not_busier),
        cmocka_unit_test(a_full_endpoint_passes_its_calls_on),
        cmocka_unit_test(silence_is_counted_from_the_last_answer_of_any_endpoint),
        cmocka_unit_test(twenty_refusals_before_any_answer_condemn_the_project),
        cmocka_unit_test(refusals_condemn_no_project_while_more_calls_are_out),
        cmocka_unit_test(pairs_that_were_deferred_before_may_be_refused_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
