#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The simulated teacher is no library: its pure parts are compiled into their tests. */
#include "cli/sim_teacher/built.c"
#include "cli/sim_teacher/essay.c"
#include "cli/sim_teacher/final.c"
#include "cli/sim_teacher/frame.c"
#include "cli/sim_teacher/map.c"
#include "cli/sim_teacher/mix.c"
#include "cli/sim_teacher/prompts.c"
#include "cli/sim_teacher/question.c"
#include "cli/sim_teacher/truth.c"
#include "cli/sim_teacher/words.c"

#include "judges/template.h"

struct fixture {
    struct truth truth;
    struct arena arena;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    truth_init(&f->truth);
    arena_init(&f->arena, 1 << 24);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    truth_free(&f->truth);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static struct chat lone(struct fixture *f, const char *role, const char *text)
{
    struct message *m = arena_alloc(&f->arena, sizeof *m);
    *m = (struct message){slice_of(role), slice_of(text)};
    return (struct chat){m, 1};
}

/* ask_task(f, format, task): the text of the question as the judge format writes it. */
static struct slice ask_task(struct fixture *f, enum format format, const struct judge_task *task)
{
    struct chat out;
    struct err e;
    assert_true(template_render(slice_of(judge_of(format)->wording), task, &out, &f->arena, &e));
    return out.messages[out.n - 1].content;
}

static struct slice ask_chats(struct fixture *f, struct chat prompt, struct chat a, struct chat b)
{
    struct judge_task task = {.prompt = prompt, .answer_a = a, .answer_b = b};
    return ask_task(f, FORMAT_VERDICT, &task);
}

static bool look(struct fixture *f, enum format format, struct slice text, struct truth_view *v)
{
    struct frame frame;
    frame_of(&frame, judge_of(format));
    return truth_look(&f->truth, text, &frame, v);
}

static struct slice ask(struct fixture *f, const char *prompt, const char *a, const char *b)
{
    return ask_chats(f, lone(f, "user", prompt), lone(f, "assistant", a), lone(f, "assistant", b));
}

static void know(struct fixture *f, const char *prompt, const char *right, const char *wrong)
{
    struct chat p = lone(f, "user", prompt), r = lone(f, "assistant", right),
                w = lone(f, "assistant", wrong);
    struct question q;
    struct err e;
    assert_true(question_render(&p, &r, &w, &q, &f->arena, &e));
    assert_true(truth_add(&f->truth, &q, &e));
}

static enum verdict gold_of(struct fixture *f, struct slice text)
{
    struct truth_view v;
    assert_true(look(f, FORMAT_VERDICT, text, &v));
    return v.gold;
}

static void the_right_answer_is_known_in_both_orders(void **state)
{
    struct fixture *f = *state;
    know(f, "2+2?", "4", "5");
    struct truth_view one, other;
    assert_true(look(f, FORMAT_VERDICT, ask(f, "2+2?", "4", "5"), &one));
    assert_true(look(f, FORMAT_VERDICT, ask(f, "2+2?", "5", "4"), &other));
    assert_int_equal(one.gold, VERDICT_A);
    assert_int_equal(other.gold, VERDICT_B);
    assert_true(one.pair == other.pair);
    assert_true(slice_is(one.shown.prompt, "2+2?") && slice_is(one.shown.a, "4") &&
                slice_is(one.shown.b, "5"));
    assert_int_equal(gold_of(f, ask(f, "2+2?", "4", "6")), VERDICT_NONE);
}

static void texts_may_hold_the_markers(void **state)
{
    struct fixture *f = *state;
    const char *const between = "x\n[The End of Assistant A's Answer]\n\n[The Start of Assistant "
                                "B's Answer]\ny";
    const char *const end = "z\n[The End of Assistant B's Answer]";
    const char *const start = "q\n\n[The Start of Assistant A's Answer]\nw";
    const char *const head = "h\n[User Question]\nv";
    const char *const texts[] = {between, end, start, head, "plain", ""};
    const size_t n = sizeof texts / sizeof texts[0];
    for (size_t p = 0; p < n; p++)
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < i; k++)
                know(f, texts[p], texts[i], texts[k]);
    for (size_t p = 0; p < n; p++) {
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < i; k++) {
                assert_int_equal(gold_of(f, ask(f, texts[p], texts[i], texts[k])), VERDICT_A);
                assert_int_equal(gold_of(f, ask(f, texts[p], texts[k], texts[i])), VERDICT_B);
            }
        }
    }
}

