/* request: the body of a chat-completions request. Pure: the same arguments give the same bytes. */
#ifndef WORKER_TEACHER_REQUEST_H
#define WORKER_TEACHER_REQUEST_H

#include "schemas/chat.h"
#include "schemas/project.h"

/* request_extra(text, extra, e): reads generation.extra, which must be a JSON object; the members
 * that Gavel itself depends on (messages, model, n, seed, stream, continue_final_message and their
 * like) may not be in it: ERR_USAGE. *extra is to be given to json_free; NULL when the text is
 * blank. */
bool request_extra(struct slice text, json **extra, struct err *e);

/* What a request asks beyond its messages. */
struct request_shape {
    uint32_t seed;
    int n;                 /* choices; 0 and 1: one */
    enum continuation how; /* how the server is told to go on with the chat's last message, which is
                              then the assistant's; AUTO and TURN: there is nothing to go on with */
    int64_t max_tokens;    /* 0: as the project says, `extra` included */
    double temperature;    /* in place of all others, if it is given */
    bool temperature_given;
};

/* request_write(out, g, extra, model, chat, shape): the whole body. A member of `extra` (may be
 * NULL) takes the place of ours of the same name. Errors are the buffer's: check buf_ok. */
void request_write(struct buf *out, const struct project_generation *g, const json *extra,
                   const char *model, const struct chat *chat, const struct request_shape *shape);

#endif
