/*
 * sim: the production engine and the production sessions in a world whose clock, links, teacher,
 * store and disasters are simulated. One event is handled at a time, the earliest first, equal
 * times in the order in which they were made; everything random comes from one seed. So a seed is a
 * story, and the same seed is the same story.
 *
 * A seed switches whole classes of faults on or off ("swarm" testing): a world with few kinds of
 * disasters digs deeper than one where everything goes wrong a little.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SIM_FAULTS(X)                                                                    \
    X(COORDINATOR_DIES, "coordinator dies") /* kill -9; its local workers end with it */ \
    X(WORKER_DIES, "worker dies")                                                        \
    X(STALL, "coordinator stalls") /* longer than a lease */                             \
    X(WORKER_STALLS, "remote worker stalls")                                             \
    X(WORKER_LEAVES, "remote worker leaves")                                             \
    X(PARTITION, "partition")                                                            \
    X(LOSS, "frames are lost") /* with a connection that breaks */                       \
    X(DUPLICATES, "frames come twice")                                                   \
    X(ERRORS, "teacher fails calls")                                                     \
    X(DOWN, "teacher is down")                                                           \
    X(HANGS, "calls hang until a deadline")                                              \
    X(POISON, "requests that are refused")                                               \
    X(FATAL, "teacher refuses to work")                                                  \
    X(DISK_FULL, "disk full")                                                            \
    X(STOPS, "run is interrupted and resumed")                                           \
    X(NEW_PROJECT, "project changes between runs")                                       \
    X(BUDGET, "run ends at a budget")

enum sim_fault {
#define X(name, text) SIM_##name,
    SIM_FAULTS(X)
#undef X
        SIM_FAULT_COUNT
};

struct sim_report {
    bool ok;
    char violation[500]; /* what promise was broken, and when */
    uint64_t trace;      /* hash of everything that happened */
    uint32_t faults;     /* bit per enum sim_fault */
    uint64_t events, starts, calls,
        runs;                         /* events handled; exchanges; distinct calls; run starts */
    uint64_t built, failed, deferred; /* seeds that ended so */
    int64_t simulated_ms;
};

enum sim_world {
    SIM_MIXED,
    SIM_HARD, /* disasters five times as often, and few workers that are local */
};

/* sim_run(seed, world, log, report): lives through one story to its end or to the first broken
 * promise. log, when not NULL, gets a line for every event. */
void sim_run(uint64_t seed, enum sim_world world, FILE *log, struct sim_report *report);
const char *sim_fault_name(enum sim_fault f);

#endif
