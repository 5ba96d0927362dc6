/* Binding: from the tree to a struct. Reading is in conf_tree.c, paths in conf_path.c. */
#include "base/conf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/conf_bound.h"
#include "base/conf_tree.h"
#include "base/text.h"

#define ROWS_MAX 64
#define UNBOUNDED 1e15 /* a limit beyond it is none worth a word */

struct binding {
    const struct conf_tree *tree;
    struct err *e;
    char path[256]; /* "endpoints[0].url", for messages */
    size_t n_path;
};

static bool bind_rows(struct binding *b, const struct conf_row *rows, const struct conf_node *map,
                      void *base);

/* enter(b, format, ...): one step deeper; returns what leave() wants to know. */
static size_t __attribute__((format(printf, 2, 3)))
enter(struct binding *b, const char *format, ...)
{
    size_t before = b->n_path;
    size_t room = sizeof(b->path) - before;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(b->path + before, room, format, args);
    va_end(args);
    assert(n >= 0);
    b->n_path += (size_t)n < room ? (size_t)n : room - 1;
    return before;
}

static void leave(struct binding *b, size_t before)
{
    b->n_path = before;
    b->path[before] = 0;
}

static bool wrong(struct binding *b, const struct conf_node *node, const char *wanted)
{
    if (node->kind != CONF_SCALAR)
        return conf_tree_error(b->tree, node->at, b->e, "'%s' must be %s, not a %s", b->path,
                               wanted, node->kind == CONF_MAP ? "section" : "list");
    return conf_tree_error(b->tree, node->at, b->e, "'%s' must be %s, not %s%s%s", b->path, wanted,
                           node->plain ? "'" : "the text \"",
                           conf_tree_quote(slice_of(node->text)).text, node->plain ? "'" : "\"");
}

static bool bounded(const struct conf_row *row)
{
    return row->min != 0 || row->max != 0;
}

struct conf_bounds conf_bounds(const struct conf_row *row)
{
    struct conf_bounds bounds = {""};
    size_t n = sizeof(bounds.text);
    if (!bounded(row))
        return bounds;
    if (row->max >= UNBOUNDED || row->max < row->min)
        snprintf(bounds.text, n, "at least %.15g", row->min);
    else if (row->min <= -UNBOUNDED)
        snprintf(bounds.text, n, "at most %.15g", row->max);
    else
        snprintf(bounds.text, n, "between %.15g and %.15g", row->min, row->max);
    return bounds;
}

static bool within(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                   double value)
{
    if (!bounded(row) || (value >= row->min && value <= row->max))
        return true;
    return wrong(b, node, conf_bounds(row).text);
}

/* check_count(b, row, node, n): node is NULL when the key is not given. A maximum below the minimum
 * (0, say) is none. */
static bool check_count(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                        size_t n)
{
    double count = (double)n;
    if (!bounded(row) || (count >= row->min && (count <= row->max || row->max < row->min)))
        return true;
    if (!node)
        return conf_tree_error(b->tree, (struct conf_spot){0}, b->e,
                               "'%s' is missing; it must have %s items", b->path,
                               conf_bounds(row).text);
    return conf_tree_error(b->tree, node->at, b->e, "'%s' must have %s items, not %zu", b->path,
                           conf_bounds(row).text, n);
}

/* number(node, value): of a plain scalar. */
static bool number(const struct conf_node *node, double *value)
{
    return node->kind == CONF_SCALAR && node->plain && slice_double(slice_of(node->text), value);
}

static bool bind_bool(struct binding *b, const struct conf_node *node, bool *out)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
    if (node->kind != CONF_SCALAR || !node->plain)
        return wrong(b, node, "true or false");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(node->text, words[i]) == 0) {
            *out = i % 2 == 1;
            return true;
        }
    }
    return wrong(b, node, "true or false");
}

static bool bind_int(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                     int64_t *out)
{
    bool whole = node->kind == CONF_SCALAR && node->plain && node->text[0] != '+' &&
                 slice_i64(slice_of(node->text), out);
    return whole ? within(b, row, node, (double)*out) : wrong(b, node, "a whole number");
}

static bool bind_double(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                        double *out)
{
    return number(node, out) ? within(b, row, node, *out) : wrong(b, node, "a number");
}

static bool bind_string(struct binding *b, const struct conf_node *node, const char **out)
{
    if (node->kind != CONF_SCALAR)
        return conf_tree_error(b->tree, node->at, b->e,
                               "'%s' must be text, not a %s; put it in quotes", b->path,
                               node->kind == CONF_MAP ? "section" : "list");
    *out = node->text;
    return true;
}

static bool bind_enum(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                      int *out)
{
    struct buf wanted;
    buf_init(&wanted, 300); /* when there are too many to list, the first ones will do */
    buf_str(&wanted, "one of");
    for (int i = 0; row->names[i]; i++) {
        if (node->kind == CONF_SCALAR && strcmp(node->text, row->names[i]) == 0) {
            *out = i;
            buf_free(&wanted);
            return true;
        }
        buf_addf(&wanted, "%s %s", i ? "," : "", row->names[i]);
    }
    wrong(b, node, buf_cstr(&wanted));
    buf_free(&wanted);
    return false;
}

