#include "cli/sim_teacher/reply.h"

#include "base/jsonw.h"

static const char *phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } rows[] = {
        {200, "OK"                             },
        {400, "Bad Request"                    },
        {401, "Unauthorized"                   },
        {404, "Not Found"                      },
        {405, "Method Not Allowed"             },
        {413, "Content Too Large"              },
        {417, "Expectation Failed"             },
        {429, "Too Many Requests"              },
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"          },
        {501, "Not Implemented"                },
        {503, "Service Unavailable"            },
        {505, "HTTP Version Not Supported"     }
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].status == status)
            return rows[i].phrase;
    return "Unknown";
}

void reply_head(struct buf *out, const struct reply *r, size_t body_bytes)
{
    buf_str(out, "HTTP/1.1 ");
    buf_i64(out, r->status);
    buf_char(out, ' ');
    buf_str(out, phrase(r->status));
    buf_str(out, "\r\nServer: gavel-sim-teacher\r\nContent-Type: ");
    buf_str(out, r->event_stream ? "text/event-stream; charset=utf-8" : "application/json");
    if (r->request_id) {
        buf_str(out, "\r\nx-request-id: ");
        buf_str(out, r->request_id);
    }
    if (r->retry_after)
        buf_str(out, "\r\nRetry-After: 1");
    if (!r->keep_alive)
        buf_str(out, "\r\nConnection: close");
    if (r->chunked) {
        buf_str(out, "\r\nTransfer-Encoding: chunked");
    } else if (!r->event_stream) {
        buf_str(out, "\r\nContent-Length: ");
        buf_u64(out, body_bytes);
    }
    buf_str(out, "\r\n\r\n");
}

void reply_json(struct buf *out, const struct reply *r, struct slice body)
{
    reply_head(out, r, body.n);
    buf_slice(out, body);
}

void reply_error_body(struct buf *out, int code, const char *type, const char *message)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    jsonw_key(&w, "error");
    jsonw_object(&w);
    jsonw_kstr(&w, "message", message);
    jsonw_kstr(&w, "type", type);
    jsonw_key(&w, "param");
    jsonw_null(&w);
    jsonw_ki64(&w, "code", code);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
}

void reply_error(struct buf *out, const struct reply *r, const char *type, const char *message)
{
    struct buf body;
    buf_init(&body, 4096);
    reply_error_body(&body, r->status, type, message);
    reply_json(out, r, buf_view(&body));
    buf_free(&body);
}
