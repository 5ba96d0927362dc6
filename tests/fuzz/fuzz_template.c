/*
 * A template of a user's: it is refused with a sentence, or whatever a pair holds stands in what it
 * renders, with the two answers in each other's place in the other order.
 */
#include <string.h>

#include "judges/template.h"
#include "tests/fuzz/fuzz.h"

static size_t count(struct slice text, struct slice what)
{
    size_t n = 0;
    for (size_t at; (at = slice_find(text, what)) != SIZE_MAX; n++)
        text = slice_from(text, at + what.n);
    return n;
}

static size_t count_in(const struct chat *chat, const char *what)
{
    size_t n = 0;
    for (size_t i = 0; i < chat->n; i++)
        n += count(chat->messages[i].content, slice_of(what));
    return n;
}

/* Texts that no template of a fuzzer comes upon by chance. */
#define ONE "~#answer one~"
#define TWO "~#answer two~"
#define QUESTION "~#the question~"

static struct chat render(struct slice text, const char *a, const char *b, char hint,
                          struct arena *arena)
{
    struct message m[] = {
        {S("user"), S(QUESTION)}, {S("assistant"), slice_of(a)}, {S("assistant"), slice_of(b)}};
    struct judge_task task = {.prompt = {&m[0], 1},
                              .answer_a = {&m[1], 1},
                              .answer_b = {&m[2], 1},
                              .reference = S("{{question}}"),
                              .nonce = S("_k3f9b2d"),
                              .hint = hint};
    struct chat chat = {0};
    struct err e;
    fuzz_check(template_render(text, &task, &chat, arena, &e));
    fuzz_check(chat.n >= 1 && chat.n <= 2);
    fuzz_check(slice_is(chat.messages[chat.n - 1].role, "user"));
    return chat;
}

static void check_rendered(struct slice text, const struct judge *judge)
{
    struct arena arena;
    if (text.n > 4096 || slice_find(text, S("~#")) != SIZE_MAX)
        return;
    arena_init(&arena, 64 << 20);
    struct chat ab = render(text, ONE, TWO, 0, &arena), ba = render(text, TWO, ONE, 0, &arena);
    size_t shown = count_in(&ab, ONE);
    fuzz_check(shown >= 1 && count_in(&ab, QUESTION) >= 1);
    if (!judge->pointwise)
        fuzz_check(count_in(&ab, TWO) == shown);
    fuzz_check(ab.n == ba.n);
    for (size_t i = 0; i < ab.n; i++)
        fuzz_check(ab.messages[i].content.n == ba.messages[i].content.n);
    /* without a hint nothing depends on who wins; with one it is the letter that differs */
    struct chat a = render(text, ONE, TWO, 'A', &arena), b = render(text, ONE, TWO, 'B', &arena);
    fuzz_check(a.n == b.n && chat_bytes(&a) == chat_bytes(&b));
    arena_free(&arena);
}

/* The first byte chooses the format. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice text = fuzz_input(data, n);
    uint8_t choice = fuzz_byte(&text);
    const struct judge *judge = judge_of((enum format)(choice % FORMAT_COUNT));
    struct err e = {0};
    if (template_check(text, judge, &e))
        check_rendered(text, judge);
    else
        fuzz_check(e.code == ERR_USAGE && e.text[0] && !strchr(e.text, '\n'));
    return 0;
}
