/* The engine's promises: what is acknowledged when, what is fenced, and what a call may cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

#define LEASE_MS 30000
#define ONE "accept: {k: 1, n: 1}\ncalibration: 0\n"

static struct engine_fixture f;

/* One worker (peer 1) with a call of pair 1 in its hands. */
static struct wire_call one_call_out(const char *yaml)
{
    fixture_open(&f, yaml);
    fixture_worker(&f, 1, 4, 0);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 1);
    return fixture_last(&f, NOTE_GRANT)->call;
}

/* Durability */

static void a_result_is_acknowledged_only_after_the_commit(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    fixture_result(&f, 1, &call, true);
    fixture_tick(&f, 10);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 0);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 1);
    assert_int_equal(fixture_last(&f, NOTE_ACK)->call.attempt, call.attempt);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 1);
    fixture_close(&f);
}

static void a_repeated_result_is_saved_once_and_acknowledged_each_time(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    for (int i = 0; i < 3; i++)
        fixture_result(&f, 1, &call, true);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 0);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 3);
    assert_int_equal(engine_totals(f.engine)->answers, 1);
    fixture_close(&f);
}

static void a_result_that_could_not_be_saved_is_not_acknowledged_and_comes_again(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    f.cannot_save = true;
    fixture_result(&f, 1, &call, true);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 0);
    assert_int_equal(engine_leased(f.engine), 1);
    f.cannot_save = false;
    fixture_result(&f, 1, &call, true);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 1);
    fixture_close(&f);
}

static void a_result_from_a_spool_is_saved_and_acknowledged_to_nobody(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    fixture_result(&f, ENGINE_NO_PEER, &call, true);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 0);
    fixture_close(&f);
}

static void a_result_from_an_unknown_peer_is_saved_and_acknowledged(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    fixture_result(&f, 9, &call, true);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_last(&f, NOTE_ACK)->peer, 9);
    fixture_close(&f);
}

static void a_result_for_a_pair_that_is_not_stored_is_acknowledged_and_dropped(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    call.subject = fixture_id("pair", 999);
    fixture_result(&f, 1, &call, true);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 0);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 1);
    assert_true(engine_has(f.engine, 1));
    fixture_close(&f);
}

/* Fencing */

static void a_stale_fail_is_acknowledged_and_changes_nothing(void **state)
{
    (void)state;
    struct wire_call old = one_call_out(ONE);
    fixture_worker(&f, 2, 4, 0);
    fixture_tick(&f, LEASE_MS); /* the lease runs out; the call goes to a worker again */
    struct wire_call now = fixture_last(&f, NOTE_GRANT)->call;
    assert_true(now.attempt > old.attempt);
    assert_true(fixture_fail(&f, 1, &old, FAILURE_SERVER_ERROR, 500));
    assert_int_equal(fixture_last(&f, NOTE_ACK)->call.attempt, old.attempt);
    assert_int_equal(engine_leased(f.engine), 1);
    assert_int_equal(engine_waiting(f.engine), 0);
    assert_int_equal(engine_totals(f.engine)->failures, 0);
    fixture_close(&f);
}

static void a_fail_of_another_workers_attempt_changes_nothing(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    fixture_worker(&f, 2, 4, 0);
    assert_true(fixture_fail(&f, 2, &call, FAILURE_SERVER_ERROR, 500));
    assert_int_equal(engine_leased(f.engine), 1);
    assert_int_equal(engine_totals(f.engine)->failures, 0);
    fixture_close(&f);
}

static void a_fail_with_an_unknown_code_changes_nothing(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    assert_true(fixture_fail(&f, 1, &call, FAILURE_COUNT, 0));
    assert_int_equal(engine_leased(f.engine), 1);
    fixture_close(&f);
}

static void a_stale_renew_does_not_prolong_the_present_lease(void **state)
{
    (void)state;
    struct wire_call old = one_call_out(ONE);
    fixture_worker(&f, 2, 4, 0);
    fixture_tick(&f, LEASE_MS);
    size_t granted = fixture_count(&f, NOTE_GRANT, 0);
    fixture_tick(&f, LEASE_MS - 1);
    assert_true(engine_renew(f.engine, 1, &old, f.now));
    assert_true(engine_renew(f.engine, 2, &old, f.now));
    fixture_tick(&f, 1); /* the second lease runs out all the same */
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), granted + 1);
    fixture_close(&f);
}

