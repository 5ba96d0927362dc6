/* Checking: every mark that a sample can get, and for what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "coordinator/checking.h"

#define PROMPT "[{\"role\":\"user\",\"content\":\"Where in Italy does the river Tiber end?\"}]"
#define BASELINE "It ends in the sea at Ostia, close to Rome."
#define PARTS(prompt, answer) \
    "<changed_prompt>" prompt "</changed_prompt><answer_to_it>" answer "</answer_to_it>"

static struct arena arena;
static struct project project;

static void open_project(const char *more)
{
    struct err e = {0};
    char text[2000];
    arena_free(&arena);
    arena_init(&arena, 64 << 20);
    snprintf(text, sizeof text, "endpoints: [{url: \"http://127.0.0.1:1/v1\", model: m}]\n%s",
             more);
    if (!project_from_text(&project, &arena, "t.yaml", slice_of(text), &e))
        fail_msg("%s", e.text);
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct checking known(const char *gold, const char *answer)
{
    return (struct checking){.project = &project,
                             .lane = LANE_ANSWER,
                             .known = true,
                             .gold = slice_of(gold),
                             .kind = S(""),
                             .prompt = S(PROMPT),
                             .finish = FINISH_STOP,
                             .answer = slice_of(answer)};
}

static struct checking modified(const char *answer)
{
    return (struct checking){.project = &project,
                             .lane = LANE_MODIFIED,
                             .prompt = S(PROMPT),
                             .baseline = S(BASELINE),
                             .nonce = S(""),
                             .finish = FINISH_STOP,
                             .answer = slice_of(answer)};
}

static struct samples_check look(struct checking c)
{
    struct samples_check check;
    assert_true(checking_look(&c, &check, &arena));
    return check;
}

static void answers_are_right_or_wrong_by_both_checks_or_unsure(void **state)
{
    (void)state;
    static const struct {
        const char *gold, *answer;
        enum sample_mark mark;
    } cases[] = {
        {"4", "So \\boxed{4}.", MARK_RIGHT},
        {"4", "So \\boxed{5}.", MARK_WRONG},
        {"1/2", "\\boxed{0.5}", MARK_RIGHT},
        {"1/2", "\\boxed{\\frac{2}{4}}", MARK_RIGHT},
        {"50", "\\boxed{50\\%}", MARK_UNSURE}, /* strict: no; lenient: yes */
        {"4", "I do not know.", MARK_NO_ANSWER},
        {"4", "First \\boxed{3}, then \\boxed{5}.", MARK_CONFLICTING},
        {"4", "", MARK_EMPTY},
        {"4", " \n\t", MARK_EMPTY},
    };
    open_project("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct samples_check check = look(known(cases[i].gold, cases[i].answer));
        if (check.mark != cases[i].mark)
            fail_msg("%s for %s is %s", cases[i].answer, cases[i].gold, mark_name(check.mark));
    }
}

static void a_check_tells_what_it_compared(void **state)
{
    (void)state;
    open_project("");
    struct samples_check check = look(known("4", "So \\boxed{5}."));
    assert_true(slice_is(check.final, "5"));
    assert_int_equal(check.strict, ANSWER_DIFFERENT);
    assert_int_equal(check.lenient, ANSWER_DIFFERENT);
    assert_true(check.why.n > 0);
    assert_true(check.prompt_overlap == -1 && check.answer_overlap == -1);
    assert_int_equal(check.answer_part.n, 0);
    check = look(known("4", "nothing"));
    assert_true(check.why.n > 0 && check.final.n == 0);
}

static void what_was_cut_off_or_refused_is_no_answer(void **state)
{
    (void)state;
    open_project("");
    struct checking c = known("4", "So \\boxed{4}.");
    c.finish = FINISH_LENGTH;
    assert_int_equal(look(c).mark, MARK_TRUNCATED);
    c.finish = FINISH_CONTENT_FILTER;
    assert_int_equal(look(c).mark, MARK_REFUSED);
    c.finish = FINISH_STOP;
    c.unclosed = true;
    assert_int_equal(look(c).mark, MARK_TRUNCATED);
    c = modified(PARTS("Where does the river Arno end?", "At Pisa."));
    c.finish = FINISH_LENGTH;
    assert_int_equal(look(c).mark, MARK_TRUNCATED);
}

