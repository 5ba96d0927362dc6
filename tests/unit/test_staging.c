/* Staging: what waits for a commit, its own copies, and a commit that has to be repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/staging.h"
#include "coordinator/store/rollouts.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

static const char *fresh_store(void)
{
    static int n;
    char name[32];
    snprintf(name, sizeof name, "staging-%d.db", n++);
    return scratch_path(name);
}

static struct call_key key_of(uint64_t row, int lane, int k)
{
    return (struct call_key){.row = row, .lane = (uint8_t)lane, .k = (uint8_t)k};
}

/* The texts point into memory that is gone when this returns. */
static void stage_call(struct staging *s, struct ledger_fixture *f, struct call_key key)
{
    char text[] = "a thought that will be overwritten";
    struct wire_call call = {.attempt = 1, .key = key};
    struct call_result result = {.http_status = 200,
                                 .verdict = VERDICT_A,
                                 .thought = {text, sizeof text - 1},
                                 .answer = {text, 9},
                                 .model = {text, 1},
                                 .request_id = S(""),
                                 .score_a = SCORE_NONE,
                                 .score_b = SCORE_NONE,
                                 .segments = {NULL, 0},
                                 .filter = {NULL, 0}};
    const struct staging_call more = {.recipe = f->run.recipe.row,
                                      .kind = SEAT_TEACHER,
                                      .last = true,
                                      .endpoint = f->endpoint,
                                      .cost_nano_usd = 5,
                                      .wall_ms = 1};
    assert_true(staging_call(s, &call, &result, &more));
    memset(text, '#', sizeof text);
}

static void stage_decision(struct staging *s, struct ledger_fixture *f, uint64_t row,
                           enum pair_state state)
{
    char detail[] = "the detail";
    const struct ledger_decision d = {.pair = row,
                                      .recipe = f->run.recipe.row,
                                      .rules = f->run.rules.row,
                                      .run = f->run.run,
                                      .state = state,
                                      .reason = REASON_ACCEPTED,
                                      .detail = detail};
    assert_true(staging_decision(s, &d, 1));
    memset(detail, '#', sizeof detail);
}

static void open_with_pairs(struct ledger_fixture *f, int pairs)
{
    struct err e;
    fixture_open(f, fresh_store(), "");
    fixture_must(store_begin(f->store, &e), &e);
    for (int i = 0; i < pairs; i++)
        fixture_add_pair(f, &(struct fixture_pair){0});
    fixture_must(store_commit(f->store, &e), &e);
}

static void what_is_staged_is_found_until_it_is_cleared(void **state)
{
    (void)state;
    struct ledger_fixture f;
    open_with_pairs(&f, 2);
    struct staging *s = staging_new();
    int64_t recipe = f.run.recipe.row;
    assert_int_equal(staging_count(s), 0);
    stage_call(s, &f, key_of(1, 0, 0));
    stage_call(s, &f, key_of(1, 1, 0));
    stage_decision(s, &f, 1, STATE_ACCEPTED);
    assert_int_equal(staging_count(s), 3);
    assert_true(staging_has(s, recipe, key_of(1, 0, 0)));
    assert_true(staging_has(s, recipe, key_of(1, 1, 0)));
    assert_false(staging_has(s, recipe, key_of(1, 0, 1)));
    assert_false(staging_has(s, recipe, key_of(2, 0, 0)));
    assert_false(staging_has(s, recipe + 1, key_of(1, 0, 0)));
    staging_clear(s);
    assert_int_equal(staging_count(s), 0);
    assert_false(staging_has(s, recipe, key_of(1, 0, 0)));
    staging_free(s);
    staging_free(NULL);
    fixture_close(&f);
}

static void all_of_it_is_written_with_its_own_copies(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    struct ledger_text_row rows[4];
    size_t n;
    open_with_pairs(&f, 1);
    struct staging *s = staging_new();
    stage_call(s, &f, key_of(1, 0, 0));
    stage_decision(s, &f, 1, STATE_DEFERRED);
    stage_decision(s, &f, 1, STATE_ACCEPTED); /* the order counts */
    fixture_must(store_begin(f.store, &e), &e);
    fixture_must(staging_write(s, f.store, &e), &e);
    fixture_must(store_commit(f.store, &e), &e);
    staging_clear(s);
    assert_int_equal(store_counter(f.store, "pairs.accepted"), 1);
    assert_int_equal(store_counter(f.store, "pairs.deferred"), 0);
    assert_int_equal(store_counter(f.store, "cost.nano_usd"), 5);
    fixture_must(ledger_text_rows(f.store, 0, rows, 4, &n, &f.arena, &e), &e);
    assert_int_equal(n, 1);
    assert_true(slice_is(rows[0].thought, "a thought that will be overwritten"));
    assert_true(slice_is(rows[0].answer, "a thought"));
    staging_free(s);
    fixture_close(&f);
}

static void a_transaction_that_was_lost_is_written_again_by_the_next(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    open_with_pairs(&f, 1);
    struct staging *s = staging_new();
    stage_call(s, &f, key_of(1, 0, 0));
    stage_call(s, &f, key_of(1, 0, 1));
    for (int i = 0; i < 3; i++) { /* as when the disk is full */
        fixture_must(store_begin(f.store, &e), &e);
        fixture_must(staging_write(s, f.store, &e), &e);
        store_rollback(f.store);
        assert_int_equal(staging_count(s), 2);
        assert_int_equal(store_counter(f.store, "calls.done"), 0);
    }
    stage_call(s, &f, key_of(1, 1, 0)); /* more arrives meanwhile */
    fixture_must(store_begin(f.store, &e), &e);
    fixture_must(staging_write(s, f.store, &e), &e);
    fixture_must(store_commit(f.store, &e), &e);
    staging_clear(s);
    assert_int_equal(store_counter(f.store, "calls.done"), 3);
    staging_free(s);
    fixture_close(&f);
}

static void it_can_be_filled_again_and_again(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct err e;
    enum { ROUNDS = 20, PAIRS = 30 };
    open_with_pairs(&f, PAIRS);
    struct staging *s = staging_new();
    for (int round = 0; round < ROUNDS; round++) {
        for (uint64_t row = 1; row <= PAIRS; row++)
            stage_call(s, &f, key_of(row, round % 2, round / 2));
        fixture_must(store_begin(f.store, &e), &e);
        fixture_must(staging_write(s, f.store, &e), &e);
        fixture_must(store_commit(f.store, &e), &e);
        staging_clear(s);
    }
    assert_int_equal(store_counter(f.store, "calls.done"), ROUNDS * PAIRS);
    staging_free(s);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_staged_is_found_until_it_is_cleared),
        cmocka_unit_test(all_of_it_is_written_with_its_own_copies),
        cmocka_unit_test(a_transaction_that_was_lost_is_written_again_by_the_next),
        cmocka_unit_test(it_can_be_filled_again_and_again),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