static bool bind_section(struct binding *b, const struct conf_row *row,
                         const struct conf_node *node, void *base)
{
    if (node && node->kind != CONF_MAP)
        return wrong(b, node, "a section with keys");
    return bind_rows(b, row->rows, node, base);
}

/* items_for(b, list, n, size): room for n items of a list. */
static bool items_for(struct binding *b, struct conf_list *list, size_t n, size_t size)
{
    *list = (struct conf_list){0};
    if (n == 0)
        return true;
    list->items = arena_alloc(b->tree->arena, n * size);
    if (!list->items)
        return conf_tree_nomem(b->tree, b->e);
    list->n = n;
    return true;
}

static bool bind_list(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                      struct conf_list *out)
{
    if (node->kind != CONF_SEQUENCE)
        return wrong(b, node, "a list");
    if (!items_for(b, out, node->n, row->item_size))
        return false;
    size_t i = 0;
    for (const struct conf_node *item = node->first; item; item = item->next, i++) {
        size_t before = enter(b, "[%zu]", i);
        if (item->kind != CONF_MAP)
            return wrong(b, item, "a section with keys");
        if (!bind_rows(b, row->rows, item, conf_field(out->items, i * row->item_size)))
            return false;
        leave(b, before);
    }
    return true;
}

static bool bind_strings(struct binding *b, const struct conf_node *node, struct conf_list *out)
{
    if (node->kind == CONF_MAP)
        return wrong(b, node, "a list of texts");
    bool single = node->kind == CONF_SCALAR;
    if (!items_for(b, out, single ? 1 : node->n, sizeof(const char *)))
        return false;
    const char **strings = out->items;
    if (single)
        return bind_string(b, node, strings);
    size_t i = 0;
    for (const struct conf_node *item = node->first; item; item = item->next, i++) {
        size_t before = enter(b, "[%zu]", i);
        if (conf_tree_is_null(item))
            return wrong(b, item, "text");
        if (!bind_string(b, item, &strings[i]))
            return false;
        leave(b, before);
    }
    return true;
}

static bool bind_shares(struct binding *b, const struct conf_node *node, struct conf_list *out)
{
    if (node->kind != CONF_MAP)
        return wrong(b, node, "'name: number' entries");
    if (!items_for(b, out, node->n, sizeof(struct conf_share)))
        return false;
    struct conf_share *share = out->items;
    for (const struct conf_node *item = node->first; item; item = item->next, share++) {
        size_t before = enter(b, ".%s", conf_tree_quote(slice_of(item->key)).text);
        share->name = item->key;
        if (!number(item, &share->value))
            return wrong(b, item, "a number");
        leave(b, before);
    }
    return true;
}

/* bind_options(b, map, out): {option: value}; a null option is not given. */
static bool bind_options(struct binding *b, const struct conf_node *map, struct conf_named *out)
{
    if (conf_tree_is_null(map))
        return true;
    if (map->kind != CONF_MAP)
        return wrong(b, map, "a section of options");
    out->options = arena_alloc(b->tree->arena, (map->n + 1) * sizeof(*out->options));
    if (!out->options)
        return conf_tree_nomem(b->tree, b->e);
    for (const struct conf_node *item = map->first; item; item = item->next) {
        if (conf_tree_is_null(item))
            continue;
        size_t before = enter(b, ".%s", conf_tree_quote(slice_of(item->key)).text);
        if (item->kind != CONF_SCALAR)
            return wrong(b, item, "one value");
        out->options[out->n_options++] = (struct conf_option){item->key, item->text};
        leave(b, before);
    }
    return true;
}

static bool bind_name(struct binding *b, const struct conf_node *node, struct conf_named *out)
{
    out->line = node->at.line;
    if (node->kind == CONF_SCALAR && !conf_tree_is_null(node)) {
        out->name = node->text;
        return true;
    }
    if (node->kind != CONF_MAP || node->n != 1)
        return wrong(b, node, "a name or {name: {option: value}}");
    out->name = node->first->key;
    size_t before = enter(b, ".%s", conf_tree_quote(slice_of(out->name)).text);
    if (!bind_options(b, node->first, out))
        return false;
    leave(b, before);
    return true;
}

static bool bind_named(struct binding *b, const struct conf_node *node, struct conf_list *out)
{
    if (node->kind == CONF_MAP)
        return wrong(b, node, "a list of names");
    bool single = node->kind == CONF_SCALAR;
    if (!items_for(b, out, single ? 1 : node->n, sizeof(struct conf_named)))
        return false;
    struct conf_named *named = out->items;
    if (single)
        return bind_name(b, node, named);
    size_t i = 0;
    for (const struct conf_node *item = node->first; item; item = item->next, i++) {
        size_t before = enter(b, "[%zu]", i);
        if (!bind_name(b, item, &named[i]))
            return false;
        leave(b, before);
    }
    return true;
}

