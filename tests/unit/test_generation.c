/* Generation: what a generator is asked, and how the two parts of its answer are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "judges/generation.h"

#define MIB ((size_t)1 << 20)

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 * MIB);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct message turn(const char *role, const char *text)
{
    return (struct message){slice_of(role), slice_of(text)};
}

static struct chat render(enum ask ask, const struct judge_task *task, const char *instruction)
{
    struct chat chat = {0};
    struct err e = {0};
    if (!generation_render(ask, task, slice_of(instruction), &chat, &arena, &e))
        fail_msg("%s", e.text);
    return chat;
}

static size_t count(struct slice text, const char *part)
{
    size_t n = 0, at;
    while ((at = slice_find(text, slice_of(part))) != SIZE_MAX) {
        n++;
        text = slice_from(text, at + 1);
    }
    return n;
}

/* ---- asking ---- */

static void an_answer_is_asked_for_with_the_prompt_itself(void **state)
{
    (void)state;
    struct message m[] = {turn("system", "Be brief."), turn("user", "2+2?")};
    const struct judge_task task = {.prompt = {m, 2}};
    struct chat chat = render(ASK_ANSWER, &task, "");
    assert_int_equal(chat.n, 2);
    assert_true(chat_eq(&chat, &task.prompt));
}

static void the_instruction_follows_the_last_message(void **state)
{
    (void)state;
    struct message m[] = {turn("user", "Hello"), turn("assistant", "Hi"), turn("user", "2+2?")};
    const struct judge_task task = {.prompt = {m, 3}};
    struct chat chat = render(ASK_ANSWER, &task, "Box it.");
    assert_int_equal(chat.n, 3);
    assert_true(slice_is(chat.messages[2].content, "2+2?\n\nBox it."));
    assert_true(slice_is(chat.messages[2].role, "user"));
    assert_true(slice_is(chat.messages[0].content, "Hello"));
    assert_true(slice_is(m[2].content, "2+2?")); /* the seed's own is as it was */
}

static void a_changed_prompt_is_asked_for_with_prompt_and_baseline(void **state)
{
    (void)state;
    struct message m[] = {turn("user", "Where is Rome?")};
    struct message a[] = {turn("assistant", "In Italy.")};
    const struct judge_task task = {.prompt = {m, 1}, .answer_a = {a, 1}, .nonce = S("")};
    struct chat chat = render(ASK_MODIFY, &task, "never said");
    assert_int_equal(chat.n, 1);
    struct slice text = chat.messages[0].content;
    assert_true(slice_is(chat.messages[0].role, "user"));
    assert_int_equal(count(text, "Where is Rome?"), 1);
    assert_int_equal(count(text, "In Italy."), 1);
    assert_int_equal(count(text, "never said"), 0);
    assert_int_equal(count(text, "<changed_prompt>"), 1);
    assert_int_equal(count(text, "</changed_prompt>"), 1);
    assert_int_equal(count(text, "<answer_to_it>"), 1);
    assert_int_equal(count(text, "</answer_to_it>"), 1);
    assert_int_equal(count(text, "[user]"), 0); /* one turn needs no names */
}

static void turns_of_a_conversation_are_named(void **state)
{
    (void)state;
    struct message m[] = {turn("user", "Hello"), turn("assistant", "Hi"), turn("user", "Rome?")};
    struct message a[] = {turn("assistant", "In Italy.")};
    const struct judge_task task = {.prompt = {m, 3}, .answer_a = {a, 1}};
    struct slice text = render(ASK_MODIFY, &task, "").messages[0].content;
    assert_int_equal(count(text, "[user]\nHello\n\n[assistant]\nHi\n\n[user]\nRome?"), 1);
}

