/* The engine and seeds whose pairs are built: what is asked for them, when, and how they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

#define PLAIN "build: {samples: 8, temperatures: []}\ntries: 2\n"

static struct engine_fixture f;

static const struct wire_call *last_grant(void)
{
    return &fixture_last(&f, NOTE_GRANT)->call;
}

static size_t grants(void)
{
    return fixture_count(&f, NOTE_GRANT, 0);
}

/* The grant number i from the beginning, from 0. */
static struct wire_call grant(size_t i)
{
    for (size_t at = 0; at < f.n_notes; at++)
        if (f.notes[at].kind == NOTE_GRANT && i-- == 0)
            return f.notes[at].call;
    fail_msg("there is no such grant");
    return (struct wire_call){0};
}

static void begin(const char *yaml, uint32_t slots, bool known)
{
    fixture_open(&f, yaml);
    fixture_worker(&f, 1, slots, 0);
    fixture_seed(&f, 1, known);
    fixture_tick(&f, 0);
}

static void commit(void)
{
    engine_committed(f.engine);
    fixture_tick(&f, 0);
}

/* The call handed out last brings a sample. */
static void come(enum sample_mark mark)
{
    const struct wire_call call = *last_grant();
    fixture_sample(&f, 1, &call, mark);
    commit();
}

static void samples_are_asked_for_until_there_is_enough(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    assert_int_equal(grants(), 2);
    struct wire_call first = grant(0), second = grant(1);
    assert_int_equal(fixture_last(&f, NOTE_GRANT)->ask, ASK_ANSWER);
    assert_int_equal(first.key.lane, LANE_ANSWER);
    assert_true(first.key.row == (1 | CALL_SEED));
    assert_int_equal(first.key.k, 0);
    assert_int_equal(second.key.k, 1);
    fixture_sample(&f, 1, &second, MARK_RIGHT);
    fixture_tick(&f, 0);
    assert_int_equal(grants(), 2);
    fixture_sample(&f, 1, &first, MARK_RIGHT);
    fixture_tick(&f, 0);
    assert_int_equal(grants(), 3);
    assert_int_equal(last_grant()->key.k, 2);
    come(MARK_WRONG);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    assert_int_equal(fixture_last(&f, NOTE_BUILD)->building.right, 2);
    assert_int_equal(fixture_last(&f, NOTE_BUILD)->building.wrong, 1);
    assert_int_equal(engine_totals(f.engine)->answers, 3);
    assert_true(engine_is_idle(f.engine));
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 3);
    fixture_close(&f);
}

static void a_seed_without_enough_ends_when_its_samples_are_used_up(void **state)
{
    (void)state;
    begin("build: {samples: 3, temperatures: []}\n", 1, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 0);
        come(MARK_RIGHT);
    }
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    assert_int_equal(grants(), 3);
    fixture_close(&f);
}

static void a_changed_prompt_is_asked_for_once_its_baseline_is_durable(void **state)
{
    (void)state;
    begin(PLAIN, 8, false);
    assert_int_equal(grants(), 1);
    struct wire_call baseline = *last_grant();
    fixture_sample(&f, 1, &baseline, MARK_USABLE);
    fixture_tick(&f, 0);
    assert_int_equal(grants(), 1);
    commit();
    assert_int_equal(grants(), 2);
    assert_int_equal(fixture_last(&f, NOTE_GRANT)->ask, ASK_MODIFY);
    assert_int_equal(last_grant()->key.lane, LANE_MODIFIED);
    assert_int_equal(last_grant()->key.k, 0);
    come(MARK_UNREADABLE);
    assert_int_equal(last_grant()->key.k, 1);
    come(MARK_USABLE);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    assert_int_equal(grants(), 3);
    fixture_close(&f);
}

