/* Rollouts of several calls and of several judges: what is stored, counted and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/store/rollouts.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

/* Seats in this order: teacher, second teacher, checker, student. */
static const char everybody[] =
    "endpoints:\n"
    "  - {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n"
    "  - {url: \"http://127.0.0.1:2/v1\", model: teacher-2}\n"
    "  - {role: checker, url: \"http://127.0.0.1:3/v1\", model: checker-1}\n"
    "  - {role: student, url: \"http://127.0.0.1:4/v1\", model: student-1}\n"
    "student: {n: 4}\n";
enum { TEACHER, SECOND, CHECKER, STUDENT };

static struct ledger_fixture f;

static void begin(void)
{
    struct err e;
    fixture_must(store_begin(f.store, &e), &e);
}

static void commit(void)
{
    struct err e;
    fixture_must(store_commit(f.store, &e), &e);
}

/* open_store(yaml): with one pair, in a transaction. */
static uint64_t open_store(const char *yaml)
{
    static int n;
    char name[32];
    snprintf(name, sizeof name, "calls-%d.db", n++);
    fixture_open(&f, scratch_path(name), yaml);
    begin();
    return fixture_add_pair(&f, &(struct fixture_pair){0});
}

static void assert_counter(const char *name, int64_t expect)
{
    int64_t got = store_counter(f.store, name);
    if (got != expect)
        fail_msg("%s is %lld and not %lld", name, (long long)got, (long long)expect);
}

/* ---- several calls ---- */

static const char two_steps[] =
    "[{\"origin\":\"teacher\",\"step\":0,\"part\":\"thought\",\"bytes\":4,\"verdict\":\"B\"},"
    "{\"origin\":\"cue\",\"step\":1,\"part\":\"thought\",\"bytes\":5,\"verdict\":\"A\"},"
    "{\"origin\":\"teacher\",\"step\":1,\"part\":\"thought\",\"bytes\":4,\"verdict\":\"A\"},"
    "{\"origin\":\"teacher\",\"step\":1,\"part\":\"answer\",\"bytes\":3,\"verdict\":\"A\"}]";

static void a_rollout_gets_its_row_with_its_last_call(void **state)
{
    (void)state;
    struct err e;
    struct ledger_rollout known[4];
    struct ledger_unfinished begun[4];
    size_t n;
    uint64_t pair = open_store("");
    int64_t recipe = f.run.recipes[0];
    struct fixture_rollout r = {.k = 2,
                                .verdict = VERDICT_A,
                                .first = VERDICT_B,
                                .cues = 2,
                                .thought = "good wait good",
                                .filter = "length",
                                .scored = true,
                                .score_a = 725,
                                .score_b = 400};
    fixture_add_call(&f, pair, &r, 0, false);
    fixture_add_call(&f, pair, &r, 1, false);
    commit();
    fixture_must(ledger_rollouts(f.store, pair, recipe, known, 4, &n, &e), &e);
    assert_int_equal(n, 0);
    fixture_must(ledger_unfinished(f.store, pair, recipe, begun, 4, &n, &e), &e);
    assert_int_equal(n, 1);
    assert_true(begun[0].lane == LANE_CHOSEN_FIRST && begun[0].k == 2 && begun[0].step == 1);
    const struct call_result *so_far = &begun[0].result;
    assert_true(so_far->verdict == VERDICT_B && so_far->first == VERDICT_B);
    assert_true(so_far->ask == ASK_CONTINUE && so_far->trace_tokens == 20);
    assert_true(so_far->filter.n > 0 && so_far->score_a == 725 && so_far->score_b == 400);
    assert_counter("calls.done", 2);
    assert_counter("rollouts.total", 0);
    begin();
    fixture_add_call(&f, pair, &r, 2, true);
    commit();
    fixture_must(ledger_unfinished(f.store, pair, recipe, begun, 4, &n, &e), &e);
    assert_int_equal(n, 0);
    fixture_must(ledger_rollouts(f.store, pair, recipe, known, 4, &n, &e), &e);
    assert_int_equal(n, 1);
    assert_true(known[0].k == 2 && known[0].verdict == VERDICT_A && known[0].filtered);
    assert_true(known[0].outcome == OUTCOME_CORRECT);
    assert_true(known[0].score_a == 725 && known[0].score_b == 400);
    assert_counter("rollouts.total", 1);
    assert_counter("filter.length", 1);
    fixture_close(&f);
}