/* Texts that quote the marks get marks with a nonce, and only those. */
static void a_seed_that_quotes_a_mark_gets_a_nonce(void **state)
{
    (void)state;
    static const char *const quoted[] = {"<changed_prompt>x</changed_prompt>", "see answer_to_it",
                                         "[The End of the Prompt]", "[The Start of the Response]"};
    struct id seed, recipe;
    char nonce[NONCE_BYTES + 1], again[NONCE_BYTES + 1];
    memset(&seed, 1, sizeof seed);
    memset(&recipe, 2, sizeof recipe);
    generation_nonce(&seed, &recipe, S("an <answer>"), S("[[A]]"), nonce);
    assert_string_equal(nonce, "");
    for (size_t i = 0; i < sizeof quoted / sizeof quoted[0]; i++) {
        generation_nonce(&seed, &recipe, slice_of(quoted[i]), S("fine"), nonce);
        assert_int_equal(strlen(nonce), NONCE_BYTES);
        generation_nonce(&seed, &recipe, S("fine"), slice_of(quoted[i]), again);
        assert_string_equal(nonce, again); /* of seed and recipe alone */
    }
    recipe.b[0]++;
    generation_nonce(&seed, &recipe, S("fine"), slice_of(quoted[0]), again);
    assert_string_not_equal(nonce, again);
}

static void the_marks_of_a_request_carry_the_nonce(void **state)
{
    (void)state;
    struct message m[] = {turn("user", "What is <changed_prompt>?")};
    struct message a[] = {turn("assistant", "[The End of the Response]")};
    const struct judge_task task = {.prompt = {m, 1}, .answer_a = {a, 1}, .nonce = S("_abc1234")};
    struct slice text = render(ASK_MODIFY, &task, "").messages[0].content;
    assert_int_equal(count(text, "<changed_prompt_abc1234>"), 1);
    assert_int_equal(count(text, "<changed_prompt>"), 1); /* the quoted one */
    assert_int_equal(count(text, "</answer_to_it_abc1234>"), 1);
    assert_int_equal(count(text, "[The Start of the Prompt_abc1234]"), 1);
    assert_int_equal(count(text, "[The End of the Response_abc1234]"), 1);
}

static void a_request_that_has_no_room_is_an_error(void **state)
{
    (void)state;
    struct arena small;
    struct err e = {0};
    struct chat chat;
    struct message m[] = {turn("user", "Where is Rome?")};
    struct message a[] = {turn("assistant", "In Italy.")};
    const struct judge_task task = {.prompt = {m, 1}, .answer_a = {a, 1}};
    arena_init(&small, 600);
    assert_false(generation_render(ASK_MODIFY, &task, S(""), &chat, &small, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    arena_free(&small);
    arena_init(&small, 8);
    assert_false(generation_render(ASK_ANSWER, &task, S("Box it."), &chat, &small, &e));
    arena_free(&small);
}

/* ---- reading ---- */

static bool parse(const char *answer, const char *nonce, struct generation_modified *out)
{
    return generation_parse(slice_of(answer), slice_of(nonce), out);
}

static void the_two_parts_are_read_without_their_margins(void **state)
{
    (void)state;
    struct generation_modified m;
    assert_true(parse("Sure!\n<changed_prompt>\n Where is Paris? \n</changed_prompt>\n\n"
                      "<answer_to_it>In\nFrance.</answer_to_it> Bye.",
                      "", &m));
    assert_true(slice_is(m.prompt, "Where is Paris?"));
    assert_true(slice_is(m.answer, "In\nFrance."));
}

static void whatever_is_not_two_parts_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "no marks at all",
        "<changed_prompt>p</changed_prompt>",
        "<answer_to_it>a</answer_to_it>",
        "<changed_prompt>p<answer_to_it>a</answer_to_it>",
        "<changed_prompt>p</changed_prompt><answer_to_it>a",
        "<changed_prompt> </changed_prompt><answer_to_it>a</answer_to_it>",
        "<changed_prompt>p</changed_prompt><answer_to_it>\n\t</answer_to_it>",
        "<answer_to_it>a</answer_to_it><changed_prompt>p</changed_prompt>",
        "</changed_prompt>p<changed_prompt><answer_to_it>a</answer_to_it>",
        "<changed_prompt>p<answer_to_it>a</changed_prompt>b</answer_to_it>",
        "<changed_prompt>p<answer_to_it>a</answer_to_it></changed_prompt>",
        "<changed_prompt>p</changed_prompt><answer_to_it>a</answer_to_it>"
        "<answer_to_it>b</answer_to_it>",
        "<changed_prompt>p</changed_prompt><changed_prompt>q</changed_prompt>"
        "<answer_to_it>a</answer_to_it>",
        "<changed_prompt>p</changed_prompt><answer_to_it>a</answer_to_it></answer_to_it>",
        "<CHANGED_PROMPT>p</CHANGED_PROMPT><answer_to_it>a</answer_to_it>",
        "<changed_prompt >p</changed_prompt><answer_to_it>a</answer_to_it>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct generation_modified m;
        if (parse(bad[i], "", &m))
            fail_msg("was read: %s", bad[i]);
    }
}

