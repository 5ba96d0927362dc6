/*
 * desk: what all connections share: the character, the deadlines, and the places at which answers
 * are generated. When all places are taken, the rest wait in line, as with a real server.
 */
#ifndef SIM_TEACHER_DESK_H
#define SIM_TEACHER_DESK_H

#include <sys/queue.h>

#include "base/arena.h"
#include "base/heap.h"
#include "cli/sim_teacher/stats.h"

#define DESK_SCRATCH ((size_t)64 * 1024)

/* Embedded in a connection: its one deadline and its place in the line. */
struct ticket {
    struct heap_node deadline;
    TAILQ_ENTRY(ticket) line;
    bool waiting;    /* in line */
    bool generating; /* holds a place */
};

struct desk {
    const struct character *character;
    struct stats stats;
    struct heap deadlines;
    TAILQ_HEAD(ticket_line, ticket) line;
    int64_t places; /* 0: no limit */
    int64_t taken;
    int64_t now_ms;             /* monotonic, of this turn */
    int64_t wall_s;             /* seconds since the epoch, likewise */
    struct arena arena;         /* for one request at a time */
    char scratch[DESK_SCRATCH]; /* what read(2) brought last */
};

void desk_init(struct desk *d, const struct character *c, int64_t places);
void desk_free(struct desk *d);
/* desk_set(d, t, after_ms): the ticket's deadline; replaces an earlier one. False: no memory. */
bool desk_set(struct desk *d, struct ticket *t, int64_t after_ms);
/* desk_unset(d, t): no deadline. */
void desk_unset(struct desk *d, struct ticket *t);
/* desk_due(d): a ticket whose deadline has come, taken out; NULL: none. */
struct ticket *desk_due(struct desk *d);
/* desk_wait_ms(d): until the next deadline; -1: there is none. */
int64_t desk_wait_ms(const struct desk *d);
/* desk_enter(d, t): true: the ticket has a place. False: it stands in line and gets a deadline of
 * now once it has. */
bool desk_enter(struct desk *d, struct ticket *t);
/* desk_leave(d, t): out of place, line and deadlines; the next in line moves up. */
void desk_leave(struct desk *d, struct ticket *t);

#endif