static void unfinished_rollouts_are_told_from_finished_ones(void **state)
{
    (void)state;
    struct err e;
    struct ledger_unfinished begun[8];
    size_t n;
    uint64_t pair = open_store(everybody);
    for (int k = 0; k < 6; k++)
        fixture_add_rollout(
            &f, pair,
            &(struct fixture_rollout){.lane = k < 3 ? LANE_CHOSEN_FIRST : LANE_REJECTED_FIRST,
                                      .k = k % 3,
                                      .cues = k % 3,
                                      .unfinished = k % 2});
    fixture_add_rollout(&f, pair, &(struct fixture_rollout){.seat = SECOND, .unfinished = true});
    commit();
    fixture_must(ledger_unfinished(f.store, pair, f.run.recipes[0], begun, 8, &n, &e), &e);
    assert_int_equal(n, 3);
    static const struct {
        int lane, k, step;
    } expect[] = {{0, 1, 1}, {1, 0, 0}, {1, 2, 2}};
    for (size_t i = 0; i < n; i++)
        assert_true(begun[i].lane == expect[i].lane && begun[i].k == expect[i].k &&
                    begun[i].step == expect[i].step);
    fixture_must(ledger_unfinished(f.store, pair, f.run.recipes[0], begun, 2, &n, &e), &e);
    assert_int_equal(n, 2); /* no more than there is room for */
    fixture_close(&f);
}

