#include "coordinator/imports/fields.h"

#include <stdio.h>

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
