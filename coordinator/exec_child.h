/*
 * exec_child: one process of a command of the user's, behind three pipes that never block. It is
 * the leader of a process group of its own, so that what it starts ends with it. For exec_checker.c
 * alone.
 */
#ifndef COORDINATOR_EXEC_CHILD_H
#define COORDINATOR_EXEC_CHILD_H

#include <sys/types.h>

#include "base/buf.h"

#define EXEC_CHILD_LINE ((size_t)64 << 10) /* bytes of a line on its standard output */

struct exec_child {
    pid_t pid; /* 0: not running; the rest is then empty */
    int in, out, err;
    int life;           /* pidfd: readable when it has ended; -1 where the system has none */
    struct buf request; /* what it is still to be sent, and how much it has got */
    size_t sent;
    struct buf said;  /* standard output up to here */
    size_t taken;     /* bytes of it that were given out as lines */
    struct buf noted; /* standard error up to here: the beginning of a line */
    int notes;        /* lines of it that were logged */
};

struct exec_child_command {
    const char *text;          /* for /bin/sh -c */
    const char *dir;           /* where it runs; NULL: here */
    const char *const *hidden; /* environment variables that it must not see */
    size_t n_hidden;
};

enum exec_child_got {
    EXEC_CHILD_LINE_CAME,
    EXEC_CHILD_NOTHING, /* not yet */
    EXEC_CHILD_LONG,    /* a line over the maximum */
    EXEC_CHILD_CLOSED,  /* its standard output has ended */
};

void exec_child_init(struct exec_child *c);
/* exec_child_start(c, command, e): forks and executes. A command that the shell cannot find ends
 * with status 127. */
bool exec_child_start(struct exec_child *c, const struct exec_child_command *command,
                      struct err *e);
/* exec_child_stop(c, how, n): kills the whole group, logs what is left of standard error, and says
 * how it ended ("ended with status 1", "ended by signal 9", or "was ended" when it was us). */
void exec_child_stop(struct exec_child *c, char *how, size_t n);
/* exec_child_write(c): sends more of the request; false when the command has closed its input. */
bool exec_child_write(struct exec_child *c);
/* exec_child_wants(c): part of the request is unsent. */
bool exec_child_wants(const struct exec_child *c);
/* exec_child_read(c, line): *line is valid until the next call. */
enum exec_child_got exec_child_read(struct exec_child *c, struct slice *line);
/* exec_child_log(c): what it has written to standard error, line by line into our log, at most 1000
 * lines of a process; false at its end. */
bool exec_child_log(struct exec_child *c);

#endif
