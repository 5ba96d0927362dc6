#include "base/conf_tree.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/text.h"

#define LEVELS_MAX 32
#define NODES_MAX 100000
#define KEY_MAX 128 /* bytes; YAML wants a key, with its escapes, within 1,024 characters */
#define QUOTE_CHARS 50

struct reading {
    const struct conf_tree *tree;
    const char *set;
    struct err *e;
    struct conf_node *root;
    struct conf_node *open[LEVELS_MAX];
    int depth;
    struct conf_node *key; /* a scalar that waits for its value, in the innermost map */
    int documents;
    int nodes;
};

struct conf_node *conf_tree_new(const struct conf_tree *t, enum conf_kind kind, struct conf_spot at)
{
    struct conf_node *node = arena_alloc(t->arena, sizeof(*node));
    if (node) {
        node->kind = kind;
        node->at = at;
    }
    return node;
}

void conf_tree_append(struct conf_node *parent, struct conf_node *child)
{
    assert(parent->kind != CONF_SCALAR && !child->next);
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->n++;
}

bool conf_tree_is_null(const struct conf_node *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (!node)
        return true;
    if (node->kind != CONF_SCALAR || !node->plain)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(node->text, words[i]) == 0)
            return true;
    }
    return false;
}

struct conf_node *conf_tree_member(const struct conf_node *map, struct slice key)
{
    struct conf_node *node = map && map->kind == CONF_MAP ? map->first : NULL;
    while (node && !slice_is(key, node->key))
        node = node->next;
    return node;
}

struct conf_node *conf_tree_item(const struct conf_node *list, size_t index)
{
    if (!list || list->kind != CONF_SEQUENCE || index >= list->n)
        return NULL;
    struct conf_node *node = list->first;
    while (index-- > 0)
        node = node->next;
    return node;
}

void conf_tree_place(const struct conf_tree *t, struct conf_spot at, char *out, size_t n)
{
    if (at.set)
        snprintf(out, n, "--set %s", at.set);
    else if (at.line)
        snprintf(out, n, "%s:%d:%d", t->name, at.line, at.column);
    else
        snprintf(out, n, "%s", t->name);
}

bool conf_tree_error(const struct conf_tree *t, struct conf_spot at, struct err *e,
                     const char *format, ...)
{
    char place[256];
    char what[sizeof(e->text)];
    conf_tree_place(t, at, place, sizeof(place));
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return err_set(e, ERR_USAGE, "%s: %s", place, what);
}

bool conf_tree_nomem(const struct conf_tree *t, struct err *e)
{
    if (t->arena->nomem)
        return err_set(e, ERR_NOMEM, "%s: no memory to read it", t->name);
    return err_set(e, ERR_LIMIT, "%s: takes more than the %zu bytes of memory set aside for it",
                   t->name, t->arena->max);
}

struct conf_quote conf_tree_quote(struct slice text)
{
    struct conf_quote quote;
    struct buf b;
    buf_init(&b, 8 * QUOTE_CHARS);
    text_quote(&b, text, QUOTE_CHARS);
    snprintf(quote.text, sizeof(quote.text), "%s", buf_cstr(&b));
    buf_free(&b);
    return quote;
}

static int ordinal(size_t zero_based)
{
    return zero_based < INT_MAX ? (int)zero_based + 1 : INT_MAX;
}

static struct conf_spot spot(const struct reading *r, const yaml_mark_t *mark)
{
    return (struct conf_spot){r->set, ordinal(mark->line), ordinal(mark->column)};
}

/* spot_of_byte(r, text, offset): line and column, in characters, of a byte. */
static struct conf_spot spot_of_byte(const struct reading *r, struct slice text, size_t offset)
{
    struct slice before = slice_sub(text, 0, offset);
    size_t lines = 0;
    for (size_t i = 0; i < before.n; i++)
        lines += before.p[i] == '\n';
    size_t line_end = slice_rfind(before, S("\n"));
    struct slice line = line_end == SIZE_MAX ? before : slice_from(before, line_end + 1);
    return (struct conf_spot){r->set, ordinal(lines), ordinal(text_chars(line))};
}

