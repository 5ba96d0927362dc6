#include "cli/sim_teacher/judgment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sim_teacher/mix.h"

enum { SALT_LATENCY = 2, SALT_ATTEMPT = 4, SALT_CHOICE };

static bool refuse(struct refusal *why, int status, const char *type, const char *message)
{
    *why = (struct refusal){.status = status, .type = type};
    snprintf(why->message, sizeof why->message, "%s", message);
    return false;
}

static bool bad_request(struct refusal *why, const char *message)
{
    return refuse(why, 400, "BadRequestError", message);
}

static bool read_model(struct judgment *j, const struct character *c, const json *root,
                       struct refusal *why)
{
    struct slice name = json_string(json_get(root, "model"));
    if (name.n == 0 || name.n >= sizeof j->model)
        return bad_request(why, "'model' must be a string of 1 to 255 bytes");
    memcpy(j->model, name.p, name.n);
    j->model[name.n] = '\0';
    const struct model *model = models_find(&c->models, name);
    j->p_correct = model ? model->p_correct : c->oracle.p_correct;
    if (model || c->models.n == 0)
        return true;
    refuse(why, 404, "NotFoundError", "");
    snprintf(why->message, sizeof why->message, "The model `%.200s` does not exist.", j->model);
    return false;
}

static bool read_choices(struct judgment *j, const struct character *c, const json *root,
                         struct refusal *why)
{
    const json *n = json_get(root, "n");
    j->n = 1;
    if (!n || json_type(n) == JSON_NULL)
        return true;
    if (!json_i64(n, &j->n) || j->n < 1)
        return bad_request(why, "'n' must be a whole number of at least 1");
    if (j->n <= c->max_choices)
        return true;
    bad_request(why, "");
    snprintf(why->message, sizeof why->message, "'n' may be at most %lld here",
             (long long)c->max_choices);
    return false;
}

static bool read_settings(struct judgment *j, const struct character *c, const json *root,
                          struct refusal *why)
{
    const json *limit = json_get(root, "max_completion_tokens");
    if (!limit || json_type(limit) == JSON_NULL)
        limit = json_get(root, "max_tokens");
    if (limit && json_type(limit) != JSON_NULL &&
        (!json_i64(limit, &j->max_tokens) || j->max_tokens < 1))
        return bad_request(why, "'max_tokens' must be a whole number of at least 1");
    if (!read_choices(j, c, root, why))
        return false;
    j->stream = json_bool(json_get(root, "stream"), false);
    const json *options = json_get(root, "stream_options");
    if (options && json_type(options) != JSON_NULL && !j->stream)
        return bad_request(why, "'stream_options' needs 'stream': true");
    j->usage_chunk = json_bool(json_get(options, "include_usage"), false);
    return true;
}

static const json *last_message(const json *messages)
{
    const json *last = NULL;
    for (const json *m = json_first(messages); m; m = json_next(m))
        last = m;
    return last;
}

/* Whether the last message is the assistant's and this server goes on with it. vLLM refuses the
 * flag beside a generation prompt (entrypoints/openai/chat_completion/protocol.py). */
static bool read_continuation(bool *goes_on, const struct character *c, const json *root,
                              struct refusal *why)
{
    const json *last = last_message(json_get(root, "messages"));
    bool flag = json_bool(json_get(root, "continue_final_message"), false);
    bool marked = json_bool(json_get(last, "prefix"), false);
    *goes_on = slice_is(json_string(json_get(last, "role")), "assistant") &&
               (c->continuation == CONTINUATION_TRAILING ||
                (c->continuation == CONTINUATION_FLAG && flag) ||
                (c->continuation == CONTINUATION_PREFIX && marked));
    if (c->continuation == CONTINUATION_FLAG && flag &&
        json_bool(json_get(root, "add_generation_prompt"), true))
        return bad_request(why, "Cannot set both `continue_final_message` and "
                                "`add_generation_prompt` to True.");
    return true;
}