static void a_renew_prolongs_the_present_lease(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    for (int i = 0; i < 10; i++) {
        fixture_tick(&f, LEASE_MS - 1);
        assert_true(engine_renew(f.engine, 1, &call, f.now));
    }
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 1);
    fixture_close(&f);
}

static void a_late_result_of_an_old_attempt_is_saved_once_and_stops_the_present_one(void **state)
{
    (void)state;
    struct wire_call old = one_call_out("accept: {k: 2, n: 2}\ncalibration: 0\n");
    fixture_worker(&f, 2, 4, 0);
    fixture_tick(&f, LEASE_MS + 1);
    struct wire_call now = fixture_last(&f, NOTE_GRANT)->call;
    assert_true(now.attempt != old.attempt && call_key_eq(now.key, old.key));
    fixture_result(&f, 1, &old, true);
    assert_int_equal(fixture_last(&f, NOTE_CANCEL)->call.attempt, now.attempt);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    fixture_result(&f, 2, &now, true); /* it crossed the CANCEL */
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    engine_committed(f.engine);
    assert_int_equal(fixture_count(&f, NOTE_ACK, 0), 2);
    fixture_close(&f);
}

static void a_word_from_a_stranger_is_refused(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    struct wire_ping ping = {0};
    assert_false(engine_ping(f.engine, 9, &ping, f.now));
    assert_false(engine_renew(f.engine, 9, &call, f.now));
    assert_false(fixture_fail(&f, 9, &call, FAILURE_CONNECT, 0));
    engine_gone(f.engine, 9);
    assert_int_equal(engine_leased(f.engine), 1);
    fixture_close(&f);
}

/* Workers that come and go */

static void a_workers_death_gives_its_calls_to_another_under_new_attempts(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    fixture_worker(&f, 1, 8, 0);
    for (uint64_t row = 1; row <= 8; row++)
        fixture_pair(&f, row);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 8);
    size_t before = f.n_notes;
    engine_gone(f.engine, 1);
    fixture_worker(&f, 2, 8, 0);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, before), 8);
    for (size_t i = before; i < f.n_notes; i++) {
        assert_int_equal(f.notes[i].peer, 2);
        for (size_t j = 0; j < before; j++)
            assert_true(f.notes[i].call.attempt != f.notes[j].call.attempt);
    }
    fixture_close(&f);
}

static void a_call_that_kills_every_worker_is_deferred_in_the_end(void **state)
{
    (void)state;
    fixture_open(&f, ONE "tries: 2\n");
    fixture_pair(&f, 1);
    uint32_t deaths = 0;
    while (!fixture_last(&f, NOTE_DECIDE)) {
        assert_true(deaths < 100);
        fixture_worker(&f, ++deaths, 1, 0);
        fixture_tick(&f, 0);
        engine_gone(f.engine, deaths);
    }
    assert_int_equal(deaths, 2 * 16);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->reason, REASON_OUT_OF_TRIES);
    assert_true(engine_is_idle(f.engine));
    fixture_close(&f);
}

static void a_silent_worker_is_gone_after_two_leases(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    fixture_worker(&f, 1, 8, 0);
    fixture_worker(&f, 2, 8, 0);
    struct wire_ping ping = {.in_flight = 3};
    for (int i = 0; i < 2; i++) {
        fixture_tick(&f, LEASE_MS);
        assert_true(engine_ping(f.engine, 2, &ping, f.now));
    }
    fixture_tick(&f, 1);
    const struct agent *a = engine_agents(f.engine);
    assert_non_null(a);
    assert_null(a->next);
    assert_int_equal(a->peer, 2);
    assert_int_equal(a->in_flight, 3);
    fixture_close(&f);
}

