/* What rows an export makes of a store, and on which side of a split they fall. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coordinator/exports/row.h"
#include "tests/lib/release_fixture.h"
#include "tests/lib/released_rows.h"

static struct released_rows rows;

/* export_to(f, report): commits and exports; the folder. */
static const char *export_to(struct ledger_fixture *f, struct release_report *report)
{
    commit(f);
    export_or_die(f, out, report);
    return out;
}

static void accept(struct ledger_fixture *f, const struct fixture_pair *pair, const char *verdicts)
{
    uint64_t row = fixture_add_pair(f, pair);
    fixture_judge(f, row, verdicts);
    fixture_decide(f, row, STATE_ACCEPTED, REASON_ACCEPTED);
}

static void expect_row(size_t i, const char *path, const char *value)
{
    released_expect(&rows, i, path, value);
}

static void sft_rows_are_kept_traces_of_accepted_pairs_in_both_orders(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "accept: {k: 1, n: 4, keep: first}\nexport: {split: {train: 1}}\n");
    const struct fixture_pair spec = {.prompt = "Which is \"bigger\"?\n\xC3\xBC",
                                      .group = "g",
                                      .source = "s",
                                      .trust = TRUST_VERIFIED};
    uint64_t pair = fixture_add_pair(&f, &spec);
    fixture_judge(&f, pair, "BaA ");
    fixture_add_rollout(&f, pair,
                        &(struct fixture_rollout){.lane = LANE_REJECTED_FIRST,
                                                  .verdict = VERDICT_B,
                                                  .thought = "Weighed. \\"});
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    uint64_t failed = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, failed, "A A");
    fixture_decide(&f, failed, STATE_REJECTED, REASON_INCONSISTENT);
    released_load(&rows, export_to(&f, &report), "sft");
    assert_int_equal(rows.n, 2);
    static const struct {
        size_t row;
        const char *path, *value;
    } expect[] = {
        {0, "order", "chosen_first"},
        {0, "gold", "A"},
        {0, "verdict", "A"},
        {0, "rollout", "2"},
        {0, "n_correct", "1"},
        {0, "n_rollouts", "3"},
        {1, "order", "rejected_first"},
        {1, "gold", "B"},
        {1, "verdict", "B"},
        {1, "rollout", "0"},
        {1, "n_correct", "1"},
        {1, "n_rollouts", "1"},
        {1, "thought", "Weighed. \\"},
        {1, "completion.0.role", "assistant"},
        {1, "completion.0.content", "<think>\nWeighed. \\\n</think>\n\n<answer> [[B]] </answer>"},
        {1, "prompt.0.role", "system"},
        {1, "prompt.1.role", "user"},
        {1, "judge_format", "verdict"},
        {1, "source", "s"},
        {1, "group", "g"},
        {1, "trust", "verified"},
        {1, "accepted", "true"},
        {1, "score_a", "-1.00"},
        {1, "score_b", "-1.00"},
        {1, "segments.0.origin", "teacher"},
        {1, "segments.0.train", "true"},
        {1, "segments.0.text", "<think>\nWeighed. \\\n</think>\n\n<answer> [[B]] </answer>"},
        {1, "reflection", ""},
        {1, "cues", "0"},
        {1, "hinted", "false"},
        {1, "checked", ""},
        {1, "stopped", "true"},
        {0, "stopped", "true"},
        {1, "n_student", "0"},
        {1, "teacher", "teacher-1"},
        {1, "eval_set", ""},
    };
    for (size_t i = 0; i < sizeof expect / sizeof expect[0]; i++)
        expect_row(expect[i].row, expect[i].path, expect[i].value);
    struct slice first = released_text(&rows, 0, "prompt.1.content");
    struct slice second = released_text(&rows, 1, "prompt.1.content");
    assert_true(slice_find(first, slice_of(spec.prompt)) != SIZE_MAX);
    assert_true(slice_find(first, S("good")) < slice_find(first, S("bad")));
    assert_true(slice_find(second, S("bad")) < slice_find(second, S("good")));
    released_free(&rows);
    fixture_close(&f);
}

