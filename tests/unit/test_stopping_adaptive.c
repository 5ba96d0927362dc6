#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coordinator/stopping.h"

struct rule {
    int k, n;
};

/* A pair whose outcomes are fixed: bit i of an order is its rollout i. */
struct pair {
    uint64_t outcome[2], tie;
    struct tally tally[2];
    int drawn[2];
    bool left; /* given up */
};

enum rates { ONE_RATE, A_RATE_EACH, ALL_NINE };

/* Uniform numbers from here on: a beta variate of whole shapes is an order statistic: the b-th
 * largest of a + b - 1. */
static double beta_4_2(struct rng *r)
{
    double most = 0, second = 0;
    for (int i = 0; i < 5; i++) {
        double u = rng_double(r);
        if (u > most) {
            second = most;
            most = u;
        } else if (u > second) {
            second = u;
        }
    }
    return second;
}

static void deal(struct pair *p, struct rng *r, int n, enum rates rates, double hopeless)
{
    bool lost = rng_double(r) < hopeless;
    double rate[2] = {rates == ALL_NINE ? 0.9 : beta_4_2(r), beta_4_2(r)};
    if (rates != A_RATE_EACH)
        rate[1] = rate[0];
    *p = (struct pair){.tie = rng_u64(r)};
    for (int lane = 0; lane < 2; lane++)
        for (int i = 0; i < n; i++)
            p->outcome[lane] |= (uint64_t)(rng_double(r) < (lost ? 0.02 : rate[lane])) << i;
}

static bool accepted(const struct pair *p, struct rule r)
{
    return p->tally[0].correct >= r.k && p->tally[1].correct >= r.k;
}

static bool settled(const struct pair *p, struct rule r)
{
    const struct tally *t = p->tally;
    return p->left || t[0].missed > r.n - r.k || t[1].missed > r.n - r.k || accepted(p, r);
}

static void draw(struct pair *p, int lane, struct stopping *learner)
{
    bool correct = p->outcome[lane] >> p->drawn[lane]++ & 1;
    if (learner)
        stopping_observe(learner, p->tally[0], p->tally[1], lane, correct);
    if (correct)
        p->tally[lane].correct++;
    else
        p->tally[lane].missed++;
}

struct sums {
    int calls, accepted, left;
};

/* One more call of the pair, or the end of it. */
static void advance(struct stopping *s, struct rule r, struct pair *p, struct sums *sums)
{
    p->left = stopping_give_up(s, p->tally[0], p->tally[1], p->tie);
    if (p->left) {
        sums->left++;
        return;
    }
    draw(p, stopping_next(s, p->tally[0], p->tally[1], p->tie), s);
    sums->calls++;
    sums->accepted += accepted(p, r);
}

/* Plays all pairs, as many at a time as the window allows, one call of each in turn. `one_lane`: as
 * if lane 1 had passed. */
static struct sums play_all(struct stopping *s, struct rule r, struct pair *pairs, int count,
                            bool one_lane)
{
    struct sums sums = {0, 0, 0};
    for (int i = 0; i < count; i++)
        if (one_lane)
            pairs[i].tally[1].correct = (uint8_t)r.k;
    for (int first = 0; first < count;) {
        uint64_t window = stopping_window(s) < 256 ? stopping_window(s) : 256;
        for (int i = first, open = 0; i < count && (uint64_t)open < window; i++)
            if (!settled(&pairs[i], r)) {
                open++;
                advance(s, r, &pairs[i], &sums);
            }
        while (first < count && settled(&pairs[first], r))
            first++;
    }
    return sums;
}

#define PAIRS 1500

static struct sums simulate(struct rule r, enum rates rates, double hopeless, double loss,
                            uint64_t seed, bool one_lane)
{
    static struct pair pairs[PAIRS];
    struct stopping *s = stopping_new(r.k, r.n);
    struct rng rng;
    rng_init(&rng, seed);
    for (int i = 0; i < PAIRS; i++)
        deal(&pairs[i], &rng, r.n, rates, hopeless);
    if (loss > 0)
        stopping_adaptive(s, loss);
    struct sums sums = play_all(s, r, pairs, PAIRS, one_lane);
    stopping_free(s);
    return sums;
}

static void add(struct sums *all, struct sums more)
{
    all->calls += more.calls;
    all->accepted += more.accepted;
    all->left += more.left;
}

