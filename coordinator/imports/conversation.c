#include "coordinator/imports/conversation.h"

#include <string.h>

#include "coordinator/imports/fields.h"

static bool is_assistant(const struct message *m)
{
    return slice_is(m->role, "assistant");
}

static bool is_system(const struct message *m)
{
    return slice_is(m->role, "system") || slice_is(m->role, "developer");
}

static bool same(const struct message *a, const struct message *b)
{
    return slice_eq(a->role, b->role) && slice_eq(a->content, b->content);
}

static struct chat part(const struct chat *c, size_t from, size_t n)
{
    return (struct chat){c->messages + from, n};
}

static bool begins_with(const struct chat *c, const struct chat *head)
{
    if (head->n == 0 || c->n < head->n)
        return false;
    struct chat first = part(c, 0, head->n);
    return chat_eq(&first, head);
}

static bool ends_with(const struct chat *c, const struct chat *tail)
{
    if (tail->n == 0 || c->n < tail->n)
        return false;
    struct chat last = part(c, c->n - tail->n, tail->n);
    return chat_eq(&last, tail);
}

/* The answers may begin alike too: only what ends in somebody else's message is the question. */
static size_t shared_beginning(const struct chat *a, const struct chat *b)
{
    size_t n = 0;
    while (n < a->n && n < b->n && same(&a->messages[n], &b->messages[n]))
        n++;
    while (n > 0 && is_assistant(&a->messages[n - 1]))
        n--;
    return n;
}

static bool join(struct chat *out, const struct chat *a, const struct chat *b, struct arena *arena,
                 struct err *e)
{
    struct message *all = arena_alloc(arena, (a->n + b->n) * sizeof *all);
    if (!all)
        return err_set(e, ERR_LIMIT, "the conversation is too large");
    if (a->n > 0)
        memcpy(all, a->messages, a->n * sizeof *all);
    if (b->n > 0)
        memcpy(all + a->n, b->messages, b->n * sizeof *all);
    *out = (struct chat){all, a->n + b->n};
    return true;
}

/* drop_prompt(side, prompt): whether the side repeated the prompt, which is then taken off it. */
static bool drop_prompt(struct chat *side, const struct chat *prompt)
{
    if (!begins_with(side, prompt))
        return false;
    *side = part(side, prompt->n, side->n - prompt->n);
    return true;
}

static bool split(struct chat *prompt, struct chat *chosen, struct chat *rejected,
                  struct arena *arena, struct err *e)
{
    bool repeated = drop_prompt(chosen, prompt);
    repeated = drop_prompt(rejected, prompt) || repeated;
    size_t n = shared_beginning(chosen, rejected);
    if (n == 0)
        return true;
    struct chat head = part(chosen, 0, n);
    if (prompt->n == 0 || (!repeated && ends_with(&head, prompt)))
        *prompt = head;
    else if (!is_assistant(&head.messages[0]))
        return err_set(
            e, ERR_SYNTAX,
            "'chosen' and 'rejected' begin with messages that are not those of 'prompt'");
    else if (!join(prompt, prompt, &head, arena, e))
        return false;
    *chosen = part(chosen, n, chosen->n - n);
    *rejected = part(rejected, n, rejected->n - n);
    return true;
}

static bool check_prompt(const struct chat *prompt, struct err *e)
{
    bool user = false;
    for (size_t i = 0; i < prompt->n; i++) {
        if (!slice_is(prompt->messages[i].role, "user"))
            continue;
        if (slice_trim(prompt->messages[i].content).n)
            return true;
        user = true;
    }
    if (user || chat_is_blank(prompt))
        return err_set(e, ERR_SYNTAX, "'prompt' is empty");
    return err_set(e, ERR_SYNTAX, "'prompt' has no user message");
}