static void a_worker_whose_lease_ran_out_in_silence_gets_no_calls_until_it_speaks(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    fixture_worker(&f, 1, 8, 0); /* the freest, also after its leases have run out */
    for (uint64_t row = 1; row <= 3; row++)
        fixture_pair(&f, row);
    fixture_tick(&f, 0);
    fixture_worker(&f, 2, 2, 0);
    struct wire_ping ping = {0};
    fixture_tick(&f, LEASE_MS - 1);
    assert_true(engine_ping(f.engine, 2, &ping, f.now));
    size_t before = f.n_notes;
    fixture_tick(&f, 1);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, before), 2);
    assert_int_equal(f.notes[before].peer, 2);
    assert_int_equal(f.notes[before + 1].peer, 2);
    assert_true(engine_ping(f.engine, 1, &ping, f.now));
    fixture_tick(&f, 0);
    assert_int_equal(fixture_last(&f, NOTE_GRANT)->peer, 1);
    fixture_close(&f);
}

static void a_worker_under_a_new_peer_number_keeps_its_leases(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    struct wire_hello m = {
        .version = WIRE_VERSION, .worker = fixture_id("worker", 1), .slots = 4, .host = S("host")};
    assert_true(engine_hello(f.engine, 7, &m, f.now));
    assert_true(engine_renew(f.engine, 7, &call, f.now));
    assert_false(engine_renew(f.engine, 1, &call, f.now));
    assert_int_equal(engine_leased(f.engine), 1);
    fixture_result(&f, 7, &call, true);
    assert_int_equal(engine_leased(f.engine), 0);
    fixture_close(&f);
}

static void no_worker_gets_more_than_its_credit_and_the_freest_is_first(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    fixture_worker(&f, 1, 2, 1);
    fixture_worker(&f, 2, 5, 100); /* read-ahead counts at most as much as the slots */
    assert_int_equal(engine_wants(f.engine), 13);
    for (uint64_t row = 1; row <= 16; row++)
        fixture_pair(&f, row);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 13);
    assert_int_equal(f.notes[0].peer, 2);
    unsigned of_peer[3] = {0};
    for (size_t i = 0; i < f.n_notes; i++)
        of_peer[f.notes[i].peer]++;
    assert_int_equal(of_peer[1], 3);
    assert_int_equal(of_peer[2], 10);
    assert_int_equal(engine_wants(f.engine), 0);
    fixture_close(&f);
}

static void the_endpoints_limit_holds_over_all_workers(void **state)
{
    (void)state;
    fixture_open(&f, "endpoints: [{url: \"http://h/v1\", model: m, max_in_flight: 3}]\n" ONE);
    for (uint32_t peer = 1; peer <= 3; peer++)
        fixture_worker(&f, peer, 8, 0);
    for (uint64_t row = 1; row <= 10; row++)
        fixture_pair(&f, row);
    fixture_tick(&f, 0);
    assert_int_equal(engine_leased(f.engine), 3);
    const struct fixture_note first = f.notes[0];
    fixture_result(&f, first.peer, &first.call, true);
    fixture_tick(&f, 0);
    assert_int_equal(engine_leased(f.engine), 3);
    fixture_close(&f);
}

/* Failures */

static void failures_of_the_request_use_up_its_tries_then_the_pair_is_deferred(void **state)
{
    (void)state;
    one_call_out(ONE "tries: 3\n");
    for (int i = 1; i <= 3; i++) {
        const struct wire_call call = fixture_last(&f, NOTE_GRANT)->call;
        assert_int_equal(fixture_count(&f, NOTE_DECIDE, 0), 0);
        assert_true(fixture_fail(&f, 1, &call, FAILURE_SERVER_ERROR, 500));
        for (int ms = 0; ms < 60000 && !engine_leased(f.engine); ms += 10)
            fixture_tick(&f, 10);
        assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), i < 3 ? i + 1 : 3);
    }
    const struct fixture_note *d = fixture_last(&f, NOTE_DECIDE);
    assert_int_equal(d->state, STATE_DEFERRED);
    assert_int_equal(d->reason, REASON_OUT_OF_TRIES);
    assert_string_equal(d->detail, "server_error: the reason");
    assert_true(engine_is_idle(f.engine));
    assert_int_equal(engine_totals(f.engine)->retries, 2);
    assert_int_equal(engine_totals(f.engine)->failures, 3);
    fixture_close(&f);
}