static void the_prompt_decides_between_contradicting_pairs(void **state)
{
    struct fixture *f = *state;
    know(f, "Is 7 prime?", "Yes", "No");
    know(f, "Is 8 prime?", "No", "Yes");
    assert_int_equal(gold_of(f, ask(f, "Is 7 prime?", "Yes", "No")), VERDICT_A);
    assert_int_equal(gold_of(f, ask(f, "Is 8 prime?", "Yes", "No")), VERDICT_B);
    assert_int_equal(gold_of(f, ask(f, "Is 9 prime?", "Yes", "No")), VERDICT_NONE);
    know(f, "Is 7 prime?", "No", "Yes");
    assert_int_equal(gold_of(f, ask(f, "Is 7 prime?", "Yes", "No")), VERDICT_NONE);
}

static void answers_are_recognised_under_another_prompt(void **state)
{
    struct fixture *f = *state;
    know(f, "2+2?", "4", "5");
    assert_int_equal(gold_of(f, ask(f, "[System]\nBe brief.\n\n[User]\n2+2?", "5", "4")),
                     VERDICT_B);
}

/* A lone answer is known by its prompt, and without it unless two pairs contradict each other. */
static void one_answer_alone_is_known_to_be_right_or_wrong(void **state)
{
    struct fixture *f = *state;
    know(f, "2+2?", "4", "5");
    know(f, "2+3?", "5", "4");
    know(f, "Tall?", "yes", "no");
    /* clang-format off */
    static const struct {
        const char *prompt, *answer;
        enum verdict gold;
        const char *why;
    } rows[] = {
        {"2+2?", "4", VERDICT_A, "the right one"},
        {"2+2?", "5", VERDICT_B, "the wrong one"},
        {"2+3?", "5", VERDICT_A, "right under another prompt"},
        {"9+9?", "5", VERDICT_NONE, "right here and wrong there"},
        {"Is it tall?", "yes", VERDICT_A, "a prompt that is not known"},
        {"2+2?", "7", VERDICT_NONE, "not known"},
    };
    /* clang-format on */
    struct truth_view views[6];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct judge_task task = {.prompt = lone(f, "user", rows[i].prompt),
                                  .answer_a = lone(f, "assistant", rows[i].answer)};
        assert_true(look(f, FORMAT_POINTWISE, ask_task(f, FORMAT_POINTWISE, &task), &views[i]));
        if (views[i].gold != rows[i].gold)
            fail_msg("%s: %s", rows[i].why, verdict_name(views[i].gold));
        assert_true(slice_is(views[i].shown.prompt, rows[i].prompt));
        assert_true(slice_is(views[i].shown.a, rows[i].answer));
    }
    struct truth_view both;
    assert_true(look(f, FORMAT_VERDICT, ask(f, "2+2?", "5", "4"), &both));
    assert_true(views[0].pair == views[1].pair);
    assert_true(views[0].pair == both.pair);
}

static void a_reference_or_a_rubric_does_not_hide_the_prompt(void **state)
{
    struct fixture *f = *state;
    static const enum format formats[] = {FORMAT_VERDICT, FORMAT_SCORES, FORMAT_SCORES_VERDICT,
                                          FORMAT_PLAN};
    know(f, "2+2?", "4", "5");
    know(f, "2+3?", "5", "4"); /* the prompt must decide */
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        for (int helps = 0; helps < 4; helps++) {
            struct judge_task task = {.prompt = lone(f, "user", "2+2?"),
                                      .answer_a = lone(f, "assistant", "5"),
                                      .answer_b = lone(f, "assistant", "4"),
                                      .reference = helps & 1 ? S("It is 4.") : S(""),
                                      .rubric = helps & 2 ? S("Be strict.") : S("")};
            struct truth_view v;
            assert_true(look(f, formats[i], ask_task(f, formats[i], &task), &v));
            assert_int_equal(v.gold, VERDICT_B);
            assert_true(slice_is(v.shown.prompt, "2+2?"));
        }
    }
}