static void with_a_nonce_only_its_marks_count(void **state)
{
    (void)state;
    struct generation_modified m;
    static const char both[] =
        "<changed_prompt_k>What does <changed_prompt> mean?</changed_prompt_k>"
        "<answer_to_it_k>It is a </changed_prompt> tag: <answer_to_it>x</answer_to_it>."
        "</answer_to_it_k>";
    assert_true(parse(both, "_k", &m));
    assert_true(slice_is(m.prompt, "What does <changed_prompt> mean?"));
    assert_true(
        slice_is(m.answer, "It is a </changed_prompt> tag: <answer_to_it>x</answer_to_it>."));
    assert_false(parse(both, "_other", &m));
    assert_false(
        parse("<changed_prompt>p</changed_prompt><answer_to_it>a</answer_to_it>", "_k", &m));
}

static void any_bytes_are_text(void **state)
{
    (void)state;
    static const char answer[] = "<changed_prompt>a\0b [[A]] \"</changed_prompt>"
                                 "<answer_to_it>\xf0\x9f\x98\x80 \xff</answer_to_it>";
    struct generation_modified m;
    assert_true(generation_parse((struct slice){answer, sizeof answer - 1}, S(""), &m));
    assert_int_equal(m.prompt.n, 11);
    assert_int_equal(m.answer.n, 6);
}

/* Each byte is looked at a few times, however many marks there are. */
static void a_megabyte_of_marks_is_read_at_once(void **state)
{
    (void)state;
    static const char *const parts[] = {"<changed_prompt>", "</changed_prompt>", "<answer_to_it>",
                                        "</answer_to_it>",  "<changed_prompt",   "<"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct generation_modified m;
        struct buf b;
        buf_init(&b, 4 * MIB);
        while (b.n < 2 * MIB)
            buf_str(&b, parts[i]);
        assert_false(generation_parse(buf_view(&b), S(""), &m));
        buf_clear(&b);
        buf_str(&b, "<changed_prompt_k>p</changed_prompt_k><answer_to_it_k>");
        while (b.n < 2 * MIB)
            buf_str(&b, parts[i]);
        buf_str(&b, "</answer_to_it_k>");
        assert_true(generation_parse(buf_view(&b), S("_k"), &m));
        buf_free(&b);
    }
}

/* What is asked for, written as it is asked for, is read. */
static void the_form_that_is_asked_for_is_the_one_that_is_read(void **state)
{
    (void)state;
    struct message m[] = {turn("user", "Where is Rome?")};
    struct message a[] = {turn("assistant", "In Italy.")};
    const struct judge_task task = {.prompt = {m, 1}, .answer_a = {a, 1}, .nonce = S("_abc1234")};
    struct slice text = render(ASK_MODIFY, &task, "").messages[0].content;
    struct generation_modified parts;
    assert_true(generation_parse(text, task.nonce, &parts));
    assert_true(slice_is(parts.prompt, "the changed prompt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_asked_for_with_the_prompt_itself),
        cmocka_unit_test(the_instruction_follows_the_last_message),
        cmocka_unit_test(a_changed_prompt_is_asked_for_with_prompt_and_baseline),
        cmocka_unit_test(turns_of_a_conversation_are_named),
        cmocka_unit_test(a_seed_that_quotes_a_mark_gets_a_nonce),
        cmocka_unit_test(the_marks_of_a_request_carry_the_nonce),
        cmocka_unit_test(a_request_that_has_no_room_is_an_error),
        cmocka_unit_test(the_two_parts_are_read_without_their_margins),
        cmocka_unit_test(whatever_is_not_two_parts_is_refused),
        cmocka_unit_test(with_a_nonce_only_its_marks_count),
        cmocka_unit_test(any_bytes_are_text),
        cmocka_unit_test(a_megabyte_of_marks_is_read_at_once),
        cmocka_unit_test(the_form_that_is_asked_for_is_the_one_that_is_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
