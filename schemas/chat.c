#include "schemas/chat.h"

#include <string.h>

static bool known_role(struct slice role)
{
    static const char *const roles[] = {"system", "developer", "user", "assistant", "tool"};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (slice_is(role, roles[i]))
            return true;
    return false;
}

/* Text parts are joined; anything that is not text cannot be judged and must not vanish unseen. */
static bool read_parts(const json *parts, struct slice *out, struct arena *arena, const char *what,
                       struct err *e)
{
    size_t total = 0;
    for (const json *p = json_first(parts); p; p = json_next(p)) {
        if (!slice_is(json_string(json_get(p, "type")), "text") ||
            json_type(json_get(p, "text")) != JSON_STRING)
            return err_set(e, ERR_SYNTAX, "%s: a content part that is not text", what);
        total += json_string(json_get(p, "text")).n;
    }
    char *joined = arena_alloc(arena, total + 1);
    if (!joined)
        return err_set(e, ERR_LIMIT, "%s: text is too large", what);
    size_t n = 0;
    for (const json *p = json_first(parts); p; p = json_next(p)) {
        struct slice text = json_string(json_get(p, "text"));
        memcpy(joined + n, text.p, text.n);
        n += text.n;
    }
    *out = (struct slice){joined, n};
    return true;
}

static bool read_content(const json *node, struct slice *out, struct arena *arena, const char *what,
                         struct err *e)
{
    if (!node)
        return err_set(e, ERR_SYNTAX, "%s: a message has no 'content'", what);
    if (json_type(node) == JSON_LIST)
        return read_parts(node, out, arena, what, e);
    if (json_type(node) != JSON_STRING)
        return err_set(e, ERR_SYNTAX, "%s: 'content' must be a string, not %s", what,
                       json_type_name(json_type(node)));
    *out = arena_dup(arena, json_string(node));
    return out->p || err_set(e, ERR_LIMIT, "%s: text is too large", what);
}

static bool read_message(const json *node, struct message *m, struct arena *arena, const char *what,
                         struct err *e)
{
    if (json_type(node) != JSON_OBJECT)
        return err_set(e, ERR_SYNTAX, "%s: a message must be an object {role, content}, not %s",
                       what, json_type_name(json_type(node)));
    struct slice role = json_string(json_get(node, "role"));
    if (!known_role(role))
        return err_set(e, ERR_SYNTAX, "%s: a message's 'role' must be system, user or assistant",
                       what);
    m->role = arena_dup(arena, role);
    if (!m->role.p)
        return err_set(e, ERR_LIMIT, "%s: text is too large", what);
    return read_content(json_get(node, "content"), &m->content, arena, what, e);
}

bool chat_read(const json *node, const char *role, struct chat *chat, struct arena *arena,
               const char *what, struct err *e)
{
    enum json_type type = node ? json_type(node) : JSON_NULL;
    size_t n = type == JSON_LIST ? json_count(node) : 1;
    if (!node || (type != JSON_STRING && type != JSON_LIST && type != JSON_OBJECT))
        return err_set(e, ERR_SYNTAX, "%s must be a string or a list of messages, not %s", what,
                       node ? json_type_name(type) : "missing");
    if (n == 0 || n > CHAT_MAX_MESSAGES)
        return err_set(e, ERR_SYNTAX, "%s: %zu messages; 1 to %d are allowed", what, n,
                       CHAT_MAX_MESSAGES);
    chat->messages = arena_alloc(arena, n * sizeof *chat->messages);
    chat->n = n;
    if (!chat->messages)
        return err_set(e, ERR_LIMIT, "%s: too large", what);
    if (type == JSON_OBJECT)
        return read_message(node, &chat->messages[0], arena, what, e);
    if (type == JSON_STRING) {
        chat->messages[0].role = slice_of(role);
        return read_content(node, &chat->messages[0].content, arena, what, e);
    }
    size_t i = 0;
    for (const json *m = json_first(node); m; m = json_next(m))
        if (!read_message(m, &chat->messages[i++], arena, what, e))
            return false;
    return true;
}

bool chat_parse(struct slice text, struct chat *chat, struct arena *arena, struct err *e)
{
    json *root = json_parse(text, JSON_STRICT, e);
    if (!root)
        return false;
    bool ok = chat_read(root, "user", chat, arena, "messages", e);
    json_free(root);
    return ok;
}

void chat_write(struct jsonw *w, const struct chat *chat)
{
    jsonw_list(w);
    for (size_t i = 0; i < chat->n; i++) {
        jsonw_object(w);
        jsonw_kslice(w, "role", chat->messages[i].role);
        jsonw_kslice(w, "content", chat->messages[i].content);
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
}

size_t chat_bytes(const struct chat *chat)
{
    size_t n = 0;
    for (size_t i = 0; i < chat->n; i++)
        n += chat->messages[i].content.n;
    return n;
}

bool chat_is_blank(const struct chat *chat)
{
    for (size_t i = 0; i < chat->n; i++)
        if (slice_trim(chat->messages[i].content).n)
            return false;
    return true;
}

bool chat_eq(const struct chat *a, const struct chat *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!slice_eq(a->messages[i].role, b->messages[i].role) ||
            !slice_eq(a->messages[i].content, b->messages[i].content))
            return false;
    return true;
}

bool chat_says_the_same(const struct chat *a, const struct chat *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!slice_eq(a->messages[i].role, b->messages[i].role) ||
            !slice_eq(slice_trim(a->messages[i].content), slice_trim(b->messages[i].content)))
            return false;
    return true;
}