static void dpo_rows_set_right_against_wrong_in_the_same_order(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "accept: {k: 1, n: 8, keep: first, keep_per_order: 2}\n"
              "export: {split: {train: 1}}\n");
    accept(&f, &(struct fixture_pair){0}, "ABAB-BA aBAABb"); /* the filtered ones never leave */
    accept(&f, &(struct fixture_pair){0}, "AA BB");          /* nothing wrong to set against */
    released_load(&rows, export_to(&f, &report), "dpo");
    static const struct {
        const char *order, *chosen, *rejected, *right, *wrong;
    } expect[] = {
        {"chosen_first", "0", "1", "[[A]]", "[[B]]"},
        {"chosen_first", "2", "3", "[[A]]", "[[B]]"},
        {"rejected_first", "1", "2", "[[B]]", "[[A]]"},
        {"rejected_first", "4", "3", "[[B]]", "[[A]]"},
    };
    assert_int_equal(rows.n, 4);
    for (size_t i = 0; i < rows.n; i++) {
        expect_row(i, "order", expect[i].order);
        expect_row(i, "chosen_rollout", expect[i].chosen);
        expect_row(i, "rejected_rollout", expect[i].rejected);
        expect_row(i, "rollout", "-1");
        assert_true(slice_find(released_text(&rows, i, "chosen.0.content"),
                               slice_of(expect[i].right)) != SIZE_MAX);
        assert_true(slice_find(released_text(&rows, i, "rejected.0.content"),
                               slice_of(expect[i].wrong)) != SIZE_MAX);
    }
    released_free(&rows);
    fixture_close(&f);
}

static void a_judgment_that_a_cue_broke_is_a_marked_negative(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "accept: {k: 1, n: 8, keep: first, keep_per_order: 3}\n"
              "export: {split: {train: 1}}\n");
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "AAAB B");
    const struct fixture_rollout cued[] = {
        {.k = 4, .verdict = VERDICT_B, .first = VERDICT_A, .cues = 1},
        {.k = 5, .verdict = VERDICT_B, .first = VERDICT_B, .cues = 1},
    };
    for (size_t i = 0; i < 2; i++)
        fixture_add_rollout(&f, pair, &cued[i]);
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    const char *dir = export_to(&f, &report);
    released_load(&rows, dir, "dpo");
    static const char *const kinds[] = {"incorrect", "broken", "incorrect"};
    assert_int_equal(rows.n, 3);
    for (size_t i = 0; i < rows.n; i++) {
        char k[4];
        snprintf(k, sizeof k, "%zu", i + 3);
        expect_row(i, "rejected_rollout", k);
        expect_row(i, "rejected_kind", kinds[i]);
    }
    released_free(&rows);
    released_load(&rows, dir, "sft");
    for (size_t i = 0; i < rows.n; i++)
        expect_row(i, "cues", "0"); /* what was broken is never to be learned */
    released_free(&rows);
    fixture_close(&f);
}

static void what_the_student_did_stands_beside(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "endpoints:\n  - {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n"
              "  - {url: \"http://127.0.0.1:2/v1\", model: student-1, role: student}\n"
              "export: {formats: [rl], split: {train: 1}}\n");
    uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, pair, "AAA BBB");
    for (int k = 0; k < 3; k++)
        fixture_add_rollout(
            &f, pair,
            &(struct fixture_rollout){.seat = 1, .k = k, .verdict = k ? VERDICT_A : VERDICT_B});
    fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
    released_load(&rows, export_to(&f, &report), "rl");
    static const char *const expect[][2] = {
        {"n_rollouts", "3"},
        {"n_correct_student", "2"},
        {"n_student", "3"},
        {"extra_info.n_correct_student", "2"},
        {"extra_info.n_student", "3"},
    };
    for (size_t i = 0; i < 5; i++)
        expect_row(0, expect[i][0], expect[i][1]);
    expect_row(1, "n_student", "0");
    released_free(&rows);
    fixture_close(&f);
}

static void rl_rows_are_all_pairs_whatever_became_of_them(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "export: {split: {train: 1}}\n");
    accept(&f, &(struct fixture_pair){.domain = "math"}, "AAA BBB");
    uint64_t rejected = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, rejected, "B- ");
    fixture_decide(&f, rejected, STATE_REJECTED, REASON_FAILED_CHOSEN_FIRST);
    fixture_decide(&f, fixture_add_pair(&f, &(struct fixture_pair){0}), STATE_DEFERRED,
                   REASON_OUT_OF_TRIES);
    fixture_add_pair(&f, &(struct fixture_pair){0});
    released_load(&rows, export_to(&f, &report), "rl");
    assert_int_equal(rows.n, 8);
    for (size_t i = 0; i < rows.n; i++) {
        const char *gold = i % 2 ? "B" : "A";
        expect_row(i, "order", i % 2 ? "rejected_first" : "chosen_first");
        expect_row(i, "gold", gold);
        expect_row(i, "reward_model.style", "rule");
        expect_row(i, "reward_model.ground_truth", gold);
        expect_row(i, "accepted", i < 2 ? "true" : "false");
        expect_row(i, "extra_info.split", "train");
        expect_row(i, "teacher", "teacher-1");
        assert_true(slice_eq(released_text(&rows, i, "pair_id"),
                             released_text(&rows, i & ~(size_t)1, "extra_info.pair_id")));
    }
    expect_row(0, "extra_info.domain", "math");
    expect_row(0, "n_correct", "3");
    expect_row(2, "n_correct", "0");
    expect_row(2, "n_rollouts", "2");
    expect_row(6, "n_rollouts", "0");
    released_free(&rows);
    fixture_close(&f);
}

