/*
 * exec_checker: answers compared by a command of the user's (`answers: {kind: exec, exec: …}`). The
 * command is started once and speaks JSON lines:
 *
 *   standard input   {"id": "7", "gold": "1/2", "candidate": "0.5", "prompt": "…"}  (prompt if any)
 *   standard output  {"id": "7", "verdict": "equal", "why": "…"}    (equal, different or unknown)
 *
 * One request at a time for each process. A process that hangs, dies or writes anything else is
 * killed with its whole group and started again for the next comparison; the one it was at comes
 * back as unknown with the reason. (When it had answered others before, the comparison is put to a
 * fresh process first: it may not be the culprit.) What it writes to standard error goes to our
 * log. Everything happens in the event loop; nothing here waits.
 */
#ifndef COORDINATOR_EXEC_CHECKER_H
#define COORDINATOR_EXEC_CHECKER_H

#include "base/loop.h"
#include "filters/answers/answer.h"
#include "schemas/project.h"

#define EXEC_HOPELESS 20 /* failures in a row after which the command is not started again */

/* done(context, id, result): one comparison is finished. It may call exec_checker_ask, but must not
 * free the checker. */
typedef void exec_done_fn(void *context, uint64_t id, const struct answer_result *result);

struct exec_settings {
    const char *command; /* for /bin/sh -c; must outlive the checker, as dir and hidden */
    const char *dir;     /* where it runs; NULL: here */
    double timeout;      /* seconds for one comparison, the start of the process included */
    int64_t workers;     /* processes at once, 1 to 64 */
    size_t queue;        /* comparisons that may wait for one; 0: 256 */
    const char *hidden[ENDPOINT_MAX]; /* environment variables that it must not see */
    size_t n_hidden;
    exec_done_fn *done;
    void *context;
};

struct exec_checker;

/* exec_settings_of(p, done, context): as the project says: its folder, no secret of its endpoints.
 */
struct exec_settings exec_settings_of(const struct project *p, exec_done_fn *done, void *context);
/* exec_checker_new(loop, settings, e): starts nothing yet. NULL on failure. */
struct exec_checker *exec_checker_new(struct loop *loop, const struct exec_settings *settings,
                                      struct err *e);
/* exec_checker_free(x): kills what runs; `done` is not called for what is unfinished. */
void exec_checker_free(struct exec_checker *x);
/* exec_checker_ask(x, id, gold, candidate, prompt, e): the texts are copied; an empty prompt is
 * left out. `done` comes later, from the loop. False with ERR_BUSY when the queue is full. */
bool exec_checker_ask(struct exec_checker *x, uint64_t id, struct slice gold,
                      struct slice candidate, struct slice prompt, struct err *e);
/* exec_checker_open(x): comparisons whose `done` is still to come. */
size_t exec_checker_open(const struct exec_checker *x);
/* exec_checker_hopeless(x): EXEC_HOPELESS processes in a row failed without a comparison done; from
 * then on everything is unknown at once. */
bool exec_checker_hopeless(const struct exec_checker *x);

#endif
