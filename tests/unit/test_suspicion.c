#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coordinator/suspicion.h"

static const double before = -2.9444389791664403; /* log(0.05 / 0.95) */

static void agrees_with_the_beta_binomial_worked_out(void **state)
{
    (void)state;
    static const struct {
        struct suspicion_order orders[2];
        double accuracy, ratio; /* P(counts | flipped) / P(counts | right) */
        const char *reason;
    } cases[] = {
        {{{0, 0, 0}, {0, 0, 0}}, 0.75, 1, "nothing was said"},
        {{{0, 1, 0}, {0, 0, 0}}, 0.75, 3, "one is wrong: 6/8 against 2/8"},
        {{{1, 0, 0}, {0, 0, 0}}, 0.75, 1.0 / 3, "one is right"},
        {{{0, 1, 0}, {0, 1, 0}}, 0.75, 7, "6*7 against 2*3"},
        {{{0, 2, 0}, {0, 0, 0}}, 0.75, 7, "which order said it does not matter"},
        {{{4, 0, 0}, {0, 4, 0}}, 0.75, 1, "always the answer shown first"},
        {{{0, 1, 0}, {1, 2, 0}}, 0.75, 672.0 / 144, "6*7*8 * 2 against 2*3*4 * 6"},
        {{{0, 0, 2}, {0, 0, 0}}, 0.75, 1, "two ties"},
        {{{0, 3, 0}, {0, 3, 0}}, 0.5, 1, "a coin says nothing"},
        {{{0, 3, 0}, {0, 3, 0}}, 0.2, 1, "worse than a coin: no conclusion either"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double expected = before + log(cases[i].ratio);
        double odds = suspicion_odds(cases[i].orders, 2, cases[i].accuracy);
        if (fabs(odds - expected) > 1e-9)
            fail_msg("%s: %.6f, not %.6f", cases[i].reason, odds, expected);
    }
}

static void more_contradiction_is_more_suspect(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 4);
    for (int i = 0; i < 2000; i++) {
        double accuracy = 0.55 + 0.44 * rng_double(&rng);
        struct suspicion_order o[2] = {
            {(int)rng_below(&rng, 9), (int)rng_below(&rng, 9), (int)rng_below(&rng, 3)},
            {(int)rng_below(&rng, 9), (int)rng_below(&rng, 9), (int)rng_below(&rng, 3)},
        };
        double odds = suspicion_odds(o, 2, accuracy);
        o[i & 1].incorrect++;
        double wronger = suspicion_odds(o, 2, accuracy);
        o[i & 1].incorrect--;
        o[i & 1].correct++;
        double righter = suspicion_odds(o, 2, accuracy);
        assert_true(righter < odds && odds < wronger);
    }
}

/* Swapping correct and incorrect everywhere turns the evidence round. */
static void evidence_is_symmetric(void **state)
{
    (void)state;
    for (int c = 0; c < 9; c++)
        for (int i = 0; i < 9; i++) {
            struct suspicion_order o = {c, i, 1}, p = {i, c, 1};
            double sum = suspicion_odds(&o, 1, 0.8) + suspicion_odds(&p, 1, 0.8);
            assert_true(fabs(sum - 2 * before) < 1e-9);
        }
}

static void ties_and_doubt_temper(void **state)
{
    (void)state;
    struct suspicion_order sure = {0, 4, 0}, torn = {0, 4, 4};
    assert_true(suspicion_odds(&torn, 1, 0.8) < suspicion_odds(&sure, 1, 0.8));
    assert_true(suspicion_odds(&torn, 1, 0.8) > before);
}

static void a_better_teacher_is_believed_more(void **state)
{
    (void)state;
    struct suspicion_order o[2] = {{0, 2, 0}, {0, 2, 0}};
    double last = before;
    for (int i = 60; i <= 100; i += 5) {
        double odds = suspicion_odds(o, 2, i / 100.0);
        assert_true(odds > last && isfinite(odds));
        last = odds;
    }
}

static void only_pairs_that_every_order_contradicts(void **state)
{
    (void)state;
    static const struct {
        struct suspicion_order orders[2];
        int n;
        bool contradicted;
        const char *reason;
    } cases[] = {
        {{{0, 1, 0}, {0, 1, 0}}, 2, true, "both"},
        {{{1, 2, 3}, {3, 4, 0}}, 2, true, "both, narrowly"},
        {{{0, 8, 0}, {1, 1, 0}}, 2, false, "one order is undecided"},
        {{{0, 8, 0}, {0, 0, 0}}, 2, false, "the other order was not drawn"},
        {{{0, 8, 0}, {0, 0, 4}}, 2, false, "the other order called it a tie"},
        {{{0, 2, 0}, {0, 0, 0}}, 1, true, "pointwise: one order is all there is"},
        {{{0, 0, 0}, {0, 0, 0}}, 0, false, "nothing at all"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (suspicion_contradicted(cases[i].orders, cases[i].n) != cases[i].contradicted)
            fail_msg("%s", cases[i].reason);
}

static int by_odds(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return x[0] < y[0] ? 1 : x[0] > y[0] ? -1 : 0;
}

/* 2000 pairs, one in ten with the wrong label; the teacher is right three times in four. */
static void finds_labels_that_were_turned_round(void **state)
{
    (void)state;
    static double pairs[2000][2]; /* odds, and whether it was turned round */
    struct rng rng;
    rng_init(&rng, 12);
    int flipped = 0, found = 0;
    for (int i = 0; i < 2000; i++) {
        bool flip = rng_below(&rng, 10) == 0;
        double rate = 0.6 + 0.3 * rng_double(&rng);
        struct suspicion_order o[2] = {{0, 0, 0}, {0, 0, 0}};
        for (int k = 0; k < 8; k++) {
            bool right = rng_double(&rng) < rate;
            o[k & 1].correct += right != flip;
            o[k & 1].incorrect += right == flip;
        }
        pairs[i][0] = suspicion_odds(o, 2, 0.75);
        pairs[i][1] = flip;
        flipped += flip;
    }
    qsort(pairs, 2000, sizeof(pairs[0]), by_odds);
    for (int i = 0; i < 240; i++)
        found += pairs[i][1] > 0;
    assert_in_range(flipped, 150, 250);
    if (found < 0.75 * flipped)
        fail_msg("%d of %d stand among the most suspect 12 %%", found, flipped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_beta_binomial_worked_out),
        cmocka_unit_test(more_contradiction_is_more_suspect),
        cmocka_unit_test(evidence_is_symmetric),
        cmocka_unit_test(ties_and_doubt_temper),
        cmocka_unit_test(a_better_teacher_is_believed_more),
        cmocka_unit_test(only_pairs_that_every_order_contradicts),
        cmocka_unit_test(finds_labels_that_were_turned_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
