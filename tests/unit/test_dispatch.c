/* Dispatch: states of a call, leases, attempts, credit; and its books after any sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coordinator/dispatch.h"

enum { LEASE_MS = 1000 };

static struct call_key key_of(uint64_t row)
{
    return (struct call_key){.row = row, .lane = (uint8_t)(row % 2), .k = (uint8_t)(row % 7)};
}

static struct agent *join(struct dispatch *d, uint32_t peer, uint32_t credit)
{
    struct id uid = {{(uint8_t)peer, (uint8_t)(peer >> 8)}};
    struct agent *a = dispatch_join(d, peer, &uid, 0);
    assert_non_null(a);
    a->slots = a->credit = credit;
    return a;
}

static struct task *add(struct dispatch *d, uint64_t row, bool begun)
{
    struct task *t = dispatch_add(d, d, key_of(row), ASK_JUDGE, begun ? 0 : 1);
    assert_non_null(t);
    return t;
}

static void calls_of_pairs_under_way_go_first_then_in_order(void **state)
{
    (void)state;
    struct dispatch *d = dispatch_new(1, LEASE_MS);
    struct agent *a = join(d, 1, 10);
    add(d, 1, false);
    add(d, 2, false);
    add(d, 3, true);
    static const uint64_t order[] = {3, 1, 2};
    for (size_t i = 0; i < 3; i++) {
        struct task *t = dispatch_first(d, 1);
        assert_int_equal(t->key.row, order[i]);
        dispatch_lease(d, t, a, 0, 0);
    }
    assert_null(dispatch_first(d, 1));
    /* What comes back goes before everything else. */
    add(d, 4, true);
    struct task *t = dispatch_find(d, key_of(2));
    dispatch_back(d, t);
    assert_ptr_equal(dispatch_first(d, 1), t);
    while (a->tasks.head)
        dispatch_remove(d, a->tasks.head);
    dispatch_free(d);
}

static void attempts_grow_and_carry_their_epoch(void **state)
{
    (void)state;
    uint64_t last = 0;
    for (uint64_t epoch = 1; epoch <= 3; epoch++) {
        struct dispatch *d = dispatch_new(epoch, LEASE_MS);
        struct agent *a = join(d, 1, 10);
        struct task *t = add(d, 1, true);
        for (int i = 0; i < 100; i++) {
            dispatch_lease(d, t, a, 0, 0);
            assert_true(t->attempt > last);
            assert_int_equal(t->attempt >> 32, epoch);
            last = t->attempt;
            dispatch_back(d, t);
        }
        dispatch_free(d);
    }
}

static void only_the_present_attempt_finds_its_call(void **state)
{
    (void)state;
    struct dispatch *d = dispatch_new(1, LEASE_MS);
    struct agent *a = join(d, 1, 10);
    struct task *t = add(d, 1, true);
    dispatch_lease(d, t, a, 3, 0);
    uint64_t first = t->attempt;
    assert_ptr_equal(dispatch_leased(d, first), t);
    dispatch_delay(d, t, 500);
    assert_null(dispatch_leased(d, first));
    dispatch_due(d, 499);
    assert_int_equal(t->state, TASK_DELAYED);
    dispatch_due(d, 500);
    assert_int_equal(t->state, TASK_READY);
    dispatch_lease(d, t, a, 3, 500);
    assert_null(dispatch_leased(d, first));
    assert_ptr_equal(dispatch_leased(d, t->attempt), t);
    dispatch_remove(d, t);
    assert_null(dispatch_find(d, key_of(1)));
    dispatch_free(d);
}

static void a_lease_runs_out_unless_it_is_renewed(void **state)
{
    (void)state;
    struct dispatch *d = dispatch_new(1, LEASE_MS);
    struct agent *a = join(d, 1, 10);
    struct task *t = add(d, 1, true), *u = add(d, 2, true);
    dispatch_lease(d, t, a, 0, 0);
    dispatch_lease(d, u, a, 0, 10);
    assert_int_equal(dispatch_next(d), LEASE_MS);
    dispatch_renew(d, t, 600);
    assert_int_equal(dispatch_next(d), LEASE_MS + 10);
    assert_null(dispatch_expired(d, LEASE_MS + 9));
    assert_ptr_equal(dispatch_expired(d, LEASE_MS + 10), u);
    dispatch_back(d, u);
    assert_null(dispatch_expired(d, 600 + LEASE_MS - 1));
    assert_ptr_equal(dispatch_expired(d, 600 + LEASE_MS), t);
    dispatch_back(d, t);
    assert_true(dispatch_next(d) == INT64_MAX);
    dispatch_free(d);
}

