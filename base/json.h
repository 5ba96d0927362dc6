/*
 * json: strict reading of JSON, on cJSON (included in json.c alone). A lexical pass refuses what
 * cJSON lets through (invalid UTF-8, raw control characters, wrong numbers, duplicate keys, trailing
 * text, lone surrogates, NUL, depth), and numbers keep the digits they were written with.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

struct cJSON;
typedef struct cJSON json; /* a node; the root owns all below it */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_LIST, JSON_OBJECT };

enum json_mode {
    JSON_STRICT, /* for seeds: anything doubtful is an error */
    JSON_ANSWER, /* for what a server sent and was paid for: NUL escapes and lone surrogates become
                    U+FFFD, duplicate keys keep the first */
};

#define JSON_MAX_DEPTH 64

/* json_parse(text, mode, e): the document, to be given to json_free; NULL with ERR_SYNTAX saying
 * what and at which byte. Leading and trailing white space is allowed. */
json *json_parse(struct slice text, enum json_mode mode, struct err *e);
/* json_free(root): NULL is fine. */
void json_free(json *root);

enum json_type json_type(const json *node);
const char *json_type_name(enum json_type type); /* "a string", "a list" ... for messages */
/* json_get(object, key): exact key; NULL when absent or when `object` is NULL or no object. */
json *json_get(const json *object, const char *key);
/* json_first / json_next: children of a list or object in order; NULL at the end. */
json *json_first(const json *node);
json *json_next(const json *node);
/* json_key(node): the key of an object's member. */
struct slice json_key(const json *node);
size_t json_count(const json *node);
/* json_string(node): the decoded text; the empty slice when it is no string. Valid until json_free. */
struct slice json_string(const json *node);
/* json_number_text(node): the digits as written; empty when it is no number. */
struct slice json_number_text(const json *node);
/* json_i64 / json_double: false when the node is no number, not whole, or out of range. */
bool json_i64(const json *node, int64_t *value);
bool json_double(const json *node, double *value);
bool json_bool(const json *node, bool fallback);
/* json_print(node, out): compact JSON in the order of the source, numbers as written. */
void json_print(const json *node, struct buf *out);

#endif