static void failures_of_the_endpoint_use_up_no_tries(void **state)
{
    (void)state;
    one_call_out(ONE "tries: 1\ngive_up_after: 1000000\n");
    int failures = 0;
    while (!fixture_last(&f, NOTE_DECIDE)) {
        struct wire_ping ping = {0};
        fixture_tick(&f, 1000);
        assert_true(engine_ping(f.engine, 1, &ping, f.now));
        if (!engine_leased(f.engine))
            continue;
        const struct wire_call call = fixture_last(&f, NOTE_GRANT)->call;
        assert_true(fixture_fail(&f, 1, &call, FAILURE_OVERLOADED, 429));
        failures++;
    }
    assert_int_equal(failures, 16); /* a bound all the same, in multiples of `tries` */
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->reason, REASON_OUT_OF_TRIES);
    fixture_close(&f);
}

static void a_call_given_back_goes_out_again_at_once_and_costs_nothing(void **state)
{
    (void)state;
    one_call_out(ONE "tries: 1\n");
    for (int i = 0; i < 50; i++) {
        const struct wire_call call = fixture_last(&f, NOTE_GRANT)->call;
        assert_true(fixture_fail(&f, 1, &call, i % 2 ? FAILURE_CANCELLED : FAILURE_LOST, 0));
        fixture_tick(&f, 0);
    }
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 51);
    assert_int_equal(fixture_count(&f, NOTE_DECIDE, 0), 0);
    fixture_close(&f);
}

static void a_refused_request_defers_its_pair_alone(void **state)
{
    (void)state;
    const struct {
        enum failure failure;
        enum reason reason;
    } rows[] = {{FAILURE_BAD_REQUEST, REASON_REQUEST_REFUSED}, {FAILURE_CONTEXT, REASON_TOO_LONG}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wire_call call = one_call_out(ONE);
        assert_true(fixture_fail(&f, 1, &call, rows[i].failure, 400));
        const struct fixture_note *d = fixture_last(&f, NOTE_DECIDE);
        assert_int_equal(d->state, STATE_DEFERRED);
        assert_int_equal(d->reason, rows[i].reason);
        assert_int_equal(engine_state(f.engine), ENGINE_RUNNING);
        fixture_close(&f);
    }
}

static void twenty_refusals_before_any_answer_end_the_run(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    fixture_worker(&f, 1, 64, 0);
    for (uint64_t row = 1; row <= 20; row++) {
        assert_int_equal(engine_state(f.engine), ENGINE_RUNNING);
        fixture_pair(&f, row);
        fixture_tick(&f, 0);
        const struct wire_call call = fixture_last(&f, NOTE_GRANT)->call;
        assert_true(fixture_fail(&f, 1, &call, FAILURE_BAD_REQUEST, 400));
    }
    assert_int_equal(engine_state(f.engine), ENGINE_STOPPED);
    assert_non_null(
        strstr(engine_why(f.engine), "none of the first 20 calls (bad_request: the reason)"));
    fixture_close(&f);
}

static void a_fatal_failure_drains_and_keeps_the_call_for_the_next_run(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    fixture_worker(&f, 1, 2, 0);
    for (uint64_t row = 1; row <= 4; row++)
        fixture_pair(&f, row);
    fixture_tick(&f, 0);
    const struct wire_call a = f.notes[0].call, b = f.notes[1].call;
    assert_true(fixture_fail(&f, 1, &a, FAILURE_UNAUTHORIZED, 401));
    assert_int_equal(engine_state(f.engine), ENGINE_DRAINING);
    assert_non_null(strstr(engine_why(f.engine), "http://127.0.0.1:1/v1"));
    assert_non_null(strstr(engine_why(f.engine), "the reason"));
    fixture_tick(&f, LEASE_MS - 1);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 2);
    fixture_result(&f, 1, &b, true);
    assert_int_equal(engine_state(f.engine), ENGINE_STOPPED);
    assert_int_equal(fixture_count(&f, NOTE_DECIDE, 0), 0); /* (1,1) needs the other order */
    assert_int_equal(engine_wants(f.engine), 0);
    fixture_close(&f);
}

static void a_call_that_cannot_be_sent_defers_its_pair(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    fixture_worker(&f, 1, 2, 0);
    fixture_pair(&f, 1);
    f.cannot_grant = true;
    fixture_tick(&f, 0);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->reason, REASON_REQUEST_REFUSED);
    assert_int_equal(engine_leased(f.engine), 0);
    assert_int_equal(engine_pool(f.engine)->endpoints[0].flying, 0);
    fixture_close(&f);
}