static void gains_as_much_as_it_should_and_loses_no_more_than_it_may(void **state)
{
    (void)state;
    static const struct {
        struct rule rule;
        enum rates rates;
        double hopeless, loss, gain;
        bool one_lane;
        const char *reason;
    } cases[] = {
        {{1, 8}, ONE_RATE, 0.4, 0.05, 1.30, false, "any of 8; hopeless ones cost eight calls"},
        {{1, 8}, A_RATE_EACH, 0.4, 0.05, 1.30, false, "the orders pass independently"},
        {{1, 8}, ONE_RATE, 0.4, 0.01, 1.02, false, "a small loss brings little"},
        {{3, 4}, ONE_RATE, 0.4, 0.05, 1.015, false, "3 of 4: 1.06 for who knows the population"},
        {{3, 4}, ONE_RATE, 0.4, 0.15, 1.08, false, "3 of 4 with a loss that it can use"},
        {{1, 8}, ALL_NINE, 0.0, 0.002, 0.99, false, "nothing to be gained, nothing lost"},
        {{1, 8}, ONE_RATE, 0.4, 0.05, 1.15, true, "one lane"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sums e = {0, 0, 0}, a = {0, 0, 0};
        for (uint64_t seed = 1; seed <= 2; seed++) {
            add(&e, simulate(cases[i].rule, cases[i].rates, cases[i].hopeless, 0, seed,
                             cases[i].one_lane));
            add(&a, simulate(cases[i].rule, cases[i].rates, cases[i].hopeless, cases[i].loss, seed,
                             cases[i].one_lane));
        }
        double gain = (double)a.accepted * e.calls / ((double)e.accepted * a.calls);
        double lost = 1 - (double)a.accepted / e.accepted;
        assert_int_equal(e.left, 0);
        if (gain < cases[i].gain || lost > cases[i].loss)
            fail_msg("%s: %.3f times the pairs per call, %.2f %% lost", cases[i].reason, gain,
                     100 * lost);
    }
}

/* Whether any undecided tallies are given up. */
static bool gives_up_anywhere(struct stopping *s, struct rule r)
{
    int width = r.n - r.k + 1, states = (r.k + 1) * width;
    for (int i = 0; i < states; i++)
        for (int j = 0; j < states; j++) {
            struct tally a = {(uint8_t)(i / width), (uint8_t)(i % width), 0};
            struct tally b = {(uint8_t)(j / width), (uint8_t)(j % width), 0};
            for (uint64_t tie = 0; (a.correct < r.k || b.correct < r.k) && tie < 2; tie++)
                if (stopping_give_up(s, a, b, tie ? UINT64_MAX : 0))
                    return true;
        }
    return false;
}

static void gives_nothing_up_while_too_little_is_known(void **state)
{
    (void)state;
    static const struct rule rules[] = {{1, 8}, {3, 4}, {4, 4}};
    for (size_t i = 0; i < 3; i++) {
        struct rule r = rules[i];
        struct stopping *s = stopping_new(r.k, r.n);
        struct rng rng;
        rng_init(&rng, 9);
        stopping_adaptive(s, 0.5);
        assert_false(gives_up_anywhere(s, r));
        for (int j = 0, passed = 0; passed < 19;) {
            struct pair p;
            deal(&p, &rng, r.n, ALL_NINE, 0.9);
            for (; !settled(&p, r); j++)
                draw(&p, stopping_next(s, p.tally[0], p.tally[1], p.tie), s);
            passed += accepted(&p, r);
            if (j % 7 == 0)
                assert_false(gives_up_anywhere(s, r));
        }
        stopping_free(s);
    }
}

static void teach(struct stopping *s, struct rule r, int pairs, enum rates rates)
{
    struct rng rng;
    rng_init(&rng, 5);
    for (int i = 0; i < pairs; i++) {
        struct pair p;
        deal(&p, &rng, r.n, rates, 0.4);
        for (int lane = 0; lane < 2; lane++)
            while (p.drawn[lane] < r.n)
                draw(&p, lane, s);
    }
}

static void early_gives_nothing_up(void **state)
{
    (void)state;
    struct rule r = {1, 8};
    struct stopping *s = stopping_new(r.k, r.n);
    teach(s, r, 500, ONE_RATE);
    assert_false(gives_up_anywhere(s, r));
    stopping_adaptive(s, 0);
    assert_false(gives_up_anywhere(s, r));
    stopping_adaptive(s, 0.05);
    assert_true(gives_up_anywhere(s, r));
    stopping_free(s);
}

static void gives_up_what_looks_hopeless(void **state)
{
    (void)state;
    static const struct {
        struct tally a, b;
        bool given_up;
        const char *reason;
    } cases[] = {
        {{0, 0, 0}, {0, 0, 0}, false, "nothing is known yet"},
        {{0, 1, 0}, {0, 0, 0}, false, "one miss in ten is usual"},
        {{0, 6, 0}, {0, 0, 0}, true, "six misses in a row"},
        {{0, 0, 0}, {0, 6, 0}, true, "the same in the other order"},
        {{1, 0, 0}, {0, 0, 0}, false, "one order has passed"},
        {{0, 6, 1}, {0, 0, 0}, false, "a call of it is out"},
        {{0, 6, 0}, {0, 0, 1}, false, "a call of the other order is out"},
    };
    struct rule r = {1, 8};
    struct stopping *s = stopping_new(r.k, r.n);
    stopping_adaptive(s, 0.05);
    teach(s, r, 800, ALL_NINE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (uint64_t tie = 0; tie < 2; tie++)
            if (stopping_give_up(s, cases[i].a, cases[i].b, tie ? UINT64_MAX : 0) !=
                cases[i].given_up)
                fail_msg("%s", cases[i].reason);
    stopping_free(s);
}

/* At 3 of 4 to give up all pairs with one miss would lose an eighth: so it is some of them. */
static void a_share_of_the_pairs_at_a_tally_may_be_given_up(void **state)
{
    (void)state;
    struct rule r = {3, 4};
    struct stopping *s = stopping_new(r.k, r.n);
    struct tally missed = {0, 1, 0}, none = {0, 0, 0};
    struct rng rng;
    rng_init(&rng, 6);
    stopping_adaptive(s, 0.05);
    teach(s, r, 2000, ONE_RATE);
    int given_up = 0;
    for (int i = 0; i < 1000; i++)
        given_up += stopping_give_up(s, missed, none, rng_u64(&rng)) ||
                    stopping_give_up(s, none, missed, rng_u64(&rng));
    assert_in_range(given_up, 100, 900);
    stopping_free(s);
}

static void the_same_evidence_gives_the_same_plan(void **state)
{
    (void)state;
    struct rule r = {1, 8};
    struct stopping *s = stopping_new(r.k, r.n), *replayed = stopping_new(r.k, r.n);
    static struct pair pairs[300];
    struct rng rng;
    rng_init(&rng, 31);
    stopping_adaptive(s, 0.1);
    for (int i = 0; i < 300; i++)
        deal(&pairs[i], &rng, r.n, ONE_RATE, 0.4);
    play_all(s, r, pairs, 300, false);
    stopping_adaptive(replayed, 0.1);
    for (int i = 299; i >= 0; i--) { /* the last first, misses first */
        struct tally t[2] = {{0, 0, 0}, {0, 0, 0}};
        for (int lane = 1; lane >= 0; lane--) {
            for (; t[lane].missed < pairs[i].tally[lane].missed; t[lane].missed++)
                stopping_observe(replayed, t[0], t[1], lane, false);
            for (; t[lane].correct < pairs[i].tally[lane].correct; t[lane].correct++)
                stopping_observe(replayed, t[0], t[1], lane, true);
        }
    }
    stopping_adaptive(s, 0.05); /* both make their plan anew */
    stopping_adaptive(replayed, 0.05);
    for (int i = 0; i < 64; i++) {
        struct tally a = {0, (uint8_t)(i / 8), 0}, b = {0, (uint8_t)(i % 8), 0};
        uint64_t tie = rng_u64(&rng);
        assert_int_equal(stopping_give_up(s, a, b, tie), stopping_give_up(replayed, a, b, tie));
        assert_int_equal(stopping_next(s, a, b, tie), stopping_next(replayed, a, b, tie));
        assert_true(stopping_worth(s, a, b) == stopping_worth(replayed, a, b));
    }
    assert_true(gives_up_anywhere(s, r));
    stopping_free(s);
    stopping_free(replayed);
}

/* Launches all that is surely wanted and lets the answers come back in random order. */
static int play_in_flight(struct stopping *s, struct rule r, struct pair *p, struct rng *rng)
{
    uint64_t out[2] = {0, 0}; /* bit i: rollout i is in flight */
    int calls = 0;
    while (!settled(p, r)) {
        for (int lane = 0; lane < 2; lane++)
            while (stopping_surely(s, p->tally[0], p->tally[1], p->tie, lane)) {
                out[lane] |= (uint64_t)1 << p->drawn[lane]++;
                p->tally[lane].flying++;
                calls++;
            }
        assert_true(out[0] || out[1]);
        int at = (int)rng_below(rng, 128);
        while (!(out[at & 1] >> (at >> 1) & 1))
            at = (at + 1) % 128;
        struct tally *t = &p->tally[at & 1];
        out[at & 1] &= ~((uint64_t)1 << (at >> 1));
        t->flying--;
        if (p->outcome[at & 1] >> (at >> 1) & 1)
            t->correct++;
        else
            t->missed++;
        if (!out[0] && !out[1] && !settled(p, r))
            p->left = stopping_give_up(s, p->tally[0], p->tally[1], p->tie);
    }
    return calls;
}

static void calls_in_flight_cost_nothing(void **state)
{
    (void)state;
    static const struct rule rules[] = {{1, 8}, {3, 4}, {5, 8}};
    struct rng rng;
    rng_init(&rng, 14);
    for (size_t i = 0; i < 3; i++) {
        struct rule r = rules[i];
        struct stopping *s = stopping_new(r.k, r.n);
        stopping_adaptive(s, 0.1);
        teach(s, r, 400, A_RATE_EACH);
        for (int j = 0; j < 300; j++) {
            struct pair p, q;
            int calls = 0;
            deal(&p, &rng, r.n, A_RATE_EACH, 0.4);
            q = p;
            for (; !settled(&p, r);
                 p.left = !settled(&p, r) && stopping_give_up(s, p.tally[0], p.tally[1], p.tie)) {
                draw(&p, stopping_next(s, p.tally[0], p.tally[1], p.tie), NULL);
                calls++;
            }
            assert_int_equal(play_in_flight(s, r, &q, &rng), calls);
            assert_int_equal(q.left, p.left);
            assert_int_equal(accepted(&q, r), accepted(&p, r));
        }
        stopping_free(s);
    }
}

static void worth_is_acceptances_per_call(void **state)
{
    (void)state;
    struct rule r = {3, 4};
    struct stopping *s = stopping_new(r.k, r.n);
    struct tally none = {0, 0, 0}, close = {2, 0, 0}, passed = {3, 0, 0}, torn = {2, 1, 0};
    struct tally failed = {1, 2, 0}, miss = {0, 1, 0};
    stopping_adaptive(s, 0.05);
    teach(s, r, 800, ALL_NINE);
    assert_true(stopping_worth(s, passed, passed) == 1);
    assert_true(stopping_worth(s, passed, failed) == 0);
    assert_true(stopping_worth(s, failed, none) == 0);
    assert_true(stopping_worth(s, passed, close) > 0.8);
    assert_true(stopping_worth(s, passed, close) <= 1);
    assert_true(stopping_worth(s, passed, torn) < stopping_worth(s, passed, close));
    assert_true(stopping_worth(s, passed, none) < stopping_worth(s, passed, torn));
    assert_true(stopping_worth(s, none, none) < stopping_worth(s, passed, none));
    assert_true(stopping_worth(s, miss, none) < stopping_worth(s, none, none));
    stopping_free(s);
}

static void odd_rules_are_planned(void **state)
{
    (void)state;
    static const struct rule rules[] = {{1, 1}, {64, 64}, {1, 64}, {2, 17}};
    for (size_t i = 0; i < 4; i++) {
        struct rule r = rules[i];
        struct stopping *s = stopping_new(r.k, r.n);
        struct rng rng;
        rng_init(&rng, 3);
        stopping_adaptive(s, 0.3);
        teach(s, r, 100, ALL_NINE);
        for (int j = 0; j < 100; j++) {
            struct pair p;
            struct sums sums = {0, 0, 0};
            deal(&p, &rng, r.n, ALL_NINE, 0.5);
            while (!settled(&p, r))
                advance(s, r, &p, &sums);
            assert_in_range(sums.calls, 0, 2 * r.n);
        }
        stopping_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gains_as_much_as_it_should_and_loses_no_more_than_it_may),
        cmocka_unit_test(gives_nothing_up_while_too_little_is_known),
        cmocka_unit_test(early_gives_nothing_up),
        cmocka_unit_test(gives_up_what_looks_hopeless),
        cmocka_unit_test(a_share_of_the_pairs_at_a_tally_may_be_given_up),
        cmocka_unit_test(the_same_evidence_gives_the_same_plan),
        cmocka_unit_test(calls_in_flight_cost_nothing),
        cmocka_unit_test(worth_is_acceptances_per_call),
        cmocka_unit_test(odd_rules_are_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
