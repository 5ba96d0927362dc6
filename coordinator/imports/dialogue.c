#include "coordinator/imports/dialogue.h"

struct form {
    struct slice user, assistant; /* the marks */
    bool user_begins;             /* what stands before the first mark is the user's */
    char after, before;           /* one of this is no part of a turn's text, 0: none */
};

static const struct form plain = {
    .user = {"\n\nHuman:", 8}, .assistant = {"\n\nAssistant:", 12}, .after = ' '};
static const struct form steerlm = {.user = {"<extra_id_1>User\n", 17},
                                    .assistant = {"<extra_id_1>Assistant\n", 22},
                                    .user_begins = true,
                                    .before = '\n'};

/* next_mark(f, text, at, role): where the next mark begins and ends; SIZE_MAX: there is none. */
static size_t next_mark(const struct form *f, struct slice text, size_t *end, const char **role)
{
    size_t user = slice_find(text, f->user), assistant = slice_find(text, f->assistant);
    if (user == SIZE_MAX && assistant == SIZE_MAX)
        return SIZE_MAX;
    *role = user < assistant ? "user" : "assistant";
    *end = user < assistant ? user + f->user.n : assistant + f->assistant.n;
    return user < assistant ? user : assistant;
}

static bool add(struct chat *chat, const char *role, struct slice text, struct arena *arena,
                struct err *e)
{
    if (chat->n == CHAT_MAX_MESSAGES)
        return err_set(e, ERR_LIMIT, "a dialogue of more than %d turns", CHAT_MAX_MESSAGES);
    struct slice copy = arena_dup(arena, text);
    if (!copy.p)
        return err_set(e, ERR_LIMIT, "the dialogue is too large");
    chat->messages[chat->n++] = (struct message){slice_of(role), copy};
    return true;
}

static struct slice bare(const struct form *f, struct slice turn, bool marked, bool last)
{
    if (f->after && marked && turn.n > 0 && turn.p[0] == f->after)
        turn = slice_from(turn, 1);
    if (f->before && !last && turn.n > 0 && turn.p[turn.n - 1] == f->before)
        turn = slice_sub(turn, 0, turn.n - 1);
    return turn;
}

static bool read_form(const struct form *f, struct slice text, struct chat *chat,
                      struct arena *arena, struct err *e)
{
    const char *role = "user", *next = NULL;
    size_t end = 0;
    bool marked = false;
    *chat = (struct chat){0};
    chat->messages = arena_alloc(arena, CHAT_MAX_MESSAGES * sizeof *chat->messages);
    if (!chat->messages)
        return err_set(e, ERR_LIMIT, "the dialogue is too large");
    for (;;) {
        size_t at = next_mark(f, text, &end, &next);
        bool last = at == SIZE_MAX;
        struct slice turn = bare(f, slice_sub(text, 0, at), marked, last);
        bool says = slice_trim(turn).n > 0;
        if (!marked && says && !f->user_begins)
            return err_set(e, ERR_SYNTAX, "the dialogue does not begin with a turn's mark");
        bool waits = last && !says && slice_is(slice_of(role), "assistant");
        if ((marked || says) && !waits && !add(chat, role, turn, arena, e))
            return false;
        if (last)
            return true;
        text = slice_from(text, end);
        role = next;
        marked = true;
    }
}

bool dialogue_read(struct slice text, struct chat *chat, struct arena *arena, struct err *e)
{
    return read_form(&plain, text, chat, arena, e);
}

bool dialogue_read_steerlm(struct slice text, struct chat *chat, struct arena *arena, struct err *e)
{
    return read_form(&steerlm, text, chat, arena, e);
}
