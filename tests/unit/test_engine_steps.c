/* The engine and rollouts of several calls: when the next one is asked for, and by whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

#define WAIT "reflection: {mode: wait, rounds: 2}\ncalibration: 0\naccept: {k: 1, n: 1}\n"

static struct engine_fixture f;

static const struct wire_call *last_grant(void)
{
    return &fixture_last(&f, NOTE_GRANT)->call;
}

/* The call that is out is answered, and what it asks for next is handed out. */
static void step(bool correct)
{
    const struct wire_call call = *last_grant();
    fixture_result(&f, 1, &call, correct);
    engine_committed(f.engine);
    fixture_tick(&f, 0);
}

static void begin(const char *yaml, uint32_t slots)
{
    fixture_open(&f, yaml);
    fixture_worker(&f, 1, slots, 0);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
}

static void a_rollout_goes_on_until_its_rounds_are_over_and_counts_once(void **state)
{
    (void)state;
    begin(WAIT, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(last_grant()->key.step, i);
        assert_int_equal(fixture_last(&f, NOTE_GRANT)->ask, i ? ASK_CONTINUE : ASK_JUDGE);
        step(true);
        assert_int_equal(fixture_last(&f, NOTE_SAVE)->last, i == 2);
    }
    assert_int_equal(last_grant()->key.step, 0); /* the other order */
    for (int i = 0; i < 3; i++)
        step(true);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_ACCEPTED);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 6);
    fixture_close(&f);
}

static void the_next_call_waits_for_the_commit(void **state)
{
    (void)state;
    begin(WAIT, 4);
    struct wire_call call = *last_grant();
    size_t grants = fixture_count(&f, NOTE_GRANT, 0);
    fixture_result(&f, 1, &call, true);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), grants);
    engine_committed(f.engine);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), grants + 1);
    assert_int_equal(last_grant()->key.step, 1);
    fixture_close(&f);
}

static void a_result_that_comes_twice_asks_for_one_sequel(void **state)
{
    (void)state;
    begin(WAIT, 4);
    struct wire_call call = *last_grant();
    fixture_result(&f, 1, &call, true);
    fixture_result(&f, 1, &call, true);
    engine_committed(f.engine);
    fixture_tick(&f, 0);
    struct wire_call second = *last_grant();
    assert_int_equal(second.key.step, 1);
    fixture_result(&f, 1, &second, true);
    fixture_result(&f, 1, &call, true); /* late, once more */
    engine_committed(f.engine);
    fixture_tick(&f, 0);
    assert_int_equal(last_grant()->key.step, 2);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 3);
    fixture_close(&f);
}

static void a_begun_rollout_is_taken_up_after_a_restart(void **state)
{
    (void)state;
    fixture_open(&f, WAIT);
    fixture_worker(&f, 1, 1, 0);
    struct subject *s = fixture_begin(&f, 1);
    const struct call_result known = {
        .verdict = VERDICT_B, .first = VERDICT_B, .score_a = SCORE_NONE, .score_b = SCORE_NONE};
    engine_resume(f.engine, s, (struct call_key){.row = 1, .lane = 1, .step = 1}, &known);
    engine_admit(f.engine, s);
    fixture_tick(&f, 0);
    assert_int_equal(last_grant()->key.lane, 1);
    assert_int_equal(last_grant()->key.step, 2);
    assert_int_equal(fixture_last(&f, NOTE_GRANT)->ask, ASK_CONTINUE);
    fixture_close(&f);
}

static void a_call_of_a_later_step_is_adopted(void **state)
{
    (void)state;
    begin(WAIT, 1);
    step(true);
    struct wire_call held = *last_grant();
    assert_int_equal(held.key.step, 1);
    fixture_restart(&f, 2);
    fixture_worker(&f, 1, 2, 0);
    struct subject *s = fixture_begin(&f, 1);
    const struct call_result known = {
        .verdict = VERDICT_A, .first = VERDICT_A, .score_a = SCORE_NONE, .score_b = SCORE_NONE};
    struct call_key first = held.key;
    first.step = 0;
    engine_resume(f.engine, s, first, &known);
    engine_admit(f.engine, s);
    assert_true(engine_renew(f.engine, 1, &held, f.now));
    size_t grants = f.n_notes;
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, grants), 0);
    assert_int_equal(engine_leased(f.engine), 1);
    fixture_close(&f);
}

static void a_step_that_cannot_be_made_defers_its_pair(void **state)
{
    (void)state;
    begin(WAIT, 1);
    step(true);
    struct wire_call call = *last_grant();
    fixture_fail(&f, 1, &call, FAILURE_CONTEXT, 400);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_DEFERRED);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->reason, REASON_TOO_LONG);
    assert_int_equal(engine_leased(f.engine), 0);
    fixture_close(&f);
}

#define FULL "reflection: {mode: none}\naccept: {k: 3, n: 4, stop: full}\n"

