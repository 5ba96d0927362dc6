/*
 * teacher: the client of a chat-completions server, the one user of libcurl. Thousands of calls are
 * in flight in one thread, spread over several multi handles of a few hundred transfers each, since
 * libcurl walks its lists. It starts, finishes and cancels exchanges; it never retries: what a
 * failure means for the call is the coordinator's business.
 */
#ifndef WORKER_TEACHER_TEACHER_H
#define WORKER_TEACHER_TEACHER_H

#include "base/arena.h"
#include "base/loop.h"
#include "schemas/chat.h"
#include "schemas/project.h"
#include "worker/teacher/reply.h"
#include "worker/teacher/request.h"

struct teacher;

/* done(context, call, answer): the exchange that was started with `call` is over. Called from
 * teacher_turn only, never from within teacher_start or teacher_cancel. */
typedef void teacher_done_fn(void *context, void *call, const struct teacher_answer *answer);

/* teacher_new(project, loop, done, context, e): reads the keys of all endpoints from environment or
 * file (missing key: ERR_USAGE naming the variable) and registers them as secrets. The project must
 * outlive the teacher. SIGPIPE should be ignored by the process: TLS connections can raise it. */
struct teacher *teacher_new(const struct project *p, struct loop *loop, teacher_done_fn *done,
                            void *context, struct err *e);
/* teacher_keys(p, e): whether the keys of all endpoints can be had, as teacher_new would say. */
bool teacher_keys(const struct project *p, struct err *e);
/* teacher_free(t): closes what is in flight without a `done`. NULL is fine. */
void teacher_free(struct teacher *t);
/* teacher_start(t, endpoint, chat, shape, call, e): sends the request; the bytes depend on project,
 * chat and shape alone. Text is copied. `call` is the caller's cookie. Returns a handle for
 * teacher_cancel, NULL with e set when the request could not even be built. */
struct exchange *teacher_start(struct teacher *t, size_t endpoint, const struct chat *chat,
                               const struct request_shape *shape, void *call, struct err *e);
/* teacher_cancel(t, x): closes the exchange; `done` will not be called for it. */
void teacher_cancel(struct teacher *t, struct exchange *x);
/* teacher_in_flight(t): exchanges started and not over. */
size_t teacher_in_flight(const struct teacher *t);
/* teacher_turn(t): lets finished exchanges be over (calls `done`), expires deadlines; to be called
 * once a turn of the loop, after the last teacher_start before the loop waits. Returns the
 * milliseconds until it wants to be called again, -1: only events. */
int64_t teacher_turn(struct teacher *t);

#endif
