/* The planner: which calls are worth making, for every way a small pair can go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "tests/lib/planner_fixture.h"

enum { MOST_N = 4 };

/* Nothing but seat 0 and k of n. */
static struct planner_fixture *open_planner(int k, int n, int stop, int speculate,
                                            double calibration)
{
    struct planner_fixture *f = calloc(1, sizeof *f);
    char yaml[400];
    assert_non_null(f);
    snprintf(yaml, sizeof yaml,
             "reflection: {mode: none}\ncalibration: %g\n"
             "accept: {k: %d, n: %d, stop: %s, speculate: %d}\n",
             calibration, k, n, stop == STOP_FULL ? "full" : "early", speculate);
    planner_fixture_open(f, yaml);
    return f;
}

static void close_planner(struct planner_fixture *f)
{
    planner_fixture_close(f);
    free(f);
}

static bool recall(struct planner_fixture *f, struct subject *s, int lane, int k, bool correct)
{
    return planner_recall(f->planner, s, 0, lane, k, planner_fixture_news(correct));
}

static bool next(struct planner_fixture *f, struct subject *s, int *lane, int *k)
{
    struct planner_wish w;
    if (!planner_next(f->planner, s, &w))
        return false;
    assert_int_equal(w.seat, 0);
    *lane = w.lane;
    *k = w.k;
    return true;
}

static bool adopt(struct planner_fixture *f, struct subject *s, int lane, int k)
{
    return planner_adopt(f->planner, s, 0, lane, k);
}

static bool done(struct planner_fixture *f, struct subject *s, int lane, int k, bool correct)
{
    return planner_done(f->planner, s, 0, lane, k, planner_fixture_news(correct));
}

static enum pair_state fate(struct planner_fixture *f, const struct subject *s, enum reason *r)
{
    return planner_fate(f->planner, s, r);
}

/* A pair in which `correct` and `missed` rollouts of each order are finished. */
static void begin_at(struct planner_fixture *p, struct subject *s, const int correct[2],
                     const int missed[2])
{
    planner_fixture_begin(p, s, 1);
    for (int lane = 0; lane < 2; lane++)
        for (int k = 0; k < correct[lane] + missed[lane]; k++)
            assert_true(recall(p, s, lane, k, k < correct[lane]));
}

/* The rule, from counts alone. */
static enum pair_state rule(int k, int n, const int correct[2], const int missed[2])
{
    if (missed[0] > n - k || missed[1] > n - k)
        return STATE_REJECTED;
    return correct[0] >= k && correct[1] >= k ? STATE_ACCEPTED : STATE_OPEN;
}

/* Whether one more call of `lane` is wanted whatever the `flying` ones bring. */
static bool is_needed(int k, int n, const int correct[2], const int missed[2], const int flying[2],
                      int lane)
{
    for (int a = 0; a <= flying[0]; a++) {
        for (int b = 0; b <= flying[1]; b++) {
            const int c[2] = {correct[0] + a, correct[1] + b};
            const int m[2] = {missed[0] + flying[0] - a, missed[1] + flying[1] - b};
            if (rule(k, n, c, m) != STATE_OPEN || c[lane] >= k)
                return false;
        }
    }
    return true;
}

static void check_tally(struct planner_fixture *p, int k, int n, const int correct[2],
                        const int missed[2])
{
    struct subject s;
    enum reason reason;
    int flying[2] = {0}, lane, at;
    begin_at(p, &s, correct, missed);
    enum pair_state at_first = fate(p, &s, &reason);
    assert_int_equal(at_first, rule(k, n, correct, missed));
    while (next(p, &s, &lane, &at)) {
        assert_int_equal(at_first, STATE_OPEN);
        assert_true(at >= correct[lane] + missed[lane] && at < n);
        if (!is_needed(k, n, correct, missed, flying, lane))
            fail_msg("%d of %d, %d+%d- and %d+%d-: call of order %d with %d and %d out", k, n,
                     correct[0], missed[0], correct[1], missed[1], lane, flying[0], flying[1]);
        flying[lane]++;
    }
    assert_int_equal(at_first == STATE_OPEN, flying[0] + flying[1] > 0);
}

