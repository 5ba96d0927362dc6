#include "cli/sim_teacher/judgment.h"

#include <stdio.h>
#include <string.h>

#include "cli/sim_teacher/mix.h"

enum { SALT_VERDICT = 1, SALT_LATENCY, SALT_CONTENT_FAULT, SALT_ATTEMPT };

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
    struct slice model = json_string(json_get(root, "model"));
    if (model.n == 0 || model.n >= sizeof j->model)
        return bad_request(why, "'model' must be a string of 1 to 255 bytes");
    memcpy(j->model, model.p, model.n);
    j->model[model.n] = '\0';
    if (!c->model || strcmp(c->model, j->model) == 0)
        return true;
    refuse(why, 404, "NotFoundError", "");
    snprintf(why->message, sizeof why->message, "The model `%.200s` does not exist.", j->model);
    return false;
}

static bool read_settings(struct judgment *j, const json *root, struct refusal *why)
{
    const json *limit = json_get(root, "max_completion_tokens");
    if (!limit || json_type(limit) == JSON_NULL)
        limit = json_get(root, "max_tokens");
    if (limit && json_type(limit) != JSON_NULL &&
        (!json_i64(limit, &j->max_tokens) || j->max_tokens < 1))
        return bad_request(why, "'max_tokens' must be a whole number of at least 1");
    int64_t n = 1;
    if (json_get(root, "n") && (!json_i64(json_get(root, "n"), &n) || n != 1))
        return bad_request(why, "'n' other than 1 is not simulated");
    j->stream = json_bool(json_get(root, "stream"), false);
    const json *options = json_get(root, "stream_options");
    if (options && json_type(options) != JSON_NULL && !j->stream)
        return bad_request(why, "'stream_options' needs 'stream': true");
    j->usage_chunk = json_bool(json_get(options, "include_usage"), false);
    return true;
}

/* The first message that shows two answers is the question; without one, the last message serves as
 * the gist of whatever it is. */
static void find_question(struct judgment *j, const struct character *c, const struct chat *chat)
{
    struct truth_view view = {.gold = VERDICT_NONE};
    bool found = false;
    for (size_t i = 0; i < chat->n && !found; i++)
        found = slice_is(chat->messages[i].role, "user") &&
                truth_look(&c->truth, chat->messages[i].content, &view);
    if (!found)
        view.shown.prompt = chat->messages[chat->n - 1].content;
    j->gold = view.gold;
    j->pair = view.pair;
    prose_excerpt(view.shown.prompt, false, j->excerpts.question, sizeof j->excerpts.question);
    prose_excerpt(view.shown.a, true, j->excerpts.a, sizeof j->excerpts.a);
    prose_excerpt(view.shown.b, true, j->excerpts.b, sizeof j->excerpts.b);
}

static bool read_messages(struct judgment *j, const struct character *c, const json *root,
                          struct arena *arena, struct refusal *why)
{
    struct err e;
    struct chat chat;
    const json *messages = json_get(root, "messages");
    if (json_type(messages) != JSON_LIST)
        return bad_request(why, "'messages' must be a list of messages");
    if (!chat_read(messages, "user", &chat, arena, "messages", &e))
        return bad_request(why, e.text);
    j->prompt_tokens = judgment_tokens(chat_bytes(&chat));
    if (j->prompt_tokens >= c->context) {
        bad_request(why, "");
        snprintf(why->message, sizeof why->message,
                 "This model's maximum context length is %lld tokens. However, your messages "
                 "resulted in %lld tokens. Please reduce the length of the messages.",
                 (long long)c->context, (long long)j->prompt_tokens);
        return false;
    }
    find_question(j, c, &chat);
    return true;
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
    ok = ok && read_model(j, c, root, why) && read_settings(j, root, why) &&
         read_messages(j, c, root, arena, why);
    json_free(root);
    return ok;
}

static enum verdict verdict_of(enum fault fault, enum verdict side)
{
    static const struct {
        enum fault fault;
        enum verdict verdict;
    } rows[] = {
        {FAULT_NO_VERDICT, VERDICT_NONE       },
        {FAULT_TIE,        VERDICT_TIE        },
        {FAULT_BOTH,       VERDICT_CONFLICTING},
        {FAULT_UNCLOSED,   VERDICT_UNCLOSED   },
        {FAULT_LENGTH,     VERDICT_TRUNCATED  },
        {FAULT_REFUSED,    VERDICT_REFUSED    },
        {FAULT_EMPTY,      VERDICT_EMPTY      }
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].fault == fault)
            return rows[i].verdict;
    return side;
}

void judgment_decide(struct judgment *j, const struct character *c, uint32_t seen)
{
    uint64_t attempt = mix_two(judgment_hash(j, c, SALT_ATTEMPT), seen);
    j->seen = seen;
    j->fault = faults_draw(&c->faults, attempt, judgment_hash(j, c, SALT_CONTENT_FAULT));
    enum verdict side = oracle_verdict(&c->oracle, j->gold, j->pair,
                                       judgment_hash(j, c, SALT_VERDICT));
    j->verdict = verdict_of(j->fault, side);
    j->latency_ms = latency_draw(&c->latency, judgment_hash(j, c, SALT_LATENCY));
}

uint64_t judgment_hash(const struct judgment *j, const struct character *c, uint64_t salt)
{
    return mix_two(mix_two(c->seed, j->body), salt);
}

int64_t judgment_tokens(size_t bytes)
{
    return (int64_t)((bytes + 3) / 4);
}
