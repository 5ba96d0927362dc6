/*
 * http_error: what a server's refusal means. Servers agree neither on the shape of an error
 * (object, string, flat fields, plain text, HTML) nor on the status, so a table of status, code and
 * wording decides. Pure.
 */
#ifndef WORKER_TEACHER_HTTP_ERROR_H
#define WORKER_TEACHER_HTTP_ERROR_H

#include "base/json.h"
#include "schemas/types.h"
#include "worker/teacher/head.h"

#define HTTP_ERROR_MESSAGE_MAX 400

struct http_error {
    enum failure failure;
    int64_t retry_after_ms; /* -1: the server does not say */
    struct buf message;     /* a sentence, redacted, at most HTTP_ERROR_MESSAGE_MAX bytes */
};

void http_error_init(struct http_error *x);
/* http_error_free(x): x is as after http_error_init. */
void http_error_free(struct http_error *x);
/* http_error_set(x, failure, format, ...): a failure that no server reported, in our own words. */
void http_error_set(struct http_error *x, enum failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* http_error_response(x, head, body): the response whose status is not one of success. */
void http_error_response(struct http_error *x, const struct head *h, struct slice body);
/* http_error_is_in(root): the document of a 200, or a choice in it, reports an error. */
bool http_error_is_in(const json *root);
/* http_error_inside(x, root): the error that http_error_is_in found. */
void http_error_inside(struct http_error *x, const json *root);
/* http_error_event(x, text): an error event of a stream whose data is no JSON. */
void http_error_event(struct http_error *x, struct slice text);

#endif