static void early_asks_only_for_what_is_needed_and_never_for_nothing(void **state)
{
    (void)state;
    for (int n = 1; n <= MOST_N; n++) {
        for (int k = 1; k <= n; k++) {
            struct planner_fixture *p = open_planner(k, n, STOP_EARLY, 0, 0);
            for (int x = 0; x < (n + 1) * (n + 1) * (n + 1) * (n + 1); x++) {
                const int correct[2] = {x % (n + 1), x / (n + 1) % (n + 1)};
                const int missed[2] = {x / (n + 1) / (n + 1) % (n + 1),
                                       x / (n + 1) / (n + 1) / (n + 1)};
                if (correct[0] + missed[0] <= n && correct[1] + missed[1] <= n)
                    check_tally(p, k, n, correct, missed);
            }
            close_planner(p);
        }
    }
}

/* One pair to its end; outcome i of lane l is bit i of outcomes[l]. Calls come back in any order.
 */
static int play(struct planner_fixture *p, struct subject *s, struct rng *r,
                const unsigned outcomes[2], int k, int n)
{
    struct {
        int lane, at;
    } out[2 * CALL_MAX_K];
    int n_out = 0, calls = 0, correct[2] = {0}, missed[2] = {0};
    enum reason reason;
    while (fate(p, s, &reason) == STATE_OPEN) {
        assert_int_equal(rule(k, n, correct, missed) == STATE_OPEN || s->full, true);
        int lane = 0, at = 0;
        while (next(p, s, &lane, &at)) {
            out[n_out].lane = lane;
            out[n_out++].at = at;
            calls++;
        }
        assert_true(n_out > 0);
        int i = (int)rng_below(r, (uint64_t)n_out);
        lane = out[i].lane;
        at = out[i].at;
        out[i] = out[--n_out];
        bool right = outcomes[lane] >> at & 1;
        correct[lane] += right;
        missed[lane] += !right;
        assert_true(done(p, s, lane, at, right));
    }
    assert_int_equal(fate(p, s, &reason), rule(k, n, correct, missed));
    assert_false(next(p, s, &(int){0}, &(int){0}));
    return calls;
}

static void early_ends_every_pair_as_the_rule_says(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 1);
    for (int n = 1; n <= MOST_N; n++) {
        for (int k = 1; k <= n; k++) {
            struct planner_fixture *p = open_planner(k, n, STOP_EARLY, 0, 0);
            for (unsigned bits = 0; bits < 1u << 2 * n; bits++) {
                const unsigned outcomes[2] = {bits & ((1u << n) - 1), bits >> n};
                struct subject s;
                uint64_t id = (bits);
                planner_fixture_begin(p, &s, id);
                int calls = play(p, &s, &r, outcomes, k, n);
                assert_in_range(calls, n - k + 1 < k ? n - k + 1 : 1, 2 * n);
            }
            close_planner(p);
        }
    }
}

static void one_of_one_costs_one_call_when_it_fails_and_two_when_it_passes(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 2);
    struct planner_fixture *p = open_planner(1, 1, STOP_EARLY, 0, 0);
    for (unsigned bits = 0; bits < 4; bits++) {
        const unsigned outcomes[2] = {bits & 1, bits >> 1};
        struct subject s;
        uint64_t id = (7);
        planner_fixture_begin(p, &s, id);
        int calls = play(p, &s, &r, outcomes, 1, 1);
        if (bits == 0)
            assert_int_equal(calls, 1);
        if (bits == 3)
            assert_int_equal(calls, 2);
    }
    close_planner(p);
}

static void full_draws_everything_at_once_and_decides_at_the_end(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 3);
    for (int n = 1; n <= MOST_N; n++) {
        for (int k = 1; k <= n; k++) {
            struct planner_fixture *p = open_planner(k, n, STOP_FULL, 0, 0);
            assert_true(planner_window(p->planner) == UINT64_MAX);
            for (unsigned bits = 0; bits < 1u << 2 * n; bits++) {
                const unsigned outcomes[2] = {bits & ((1u << n) - 1), bits >> n};
                struct subject s;
                uint64_t id = (bits);
                planner_fixture_begin(p, &s, id);
                assert_int_equal(play(p, &s, &r, outcomes, k, n), 2 * n);
            }
            close_planner(p);
        }
    }
}

static void a_share_of_the_pairs_is_drawn_in_full_and_always_the_same_ones(void **state)
{
    (void)state;
    struct planner_fixture *p = open_planner(3, 4, STOP_EARLY, 0, 0.05);
    struct planner_fixture *q = open_planner(1, 8, STOP_EARLY, 0, 0.10);
    int full = 0;
    enum { PAIRS = 20000 };
    for (uint64_t i = 0; i < PAIRS; i++) {
        struct subject a, b;
        uint64_t id = (i);
        planner_fixture_begin(p, &a, id);
        planner_fixture_begin(q, &b, id);
        full += a.full;
        assert_true(b.full || !a.full); /* a larger share keeps those of the smaller one */
    }
    assert_in_range(full, PAIRS * 4 / 100, PAIRS * 6 / 100);
    close_planner(p);
    close_planner(q);
}

