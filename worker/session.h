/*
 * session: the worker's half of the protocol. It keeps the jobs, answers every message in every
 * state, and says what to do through struct session_io. Pure: time comes in as `now` (monotonic
 * ms).
 *
 *   GREETING ──WELCOME──> ACTIVE ──DRAIN / session_leave──> DRAINING ──BYE──> CLOSED
 *    ^  │  ^                 │                                  │
 *    │  │  └──BYE (unknown)──┴──────────────────────────────────┘
 *    │  └──WELCOME with another project, calls in hand──> LEAVING ──┐
 *    └──────────all is acknowledged, or BYE (unknown)───────────────┘
 *
 * LEAVING: what is flying for the old project is finished under its leases, and its reports are
 * acknowledged, before the new project is taken up; what is queued is given back.
 */
#ifndef WORKER_SESSION_H
#define WORKER_SESSION_H

#include "worker/job.h"

enum session_state {
    SESSION_GREETING,
    SESSION_ACTIVE,
    SESSION_LEAVING,
    SESSION_DRAINING,
    SESSION_CLOSED,
};

struct session_io {
    void *context;
    /* out(context): the frame under construction; what is put there is sent soon, in order. */
    struct buf *(*out)(void *context);
    /* project(context, text, e): take up this project; false: it cannot be served (e says why). */
    bool (*project)(void *context, struct slice text, struct err *e);
    /* stop(context, job): cut the exchange of a FLYING job short, the last of its batch. */
    void (*stop)(void *context, struct job *job);
    /* keep(context, report): a RESULT, before it is sent for the first time; cleared: all that was
     * kept is acknowledged. */
    void (*keep)(void *context, struct slice report);
    void (*cleared)(void *context);
};

struct session;

/* session_new(hello, io, now): NULL without memory. The hello's texts must outlive the session. */
struct session *session_new(const struct wire_hello *hello, const struct session_io *io,
                            int64_t now);
void session_free(struct session *s);
/* session_hear(s, message, now): one message from the coordinator. */
void session_hear(struct session *s, const struct wire_message *m, int64_t now);
/* session_tick(s, now): greets, pings, renews and repeats what is due. Milliseconds until the next.
 */
int64_t session_tick(struct session *s, int64_t now);
/* session_queued(s): the job to be started next, NULL: none. Say session_started, which starts its
 * whole batch, or report the failure of each job of the batch. */
struct job *session_queued(struct session *s);
void session_started(struct session *s, struct job *j, void *exchange);
/* session_result / session_fail: the job's end; it is reported and held until acknowledged. The job
 * may be gone when they return. */
void session_result(struct session *s, struct job *j, const struct call_result *r, int64_t now);
void session_fail(struct session *s, struct job *j, enum failure failure, uint16_t http_status,
                  int64_t retry_after_ms, struct slice message, int64_t now);
/* session_leave(s, now): finish what is flying, give the rest back, then say BYE. */
void session_leave(struct session *s, int64_t now);
enum session_state session_state(const struct session *s);
/* session_why(s): a sentence once it is CLOSED; session_refused(s): it was closed by a refusal of
 * either side. */
const char *session_why(const struct session *s);
bool session_refused(const struct session *s);
/* session_each_kept(s, fn, context): every RESULT that waits for its acknowledgement, for a new
 * spool. */
void session_each_kept(const struct session *s, void (*fn)(void *context, struct slice report),
                       void *context);
/* session_flying(s): exchanges under way: jobs of one batch count once, also for the slots. */
size_t session_flying(const struct session *s);
size_t session_jobs(const struct session *s);
/* session_heard(s): when the coordinator was last heard (monotonic ms). */
int64_t session_heard(const struct session *s);

#endif
