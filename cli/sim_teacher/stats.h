/*
 * stats: what was asked and what was served: counters, the log of completions, and how often each
 * body came.
 */
#ifndef SIM_TEACHER_STATS_H
#define SIM_TEACHER_STATS_H

#include "cli/sim_teacher/judgment.h"

#define STATS_MAX_BODIES ((size_t)32 * 1024 * 1024)

struct stats {
    uint64_t requests; /* completions asked for */
    uint64_t calls;    /* whole answers served */
    uint64_t repeated; /* bodies whose whole answer was served more than once */
    uint64_t in_flight, peak_in_flight;
    uint64_t connections, peak_connections;
    uint64_t faults[FAULT_COUNT];
    uint64_t answers, modifications;     /* of calls: what generators were asked for */
    uint64_t generated[GENERATED_COUNT]; /* choices of these calls */
    struct map
        bodies; /* times seen, times served, 32 bits each; past the maximum, none is counted */
    uint64_t logged;
    int64_t start_ms;
    int log; /* file descriptor, -1: none */
};

/* stats_open(s, log, now, e): log NULL: none; an existing file is emptied. */
bool stats_open(struct stats *s, const char *log, int64_t now, struct err *e);
void stats_close(struct stats *s);
void stats_connected(struct stats *s);
void stats_disconnected(struct stats *s);
/* stats_begin(s, j, body): a completion is asked for; returns how many times the body came, from 1.
 * With a log, fills j->sha. */
uint32_t stats_begin(struct stats *s, struct judgment *j, struct slice body);
/* stats_end(s, j, written, now): it is over; `written`: all of its bytes went out. */
void stats_end(struct stats *s, const struct judgment *j, bool written, int64_t now);
/* stats_write(s, out): as JSON. */
void stats_write(const struct stats *s, struct buf *out);

#endif