/* Limits of a run */

static void the_call_budget_is_never_passed(void **state)
{
    (void)state;
    fixture_open(&f, ONE "budget: {calls: 5}\n");
    fixture_worker(&f, 1, 8, 0);
    for (uint64_t row = 1; row <= 8; row++)
        fixture_pair(&f, row);
    fixture_tick(&f, 0);
    assert_int_equal(engine_leased(f.engine), 5);
    for (size_t i = 0; i < 5; i++) {
        const struct wire_call call = f.notes[i].call;
        fixture_result(&f, 1, &call, true);
        fixture_tick(&f, 0);
    }
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 5);
    assert_int_equal(engine_state(f.engine), ENGINE_STOPPED);
    assert_string_equal(engine_why(f.engine), "budget.calls is used up");
    fixture_close(&f);
}

static void tokens_and_wall_time_end_the_run(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE "budget: {tokens: 110}\n");
    fixture_result(&f, 1, &call, true);
    fixture_tick(&f, 0);
    assert_string_equal(engine_why(f.engine), "budget.tokens is used up");
    fixture_close(&f);

    one_call_out(ONE "budget: {wall_s: 2}\n");
    fixture_tick(&f, 1999);
    assert_int_equal(engine_state(f.engine), ENGINE_RUNNING);
    fixture_tick(&f, 1);
    assert_int_equal(engine_state(f.engine), ENGINE_DRAINING);
    assert_string_equal(engine_why(f.engine), "budget.wall_s is used up");
    fixture_close(&f);
}

static void a_silent_teacher_ends_the_run_but_not_while_nothing_is_wanted(void **state)
{
    (void)state;
    fixture_open(&f, ONE "give_up_after: 100\n");
    fixture_pair(&f, 1);
    fixture_tick(&f, 1000000); /* no worker: the teacher was not asked */
    assert_int_equal(engine_state(f.engine), ENGINE_RUNNING);
    fixture_worker(&f, 1, 4, 0);
    struct wire_ping ping = {0};
    for (int s = 0; s < 100; s += 10) {
        fixture_tick(&f, 9999);
        assert_true(engine_ping(f.engine, 1, &ping, f.now));
    }
    assert_int_equal(engine_state(f.engine), ENGINE_RUNNING);
    fixture_tick(&f, 9999);
    assert_int_equal(engine_state(f.engine), ENGINE_DRAINING);
    assert_non_null(strstr(engine_why(f.engine), "give_up_after"));
    fixture_close(&f);
}

static void the_first_reason_for_draining_stays(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    engine_drain(f.engine, "first");
    engine_drain(f.engine, "second");
    assert_string_equal(engine_why(f.engine), "first");
    fixture_close(&f);
}

static void a_pause_hands_out_nothing_and_takes_everything(void **state)
{
    (void)state;
    struct wire_call call = one_call_out("accept: {k: 2, n: 2}\ncalibration: 0\n");
    engine_pause(f.engine, true);
    fixture_result(&f, 1, &call, true);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 1);
    engine_pause(f.engine, false);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 2);
    fixture_close(&f);
}

/* Decided pairs */

static void a_decided_pair_gets_no_calls_and_those_out_are_cancelled(void **state)
{
    (void)state;
    fixture_open(&f, "accept: {k: 2, n: 2, speculate: 4}\ncalibration: 0\n");
    fixture_worker(&f, 1, 3, 0);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
    assert_int_equal(engine_leased(f.engine), 3);
    const struct wire_call first = f.notes[0].call, second = f.notes[1].call;
    fixture_result(&f, 1, &first, false); /* one miss of two ends the pair */
    const struct fixture_note *d = fixture_last(&f, NOTE_DECIDE);
    assert_int_equal(d->state, STATE_REJECTED);
    assert_int_equal(fixture_count(&f, NOTE_CANCEL, 0), 2);
    fixture_tick(&f, 1000);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 3);
    /* What crosses the CANCEL is stored, and decides nothing any more. */
    fixture_result(&f, 1, &second, true);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 2);
    assert_int_equal(fixture_count(&f, NOTE_DECIDE, 0), 1);
    assert_int_equal(engine_leased(f.engine), 1);
    assert_false(engine_is_idle(f.engine)); /* a call is still out */
    fixture_close(&f);
}

