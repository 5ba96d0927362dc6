/* The statistics of `gavel report` about a judge, against counting everything one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/measure.c"

#define assert_near(a, b) assert_true(fabs((a) - (b)) <= 1e-9)

/* ---- the vote ---- */

/* All ways to take n of the rollouts, which are: c correct, i incorrect, the others neither. */
static double count_votes(int c, int i, int o, int n)
{
    int all = c + i + o, ways = 0;
    double won = 0;
    for (uint32_t mask = 0; mask < 1u << all; mask++) {
        if (__builtin_popcount(mask) != n)
            continue;
        int right = __builtin_popcount(mask & ((1u << c) - 1));
        int wrong = __builtin_popcount(mask >> c & ((1u << i) - 1));
        ways++;
        won += right > wrong ? 1 : right > 0 && right == wrong ? 0.5 : 0;
    }
    return won / ways;
}

static void a_vote_is_the_mean_over_all_subsets(void **state)
{
    (void)state;
    for (int c = 0; c <= 5; c++)
        for (int i = 0; i <= 5; i++)
            for (int o = 0; o <= 3; o++)
                for (int n = 1; n <= c + i + o; n++)
                    if (fabs(measure_vote(c, i, o, n) - count_votes(c, i, o, n)) > 1e-9)
                        fail_msg("%d correct, %d incorrect, %d other, %d drawn", c, i, o, n);
}

/* How likely none of n is one of the voters. */
static double nobody(int voters, int others, int n)
{
    double chance = 1;
    for (int i = 0; i < n; i++)
        chance *= (double)(others - i) / (voters + others - i);
    return chance;
}

static void the_largest_vote_is_still_a_chance(void **state)
{
    (void)state;
    assert_near(measure_vote(32, 32, 0, 32), 0.5);
    assert_near(measure_vote(64, 0, 0, 64), 1);
    assert_near(measure_vote(0, 0, 64, 64), 0); /* nobody voted */
    assert_near(measure_vote(20, 10, 34, 32) + measure_vote(10, 20, 34, 32),
                1 - nobody(30, 34, 32));
    assert_near(measure_vote(3, 2, 5, 1), 0.3); /* one vote: the accuracy */
}

/* ---- one pair ---- */

/* fill(h, "+-=?"): correct, incorrect, tie, no verdict. */
static int fill(struct measure_half *h, const char *outcomes)
{
    int n = 0;
    for (const char *c = outcomes; *c; c++, n++) {
        h->outcomes[n] = *c == '+'   ? OUTCOME_CORRECT
                         : *c == '-' ? OUTCOME_INCORRECT
                         : *c == '=' ? OUTCOME_TIE
                                     : OUTCOME_NO_VERDICT;
        h->after[n][0] = h->outcomes[n];
        h->scores[n] = MEASURE_NO_SCORE;
    }
    return n;
}

static struct measure_pair pair_of(const char *first, const char *second)
{
    static struct measure_pair p;
    p = (struct measure_pair){.pointwise = !second};
    p.n = fill(&p.halves[0], first);
    if (second)
        assert_int_equal(fill(&p.halves[1], second), p.n);
    return p;
}

static void one_judgment_is_told_apart_by_what_both_orders_say(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        double right, wrong, flip, tie, none;
        const char *why;
    } rows[] = {
        {"+", "+", 1, 0, 0, 0, 0, "right in both"},
        {"-", "-", 0, 1, 0, 0, 0, "wrong in both: no flip"},
        {"+", "-", 0, 0, 1, 0, 0, "the winner changes with the order"},
        {"-", "+", 0, 0, 1, 0, 0, "the other way round"},
        {"+", "=", 0, 0, 0, 1, 0, "a tie in one order"},
        {"=", "?", 0, 0, 0, 0, 1, "no verdict comes before a tie"},
        {"+", "?", 0, 0, 0, 0, 1, "no verdict"},
        {"++--", "++++", 0.5, 0, 0.5, 0, 0, "chances, not pairs"},
        {"+-", "+-", 0.25, 0.25, 0.5, 0, 0, "independent draws"},
        {"+-=?", "++++", 0.25, 0, 0.25, 0.25, 0.25, "all kinds"},
        {"+-=?", NULL, 0.25, 0.25, 0, 0.25, 0.25, "pointwise: one judgment, never a flip"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct measure m = {0};
        struct measure_pair p = pair_of(rows[i].first, rows[i].second);
        measure_add(&m, &p);
        const double got[] = {m.both_right, m.both_wrong, m.flip, m.any_tie, m.any_none};
        const double want[] = {rows[i].right, rows[i].wrong, rows[i].flip, rows[i].tie,
                               rows[i].none};
        for (size_t k = 0; k < 5; k++)
            if (fabs(got[k] - want[k]) > 1e-9)
                fail_msg("%s: number %d is %g", rows[i].why, (int)k, got[k]);
    }
}