static void rollouts_of_one_order_are_asked_for_in_one_request(void **state)
{
    (void)state;
    begin(FULL "generation: {per_request: 4}\n", 16);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 2);
    assert_int_equal(fixture_last(&f, NOTE_GRANT)->n, 4);
    assert_int_equal(engine_leased(f.engine), 8);
    struct wire_call call = *last_grant();
    for (int k = 0; k < 4; k++, call.attempt++) {
        call.key.k = (uint8_t)k;
        fixture_result(&f, 1, &call, true);
    }
    assert_int_equal(engine_leased(f.engine), 4);
    fixture_close(&f);
}

static void a_request_asks_for_no_more_than_credit_limit_and_budget_allow(void **state)
{
    (void)state;
    const struct {
        const char *yaml;
        uint32_t slots;
        int n;
    } rows[] = {
        {FULL "generation: {per_request: 3}\n", 16, 3},
        {FULL "generation: {per_request: 4}\n", 2, 2},
        {FULL "generation: {per_request: 4}\nbudget: {calls: 3}\n", 16, 3},
        {FULL "generation: {per_request: 4}\n"
              "endpoints: [{url: \"http://h/v1\", model: m, max_in_flight: 2}]\n",
         16, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(rows[i].yaml, rows[i].slots);
        assert_int_equal(f.notes[0].kind, NOTE_GRANT);
        assert_int_equal(f.notes[0].n, rows[i].n);
        fixture_close(&f);
    }
}

/* It was out before a restart and is told by nobody: its rollout is under way from now on. */
static void an_answer_that_comes_by_itself_and_goes_on_is_not_asked_for(void **state)
{
    (void)state;
    begin("reflection: {mode: wait, rounds: 1}\ncalibration: 0\naccept: {k: 1, n: 1}\n", 2);
    struct wire_call first = *last_grant(), late = first;
    late.key.lane = !first.key.lane;
    late.attempt = 77;
    fixture_result(&f, ENGINE_NO_PEER, &late, true);
    step(true); /* the first order goes on */
    const struct task *t = engine_agents(f.engine)->tasks.head;
    while (t->key.lane != first.key.lane)
        t = t->next;
    struct wire_call second = {t->attempt, first.subject, first.recipe, t->key, 0};
    fixture_result(&f, 1, &second, true); /* and has passed: the other one is wanted */
    engine_committed(f.engine);
    fixture_tick(&f, 0);
    for (size_t i = 0; i < f.n_notes; i++)
        assert_false(f.notes[i].kind == NOTE_GRANT && f.notes[i].call.key.lane == late.key.lane &&
                     f.notes[i].call.key.step == 0);
    fixture_close(&f);
}

/* Under `mixed` whether a rollout goes on depends on counts that move. */
static void a_result_that_comes_twice_does_not_finish_what_goes_on(void **state)
{
    (void)state;
    enum { PAIRS = 40 };
    int on = 0;
    fixture_open(&f, "reflection: {mode: mixed, share: 0.5, rounds: 1}\ncalibration: 0\n"
                     "accept: {k: 1, n: 1}\n");
    fixture_worker(&f, 1, PAIRS, 0);
    struct flip_counts rare = {0}, none = {0}; /* a cue is rare: enough have had one */
    rare.cued[OUTCOME_CORRECT][OUTCOME_CORRECT] = 1000;
    rare.plain[OUTCOME_CORRECT] = 100;
    rare.plain[OUTCOME_INCORRECT] = 1000;
    for (uint64_t row = 1; row <= 16; row++) { /* the window of a young run */
        fixture_pair(&f, row);
        fixture_tick(&f, 0);
        const struct wire_call call = *last_grant();
        assert_int_equal(call.key.row, row);
        engine_before(f.engine, 0, 0, &none);
        fixture_result(&f, 1, &call, true);
        bool goes_on = !fixture_last(&f, NOTE_SAVE)->last;
        engine_before(f.engine, 0, 0, &rare);
        size_t notes = f.n_notes;
        fixture_result(&f, 1, &call, true);
        engine_committed(f.engine);
        fixture_tick(&f, 0);
        on += goes_on;
        for (size_t i = notes; goes_on && i < f.n_notes; i++)
            assert_false(f.notes[i].kind == NOTE_GRANT && f.notes[i].call.key.step == 0);
    }
    assert_true(on > 0);
    fixture_close(&f);
}

#define TWO_ROLES(role)                                    \
    "endpoints:\n- {url: \"http://h/v1\", model: m}\n"     \
    "- {role: " role ", url: \"http://h/v1\", model: x}\n" \
    "calibration: 0\naccept: {k: 1, n: 1}\n"

/* What is out is answered: the teacher's so, others fail with this. */
static void answer_all(bool correct, enum failure others)
{
    struct agent *a = engine_agents(f.engine);
    for (int i = 0; i < 100 && a->tasks.head; i++) {
        const struct task *t = a->tasks.head;
        const struct wire_call call = {t->attempt, fixture_id("pair", t->key.row),
                                       f.seats.all[t->key.seat].recipe, t->key,
                                       (uint16_t)t->endpoint};
        if (call.key.seat)
            fixture_fail(&f, 1, &call, others, others == FAILURE_CONNECT ? 0 : 400);
        else
            fixture_result(&f, 1, &call, correct);
        engine_committed(f.engine);
        fixture_tick(&f, 0);
    }
}

static void a_student_that_cannot_take_a_pair_is_passed_over(void **state)
{
    (void)state;
    fixture_open(&f, TWO_ROLES("student") "student: {n: 2}\n");
    fixture_worker(&f, 1, 8, 0);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
    answer_all(true, FAILURE_CONTEXT);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_ACCEPTED);
    assert_true(engine_is_idle(f.engine));
    fixture_close(&f);
}

