/* The planner's gates beyond k of n in two orders: pointwise pairs, mean scores, further teachers,
 * the checker, the hinted pass, students, measuring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/planner_fixture.h"

#define QUIET "reflection: {mode: none}\ncalibration: 0\n"
#define TEACHER "endpoints:\n- {url: \"http://h/v1\", model: m}\n"

static struct planner_fixture f;
static struct subject s;

static void begin(const char *yaml)
{
    planner_fixture_open(&f, yaml);
    planner_fixture_begin(&f, &s, 1);
}

static void end(void)
{
    planner_fixture_close(&f);
}

static enum reason why;

static enum pair_state fate(void)
{
    return planner_fate(f.planner, &s, &why);
}

static bool next(struct planner_wish *w)
{
    return planner_next(f.planner, &s, w);
}

static void done(int seat, int lane, int k, bool correct)
{
    assert_true(planner_done(f.planner, &s, seat, lane, k, planner_fixture_news(correct)));
}

static void scored(int lane, int k, int score)
{
    const struct planner_news news = {score != PLANNER_NO_SCORE, score};
    assert_true(planner_done(f.planner, &s, 0, lane, k, news));
}

/* Every wish is answered so; returns how many there were of this seat. */
static int play(int seat, bool correct)
{
    struct planner_wish w;
    int n = 0;
    while (next(&w)) {
        n += w.seat == seat;
        done(w.seat, w.lane, w.k, w.seat == seat ? correct : true);
    }
    return n;
}

/* Pointwise */

static void a_pointwise_judgment_is_one_of_both_answers_under_the_same_k(void **state)
{
    (void)state;
    struct planner_wish w;
    begin(QUIET "judge: {format: pointwise}\naccept: {k: 1, n: 2}\n");
    assert_true(next(&w));
    assert_int_equal(w.lane, LANE_CHOSEN_ONLY);
    assert_true(next(&w));
    assert_int_equal(w.lane, LANE_REJECTED_ONLY);
    assert_int_equal(w.k, 0);
    assert_false(next(&w)); /* a second judgment may not be needed */
    scored(LANE_CHOSEN_ONLY, 0, 800);
    assert_int_equal(fate(), STATE_OPEN);
    scored(LANE_REJECTED_ONLY, 0, 750);
    assert_int_equal(fate(), STATE_ACCEPTED);
    end();
}

