/* loop: epoll, with the signals of the process as one more event source. Callbacks must be short.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdint.h>

#include "base/err.h"

struct loop;

typedef void loop_fd_fn(void *context, uint32_t epoll_events);
typedef void loop_signal_fn(void *context, int signal_number);

struct loop *loop_new(struct err *e);
void loop_free(struct loop *l);
/* loop_watch(l, fd, events, fn, context, e): adds fd, or changes what is watched when it is there.
 * fd numbers that were closed without loop_forget are handled. */
bool loop_watch(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *context,
                struct err *e);
void loop_forget(struct loop *l, int fd);
/* loop_signals(l, numbers, n, fn, context, e): blocks these signals and delivers them as events.
 * Once for each loop; they stay blocked, so a child must unblock them before it executes a program.
 */
bool loop_signals(struct loop *l, const int *numbers, int n, loop_signal_fn *fn, void *context,
                  struct err *e);
/* loop_turn(l, timeout_ms, e): waits for events (-1: for ever, 0: not at all), runs their
 * callbacks. */
bool loop_turn(struct loop *l, int64_t timeout_ms, struct err *e);

#endif
