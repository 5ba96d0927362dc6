#include "filters/evidence.h"

#include "base/json.h"

#define DEPTH 8

static const struct {
    const char *key;
    enum place_kind kind;
} keys[] = {
    {"actual", PLACE_TEXT},
    {"correct_value", PLACE_TEXT},
    {"defect", PLACE_DESCRIPTION},
    {"error", PLACE_DESCRIPTION},
    {"error_index", PLACE_STEP},
    {"error_line", PLACE_STEP},
    {"error_step", PLACE_STEP},
    {"expected", PLACE_TEXT},
    {"first_error", PLACE_DESCRIPTION},
    {"flaw", PLACE_DESCRIPTION},
    {"found", PLACE_TEXT},
    {"got", PLACE_TEXT},
    {"mistake", PLACE_DESCRIPTION},
    {"quote", PLACE_TEXT},
    {"span", PLACE_TEXT},
    {"wrong", PLACE_TEXT},
    {"wrong_line", PLACE_STEP},
    {"wrong_step", PLACE_STEP},
    {"wrong_text", PLACE_TEXT},
    {"wrong_value", PLACE_TEXT},
};

static bool kind_of(struct slice key, enum place_kind *kind)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        *kind = keys[i].kind;
        if (slice_is(key, keys[i].key))
            return true;
    }
    return false;
}

/* A step may be said as a number or a text, a value likewise. */
static void add(struct evidence *out, enum place_kind kind, const json *node, struct arena *arena)
{
    int64_t number = 0;
    struct slice text = json_type(node) == JSON_NUMBER ? json_number_text(node)
                                                       : slice_trim(json_string(node));
    if (text.n == 0 || out->n == EVIDENCE_MOST)
        return;
    bool whole = slice_i64(text, &number);
    if (kind == PLACE_STEP && !whole)
        kind = PLACE_DESCRIPTION;
    else if (kind == PLACE_DESCRIPTION && whole)
        kind = PLACE_STEP;
    text = arena_dup(arena, text);
    if (text.p)
        out->places[out->n++] = (struct place){kind, text, number};
}

/* known: the values below belong to a key of that kind ({"error": {"text": …}}, lists). */
static void walk(const json *node, bool known, enum place_kind kind, int depth,
                 struct evidence *out, struct arena *arena)
{
    enum json_type type = json_type(node);
    if (type == JSON_STRING || type == JSON_NUMBER) {
        if (known)
            add(out, kind, node, arena);
        return;
    }
    for (const json *at = depth > 0 ? json_first(node) : NULL; at; at = json_next(at)) {
        enum place_kind own = kind;
        bool is_key = type == JSON_OBJECT && kind_of(json_key(at), &own);
        walk(at, known || is_key, is_key ? own : kind, depth - 1, out, arena);
    }
}

void evidence_read(struct slice text, struct evidence *out, struct arena *arena)
{
    struct err e;
    out->n = 0;
    json *root = text.n ? json_parse(text, JSON_ANSWER, &e) : NULL;
    if (root)
        walk(root, false, PLACE_TEXT, DEPTH, out, arena);
    json_free(root);
}
