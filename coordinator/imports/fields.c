#include "coordinator/imports/fields.h"

#include <stdio.h>

#include "base/jsonw.h"
#include "base/text.h"

#define QUOTE_CHARS 60

const json *fields_get(const json *line, const char *key)
{
    const json *node = json_get(line, key);
    return node && json_type(node) != JSON_NULL ? node : NULL;
}

static bool copy(struct slice *out, struct slice text, struct arena *arena, const char *key,
                 struct err *e)
{
    *out = arena_dup(arena, text);
    return out->p || err_set(e, ERR_LIMIT, "'%s' is too large", key);
}

static bool refuse(const json *node, const char *key, const char *wanted, struct err *e)
{
    if (!node)
        return err_set(e, ERR_SYNTAX, "'%s' must be %s, and is missing", key, wanted);
    return err_set(e, ERR_SYNTAX, "'%s' must be %s, not %s", key, wanted,
                   json_type_name(json_type(node)));
}

bool fields_text(const json *line, const char *key, struct slice *out, struct arena *arena,
                 struct err *e)
{
    const json *node = fields_get(line, key);
    if (!node)
        return true;
    if (json_type(node) != JSON_STRING)
        return refuse(node, key, "a string", e);
    return copy(out, json_string(node), arena, key, e);
}

bool fields_label(const json *line, const char *key, struct slice *out, struct arena *arena,
                  struct err *e)
{
    const json *node = fields_get(line, key);
    if (!node)
        return true;
    if (json_type(node) == JSON_NUMBER)
        return copy(out, json_number_text(node), arena, key, e);
    if (json_type(node) != JSON_STRING)
        return refuse(node, key, "a string or a number", e);
    return copy(out, json_string(node), arena, key, e);
}

bool fields_keep(struct slice *out, const struct buf *text, struct arena *arena, struct err *e)
{
    if (!buf_ok(text, "a line's JSON", e))
        return false;
    *out = arena_dup(arena, buf_view(text));
    return out->p || err_set(e, ERR_LIMIT, "the line needs too much memory");
}

struct fields_quote fields_quote(struct slice text)
{
    struct fields_quote q;
    struct buf b;
    buf_init(&b, 4096);
    text_quote(&b, text, QUOTE_CHARS);
    snprintf(q.text, sizeof q.text, "%s", buf_cstr(&b));
    buf_free(&b);
    return q;
}

static bool number_of(const json *node, double *value)
{
    struct slice text = json_type(node) == JSON_STRING ? slice_trim(json_string(node))
                                                       : json_number_text(node);
    return slice_double(text, value);
}

bool fields_number(const json *line, const char *key, double *value, bool *given, struct err *e)
{
    const json *node = fields_get(line, key);
    *given = node && !(json_type(node) == JSON_STRING && !slice_trim(json_string(node)).n);
    return !*given || number_of(node, value) || refuse(node, key, "a number", e);
}

bool fields_flag(const json *line, const char *key)
{
    const json *node = fields_get(line, key);
    double value;
    if (!node)
        return false;
    if (json_type(node) == JSON_BOOL)
        return json_bool(node, false);
    if (slice_is(json_string(node), "True") || slice_is(json_string(node), "true"))
        return true;
    return number_of(node, &value) && value != 0;
}

int fields_have(const json *line, const char *const *keys, int n)
{
    for (int i = 0; i < n; i++)
        if (!json_get(line, keys[i]))
            return 0;
    return n;
}

static bool is_among(struct slice key, const char *const *names)
{
    for (; *names; names++)
        if (slice_is(key, *names))
            return true;
    return false;
}

bool fields_rest(const json *line, const char *const *used, struct slice *meta, struct arena *arena,
                 struct err *e)
{
    struct buf text, value;
    buf_init(&text, arena->max);
    buf_init(&value, arena->max);
    struct jsonw w = jsonw_to(&text);
    size_t n = 0;
    jsonw_object(&w);
    for (const json *m = json_first(line); m; m = json_next(m)) {
        if (is_among(json_key(m), used))
            continue;
        buf_clear(&value);
        json_print(m, &value);
        jsonw_key_slice(&w, json_key(m));
        jsonw_raw(&w, buf_view(&value));
        n++;
    }
    jsonw_end_object(&w);
    bool ok = buf_ok(&value, "a line's JSON", e) && (n == 0 || fields_keep(meta, &text, arena, e));
    buf_free(&value);
    buf_free(&text);
    return ok;
}

const json *fields_decoded(const json *line, const char *key, json **text, struct err *e)
{
    const json *node = fields_get(line, key);
    *text = NULL;
    if (node && json_type(node) == JSON_STRING) {
        *text = json_parse(json_string(node), JSON_STRICT, e);
        if (!*text) {
            err_wrap(e, "'%s' is no JSON", key);
            return NULL;
        }
        node = *text;
    }
    if (node && (json_type(node) == JSON_LIST || json_type(node) == JSON_OBJECT))
        return node;
    refuse(node, key, "a list", e);
    return NULL;
}