/* Verdicts "AbAA BBBB" with traces of different lengths: b at k 1 is wrong. */
static void of_several_traces_those_are_kept_that_the_project_asks_for(void **state)
{
    (void)state;
    static const struct {
        const char *keep;
        int n;
        const char *kept, *why;
    } cases[] = {
        {"first", 1, "0", "smallest k"},
        {"first", 2, "0 2", "k 1 is wrong"},
        {"shortest", 1, "3", "shortest of the correct ones"},
        {"shortest", 2, "3 0", "0 and 2 are equally long: smaller k"},
        {"longest", 1, "0", "0 and 2 are equally long: smaller k"},
        {"longest", 9, "0 2 3", "no more than there are"},
        {"random", 9, "*", "all of them, in an order by hash"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct ledger_fixture f;
        struct release_report report;
        char yaml[200];
        snprintf(yaml, sizeof yaml,
                 "accept: {k: 1, n: 8, keep: %s, keep_per_order: %d}\n"
                 "export: {split: {train: 1}}\n",
                 cases[c].keep, cases[c].n);
        begin(&f, yaml);
        uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
        static const char *const thoughts[] = {"long thought", "x", "long_thought", "mid"};
        for (int k = 0; k < 4; k++)
            fixture_add_rollout(&f, pair,
                                &(struct fixture_rollout){.k = k,
                                                          .verdict = k == 1 ? VERDICT_B : VERDICT_A,
                                                          .thought = thoughts[k]});
        fixture_judge(&f, pair, " B");
        fixture_decide(&f, pair, STATE_ACCEPTED, REASON_ACCEPTED);
        released_load(&rows, export_to(&f, &report), "sft");
        struct buf kept;
        buf_init(&kept, 100);
        for (size_t i = 0; i + 1 < rows.n; i++) {
            buf_str(&kept, i ? " " : "");
            buf_slice(&kept, released_text(&rows, i, "rollout"));
        }
        if (strcmp(cases[c].kept, "*") == 0)
            assert_int_equal(rows.n, 4);
        else if (strcmp(buf_cstr(&kept), cases[c].kept) != 0)
            fail_msg("%s, %d: kept %s, not %s (%s)", cases[c].keep, cases[c].n, buf_cstr(&kept),
                     cases[c].kept, cases[c].why);
        buf_free(&kept);
        released_free(&rows);
        fixture_close(&f);
    }
}

static void random_choice_follows_from_the_seed_and_uses_every_trace(void **state)
{
    (void)state;
    enum { PAIRS = 60 };
    int chosen[3] = {0}, differ = 0;
    char first[PAIRS] = {0};
    for (int seed = 1; seed <= 3; seed++) {
        struct ledger_fixture f;
        struct release_report report;
        begin(&f, seed == 3 ? "rng_seed: 2\naccept: {k: 1}\nexport: {split: {train: 1}}\n"
                            : "rng_seed: 1\naccept: {k: 1}\nexport: {split: {train: 1}}\n");
        for (int i = 0; i < PAIRS; i++)
            accept(&f, &(struct fixture_pair){0}, "AAA B");
        released_load(&rows, export_to(&f, &report), "sft");
        assert_int_equal(rows.n, 2 * PAIRS);
        for (size_t i = 0; i < PAIRS; i++) {
            char k = released_text(&rows, 2 * i, "rollout").p[0];
            if (seed == 1)
                first[i] = k;
            if (seed == 2)
                assert_int_equal(k, first[i]);
            differ += seed == 3 && k != first[i];
            chosen[k - '0']++;
        }
        released_free(&rows);
        fixture_close(&f);
    }
    assert_true(differ > 10);
    for (int k = 0; k < 3; k++)
        assert_true(chosen[k] > PAIRS / 2);
}

static void an_accepted_pair_without_a_trace_in_one_order_leaves_no_row(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "export: {formats: [sft, dpo], split: {train: 1}}\n");
    accept(&f, &(struct fixture_pair){0}, "AAB bb"); /* the filter has come since */
    export_to(&f, &report);
    assert_int_equal(report.rows, 0);
    assert_int_equal(report.files, 0);
    fixture_close(&f);
}

