#include "worker/teacher/request.h"

/* Ours alone: what an answer means depends on them. */
static const char *const reserved[] = {
    "messages",
    "model",
    "n",
    "seed",
    "stream",
    "stream_options",
    "continue_final_message",
    "add_generation_prompt",
};

static bool check_members(const json *extra, struct err *e)
{
    if (json_type(extra) != JSON_OBJECT)
        return err_set(e, ERR_USAGE, "generation.extra must be a JSON object, not %s",
                       json_type_name(json_type(extra)));
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (json_get(extra, reserved[i]))
            return err_set(e, ERR_USAGE,
                           "generation.extra may not set '%s': it is set by the other keys of the "
                           "project file",
                           reserved[i]);
    return true;
}

bool request_extra(struct slice text, json **extra, struct err *e)
{
    *extra = NULL;
    if (slice_trim(text).n == 0)
        return true;
    json *root = json_parse(text, JSON_STRICT, e);
    if (!root) {
        e->code = ERR_USAGE;
        return err_wrap(e, "generation.extra");
    }
    if (!check_members(root, e)) {
        json_free(root);
        return false;
    }
    *extra = root;
    return true;
}

/* "prefix": true makes DeepSeek's server go on with the last message (api-docs.deepseek.com,
 * chat_prefix_completion). */
static void write_messages(struct jsonw *w, const struct chat *chat, bool prefix)
{
    if (!prefix) {
        chat_write(w, chat);
        return;
    }
    jsonw_list(w);
    for (size_t i = 0; i < chat->n; i++) {
        jsonw_object(w);
        jsonw_kslice(w, "role", chat->messages[i].role);
        jsonw_kslice(w, "content", chat->messages[i].content);
        if (i + 1 == chat->n)
            jsonw_kbool(w, "prefix", true);
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
}

static void write_sampling(struct jsonw *w, const struct project_generation *g, const json *extra,
                           const struct request_shape *shape)
{
    if (shape->temperature_given)
        jsonw_kdouble(w, "temperature", shape->temperature);
    else if (g->temperature_given && !json_get(extra, "temperature"))
        jsonw_kdouble(w, "temperature", g->temperature);
    if (g->top_p_given && !json_get(extra, "top_p"))
        jsonw_kdouble(w, "top_p", g->top_p);
    if (g->top_k_given && !json_get(extra, "top_k"))
        jsonw_ki64(w, "top_k", g->top_k);
}

/* vLLM and SGLang go on with the last message when both are said (vLLM refuses the first without
 * the second: chat_completion/protocol.py). */
static void write_flag(struct jsonw *w)
{
    jsonw_kbool(w, "continue_final_message", true);
    jsonw_kbool(w, "add_generation_prompt", false);
}

static void write_stream(struct jsonw *w)
{
    jsonw_kbool(w, "stream", true);
    jsonw_key(w, "stream_options");
    jsonw_object(w);
    jsonw_kbool(w, "include_usage", true);
    jsonw_end_object(w);
}

static void write_extra(struct jsonw *w, const json *extra, const struct request_shape *shape)
{
    for (const json *member = json_first(extra); member; member = json_next(member)) {
        if ((shape->max_tokens > 0 && slice_is(json_key(member), "max_tokens")) ||
            (shape->temperature_given && slice_is(json_key(member), "temperature")))
            continue;
        jsonw_key_slice(w, json_key(member));
        json_print(member, w->out);
        w->comma = true;
    }
}

void request_write(struct buf *out, const struct project_generation *g, const json *extra,
                   const char *model, const struct chat *chat, const struct request_shape *shape)
{
    struct jsonw w = jsonw_to(out);
    bool own_max = shape->max_tokens > 0;
    jsonw_object(&w);
    jsonw_kstr(&w, "model", model);
    jsonw_key(&w, "messages");
    write_messages(&w, chat, shape->how == CONTINUATION_PREFIX);
    if (own_max || !json_get(extra, "max_tokens"))
        jsonw_ki64(&w, "max_tokens", own_max ? shape->max_tokens : g->max_tokens);
    write_sampling(&w, g, extra, shape);
    if (shape->n > 1)
        jsonw_ki64(&w, "n", shape->n);
    if (g->send_seed)
        jsonw_ki64(&w, "seed", shape->seed);
    if (shape->how == CONTINUATION_FLAG)
        write_flag(&w);
    if (g->stream)
        write_stream(&w);
    write_extra(&w, extra, shape);
    jsonw_end_object(&w);
}