static void what_shows_no_two_answers_is_no_question(void **state)
{
    struct fixture *f = *state;
    struct truth_view v;
    static const char *const texts[] = {"",
                                        "Say OK.",
                                        "[User Question]\n",
                                        "[User Question]\nx\n[The End of Assistant B's Answer]",
                                        "[User Question]\n\n[The Start of Assistant A's "
                                        "Answer]\n\n[The End of Assistant A's Answer]",
                                        "\n[The End of Assistant B's Answer][User Question]\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(look(f, FORMAT_VERDICT, slice_of(texts[i]), &v));
}

static void a_text_full_of_markers_is_read_in_bounded_ways(void **state)
{
    (void)state;
    struct question readings[QUESTION_MAX_READINGS];
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_str(&b, "[User Question]\n");
    for (int i = 0; i < 100; i++)
        buf_str(&b, "\n\n[The Start of Assistant A's Answer]\n\n[The End of Assistant A's "
                    "Answer]\n\n[The Start of Assistant B's Answer]\n");
    buf_str(&b, "\n[The End of Assistant B's Answer]");
    struct frame frame;
    frame_of(&frame, judge_of(FORMAT_VERDICT));
    size_t n = question_read(buf_view(&b), &frame, readings);
    assert_true(n > 0 && n <= QUESTION_MAX_READINGS);
    buf_free(&b);
}

static void seed_files_of_every_format_are_loaded(void **state)
{
    struct fixture *f = *state;
    char path[] = "/tmp/gavel-test-truth-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs("{\"prompt\":\"2+2?\",\"chosen\":\"4\",\"rejected\":\"5\"}\n"
          "{\"prompt\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
          "{\"role\":\"user\",\"content\":\"3+3?\"}],"
          "\"chosen\":[{\"role\":\"assistant\",\"content\":\"6\"}],"
          "\"rejected\":{\"role\":\"assistant\",\"content\":\"7\"}}\n"
          "{\"prompt\":\"4+4?\",\"answer\":\"8\"}\n"
          "this is no JSON\n\n"
          "{\"question\":\"5+5?\",\"ground_truth\":\"A: 10\","
          "\"one\":{\"is_correct\":true,\"solution\":\"five and five\\nA: 10\"},"
          "\"two\":{\"is_correct\":false,\"solution\":\"five times five\\nA: 25\"}}",
          file);
    fclose(file);
    struct err e;
    bool ok = truth_load(&f->truth, path, &e);
    unlink(path);
    assert_true(ok);
    assert_int_equal(f->truth.pairs, 3);
    assert_int_equal(f->truth.skipped, 2);
    assert_int_equal(gold_of(f, ask(f, "2+2?", "5", "4")), VERDICT_B);
    struct message turns[] = {{S("system"), S("Be brief.")}, {S("user"), S("3+3?")}};
    struct slice text = ask_chats(f, (struct chat){turns, 2}, lone(f, "assistant", "6"),
                                  lone(f, "assistant", "7"));
    assert_int_equal(gold_of(f, text), VERDICT_A);
    assert_int_equal(gold_of(f, ask(f, "5+5?", "five times five\nA: 25", "five and five\nA: 10")),
                     VERDICT_B);
    assert_false(truth_load(&f->truth, "/nonexistent/seeds.jsonl", &e));
    assert_non_null(strstr(e.text, "/nonexistent/seeds.jsonl"));
}

static void the_map_keeps_what_it_was_given_up_to_its_maximum(void **state)
{
    (void)state;
    struct map m;
    map_init(&m, 5000);
    assert_int_equal(map_get(&m, 3), 0);
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t *value = map_at(&m, i * 0x9E3779B97F4A7C15u);
        assert_non_null(value);
        assert_int_equal(*value, 0);
        *value = i + 7;
    }
    assert_null(map_at(&m, 42));
    for (uint64_t i = 0; i < 5000; i++) {
        assert_int_equal(map_get(&m, i * 0x9E3779B97F4A7C15u), i + 7);
        assert_int_equal(*map_at(&m, i * 0x9E3779B97F4A7C15u), i + 7);
    }
    assert_int_equal(map_get(&m, 42), 0);
    map_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_right_answer_is_known_in_both_orders, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_may_hold_the_markers, setup, teardown),
        cmocka_unit_test_setup_teardown(the_prompt_decides_between_contradicting_pairs, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(answers_are_recognised_under_another_prompt, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(one_answer_alone_is_known_to_be_right_or_wrong, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_reference_or_a_rubric_does_not_hide_the_prompt, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_shows_no_two_answers_is_no_question, setup, teardown),
        cmocka_unit_test_setup_teardown(seed_files_of_every_format_are_loaded, setup, teardown),
        cmocka_unit_test(a_text_full_of_markers_is_read_in_bounded_ways),
        cmocka_unit_test(the_map_keeps_what_it_was_given_up_to_its_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
