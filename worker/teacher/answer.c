#include "worker/teacher/answer.h"

#include <assert.h>
#include <stdlib.h>

#include "worker/teacher/excerpt.h"

#define NAME_BYTES 256 /* of model and id */

static void init_choice(struct answer_choice *c, size_t max)
{
    *c = (struct answer_choice){.finish = FINISH_STOP, .field = THOUGHT_ABSENT};
    buf_init(&c->content, max);
    buf_init(&c->reasoning, max);
    buf_init(&c->refusal, max);
}

static void free_choice(struct answer_choice *c)
{
    buf_free(&c->content);
    buf_free(&c->reasoning);
    buf_free(&c->refusal);
}

void answer_init(struct answer *a, size_t max)
{
    *a = (struct answer){.wanted = 1};
    init_choice(&a->first, max);
    buf_init(&a->model, NAME_BYTES);
    buf_init(&a->id, NAME_BYTES);
    http_error_init(&a->error);
}

bool answer_want(struct answer *a, size_t n)
{
    assert(a->wanted == 1 && n > 0 && !a->first.came);
    if (n == 1)
        return true;
    a->more = calloc(n - 1, sizeof *a->more);
    if (!a->more)
        return false;
    a->wanted = n;
    for (size_t i = 0; i + 1 < n; i++)
        init_choice(&a->more[i], a->first.content.max);
    return true;
}

void answer_free(struct answer *a)
{
    free_choice(&a->first);
    for (size_t i = 0; i + 1 < a->wanted; i++)
        free_choice(&a->more[i]);
    free(a->more);
    buf_free(&a->model);
    buf_free(&a->id);
    http_error_free(&a->error);
    answer_init(a, a->first.content.max);
}

static const struct answer_choice *choice_at(const struct answer *a, size_t index)
{
    return index == 0 ? &a->first : &a->more[index - 1];
}

static bool is_whole_of_several(const struct answer *a)
{
    size_t came = 0, finished = 0;
    for (size_t i = 0; i < a->wanted; i++) {
        came += choice_at(a, i)->came;
        finished += choice_at(a, i)->finished;
    }
    return came > 0 && came == finished && (a->done || came == a->wanted);
}

bool answer_is_whole(const struct answer *a)
{
    if (a->failed)
        return false;
    return a->wanted > 1 ? is_whole_of_several(a) : a->first.finished || a->done;
}

bool answer_too_large(const struct answer *a)
{
    for (size_t i = 0; i < a->wanted; i++) {
        const struct answer_choice *c = choice_at(a, i);
        if (c->content.failed || c->reasoning.failed || c->refusal.failed)
            return true;
    }
    return false;
}

const struct answer_choice *answer_nth(const struct answer *a, size_t i)
{
    if (a->wanted == 1)
        return i == 0 ? &a->first : NULL;
    for (size_t at = 0; at < a->wanted; at++)
        if (choice_at(a, at)->came && i-- == 0)
            return choice_at(a, at);
    return NULL;
}

struct slice answer_text(const struct answer_choice *c)
{
    return buf_view(c->refusal.n ? &c->refusal : &c->content);
}

enum finish answer_finish(const struct answer_choice *c)
{
    return c->refusal.n ? FINISH_CONTENT_FILTER : c->finish;
}

