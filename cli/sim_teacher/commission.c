#include "cli/sim_teacher/commission.h"

#include <string.h>

#include "cli/sim_teacher/mix.h"
#include "judges/generation.h"

#define WORDING_MAX ((size_t)64 * 1024)
#define PROMPT_HOLE "\001"
#define ANSWER_HOLE "\002"

/* The mark that the parts are asked for with. They are asked for last, so that nothing in the
 * material can be taken for them. */
static bool find_mark_nonce(struct slice text, char out[NONCE_BYTES + 1])
{
    const struct slice tag = S("<" GENERATION_PROMPT_TAG);
    struct slice rest;
    size_t at = slice_rfind(text, tag);
    if (at == SIZE_MAX)
        return false;
    struct slice nonce = slice_cut(slice_from(text, at + tag.n), '>', &rest);
    if (nonce.n != 0 && nonce.n != NONCE_BYTES)
        return false;
    memcpy(out, nonce.n ? nonce.p : "", nonce.n);
    out[nonce.n] = '\0';
    return true;
}

/* cut_out(text, wording, prompt): takes the prompt out of a text that was written by this wording.
 */
static bool cut_out(struct slice text, struct slice wording, struct slice *prompt)
{
    size_t hole = slice_find(wording, S(PROMPT_HOLE)), next = slice_find(wording, S(ANSWER_HOLE));
    if (hole == SIZE_MAX || next == SIZE_MAX || next < hole)
        return false;
    struct slice before = slice_sub(wording, 0, hole), after = slice_from(wording, next + 1);
    struct slice between = slice_sub(wording, hole + 1, next - hole - 1);
    if (!slice_starts(text, before) || !slice_ends(text, after))
        return false;
    text = slice_from(text, before.n);
    size_t end = slice_find(text, between);
    *prompt = slice_sub(text, 0, end == SIZE_MAX ? 0 : end);
    return end != SIZE_MAX;
}

/* The wording is taken from who writes it, so that the two never part. */
static bool read_modify(struct commission *c, struct slice text)
{
    struct message prompt = {S("user"), S(PROMPT_HOLE)}, answer = {S("assistant"), S(ANSWER_HOLE)};
    struct judge_task task = {.prompt = {&prompt, 1}, .answer_a = {&answer, 1}};
    struct chat wording;
    struct arena arena;
    struct err e;
    if (!find_mark_nonce(text, c->nonce))
        return false;
    task.nonce = slice_of(c->nonce);
    arena_init(&arena, WORDING_MAX);
    bool ok = generation_render(ASK_MODIFY, &task, S(""), &wording, &arena, &e) &&
              cut_out(text, wording.messages[0].content, &c->about);
    arena_free(&arena);
    c->ask = ASK_MODIFY;
    c->id = mix_bytes(c->about);
    return ok;
}

static const struct message *users_last(const struct chat *chat)
{
    const struct message *last = &chat->messages[chat->n - 1];
    return slice_is(last->role, "user") ? last : NULL;
}

bool commission_read(struct commission *c, const struct chat *chat, const struct prompts *known)
{
    const struct message *last = users_last(chat);
    struct prompt_found found;
    *c = (struct commission){.ask = ASK_ANSWER};
    if (!last)
        return false;
    if (chat->n == 1 && read_modify(c, last->content))
        return true;
    *c = (struct commission){.ask = ASK_ANSWER};
    if (!prompts_find(known, last->content, &found))
        return false;
    c->about = found.prompt;
    c->answer = found.answer;
    c->id = found.id;
    return true;
}

static bool asks_for_a_verdict(struct slice text)
{
    static const char *const tags[] = {"<answer", "<score", "[[A]]"};
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (slice_find(text, slice_of(tags[i])) != SIZE_MAX)
            return true;
    return false;
}

bool commission_guess(struct commission *c, const struct chat *chat)
{
    const struct message *last = users_last(chat);
    *c = (struct commission){.ask = ASK_ANSWER};
    if (!last)
        return false;
    for (size_t i = 0; i < chat->n; i++)
        if (asks_for_a_verdict(chat->messages[i].content))
            return false;
    c->about = last->content;
    c->id = mix_bytes(c->about);
    return true;
}
