/* Deciding again from stored rollouts: under new rules, new filters, and corpus filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/redecide.h"
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

#define ONE_OF_TWO "accept: {k: 1, n: 2}\ncalibration: 0\nfilters: []\n"

static struct ledger_fixture f;

static const char *fresh_store(void)
{
    static int n;
    char name[32];
    snprintf(name, sizeof name, "redecide-%d.db", n++);
    return scratch_path(name);
}

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

static uint64_t add(const char *verdicts, enum pair_state state, enum reason reason)
{
    uint64_t row = fixture_add_pair(&f, &(struct fixture_pair){0});
    fixture_judge(&f, row, verdicts);
    if (state != STATE_OPEN)
        fixture_decide(&f, row, state, reason);
    return row;
}

/* A run under these rules decides everything again. */
static struct redecide_report again(const char *yaml)
{
    struct redecide_report report = {0};
    struct chain chain;
    struct err e;
    fixture_project(&f, yaml);
    fixture_run(&f, "first");
    fixture_must(chain_build(&chain, &f.project, &e), &e);
    const struct redecide r = {.store = f.store,
                               .project = &f.project,
                               .chain = &chain,
                               .run = f.run.run,
                               .rules = f.run.rules.row,
                               .seats = &f.seats,
                               .recipes = f.run.recipes};
    fixture_must(redecide_all(&r, &report, &e), &e);
    assert_int_equal(store_counter(f.store, REDECIDE_COUNTER), f.run.rules.row);
    return report;
}

static bool at_once(void *context)
{
    (void)context;
    return true;
}

static int64_t count(const char *name)
{
    return store_counter(f.store, name);
}

static void the_same_rules_change_nothing(void **state)
{
    (void)state;
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    add("A B", STATE_ACCEPTED, REASON_ACCEPTED);
    add("BB B", STATE_REJECTED, REASON_INCONSISTENT);
    commit();
    struct redecide_report r = again(ONE_OF_TWO);
    assert_int_equal(r.pairs, 2);
    assert_int_equal(r.refiltered, 0);
    for (int from = 0; from < STATE_COUNT; from++)
        for (int to = 0; to < STATE_COUNT; to++)
            assert_int_equal(r.moved[from][to], 0);
    fixture_close(&f);
}

static void stricter_and_milder_rules_move_pairs_and_counters(void **state)
{
    (void)state;
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    add("A B", STATE_ACCEPTED, REASON_ACCEPTED);           /* under 2 of 2: more is needed */
    add("AB BB", STATE_ACCEPTED, REASON_ACCEPTED);         /* under 2 of 2: failed in one order */
    add("AA BB", STATE_ACCEPTED, REASON_ACCEPTED);         /* stays */
    add("BB", STATE_REJECTED, REASON_FAILED_CHOSEN_FIRST); /* stays */
    uint64_t open = add("A", STATE_OPEN, REASON_NONE);
    commit();
    struct redecide_report r = again("accept: {k: 2, n: 2}\ncalibration: 0\nfilters: []\n");
    assert_int_equal(r.moved[STATE_ACCEPTED][STATE_OPEN], 1);
    assert_int_equal(r.moved[STATE_ACCEPTED][STATE_REJECTED], 1);
    assert_int_equal(count("pairs.accepted"), 1);
    assert_int_equal(count("pairs.rejected"), 2);
    assert_int_equal(count("pairs.open"), 2);
    assert_int_equal(count("reason.rejected.inconsistent"), 1);
    r = again(ONE_OF_TWO);
    assert_int_equal(r.moved[STATE_REJECTED][STATE_ACCEPTED], 1);
    assert_int_equal(r.moved[STATE_OPEN][STATE_ACCEPTED], 1); /* there and back again */
    assert_int_equal(count("pairs.accepted"), 3);
    struct ledger_pair pairs[8];
    struct err e;
    size_t n;
    fixture_must(ledger_open_pairs(f.store, 0, pairs, 8, &n, &e), &e);
    assert_int_equal(n, 1);
    assert_int_equal(pairs[0].row, open);
    fixture_close(&f);
}

static void what_was_stopped_is_done_by_the_next_one(void **state)
{
    (void)state;
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    add("AB BB", STATE_ACCEPTED, REASON_ACCEPTED);
    commit();
    struct redecide_report report = {0};
    struct chain chain = {0};
    struct err e;
    const struct redecide r = {.store = f.store,
                               .project = &f.project,
                               .chain = &chain,
                               .run = f.run.run,
                               .rules = f.run.rules.row,
                               .seats = &f.seats,
                               .recipes = f.run.recipes,
                               .stop = at_once};
    fixture_must(redecide_all(&r, &report, &e), &e);
    assert_int_equal(report.rollouts + report.pairs, 0);
    assert_int_equal(count(REDECIDE_COUNTER), 0);
    report = again("accept: {k: 2, n: 2}\ncalibration: 0\nfilters: []\n");
    assert_int_equal(report.moved[STATE_ACCEPTED][STATE_REJECTED], 1);
    fixture_close(&f);
}

