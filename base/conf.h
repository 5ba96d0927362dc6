/*
 * conf: typed configuration from YAML (libyaml, included in conf_tree.c alone). A file becomes a
 * tree whose nodes remember line and column; `--set path=value` edits the tree; conf_bind() then
 * fills a struct by option rows, and everything a row does not name is an error with place and
 * nearest known key. JSON is YAML, so the same reader takes what conf_dump() wrote.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/arena.h"
#include "base/buf.h"

struct conf_node;

struct conf_tree {
    struct arena *arena; /* the caller's; holds all nodes and strings */
    const char *name;    /* for messages: the file's name as given */
    struct conf_node *root;
};

/* conf_parse(t, arena, name, text, e): aliases, tags, several documents, duplicate keys, more than
 * 32 levels or 100,000 nodes are errors. Errors read "FILE:LINE:COLUMN: what". */
bool conf_parse(struct conf_tree *t, struct arena *arena, const char *name, struct slice text,
                struct err *e);
/* conf_set(t, "endpoints[0].url=http://…", e): replaces or adds one value; the value is YAML. */
bool conf_set(struct conf_tree *t, const char *assignment, struct err *e);

enum conf_type {
    CONF_BOOL,    /* bool */
    CONF_INT,     /* int64_t, within [min, max] */
    CONF_DOUBLE,  /* double, within [min, max] */
    CONF_STRING,  /* const char *, never NULL after binding unless `fallback` is NULL */
    CONF_ENUM,    /* int: index into `names` */
    CONF_SECTION, /* nested rows at the same struct: offset 0 is usual, fields carry full offsets */
    CONF_LIST,    /* struct conf_list of structs, `rows` for each */
    CONF_STRINGS, /* struct conf_list of const char * ; a single string is a list of one */
    CONF_SHARES,  /* struct conf_list of struct conf_share: map of name to number */
    CONF_NAMED, /* struct conf_list of struct conf_named: a name or {name: {option: value}} each */
};

struct conf_list {
    void *items; /* in the tree's arena */
    size_t n;
};

struct conf_share {
    const char *name;
    double value;
};

struct conf_option {
    const char *key;
    const char *value; /* scalar text */
};

/* One entry of e.g. `filters: [length, {repetition: {max: 0.5}}]`. */
struct conf_named {
    const char *name;
    struct conf_option *options;
    size_t n_options;
    int line;
};

struct conf_row {
    const char *key;
    enum conf_type type;
    size_t offset;
    const char *fallback;     /* as it would be written in the file; NULL: unset. "" is an empty
                                 text for CONF_STRING */
    double min, max;          /* numbers; both 0: no bounds. For lists: least and most items, also
                                 when the key is absent; max below min: no most */
    const char *const *names; /* CONF_ENUM: NULL-terminated */
    const struct conf_row *rows; /* CONF_SECTION, CONF_LIST: ends with a row whose key is NULL */
    size_t item_size;            /* CONF_LIST */
    size_t given;                /* offset of a bool set when the file gives the key; 0: none */
    char part;                   /* which fingerprint it belongs to; 0: none. Inherited downwards */
    const char *help;            /* one line: what it is, its unit */
};

/* conf_bind(t, rows, out, e): fills the struct `out` (zeroed by the caller) with file values and
 * fallbacks. */
bool conf_bind(const struct conf_tree *t, const struct conf_row *rows, void *out, struct err *e);
/* conf_dump(rows, in, part, w): the bound struct as JSON with every key in row order; part 0: all
 * rows, otherwise only rows of that part. The same struct gives the same bytes. */
void conf_dump(const struct conf_row *rows, const void *in, char part, struct buf *out);
/* conf_help(rows, out): the rows as an indented list of key, default and help. */
void conf_help(const struct conf_row *rows, struct buf *out);
/* conf_place(t, path, out, n): "FILE:LINE:COLUMN" of a key path such as "accept.k", for messages of
 * checks that come after binding; just FILE when the key is not in the file. */
void conf_place(const struct conf_tree *t, const char *path, char *out, size_t n);

#endif
