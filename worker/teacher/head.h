/*
 * head: what is kept of a response's status line and header lines. Pure; the time is an argument.
 */
#ifndef WORKER_TEACHER_HEAD_H
#define WORKER_TEACHER_HEAD_H

#include "base/buf.h"

#define HEAD_MAX_BYTES (64 * 1024)    /* of all lines of a response */
#define HEAD_MAX_WAIT_MS (600 * 1000) /* a server that asks for more is asked again by then */

/* What x-should-retry says. */
enum head_hint { HEAD_NO_HINT, HEAD_SHOULD_RETRY, HEAD_SHOULD_NOT_RETRY };

struct head {
    uint16_t status;   /* 0: no status line has come */
    size_t bytes;      /* of all lines so far */
    bool event_stream; /* Content-Type: text/event-stream */
    enum head_hint hint;
    int64_t retry_ms;                /* retry-after-ms; -1: not there */
    int64_t retry_after_ms;          /* Retry-After, seconds or date; -1: not there */
    struct buf request_id, location; /* excerpts, empty when not there */
};

void head_init(struct head *h);
/* head_free(h): h is as after head_init. */
void head_free(struct head *h);
/* head_line(h, line, wall_ms): one line with or without its line break. A status line begins a new
 * response: what an interim one (1xx) said is forgotten. wall_ms (milliseconds since the epoch) is
 * what dates are compared with. */
void head_line(struct head *h, struct slice line, int64_t wall_ms);
/* head_wait_ms(h): how long the server asks to wait, at most HEAD_MAX_WAIT_MS; -1: it does not say.
 */
int64_t head_wait_ms(const struct head *h);
/* head_wait_of(value, unit_ms): a number of units as milliseconds, in [0, HEAD_MAX_WAIT_MS]; -1
 * when the text is no number or below zero. */
int64_t head_wait_of(struct slice value, double unit_ms);

#endif
