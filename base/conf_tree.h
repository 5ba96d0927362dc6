/* conf_tree: the nodes behind conf.h; for the conf_*.c files alone. */
#ifndef BASE_CONF_TREE_H
#define BASE_CONF_TREE_H

#include "base/conf.h"

enum conf_kind { CONF_SCALAR, CONF_SEQUENCE, CONF_MAP };

/* Where something was written: by a `--set` with this path, otherwise in the file. */
struct conf_spot {
    const char *set; /* NULL: the file */
    int line, column;
};

struct conf_node {
    enum conf_kind kind;
    bool plain;       /* a scalar without quotes */
    const char *text; /* of a scalar: its value */
    const char *key;  /* of a map's member; NULL otherwise */
    struct conf_spot at, key_at;
    struct conf_node *first, *last; /* children */
    size_t n;                       /* how many */
    struct conf_node *next;
};

/* conf_tree_read(t, set, text, root, e): one YAML value. `set` is NULL for the file itself,
 * otherwise the path after --set, which then stands for the place of all nodes. *root is NULL for
 * no text. */
bool conf_tree_read(const struct conf_tree *t, const char *set, struct slice text,
                    struct conf_node **root, struct err *e);
/* conf_tree_new(t, kind, at): an empty node; NULL when the arena is used up. */
struct conf_node *conf_tree_new(const struct conf_tree *t, enum conf_kind kind,
                                struct conf_spot at);
void conf_tree_append(struct conf_node *parent, struct conf_node *child);
/* conf_tree_is_null(node): nothing, `~` or `null`: as if the key were not there. */
bool conf_tree_is_null(const struct conf_node *node);
struct conf_node *conf_tree_member(const struct conf_node *map, struct slice key);
struct conf_node *conf_tree_item(const struct conf_node *list, size_t index);
/* conf_tree_place(t, at, out, n): "FILE:LINE:COLUMN" or "--set PATH". */
void conf_tree_place(const struct conf_tree *t, struct conf_spot at, char *out, size_t n);
/* conf_tree_error(t, at, e, format, ...): ERR_USAGE "PLACE: what"; always false. */
bool conf_tree_error(const struct conf_tree *t, struct conf_spot at, struct err *e,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
bool conf_tree_nomem(const struct conf_tree *t, struct err *e);

/* Text of a file made safe and short for a message. */
struct conf_quote {
    char text[256];
};
struct conf_quote conf_tree_quote(struct slice text);

#endif
