/* Lives through seeds one after the other:
 *
 *   sim [--hard] FIRST LAST      stops at the first broken promise
 *   sim [--hard] --log SEED      tells one story
 *   sim [--hard] --hunt SEEDS    succeeds when a broken promise is found: for the planted bugs
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

static int hunt(enum sim_world world, uint64_t budget)
{
    struct sim_report r;
    for (uint64_t seed = 1; seed <= budget; seed++) {
        sim_run(seed, world, NULL, &r);
        if (r.ok)
            continue;
        printf("found after %llu seeds: %s\n", (unsigned long long)seed, r.violation);
        return 0;
    }
    printf("not found in %llu seeds\n", (unsigned long long)budget);
    return 1;
}

static void say(uint64_t seed, const struct sim_report *r)
{
    printf("seed %llu: %s; %llu events in %lld s, %llu runs, %llu calls asked %llu times\n",
           (unsigned long long)seed, r->ok ? "kept" : r->violation, (unsigned long long)r->events,
           (long long)(r->simulated_ms / 1000), (unsigned long long)r->runs,
           (unsigned long long)r->calls, (unsigned long long)r->starts);
    for (int f = 0; f < SIM_FAULT_COUNT; f++)
        if (r->faults >> f & 1)
            printf("  with: %s\n", sim_fault_name((enum sim_fault)f));
}

static int tell(enum sim_world world, uint64_t seed)
{
    struct sim_report r;
    sim_run(seed, world, stdout, &r);
    say(seed, &r);
    return r.ok ? 0 : 1;
}

static int live(enum sim_world world, uint64_t first, uint64_t last)
{
    struct sim_report r;
    uint64_t events = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        sim_run(seed, world, NULL, &r);
        events += r.events;
        if (r.ok)
            continue;
        say(seed, &r);
        return 1;
    }
    printf("%llu seeds, %llu events: every promise kept\n", (unsigned long long)(last - first + 1),
           (unsigned long long)events);
    return 0;
}

int main(int argc, char **argv)
{
    enum sim_world world = SIM_MIXED;
    if (argc > 1 && strcmp(argv[1], "--hard") == 0) {
        world = SIM_HARD;
        argc--;
        argv++;
    }
    if (argc != 3) {
        fprintf(stderr, "usage: sim [--hard] FIRST LAST | --log SEED | --hunt SEEDS\n");
        return 2;
    }
    uint64_t last = strtoull(argv[2], NULL, 10);
    if (strcmp(argv[1], "--hunt") == 0)
        return hunt(world, last);
    if (strcmp(argv[1], "--log") == 0)
        return tell(world, last);
    return live(world, strtoull(argv[1], NULL, 10), last);
}
