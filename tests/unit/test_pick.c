/* Pick: which answers make pairs: the same ones whatever order they come in, none used more than
 * needs be, and why there are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "coordinator/pick.h"

enum { MOST = 64 };

static struct project project;
static struct id seed;
static struct pick_sample samples[MOST];
static char texts[MOST][512];
static size_t n;
static struct pick_pair pairs[CALL_MAX_K];
static enum build_reason reason;

static void begin(int64_t most, int pick)
{
    project = (struct project){.rng_seed = 1};
    project.build.pairs = most;
    project.build.pick = pick;
    memset(&seed, 7, sizeof seed);
    n = 0;
}

static struct pick_sample *add(enum lane lane, enum sample_mark mark, const char *text)
{
    struct pick_sample *s = &samples[n];
    snprintf(texts[n], sizeof texts[n], "%s", text);
    *s = (struct pick_sample){.row = 100 + (int64_t)n,
                              .lane = lane,
                              .k = (int)n,
                              .mark = mark,
                              .text = slice_of(texts[n]),
                              .final = slice_of(texts[n])};
    n++;
    return s;
}

static struct pick_sample *known(enum sample_mark mark, const char *text)
{
    return add(LANE_ANSWER, mark, text);
}

static size_t pick(bool is_known)
{
    return pick_pairs(&project, &seed, is_known, samples, n, pairs, 0, &reason);
}

static void fill(int right, int wrong)
{
    char text[32];
    for (int i = 0; i < right; i++) {
        snprintf(text, sizeof text, "right %d", i);
        known(MARK_RIGHT, text);
    }
    for (int i = 0; i < wrong; i++) {
        snprintf(text, sizeof text, "wrong %d", i);
        known(MARK_WRONG, text);
    }
}

static void a_pair_is_a_right_and_a_wrong_answer(void **state)
{
    (void)state;
    begin(4, PICK_RANDOM);
    known(MARK_UNSURE, "u");
    known(MARK_WRONG, "w");
    known(MARK_NO_ANSWER, "n");
    known(MARK_RIGHT, "r");
    known(MARK_TRUNCATED, "t");
    assert_int_equal(pick(true), 1);
    assert_int_equal(pairs[0].chosen, 3);
    assert_int_equal(pairs[0].rejected, 1);
    assert_int_equal(reason, BUILD_REASON_BUILT);
}

static void of_an_open_prompt_the_baseline_is_chosen(void **state)
{
    (void)state;
    begin(4, PICK_RANDOM);
    add(LANE_MODIFIED, MARK_TOO_CLOSE, "c");
    add(LANE_MODIFIED, MARK_USABLE, "m");
    add(LANE_ANSWER, MARK_EMPTY, "");
    add(LANE_ANSWER, MARK_USABLE, "b");
    assert_int_equal(pick(false), 1);
    assert_int_equal(pairs[0].chosen, 3);
    assert_int_equal(pairs[0].rejected, 1);
    assert_int_equal(reason, BUILD_REASON_BUILT);
}

/* The changed prompts were measured against the first of them. */
static void of_several_baselines_the_first_is_chosen(void **state)
{
    (void)state;
    begin(4, PICK_CLOSEST_LENGTH);
    add(LANE_ANSWER, MARK_USABLE, "the first of them");
    add(LANE_ANSWER, MARK_USABLE, "m");
    add(LANE_MODIFIED, MARK_USABLE, "n");
    add(LANE_MODIFIED, MARK_USABLE, "o");
    assert_int_equal(pick(false), 2);
    assert_int_equal(pairs[0].chosen, 0);
    assert_int_equal(pairs[1].chosen, 0);
}

static void there_are_as_many_as_the_project_wants_and_can_be_had(void **state)
{
    (void)state;
    begin(3, PICK_RANDOM);
    fill(2, 5);
    assert_int_equal(pick(true), 3);
    begin(64, PICK_RANDOM);
    fill(2, 5);
    assert_int_equal(pick(true), 10);
    begin(64, PICK_RANDOM);
    fill(20, 20);
    assert_int_equal(pick(true), 64);
    for (size_t i = 0; i < 64; i++)
        for (size_t j = 0; j < i; j++)
            assert_false(pairs[i].chosen == pairs[j].chosen &&
                         pairs[i].rejected == pairs[j].rejected);
}

static void answers_are_used_again_as_little_as_possible(void **state)
{
    (void)state;
    for (int64_t seeded = 0; seeded < 20; seeded++) {
        begin(6, PICK_RANDOM);
        project.rng_seed = seeded;
        fill(3, 6);
        int used[MOST] = {0};
        assert_int_equal(pick(true), 6);
        for (size_t i = 0; i < 6; i++) {
            used[pairs[i].chosen]++;
            used[pairs[i].rejected]++;
        }
        for (size_t i = 0; i < n; i++)
            assert_int_equal(used[i], i < 3 ? 2 : 1);
    }
}

