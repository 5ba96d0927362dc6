/*
 * http: reads HTTP/1.1 requests, byte stream in, one request out. Pure: no socket, no clock. Bytes
 * may come in any pieces; what follows a request is left to the caller, so pipelining is safe.
 */
#ifndef SIM_TEACHER_HTTP_H
#define SIM_TEACHER_HTTP_H

#include "base/buf.h"

#define HTTP_HEAD_MAX ((size_t)64 * 1024)
#define HTTP_BODY_MAX ((size_t)64 * 1024 * 1024)

enum http_stage {
    HTTP_HEAD,
    HTTP_BODY,
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_END,
    HTTP_TRAILER,
    HTTP_DONE, /* the request is whole */
    HTTP_BAD,  /* it never will be: see status and problem; the connection cannot go on */
};

struct http_request {
    enum http_stage stage;
    struct buf head; /* the head's bytes; the slices below point into it */
    struct buf body; /* decoded when it came in chunks */
    struct slice method;
    struct slice path;          /* without the query */
    struct slice authorization; /* empty: none was sent */
    bool keep_alive;
    bool http10;           /* cannot take a chunked answer */
    bool expects_continue; /* waits for "100 Continue" before it sends the body */
    int status;            /* BAD: the status to answer with */
    const char *problem;   /* BAD: a sentence */
    bool has_length;       /* a Content-Length was given */
    bool chunked;
    uint64_t left;   /* bytes of body, chunk or chunk end still to come */
    size_t line;     /* where the line being read begins, in head; bytes of a chunk's line */
    unsigned digits; /* of a chunk's size */
};

/* http_begin(r): ready for the first byte of a request. Call http_end before it is used again. */
void http_begin(struct http_request *r);
/* http_end(r): gives the memory back. */
void http_end(struct http_request *r);
/* http_feed(r, bytes): takes bytes up to the end of the request and says how many; fewer than all
 * only when the stage is DONE or BAD. */
size_t http_feed(struct http_request *r, struct slice bytes);

#endif