static void cutting_calls_of_decided_pairs_can_be_switched_off(void **state)
{
    (void)state;
    fixture_open(&f, "accept: {k: 2, n: 2, speculate: 4, cut: false}\ncalibration: 0\n");
    fixture_worker(&f, 1, 3, 0);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
    const struct wire_call first = f.notes[0].call;
    fixture_result(&f, 1, &first, false);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_REJECTED);
    assert_int_equal(fixture_count(&f, NOTE_CANCEL, 0), 0);
    assert_int_equal(engine_leased(f.engine), 2);
    fixture_close(&f);
}

static void calls_in_flight_of_a_deferred_pair_are_waited_for(void **state)
{
    (void)state;
    fixture_open(&f, "accept: {k: 2, n: 2}\ncalibration: 1\n");
    fixture_worker(&f, 1, 4, 0);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
    assert_int_equal(engine_leased(f.engine), 4);
    const struct wire_call a = f.notes[0].call, b = f.notes[1].call;
    assert_true(fixture_fail(&f, 1, &a, FAILURE_CONTEXT, 400));
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_DEFERRED);
    assert_int_equal(fixture_count(&f, NOTE_CANCEL, 0), 0);
    assert_int_equal(engine_leased(f.engine), 3);
    assert_false(engine_is_idle(f.engine));
    fixture_result(&f, 1, &b, true); /* the next run will know it */
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_count(&f, NOTE_DECIDE, 0), 1);
    fixture_close(&f);
}

static void a_cancelled_call_leaves_its_slot_when_its_worker_says_so(void **state)
{
    (void)state;
    fixture_open(&f, "accept: {k: 2, n: 2, speculate: 4}\ncalibration: 0\n");
    fixture_worker(&f, 1, 2, 0);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
    const struct wire_call first = f.notes[0].call, second = f.notes[1].call;
    fixture_result(&f, 1, &first, false);
    assert_int_equal(engine_leased(f.engine), 1);
    assert_true(fixture_fail(&f, 1, &second, FAILURE_CANCELLED, 0));
    assert_int_equal(engine_leased(f.engine), 0);
    assert_int_equal(engine_pool(f.engine)->endpoints[0].flying, 0);
    fixture_close(&f);
}

static void accepted_means_k_correct_in_both_orders(void **state)
{
    (void)state;
    fixture_open(&f, "accept: {k: 2, n: 3}\ncalibration: 0\n");
    fixture_worker(&f, 1, 8, 0);
    fixture_pair(&f, 1);
    int calls = 0;
    while (!fixture_last(&f, NOTE_DECIDE)) {
        size_t from = f.n_notes;
        fixture_tick(&f, 0);
        size_t upto = f.n_notes;
        assert_true(upto > from);
        for (size_t i = from; i < upto; i++, calls++) {
            const struct wire_call call = f.notes[i].call;
            fixture_result(&f, 1, &call, true);
        }
    }
    assert_int_equal(calls, 4);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_ACCEPTED);
    assert_int_equal(engine_totals(f.engine)->decided[STATE_ACCEPTED], 1);
    fixture_close(&f);
}

/* Restarts */

static void a_stored_pair_is_decided_without_a_call(void **state)
{
    (void)state;
    fixture_open(&f, ONE);
    fixture_worker(&f, 1, 8, 0);
    const struct planner_news right = {true, PLANNER_NO_SCORE};
    struct subject *s = fixture_begin(&f, 1);
    engine_recall(f.engine, s, 0, LANE_CHOSEN_FIRST, 0, right);
    engine_recall(f.engine, s, 0, LANE_REJECTED_FIRST, 0, right);
    engine_admit(f.engine, s);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_ACCEPTED);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 0);
    fixture_close(&f);
}

static void attempts_never_repeat_over_a_restart(void **state)
{
    (void)state;
    struct wire_call before = one_call_out(ONE);
    fixture_restart(&f, 2);
    fixture_worker(&f, 1, 4, 0);
    fixture_pair(&f, 1);
    fixture_tick(&f, 0);
    assert_true(fixture_last(&f, NOTE_GRANT)->call.attempt > before.attempt);
    fixture_close(&f);
}