static void shuffle(struct rng *r)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(r, i);
        struct pick_sample x = samples[i - 1];
        samples[i - 1] = samples[j];
        samples[j] = x;
    }
}

static void the_order_of_the_samples_does_not_matter(void **state)
{
    (void)state;
    static const int picks[] = {PICK_RANDOM, PICK_CLOSEST_LENGTH, PICK_FREQUENT_WRONG};
    struct rng rng;
    rng_init(&rng, 5);
    for (size_t p = 0; p < sizeof picks / sizeof picks[0]; p++) {
        int64_t first[CALL_MAX_K][2];
        size_t first_n = 0;
        begin(7, picks[p]);
        fill(4, 5);
        known(MARK_RIGHT, "right 1"); /* once more */
        known(MARK_WRONG, "wrong 0 and then some");
        known(MARK_WRONG, "wrong 3")->own = true;
        for (int turn = 0; turn < 50; turn++) {
            size_t made = pick(true);
            for (size_t i = 0; i < made; i++) {
                int64_t now[] = {samples[pairs[i].chosen].row, samples[pairs[i].rejected].row};
                if (turn == 0)
                    memcpy(first[i], now, sizeof now);
                assert_memory_equal(first[i], now, sizeof now);
            }
            first_n = turn ? first_n : made;
            assert_int_equal(made, first_n);
            shuffle(&rng);
        }
    }
}

static void the_seed_of_the_project_and_the_prompt_decide_a_random_pick(void **state)
{
    (void)state;
    int by_project = 0, by_seed = 0;
    for (int i = 0; i < 20; i++) {
        begin(1, PICK_RANDOM);
        fill(8, 8);
        assert_int_equal(pick(true), 1);
        struct pick_pair was = pairs[0];
        project.rng_seed = i + 2;
        assert_int_equal(pick(true), 1);
        by_project += pairs[0].chosen != was.chosen || pairs[0].rejected != was.rejected;
        project.rng_seed = 1;
        seed.b[0] = (unsigned char)(i + 8);
        assert_int_equal(pick(true), 1);
        by_seed += pairs[0].chosen != was.chosen || pairs[0].rejected != was.rejected;
    }
    assert_true(by_project > 10 && by_seed > 10);
}

static void equal_texts_are_one_answer(void **state)
{
    (void)state;
    begin(64, PICK_RANDOM);
    known(MARK_RIGHT, "r")->k = 9;
    known(MARK_RIGHT, "r")->k = 3;
    known(MARK_WRONG, "w")->k = 1;
    known(MARK_WRONG, "w")->k = 1; /* of another recipe: the earlier row */
    assert_int_equal(pick(true), 1);
    assert_int_equal(pairs[0].chosen, 1);
    assert_int_equal(pairs[0].rejected, 2);
}

static void two_equal_texts_are_no_pair(void **state)
{
    (void)state;
    begin(4, PICK_RANDOM);
    add(LANE_ANSWER, MARK_USABLE, "the same");
    add(LANE_MODIFIED, MARK_USABLE, "the same");
    assert_int_equal(pick(false), 0);
    assert_int_equal(reason, BUILD_REASON_NO_MODIFIED);
    add(LANE_MODIFIED, MARK_USABLE, "another");
    assert_int_equal(pick(false), 1);
    assert_int_equal(pairs[0].rejected, 2);
}

static void closest_length_takes_the_pair_that_length_tells_least_of(void **state)
{
    (void)state;
    begin(2, PICK_CLOSEST_LENGTH);
    known(MARK_RIGHT, "aaaaaaaaaa");          /* 10 */
    known(MARK_RIGHT, "bbbbb");               /* 5 */
    known(MARK_WRONG, "c");                   /* 1 */
    known(MARK_WRONG, "dddddddddddd");        /* 12 */
    known(MARK_WRONG, "eeeeeeeeeeeeeeeeeee"); /* 19 */
    assert_int_equal(pick(true), 2);
    assert_int_equal(pairs[0].chosen, 0);
    assert_int_equal(pairs[0].rejected, 3);
    assert_int_equal(pairs[1].chosen, 1);
    assert_int_equal(pairs[1].rejected, 2);
}