static void the_seeds_own_kind_of_answer_goes_before_the_projects(void **state)
{
    (void)state;
    open_project("answers: {kind: text}\n");
    struct checking c = known("1/2", "Answer: 0.5");
    assert_int_equal(look(c).mark, MARK_WRONG);
    c.kind = S("math");
    assert_int_equal(look(c).mark, MARK_RIGHT);
    c = known("B", "The answer is (B).");
    c.kind = S("choice");
    assert_int_equal(look(c).mark, MARK_RIGHT);
    c.gold = S("C");
    assert_int_equal(look(c).mark, MARK_WRONG);
}

/* A unit that one side lacks: the strict comparison minds it, the rules by default do not. */
static void what_a_right_answer_must_pass_is_a_setting(void **state)
{
    (void)state;
    open_project("answers: {kind: math}\n");
    struct checking c = known("18", "So \\boxed{\\$18}.");
    assert_int_equal(look(c).mark, MARK_UNSURE);
    open_project("answers: {kind: math, right_by: rules}\n");
    c = known("18", "So \\boxed{\\$18}.");
    assert_int_equal(look(c).mark, MARK_RIGHT);
    c = known("18", "So \\boxed{17}.");
    assert_int_equal(look(c).mark, MARK_WRONG);
    open_project("answers: {kind: math, right_by: rules, units: required}\n");
    c = known("18", "So \\boxed{18 \\text{ km}}.");
    assert_int_equal(look(c).mark, MARK_UNSURE);
}

static void the_users_command_is_left_to_others(void **state)
{
    (void)state;
    open_project("answers: {kind: exec, exec: \"cat\"}\n");
    struct samples_check check;
    struct checking c = known("4", "So \\boxed{5}.");
    assert_false(checking_look(&c, &check, &arena));
    assert_int_equal(check.mark, MARK_UNCHECKED);
    assert_true(slice_is(check.final, "5"));
    const struct answer_result says[] = {
        {ANSWER_EQUAL, ANSWER_EQUAL, ANSWER_EQUAL, "the command says so"},
        {ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_DIFFERENT, ""},
        {ANSWER_EQUAL, ANSWER_DIFFERENT, ANSWER_EQUAL, ""},
        {ANSWER_UNKNOWN, ANSWER_UNKNOWN, ANSWER_UNKNOWN, ""},
        {ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_UNKNOWN, ""},
    };
    const enum sample_mark marks[] = {MARK_RIGHT, MARK_WRONG, MARK_UNSURE, MARK_UNSURE,
                                      MARK_UNSURE};
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
        checking_heed(c.project, &check, &says[i], &arena);
        assert_int_equal(check.mark, marks[i]);
        assert_true(slice_is(check.why, says[i].why));
    }
    c.answer = S("no answer in it"); /* then there is nothing to ask the command */
    assert_true(checking_look(&c, &check, &arena));
    assert_int_equal(check.mark, MARK_NO_ANSWER);
}

static void a_known_answer_must_be_one_of_its_kind(void **state)
{
    (void)state;
    struct err e = {0};
    open_project("");
    assert_true(checking_gold(&project, S("\\frac{1}{2}"), S(""), &e));
    assert_true(checking_gold(&project, S("B"), S("choice"), &e));
    assert_false(checking_gold(&project, S("about seven, I think; or (eight"), S("number"), &e));
    assert_true(e.text[0]);
    assert_false(checking_gold(&project, S("(unclosed"), S("regex"), &e));
    assert_true(
        checking_gold(&project, S("(unclosed"), S("exec"), &e)); /* the command's business */
}

static void an_open_prompts_answer_is_usable_if_there_is_one(void **state)
{
    (void)state;
    open_project("");
    struct checking c = known("", "It ends in the sea.");
    c.known = false;
    assert_int_equal(look(c).mark, MARK_USABLE);
    c.answer = S(" ");
    assert_int_equal(look(c).mark, MARK_EMPTY);
}