static bool check_side(const struct chat *side, const char *key, struct err *e)
{
    if (side->n == 0)
        return err_set(e, ERR_SYNTAX, "'%s' has no answer after the prompt", key);
    if (!is_assistant(&side->messages[0]))
        return err_set(
            e, ERR_SYNTAX,
            "'%s' must go on with an assistant message after the prompt, not with one of "
            "role '" SLICE_FMT "'",
            key, SLICE_ARG(side->messages[0].role));
    if (!slice_trim(side->messages[side->n - 1].content).n)
        return err_set(e, ERR_SYNTAX, "'%s' is empty", key);
    return true;
}

bool conversation_prompt(const json *line, struct seed_record *record, struct arena *arena,
                         struct err *e)
{
    return chat_read(fields_get(line, "prompt"), "user", &record->prompt, arena, "'prompt'", e) &&
           check_prompt(&record->prompt, e);
}

bool conversation_pair(const json *line, struct seed_record *record, struct arena *arena,
                       struct err *e)
{
    struct chat *chosen = &record->responses[0].chat, *rejected = &record->responses[1].chat;
    if (fields_get(line, "prompt") && !conversation_prompt(line, record, arena, e))
        return false;
    if (!chat_read(fields_get(line, "chosen"), "assistant", chosen, arena, "'chosen'", e) ||
        !chat_read(fields_get(line, "rejected"), "assistant", rejected, arena, "'rejected'", e))
        return false;
    if (chat_says_the_same(chosen, rejected))
        return err_set(e, ERR_SYNTAX, "'chosen' and 'rejected' are the same");
    if (!conversation_sides(record, arena, e))
        return false;
    record->pairs[0] = (struct seed_pair){.chosen = 0, .rejected = 1};
    record->n_pairs = 1;
    return true;
}

bool conversation_sides(struct seed_record *record, struct arena *arena, struct err *e)
{
    struct chat *chosen = &record->responses[0].chat, *rejected = &record->responses[1].chat;
    if (!split(&record->prompt, chosen, rejected, arena, e))
        return false;
    if (record->prompt.n == 0)
        return err_set(
            e, ERR_SYNTAX,
            "no 'prompt', and 'chosen' and 'rejected' have no first user turn in common");
    if (!check_prompt(&record->prompt, e) || !check_side(chosen, "chosen", e) ||
        !check_side(rejected, "rejected", e))
        return false;
    record->responses[1].rank = 1;
    record->n_responses = 2;
    record->label = LABEL_RANKED;
    return true;
}

bool conversation_system(struct seed_record *record, struct slice system, struct arena *arena,
                         struct err *e)
{
    struct chat *prompt = &record->prompt;
    if (!slice_trim(system).n)
        return true;
    if (prompt->n == 0 || !is_system(&prompt->messages[0])) {
        struct message first = {S("system"), system};
        return join(prompt, &(struct chat){&first, 1}, prompt, arena, e);
    }
    return slice_eq(prompt->messages[0].content, system) ||
           err_set(e, ERR_SYNTAX,
                   "'system' is given, but the prompt begins with another system message");
}

bool conversation_duel(struct seed_record *record, const char *const names[2], struct err *e)
{
    struct chat *a = &record->responses[0].chat, *b = &record->responses[1].chat;
    size_t n = shared_beginning(a, b);
    if (n == 0)
        return err_set(e, ERR_SYNTAX, "'%s' and '%s' do not begin with the same question", names[0],
                       names[1]);
    bool alike = a->n == b->n;
    for (size_t i = n; alike && i < a->n; i++)
        alike = is_assistant(&a->messages[i]) ? is_assistant(&b->messages[i])
                                              : same(&a->messages[i], &b->messages[i]);
    if (!alike)
        return err_set(e, ERR_SYNTAX, "'%s' and '%s' do not answer the same turns", names[0],
                       names[1]);
    record->prompt = part(a, 0, n);
    *a = part(a, n, a->n - n);
    *b = part(b, n, b->n - n);
    record->n_responses = 2;
    return check_prompt(&record->prompt, e) && check_side(a, names[0], e) &&
           check_side(b, names[1], e);
}