static void speculation_stays_within_its_number_and_within_the_rule(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 4);
    for (int speculate = 1; speculate <= 6; speculate++) {
        struct planner_fixture *p = open_planner(2, 4, STOP_EARLY, speculate, 0);
        for (uint64_t pair = 0; pair < 200; pair++) {
            struct subject s;
            uint64_t id = (pair);
            enum reason reason;
            int out[2][MOST_N], n_out[2] = {0}, lane, at;
            planner_fixture_begin(p, &s, id);
            while (fate(p, &s, &reason) == STATE_OPEN) {
                while (next(p, &s, &lane, &at)) {
                    out[lane][n_out[lane]++] = at;
                    assert_true(planner_fixture_correct(&s, lane) < 2);
                    assert_true(at < 4);
                }
                assert_true(n_out[0] + n_out[1] > 0);
                /* Three calls can decide a pair of 2 of 4, so no more are ever surely needed. */
                assert_true(n_out[0] + n_out[1] <= (speculate + 1 > 3 ? speculate + 1 : 3));
                lane = n_out[0] && (!n_out[1] || rng_below(&r, 2)) ? 0 : 1;
                done(p, &s, lane, out[lane][--n_out[lane]], rng_below(&r, 2));
            }
        }
        close_planner(p);
    }
}

static void fates_and_their_reasons(void **state)
{
    (void)state;
    static const struct {
        int correct[2], missed[2];
        enum pair_state state;
        enum reason reason;
        const char *why;
    } rows[] = {
        {{0, 0}, {0, 0}, STATE_OPEN, REASON_NONE, "nothing known"},
        {{3, 2}, {0, 1}, STATE_OPEN, REASON_NONE, "one order passed"},
        {{3, 3}, {0, 1}, STATE_ACCEPTED, REASON_ACCEPTED, "both passed"},
        {{3, 0}, {1, 2}, STATE_REJECTED, REASON_INCONSISTENT, "one passed, the other failed"},
        {{0, 2}, {2, 0}, STATE_REJECTED, REASON_FAILED_CHOSEN_FIRST, "the other is not settled"},
        {{2, 1}, {1, 2}, STATE_REJECTED, REASON_FAILED_REJECTED_FIRST, "the other is not settled"},
        {{1, 0}, {2, 2}, STATE_REJECTED, REASON_FAILED_BOTH, "both failed"},
    };
    struct planner_fixture *p = open_planner(3, 4, STOP_EARLY, 0, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct subject s;
        enum reason reason;
        begin_at(p, &s, rows[i].correct, rows[i].missed);
        if (fate(p, &s, &reason) != rows[i].state || reason != rows[i].reason)
            fail_msg("%s: %s", rows[i].why, reason_name(reason));
    }
    close_planner(p);
}

static void stored_rollouts_are_not_asked_for_again(void **state)
{
    (void)state;
    struct planner_fixture *p = open_planner(2, 4, STOP_FULL, 0, 0);
    struct subject s;
    uint64_t id = (1);
    int lane = 0, at = 0;
    unsigned asked[2] = {0};
    planner_fixture_begin(p, &s, id);
    assert_true(recall(p, &s, 0, 1, true));
    assert_true(recall(p, &s, 1, 3, false));
    while (next(p, &s, &lane, &at))
        asked[lane] |= 1u << at;
    assert_int_equal(asked[0], 0xd); /* 0, 2, 3 */
    assert_int_equal(asked[1], 0x7); /* 0, 1, 2 */
    close_planner(p);
}

static void under_tightened_rules_the_first_n_rollouts_count(void **state)
{
    (void)state;
    struct planner_fixture *p = open_planner(1, 2, STOP_EARLY, 0, 0);
    struct subject s;
    uint64_t id = (1);
    enum reason reason;
    planner_fixture_begin(p, &s, id);
    for (int k = 0; k < 4; k++)
        assert_int_equal(recall(p, &s, 0, k, k > 1), k < 2);
    assert_int_equal(fate(p, &s, &reason), STATE_REJECTED);
    close_planner(p);
}

