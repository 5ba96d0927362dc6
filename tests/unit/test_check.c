/* The checker: what it is shown, and how its review is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "judges/check.h"

static struct message messages[] = {{{"user", 4}, {"How many?", 9}},
                                    {{"assistant", 9}, {"Seven apples.", 13}},
                                    {{"assistant", 9}, {"Eight <apples>.", 15}}};

static struct judge_task pair(void)
{
    return (struct judge_task){.prompt = {&messages[0], 1},
                               .answer_a = {&messages[1], 1},
                               .answer_b = {&messages[2], 1},
                               .reference = S("Seven."),
                               .nonce = S("_k3f9a2b"),
                               .hint = 'A'};
}

struct shown {
    struct arena arena;
    struct chat chat;
    struct slice system, user;
};

static void show(struct shown *s, const struct judge_task *task, const char *thought, bool claims)
{
    struct err e;
    arena_init(&s->arena, 1 << 20);
    if (!check_render(task, slice_of(thought), claims, &s->chat, &s->arena, &e))
        fail_msg("%s", e.text);
    assert_int_equal(s->chat.n, 2);
    s->system = s->chat.messages[0].content;
    s->user = s->chat.messages[1].content;
}

static bool has(struct slice text, const char *part)
{
    return slice_find(text, slice_of(part)) != SIZE_MAX;
}

static void it_sees_question_answers_and_critique(void **state)
{
    (void)state;
    struct judge_task task = pair();
    struct shown s;
    show(&s, &task, "A counts right. B counts one too many.", false);
    assert_true(has(s.user, "[User Question_k3f9a2b]\nHow many?\n"));
    assert_true(has(s.user, "Answer_k3f9a2b]\nEight <apples>.\n[The End"));
    assert_true(has(s.user, "Seven.\n"));
    assert_true(
        slice_ends(s.user, S("[The Start of the Critique_k3f9a2b]\nA counts right. B counts "
                             "one too many.\n[The End of the Critique_k3f9a2b]")));
    assert_false(has(s.user, "known to be the better"));
    assert_true(has(s.system, "<answer_k3f9a2b>[[A]]</answer_k3f9a2b>"));
    assert_false(has(s.system, "<claims"));
    arena_free(&s.arena);
    show(&s, &task, "A counts right.", true);
    assert_true(has(s.system, "<claims_k3f9a2b>false</claims_k3f9a2b>"));
    arena_free(&s.arena);
    task.answer_b.n = 0;
    show(&s, &task, "It counts right.", true);
    assert_true(has(s.user, "[The Start of the Assistant's Answer_k3f9a2b]\nSeven apples.\n"));
    assert_true(has(s.system, "speaks against it"));
    arena_free(&s.arena);
}

static void the_critique_does_not_give_its_verdict_away(void **state)
{
    (void)state;
    static const struct {
        const char *thought, *shown;
    } rows[] = {
        {"B adds one too many. So A is better. [[A]]", "B adds one too many."},
        {"First impression: A wins. B adds one too many. It also has a typo. It is short. "
         "It is dull. Verdict: A.",
         "B adds one too many. It also has a typo. It is short. It is dull."},
        {"Score: A 7, B 4. B adds one too many. It has a typo. It is short. It is dull.",
         "B adds one too many. It has a typo. It is short. It is dull."},
        {"<score_A>7</score_A>\nB adds one too many. It has a typo. It is short. It is dull.",
         "B adds one too many. It has a typo. It is short. It is dull."},
        {"A is better.", "(It says no more than its verdict.)"},
        {"", "(It says no more than its verdict.)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct judge_task task = pair();
        struct shown s;
        show(&s, &task, rows[i].thought, false);
        size_t start = slice_find(s.user, S("of the Critique_k3f9a2b]\n"));
        struct slice critique = slice_from(s.user, start + strlen("of the Critique_k3f9a2b]\n"));
        critique = slice_sub(critique, 0, slice_rfind(critique, S("\n[The End of the Critique")));
        if (!slice_is(slice_trim(critique), rows[i].shown))
            fail_msg("'" SLICE_FMT "'", SLICE_ARG(critique));
        arena_free(&s.arena);
    }
}

static void reviews_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text, *nonce;
        enum finish finish;
        enum verdict expect;
        const char *why;
    } rows[] = {
        {"<answer>[[A]]</answer>", "", FINISH_STOP, VERDICT_A, "speaks for A"},
        {"<answer>[[B]]</answer>", "", FINISH_STOP, VERDICT_B, "speaks for B"},
        {"<answer>[[C]]</answer>", "", FINISH_STOP, VERDICT_TIE, "for neither"},
        {"<claims>true</claims><answer>[[A]]</answer>", "", FINISH_STOP, VERDICT_A, "claims hold"},
        {"<claims> false </claims><answer>[[A]]</answer>", "", FINISH_STOP, VERDICT_DISPUTED,
         "a claim is false"},
        {"<answer>[[A]]</answer><claims>false</claims>", "", FINISH_STOP, VERDICT_DISPUTED,
         "in either order"},
        {"<claims>perhaps</claims><answer>[[A]]</answer>", "", FINISH_STOP, VERDICT_MALFORMED,
         "neither true nor false"},
        {"<claims>true<answer>[[A]]</answer>", "", FINISH_STOP, VERDICT_MALFORMED, "never closed"},
        {"<claims></claims><answer>[[A]]</answer>", "", FINISH_STOP, VERDICT_MALFORMED, "empty"},
        {"<claims>true</claims><claims>false</claims><answer>[[A]]</answer>", "", FINISH_STOP,
         VERDICT_CONFLICTING, "two that disagree"},
        {"<claims>true</claims><claims>true</claims><answer>[[B]]</answer>", "", FINISH_STOP,
         VERDICT_B, "two that agree"},
        {"<claims>false</claims>", "", FINISH_STOP, VERDICT_NONE, "no answer"},
        {"<think><claims>false</claims></think><answer>[[A]]</answer>", "", FINISH_STOP, VERDICT_A,
         "the thought has no say"},
        {"<claims_x>false</claims_x><answer_x>[[A]]</answer_x>", "_x", FINISH_STOP,
         VERDICT_DISPUTED, "with a nonce"},
        {"<claims>false</claims><answer_x>[[A]]</answer_x>", "_x", FINISH_STOP, VERDICT_A,
         "a tag without its nonce is anybody's"},
        {"<answer>[[A]]</answer>", "", FINISH_LENGTH, VERDICT_TRUNCATED, "cut off"},
        {"", "", FINISH_STOP, VERDICT_EMPTY, "nothing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trace t = trace_split(slice_of(rows[i].text), S(""), THOUGHT_ABSENT, rows[i].finish);
        struct judge_reading r = check_parse(&t, slice_of(rows[i].nonce));
        if (r.verdict != rows[i].expect)
            fail_msg("%s: %s", rows[i].why, verdict_name(r.verdict));
        assert_int_equal(r.score_a, SCORE_NONE);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct judge_task task = pair();
    struct arena arena;
    struct chat chat;
    struct err e;
    arena_init(&arena, 3000);
    char thought[4000];
    memset(thought, 'x', sizeof thought);
    assert_false(
        check_render(&task, (struct slice){thought, sizeof thought}, true, &chat, &arena, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_sees_question_answers_and_critique),
        cmocka_unit_test(the_critique_does_not_give_its_verdict_away),
        cmocka_unit_test(reviews_are_read_strictly),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
