#include "base/json.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_lex.h"
#include "base/jsonw.h"
#include "base/text.h"

#define KEY_CHARS 60 /* of a key in an error message */

/* A member with its place, so that sorting by key keeps the order of equal ones. */
struct member {
    json *node;
    size_t place;
};

struct settling {
    const struct json_lex *lex;
    size_t next_number;
    struct err *e;
};

/* keep_digits(s, node): cJSON has made a double of the number; as a raw node it has its text again.
 */
static bool keep_digits(struct settling *s, json *node)
{
    assert(s->next_number < s->lex->n_numbers);
    struct slice text = s->lex->numbers[s->next_number++];
    char *copy = cJSON_malloc(text.n + 1);
    if (!copy)
        return err_set(s->e, ERR_NOMEM, "no memory for a JSON number");
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    node->type = cJSON_Raw;
    node->valuestring = copy;
    return true;
}

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a;
    const struct member *y = b;
    int order = strcmp(x->node->string, y->node->string);
    if (order)
        return order;
    return x->place < y->place ? -1 : 1;
}

static bool refuse_key(const char *key, struct err *e)
{
    struct buf quoted;
    buf_init(&quoted, 1024);
    text_quote(&quoted, slice_of(key), KEY_CHARS);
    err_set(e, ERR_SYNTAX, "the key '%s' is there twice in one object", buf_cstr(&quoted));
    buf_free(&quoted);
    return false;
}

/* drop_repeated(s, object, sorted, n): the first of equal keys stays; in strict mode there are
 * none. */
static bool drop_repeated(struct settling *s, json *object, const struct member *sorted, size_t n)
{
    const char *kept = sorted[0].node->string;
    for (size_t i = 1; i < n; i++) {
        json *node = sorted[i].node;
        if (strcmp(kept, node->string) != 0) {
            kept = node->string;
            continue;
        }
        if (s->lex->mode == JSON_STRICT)
            return refuse_key(kept, s->e);
        cJSON_Delete(cJSON_DetachItemViaPointer(object, node));
    }
    return true;
}

static bool unique_keys(struct settling *s, json *object)
{
    struct member few[32];
    size_t n = json_count(object);
    if (n < 2)
        return true;
    struct member *members = n <= 32 ? few : malloc(n * sizeof(*members));
    if (!members)
        return err_set(s->e, ERR_NOMEM, "no memory for a JSON object of %zu keys", n);
    size_t place = 0;
    for (json *child = object->child; child; child = child->next, place++)
        members[place] = (struct member){child, place};
    qsort(members, n, sizeof(*members), compare_members);
    bool ok = drop_repeated(s, object, members, n);
    if (members != few)
        free(members);
    return ok;
}

/* settle(s, node): makes what cJSON built keep our promises; visits numbers in document order. */
static bool settle(struct settling *s, json *node)
{
    if (cJSON_IsNumber(node))
        return keep_digits(s, node);
    for (json *child = node->child; child; child = child->next) {
        if (!settle(s, child))
            return false;
    }
    return !cJSON_IsObject(node) || unique_keys(s, node);
}

static json *parse_source(const struct json_lex *lex, struct err *e)
{
    struct slice source = json_lex_source(lex);
    json *root = cJSON_ParseWithLengthOpts(source.p, source.n, NULL, false);
    if (!root) {
        /* The lexical pass accepts nothing that cJSON refuses. */
        err_set(e, ERR_NOMEM, "no memory for a JSON text of %zu bytes", source.n);
        return NULL;
    }
    struct settling s = {.lex = lex, .e = e};
    if (!settle(&s, root)) {
        cJSON_Delete(root);
        return NULL;
    }
    assert(s.next_number == lex->n_numbers);
    return root;
}

json *json_parse(struct slice text, enum json_mode mode, struct err *e)
{
    struct json_lex lex;
    json *root = NULL;
    if (json_lex_run(&lex, text, mode, e))
        root = parse_source(&lex, e);
    json_lex_free(&lex);
    return root;
}

void json_free(json *root)
{
    cJSON_Delete(root);
}

enum json_type json_type(const json *node)
{
    if (cJSON_IsRaw(node))
        return JSON_NUMBER;
    if (cJSON_IsString(node))
        return JSON_STRING;
    if (cJSON_IsArray(node))
        return JSON_LIST;
    if (cJSON_IsObject(node))
        return JSON_OBJECT;
    return cJSON_IsBool(node) ? JSON_BOOL : JSON_NULL;
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",       [JSON_BOOL] = "true or false", [JSON_NUMBER] = "a number",
        [JSON_STRING] = "a string", [JSON_LIST] = "a list",        [JSON_OBJECT] = "an object",
    };
    return names[type];
}

json *json_get(const json *object, const char *key)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

json *json_first(const json *node)
{
    return node ? node->child : NULL;
}

json *json_next(const json *node)
{
    return node ? node->next : NULL;
}

struct slice json_key(const json *node)
{
    return slice_of(node ? node->string : NULL);
}

size_t json_count(const json *node)
{
    size_t n = 0;
    for (const json *child = json_first(node); child; child = child->next)
        n++;
    return n;
}

struct slice json_string(const json *node)
{
    return slice_of(cJSON_IsString(node) ? node->valuestring : NULL);
}

struct slice json_number_text(const json *node)
{
    return slice_of(cJSON_IsRaw(node) ? node->valuestring : NULL);
}

bool json_i64(const json *node, int64_t *value)
{
    if (slice_i64(json_number_text(node), value))
        return true;
    /* 3.0 and 1e3 are whole too; up to 2^53 a double holds every whole number. */
    double d;
    if (!json_double(node, &d) || d != trunc(d) || fabs(d) > 9007199254740992.0)
        return false;
    *value = (int64_t)d;
    return true;
}

bool json_double(const json *node, double *value)
{
    return cJSON_IsRaw(node) && slice_double(json_number_text(node), value);
}

bool json_bool(const json *node, bool fallback)
{
    return cJSON_IsBool(node) ? (bool)cJSON_IsTrue(node) : fallback;
}

static void print_node(struct jsonw *w, const json *node);

static void print_children(struct jsonw *w, const json *node)
{
    bool object = cJSON_IsObject(node);
    (object ? jsonw_object : jsonw_list)(w);
    for (const json *child = node->child; child; child = child->next) {
        if (object)
            jsonw_key_slice(w, json_key(child));
        print_node(w, child);
    }
    (object ? jsonw_end_object : jsonw_end_list)(w);
}

static void print_node(struct jsonw *w, const json *node)
{
    switch (json_type(node)) {
    case JSON_NULL:
        jsonw_null(w);
        break;
    case JSON_BOOL:
        jsonw_bool(w, json_bool(node, false));
        break;
    case JSON_NUMBER:
        jsonw_raw(w, json_number_text(node));
        break;
    case JSON_STRING:
        jsonw_string(w, json_string(node));
        break;
    case JSON_LIST:
    case JSON_OBJECT:
        print_children(w, node);
        break;
    }
}

void json_print(const json *node, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    print_node(&w, node);
}
