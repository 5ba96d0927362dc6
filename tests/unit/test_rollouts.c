/* Stored traces, read back to be decided on again: with what they judged, as it was shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/store/rollouts.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

static struct ledger_fixture f;

static void must(bool ok, const struct err *e)
{
    fixture_must(ok, e);
}

static const char with_student[] =
    "endpoints:\n"
    "  - {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n"
    "  - {role: student, url: \"http://127.0.0.1:4/v1\", model: s}\n";

static uint64_t open_store(const char *name)
{
    struct err e;
    fixture_open(&f, scratch_path(name), with_student);
    must(store_begin(f.store, &e), &e);
    return fixture_add_pair(&f, &(struct fixture_pair){.prompt = "which?",
                                                       .chosen = "right",
                                                       .rejected = "wrong",
                                                       .reference = "the truth",
                                                       .rubric = "be strict",
                                                       .language = "en",
                                                       .evidence = "{\"kind\":\"x\"}"});
}

static void commit(void)
{
    struct err e;
    must(store_commit(f.store, &e), &e);
}

static bool speaks_of(struct slice messages, const char *text)
{
    return slice_find(messages, slice_of(text)) != SIZE_MAX;
}

static void a_trace_comes_with_the_answers_as_its_lane_showed_them(void **state)
{
    (void)state;
    static const struct {
        enum lane lane;
        const char *a, *b; /* NULL: not shown */
    } rows[] = {
        {LANE_CHOSEN_FIRST, "right", "wrong"},
        {LANE_REJECTED_FIRST, "wrong", "right"},
        {LANE_CHOSEN_ONLY, "right", NULL},
        {LANE_REJECTED_ONLY, "wrong", NULL},
    };
    struct err e;
    struct ledger_text_row got[8];
    size_t n, expect = sizeof rows / sizeof rows[0];
    uint64_t pair = open_store("shown.db");
    for (size_t i = 0; i < expect; i++)
        fixture_add_rollout(&f, pair,
                            &(struct fixture_rollout){.lane = rows[i].lane,
                                                      .k = (int)i,
                                                      .format = FORMAT_SCORES,
                                                      .verdict = VERDICT_TIE,
                                                      .segments = "[]"});
    commit();
    must(ledger_text_rows(f.store, 0, got, 8, &n, &f.arena, &e), &e);
    assert_int_equal(n, expect);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(got[i].lane, rows[i].lane);
        assert_true(speaks_of(got[i].prompt, "which?") && speaks_of(got[i].answer_a, rows[i].a));
        assert_true(rows[i].b ? speaks_of(got[i].answer_b, rows[i].b) : got[i].answer_b.n == 0);
        assert_true(slice_is(got[i].reference, "the truth") &&
                    slice_is(got[i].rubric, "be strict"));
        assert_true(slice_is(got[i].language, "en") && slice_is(got[i].segments, "[]"));
        assert_true(got[i].format == FORMAT_SCORES && got[i].kind == SEAT_TEACHER);
        assert_true(id_eq(&got[i].recipe_id, &f.seats.all[0].recipe));
    }
    fixture_close(&f);
}

static void only_the_last_call_of_a_finished_rollout_is_a_trace(void **state)
{
    (void)state;
    struct err e;
    struct ledger_text_row got[8];
    size_t n;
    uint64_t pair = open_store("last.db");
    fixture_add_rollout(&f, pair, &(struct fixture_rollout){.cues = 2, .thought = "finished"});
    fixture_add_rollout(&f, pair, &(struct fixture_rollout){.k = 1, .cues = 1, .unfinished = true});
    fixture_add_rollout(&f, pair, &(struct fixture_rollout){.seat = 1, .thought = "student"});
    commit();
    must(ledger_text_rows(f.store, 0, got, 8, &n, &f.arena, &e), &e);
    assert_int_equal(n, 2);
    assert_true(slice_is(got[0].thought, "finished") && got[0].call == 3);
    assert_true(slice_is(got[1].thought, "student") && got[1].kind == SEAT_STUDENT);
    must(ledger_text_rows(f.store, got[0].call, got, 8, &n, &f.arena, &e), &e);
    assert_int_equal(n, 1);
    fixture_close(&f);
}

static void kept_traces_are_the_correct_unfiltered_ones_of_each_side(void **state)
{
    (void)state;
    struct err e;
    struct ledger_item item;
    uint64_t pair = open_store("kept.db");
    fixture_judge(&f, pair, "BAaA -BA");
    fixture_add_rollout(&f, pair, &(struct fixture_rollout){.k = 7, .seat = 1});
    commit();
    must(ledger_kept(f.store, pair, f.run.recipes[0], &item, &f.arena, &e), &e);
    assert_true(item.n[0] == 2 && item.sides[0][0].k == 1 && item.sides[0][1].k == 3);
    assert_true(item.n[1] == 1 && item.sides[1][0].k == 1);
    assert_true(slice_is(item.sides[1][0].answer, fixture_answer(VERDICT_B)));
    assert_true(slice_is(item.evidence, "{\"kind\":\"x\"}") && speaks_of(item.prompt, "which?"));
    assert_true(speaks_of(item.chosen, "right") && speaks_of(item.rejected, "wrong"));
    must(ledger_kept(f.store, pair, f.run.recipes[1], &item, &f.arena, &e), &e);
    assert_true(item.n[0] == 1 && item.n[1] == 0 && item.sides[0][0].k == 7);
    fixture_close(&f);
}

static void a_pointwise_judgment_is_kept_by_its_two_answers(void **state)
{
    (void)state;
    struct err e;
    struct ledger_item item;
    uint64_t pair = open_store("halves.db");
    for (int k = 0; k < 2; k++)
        for (int half = 0; half < 2; half++)
            fixture_add_rollout(
                &f, pair,
                &(struct fixture_rollout){.lane = half ? LANE_REJECTED_ONLY : LANE_CHOSEN_ONLY,
                                          .k = k,
                                          .verdict = VERDICT_SCORE,
                                          .scored = true,
                                          .score_a = half == k ? 800 : 200,
                                          .score_b = SCORE_NONE});
    commit();
    must(ledger_kept(f.store, pair, f.run.recipes[0], &item, &f.arena, &e), &e);
    assert_true(item.n[0] == 1 && item.n[1] == 1); /* the second one is the wrong way round */
    assert_true(item.sides[0][0].k == 0 && item.sides[1][0].k == 0);
    fixture_close(&f);
}

static void too_little_memory_is_said_so(void **state)
{
    (void)state;
    struct err e;
    struct ledger_item item;
    struct ledger_text_row rows[4];
    struct history h;
    struct arena small;
    size_t n;
    uint64_t pair = open_store("small.db");
    fixture_judge(&f, pair, "AA");
    commit();
    arena_init(&small, 8);
    assert_false(ledger_text_rows(f.store, 0, rows, 4, &n, &small, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    assert_false(ledger_kept(f.store, pair, f.run.recipes[0], &item, &small, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    assert_false(ledger_history(f.store, pair, f.run.recipes[0], 0, 0, 0, &h, &small, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    arena_free(&small);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_comes_with_the_answers_as_its_lane_showed_them),
        cmocka_unit_test(only_the_last_call_of_a_finished_rollout_is_a_trace),
        cmocka_unit_test(kept_traces_are_the_correct_unfiltered_ones_of_each_side),
        cmocka_unit_test(a_pointwise_judgment_is_kept_by_its_two_answers),
        cmocka_unit_test(too_little_memory_is_said_so),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