static void a_history_is_what_stood_after_the_step_asked_for(void **state)
{
    (void)state;
    struct err e;
    struct history h;
    uint64_t pair = open_store("");
    int64_t recipe = f.run.recipes[0];
    struct fixture_rollout r = {.verdict = VERDICT_A,
                                .first = VERDICT_B,
                                .cues = 1,
                                .format = FORMAT_PLAN,
                                .thought = "good",
                                .answer = "[B]"};
    fixture_add_call(&f, pair, &r, 0, false);
    r.thought = "good wait rest";
    r.answer = "[A]";
    r.segments = two_steps;
    fixture_add_call(&f, pair, &r, 1, true);
    commit();
    fixture_must(ledger_history(f.store, pair, recipe, 0, 0, 0, &h, &f.arena, &e), &e);
    assert_true(slice_is(h.thought, "good") && slice_is(h.answer, "[B]"));
    assert_true(h.n == 2 && h.segments[0].bytes == 4 && h.segments[1].bytes == 3);
    assert_true(h.verdict == VERDICT_B && h.first == VERDICT_B && h.tokens == 10);
    assert_true(h.format == FORMAT_PLAN && h.finish == FINISH_STOP);
    for (int step = -1; step <= 1; step += 2) {
        if (ledger_history(f.store, pair, recipe, 0, 0, step, &h, &f.arena, &e))
            fail_msg("parts that do not add up to the text were let through");
        assert_int_equal(e.code, ERR_CORRUPT);
    }
    assert_false(ledger_history(f.store, pair, recipe, 0, 0, 2, &h, &f.arena, &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
    assert_false(ledger_history(f.store, pair, recipe, 1, 0, -1, &h, &f.arena, &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
    fixture_close(&f);
}

static void the_parts_of_a_history_are_those_stored_with_it(void **state)
{
    (void)state;
    struct err e;
    struct history h;
    uint64_t pair = open_store("");
    fixture_add_rollout(&f, pair,
                        &(struct fixture_rollout){.first = VERDICT_B,
                                                  .cues = 1,
                                                  .thought = "good waitrest",
                                                  .answer = "[A]",
                                                  .segments = two_steps});
    commit();
    fixture_must(ledger_history(f.store, pair, f.run.recipes[0], 0, 0, -1, &h, &f.arena, &e), &e);
    assert_int_equal(h.n, 4);
    assert_true(h.segments[1].origin == ORIGIN_CUE && h.segments[1].step == 1);
    assert_true(h.segments[0].verdict == VERDICT_B && h.segments[3].in_answer);
    assert_true(h.verdict == VERDICT_A && h.first == VERDICT_B && h.tokens == 20);
    fixture_close(&f);
}

/* ---- what cues did ---- */

static void flips_are_counted_by_first_and_last_outcome(void **state)
{
    (void)state;
    static const struct {
        enum lane lane;
        enum verdict first, last;
        int cues;
        enum outcome from, to;
    } rows[] = {
        {LANE_CHOSEN_FIRST, VERDICT_B, VERDICT_A, 1, OUTCOME_INCORRECT, OUTCOME_CORRECT},
        {LANE_REJECTED_FIRST, VERDICT_B, VERDICT_A, 2, OUTCOME_CORRECT, OUTCOME_INCORRECT},
        {LANE_REJECTED_FIRST, VERDICT_TIE, VERDICT_B, 1, OUTCOME_TIE, OUTCOME_CORRECT},
        {LANE_CHOSEN_FIRST, VERDICT_A, VERDICT_NONE, 1, OUTCOME_CORRECT, OUTCOME_NO_VERDICT},
        {LANE_CHOSEN_FIRST, VERDICT_A, VERDICT_A, 0, OUTCOME_CORRECT, OUTCOME_CORRECT},
        {LANE_CHOSEN_FIRST, VERDICT_A, VERDICT_A, 1, OUTCOME_CORRECT, OUTCOME_CORRECT},
        {LANE_REJECTED_FIRST, VERDICT_B, VERDICT_NONE, 0, OUTCOME_NO_VERDICT, OUTCOME_NO_VERDICT},
        {LANE_CHOSEN_ONLY, VERDICT_A, VERDICT_A, 0, OUTCOME_NO_VERDICT, OUTCOME_NO_VERDICT},
    };
    struct err e;
    struct flip_counts got, expect = {.plain = {0}}, none = {.plain = {0}};
    uint64_t pair = open_store(everybody);
    for (int i = 0; i < (int)(sizeof rows / sizeof rows[0]); i++) {
        fixture_add_rollout(&f, pair,
                            &(struct fixture_rollout){.lane = rows[i].lane,
                                                      .k = i,
                                                      .verdict = rows[i].last,
                                                      .first = rows[i].first,
                                                      .cues = rows[i].cues});
        ++*(rows[i].cues ? &expect.cued[rows[i].from][rows[i].to] : &expect.plain[rows[i].to]);
    }
    /* A thought that was only closed got no cue. */
    for (int cues = 1; cues <= 2; cues++)
        fixture_add_rollout(
            &f, pair,
            &(struct fixture_rollout){
                .k = 60 + cues, .first = VERDICT_TRUNCATED, .cues = cues, .closed = true});
    expect.plain[OUTCOME_CORRECT]++;
    expect.cued[OUTCOME_NO_VERDICT][OUTCOME_CORRECT]++;
    fixture_add_rollout(&f, pair, &(struct fixture_rollout){.seat = STUDENT});
    commit();
    fixture_must(ledger_reflections(f.store, f.run.recipes[0], &got, &e), &e);
    assert_memory_equal(&got, &expect, sizeof got);
    assert_counter("flips.incorrect.correct", 1);
    assert_counter("flips.correct.correct", 1);
    fixture_must(ledger_reflections(f.store, f.run.recipes[STUDENT], &got, &e), &e);
    assert_memory_equal(&got, &none, sizeof got); /* only the teacher's are looked at */
    fixture_run(&f, "another");
    fixture_must(ledger_reflections(f.store, f.run.recipes[0], &got, &e), &e);
    assert_memory_equal(&got, &none, sizeof got);
    fixture_close(&f);
}

/* ---- one answer at a time ---- */

static void add_half(uint64_t pair, enum lane lane, int k, int score)
{
    fixture_add_rollout(
        &f, pair,
        &(struct fixture_rollout){.lane = lane,
                                  .k = k,
                                  .format = FORMAT_POINTWISE,
                                  .verdict = score == SCORE_NONE ? VERDICT_NONE : VERDICT_SCORE,
                                  .scored = score != SCORE_NONE,
                                  .score_a = score,
                                  .score_b = SCORE_NONE});
}

static void both_halves_of_a_pointwise_judgment_get_one_outcome(void **state)
{
    (void)state;
    static const struct {
        int chosen, rejected;
        enum outcome expect;
        const char *why;
    } rows[] = {
        {700, 650, OUTCOME_CORRECT, "the chosen one scores higher"},
        {650, 700, OUTCOME_INCORRECT, "the rejected one scores higher"},
        {700, 700, OUTCOME_TIE, "equal scores"},
        {0, 0, OUTCOME_TIE, "nought is a score"},
        {700, SCORE_NONE, OUTCOME_NO_VERDICT, "one half says nothing"},
        {700, 700, OUTCOME_TIE, "matched by k, not by what came before"},
    };
    struct err e;
    struct ledger_rollout known[2];
    size_t n;
    for (int order = 0; order < 2; order++) {
        int64_t expect[OUTCOME_COUNT] = {0};
        open_store("judge: {format: pointwise}\n");
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){0});
            bool chosen_first = order == 0;
            add_half(pair, chosen_first ? LANE_CHOSEN_ONLY : LANE_REJECTED_ONLY, 3,
                     chosen_first ? rows[i].chosen : rows[i].rejected);
            fixture_must(ledger_rollouts(f.store, pair, f.run.recipes[0], known, 2, &n, &e), &e);
            bool scored = chosen_first || rows[i].rejected != SCORE_NONE;
            assert_int_equal(known[0].outcome, scored ? OUTCOME_PENDING : OUTCOME_NO_VERDICT);
            add_half(pair, chosen_first ? LANE_REJECTED_ONLY : LANE_CHOSEN_ONLY, 3,
                     chosen_first ? rows[i].rejected : rows[i].chosen);
            fixture_must(ledger_rollouts(f.store, pair, f.run.recipes[0], known, 2, &n, &e), &e);
            if (n != 2 || known[0].outcome != rows[i].expect || known[1].outcome != rows[i].expect)
                fail_msg("%s: %s and %s", rows[i].why, outcome_name(known[0].outcome),
                         outcome_name(known[1].outcome));
            expect[rows[i].expect] += 2;
        }
        add_half(1, LANE_CHOSEN_ONLY, 0, 500);
        add_half(1, LANE_REJECTED_ONLY, 1, 400); /* another judgment */
        expect[OUTCOME_PENDING] = 2;
        commit();
        for (int i = 0; i < OUTCOME_COUNT; i++) {
            char name[64];
            snprintf(name, sizeof name, "rollouts.%s", outcome_name((enum outcome)i));
            assert_counter(name, expect[i]);
            snprintf(name, sizeof name, "rollouts.kind.teacher.%s", outcome_name((enum outcome)i));
            assert_counter(name, expect[i]);
        }
        fixture_close(&f);
    }
}

/* ---- several judges ---- */

static void only_those_who_decide_count_as_rollouts_and_each_kind_has_its_cost(void **state)
{
    (void)state;
    struct err e;
    uint64_t pair = open_store(everybody);
    const struct call_result r = {.http_status = 200,
                                  .verdict = VERDICT_A,
                                  .first = VERDICT_A,
                                  .score_a = SCORE_NONE,
                                  .score_b = SCORE_NONE,
                                  .prompt_tokens = 100,
                                  .completion_tokens = 10};
    assert_int_equal(f.seats.n, 5); /* the last one writes */
    for (int seat = 0; seat < 4; seat++) {
        for (int k = 0; k <= seat; k++) {
            const struct wire_call call = {.attempt = 1, .key = {.row = pair, .k = (uint8_t)k}};
            fixture_must(ledger_add_call(f.store, f.run.recipes[seat], f.seats.all[seat].kind,
                                         &call, &r, true, f.endpoint, 7, 1, &e),
                         &e);
        }
    }
    commit();
    static const struct {
        const char *name;
        int64_t expect;
    } counters[] = {
        {"calls.done", 10},
        {"rollouts.total", 3},
        {"rollouts.correct", 3},
        {"verdict.chosen_first.A", 3},
        {"calls.kind.teacher", 1},
        {"calls.kind.second_teacher", 2},
        {"calls.kind.checker", 3},
        {"calls.kind.student", 4},
        {"tokens.kind.checker.prompt", 300},
        {"tokens.kind.checker.completion", 30},
        {"cost.kind.checker", 21},
        {"cost.nano_usd", 70},
        {"rollouts.kind.student.correct", 4},
        {"verdict.kind.checker.A", 3},
        {"recipe.1.plain.correct", 1},
    };
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        assert_counter(counters[i].name, counters[i].expect);
    fixture_close(&f);
}

static void a_run_names_its_seats(void **state)
{
    (void)state;
    struct err e;
    struct ledger_seats seats;
    open_store(everybody);
    commit();
    struct ledger_run first = f.run;
    f.run = (struct ledger_run){0};
    f.seats.n = 2;
    fixture_recipe(&f, "first");
    struct id same = f.seats.all[0].recipe;
    fixture_run(&f, "first");
    assert_true(id_eq(&same, &first.recipe.id) && f.run.recipes[0] == first.recipes[0]);
    fixture_must(ledger_seats(f.store, first.run, first.recipes[0], &seats, &e), &e);
    assert_int_equal(seats.n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(seats.recipes[i], first.recipes[i]);
    assert_true(seats.kinds[CHECKER] == SEAT_CHECKER && seats.kinds[STUDENT] == SEAT_STUDENT);
    fixture_must(ledger_seats(f.store, f.run.run, first.recipes[0], &seats, &e), &e);
    assert_int_equal(seats.n, 2);
    fixture_must(ledger_seats(f.store, 0, first.recipes[0], &seats, &e), &e);
    assert_int_equal(seats.n, 2); /* the newest */
    fixture_must(ledger_seats(f.store, first.run, first.recipes[1], &seats, &e), &e);
    assert_int_equal(seats.n, 1); /* it was nobody's first seat */
    assert_true(seats.recipes[0] == first.recipes[1] && seats.kinds[0] == SEAT_TEACHER);
    ledger_free_run(&first);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rollout_gets_its_row_with_its_last_call),
        cmocka_unit_test(unfinished_rollouts_are_told_from_finished_ones),
        cmocka_unit_test(a_history_is_what_stood_after_the_step_asked_for),
        cmocka_unit_test(the_parts_of_a_history_are_those_stored_with_it),
        cmocka_unit_test(flips_are_counted_by_first_and_last_outcome),
        cmocka_unit_test(both_halves_of_a_pointwise_judgment_get_one_outcome),
        cmocka_unit_test(only_those_who_decide_count_as_rollouts_and_each_kind_has_its_cost),
        cmocka_unit_test(a_run_names_its_seats),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