static void room_is_credit_less_leases_and_none_for_the_draining_and_the_quiet(void **state)
{
    (void)state;
    struct dispatch *d = dispatch_new(1, LEASE_MS);
    struct agent *a = join(d, 1, 2), *b = join(d, 2, 3);
    assert_int_equal(dispatch_room(d), 5);
    assert_ptr_equal(dispatch_freest(d), b);
    struct task *t = add(d, 1, true), *u = add(d, 2, true);
    dispatch_lease(d, t, b, 0, 0);
    dispatch_lease(d, u, b, 0, 0);
    assert_int_equal(dispatch_room(d), 3);
    assert_ptr_equal(dispatch_freest(d), a);
    a->draining = true;
    assert_ptr_equal(dispatch_freest(d), b);
    b->quiet = true;
    assert_null(dispatch_freest(d));
    assert_int_equal(dispatch_room(d), 0);
    b->quiet = false;
    b->credit = 1; /* said HELLO with fewer slots than it holds */
    assert_null(dispatch_freest(d));
    dispatch_remove(d, t);
    dispatch_remove(d, u);
    dispatch_free(d);
}

static void a_worker_that_says_hello_again_is_the_same_worker(void **state)
{
    (void)state;
    struct dispatch *d = dispatch_new(1, LEASE_MS);
    struct agent *a = join(d, 1, 2);
    struct task *t = add(d, 1, true);
    dispatch_lease(d, t, a, 0, 0);
    struct id uid = a->uid;
    assert_ptr_equal(dispatch_join(d, 9, &uid, 77), a);
    assert_ptr_equal(dispatch_agent(d, 9), a);
    assert_null(dispatch_agent(d, 1));
    assert_int_equal(a->seen, 77);
    assert_int_equal(a->leased, 1);
    dispatch_remove(d, t);
    dispatch_leave(d, a);
    assert_null(dispatch_agents(d));
    dispatch_free(d);
}

/* The model: an array of what each call is doing. */
enum { ROWS = 40, AGENTS = 4 };

static void check_books(struct dispatch *d, const enum task_state *states, const bool *exists)
{
    size_t counts[3] = {0};
    uint32_t leased[AGENTS + 1] = {0};
    for (uint64_t row = 0; row < ROWS; row++) {
        struct task *t = dispatch_find(d, key_of(row));
        assert_int_equal(t != NULL, exists[row]);
        if (!t)
            continue;
        assert_int_equal(t->state, states[row]);
        counts[t->state]++;
        if (t->state == TASK_LEASED) {
            leased[t->agent->peer]++;
            assert_ptr_equal(dispatch_leased(d, t->attempt), t);
        }
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(dispatch_count(d, (enum task_state)i), counts[i]);
    for (uint32_t peer = 1; peer <= AGENTS; peer++)
        assert_int_equal(dispatch_agent(d, peer)->leased, leased[peer]);
    assert_int_equal(dispatch_first(d, 1) != NULL, counts[TASK_READY] > 0);
}

static void the_books_are_right_after_any_sequence(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct rng r;
        struct dispatch *d = dispatch_new(seed, LEASE_MS);
        enum task_state states[ROWS];
        bool exists[ROWS] = {0};
        int64_t now = 0;
        rng_init(&r, seed);
        for (uint32_t peer = 1; peer <= AGENTS; peer++)
            join(d, peer, 8);
        for (int step = 0; step < 600; step++) {
            uint64_t row = rng_below(&r, ROWS);
            struct task *t = dispatch_find(d, key_of(row));
            now += (int64_t)rng_below(&r, 50);
            if (!t) {
                add(d, row, rng_below(&r, 2));
                exists[row] = true;
                states[row] = TASK_READY;
            } else if (t->state == TASK_READY) {
                struct agent *a = dispatch_freest(d);
                if (a) {
                    dispatch_lease(d, t, a, 0, now);
                    states[row] = TASK_LEASED;
                }
            } else if (t->state == TASK_LEASED && rng_below(&r, 2)) {
                dispatch_delay(d, t, now + 100);
                states[row] = TASK_DELAYED;
            } else if (t->state == TASK_LEASED) {
                dispatch_back(d, t);
                states[row] = TASK_READY;
            } else if (rng_below(&r, 2)) {
                dispatch_remove(d, t);
                exists[row] = false;
            }
            dispatch_due(d, now);
            for (row = 0; row < ROWS; row++) {
                t = exists[row] ? dispatch_find(d, key_of(row)) : NULL;
                if (t && states[row] == TASK_DELAYED && t->state == TASK_READY)
                    states[row] = TASK_READY;
            }
            while ((t = dispatch_expired(d, now))) {
                states[t->key.row] = TASK_READY;
                dispatch_back(d, t);
            }
            check_books(d, states, exists);
        }
        for (struct agent *a = dispatch_agents(d); a; a = a->next)
            while (a->tasks.head)
                dispatch_back(d, a->tasks.head);
        dispatch_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_pairs_under_way_go_first_then_in_order),
        cmocka_unit_test(attempts_grow_and_carry_their_epoch),
        cmocka_unit_test(only_the_present_attempt_finds_its_call),
        cmocka_unit_test(a_lease_runs_out_unless_it_is_renewed),
        cmocka_unit_test(room_is_credit_less_leases_and_none_for_the_draining_and_the_quiet),
        cmocka_unit_test(a_worker_that_says_hello_again_is_the_same_worker),
        cmocka_unit_test(the_books_are_right_after_any_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