static void frequent_wrong_takes_the_error_that_most_make(void **state)
{
    (void)state;
    begin(1, PICK_FREQUENT_WRONG);
    known(MARK_RIGHT, "r");
    known(MARK_WRONG, "w1")->final = S("12");
    known(MARK_WRONG, "w2")->final = S("13");
    known(MARK_WRONG, "w3")->final = S("13");
    known(MARK_WRONG, "w4")->final = S("14");
    known(MARK_UNSURE, "u1")->final = S("12");
    known(MARK_UNSURE, "u2")->final = S("12");
    assert_int_equal(pick(true), 1);
    assert_true(slice_is(samples[pairs[0].rejected].final, "13"));
}

static void answers_of_the_judge_can_be_left_out(void **state)
{
    (void)state;
    begin(4, PICK_RANDOM);
    known(MARK_RIGHT, "r1")->own = true;
    known(MARK_RIGHT, "r2");
    known(MARK_WRONG, "w1")->own = true;
    assert_int_equal(pick(true), 2);
    project.build.exclude_judge = true;
    assert_int_equal(pick(true), 0);
    assert_int_equal(reason, BUILD_REASON_EXCLUDED);
    known(MARK_WRONG, "w2");
    assert_int_equal(pick(true), 1);
    assert_int_equal(pairs[0].chosen, 1);
    assert_int_equal(pairs[0].rejected, 3);
    known(MARK_WRONG, "w1"); /* word for word the judge's, but written by another */
    assert_int_equal(pick(true), 2);
}

static void why_there_is_none_is_told(void **state)
{
    (void)state;
    begin(1, PICK_RANDOM);
    assert_int_equal(pick(true), 0);
    assert_int_equal(reason, BUILD_REASON_UNCHECKED);
    assert_int_equal(pick(false), 0);
    assert_int_equal(reason, BUILD_REASON_NO_BASELINE);
    known(MARK_UNSURE, "u");
    assert_int_equal(pick(true), 0);
    assert_int_equal(reason, BUILD_REASON_UNCHECKED);
    known(MARK_RIGHT, "r");
    assert_int_equal(pick(true), 0);
    assert_int_equal(reason, BUILD_REASON_ALL_RIGHT);
    samples[1].mark = MARK_WRONG;
    assert_int_equal(pick(true), 0);
    assert_int_equal(reason, BUILD_REASON_ALL_WRONG);
    begin(1, PICK_RANDOM);
    add(LANE_ANSWER, MARK_USABLE, "b");
    assert_int_equal(pick(false), 0);
    assert_int_equal(reason, BUILD_REASON_NO_MODIFIED);
    project.build.exclude_judge = true;
    samples[0].own = true;
    assert_int_equal(pick(false), 0);
    assert_int_equal(reason, BUILD_REASON_EXCLUDED);
}

/* Many recipes have left many answers, and long ones: the texts are read once each. */
static void the_most_samples_are_picked_of_at_once(void **state)
{
    (void)state;
    enum { LONG = 20000 };
    static struct pick_sample many[PICK_MAX + 10];
    static char text[PICK_MAX + 10][LONG];
    begin(64, PICK_FREQUENT_WRONG);
    for (int i = 0; i < PICK_MAX + 10; i++) {
        memset(text[i], 'x', LONG);
        snprintf(text[i] + LONG - 8, 8, "%d", i);
        many[i] = (struct pick_sample){.row = i,
                                       .lane = LANE_ANSWER,
                                       .k = i % 64,
                                       .mark = i % 2 ? MARK_RIGHT : MARK_WRONG,
                                       .text = {text[i], LONG},
                                       .final = {text[i], LONG}};
    }
    assert_int_equal(pick_pairs(&project, &seed, true, many, PICK_MAX + 10, pairs, 0, &reason), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_is_a_right_and_a_wrong_answer),
        cmocka_unit_test(of_an_open_prompt_the_baseline_is_chosen),
        cmocka_unit_test(there_are_as_many_as_the_project_wants_and_can_be_had),
        cmocka_unit_test(answers_are_used_again_as_little_as_possible),
        cmocka_unit_test(the_order_of_the_samples_does_not_matter),
        cmocka_unit_test(the_seed_of_the_project_and_the_prompt_decide_a_random_pick),
        cmocka_unit_test(equal_texts_are_one_answer),
        cmocka_unit_test(of_several_baselines_the_first_is_chosen),
        cmocka_unit_test(two_equal_texts_are_no_pair),
        cmocka_unit_test(closest_length_takes_the_pair_that_length_tells_least_of),
        cmocka_unit_test(frequent_wrong_takes_the_error_that_most_make),
        cmocka_unit_test(answers_of_the_judge_can_be_left_out),
        cmocka_unit_test(why_there_is_none_is_told),
        cmocka_unit_test(the_most_samples_are_picked_of_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
