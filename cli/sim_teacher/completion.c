#include "cli/sim_teacher/completion.h"

#include <stdio.h>

#include "base/jsonw.h"
#include "cli/sim_teacher/content.h"
#include "cli/sim_teacher/cut.h"
#include "cli/sim_teacher/mix.h"
#include "cli/sim_teacher/reply.h"

#define DELTA_BYTES 28 /* of text in one event of a stream, about */
#define SALT_ID 102

/* What one answer is written from. */
struct writing {
    struct judgment *judgment;
    const struct character *character;
    int64_t created;
    char id[32];
    int64_t tokens, thought_tokens; /* of the choices so far, as they are counted */
};

static const char *thought_key(const struct character *c)
{
    return c->thought == THOUGHT_REASONING ? "reasoning" : "reasoning_content";
}

/* compose(g, i, t): the text of a choice, counted. */
static void compose(struct writing *g, size_t i, struct content *t)
{
    content_compose(t, g->judgment, g->character, i);
    if (i > 0 && g->character->counts_first)
        return;
    g->tokens += t->tokens;
    g->thought_tokens += t->thought_tokens;
}

static void write_frame(struct jsonw *w, const struct writing *g, const char *object)
{
    jsonw_object(w);
    jsonw_kstr(w, "id", g->id);
    jsonw_kstr(w, "object", object);
    jsonw_ki64(w, "created", g->created);
    jsonw_kstr(w, "model", g->judgment->model);
}

static void write_usage(struct jsonw *w, const struct writing *g)
{
    jsonw_key(w, "usage");
    jsonw_object(w);
    jsonw_ki64(w, "prompt_tokens", g->judgment->prompt_tokens);
    jsonw_ki64(w, "total_tokens", g->judgment->prompt_tokens + g->tokens);
    jsonw_ki64(w, "completion_tokens", g->tokens);
    jsonw_key(w, "prompt_tokens_details");
    jsonw_null(w);
    jsonw_key(w, "completion_tokens_details");
    jsonw_object(w);
    jsonw_ki64(w, "reasoning_tokens", g->thought_tokens);
    jsonw_end_object(w);
    jsonw_end_object(w);
}

static void write_choice(struct jsonw *w, struct writing *g, size_t i)
{
    struct content t;
    compose(g, i, &t);
    jsonw_object(w);
    jsonw_ki64(w, "index", (int64_t)i);
    jsonw_key(w, "message");
    jsonw_object(w);
    jsonw_kstr(w, "role", "assistant");
    if (t.thought.n)
        jsonw_kslice(w, thought_key(g->character), buf_view(&t.thought));
    jsonw_key(w, "content");
    if (t.thought.n && t.text.n == 0)
        jsonw_null(w); /* as servers do that were cut off in the thought */
    else
        jsonw_string(w, buf_view(&t.text));
    jsonw_end_object(w);
    jsonw_key(w, "logprobs");
    jsonw_null(w);
    jsonw_kstr(w, "finish_reason", finish_name(t.finish));
    jsonw_end_object(w);
    content_free(&t);
}

static void write_whole(struct buf *out, struct writing *g)
{
    struct jsonw w = jsonw_to(out);
    write_frame(&w, g, "chat.completion");
    jsonw_key(&w, "choices");
    jsonw_list(&w);
    for (size_t i = 0; i < (size_t)g->judgment->n; i++)
        write_choice(&w, g, i);
    jsonw_end_list(&w);
    write_usage(&w, g);
    jsonw_end_object(&w);
}

/* Where the events of a stream go. */
struct stream {
    struct buf *out;
    struct buf event;
    bool chunked;
    struct writing *writing;
    size_t choice;
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
    write_frame(&w, s->writing, "chat.completion.chunk");
    jsonw_key(&w, "choices");
    jsonw_list(&w);
    jsonw_object(&w);
    jsonw_ki64(&w, "index", (int64_t)s->choice);
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
    write_frame(&w, s->writing, "chat.completion.chunk");
    jsonw_key(&w, "choices");
    jsonw_list(&w);
    jsonw_end_list(&w);
    write_usage(&w, s->writing);
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

/* send_choice(s, i): all of one choice; false: it broke off with its thought. */
static bool send_choice(struct stream *s, size_t i)
{
    struct content t;
    enum fault fault = s->writing->judgment->fault;
    bool broken = fault == FAULT_ERROR200 || fault == FAULT_BADJSON;
    s->choice = i;
    compose(s->writing, i, &t);
    send_delta(s, "content", S(""), NULL);
    send_text(s, thought_key(s->writing->character), buf_view(&t.thought));
    if (!broken) {
        send_text(s, "content", buf_view(&t.text));
        send_delta(s, NULL, S(""), finish_name(t.finish));
    }
    content_free(&t);
    return !broken;
}

static void write_stream(struct stream *s)
{
    const struct judgment *j = s->writing->judgment;
    size_t i = 0;
    buf_init(&s->event, COMPLETION_MAX);
    while (i < (size_t)j->n && send_choice(s, i))
        i++;
    if (j->fault == FAULT_ERROR200) {
        reply_error_body(&s->event, 500, "InternalServerError", "the engine died while generating");
        send_event(s);
    } else if (j->fault == FAULT_BADJSON) {
        buf_str(&s->event, "{\"id\":\"chatcmpl-broken\",\"choices\":[{\"delta\":{\"content\":\"");
        send_event(s);
    } else if (j->usage_chunk) {
        send_usage(s);
    }
    send_done(s);
    buf_free(&s->event);
}

static void write_body(struct buf *body, struct writing *g)
{
    if (g->judgment->fault == FAULT_ERROR200) {
        reply_error_body(body, 500, "InternalServerError", "the engine died while generating");
        return;
    }
    write_whole(body, g);
    if (g->judgment->fault == FAULT_BADJSON)
        cut_text(body, body->n * 3 / 5);
}

size_t completion_write(struct judgment *j, const struct character *c,
                        const struct completion_setting *s, struct buf *out)
{
    struct writing g = {.judgment = j, .character = c, .created = s->created};
    uint64_t id = mix_two(judgment_hash(j, c, SALT_ID), j->seen);
    snprintf(g.id, sizeof g.id, "chatcmpl-%016llx", (unsigned long long)id);
    struct reply r = {
        .status = 200, .keep_alive = s->keep_alive, .request_id = g.id + sizeof "chatcmpl-" - 1};
    if (j->stream) {
        r.event_stream = true;
        r.chunked = !s->http10;
        reply_head(out, &r, 0);
        size_t head = out->n;
        write_stream(&(struct stream){.out = out, .chunked = r.chunked, .writing = &g});
        return head;
    }
    struct buf body;
    buf_init(&body, COMPLETION_MAX / 2);
    write_body(&body, &g);
    reply_head(out, &r, body.n);
    size_t head = out->n;
    buf_slice(out, buf_view(&body));
    buf_free(&body);
    return head;
}
