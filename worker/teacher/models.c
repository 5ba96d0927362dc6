#include "worker/teacher/models.h"

#include "base/json.h"
#include "base/text.h"

#define MOST_NAMES 8 /* shown */
#define NAME_CHARS 100

/* How servers call the context of a model: vLLM and SGLang; gateways. */
static int64_t context_of(const json *item)
{
    static const char *const keys[] = {"max_model_len", "context_length"};
    int64_t tokens;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (json_i64(json_get(item, keys[i]), &tokens) && tokens > 0)
            return tokens;
    return 0;
}

bool models_read(struct models *m, struct slice body, const char *ours, struct err *e)
{
    json *root = json_parse(body, JSON_ANSWER, e);
    const json *data = json_get(root, "data");
    *m = (struct models){0};
    buf_init(&m->names, MOST_NAMES * NAME_CHARS * 16);
    if (!root)
        return err_wrap(e, "the list of models");
    bool ok = data && json_type(data) == JSON_LIST;
    for (const json *item = ok ? json_first(data) : NULL; item; item = json_next(item)) {
        struct slice name = json_string(json_get(item, "id"));
        if (slice_is(name, ours)) {
            m->has_ours = true;
            m->context = context_of(item);
        }
        if (m->n++ >= MOST_NAMES)
            continue;
        buf_str(&m->names, m->n > 1 ? ", " : "");
        text_quote(&m->names, name, NAME_CHARS);
    }
    json_free(root);
    return ok || err_set(e, ERR_SYNTAX, "the list of models has no 'data'");
}

void models_free(struct models *m)
{
    buf_free(&m->names);
}

bool models_take(struct models *m, const struct raw *raw, const char *ours, struct err *e)
{
    *m = (struct models){0};
    if (raw->status == 0)
        return err_set(e, ERR_IO, "no list of models: %s", raw->why);
    if (raw->status != 200)
        return err_set(e, ERR_IO, "no list of models: HTTP %ld", raw->status);
    return models_read(m, buf_view(&raw->answer), ours, e);
}