static void only_trusted_classes_leave(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    begin(&f, "export: {trust: [verified, human], split: {train: 1}}\n");
    for (int t = 0; t < TRUST_COUNT; t++)
        accept(&f, &(struct fixture_pair){.trust = (enum trust)t}, "AB BA");
    const char *dir = export_to(&f, &report);
    static const char *const formats[] = {"sft", "dpo", "rl"};
    for (size_t i = 0; i < 3; i++) {
        released_load(&rows, dir, formats[i]);
        assert_int_equal(rows.n, 4);
        for (size_t r = 0; r < rows.n; r++)
            assert_false(slice_is(released_text(&rows, r, "trust"), "synthetic"));
        released_free(&rows);
    }
    fixture_close(&f);
}

static void neither_prompt_nor_group_stands_on_two_sides(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    struct rng r;
    enum { PAIRS = 400 };
    rng_init(&r, 7);
    begin(&f, "export: {formats: [rl], split: {train: 0.6, validation: 0.3, test: 0.1}}\n");
    static char prompts[PAIRS][32], groups[PAIRS][32], chosen[PAIRS][32];
    for (int i = 0; i < PAIRS; i++) {
        snprintf(prompts[i], sizeof prompts[i], "<<prompt %d>>", (int)rng_below(&r, 300));
        snprintf(chosen[i], sizeof chosen[i], "answer %d", i);
        groups[i][0] = 0;
        if (rng_below(&r, 3) == 0)
            snprintf(groups[i], sizeof groups[i], "group %d", (int)rng_below(&r, 80));
        fixture_add_pair(&f, &(struct fixture_pair){
                                 .prompt = prompts[i], .chosen = chosen[i], .group = groups[i]});
    }
    released_load(&rows, export_to(&f, &report), "rl");
    assert_int_equal(rows.n, 2 * PAIRS);
    int sizes[3] = {0};
    for (size_t i = 0; i < rows.n; i++) {
        const char *split = rows.row[i].split;
        sizes[strcmp(split, "train") == 0 ? 0 : strcmp(split, "validation") == 0 ? 1 : 2]++;
        for (size_t j = 0; j < i; j++) {
            struct slice a = released_text(&rows, i, "prompt.1.content");
            struct slice b = released_text(&rows, j, "prompt.1.content");
            struct slice group = released_text(&rows, i, "group");
            size_t end = slice_find(a, S(">>")) + 2;
            bool same = slice_eq(slice_sub(a, 0, end), slice_sub(b, 0, end)) ||
                        (group.n && slice_eq(group, released_text(&rows, j, "group")));
            if (same)
                assert_string_equal(rows.row[j].split, split);
        }
    }
    for (int s = 0; s < 3; s++)
        assert_true(sizes[s] > 0);
    assert_true(sizes[0] > sizes[2]);
    released_free(&rows);
    fixture_close(&f);
}

static void every_row_has_the_columns_its_schema_asks_for(void **state)
{
    (void)state;
    for (const struct exporter *const *x = exporter_table; *x; x++) {
        char path[512];
        struct err e;
        struct buf text;
        const char *here = strstr(__FILE__, "tests/unit/");
        assert_non_null(here);
        snprintf(path, sizeof path, "%.*sschemas/row_%s.schema.json", (int)(here - __FILE__),
                 __FILE__, (*x)->name);
        buf_init(&text, 1 << 20);
        assert_true(files_read(path, &text, &e));
        json *schema = json_parse(buf_view(&text), JSON_STRICT, &e);
        assert_non_null(schema);
        size_t columns = 0;
        const struct export_column *const lists[] = {(*x)->columns, row_columns};
        for (size_t l = 0; l < 2; l++)
            for (const struct export_column *c = lists[l]; c->name; c++, columns++)
                assert_non_null(json_get(json_get(schema, "properties"), c->name));
        assert_int_equal(json_count(json_get(schema, "required")), columns);
        json_free(schema);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sft_rows_are_kept_traces_of_accepted_pairs_in_both_orders),
        cmocka_unit_test(dpo_rows_set_right_against_wrong_in_the_same_order),
        cmocka_unit_test(a_judgment_that_a_cue_broke_is_a_marked_negative),
        cmocka_unit_test(what_the_student_did_stands_beside),
        cmocka_unit_test(rl_rows_are_all_pairs_whatever_became_of_them),
        cmocka_unit_test(of_several_traces_those_are_kept_that_the_project_asks_for),
        cmocka_unit_test(random_choice_follows_from_the_seed_and_uses_every_trace),
        cmocka_unit_test(an_accepted_pair_without_a_trace_in_one_order_leaves_no_row),
        cmocka_unit_test(only_trusted_classes_leave),
        cmocka_unit_test(neither_prompt_nor_group_stands_on_two_sides),
        cmocka_unit_test(every_row_has_the_columns_its_schema_asks_for),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