/* Between the wish for it and the commit it comes by itself, out of a spool. */
static void a_changed_prompt_that_came_meanwhile_is_not_asked_for(void **state)
{
    (void)state;
    begin(PLAIN, 8, false);
    struct wire_call baseline = *last_grant();
    fixture_sample(&f, 1, &baseline, MARK_USABLE);
    struct wire_call late = baseline;
    late.key.lane = LANE_MODIFIED;
    late.attempt = (uint64_t)1 << 32 | 77;
    fixture_sample(&f, ENGINE_NO_PEER, &late, MARK_OFF_TOPIC);
    commit();
    assert_int_equal(grants(), 2);
    assert_int_equal(last_grant()->key.lane, LANE_MODIFIED);
    assert_int_equal(last_grant()->key.k, 1);
    fixture_close(&f);
}

static void a_failed_call_is_tried_again_and_its_seed_deferred_in_the_end(void **state)
{
    (void)state;
    begin(PLAIN, 1, true);
    struct wire_call call = *last_grant();
    assert_true(fixture_fail(&f, 1, &call, FAILURE_SERVER_ERROR, 500));
    assert_int_equal(fixture_count(&f, NOTE_DEFER, 0), 0);
    fixture_tick(&f, 600000);
    fixture_worker(&f, 1, 1, 0);
    fixture_tick(&f, 0);
    for (int i = 0; i < 20 && !fixture_count(&f, NOTE_DEFER, 0); i++) {
        call = *last_grant();
        fixture_fail(&f, 1, &call, FAILURE_SERVER_ERROR, 500);
        fixture_tick(&f, 10000);
    }
    assert_int_equal(fixture_last(&f, NOTE_DEFER)->why, BUILD_REASON_OUT_OF_TRIES);
    assert_string_equal(fixture_last(&f, NOTE_DEFER)->detail, "server_error: the reason");
    assert_false(engine_has_seed(f.engine, 1));
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 0);
    fixture_close(&f);
}

static void a_refused_call_defers_its_seed_at_once(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    assert_int_equal(engine_leased(f.engine), 2);
    struct wire_call other = grant(1), call = grant(0);
    fixture_fail(&f, 1, &call, FAILURE_CONTEXT, 400);
    assert_int_equal(fixture_last(&f, NOTE_DEFER)->why, BUILD_REASON_REFUSED);
    assert_int_equal(fixture_count(&f, NOTE_CANCEL, 0), 0); /* what is out is worth keeping */
    assert_int_equal(engine_leased(f.engine), 1);
    size_t saves = fixture_count(&f, NOTE_SAVE, 0);
    fixture_sample(&f, 1, &other, MARK_RIGHT);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), saves + 1);
    assert_true(engine_is_idle(f.engine));
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 0);
    fixture_close(&f);
}

static void a_request_that_cannot_be_built_defers_its_seed(void **state)
{
    (void)state;
    fixture_open(&f, PLAIN);
    fixture_worker(&f, 1, 8, 0);
    fixture_seed(&f, 1, true);
    f.cannot_grant = true;
    fixture_tick(&f, 0);
    assert_int_equal(fixture_last(&f, NOTE_DEFER)->why, BUILD_REASON_REFUSED);
    assert_int_equal(engine_leased(f.engine), 0);
    assert_true(engine_is_idle(f.engine));
    fixture_close(&f);
}

static void a_result_that_comes_twice_counts_once(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    struct wire_call first = grant(0);
    fixture_sample(&f, 1, &first, MARK_RIGHT);
    fixture_sample(&f, 1, &first, MARK_WRONG);
    commit();
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 0);
    assert_int_equal(engine_totals(f.engine)->answers, 1);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 2);
    fixture_close(&f);
}

static void a_late_result_of_an_ended_seed_is_kept(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    struct wire_call first = grant(0), second = grant(1), third = first;
    third.key.k = 6;
    fixture_sample(&f, 1, &first, MARK_RIGHT);
    fixture_sample(&f, 1, &second, MARK_WRONG);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    fixture_sample(&f, ENGINE_NO_PEER, &third, MARK_RIGHT);
    commit();
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 3);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    fixture_close(&f);
}