/* What libyaml does not say: a tab looks like the blanks that are wanted. */
static const char *advice(const yaml_parser_t *p, struct slice text)
{
    if (!p->problem || strcmp(p->problem, "found character that cannot start any token") != 0)
        return "";
    struct slice line = {0}, rest = text;
    for (size_t i = 0; i <= p->problem_mark.line; i++)
        line = slice_cut(rest, '\n', &rest);
    for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
        if (line.p[i] == '\t')
            return ": a tab; indent with blanks";
    return "; put the text in quotes";
}

static bool bad_yaml(const struct reading *r, const yaml_parser_t *p, struct slice text)
{
    if (p->error == YAML_MEMORY_ERROR)
        return err_set(r->e, ERR_NOMEM, "%s: no memory to read it", r->tree->name);
    const char *problem = p->problem ? p->problem : "not YAML";
    if (p->error == YAML_READER_ERROR)
        return conf_tree_error(r->tree, spot_of_byte(r, text, p->problem_offset), r->e, "%s",
                               problem);
    return conf_tree_error(r->tree, spot(r, &p->problem_mark), r->e, "%s%s%s%s%s", problem,
                           p->context ? " (" : "", p->context ? p->context : "",
                           p->context ? ")" : "", advice(p, text));
}

/* attach(r, node): puts a value where it belongs: at the root, into a list, or at the waiting key.
 */
static bool attach(struct reading *r, struct conf_node *node)
{
    if (r->depth == 0) {
        r->root = node;
        return true;
    }
    struct conf_node *parent = r->open[r->depth - 1];
    if (parent->kind == CONF_MAP) {
        if (!r->key)
            return conf_tree_error(r->tree, node->at, r->e,
                                   "a key must be text, not a list or section");
        node->key = r->key->text;
        node->key_at = r->key->at;
        r->key = NULL;
    }
    conf_tree_append(parent, node);
    return true;
}

static struct conf_node *new_node(struct reading *r, enum conf_kind kind, struct conf_spot at)
{
    if (++r->nodes > NODES_MAX) {
        conf_tree_error(r->tree, at, r->e, "more than %d values", NODES_MAX);
        return NULL;
    }
    struct conf_node *node = conf_tree_new(r->tree, kind, at);
    if (!node)
        conf_tree_nomem(r->tree, r->e);
    return node;
}

static bool read_scalar(struct reading *r, const yaml_event_t *event)
{
    struct conf_spot at = spot(r, &event->start_mark);
    const char *bytes = (const char *)event->data.scalar.value;
    struct slice text = {bytes, event->data.scalar.length};
    if (memchr(text.p, 0, text.n))
        return conf_tree_error(r->tree, at, r->e, "a NUL character is not allowed");
    struct conf_node *node = new_node(r, CONF_SCALAR, at);
    if (!node)
        return false;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = arena_str(r->tree->arena, text);
    if (!node->text)
        return conf_tree_nomem(r->tree, r->e);
    bool is_key = r->depth > 0 && r->open[r->depth - 1]->kind == CONF_MAP && !r->key;
    if (!is_key)
        return attach(r, node);
    if (text.n > KEY_MAX)
        return conf_tree_error(r->tree, at, r->e, "a key of more than %d bytes", KEY_MAX);
    r->key = node;
    return true;
}

static bool open_node(struct reading *r, enum conf_kind kind, const yaml_event_t *event)
{
    struct conf_spot at = spot(r, &event->start_mark);
    if (r->depth == LEVELS_MAX)
        return conf_tree_error(r->tree, at, r->e, "nested deeper than %d levels", LEVELS_MAX);
    struct conf_node *node = new_node(r, kind, at);
    if (!node || !attach(r, node))
        return false;
    r->open[r->depth++] = node;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct conf_node *x = *(const struct conf_node *const *)a;
    const struct conf_node *y = *(const struct conf_node *const *)b;
    int order = strcmp(x->key, y->key);
    if (order)
        return order;
    if (x->key_at.line != y->key_at.line)
        return x->key_at.line < y->key_at.line ? -1 : 1;
    return x->key_at.column < y->key_at.column ? -1 : 1;
}