static uint32_t count_of(const json *usage, const char *key)
{
    int64_t n;
    if (!json_i64(json_get(usage, key), &n) || n < 0)
        return 0;
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static uint32_t either(uint32_t a, uint32_t b)
{
    return a ? a : b;
}

static void read_usage(struct answer *a, const json *usage)
{
    if (json_type(usage) != JSON_OBJECT)
        return;
    a->prompt_tokens = count_of(usage, "prompt_tokens");
    a->completion_tokens = count_of(usage, "completion_tokens");
    a->reasoning_tokens = either(
        count_of(json_get(usage, "completion_tokens_details"), "reasoning_tokens"),
        count_of(usage, "reasoning_tokens"));
    a->cached_tokens = either(count_of(json_get(usage, "prompt_tokens_details"), "cached_tokens"),
                              count_of(usage, "prompt_cache_hit_tokens"));
}

static void read_name(struct buf *out, const json *node)
{
    struct slice name = json_string(node);
    if (name.n > 0 && out->n == 0)
        excerpt_set(out, name, NAME_BYTES);
}

/* A string, or a list of parts of which the text counts. False when it is neither, nor absent. */
static bool add_text(struct buf *out, const json *node)
{
    enum json_type type = json_type(node);
    buf_slice(out, json_string(node));
    if (type == JSON_LIST)
        for (const json *part = json_first(node); part; part = json_next(part))
            buf_slice(out, json_string(json_get(part, "text")));
    return type == JSON_STRING || type == JSON_LIST || type == JSON_NULL;
}

static void add_reasoning(struct answer_choice *c, const json *message)
{
    struct slice plain = json_string(json_get(message, "reasoning"));
    struct slice content = json_string(json_get(message, "reasoning_content"));
    size_t before = c->reasoning.n;
    buf_slice(&c->reasoning, plain.n ? plain : content);
    if (plain.n == 0 && content.n == 0)
        add_text(&c->reasoning, json_get(message, "reasoning_details"));
    if (c->field == THOUGHT_ABSENT && c->reasoning.n > before)
        c->field = plain.n == 0 && content.n ? THOUGHT_REASONING_CONTENT : THOUGHT_REASONING;
}

/* message: of a document the whole message, of an event the delta, which may be missing. */
static bool add_message(struct answer_choice *c, const json *message)
{
    add_reasoning(c, message);
    return add_text(&c->content, json_get(message, "content")) &&
           add_text(&c->refusal, json_get(message, "refusal"));
}

static void fail(struct answer *a, const char *what)
{
    a->failed = true;
    http_error_set(&a->error, FAILURE_BAD_ANSWER, "the server's answer %s", what);
}

static void fail_finish(struct answer *a, struct slice reason)
{
    a->failed = true;
    http_error_set(&a->error, FAILURE_BAD_ANSWER,
                   "the answer ended with the unknown finish_reason '" SLICE_FMT "'",
                   SLICE_ARG(reason));
}

/* A finish_reason that is null or absent says nothing. */
static void read_finish(struct answer *a, struct answer_choice *c, const json *node)
{
    struct slice reason = json_string(node);
    if (reason.n == 0)
        return;
    c->finished = true;
    if (slice_is(reason, "function_call"))
        c->finish = FINISH_TOOL_CALLS;
    else if (!finish_parse(reason, &c->finish))
        fail_finish(a, reason);
}

static bool read_error(struct answer *a, const json *node)
{
    if (!http_error_is_in(node))
        return false;
    a->failed = true;
    http_error_inside(&a->error, node);
    return true;
}

static void read_choice(struct answer *a, struct answer_choice *c, const json *choice,
                        const char *key)
{
    if (read_error(a, choice))
        return;
    c->came = true;
    if (!add_message(c, json_get(choice, key)))
        fail(a, "has a message whose content is no text");
    else
        read_finish(a, c, json_get(choice, "finish_reason"));
}

static void read_common(struct answer *a, const json *root)
{
    read_name(&a->model, json_get(root, "model"));
    read_name(&a->id, json_get(root, "id"));
    read_usage(a, json_get(root, "usage"));
}

static struct answer_choice *place_of(struct answer *a, size_t index)
{
    if (index >= a->wanted)
        return NULL;
    return index == 0 ? &a->first : &a->more[index - 1];
}

/* In a document the choices stand in the order of their indexes, which some servers leave out. */
static void read_choices(struct answer *a, const json *choice)
{
    struct answer_choice *c;
    for (size_t i = 0; choice && !a->failed && (c = place_of(a, i)); i++) {
        if (json_type(json_get(choice, "message")) == JSON_OBJECT)
            read_choice(a, c, choice, "message");
        else if (!read_error(a, choice))
            fail(a, "has a choice without a message");
        c->finished = true;
        choice = json_next(choice);
    }
}

static void read_document(struct answer *a, const json *root)
{
    const json *choices = json_get(root, "choices");
    if (read_error(a, root))
        return;
    if (json_type(choices) != JSON_LIST || !json_first(choices)) {
        fail(a, "has no choices: is the endpoint's url that of a chat-completions server?");
        return;
    }
    read_common(a, root);
    read_choices(a, json_first(choices));
    a->done = true;
}

void answer_document(struct answer *a, struct slice body)
{
    struct err e;
    json *root = json_parse(body, JSON_ANSWER, &e);
    if (root) {
        read_document(a, root);
    } else {
        a->failed = true;
        http_error_set(&a->error, FAILURE_BAD_ANSWER, "the server's answer is not JSON: %s",
                       e.text);
    }
    json_free(root);
}

/* The pieces of several choices come in any order, told apart by their index; a chunk without
 * choices carries usage alone. */
static void read_chunk(struct answer *a, const json *root)
{
    if (read_error(a, root))
        return;
    read_common(a, root);
    for (const json *choice = json_first(json_get(root, "choices")); choice && !a->failed;
         choice = json_next(choice)) {
        struct answer_choice *c = place_of(a, count_of(choice, "index"));
        if (c)
            read_choice(a, c, choice, "delta");
    }
}

void answer_event(struct answer *a, struct slice name, struct slice data)
{
    struct err e;
    bool error_event = slice_is(name, "error");
    if (a->failed || a->done)
        return;
    if (slice_is(slice_trim(data), "[DONE]")) {
        a->done = true;
        return;
    }
    json *root = json_parse(data, JSON_ANSWER, &e);
    if (root && (!error_event || http_error_is_in(root))) {
        read_chunk(a, root);
    } else if (error_event) {
        a->failed = true;
        http_error_event(&a->error, data);
    } else {
        a->failed = true;
        http_error_set(&a->error, FAILURE_BAD_ANSWER, "an event of the stream is not JSON: %s",
                       e.text);
    }
    json_free(root);
}
