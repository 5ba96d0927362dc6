/* Runs seeds one after the other: `sim FIRST LAST` stops at the first broken promise, `sim --hunt
 * N` succeeds when one is found within N seeds (for the planted bugs), `sim --log SEED` tells a
 * story.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

static int hunt(uint64_t budget)
{
    struct sim_report r;
    for (uint64_t seed = 1; seed <= budget; seed++) {
        sim_run(seed, NULL, &r);
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

int main(int argc, char **argv)
{
    struct sim_report r;
    if (argc == 3 && strcmp(argv[1], "--hunt") == 0)
        return hunt(strtoull(argv[2], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "--log") == 0) {
        uint64_t seed = strtoull(argv[2], NULL, 10);
        sim_run(seed, stdout, &r);
        say(seed, &r);
        return r.ok ? 0 : 1;
    }
    if (argc != 3) {
        fprintf(stderr, "usage: sim FIRST LAST | --log SEED | --hunt SEEDS\n");
        return 2;
    }
    uint64_t first = strtoull(argv[1], NULL, 10), last = strtoull(argv[2], NULL, 10);
    uint64_t events = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        sim_run(seed, NULL, &r);
        events += r.events;
        if (!r.ok) {
            say(seed, &r);
            return 1;
        }
    }
    printf("%llu seeds, %llu events: every promise kept\n", (unsigned long long)(last - first + 1),
           (unsigned long long)events);
    return 0;
}