static void an_endpoint_that_nothing_was_asked_of_is_not_silent(void **state)
{
    (void)state;
    fixture_open(&f, TWO_ROLES("checker") "give_up_after: 100\nlimits: {lease_s: 1000}\n");
    fixture_worker(&f, 1, 1, 0);
    fixture_pair(&f, 1000);
    for (uint64_t row = 1; row <= 40; row++) { /* one wrong judgment every ten seconds */
        fixture_pair(&f, row);
        fixture_tick(&f, 10000);
        struct wire_call call = *last_grant();
        fixture_result(&f, 1, &call, row > 38);
        engine_committed(f.engine);
    }
    fixture_tick(&f, 0);
    answer_all(true, FAILURE_CONNECT);
    assert_string_equal(engine_why(f.engine), "");
    assert_int_equal(last_grant()->key.seat, 1);
    for (int i = 0; i < 30 && engine_state(f.engine) == ENGINE_RUNNING; i++) {
        fixture_tick(&f, 10000); /* now it was asked */
        answer_all(true, FAILURE_CONNECT);
    }
    assert_non_null(strstr(engine_why(f.engine), "the checker gave no answer for 100 seconds"));
    fixture_close(&f);
}

static void a_slow_student_does_not_hold_up_the_teacher(void **state)
{
    (void)state;
    begin("reflection: {mode: none}\ncalibration: 0\naccept: {k: 1, n: 1}\nstudent: {n: 1}\n"
          "endpoints:\n- {url: \"http://h/v1\", model: m}\n"
          "- {role: student, url: \"http://s/v1\", model: s, max_in_flight: 1}\n",
          16);
    for (uint64_t row = 2; row <= 4; row++)
        fixture_pair(&f, row);
    fixture_tick(&f, 0);
    size_t by_seat[2] = {0};
    for (size_t i = 0; i < f.n_notes; i++)
        if (f.notes[i].kind == NOTE_GRANT)
            by_seat[f.notes[i].call.key.seat]++;
    assert_int_equal(by_seat[0], 4);
    assert_int_equal(by_seat[1], 1);
    fixture_close(&f);
}

static void enough_of_a_kind_defers_the_rest_without_a_call(void **state)
{
    (void)state;
    begin("reflection: {mode: none}\ncalibration: 0\naccept: {k: 1, n: 1}\n"
          "quotas: [{accepted: 1}]\n",
          1);
    step(true);
    step(true);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_ACCEPTED);
    size_t grants = fixture_count(&f, NOTE_GRANT, 0);
    fixture_pair(&f, 2);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_DEFERRED);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->reason, REASON_QUOTA);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), grants);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rollout_goes_on_until_its_rounds_are_over_and_counts_once),
        cmocka_unit_test(the_next_call_waits_for_the_commit),
        cmocka_unit_test(a_result_that_comes_twice_asks_for_one_sequel),
        cmocka_unit_test(a_begun_rollout_is_taken_up_after_a_restart),
        cmocka_unit_test(a_call_of_a_later_step_is_adopted),
        cmocka_unit_test(a_step_that_cannot_be_made_defers_its_pair),
        cmocka_unit_test(rollouts_of_one_order_are_asked_for_in_one_request),
        cmocka_unit_test(a_request_asks_for_no_more_than_credit_limit_and_budget_allow),
        cmocka_unit_test(a_slow_student_does_not_hold_up_the_teacher),
        cmocka_unit_test(enough_of_a_kind_defers_the_rest_without_a_call),
        cmocka_unit_test(an_answer_that_comes_by_itself_and_goes_on_is_not_asked_for),
        cmocka_unit_test(a_result_that_comes_twice_does_not_finish_what_goes_on),
        cmocka_unit_test(a_student_that_cannot_take_a_pair_is_passed_over),
        cmocka_unit_test(an_endpoint_that_nothing_was_asked_of_is_not_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