static void a_pair_that_must_be_drawn_in_full_is_opened_again(void **state)
{
    (void)state;
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    add("A B", STATE_ACCEPTED, REASON_ACCEPTED);
    add("AA BB", STATE_ACCEPTED, REASON_ACCEPTED);
    commit();
    struct redecide_report r = again("accept: {k: 1, n: 2, stop: full}\nfilters: []\n");
    assert_int_equal(r.moved[STATE_ACCEPTED][STATE_OPEN], 1);
    assert_int_equal(count("pairs.accepted"), 1);
    fixture_close(&f);
}

static void a_new_filter_looks_at_stored_texts(void **state)
{
    (void)state;
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    uint64_t row = fixture_add_pair(&f, &(struct fixture_pair){0});
    static const char *const thoughts[] = {"short", "a thought that is long enough", "short"};
    static const enum verdict verdicts[] = {VERDICT_A, VERDICT_A, VERDICT_NONE};
    for (int k = 0; k < 3; k++) {
        struct fixture_rollout r = {
            .lane = LANE_CHOSEN_FIRST, .k = k, .verdict = verdicts[k], .thought = thoughts[k]};
        fixture_add_rollout(&f, row, &r);
    }
    struct fixture_rollout other = {
        .lane = LANE_REJECTED_FIRST, .verdict = VERDICT_B, .thought = "short"};
    fixture_add_rollout(&f, row, &other);
    fixture_decide(&f, row, STATE_ACCEPTED, REASON_ACCEPTED);
    commit();
    struct redecide_report r = again(
        "accept: {k: 1, n: 1}\ncalibration: 0\nfilters: [{length: {min_thought: 10}}]\n");
    assert_int_equal(r.rollouts, 4);
    assert_int_equal(r.refiltered, 2); /* what has no verdict is not looked at by filters */
    assert_int_equal(count("filter.length"), 2);
    assert_int_equal(r.moved[STATE_ACCEPTED][STATE_REJECTED], 1);
    r = again("accept: {k: 1, n: 1}\ncalibration: 0\nfilters: []\n");
    assert_int_equal(r.refiltered, 2);
    assert_int_equal(count("filter.length"), 0);
    assert_int_equal(r.moved[STATE_REJECTED][STATE_ACCEPTED], 1);
    fixture_close(&f);
}

static void add_with_thought(const char *thought)
{
    uint64_t row = fixture_add_pair(&f, &(struct fixture_pair){0});
    struct fixture_rollout a = {
        .lane = LANE_CHOSEN_FIRST, .verdict = VERDICT_A, .thought = thought};
    struct fixture_rollout b = {
        .lane = LANE_REJECTED_FIRST, .verdict = VERDICT_B, .thought = "the other order"};
    fixture_add_rollout(&f, row, &a);
    fixture_add_rollout(&f, row, &b);
    fixture_decide(&f, row, STATE_ACCEPTED, REASON_ACCEPTED);
}

static void a_corpus_filter_takes_pairs_out_and_lets_them_back(void **state)
{
    (void)state;
    const char *with = "accept: {k: 1, n: 1}\ncalibration: 0\nfilters: [duplicate]\n";
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    add_with_thought("the very same thought");
    add_with_thought("another thought");
    add_with_thought("the very same thought");
    commit();
    again(with);
    assert_int_equal(count("pairs.accepted"), 2);
    assert_int_equal(count("reason.rejected.corpus_filter"), 1);
    struct redecide_report r = again(with); /* once more: nothing moves */
    assert_int_equal(r.moved[STATE_ACCEPTED][STATE_REJECTED], 0);
    assert_int_equal(r.moved[STATE_REJECTED][STATE_ACCEPTED], 0);
    assert_int_equal(count("pairs.accepted"), 2);
    again("accept: {k: 1, n: 1}\ncalibration: 0\nfilters: []\n");
    assert_int_equal(count("pairs.accepted"), 3);
    assert_int_equal(count("reason.rejected.corpus_filter"), 0);
    fixture_close(&f);
}

static void many_pairs_take_many_chunks(void **state)
{
    (void)state;
    enum { PAIRS = 700 };
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    for (int i = 0; i < PAIRS; i++)
        add(i % 2 ? "A B" : "AA BB", STATE_ACCEPTED, REASON_ACCEPTED);
    commit();
    struct redecide_report r = again("accept: {k: 2, n: 2}\ncalibration: 0\nfilters: []\n");
    assert_int_equal(r.pairs, PAIRS);
    assert_int_equal(r.moved[STATE_ACCEPTED][STATE_OPEN], PAIRS / 2);
    assert_int_equal(count("pairs.accepted"), PAIRS / 2);
    assert_int_equal(count("pairs.open"), PAIRS / 2);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_rules_change_nothing),
        cmocka_unit_test(stricter_and_milder_rules_move_pairs_and_counters),
        cmocka_unit_test(what_was_stopped_is_done_by_the_next_one),
        cmocka_unit_test(a_pair_that_must_be_drawn_in_full_is_opened_again),
        cmocka_unit_test(a_new_filter_looks_at_stored_texts),
        cmocka_unit_test(a_corpus_filter_takes_pairs_out_and_lets_them_back),
        cmocka_unit_test(many_pairs_take_many_chunks),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
