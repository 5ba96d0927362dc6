#include "worker/teacher/request.h"

/* Ours alone: what an answer means depends on them. */
static const char *const reserved[] = {"messages", "model",  "n",
                                       "seed",     "stream", "stream_options"};

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

static void write_sampling(struct jsonw *w, const struct project_generation *g, const json *extra)
{
    if (!json_get(extra, "max_tokens"))
        jsonw_ki64(w, "max_tokens", g->max_tokens);
    if (g->temperature_given && !json_get(extra, "temperature"))
        jsonw_kdouble(w, "temperature", g->temperature);
    if (g->top_p_given && !json_get(extra, "top_p"))
        jsonw_kdouble(w, "top_p", g->top_p);
    if (g->top_k_given && !json_get(extra, "top_k"))
        jsonw_ki64(w, "top_k", g->top_k);
}

static void write_stream(struct jsonw *w)
{
    jsonw_kbool(w, "stream", true);
    jsonw_key(w, "stream_options");
    jsonw_object(w);
    jsonw_kbool(w, "include_usage", true);
    jsonw_end_object(w);
}

static void write_extra(struct jsonw *w, const json *extra)
{
    for (const json *member = json_first(extra); member; member = json_next(member)) {
        jsonw_key_slice(w, json_key(member));
        json_print(member, w->out);
        w->comma = true;
    }
}

void request_write(struct buf *out, const struct project_generation *g, const json *extra,
                   const char *model, const struct chat *chat, uint32_t seed)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    jsonw_kstr(&w, "model", model);
    jsonw_key(&w, "messages");
    chat_write(&w, chat);
    write_sampling(&w, g, extra);
    if (g->send_seed)
        jsonw_ki64(&w, "seed", seed);
    if (g->stream)
        write_stream(&w);
    write_extra(&w, extra);
    jsonw_end_object(&w);
}
