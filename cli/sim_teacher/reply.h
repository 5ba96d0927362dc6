/* reply: writes HTTP answers. */
#ifndef SIM_TEACHER_REPLY_H
#define SIM_TEACHER_REPLY_H

#include "base/buf.h"

struct reply {
    int status;
    bool keep_alive;
    bool event_stream; /* text/event-stream without a length: in chunks, or until the connection
                          ends */
    bool chunked;
    bool retry_after;       /* one second */
    const char *request_id; /* NULL: none */
};

/* reply_head(out, r, body_bytes): status line and headers. */
void reply_head(struct buf *out, const struct reply *r, size_t body_bytes);
/* reply_json(out, r, body): a whole JSON answer. */
void reply_json(struct buf *out, const struct reply *r, struct slice body);
/* reply_error_body(out, code, type, message): {"error": {...}}. */
void reply_error_body(struct buf *out, int code, const char *type, const char *message);
/* reply_error(out, r, type, message): a whole answer that says what is wrong. */
void reply_error(struct buf *out, const struct reply *r, const char *type, const char *message);

#endif
