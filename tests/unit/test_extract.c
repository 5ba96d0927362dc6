/* The final answer in a whole text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filters/answers/extract.h"
#include "filters/answers/rules.h"

static struct extracted extract(enum answer_kind kind, enum extract_style style, struct slice text)
{
    const struct answer_rules rules = answer_rules_default();
    const struct extract_how how = extract_how(kind, style, &rules);
    return extract_answer(&how, text, S(""), FINISH_STOP);
}

static void test_cases(void **state)
{
    int wrong = 0;
    (void)state;
    for (const struct extract_case *c = extract_cases; c->text; c++) {
        struct extracted x = extract(c->kind, c->style, slice_of(c->text));
        if (x.reason == c->reason && slice_is(x.answer, c->answer))
            continue;
        print_error("%s: '%s': %s '" SLICE_FMT "'\n", c->why, c->text,
                    extract_reason_name(x.reason), SLICE_ARG(x.answer));
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void test_cut_off(void **state)
{
    const struct answer_rules rules = answer_rules_default();
    const struct extract_how how = extract_how(ANSWER_KIND_NUMBER, EXTRACT_AUTO, &rules);
    const struct slice text = S("\\boxed{5}");
    (void)state;
    assert_int_equal(extract_answer(&how, text, S(""), FINISH_LENGTH).reason, ANSWER_TRUNCATED);
    assert_int_equal(extract_answer(&how, text, S(""), FINISH_CONTENT_FILTER).reason,
                     ANSWER_TRUNCATED);
    assert_int_equal(extract_answer(&how, text, S(""), FINISH_STOP).reason, ANSWER_FOUND);
}

/* Thought in a field of its own: the text is the answer, and the field never counts. */
static void test_reasoning(void **state)
{
    const struct answer_rules rules = answer_rules_default();
    const struct extract_how how = extract_how(ANSWER_KIND_NUMBER, EXTRACT_AUTO, &rules);
    struct extracted x = extract_answer(&how, S("It is \\boxed{5}."), S("\\boxed{4}"), FINISH_STOP);
    (void)state;
    assert_true(slice_is(x.answer, "5"));
    x = extract_answer(&how, S("It is so."), S("\\boxed{4}"), FINISH_STOP);
    assert_int_equal(x.reason, ANSWER_NO_ANSWER);
}

static void test_the_answer_is_a_piece_of_the_text(void **state)
{
    const struct slice text = S("So **Answer:** $12$.\nand \\boxed{ {12} } it is");
    struct extracted x = extract(ANSWER_KIND_TEXT, EXTRACT_AUTO, text);
    (void)state;
    assert_true(x.answer.p > text.p && x.answer.p + x.answer.n < text.p + text.n);
    assert_true(slice_is(x.answer, "{12}"));
    assert_true(slice_is(x.place, "\\boxed{ {12} }"));
}

static void test_regex_and_exec_boxes_agree_as_text(void **state)
{
    (void)state;
    assert_int_equal(extract(ANSWER_KIND_REGEX, EXTRACT_AUTO, S("\\boxed{.*} \\boxed{x}")).reason,
                     ANSWER_CONFLICTING);
    assert_true(slice_is(
        extract(ANSWER_KIND_EXEC, EXTRACT_AUTO, S("\\boxed{a  b} \\boxed{a b}")).answer, "a b"));
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(extract_reason_name(ANSWER_CONFLICTING), "conflicting");
    for (int r = ANSWER_NO_ANSWER; r < EXTRACT_REASON_COUNT; r++)
        assert_true(*extract_reason_help((enum extract_reason)r));
}

/* A megabyte of what opens something: a quadratic search would not end within the test's time. */
static void test_megabytes(void **state)
{
    static const char *const units[] = {
        "\\boxed{",
        "\\boxed{1}",
        "\\boxed ",
        "\\boxed",
        "\\fbox{\\boxed{",
        "answer is ",
        "answer is \"",
        "answer is **",
        "answer:\n",
        "**answer**\n",
        "Answer:\n$$\n",
        "Answer:\n\\[\n",
        "#### 1\n",
        "####",
        "<think>",
        "answer is $",
        "Answer: answer is ",
        "{",
        "\\",
        "1,",
        "\xe7\xad\x94\xe6\xa1\x88\xe6\x98\xaf",
        "*",
        "**",
        "1/",
    };
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE);
    (void)state;
    assert_non_null(text);
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        size_t n = strlen(units[u]);
        for (size_t i = 0; i < SIZE; i++)
            text[i] = units[u][i % n];
        for (int s = 0; s < EXTRACT_STYLE_COUNT; s++) {
            enum answer_kind kind = s == EXTRACT_LAST_NUMBER ? ANSWER_KIND_CHOICE
                                                             : ANSWER_KIND_NUMBER;
            struct extracted x = extract(kind, (enum extract_style)s, (struct slice){text, SIZE});
            assert_true(x.answer.n <= ANSWER_MAX);
        }
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_reasoning),
        cmocka_unit_test(test_the_answer_is_a_piece_of_the_text),
        cmocka_unit_test(test_regex_and_exec_boxes_agree_as_text),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_megabytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
