/* Stories of the simulator: two hundred seeds keep every promise, and a seed is always the same
 * story. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tests/sim/sim.h"

enum { SEEDS = 200 };

/* Every fourth story is a hard one. */
static enum sim_world world_of(uint64_t seed)
{
    return seed % 4 ? SIM_MIXED : SIM_HARD;
}

static void every_promise_is_kept_in_every_story(void **state)
{
    (void)state;
    uint64_t with[SIM_FAULT_COUNT] = {0}, without = 0, restarts = 0;
    uint64_t built = 0, failed = 0, deferred = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_report r;
        sim_run(seed, world_of(seed), NULL, &r);
        if (!r.ok)
            fail_msg("%s (see it with: sim --log)", r.violation);
        without += r.faults == 0;
        restarts += r.runs > 1;
        built += r.built;
        failed += r.failed;
        deferred += r.deferred;
        for (int f = 0; f < SIM_FAULT_COUNT; f++)
            with[f] += r.faults >> f & 1;
    }
    /* The seeds are many enough to have seen everything. */
    assert_true(without > 0 && restarts > SEEDS / 4);
    assert_true(built > SEEDS && failed > SEEDS / 4 && deferred > SEEDS / 20);
    for (int f = 0; f < SIM_FAULT_COUNT; f++)
        if (with[f] < SEEDS / 10)
            fail_msg("only %llu stories with: %s", (unsigned long long)with[f],
                     sim_fault_name((enum sim_fault)f));
}

static void the_same_seed_is_the_same_story(void **state)
{
    (void)state;
    uint64_t last = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed += 9) {
        struct sim_report a, b;
        sim_run(seed, world_of(seed), NULL, &a);
        sim_run(seed, world_of(seed), NULL, &b);
        assert_true(a.trace == b.trace);
        assert_int_equal(a.events, b.events);
        assert_true(a.trace != last);
        last = a.trace;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_promise_is_kept_in_every_story),
        cmocka_unit_test(the_same_seed_is_the_same_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