/* A lease runs out, another worker has the call: whoever answers first is taken. */
static void a_sample_that_two_are_making_is_taken_from_the_first(void **state)
{
    (void)state;
    begin(PLAIN, 1, true);
    struct wire_call lost = *last_grant();
    fixture_worker(&f, 2, 4, 0);
    fixture_tick(&f, 31000);
    const struct fixture_note *again = fixture_last(&f, NOTE_GRANT);
    assert_true(again->call.attempt != lost.attempt && again->peer == 2);
    fixture_sample(&f, 1, &lost, MARK_RIGHT);
    assert_int_equal(fixture_count(&f, NOTE_CANCEL, 0), 1);
    fixture_close(&f);
}

static void a_sample_of_another_recipe_is_stored_and_no_news(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    struct wire_call other = grant(0);
    other.recipe = fixture_id("recipe", 99);
    fixture_sample(&f, 1, &other, MARK_WRONG);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    struct wire_call first = grant(0), second = grant(1);
    fixture_sample(&f, 1, &first, MARK_RIGHT);
    fixture_sample(&f, 1, &second, MARK_RIGHT);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 0);
    fixture_close(&f);
}

static void what_is_stored_is_not_asked_for_after_a_restart(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    struct wire_call first = grant(0), second = grant(1);
    fixture_sample(&f, 1, &first, MARK_RIGHT);
    fixture_restart(&f, 2);
    fixture_worker(&f, 1, 8, 0);
    struct building *b = fixture_begin_seed(&f, 1, true);
    builder_recall(b, LANE_ANSWER, 0, MARK_RIGHT, true);
    engine_admit_seed(f.engine, b);
    assert_true(engine_renew(f.engine, 1, &second, f.now)); /* it holds this one still */
    size_t before = grants();
    fixture_tick(&f, 0);
    assert_int_equal(grants(), before);
    assert_int_equal(engine_leased(f.engine), 1);
    fixture_sample(&f, 1, &second, MARK_WRONG);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    fixture_close(&f);
}

static void a_renewal_is_adopted_only_by_what_it_names(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    struct wire_call held = grant(0);
    fixture_restart(&f, 2);
    fixture_worker(&f, 1, 8, 0);
    fixture_seed(&f, 1, true);
    struct wire_call wrong[6] = {held, held, held, held, held, held};
    wrong[0].key.k = 8;
    wrong[1].key.k = 255;
    wrong[2].key.lane = LANE_MODIFIED;
    wrong[3].key.lane = LANE_CHOSEN_FIRST;
    wrong[4].subject = fixture_id("seed", 2);
    wrong[5].key.row &= ~CALL_SEED;
    for (size_t i = 0; i < 6; i++) {
        assert_true(engine_renew(f.engine, 1, &wrong[i], f.now));
        assert_int_equal(engine_leased(f.engine), 0);
    }
    assert_true(engine_renew(f.engine, 1, &held, f.now));
    assert_int_equal(engine_leased(f.engine), 1);
    fixture_close(&f);
}

/* Workers name more than is needed; that one of them fails defers no seed that has enough. */
static void adopted_samples_beyond_what_is_needed_hold_nothing_up(void **state)
{
    (void)state;
    begin("build: {samples: 8, right: 2, wrong: 2, temperatures: []}\n", 8, true);
    struct wire_call held[4];
    for (size_t i = 0; i < 4; i++)
        held[i] = grant(i);
    fixture_restart(&f, 2);
    fixture_worker(&f, 1, 8, 0);
    struct building *b = fixture_begin_seed(&f, 1, true);
    builder_recall(b, LANE_ANSWER, 5, MARK_RIGHT, true);
    builder_recall(b, LANE_ANSWER, 6, MARK_WRONG, true);
    engine_admit_seed(f.engine, b);
    for (size_t i = 0; i < 4; i++)
        assert_true(engine_renew(f.engine, 1, &held[i], f.now));
    assert_int_equal(engine_leased(f.engine), 4);
    fixture_sample(&f, 1, &held[3], MARK_RIGHT);
    fixture_sample(&f, 1, &held[2], MARK_WRONG);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    fixture_fail(&f, 1, &held[0], FAILURE_CONTEXT, 400);
    fixture_sample(&f, 1, &held[1], MARK_RIGHT);
    assert_int_equal(fixture_count(&f, NOTE_DEFER, 0), 0);
    assert_true(engine_is_idle(f.engine));
    fixture_close(&f);
}