static void equal_and_missing_scores_are_misses(void **state)
{
    (void)state;
    const struct {
        int chosen, rejected;
        enum pair_state fate;
        const char *why;
    } rows[] = {
        {500, 499, STATE_ACCEPTED, "a hundredth is enough"},
        {500, 500, STATE_REJECTED, "a tie"},
        {300, 500, STATE_REJECTED, "the wrong way round"},
        {PLANNER_NO_SCORE, 500, STATE_REJECTED, "no score of the chosen one"},
        {500, PLANNER_NO_SCORE, STATE_REJECTED, "no score of the rejected one"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(QUIET "judge: {format: pointwise}\naccept: {k: 1, n: 1}\n");
        struct planner_wish w;
        while (next(&w))
            ;
        scored(LANE_CHOSEN_ONLY, 0, rows[i].chosen);
        if (fate() == STATE_OPEN)
            scored(LANE_REJECTED_ONLY, 0, rows[i].rejected);
        if (fate() != rows[i].fate)
            fail_msg("%s: %s", rows[i].why, state_name(fate()));
        if (rows[i].fate == STATE_REJECTED)
            assert_int_equal(why, REASON_FAILED);
        end();
    }
}

/* Whatever halves of five judgments are stored: the first n that have begun count, and their other
 * halves are asked for. */
static void pointwise_pairs_come_to_an_end_under_tightened_rules(void **state)
{
    (void)state;
    static const char *const rules[] = {
        QUIET "judge: {format: pointwise}\naccept: {k: 2, n: 3, stop: full}\n",
        QUIET "judge: {format: pointwise}\naccept: {k: 2, n: 3, stop: early}\n"};
    const struct planner_news news[] = {{true, 500}, {true, 300}};
    struct planner_wish w;
    for (int i = 0; i < 2; i++) {
        begin(rules[i]);
        for (int stored = 0; stored < 1 << 10; stored++) {
            int calls = 0;
            planner_fixture_begin(&f, &s, (uint64_t)stored);
            for (int bit = 0; bit < 10; bit++)
                if (stored >> bit & 1)
                    planner_recall(f.planner, &s, 0, LANE_CHOSEN_ONLY + bit % 2, bit / 2,
                                   news[bit % 2]);
            for (; next(&w); calls++)
                planner_done(f.planner, &s, w.seat, w.lane, w.k, news[w.lane % 2]);
            assert_int_equal(fate(), STATE_ACCEPTED);
            assert_true(calls <= 6);
        }
        end();
    }
}

/* One half without a score seals a judgment; rates and means want the other half all the same. */
static void pointwise_pairs_in_full_wait_for_both_halves(void **state)
{
    (void)state;
    static const char *const rules[] = {
        QUIET "judge: {format: pointwise}\naccept: {k: 1, n: 3, stop: full}\n",
        "reflection: {mode: none}\ncalibration: 1\njudge: {format: pointwise}\n"
        "accept: {k: 1, n: 3}\n",
        QUIET "judge: {format: pointwise}\naccept: {rule: mean_score, n: 3}\n",
        QUIET "judge: {format: pointwise}\npurpose: evaluate\naccept: {k: 1, n: 3}\n"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        for (int at_once = 0; at_once < 2; at_once++) {
            struct planner_wish w[6];
            int n = 0;
            begin(rules[i]);
            for (int answered = 0; answered < 6; answered++) {
                while (n < 6 && (at_once || n == answered) && next(&w[n]))
                    n++;
                assert_true(n > answered);
                assert_int_equal(fate(), STATE_OPEN);
                scored(w[answered].lane, w[answered].k, PLANNER_NO_SCORE);
            }
            assert_int_equal(fate(), STATE_REJECTED);
            end();
        }
    }
}

static void pointwise_pairs_have_stopping_plans_of_their_own(void **state)
{
    (void)state;
    int plans[2] = {-1, -1};
    begin(QUIET "judge: {mix: {verdict: 1, pointwise: 1}}\naccept: {k: 1, n: 2}\n");
    for (uint64_t i = 0; i < 20; i++) {
        planner_fixture_begin(&f, &s, i);
        plans[s.pointwise] = s.plan;
    }
    assert_int_not_equal(plans[0], plans[1]);
    end();
}

static void rollouts_of_the_other_kind_of_lane_mean_nothing(void **state)
{
    (void)state;
    begin(QUIET "accept: {k: 1, n: 1}\n");
    assert_false(planner_recall(f.planner, &s, 0, LANE_CHOSEN_ONLY, 0, planner_fixture_news(true)));
    assert_false(
        planner_recall(f.planner, &s, 3, LANE_CHOSEN_FIRST, 0, planner_fixture_news(true)));
    assert_false(planner_adopt(f.planner, &s, 0, LANE_REJECTED_ONLY, 0));
    end();
}

/* Mean scores */

static void means_decide_by_their_margin_in_each_order(void **state)
{
    (void)state;
    const struct {
        int margins[2][2];
        enum pair_state fate;
        const char *why;
    } rows[] = {
        {{{100, 0}, {50, 50}}, STATE_ACCEPTED, "half a point on average in both"},
        {{{100, 0}, {50, 40}}, STATE_REJECTED, "less in one order"},
        {{{300, -100}, {100, 100}}, STATE_ACCEPTED, "one may be wrong"},
        {{{300, PLANNER_NO_SCORE}, {100, 100}}, STATE_ACCEPTED, "half of them have scores"},
        {{{PLANNER_NO_SCORE, PLANNER_NO_SCORE}, {100, 100}}, STATE_REJECTED, "no scores"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(QUIET "judge: {format: scores}\n"
                    "accept: {rule: mean_score, n: 2, margin: 0.5}\n");
        struct planner_wish w;
        int n = 0;
        while (next(&w))
            n++;
        assert_int_equal(n, 4); /* all of them, at once */
        for (int lane = 0; lane < 2; lane++)
            for (int k = 0; k < 2; k++)
                scored(lane, k, rows[i].margins[lane][k]);
        if (fate() != rows[i].fate)
            fail_msg("%s: %s", rows[i].why, state_name(fate()));
        end();
    }
}

static void scores_are_seen_from_the_better_answer(void **state)
{
    (void)state;
    struct planner_news n = planner_news_of(VERDICT_A, 800, 300, LANE_CHOSEN_FIRST, false);
    assert_true(n.correct && n.score == 500);
    n = planner_news_of(VERDICT_A, 800, 300, LANE_REJECTED_FIRST, false);
    assert_true(!n.correct && n.score == -500);
    n = planner_news_of(VERDICT_A, 800, 300, LANE_CHOSEN_FIRST, true);
    assert_true(!n.correct && n.score == PLANNER_NO_SCORE);
    n = planner_news_of(VERDICT_SCORE, 800, SCORE_NONE, LANE_REJECTED_ONLY, false);
    assert_true(n.correct && n.score == 800);
    n = planner_news_of(VERDICT_OUT_OF_RANGE, SCORE_NONE, SCORE_NONE, LANE_CHOSEN_ONLY, false);
    assert_true(!n.correct && n.score == PLANNER_NO_SCORE);
}

/* Bars */

static void each_trust_class_has_its_own_bar(void **state)
{
    (void)state;
    const struct {
        enum trust trust;
        int k, n;
    } rows[] = {{TRUST_VERIFIED, 1, 2}, {TRUST_HUMAN, 3, 3}, {TRUST_SYNTHETIC, 2, 3}};
    begin(QUIET "accept: {k: 2, n: 3, verified: {k: 1, n: 2}, human: {k: 3}}\n");
    for (size_t i = 0; i < 3; i++) {
        const struct planner_pair pair = planner_fixture_pair(1, rows[i].trust);
        planner_begin(f.planner, &s, &pair);
        assert_int_equal(s.k, rows[i].k);
        assert_int_equal(s.n, rows[i].n);
        int calls = play(0, true);
        assert_int_equal(fate(), STATE_ACCEPTED);
        assert_int_equal(calls, 2 * rows[i].k);
    }
    end();
}

static void majority_and_share_are_k_of_n(void **state)
{
    (void)state;
    const struct {
        const char *yaml;
        int k;
    } rows[] = {
        {"accept: {rule: majority, k: 1, n: 5}\n", 3},
        {"accept: {rule: majority, k: 1, n: 4}\n", 3},
        {"accept: {rule: share, share: 0.75, k: 1, n: 8}\n", 6},
        {"accept: {rule: share, share: 0.1, k: 1, n: 3}\n", 1},
        {"accept: {rule: share, share: 0.7, k: 1, n: 10}\n", 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char yaml[300];
        snprintf(yaml, sizeof yaml, QUIET "%s", rows[i].yaml);
        begin(yaml);
        assert_int_equal(s.k, rows[i].k);
        end();
    }
}

/* Further seats */

static void another_teacher_is_asked_once_the_first_is_convinced_and_must_agree(void **state)
{
    (void)state;
    for (int agrees = 0; agrees < 2; agrees++) {
        begin(TEACHER "- {url: \"http://h/v1\", model: other}\n" QUIET "accept: {k: 1, n: 1}\n");
        struct planner_wish w;
        assert_true(next(&w));
        assert_int_equal(w.seat, 0);
        assert_false(next(&w));
        done(0, w.lane, 0, true);
        assert_true(next(&w));
        assert_int_equal(w.seat, 0);
        done(0, w.lane, 0, true);
        assert_int_equal(play(1, agrees), agrees ? 2 : 1);
        assert_int_equal(fate(), agrees ? STATE_ACCEPTED : STATE_REJECTED);
        assert_int_equal(why, agrees ? REASON_ACCEPTED : REASON_DISAGREED);
        end();
    }
}

static void a_failed_pair_costs_no_other_seat_anything(void **state)
{
    (void)state;
    begin(TEACHER "- {url: \"http://h/v1\", model: other}\n"
                  "- {role: checker, url: \"http://h/v1\", model: c}\n" QUIET
                  "accept: {k: 1, n: 1}\n");
    struct planner_wish w;
    assert_true(next(&w));
    done(0, w.lane, w.k, false);
    assert_false(next(&w));
    assert_int_equal(fate(), STATE_REJECTED);
    end();
}

#define CHECKED                                                         \
    TEACHER "- {role: checker, url: \"http://h/v1\", model: c}\n" QUIET \
            "accept: {k: 2, n: 2, stop: full}\n"

static void the_checker_reviews_right_traces_until_one_of_each_order_stands(void **state)
{
    (void)state;
    begin(CHECKED);
    struct planner_wish w;
    for (int i = 0; i < 4; i++) {
        assert_true(next(&w));
        assert_int_equal(w.seat, 0);
        done(0, w.lane, w.k, true);
    }
    assert_true(next(&w));
    assert_int_equal(w.seat, 1);
    assert_int_equal(w.lane, LANE_CHOSEN_FIRST);
    assert_true(next(&w));
    assert_int_equal(w.lane, LANE_REJECTED_FIRST);
    assert_false(next(&w)); /* one of each order at a time */
    done(1, LANE_CHOSEN_FIRST, 0, true);
    done(1, LANE_REJECTED_FIRST, 0, false);
    assert_int_equal(fate(), STATE_OPEN);
    assert_true(next(&w));
    assert_true(w.seat == 1 && w.lane == LANE_REJECTED_FIRST && w.k == 1);
    done(1, LANE_REJECTED_FIRST, 1, true);
    assert_int_equal(fate(), STATE_ACCEPTED);
    end();
}

static void a_pair_whose_traces_all_fall_is_rejected(void **state)
{
    (void)state;
    begin(CHECKED);
    play(1, false);
    assert_int_equal(fate(), STATE_REJECTED);
    assert_int_equal(why, REASON_UNCHECKED);
    end();
}

static void a_check_of_a_trace_that_a_filter_has_taken_since_is_none(void **state)
{
    (void)state;
    struct planner_wish w;
    begin(TEACHER "- {role: checker, url: \"http://h/v1\", model: c}\n" QUIET
                  "accept: {k: 1, n: 2, stop: full}\n");
    for (int lane = 0; lane < 2; lane++) {
        planner_recall(f.planner, &s, 0, lane, 0, planner_fixture_news(lane > 0));
        planner_recall(f.planner, &s, 1, lane, 0, planner_fixture_news(true));
        planner_recall(f.planner, &s, 0, lane, 1, planner_fixture_news(true));
    }
    assert_int_equal(fate(), STATE_OPEN);
    assert_true(next(&w));
    assert_true(w.seat == 1 && w.lane == LANE_CHOSEN_FIRST && w.k == 1);
    assert_false(next(&w));
    done(1, LANE_CHOSEN_FIRST, 1, true);
    assert_int_equal(fate(), STATE_ACCEPTED);
    end();
}

static void a_hinted_pass_follows_a_failure_within_its_share(void **state)
{
    (void)state;
    struct planner_wish w;
    for (int holds = 0; holds < 2; holds++) {
        begin(QUIET "accept: {k: 1, n: 1}\nhint: {share: 0.1, k: 1, n: 1}\n");
        done(0, 0, 0, false);
        assert_int_equal(fate(), STATE_REJECTED); /* of no accepted pairs, none may be hinted */
        planner_decided(f.planner, STATE_ACCEPTED, REASON_ACCEPTED, 9);
        assert_int_equal(fate(), STATE_OPEN);
        assert_true(next(&w));
        assert_int_equal(f.seats.all[w.seat].kind, SEAT_HINTED);
        done(w.seat, w.lane, w.k, true);
        assert_true(next(&w));
        done(w.seat, w.lane, w.k, holds);
        assert_int_equal(fate(), holds ? STATE_ACCEPTED : STATE_REJECTED);
        if (holds)
            assert_int_equal(why, REASON_HINTED);
        planner_decided(f.planner, STATE_ACCEPTED, REASON_HINTED, 1);
        planner_fixture_begin(&f, &s, 2);
        done(0, 0, 0, false);
        assert_int_equal(fate(), STATE_REJECTED); /* 2 of 11 would be too many */
        end();
    }
}

/* All fail before the first second pass has come to its end. */
static void hinted_pairs_under_way_count_for_the_share(void **state)
{
    (void)state;
    enum { PAIRS = 20 };
    static struct subject all[PAIRS];
    struct planner_wish w;
    int hinted = 0;
    begin(QUIET "accept: {k: 1, n: 1}\nhint: {share: 0.1, k: 1, n: 1}\n");
    planner_decided(f.planner, STATE_ACCEPTED, REASON_ACCEPTED, PAIRS);
    for (uint64_t i = 0; i < PAIRS; i++) {
        planner_fixture_begin(&f, &all[i], i);
        planner_done(f.planner, &all[i], 0, 0, 0, planner_fixture_news(false));
        hinted += planner_next(f.planner, &all[i], &w);
    }
    assert_int_equal(hinted, 2); /* of 22 */
    for (int i = 0; i < PAIRS; i++)
        planner_left(f.planner, &all[i]); /* all failed again: there is room as before */
    planner_fixture_begin(&f, &s, 99);
    done(0, 0, 0, false);
    assert_int_equal(fate(), STATE_OPEN);
    end();
}

static void students_are_asked_in_full_and_decide_nothing(void **state)
{
    (void)state;
    for (int right = 0; right < 2; right++) {
        begin(TEACHER "- {role: student, url: \"http://h/v1\", model: s}\n" QUIET
                      "accept: {k: 1, n: 1}\nstudent: {n: 3}\n");
        done(0, 0, 0, true);
        done(0, 1, 0, true);
        assert_int_equal(fate(), STATE_OPEN);
        assert_int_equal(play(1, right), 6);
        assert_int_equal(fate(), STATE_ACCEPTED);
        end();
        begin(TEACHER "- {role: student, url: \"http://h/v1\", model: s}\n" QUIET
                      "accept: {k: 1, n: 1}\nstudent: {n: 1}\n");
        done(0, 0, 0, false);
        assert_int_equal(play(1, right), 2);
        assert_int_equal(fate(), STATE_REJECTED);
        end();
    }
}

static void measuring_draws_every_teacher_in_full(void **state)
{
    (void)state;
    begin("purpose: evaluate\n" TEACHER "- {url: \"http://h/v1\", model: other}\n" QUIET
          "accept: {k: 1, n: 3}\n");
    struct planner_wish w;
    int calls[2] = {0};
    while (next(&w)) {
        calls[w.seat]++;
        done(w.seat, w.lane, w.k, w.seat == 1);
    }
    assert_int_equal(calls[0], 6);
    assert_int_equal(calls[1], 6);
    assert_int_equal(fate(), STATE_REJECTED); /* as the rules say of the first */
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointwise_judgment_is_one_of_both_answers_under_the_same_k),
        cmocka_unit_test(equal_and_missing_scores_are_misses),
        cmocka_unit_test(pointwise_pairs_come_to_an_end_under_tightened_rules),
        cmocka_unit_test(pointwise_pairs_in_full_wait_for_both_halves),
        cmocka_unit_test(pointwise_pairs_have_stopping_plans_of_their_own),
        cmocka_unit_test(rollouts_of_the_other_kind_of_lane_mean_nothing),
        cmocka_unit_test(means_decide_by_their_margin_in_each_order),
        cmocka_unit_test(scores_are_seen_from_the_better_answer),
        cmocka_unit_test(each_trust_class_has_its_own_bar),
        cmocka_unit_test(majority_and_share_are_k_of_n),
        cmocka_unit_test(another_teacher_is_asked_once_the_first_is_convinced_and_must_agree),
        cmocka_unit_test(a_failed_pair_costs_no_other_seat_anything),
        cmocka_unit_test(the_checker_reviews_right_traces_until_one_of_each_order_stands),
        cmocka_unit_test(a_pair_whose_traces_all_fall_is_rejected),
        cmocka_unit_test(a_check_of_a_trace_that_a_filter_has_taken_since_is_none),
        cmocka_unit_test(a_hinted_pass_follows_a_failure_within_its_share),
        cmocka_unit_test(hinted_pairs_under_way_count_for_the_share),
        cmocka_unit_test(students_are_asked_in_full_and_decide_nothing),
        cmocka_unit_test(measuring_draws_every_teacher_in_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