static bool is_list(enum conf_type type)
{
    return type == CONF_LIST || type == CONF_STRINGS || type == CONF_SHARES || type == CONF_NAMED;
}

/* fallback(b, row, scratch, node): the default as a node; *node is NULL when there is none. */
static bool fallback(struct binding *b, const struct conf_row *row, struct conf_node *scratch,
                     const struct conf_node **node)
{
    *node = NULL;
    if (!row->fallback)
        return true;
    char first = row->fallback[0];
    if (!is_list(row->type) && first != '"' && first != '\'') {
        *scratch = (struct conf_node){.plain = true, .text = row->fallback};
        *node = scratch;
        return true;
    }
    struct conf_node *read;
    if (!conf_tree_read(b->tree, NULL, slice_of(row->fallback), &read, b->e))
        return err_wrap(b->e, "default of '%s'", b->path);
    *node = conf_tree_is_null(read) ? NULL : read;
    return true;
}

static bool bind_items(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                       struct conf_list *out)
{
    bool ok = true;
    if (node && row->type == CONF_LIST)
        ok = bind_list(b, row, node, out);
    else if (node && row->type == CONF_STRINGS)
        ok = bind_strings(b, node, out);
    else if (node && row->type == CONF_SHARES)
        ok = bind_shares(b, node, out);
    else if (node)
        ok = bind_named(b, node, out);
    return ok && check_count(b, row, node, out->n);
}

static bool bind_scalar(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                        void *field)
{
    switch (row->type) {
    case CONF_BOOL:
        return bind_bool(b, node, field);
    case CONF_INT:
        return bind_int(b, row, node, field);
    case CONF_DOUBLE:
        return bind_double(b, row, node, field);
    case CONF_ENUM:
        return bind_enum(b, row, node, field);
    case CONF_STRING:
        return bind_string(b, node, field);
    case CONF_SECTION:
    case CONF_LIST:
    case CONF_STRINGS:
    case CONF_SHARES:
    case CONF_NAMED:
        break;
    }
    assert(false && "no scalar type");
    return false;
}

static bool bind_value(struct binding *b, const struct conf_row *row, const struct conf_node *node,
                       void *base)
{
    if (row->type == CONF_SECTION)
        return bind_section(b, row, node, base);
    struct conf_node scratch;
    if (!node && !fallback(b, row, &scratch, &node))
        return false;
    void *field = conf_field(base, row->offset);
    if (is_list(row->type))
        return bind_items(b, row, node, field);
    return !node || bind_scalar(b, row, node, field);
}

static bool unknown_key(struct binding *b, const struct conf_row *rows,
                        const struct conf_node *node)
{
    const char *names[ROWS_MAX];
    struct buf known;
    buf_init(&known, 200);
    size_t n = 0;
    for (; rows[n].key; n++) {
        assert(n < ROWS_MAX);
        names[n] = rows[n].key;
        buf_addf(&known, "%s%s", n ? ", " : "", names[n]);
    }
    struct slice key = slice_of(node->key);
    const char *near = text_nearest(key, names, n);
    conf_tree_error(b->tree, node->key_at, b->e, "unknown key '%s'%s%s%s; %s%s%s",
                    conf_tree_quote(key).text, b->n_path ? " in '" : "", b->path,
                    b->n_path ? "' section" : "",
                    near ? "did you mean '" : "known keys: ", near ? near : buf_cstr(&known),
                    near           ? "'?"
                    : known.failed ? " …"
                                   : "");
    buf_free(&known);
    return false;
}

static bool has_row(const struct conf_row *rows, const char *key)
{
    for (; rows->key; rows++) {
        if (strcmp(rows->key, key) == 0)
            return true;
    }
    return false;
}

/* bind_rows(b, rows, map, base): map is NULL when the whole section is not given. */
static bool bind_rows(struct binding *b, const struct conf_row *rows, const struct conf_node *map,
                      void *base)
{
    for (const struct conf_node *node = map ? map->first : NULL; node; node = node->next) {
        if (!has_row(rows, node->key))
            return unknown_key(b, rows, node);
    }
    for (const struct conf_row *row = rows; row->key; row++) {
        const struct conf_node *node = conf_tree_member(map, slice_of(row->key));
        if (conf_tree_is_null(node))
            node = NULL;
        if (node && row->given)
            *(bool *)conf_field(base, row->given) = true;
        size_t before = enter(b, "%s%s", b->n_path ? "." : "", row->key);
        if (!bind_value(b, row, node, base))
            return false;
        leave(b, before);
    }
    return true;
}

bool conf_bind(const struct conf_tree *t, const struct conf_row *rows, void *out, struct err *e)
{
    assert(t->root && t->root->kind == CONF_MAP);
    struct binding b = {.tree = t, .e = e};
    return bind_rows(&b, rows, t->root, out);
}
