#include "coordinator/changes.h"

#include <stdio.h>

#include "base/json.h"

static void print_value(const json *node, struct buf *out)
{
    if (node)
        json_print(node, out);
    else
        buf_str(out, "(not there)");
}

static void one(const char *path, const json *before, const json *after, struct buf *out)
{
    struct buf a, b;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    print_value(before, &a);
    print_value(after, &b);
    if (!slice_eq(buf_view(&a), buf_view(&b)))
        buf_addf(out, "%s%s: %s -> %s", out->n ? "; " : "", path, buf_cstr(&a), buf_cstr(&b));
    buf_free(&a);
    buf_free(&b);
}

static bool is_object(const json *node)
{
    return node && json_type(node) == JSON_OBJECT;
}

static void walk(const char *path, const json *before, const json *after, struct buf *out)
{
    if (!is_object(before) || !is_object(after)) {
        one(path, before, after, out);
        return;
    }
    for (const json *m = json_first(after); m; m = json_next(m)) {
        char below[300], key[100];
        snprintf(key, sizeof key, SLICE_FMT, SLICE_ARG(json_key(m)));
        snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "." : "", key);
        walk(below, json_get(before, key), m, out);
    }
}

void changes_write(struct slice before, struct slice after, struct buf *out)
{
    struct err e;
    json *a = json_parse(before, JSON_STRICT, &e), *b = json_parse(after, JSON_STRICT, &e);
    if (a && b)
        walk("", a, b, out);
    json_free(a);
    json_free(b);
}
