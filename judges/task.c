#include "judges/task.h"

static void write_text(struct jsonw *w, const char *key, struct slice text)
{
    if (text.n)
        jsonw_kslice(w, key, text);
}

static void write_chat(struct jsonw *w, const char *key, struct slice chat)
{
    if (chat.n == 0)
        return;
    jsonw_key(w, key);
    jsonw_raw(w, chat);
}

void task_write(struct jsonw *w, const struct task_text *t)
{
    const char hint[] = {t->hint, '\0'};
    jsonw_object(w);
    write_chat(w, "prompt", t->prompt);
    write_chat(w, "answer_a", t->answer_a);
    write_chat(w, "answer_b", t->answer_b);
    write_text(w, "reference", t->reference);
    write_text(w, "rubric", t->rubric);
    write_text(w, "language", t->language);
    write_text(w, "nonce", t->nonce);
    write_text(w, "hint", slice_of(hint));
    jsonw_end_object(w);
}

static bool read_text(const json *root, const char *key, struct slice *out, struct arena *arena,
                      struct err *e)
{
    const json *node = json_get(root, key);
    *out = S("");
    if (!node)
        return true;
    if (json_type(node) != JSON_STRING)
        return err_set(e, ERR_PROTOCOL, "task: '%s' must be a string, not %s", key,
                       json_type_name(json_type(node)));
    *out = arena_dup(arena, json_string(node));
    return out->p || err_set(e, ERR_LIMIT, "task: '%s' is larger than a call may be", key);
}

static bool read_chat(const json *root, const char *key, const char *role, struct chat *chat,
                      struct arena *arena, struct err *e)
{
    const json *node = json_get(root, key);
    if (!node)
        return err_set(e, ERR_PROTOCOL, "task: '%s' is missing", key);
    if (chat_read(node, role, chat, arena, key, e))
        return true;
    if (e->code == ERR_SYNTAX)
        e->code = ERR_PROTOCOL;
    return err_wrap(e, "task");
}

static bool read_hint(const json *root, char *hint, struct arena *arena, struct err *e)
{
    struct slice text;
    if (!read_text(root, "hint", &text, arena, e))
        return false;
    if (text.n && !slice_is(text, "A") && !slice_is(text, "B"))
        return err_set(e, ERR_PROTOCOL, "task: 'hint' must be A or B");
    *hint = text.n ? text.p[0] : '\0';
    return true;
}

static bool read_task(const json *root, struct judge_task *task, struct arena *arena, struct err *e)
{
    if (json_type(root) != JSON_OBJECT)
        return err_set(e, ERR_PROTOCOL, "a task must be an object, not %s",
                       json_type_name(json_type(root)));
    if (!read_chat(root, "prompt", "user", &task->prompt, arena, e) ||
        (json_get(root, "answer_a") &&
         !read_chat(root, "answer_a", "assistant", &task->answer_a, arena, e)))
        return false;
    if (json_get(root, "answer_b") &&
        !read_chat(root, "answer_b", "assistant", &task->answer_b, arena, e))
        return false;
    return read_text(root, "reference", &task->reference, arena, e) &&
           read_text(root, "rubric", &task->rubric, arena, e) &&
           read_text(root, "language", &task->language, arena, e) &&
           read_text(root, "nonce", &task->nonce, arena, e) &&
           read_hint(root, &task->hint, arena, e);
}

bool task_read(struct slice text, struct judge_task *task, struct arena *arena, struct err *e)
{
    *task = (struct judge_task){0};
    json *root = json_parse(text, JSON_STRICT, e);
    if (!root) {
        if (e->code == ERR_SYNTAX)
            e->code = ERR_PROTOCOL;
        return err_wrap(e, "task");
    }
    bool ok = read_task(root, task, arena, e);
    json_free(root);
    return ok;
}
