/* Rows of pairs whose answers are judged one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/release_fixture.h"
#include "tests/lib/released_rows.h"

static struct released_rows rows;

static void expect_row(size_t i, const char *path, const char *value)
{
    released_expect(&rows, i, path, value);
}

static const char *export_to(struct ledger_fixture *f, struct release_report *report)
{
    commit(f);
    export_or_die(f, out, report);
    return out;
}

/* Scores of the chosen and the rejected answer by k; 0: no score. Those marked are filtered. */
static void judge_pointwise(struct ledger_fixture *f, uint64_t pair, const int scores[][2],
                            size_t n, size_t filtered)
{
    for (size_t k = 0; k < n; k++)
        for (int half = 0; half < 2; half++)
            fixture_add_rollout(f, pair,
                                &(struct fixture_rollout){
                                    .lane = half ? LANE_REJECTED_ONLY : LANE_CHOSEN_ONLY,
                                    .k = (int)k,
                                    .format = FORMAT_POINTWISE,
                                    .verdict = scores[k][half] ? VERDICT_SCORE : VERDICT_NONE,
                                    .scored = scores[k][half] > 0,
                                    .score_a = scores[k][half],
                                    .score_b = SCORE_NONE,
                                    .filter = k == filtered && half ? "length" : "",
                                });
}

static void pointwise_rows_show_one_answer_and_its_score(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "judge: {format: pointwise}\naccept: {k: 1, n: 4}\n"
              "reflection: {mode: none}\nexport: {split: {train: 1}}\n");
    /* right, right but a half filtered, tie, no score, wrong: only k 0 is a trace */
    static const int scores[][2] = {{750, 305}, {800, 200}, {500, 500}, {0, 100}, {400, 600}};
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){.rubric = "Be brief."});
    judge_pointwise(&f, pair, scores, 5, 1);
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    fixture_add_pair(&f, &(struct fixture_pair){0});
    const char *dir = export_to(&f, &report);
    static const struct {
        const char *path, *first, *second;
    } expect[] = {
        {"order", "chosen_only", "rejected_only"},
        {"gold", "chosen", "rejected"},
        {"verdict", "score", "score"},
        {"score_a", "7.50", "3.05"},
        {"score_b", "-1.00", "-1.00"},
        {"rollout", "0", "0"},
        {"n_correct", "1", "1"},
        {"n_rollouts", "5", "5"},
        {"judge_format", "pointwise", "pointwise"},
    };
    released_load(&rows, dir, "sft");
    assert_int_equal(rows.n, 2);
    for (size_t i = 0; i < sizeof expect / sizeof expect[0]; i++) {
        expect_row(0, expect[i].path, expect[i].first);
        expect_row(1, expect[i].path, expect[i].second);
    }
    struct slice shown = released_text(&rows, 0, "prompt.1.content");
    assert_true(slice_find(shown, S("good")) != SIZE_MAX);
    assert_true(slice_find(shown, S("Be brief.")) != SIZE_MAX);
    assert_true(slice_find(shown, S("bad")) == SIZE_MAX);
    released_free(&rows);
    released_load(&rows, dir, "rl");
    assert_int_equal(rows.n, 4);
    for (size_t i = 0; i < 4; i++) {
        expect_row(i, "order", i % 2 ? "rejected_only" : "chosen_only");
        expect_row(i, "reward_model.ground_truth", i % 2 ? "rejected" : "chosen");
        expect_row(i, "judge_format", "pointwise");
    }
    released_free(&rows);
    released_load(&rows, dir, "dpo"); /* 7.50 tells that it is chosen better than 4.00 does */
    assert_int_equal(rows.n, 2);
    expect_row(0, "order", "chosen_only");
    expect_row(1, "order", "rejected_only");
    released_free(&rows);
    assert_true(verifies(dir));
    fixture_close(&f);
}

static void of_two_scores_of_one_answer_the_clearer_one_is_preferred(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "judge: {format: pointwise}\naccept: {k: 1, n: 4, keep: first}\n"
              "reflection: {mode: none}\nexport: {formats: [dpo], split: {train: 1}}\n");
    static const int scores[][2] = {{800, 500}, {800, 900}}; /* the chosen one's are no worse */
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    judge_pointwise(&f, pair, scores, 2, 9);
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    released_load(&rows, export_to(&f, &report), "dpo");
    assert_int_equal(rows.n, 1);
    expect_row(0, "order", "rejected_only");
    released_free(&rows);
    fixture_close(&f);
}

static void the_halves_of_one_judgment_stay_together(void **state)
{
    (void)state;
    enum { PAIRS = 40 };
    static const char *const yamls[] = {
        "accept: {k: 1, n: 4}\nreflection: {mode: none}\n",
        "accept: {k: 1, n: 4}\nreflection: {proportions: {natural: 0.5}}\n",
        "accept: {k: 1, n: 4, keep: longest, keep_per_order: 2}\nreflection: {mode: none}\n",
    };
    static const int scores[][2] = {{800, 500}, {900, 100}, {600, 500}};
    for (size_t y = 0; y < 3; y++) {
        struct ledger_fixture f;
        struct release_report report;
        char yaml[300];
        snprintf(yaml, sizeof yaml,
                 "judge: {format: pointwise}\n%sexport: {formats: [sft], split: {train: 1}}\n",
                 yamls[y]);
        begin(&f, yaml);
        for (int i = 0; i < PAIRS; i++) {
            uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
            judge_pointwise(&f, pair, scores, 3, 9);
            fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
        }
        released_load(&rows, export_to(&f, &report), "sft");
        size_t each = y == 2 ? 2 : 1, different = 0;
        assert_int_equal(rows.n, 2 * PAIRS * each);
        for (size_t i = 0; i < rows.n; i += 2 * each)
            for (size_t k = 0; k < each; k++) {
                struct slice a = released_text(&rows, i + k, "rollout");
                assert_true(slice_eq(a, released_text(&rows, i + each + k, "rollout")));
                different += !slice_eq(a, released_text(&rows, 0, "rollout"));
            }
        assert_true(different > 0 || y == 2);
        released_free(&rows);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointwise_rows_show_one_answer_and_its_score),
        cmocka_unit_test(of_two_scores_of_one_answer_the_clearer_one_is_preferred),
        cmocka_unit_test(the_halves_of_one_judgment_stay_together),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
