/*
 * crew: the worker processes that `gavel run` starts beside itself. They stay in its process group
 * and end when it ends; one that dies is started again, more and more slowly when it keeps dying.
 */
#ifndef COORDINATOR_CREW_H
#define COORDINATOR_CREW_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define CREW_MAX 64

struct crew_member {
    pid_t pid;            /* 0: not running */
    int64_t started, due; /* monotonic ms; due: when it is started again */
    int early_deaths;     /* in a row */
};

struct crew {
    struct crew_member members[CREW_MAX];
    int n;
    const char *endpoint;
    const char *spool;
    int64_t slots;
    bool ending; /* nobody is started again */
};

/* crew_init(c, n, endpoint, slots, spool): the texts must outlive the crew. */
void crew_init(struct crew *c, int n, const char *endpoint, int64_t slots, const char *spool);
/* crew_tick(c, now, e): starts who is due. Returns milliseconds until the next start, -1: none is
 * due; on failure e is set and -2 returned. */
int64_t crew_tick(struct crew *c, int64_t now, struct err *e);
/* What crew_reap found. */
struct crew_death {
    pid_t pid;
    int exit_status; /* -1: a signal */
    int signal;
};
/* crew_reap(c, now, death): takes one ended worker off, to be called until false. */
bool crew_reap(struct crew *c, int64_t now, struct crew_death *death);
/* crew_hopeless(c): a worker died at once so often that starting it again makes no sense. */
bool crew_hopeless(const struct crew *c);
int crew_running(const struct crew *c);
#define CREW_LET_GO SIGUSR1 /* a worker of ours stops now; it heeds no other signal but SIGKILL */
/* crew_signal(c, number): to all that run. */
void crew_signal(struct crew *c, int number);

#endif
