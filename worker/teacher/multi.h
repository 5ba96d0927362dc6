/*
 * multi: one curl multi handle in the event loop. libcurl walks the list of its transfers, so a
 * teacher has several of them, each with at most MULTI_CAPACITY. Nothing is called back: what has
 * finished is asked for.
 */
#ifndef WORKER_TEACHER_MULTI_H
#define WORKER_TEACHER_MULTI_H

#include <curl/curl.h>

#include "base/loop.h"

#define MULTI_CAPACITY 256
#define MULTI_NEVER INT64_MAX

struct multi;

/* multi_new(loop, e): NULL on failure. The loop must outlive it. */
struct multi *multi_new(struct loop *loop, struct err *e);
/* multi_free(m): closes its connections; no transfer may be left in it. NULL is fine. */
void multi_free(struct multi *m);
bool multi_add(struct multi *m, CURL *easy, struct err *e);
/* multi_remove(m, easy): also drops a result that multi_next has not given out. A connection whose
 * transfer is not over is closed. */
void multi_remove(struct multi *m, CURL *easy);
/* multi_load(m): transfers added and not removed. */
size_t multi_load(const struct multi *m);
/* multi_due(m): the time (clock_ms) at which libcurl wants multi_turn; MULTI_NEVER: it does not. */
int64_t multi_due(const struct multi *m);
/* multi_turn(m, now): does what is due. */
void multi_turn(struct multi *m, int64_t now);
/* multi_next(m, easy, code): a transfer that is over and waits to be removed; false: none. */
bool multi_next(struct multi *m, CURL **easy, CURLcode *code);

#endif