/* close_map(r, map): all keys are there now; none may be there twice. */
static bool close_map(struct reading *r, const struct conf_node *map)
{
    if (map->n < 2)
        return true;
    const struct conf_node **sorted = arena_alloc(r->tree->arena, map->n * sizeof(*sorted));
    if (!sorted)
        return conf_tree_nomem(r->tree, r->e);
    size_t n = 0;
    for (const struct conf_node *node = map->first; node; node = node->next)
        sorted[n++] = node;
    qsort(sorted, n, sizeof(*sorted), compare_keys);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
            return conf_tree_error(
                r->tree, sorted[i]->key_at, r->e, "the key '%s' is there twice, first in line %d",
                conf_tree_quote(slice_of(sorted[i]->key)).text, sorted[i - 1]->key_at.line);
    }
    return true;
}

static bool check_plainness(struct reading *r, const yaml_event_t *event, const yaml_char_t *anchor,
                            const yaml_char_t *tag)
{
    if (!anchor && !tag)
        return true;
    return conf_tree_error(r->tree, spot(r, &event->start_mark), r->e,
                           anchor ? "anchors and aliases are not supported; write the value out"
                                  : "tags are not supported; leave it out");
}

/* take(r, event): one step; the events of libyaml are a walk over the document. */
static bool take(struct reading *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return r->documents++ == 0 ||
               conf_tree_error(r->tree, spot(r, &event->start_mark), r->e,
                               "a second document begins; only one is allowed");
    case YAML_ALIAS_EVENT:
        return check_plainness(r, event, event->data.alias.anchor, NULL);
    case YAML_SCALAR_EVENT:
        return check_plainness(r, event, event->data.scalar.anchor, event->data.scalar.tag) &&
               read_scalar(r, event);
    case YAML_SEQUENCE_START_EVENT:
        return check_plainness(r, event, event->data.sequence_start.anchor,
                               event->data.sequence_start.tag) &&
               open_node(r, CONF_SEQUENCE, event);
    case YAML_MAPPING_START_EVENT:
        return check_plainness(r, event, event->data.mapping_start.anchor,
                               event->data.mapping_start.tag) &&
               open_node(r, CONF_MAP, event);
    case YAML_MAPPING_END_EVENT:
        assert(r->depth > 0);
        return close_map(r, r->open[--r->depth]);
    case YAML_SEQUENCE_END_EVENT:
        assert(r->depth > 0);
        r->depth--;
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return true;
    }
    return true;
}

static bool read_events(struct reading *r, yaml_parser_t *parser, struct slice text)
{
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return bad_yaml(r, parser, text);
        more = event.type != YAML_STREAM_END_EVENT;
        bool ok = take(r, &event);
        yaml_event_delete(&event);
        if (!ok)
            return false;
    }
    assert(r->depth == 0);
    return true;
}

bool conf_tree_read(const struct conf_tree *t, const char *set, struct slice text,
                    struct conf_node **root, struct err *e)
{
    struct reading r = {.tree = t, .set = set, .e = e};
    size_t bad = text_utf8_error(text);
    if (bad != SIZE_MAX)
        return conf_tree_error(t, spot_of_byte(&r, text, bad), e, "byte 0x%02x is not UTF-8 here",
                               (unsigned char)text.p[bad]);
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return err_set(e, ERR_NOMEM, "%s: no memory to read it", t->name);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.n ? text.p : ""), text.n);
    bool ok = read_events(&r, &parser, text);
    yaml_parser_delete(&parser);
    *root = r.root;
    return ok;
}

bool conf_parse(struct conf_tree *t, struct arena *arena, const char *name, struct slice text,
                struct err *e)
{
    *t = (struct conf_tree){.arena = arena, .name = name};
    struct conf_node *root;
    t->name = arena_str(arena, slice_of(name));
    if (!t->name) {
        t->name = name;
        return conf_tree_nomem(t, e);
    }
    if (slice_starts(text, S("\xEF\xBB\xBF")))
        text = slice_from(text, 3);
    if (!conf_tree_read(t, NULL, text, &root, e))
        return false;
    if (conf_tree_is_null(root))
        root = conf_tree_new(t, CONF_MAP, (struct conf_spot){NULL, 1, 1});
    if (!root)
        return conf_tree_nomem(t, e);
    if (root->kind != CONF_MAP)
        return conf_tree_error(t, root->at, e, "'key: value' lines are expected here");
    t->root = root;
    return true;
}