static void a_call_held_from_before_a_restart_is_adopted_and_not_made_again(void **state)
{
    (void)state;
    struct wire_call call = one_call_out("accept: {k: 2, n: 2}\ncalibration: 0\n");
    fixture_restart(&f, 2);
    fixture_worker(&f, 1, 1, 0);
    fixture_pair(&f, 1);
    assert_true(engine_renew(f.engine, 1, &call, f.now));
    assert_int_equal(engine_leased(f.engine), 1);
    assert_int_equal(engine_pool(f.engine)->endpoints[0].flying, 1);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_GRANT, 0), 1); /* the only slot is taken */
    fixture_result(&f, 1, &call, true);
    fixture_tick(&f, 0);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_false(call_key_eq(fixture_last(&f, NOTE_GRANT)->call.key, call.key));
    fixture_close(&f);
}

static void an_adopted_call_may_fail_like_any_other(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    fixture_restart(&f, 2);
    fixture_worker(&f, 1, 4, 0);
    fixture_pair(&f, 1);
    assert_true(engine_renew(f.engine, 1, &call, f.now));
    assert_true(fixture_fail(&f, 1, &call, FAILURE_SERVER_ERROR, 500));
    assert_int_equal(engine_waiting(f.engine), 1);
    assert_int_equal(engine_pool(f.engine)->endpoints[0].flying, 0);
    fixture_close(&f);
}

static void what_does_not_fit_is_not_adopted(void **state)
{
    (void)state;
    static const char *const why[] = {
        "another pair", "another recipe",   "no such lane", "no such k",
        "a later step", "no such endpoint", "a k beyond n", "an attempt that is yet to come"};
    for (size_t i = 0; i < sizeof why / sizeof why[0]; i++) {
        struct wire_call call = one_call_out(ONE);
        fixture_restart(&f, 2);
        fixture_worker(&f, 1, 4, 0);
        fixture_pair(&f, 1);
        call.subject = i == 0 ? fixture_id("pair", 2) : call.subject;
        call.recipe = i == 1 ? fixture_id("recipe", 2) : call.recipe;
        call.key.lane = i == 2 ? 2 : call.key.lane;
        call.key.k = i == 3 ? CALL_MAX_K : i == 6 ? 1 : call.key.k;
        call.key.step = i == 4;
        call.endpoint = i == 5;
        call.attempt = i == 7 ? (uint64_t)2 << 32 | 1 : call.attempt;
        assert_true(engine_renew(f.engine, 1, &call, f.now));
        if (engine_leased(f.engine) != 0)
            fail_msg("adopted: %s", why[i]);
        fixture_close(&f);
    }
}

static void a_result_of_another_recipe_is_stored_and_is_no_news(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    struct wire_call other = call;
    other.recipe = fixture_id("recipe", 2);
    fixture_result(&f, 1, &other, true);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(engine_leased(f.engine), 1);
    assert_int_equal(fixture_count(&f, NOTE_CANCEL, 0), 0);
    fixture_close(&f);
}

static void a_late_answer_beyond_tightened_rules_is_stored_but_does_not_count(void **state)
{
    (void)state;
    /* Asked for as rollout 3 of 4; the rules are 1 of 1 now. */
    struct wire_call call = one_call_out(ONE);
    struct wire_call late = call;
    late.key.k = 3;
    fixture_result(&f, 1, &late, false);
    assert_int_equal(fixture_count(&f, NOTE_SAVE, 0), 1);
    assert_int_equal(fixture_count(&f, NOTE_DECIDE, 0), 0);
    fixture_result(&f, 1, &call, true);
    fixture_tick(&f, 0);
    const struct wire_call second = fixture_last(&f, NOTE_GRANT)->call;
    fixture_result(&f, 1, &second, true);
    assert_int_equal(fixture_last(&f, NOTE_DECIDE)->state, STATE_ACCEPTED);
    fixture_close(&f);
}