static void a_rollout_counts_once(void **state)
{
    (void)state;
    struct planner_fixture *p = open_planner(2, 4, STOP_EARLY, 0, 0);
    struct subject s;
    uint64_t id = (1);
    int lane = 0, at = 0;
    planner_fixture_begin(p, &s, id);
    assert_true(next(p, &s, &lane, &at));
    assert_true(done(p, &s, lane, at, true));
    assert_false(done(p, &s, lane, at, true));
    assert_false(recall(p, &s, lane, at, true));
    assert_int_equal(planner_fixture_correct(&s, lane), 1);
    assert_int_equal(planner_fixture_flying(&s, lane), 0);
    close_planner(p);
}

static void an_answer_that_comes_by_itself_counts_and_is_not_asked_for(void **state)
{
    (void)state;
    struct planner_fixture *p = open_planner(2, 2, STOP_FULL, 0, 0);
    struct subject s;
    uint64_t id = (1);
    int lane = 0, at = 0;
    planner_fixture_begin(p, &s, id);
    assert_true(done(p, &s, 0, 0, true));
    assert_false(done(p, &s, 0, 5, true)); /* beyond n: no news */
    for (int i = 0; i < 3; i++) {
        assert_true(next(p, &s, &lane, &at));
        assert_false(lane == 0 && at == 0);
    }
    assert_false(next(p, &s, &lane, &at));
    assert_int_equal(planner_fixture_correct(&s, 0), 1);
    close_planner(p);
}

static void a_call_that_is_out_already_is_adopted_once(void **state)
{
    (void)state;
    struct planner_fixture *p = open_planner(1, 2, STOP_EARLY, 0, 0);
    struct subject s;
    uint64_t id = (1);
    int lane = 0, at = 0;
    planner_fixture_begin(p, &s, id);
    assert_true(adopt(p, &s, 0, 1));
    assert_false(adopt(p, &s, 0, 1));
    assert_int_equal(planner_fixture_flying(&s, 0), 1);
    assert_true(done(p, &s, 1, 0, true));
    while (next(p, &s, &lane, &at))
        assert_false(lane == 0 && at == 1);
    assert_true(done(p, &s, 0, 1, true));
    enum reason reason;
    assert_int_equal(fate(p, &s, &reason), STATE_ACCEPTED);
    close_planner(p);
}

static void no_order_ever_counts_more_than_n(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 5);
    for (int round = 0; round < 3000; round++) {
        int n = 1 + (int)rng_below(&r, 4), k = 1 + (int)rng_below(&r, (uint64_t)n);
        struct planner_fixture *p = open_planner(k, n, rng_below(&r, 4) ? STOP_EARLY : STOP_FULL,
                                                 (int)rng_below(&r, 3), 0);
        struct subject s;
        uint64_t id = (rng_u64(&r));
        enum reason reason;
        int lane, at, steps = 0;
        planner_fixture_begin(p, &s, id);
        for (int i = 0; i < 6; i++) /* stored under any rules */
            recall(p, &s, (int)rng_below(&r, 2), (int)rng_below(&r, 8), rng_below(&r, 2));
        while (fate(p, &s, &reason) == STATE_OPEN) {
            assert_true(++steps < 200);
            while (next(p, &s, &lane, &at))
                continue;
            lane = (int)rng_below(&r, 2);
            at = (int)rng_below(&r, 8);
            if (rng_below(&r, 2) && at < n)
                adopt(p, &s, lane, at);
            done(p, &s, lane, at, rng_below(&r, 2));
            for (int i = 0; i < 2; i++)
                assert_true(planner_fixture_done(&s, i) <= n);
        }
        close_planner(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_asks_only_for_what_is_needed_and_never_for_nothing),
        cmocka_unit_test(early_ends_every_pair_as_the_rule_says),
        cmocka_unit_test(one_of_one_costs_one_call_when_it_fails_and_two_when_it_passes),
        cmocka_unit_test(full_draws_everything_at_once_and_decides_at_the_end),
        cmocka_unit_test(a_share_of_the_pairs_is_drawn_in_full_and_always_the_same_ones),
        cmocka_unit_test(speculation_stays_within_its_number_and_within_the_rule),
        cmocka_unit_test(fates_and_their_reasons),
        cmocka_unit_test(stored_rollouts_are_not_asked_for_again),
        cmocka_unit_test(under_tightened_rules_the_first_n_rollouts_count),
        cmocka_unit_test(a_rollout_counts_once),
        cmocka_unit_test(an_answer_that_comes_by_itself_counts_and_is_not_asked_for),
        cmocka_unit_test(a_call_that_is_out_already_is_adopted_once),
        cmocka_unit_test(no_order_ever_counts_more_than_n),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