static void each_order_has_its_accuracy_and_its_liking_for_a(void **state)
{
    (void)state;
    struct measure m = {0};
    struct measure_pair p = pair_of("++-=", "+???");
    p.halves[0].chose_a[0] = p.halves[0].chose_a[1] = true;
    measure_add(&m, &p);
    p = pair_of("++++", "----");
    measure_add(&m, &p);
    assert_int_equal(m.pairs, 2);
    assert_int_equal(m.rollouts, 16);
    assert_near(m.right[0], 0.5 + 1);
    assert_near(m.right[1], 0.25 + 0);
    assert_near(m.tie[0], 0.25);
    assert_near(m.none[1], 0.75);
    assert_int_equal(m.choosing[0], 2);
    assert_int_equal(m.choosing[1], 2);
    assert_near(m.chose_a[0], 2.0 / 3); /* of the three that chose one */
    assert_near(m.chose_a[1], 0);
    p = pair_of("=?", "-?");
    measure_add(&m, &p);
    assert_int_equal(m.choosing[0], 2); /* who chooses nothing likes no side */
    assert_int_equal(m.choosing[1], 3);
}

/* ---- several judgments ---- */

static void random_half(struct measure_half *h, struct rng *r, int n)
{
    for (int k = 0; k < n; k++) {
        double x = rng_double(r);
        h->outcomes[k] = x < 0.5   ? OUTCOME_CORRECT
                         : x < 0.8 ? OUTCOME_INCORRECT
                         : x < 0.9 ? OUTCOME_TIE
                                   : OUTCOME_NO_VERDICT;
        h->after[k][0] = h->outcomes[k];
        h->scores[k] = x < 0.9 ? (int)rng_below(r, 7) - 3 : MEASURE_NO_SCORE;
    }
}

static double count_half(const struct measure_half *h, int all, int n)
{
    int ways = 0;
    double won = 0;
    for (uint32_t mask = 0; mask < 1u << all; mask++) {
        int right = 0, wrong = 0;
        if (__builtin_popcount(mask) != n)
            continue;
        for (int k = 0; k < all; k++) {
            right += (mask >> k & 1) && h->outcomes[k] == OUTCOME_CORRECT;
            wrong += (mask >> k & 1) && h->outcomes[k] == OUTCOME_INCORRECT;
        }
        ways++;
        won += right > wrong ? 1 : right > 0 && right == wrong ? 0.5 : 0;
    }
    return won / ways;
}

static void a_majority_is_the_mean_over_all_choices_in_each_order(void **state)
{
    (void)state;
    struct rng r;
    struct measure m = {0};
    double want[MEASURE_POWERS][3] = {{0}};
    rng_init(&r, 11);
    for (int i = 0; i < 40; i++) {
        struct measure_pair p = {.n = 9};
        random_half(&p.halves[0], &r, p.n);
        random_half(&p.halves[1], &r, p.n);
        measure_add(&m, &p);
        for (int power = 0; power < 4; power++) {
            double a = count_half(&p.halves[0], p.n, 1 << power);
            double b = count_half(&p.halves[1], p.n, 1 << power);
            want[power][0] += a;
            want[power][1] += b;
            want[power][2] += a * b;
        }
    }
    for (int power = 0; power < 4; power++) {
        assert_int_equal(m.majority[power].pairs, 40);
        assert_near(m.majority[power].right[0], want[power][0]);
        assert_near(m.majority[power].right[1], want[power][1]);
        assert_near(m.majority[power].both, want[power][2]);
    }
    assert_int_equal(m.majority[4].pairs, 0); /* 16 of 9 */
    assert_int_equal(m.mean[0].pairs, 0);     /* no scores */
}

static void set_scores(struct measure_half *h, const int *scores, int n)
{
    for (int k = 0; k < n; k++)
        h->scores[k] = scores[k];
}