static void a_changed_prompt_is_compared_with_the_original(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum sample_mark mark;
    } cases[] = {
        {PARTS("Where in Italy does the river Arno begin?", "It springs in the Apennines."),
         MARK_USABLE},
        {"Where in Italy does the river Arno begin? It springs in the Apennines.", MARK_UNREADABLE},
        {PARTS("Where in Italy does the river Tiber end? ", "Somewhere else."), MARK_IDENTICAL},
        {PARTS("Where in Italy does the river Arno begin?", " " BASELINE "\n"), MARK_IDENTICAL},
        {PARTS("where in Italy does the river TIBER end?", "Somewhere else."), MARK_TOO_CLOSE},
        {PARTS("Where in Italy does the river Arno begin?",
               "It ends in the sea at Ostia, close  to Rome."),
         MARK_TOO_CLOSE},
        {PARTS("Name four noble gases.", "Helium, neon, argon, krypton."), MARK_OFF_TOPIC},
        {"", MARK_EMPTY},
    };
    open_project("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct samples_check check = look(modified(cases[i].answer));
        if (check.mark != cases[i].mark)
            fail_msg("case %zu is %s", i, mark_name(check.mark));
    }
}

static void a_changed_prompts_check_tells_its_parts_and_how_near_they_are(void **state)
{
    (void)state;
    open_project("");
    struct samples_check check = look(
        modified(PARTS("Where in Italy does the river Arno begin?", "It springs in the hills.")));
    assert_true(slice_is(check.final, "Where in Italy does the river Arno begin?"));
    assert_true(slice_is(check.answer_part, "It springs in the hills."));
    assert_true(check.prompt_overlap > 0.5 && check.prompt_overlap < 0.8);
    assert_true(check.answer_overlap > 0 && check.answer_overlap < 0.4);
    assert_true(slice_find(check.why, S("60 %")) != SIZE_MAX);
}

static void the_bounds_are_the_projects(void **state)
{
    (void)state;
    const char *near = PARTS("Where in Italy does the river Arno begin?",
                             "It springs in the hills.");
    open_project("build: {max_overlap: 0.5}\n");
    assert_int_equal(look(modified(near)).mark, MARK_TOO_CLOSE);
    open_project("build: {min_overlap: 0.9}\n");
    assert_int_equal(look(modified(near)).mark, MARK_OFF_TOPIC);
    open_project("build: {max_similarity: 0.1}\n");
    assert_int_equal(look(modified(near)).mark, MARK_TOO_CLOSE);
}

static void a_changed_prompt_is_read_by_its_nonce(void **state)
{
    (void)state;
    open_project("");
    struct checking c = modified("<changed_prompt_k>Where in Italy is <changed_prompt>?"
                                 "</changed_prompt_k><answer_to_it_k>Nowhere.</answer_to_it_k>");
    assert_int_equal(look(c).mark, MARK_UNREADABLE);
    c.nonce = S("_k");
    assert_int_equal(look(c).mark, MARK_USABLE);
}

/* A mark is stored for good: none is made up when memory ran out. */
static void without_memory_nothing_is_said(void **state)
{
    (void)state;
    struct arena small;
    struct samples_check check;
    open_project("");
    const struct checking c = modified(
        PARTS("Where in Italy does the river Arno begin?", "It springs in the hills."));
    for (size_t room = 0; room < 4096; room += 64) {
        arena_init(&small, room);
        assert_true(checking_look(&c, &check, &small));
        assert_int_equal(check.mark, MARK_UNCHECKED);
        arena_free(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_right_or_wrong_by_both_checks_or_unsure),
        cmocka_unit_test(a_check_tells_what_it_compared),
        cmocka_unit_test(what_was_cut_off_or_refused_is_no_answer),
        cmocka_unit_test(the_seeds_own_kind_of_answer_goes_before_the_projects),
        cmocka_unit_test(what_a_right_answer_must_pass_is_a_setting),
        cmocka_unit_test(the_users_command_is_left_to_others),
        cmocka_unit_test(a_known_answer_must_be_one_of_its_kind),
        cmocka_unit_test(an_open_prompts_answer_is_usable_if_there_is_one),
        cmocka_unit_test(a_changed_prompt_is_compared_with_the_original),
        cmocka_unit_test(a_changed_prompts_check_tells_its_parts_and_how_near_they_are),
        cmocka_unit_test(the_bounds_are_the_projects),
        cmocka_unit_test(a_changed_prompt_is_read_by_its_nonce),
        cmocka_unit_test(without_memory_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
