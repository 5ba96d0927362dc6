/*
 * sse: cuts a stream of server-sent events into events, however the bytes arrive. Pure and
 * incremental: every way of splitting the same bytes gives the same events.
 */
#ifndef WORKER_TEACHER_SSE_H
#define WORKER_TEACHER_SSE_H

#include "base/buf.h"

struct sse {
    struct buf line; /* the unfinished line; of a comment its colon alone */
    struct buf data; /* of the unfinished event: its data lines, joined by line feeds */
    struct buf name; /* of the unfinished event */
    bool has_data;
    bool after_cr; /* a line feed that comes now belongs to the line that has ended */
    bool begun;    /* the first line, which may start with a byte order mark, is over */
};

/* fn(context, name, data): one event; name is empty for most. Both are valid until fn returns. */
typedef void sse_event_fn(void *context, struct slice name, struct slice data);

/* sse_init(s, max): at most max bytes of a line and of the data of an event. */
void sse_init(struct sse *s, size_t max);
/* sse_free(s): s is as after sse_init. */
void sse_free(struct sse *s);
/* sse_feed(s, bytes, fn, context): calls fn for each event that ends within bytes. Returns whether
 * they held anything but comments and line breaks, which keep a connection open and say nothing. */
bool sse_feed(struct sse *s, struct slice bytes, sse_event_fn *fn, void *context);
/* sse_end(s, fn, context): the stream is over: an event whose lines are all there but the blank one
 * after them counts; half a line does not. */
void sse_end(struct sse *s, sse_event_fn *fn, void *context);
/* sse_failed(s): a line or an event was over the maximum, or memory ran out. */
bool sse_failed(const struct sse *s);

#endif