static void a_mean_is_taken_over_blocks_and_ties_are_not_right(void **state)
{
    (void)state;
    static const int none = MEASURE_NO_SCORE;
    static const struct {
        int first[4], second[4];
        double right[3][3]; /* for N = 1, 2, 4: first order, second order, both */
        const char *why;
    } rows[] = {
        {{100, 100, 100, 100},
         {100, 100, 100, 100},
         {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
         "all ahead"},
        {{100, -50, 100, -50},
         {100, 100, 100, 100},
         {{0.5, 1, 0.5}, {1, 1, 1}, {1, 1, 1}},
         "two of them make up for it"},
        {{0, 0, 0, 0}, {1, 1, 1, 1}, {{0, 1, 0}, {0, 1, 0}, {0, 1, 0}}, "equal scores"},
        {{100, -100, 100, -50},
         {1, 1, -1, -1},
         {{0.5, 0.5, 0.25}, {0.5, 0.5, 0}, {1, 0, 0}},
         "blocks are of one place in both orders"},
        {{none, 100, none, none},
         {1, 1, 1, 1},
         {{0.25, 1, 0.25}, {0.5, 1, 0.5}, {1, 1, 1}},
         "what has no score is left out of the mean"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct measure m = {0};
        struct measure_pair p = pair_of("++++", "++++");
        p.has_scores = true;
        set_scores(&p.halves[0], rows[i].first, 4);
        set_scores(&p.halves[1], rows[i].second, 4);
        measure_add(&m, &p);
        for (int power = 0; power < 3; power++) {
            const struct measure_point *got = &m.mean[power];
            const double *want = rows[i].right[power];
            if (got->pairs != 1 || fabs(got->right[0] - want[0]) > 1e-9 ||
                fabs(got->right[1] - want[1]) > 1e-9 || fabs(got->both - want[2]) > 1e-9)
                fail_msg("%s: N = %d: %g %g %g", rows[i].why, 1 << power, got->right[0],
                         got->right[1], got->both);
        }
    }
}

static void pointwise_means_compare_the_two_answers(void **state)
{
    (void)state;
    static const int chosen[] = {700, 700, 500, 900}, rejected[] = {700, 600, 800, 700};
    struct measure m = {0};
    struct measure_pair p = pair_of("=+-+", NULL);
    p.has_scores = true;
    set_scores(&p.halves[0], chosen, 4);
    set_scores(&p.halves[1], rejected, 4);
    measure_add(&m, &p);
    assert_true(m.pointwise);
    assert_near(m.mean[0].both, 0.5); /* the tie is not right */
    assert_near(m.mean[1].both, 0.5); /* 1400 against 1300, 1400 against 1500 */
    assert_near(m.mean[2].both, 0);   /* 2800 against 2800: a tie */
    assert_near(m.mean[2].right[0], m.mean[2].right[1]);
    p.halves[1].scores[3] = MEASURE_NO_SCORE; /* 2800 / 4 against 2100 / 3 */
    m = (struct measure){0};
    measure_add(&m, &p);
    assert_near(m.mean[2].both, 0);
    p.halves[1].scores[0] = 699;
    m = (struct measure){0};
    measure_add(&m, &p);
    assert_near(m.mean[2].both, 1);
}

/* ---- cues ---- */

static void wait(struct measure_half *h, int k, const char *after)
{
    h->cues[k] = (uint8_t)strlen(after);
    for (int i = 0; after[i]; i++)
        h->after[k][i + 1] = after[i] == '+' ? OUTCOME_CORRECT : OUTCOME_INCORRECT;
}

static void a_cue_is_measured_on_the_rollouts_that_were_given_it(void **state)
{
    (void)state;
    struct measure m = {0};
    struct measure_pair p = pair_of("-+-", "+--");
    wait(&p.halves[0], 0, "+");  /* wrong, then right */
    wait(&p.halves[0], 1, "-+"); /* right, wrong, right */
    wait(&p.halves[1], 2, "+");
    measure_add(&m, &p);
    const struct measure_wait *w = m.waits;
    assert_near(w[0].now[0], 1.0 / 3); /* without a cue: all of them */
    assert_near(w[0].now[1], 1.0 / 3);
    assert_near(w[0].now_both, 1.0 / 9);
    assert_near(w[1].now[0], 0.5); /* of two */
    assert_near(w[1].before[0], 0.5);
    assert_near(w[1].now[1], 1); /* of one */
    assert_near(w[1].before[1], 0);
    assert_near(w[1].now_both, 0.5);
    assert_int_equal(w[1].pairs_both, 1);
    assert_near(w[2].now[0], 1);
    assert_near(w[2].before[0], 1);
    assert_int_equal(w[2].pairs[0], 1);
    assert_int_equal(w[2].pairs[1], 0);
    assert_int_equal(w[2].pairs_both, 0);
    assert_int_equal(w[3].pairs[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vote_is_the_mean_over_all_subsets),
        cmocka_unit_test(the_largest_vote_is_still_a_chance),
        cmocka_unit_test(one_judgment_is_told_apart_by_what_both_orders_say),
        cmocka_unit_test(each_order_has_its_accuracy_and_its_liking_for_a),
        cmocka_unit_test(a_majority_is_the_mean_over_all_choices_in_each_order),
        cmocka_unit_test(a_mean_is_taken_over_blocks_and_ties_are_not_right),
        cmocka_unit_test(pointwise_means_compare_the_two_answers),
        cmocka_unit_test(a_cue_is_measured_on_the_rollouts_that_were_given_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