static void the_engine_wakes_up_for_what_is_due(void **state)
{
    (void)state;
    struct wire_call call = one_call_out(ONE);
    assert_int_equal(fixture_tick(&f, 0), 1000); /* the second hand */
    assert_true(fixture_tick(&f, LEASE_MS - 300) <= 300);
    assert_true(fixture_fail(&f, 1, &call, FAILURE_DROPPED, 0));
    assert_true(fixture_tick(&f, 0) <= 500); /* the first backoff */
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_is_acknowledged_only_after_the_commit),
        cmocka_unit_test(a_repeated_result_is_saved_once_and_acknowledged_each_time),
        cmocka_unit_test(a_result_that_could_not_be_saved_is_not_acknowledged_and_comes_again),
        cmocka_unit_test(a_result_from_a_spool_is_saved_and_acknowledged_to_nobody),
        cmocka_unit_test(a_result_from_an_unknown_peer_is_saved_and_acknowledged),
        cmocka_unit_test(a_result_for_a_pair_that_is_not_stored_is_acknowledged_and_dropped),
        cmocka_unit_test(a_stale_fail_is_acknowledged_and_changes_nothing),
        cmocka_unit_test(a_fail_of_another_workers_attempt_changes_nothing),
        cmocka_unit_test(a_fail_with_an_unknown_code_changes_nothing),
        cmocka_unit_test(a_stale_renew_does_not_prolong_the_present_lease),
        cmocka_unit_test(a_renew_prolongs_the_present_lease),
        cmocka_unit_test(a_late_result_of_an_old_attempt_is_saved_once_and_stops_the_present_one),
        cmocka_unit_test(a_word_from_a_stranger_is_refused),
        cmocka_unit_test(a_workers_death_gives_its_calls_to_another_under_new_attempts),
        cmocka_unit_test(a_call_that_kills_every_worker_is_deferred_in_the_end),
        cmocka_unit_test(a_silent_worker_is_gone_after_two_leases),
        cmocka_unit_test(a_worker_whose_lease_ran_out_in_silence_gets_no_calls_until_it_speaks),
        cmocka_unit_test(a_worker_under_a_new_peer_number_keeps_its_leases),
        cmocka_unit_test(no_worker_gets_more_than_its_credit_and_the_freest_is_first),
        cmocka_unit_test(the_endpoints_limit_holds_over_all_workers),
        cmocka_unit_test(failures_of_the_request_use_up_its_tries_then_the_pair_is_deferred),
        cmocka_unit_test(failures_of_the_endpoint_use_up_no_tries),
        cmocka_unit_test(a_call_given_back_goes_out_again_at_once_and_costs_nothing),
        cmocka_unit_test(a_refused_request_defers_its_pair_alone),
        cmocka_unit_test(twenty_refusals_before_any_answer_end_the_run),
        cmocka_unit_test(a_fatal_failure_drains_and_keeps_the_call_for_the_next_run),
        cmocka_unit_test(a_call_that_cannot_be_sent_defers_its_pair),
        cmocka_unit_test(the_call_budget_is_never_passed),
        cmocka_unit_test(tokens_and_wall_time_end_the_run),
        cmocka_unit_test(a_silent_teacher_ends_the_run_but_not_while_nothing_is_wanted),
        cmocka_unit_test(the_first_reason_for_draining_stays),
        cmocka_unit_test(a_pause_hands_out_nothing_and_takes_everything),
        cmocka_unit_test(a_decided_pair_gets_no_calls_and_those_out_are_cancelled),
        cmocka_unit_test(cutting_calls_of_decided_pairs_can_be_switched_off),
        cmocka_unit_test(calls_in_flight_of_a_deferred_pair_are_waited_for),
        cmocka_unit_test(a_cancelled_call_leaves_its_slot_when_its_worker_says_so),
        cmocka_unit_test(accepted_means_k_correct_in_both_orders),
        cmocka_unit_test(a_stored_pair_is_decided_without_a_call),
        cmocka_unit_test(attempts_never_repeat_over_a_restart),
        cmocka_unit_test(a_call_held_from_before_a_restart_is_adopted_and_not_made_again),
        cmocka_unit_test(an_adopted_call_may_fail_like_any_other),
        cmocka_unit_test(what_does_not_fit_is_not_adopted),
        cmocka_unit_test(a_result_of_another_recipe_is_stored_and_is_no_news),
        cmocka_unit_test(a_late_answer_beyond_tightened_rules_is_stored_but_does_not_count),
        cmocka_unit_test(the_engine_wakes_up_for_what_is_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
