#include "cli/sim_teacher/completion.h"

#include <stdio.h>

#include "base/jsonw.h"
#include "cli/sim_teacher/content.h"
#include "cli/sim_teacher/reply.h"

#define DELTA_BYTES 28 /* of text in one event of a stream, about */

static const char *thought_key(const struct character *c)
{
    return c->thought == THOUGHT_REASONING ? "reasoning" : "reasoning_content";
}

static void write_frame(struct jsonw *w, const struct content *t, const struct judgment *j,
                        const char *object, int64_t created)
{
    char id[32];
    snprintf(id, sizeof id, "chatcmpl-%s", t->id);
    jsonw_object(w);
    jsonw_kstr(w, "id", id);
    jsonw_kstr(w, "object", object);
    jsonw_ki64(w, "created", created);
    jsonw_kstr(w, "model", j->model);
}

static void write_usage(struct jsonw *w, const struct content *t, const struct judgment *j)
{
    jsonw_key(w, "usage");
    jsonw_object(w);
    jsonw_ki64(w, "prompt_tokens", j->prompt_tokens);
    jsonw_ki64(w, "total_tokens", j->prompt_tokens + t->tokens);
    jsonw_ki64(w, "completion_tokens", t->tokens);
    jsonw_key(w, "prompt_tokens_details");
    jsonw_null(w);
    jsonw_key(w, "completion_tokens_details");
    jsonw_object(w);
    jsonw_ki64(w, "reasoning_tokens", t->thought_tokens);
    jsonw_end_object(w);
    jsonw_end_object(w);
}

static void write_whole(struct buf *out, const struct content *t, const struct judgment *j,
                        const struct character *c, int64_t created)
{
    struct jsonw w = jsonw_to(out);
    write_frame(&w, t, j, "chat.completion", created);
    jsonw_key(&w, "choices");
    jsonw_list(&w);
    jsonw_object(&w);
    jsonw_ki64(&w, "index", 0);
    jsonw_key(&w, "message");
    jsonw_object(&w);
    jsonw_kstr(&w, "role", "assistant");
    if (t->thought.n)
        jsonw_kslice(&w, thought_key(c), buf_view(&t->thought));
    jsonw_key(&w, "content");
    if (t->thought.n && t->text.n == 0)
        jsonw_null(&w); /* as servers do that were cut off in the thought */
    else
        jsonw_string(&w, buf_view(&t->text));
    jsonw_end_object(&w);
    jsonw_key(&w, "logprobs");
    jsonw_null(&w);
    jsonw_kstr(&w, "finish_reason", finish_name(t->finish));
    jsonw_end_object(&w);
    jsonw_end_list(&w);
    write_usage(&w, t, j);
    jsonw_end_object(&w);
}

/* Where the events of a stream go. */
struct stream {
    struct buf *out;
    struct buf event;
    bool chunked;
    int64_t created;
    const struct content *content;
    const struct judgment *judgment;
};

static void send_event(struct stream *s)
{
    if (s->chunked)
        buf_addf(s->out, "%zx\r\n", s->event.n + 8);
    buf_str(s->out, "data: ");
    buf_slice(s->out, buf_view(&s->event));
    buf_str(s->out, s->chunked ? "\n\n\r\n" : "\n\n");
    buf_clear(&s->event);
}

/* send_delta(s, key, text, finish): one event; finish NULL: more follow. key NULL: an empty delta.
 */
static void send_delta(struct stream *s, const char *key, struct slice text, const char *finish)
{
    struct jsonw w = jsonw_to(&s->event);
    write_frame(&w, s->content, s->judgment, "chat.completion.chunk", s->created);
    jsonw_key(&w, "choices");
    jsonw_list(&w);
    jsonw_object(&w);
    jsonw_ki64(&w, "index", 0);
    jsonw_key(&w, "delta");
    jsonw_object(&w);
    if (key && !finish && text.n == 0)
        jsonw_kstr(&w, "role", "assistant");
    if (key)
        jsonw_kslice(&w, key, text);
    jsonw_end_object(&w);
    jsonw_key(&w, "logprobs");
    jsonw_null(&w);
    jsonw_key(&w, "finish_reason");
    if (finish)
        jsonw_string(&w, slice_of(finish));
    else
        jsonw_null(&w);
    jsonw_end_object(&w);
    jsonw_end_list(&w);
    jsonw_end_object(&w);
    send_event(s);
}

static void send_text(struct stream *s, const char *key, struct slice text)
{
    while (text.n) {
        size_t n = text.n < DELTA_BYTES ? text.n : DELTA_BYTES;
        while (n < text.n && text.p[n] != ' ')
            n++;
        send_delta(s, key, slice_sub(text, 0, n), NULL);
        text = slice_from(text, n);
    }
}

static void send_usage(struct stream *s)
{
    struct jsonw w = jsonw_to(&s->event);
    write_frame(&w, s->content, s->judgment, "chat.completion.chunk", s->created);
    jsonw_key(&w, "choices");
    jsonw_list(&w);
    jsonw_end_list(&w);
    write_usage(&w, s->content, s->judgment);
    jsonw_end_object(&w);
    send_event(s);
}

/* The end of a stream, also of one that breaks off with an error inside. */
static void send_done(struct stream *s)
{
    buf_str(&s->event, "[DONE]");
    send_event(s);
    if (s->chunked)
        buf_str(s->out, "0\r\n\r\n");
}

static void write_stream(struct stream *s, const struct character *c)
{
    enum fault fault = s->judgment->fault;
    buf_init(&s->event, COMPLETION_MAX);
    send_delta(s, "content", S(""), NULL);
    send_text(s, thought_key(c), buf_view(&s->content->thought));
    if (fault == FAULT_ERROR200) {
        reply_error_body(&s->event, 500, "InternalServerError", "the engine died while generating");
        send_event(s);
    } else if (fault == FAULT_BADJSON) {
        buf_str(&s->event, "{\"id\":\"chatcmpl-broken\",\"choices\":[{\"delta\":{\"content\":\"");
        send_event(s);
    } else {
        send_text(s, "content", buf_view(&s->content->text));
        send_delta(s, NULL, S(""), finish_name(s->content->finish));
        if (s->judgment->usage_chunk)
            send_usage(s);
    }
    send_done(s);
    buf_free(&s->event);
}

static void write_body(struct buf *body, const struct content *t, const struct judgment *j,
                       const struct character *c, int64_t created)
{
    if (j->fault == FAULT_ERROR200) {
        reply_error_body(body, 500, "InternalServerError", "the engine died while generating");
        return;
    }
    write_whole(body, t, j, c, created);
    if (j->fault == FAULT_BADJSON)
        content_cut(body, body->n * 3 / 5);
}

size_t completion_write(struct judgment *j, const struct character *c,
                        const struct completion_setting *s, struct buf *out)
{
    struct content t;
    content_compose(&t, j, c);
    struct reply r = {.status = 200, .keep_alive = s->keep_alive, .request_id = t.id};
    size_t head;
    if (j->stream) {
        r.event_stream = true;
        r.chunked = !s->http10;
        reply_head(out, &r, 0);
        head = out->n;
        struct stream stream = {
            .out = out, .chunked = r.chunked, .created = s->created, .content = &t, .judgment = j};
        write_stream(&stream, c);
    } else {
        struct buf body;
        buf_init(&body, COMPLETION_MAX / 2);
        write_body(&body, &t, j, c, s->created);
        reply_head(out, &r, body.n);
        head = out->n;
        buf_slice(out, buf_view(&body));
        buf_free(&body);
    }
    content_free(&t);
    return head;
}
