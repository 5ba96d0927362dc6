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

static void missing_students_open_no_decided_pair(void **state)
{
    (void)state;
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    add("A B", STATE_ACCEPTED, REASON_ACCEPTED);
    commit();
    again("endpoints:\n- {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n"
          "- {role: student, url: \"http://127.0.0.1:1/v1\", model: s}\n" ONE_OF_TWO);
    assert_int_equal(count("pairs.accepted"), 1);
    fixture_close(&f);
}

static void pairs_that_were_judged_in_another_format_stay_decided(void **state)
{
    (void)state;
    fixture_open(&f, fresh_store(), ONE_OF_TWO);
    begin();
    add("A B", STATE_ACCEPTED, REASON_ACCEPTED);
    commit();
    again("judge: {format: pointwise}\naccept: {k: 1, n: 3}\ncalibration: 0\nfilters: []\n");
    assert_int_equal(count("pairs.accepted"), 1);
    fixture_close(&f);
}

static void deciding_again_lets_in_no_more_than_the_quotas_do(void **state)
{
    (void)state;
    const char *two = ONE_OF_TWO "quotas: [{accepted: 2}]\n";
    fixture_open(&f, fresh_store(), two);
    begin();
    add("A B", STATE_ACCEPTED, REASON_ACCEPTED);
    add("A B", STATE_OPEN, REASON_NONE); /* there was no room for it, then a run began */
    add("A B", STATE_ACCEPTED, REASON_ACCEPTED);
    add("BA B", STATE_REJECTED, REASON_INCONSISTENT);
    commit();
    again("accept: {k: 1, n: 3}\ncalibration: 0\nfilters: []\nquotas: [{accepted: 2}]\n");
    assert_int_equal(count("pairs.accepted"), 2);
    assert_int_equal(count("pairs.open"), 2);
    again("accept: {k: 1, n: 3}\ncalibration: 0\nfilters: []\nquotas: [{accepted: 3}]\n");
    assert_int_equal(count("pairs.accepted"), 3);
    fixture_close(&f);
}

/* Accepted by this seat, with one thought in both orders. */
static uint64_t add_of_seat(int seat, const char *thought)
{
    uint64_t row = fixture_add_pair(&f, &(struct fixture_pair){0});
    if (seat)
        fixture_judge(&f, row, "B");
    for (int lane = 0; lane < 2; lane++) {
        const struct fixture_rollout r = {.lane = (enum lane)lane,
                                          .verdict = lane ? VERDICT_B : VERDICT_A,
                                          .thought = thought,
                                          .seat = seat};
        fixture_add_rollout(&f, row, &r);
    }
    fixture_decide(&f, row, STATE_ACCEPTED, seat ? REASON_HINTED : REASON_ACCEPTED);
    return row;
}

static void hinted_pairs_are_shown_to_corpus_filters_and_stay_marked(void **state)
{
    (void)state;
    const char *without = "accept: {k: 1, n: 1}\ncalibration: 0\nfilters: []\n"
                          "hint: {share: 0.5, k: 1, n: 1}\n";
    fixture_open(&f, fresh_store(), without);
    begin();
    add_of_seat(0, "the very same thought");
    add_of_seat(1, "the very same thought");
    commit();
    again("accept: {k: 1, n: 1}\ncalibration: 0\nfilters: [duplicate]\n"
          "hint: {share: 0.5, k: 1, n: 1}\n");
    assert_int_equal(count("reason.rejected.corpus_filter"), 1);
    again(without);
    assert_int_equal(count("reason.accepted.accepted_hinted"), 1);
    fixture_close(&f);
}

static void the_share_of_hinted_pairs_holds_under_stricter_rules_and_back(void **state)
{
    (void)state;
    const char *mild = "accept: {k: 1, n: 2}\ncalibration: 0\nfilters: []\n"
                       "hint: {share: 0.5, k: 1, n: 1}\n";
    const char *strict = "accept: {k: 2, n: 2}\ncalibration: 0\nfilters: []\n"
                         "hint: {share: 0.5, k: 1, n: 1}\n";
    fixture_open(&f, fresh_store(), mild);
    begin();
    for (int i = 0; i < 3; i++) {
        uint64_t row = fixture_add_pair(&f, &(struct fixture_pair){0});
        fixture_judge(&f, row, "BB");
        for (int lane = 0; lane < 2; lane++)
            fixture_add_rollout(&f, row,
                                &(struct fixture_rollout){.lane = (enum lane)lane,
                                                          .verdict = lane ? VERDICT_B : VERDICT_A,
                                                          .seat = 1});
        fixture_decide(&f, row, STATE_ACCEPTED, REASON_HINTED);
    }
    for (int i = 0; i < 3; i++) /* one of them without a miss */
        add(i ? "AB BB" : "AA BB", STATE_ACCEPTED, REASON_ACCEPTED);
    add("BB", STATE_REJECTED, REASON_FAILED_CHOSEN_FIRST); /* there was no room for a hint */
    commit();
    struct redecide_report r = again(mild);
    assert_int_equal(r.moved[STATE_ACCEPTED][STATE_REJECTED], 0);
    assert_int_equal(r.moved[STATE_REJECTED][STATE_OPEN], 0);
    again(strict);
    assert_int_equal(count("pairs.accepted"), 2);
    assert_int_equal(count("reason.accepted.accepted_hinted"), 1);
    again(mild);
    assert_int_equal(count("pairs.accepted"), 6);
    assert_int_equal(count("reason.accepted.accepted_hinted"), 3);
    fixture_close(&f);
}

/* Of two good traces the checker let the second one stand: that one is exported. */
static void corpus_filters_are_shown_what_the_checker_let_stand(void **state)
{
    (void)state;
    const char *rules = "endpoints:\n- {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n"
                        "- {role: checker, url: \"http://127.0.0.1:1/v1\", model: c}\n"
                        "accept: {k: 1, n: 2, keep: first}\ncalibration: 0\nfilters: [duplicate]\n";
    static const char *const thoughts[] = {"fell", "stood"};
    fixture_open(&f, fresh_store(), rules);
    begin();
    for (int pair = 0; pair < 2; pair++) {
        uint64_t row = fixture_add_pair(&f, &(struct fixture_pair){0});
        for (int i = 0; i < 4; i++) {
            char thought[32];
            snprintf(thought, sizeof thought, "%s %d", thoughts[i / 2], i / 2 ? pair : 0);
            struct fixture_rollout r = {.lane = (enum lane)(i % 2),
                                        .k = i / 2,
                                        .verdict = i % 2 ? VERDICT_B : VERDICT_A,
                                        .thought = thought};
            fixture_add_rollout(&f, row, &r);
            r.seat = 1;
            r.verdict = i / 2 ? r.verdict : VERDICT_DISPUTED;
            fixture_add_rollout(&f, row, &r);
        }
        fixture_decide(&f, row, STATE_ACCEPTED, REASON_ACCEPTED);
    }
    commit();
    again(rules);
    assert_int_equal(count("pairs.accepted"), 2);
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
        cmocka_unit_test(missing_students_open_no_decided_pair),
        cmocka_unit_test(pairs_that_were_judged_in_another_format_stay_decided),
        cmocka_unit_test(deciding_again_lets_in_no_more_than_the_quotas_do),
        cmocka_unit_test(hinted_pairs_are_shown_to_corpus_filters_and_stay_marked),
        cmocka_unit_test(the_share_of_hinted_pairs_holds_under_stricter_rules_and_back),
        cmocka_unit_test(corpus_filters_are_shown_what_the_checker_let_stand),
        cmocka_unit_test(many_pairs_take_many_chunks),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
