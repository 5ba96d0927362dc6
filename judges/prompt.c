#include "judges/prompt.h"

static const struct {
    const char *role, *label;
} speakers[] = {
    {"system",    "[System]\n"   },
    {"developer", "[System]\n"   },
    {"user",      "[User]\n"     },
    {"assistant", "[Assistant]\n"},
    {"tool",      "[Tool]\n"     }
};

static const char *speaker_label(struct slice role)
{
    for (size_t i = 0; i < sizeof speakers / sizeof speakers[0]; i++)
        if (slice_is(role, speakers[i].role))
            return speakers[i].label;
    return "[Other]\n";
}

/* A single text stands alone; a conversation is labelled turn by turn. */
static void write_turns(struct buf *b, const struct chat *chat, const char *lone_role)
{
    if (chat->n == 1 && slice_is(chat->messages[0].role, lone_role)) {
        buf_slice(b, chat->messages[0].content);
        return;
    }
    for (size_t i = 0; i < chat->n; i++) {
        buf_str(b, i ? "\n\n" : "");
        buf_str(b, speaker_label(chat->messages[i].role));
        buf_slice(b, chat->messages[i].content);
    }
}

static void write_answer(struct buf *b, const char *letter, const struct chat *answer)
{
    buf_addf(b, "\n\n[The Start of Assistant %s's Answer]\n", letter);
    write_turns(b, answer, "assistant");
    buf_addf(b, "\n[The End of Assistant %s's Answer]", letter);
}

static size_t bound(const struct judge_task *t)
{
    size_t turns = t->prompt.n + t->answer_a.n + t->answer_b.n;
    return chat_bytes(&t->prompt) + chat_bytes(&t->answer_a) + chat_bytes(&t->answer_b) +
           turns * 32 + 512;
}

bool prompt_pair(struct slice instructions, const struct judge_task *task, struct chat *out,
                 struct arena *arena, struct err *e)
{
    struct buf b;
    buf_init(&b, bound(task));
    buf_str(&b, "[User Question]\n");
    write_turns(&b, &task->prompt, "user");
    write_answer(&b, "A", &task->answer_a);
    write_answer(&b, "B", &task->answer_b);
    bool ok = buf_ok(&b, "the judge prompt", e);
    out->messages = arena_alloc(arena, 2 * sizeof *out->messages);
    struct slice body = arena_dup(arena, buf_view(&b));
    buf_free(&b);
    if (!ok)
        return false;
    if (!out->messages || !body.p)
        return err_set(e, ERR_LIMIT, "the judge prompt is larger than a call may be");
    out->n = 2;
    out->messages[0] = (struct message){S("system"), instructions};
    out->messages[1] = (struct message){S("user"), body};
    return true;
}
