/*
 * exchange: one request and what comes back, on a curl easy handle that is used again. The
 * callbacks of curl only record; what it all means is said once, by exchange_over or
 * exchange_expired.
 */
#ifndef WORKER_TEACHER_EXCHANGE_H
#define WORKER_TEACHER_EXCHANGE_H

#include "base/heap.h"
#include "worker/teacher/answer.h"
#include "worker/teacher/head.h"
#include "worker/teacher/multi.h"
#include "worker/teacher/reply.h"
#include "worker/teacher/sse.h"
#include "worker/teacher/target.h"

/* What all exchanges of a teacher have in common. */
struct exchange_terms {
    struct project_deadlines deadlines; /* seconds */
    size_t body_bytes;                  /* of an answer's text */
    CURLSH *share;                      /* names and TLS sessions */
    const char *no_proxy;
    const char *ca_file; /* NULL: the system's certificates */
};

struct exchange {
    struct heap_node deadline; /* first: what the heap gives back is the exchange */
    struct exchange *next;     /* in the teacher's list of those that rest */
    struct multi *multi;       /* NULL while it rests */
    const struct exchange_terms *terms;
    CURL *easy;
    void *call; /* the caller's cookie */
    struct head head;
    struct buf body; /* of what is no stream */
    struct sse sse;
    struct answer answer;
    struct teacher_choice *more; /* room for the choices after the first; NULL for one alone */
    bool too_large;
    int connects; /* connections the request was sent on; 0: not connected yet */
    int64_t started, sent, first, last; /* clock_ms; first and last are 0 while nothing was said */
    char curl_error[CURL_ERROR_SIZE];
};

/* exchange_new(terms, e): at rest. The terms must outlive it. NULL on failure. */
struct exchange *exchange_new(const struct exchange_terms *terms, struct err *e);
/* exchange_free(x): x must be in no multi handle. NULL is fine. */
void exchange_free(struct exchange *x);
/* exchange_prepare(x, target, body, choices, now, e): makes the handle ready to be added to a multi
 * handle. The body, which asks for so many choices, is copied; the target must live until
 * exchange_rest. */
bool exchange_prepare(struct exchange *x, const struct target *target, struct slice body,
                      size_t choices, int64_t now, struct err *e);
/* exchange_rest(x): gives back what arrived and what was sent; the easy handle stays. */
void exchange_rest(struct exchange *x);
/* exchange_due(x): when its next deadline is over (clock_ms). */
int64_t exchange_due(const struct exchange *x);
/* exchange_look(x, now): when its deadlines have to be looked at again. Not later than exchange_due
 * will ever be: a first byte may come meanwhile, and then the idle deadline counts. */
int64_t exchange_look(const struct exchange *x, int64_t now);
/* exchange_over(x, code, now, a): curl says it is over. a points into x, until exchange_rest. */
void exchange_over(struct exchange *x, CURLcode code, int64_t now, struct teacher_answer *a);
/* exchange_expired(x, now, a): a deadline is over. */
void exchange_expired(struct exchange *x, int64_t now, struct teacher_answer *a);

#endif