static void a_check_that_takes_time_is_waited_for(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    struct wire_call first = grant(0), second = grant(1);
    fixture_sample(&f, 1, &first, MARK_UNCHECKED);
    fixture_sample(&f, 1, &second, MARK_UNCHECKED);
    commit();
    assert_int_equal(grants(), 2);
    assert_false(engine_is_idle(f.engine));
    engine_checked(f.engine, 1, LANE_ANSWER, 1, MARK_RIGHT);
    engine_checked(f.engine, 1, LANE_ANSWER, 1, MARK_WRONG); /* told twice */
    engine_checked(f.engine, 1, LANE_ANSWER, 3, MARK_WRONG); /* of none that is here */
    engine_checked(f.engine, 9, LANE_ANSWER, 0, MARK_WRONG);
    fixture_tick(&f, 0);
    assert_int_equal(grants(), 2);
    engine_checked(f.engine, 1, LANE_ANSWER, 0, MARK_UNSURE);
    fixture_tick(&f, 0);
    assert_int_equal(grants(), 3);
    come(MARK_WRONG);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    engine_checked(f.engine, 1, LANE_ANSWER, 0, MARK_WRONG); /* too late */
    fixture_close(&f);
}

static void what_was_stored_and_not_checked_is_told_of_after_a_restart(void **state)
{
    (void)state;
    fixture_open(&f, PLAIN);
    fixture_worker(&f, 1, 8, 0);
    struct building *b = fixture_begin_seed(&f, 1, true);
    builder_recall(b, LANE_ANSWER, 0, MARK_UNCHECKED, true);
    builder_recall(b, LANE_ANSWER, 1, MARK_WRONG, true);
    engine_admit_seed(f.engine, b);
    fixture_tick(&f, 0);
    assert_int_equal(grants(), 0);
    engine_checked(f.engine, 1, LANE_ANSWER, 0, MARK_RIGHT);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    fixture_close(&f);
}

static void a_seed_that_has_all_it_needs_ends_when_it_is_admitted(void **state)
{
    (void)state;
    fixture_open(&f, PLAIN);
    struct building *b = fixture_begin_seed(&f, 1, false);
    builder_recall(b, LANE_ANSWER, 0, MARK_USABLE, true);
    builder_recall(b, LANE_MODIFIED, 2, MARK_USABLE, false);
    engine_admit_seed(f.engine, b);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    assert_true(engine_is_idle(f.engine));
    fixture_close(&f);
}

static void samples_are_asked_for_together_unless_their_temperatures_differ(void **state)
{
    (void)state;
    begin("build: {samples: 8, right: 2, wrong: 2, temperatures: [\"1\"]}\n"
          "generation: {per_request: 3}\n",
          8, true);
    assert_int_equal(grants(), 2);
    assert_int_equal(f.notes[0].n, 3);
    assert_int_equal(fixture_last(&f, NOTE_GRANT)->n, 1);
    fixture_close(&f);
    begin("build: {samples: 8, right: 2, wrong: 2, temperatures: [\"0.7\", \"1\"]}\n"
          "generation: {per_request: 3}\n",
          8, true);
    assert_int_equal(grants(), 4);
    fixture_close(&f);
}

static void seeds_and_pairs_of_one_number_are_told_apart(void **state)
{
    (void)state;
    begin(PLAIN "accept: {k: 1, n: 1}\ncalibration: 0\n", 8, true);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
    assert_true(engine_has(f.engine, 1) && engine_has_seed(f.engine, 1));
    struct wire_call of_pair = *last_grant();
    assert_false(lane_is_seed((enum lane)of_pair.key.lane));
    fixture_result(&f, 1, &of_pair, false);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_REJECTED);
    assert_false(engine_has(f.engine, 1));
    assert_true(engine_has_seed(f.engine, 1));
    struct wire_call first = grant(0), second = grant(1);
    fixture_sample(&f, 1, &first, MARK_RIGHT);
    fixture_sample(&f, 1, &second, MARK_WRONG);
    assert_int_equal(fixture_count(&f, NOTE_BUILD, 0), 1);
    fixture_close(&f);
}

