/* Key paths such as `endpoints[0].url`: conf_set() and conf_place(). */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/conf_tree.h"

#define STEPS_MAX 32

/* One step of a path: a key, or an index when key.p is NULL. */
struct step {
    struct slice key;
    size_t index;
};

static bool next_index(struct slice *path, struct step *step)
{
    struct slice rest;
    int64_t index;
    struct slice digits = slice_cut(slice_from(*path, 1), ']', &rest);
    if (digits.n + 1 == path->n || digits.n == 0 || digits.p[0] == '+' || digits.p[0] == '-')
        return false;
    if (!slice_i64(digits, &index) || (rest.n > 0 && rest.p[0] != '.' && rest.p[0] != '['))
        return false;
    *step = (struct step){.index = (size_t)index};
    *path = rest;
    return true;
}

/* next_step(path, first, step): takes one step off the front of the path; false when it is
 * malformed. */
static bool next_step(struct slice *path, bool first, struct step *step)
{
    if (!first && path->p[0] == '[')
        return next_index(path, step);
    if (!first)
        *path = slice_from(*path, 1);
    size_t n = 0;
    while (n < path->n && path->p[n] != '.' && path->p[n] != '[' && path->p[n] != ']')
        n++;
    if (n == 0 || (n < path->n && path->p[n] == ']'))
        return false;
    *step = (struct step){.key = slice_sub(*path, 0, n)};
    *path = slice_from(*path, n);
    return true;
}

static struct conf_node *follow(const struct conf_node *node, const struct step *step)
{
    return step->key.p ? conf_tree_member(node, step->key) : conf_tree_item(node, step->index);
}

/* open_for(t, node, step, at, e): node must have children of the step's kind; a null becomes such.
 */
static bool open_for(const struct conf_tree *t, struct conf_node *node, const struct step *step,
                     struct conf_spot at, struct err *e)
{
    enum conf_kind kind = step->key.p ? CONF_MAP : CONF_SEQUENCE;
    if (conf_tree_is_null(node)) {
        node->kind = kind;
        node->at = at;
        return true;
    }
    if (node->kind == kind)
        return true;
    return conf_tree_error(t, at, e, "'%s' is no %s",
                           conf_tree_quote(slice_of(node->key ? node->key : "[]")).text,
                           kind == CONF_MAP ? "section with keys" : "list");
}

/* grow(t, node, step, at, e): a new null child of an opened node. */
static struct conf_node *grow(const struct conf_tree *t, struct conf_node *node,
                              const struct step *step, struct conf_spot at, struct err *e)
{
    if (!step->key.p && step->index != node->n) {
        conf_tree_error(t, at, e, "there is no [%zu]; the next new one is [%zu]", step->index,
                        node->n);
        return NULL;
    }
    struct conf_node *child = conf_tree_new(t, CONF_SCALAR, at);
    char *key = step->key.p ? arena_str(t->arena, step->key) : NULL;
    if (!child || (step->key.p && !key)) {
        conf_tree_nomem(t, e);
        return NULL;
    }
    child->plain = true;
    child->text = "";
    child->key = key;
    child->key_at = at;
    conf_tree_append(node, child);
    return child;
}

/* reach(t, path, at, e): the node of a path, made when it is not there. */
static struct conf_node *reach(const struct conf_tree *t, struct slice path, struct conf_spot at,
                               struct err *e)
{
    struct conf_node *node = t->root;
    for (int steps = 0; steps == 0 || path.n > 0; steps++) {
        struct step step;
        if (steps == STEPS_MAX || !next_step(&path, steps == 0, &step)) {
            conf_tree_error(t, at, e, "write KEY.KEY=VALUE or KEY[INDEX].KEY=VALUE");
            return NULL;
        }
        if (!open_for(t, node, &step, at, e))
            return NULL;
        struct conf_node *child = follow(node, &step);
        node = child ? child : grow(t, node, &step, at, e);
        if (!node)
            return NULL;
    }
    return node;
}

/* replace(node, value): another value under the same key, at the same place among its siblings. */
static void replace(struct conf_node *node, const struct conf_node *value)
{
    struct conf_node old = *node;
    *node = *value;
    node->key = old.key;
    node->key_at = old.key_at;
    node->next = old.next;
}

bool conf_set(struct conf_tree *t, const char *assignment, struct err *e)
{
    assert(t->root);
    struct slice value;
    struct slice path = slice_trim(slice_cut(slice_of(assignment), '=', &value));
    struct conf_spot at = {.set = arena_str(t->arena, path)};
    if (!at.set)
        return conf_tree_nomem(t, e);
    if (!strchr(assignment, '='))
        return conf_tree_error(t, at, e, "'=' is missing; write KEY=VALUE");
    /* To YAML this is a list of one null; people mean standard input. */
    struct conf_node dash = {.plain = true, .text = "-", .at = at}, *given = &dash;
    if (!slice_is(slice_trim(value), "-") && !conf_tree_read(t, at.set, value, &given, e))
        return false;
    struct conf_node *node = reach(t, path, at, e);
    if (!node)
        return false;
    replace(node, given ? given : &(struct conf_node){.plain = true, .text = "", .at = at});
    return true;
}

void conf_place(const struct conf_tree *t, const char *path, char *out, size_t n)
{
    const struct conf_node *node = t->root;
    struct slice rest = slice_of(path);
    struct step step;
    for (bool first = true; node && (first || rest.n > 0); first = false)
        node = next_step(&rest, first, &step) ? follow(node, &step) : NULL;
    if (!node)
        snprintf(out, n, "%s", t->name);
    else
        conf_tree_place(t, node->at.set || !node->key ? node->at : node->key_at, out, n);
}