static bool check_context(struct judgment *j, const struct character *c, struct refusal *why)
{
    if (j->prompt_tokens < c->context)
        return true;
    bad_request(why, "");
    snprintf(why->message, sizeof why->message,
             "This model's maximum context length is %lld tokens. However, your messages "
             "resulted in %lld tokens. Please reduce the length of the messages.",
             (long long)c->context, (long long)j->prompt_tokens);
    return false;
}

static bool keep(char **to, struct slice text, struct refusal *why)
{
    *to = strndup(text.n ? text.p : "", text.n);
    return *to || refuse(why, 503, "ServiceUnavailableError", "no memory for this request");
}

/* What was asked about a prompt must outlive the request. */
static bool keep_about(struct judgment *j, struct refusal *why)
{
    if (!asked_is_generation(&j->asked))
        return true;
    bool ok = keep(&j->about, j->asked.about, why);
    j->asked.about.p = j->about;
    return ok;
}

static bool read_messages(struct judgment *j, const struct character *c, const json *root,
                          struct arena *arena, struct refusal *why)
{
    struct err e;
    struct chat chat;
    bool goes_on;
    const json *messages = json_get(root, "messages");
    if (json_type(messages) != JSON_LIST)
        return bad_request(why, "'messages' must be a list of messages");
    if (!chat_read(messages, "user", &chat, arena, "messages", &e))
        return bad_request(why, e.text);
    j->prompt_tokens = judgment_tokens(chat_bytes(&chat));
    if (!check_context(j, c, why) || !read_continuation(&goes_on, c, root, why))
        return false;
    asked_read(&j->asked, &chat, goes_on, &c->truth);
    if (goes_on && c->echoes && !keep(&j->prefill, chat.messages[chat.n - 1].content, why))
        return false;
    return keep_about(j, why);
}

bool judgment_read(struct judgment *j, const struct character *c, struct slice body,
                   struct arena *arena, struct refusal *why)
{
    struct err e;
    *j = (struct judgment){.body = mix_bytes(body)};
    json *root = json_parse(body, JSON_STRICT, &e);
    if (!root)
        return bad_request(why, e.text);
    bool ok = json_type(root) == JSON_OBJECT || bad_request(why, "the body must be a JSON object");
    ok = ok && read_model(j, c, root, why) && read_settings(j, c, root, why) &&
         read_messages(j, c, root, arena, why);
    json_free(root);
    return ok;
}

void judgment_free(struct judgment *j)
{
    free(j->prefill);
    j->prefill = NULL;
    free(j->about);
    j->about = NULL;
}

void judgment_decide(struct judgment *j, const struct character *c, uint32_t seen)
{
    struct oracle oracle = c->oracle;
    oracle.p_correct = j->p_correct;
    j->seen = seen;
    for (size_t i = 0; i < (size_t)j->n; i++) {
        uint64_t h = judgment_choice_hash(j, c, i);
        if (asked_is_generation(&j->asked))
            generator_decide(&j->choices[i], &c->generator, &j->asked, &c->faults, h);
        else
            choice_decide(&j->choices[i], &j->asked, &oracle, &c->temper, &c->faults, h);
    }
    j->fault = faults_transport(&c->faults, mix_two(judgment_hash(j, c, SALT_ATTEMPT), seen));
    if (j->fault == FAULT_NONE)
        j->fault = j->choices[0].fault;
    j->latency_ms = latency_draw(&c->latency, judgment_hash(j, c, SALT_LATENCY));
}

uint64_t judgment_hash(const struct judgment *j, const struct character *c, uint64_t salt)
{
    return mix_two(mix_two(c->seed, j->body), salt);
}

uint64_t judgment_choice_hash(const struct judgment *j, const struct character *c, size_t i)
{
    return mix_two(judgment_hash(j, c, SALT_CHOICE), i);
}

int64_t judgment_tokens(size_t bytes)
{
    return (int64_t)((bytes + 3) / 4);
}