static void no_more_seeds_are_begun_than_calls_can_be_made(void **state)
{
    (void)state;
    fixture_open(&f, PLAIN);
    assert_int_equal(engine_wants_seeds(f.engine), 0);
    fixture_worker(&f, 1, 4, 0);
    uint64_t row = 0;
    while (engine_wants_seeds(f.engine)) {
        assert_true(row < 100);
        fixture_seed(&f, ++row, true);
    }
    assert_true(row >= 1 && row <= 4);
    engine_drain(f.engine, "enough");
    assert_int_equal(engine_wants_seeds(f.engine), 0);
    fixture_close(&f);
}

static void pairs_go_before_seeds(void **state)
{
    (void)state;
    fixture_open(&f, PLAIN "accept: {k: 3, n: 4, stop: full}\ncalibration: 0\n");
    fixture_worker(&f, 1, 4, 0);
    fixture_pair(&f, 1);
    assert_int_equal(engine_wants_seeds(f.engine), 0);
    fixture_close(&f);
}

static void a_worker_that_is_gone_leaves_its_samples_to_another(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    engine_gone(f.engine, 1);
    assert_int_equal(engine_leased(f.engine), 0);
    fixture_worker(&f, 2, 8, 0);
    fixture_tick(&f, 0);
    assert_int_equal(grants(), 4);
    assert_int_equal(grant(2).key.k + grant(3).key.k, 1);
    fixture_close(&f);
}

static void what_cannot_be_saved_is_no_news(void **state)
{
    (void)state;
    begin(PLAIN, 8, true);
    struct wire_call first = grant(0);
    f.cannot_save = true;
    fixture_sample(&f, 1, &first, MARK_RIGHT);
    commit();
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 0);
    f.cannot_save = false;
    fixture_sample(&f, 1, &first, MARK_RIGHT);
    commit();
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 1);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_asked_for_until_there_is_enough),
        cmocka_unit_test(a_seed_without_enough_ends_when_its_samples_are_used_up),
        cmocka_unit_test(a_changed_prompt_is_asked_for_once_its_baseline_is_durable),
        cmocka_unit_test(a_changed_prompt_that_came_meanwhile_is_not_asked_for),
        cmocka_unit_test(a_failed_call_is_tried_again_and_its_seed_deferred_in_the_end),
        cmocka_unit_test(a_refused_call_defers_its_seed_at_once),
        cmocka_unit_test(a_request_that_cannot_be_built_defers_its_seed),
        cmocka_unit_test(a_result_that_comes_twice_counts_once),
        cmocka_unit_test(a_late_result_of_an_ended_seed_is_kept),
        cmocka_unit_test(a_sample_that_two_are_making_is_taken_from_the_first),
        cmocka_unit_test(a_sample_of_another_recipe_is_stored_and_no_news),
        cmocka_unit_test(what_is_stored_is_not_asked_for_after_a_restart),
        cmocka_unit_test(a_renewal_is_adopted_only_by_what_it_names),
        cmocka_unit_test(adopted_samples_beyond_what_is_needed_hold_nothing_up),
        cmocka_unit_test(a_check_that_takes_time_is_waited_for),
        cmocka_unit_test(what_was_stored_and_not_checked_is_told_of_after_a_restart),
        cmocka_unit_test(a_seed_that_has_all_it_needs_ends_when_it_is_admitted),
        cmocka_unit_test(samples_are_asked_for_together_unless_their_temperatures_differ),
        cmocka_unit_test(seeds_and_pairs_of_one_number_are_told_apart),
        cmocka_unit_test(no_more_seeds_are_begun_than_calls_can_be_made),
        cmocka_unit_test(pairs_go_before_seeds),
        cmocka_unit_test(a_worker_that_is_gone_leaves_its_samples_to_another),
        cmocka_unit_test(what_cannot_be_saved_is_no_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
