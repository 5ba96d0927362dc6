/* One judgment on one line, and the judgments of a pair at a glance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/figure.c"
#include "cli/marks.c"
#include "cli/page.c"
#include "cli/segment_view.c"
#include "cli/table.c"
#include "cli/trace_view.c"

int command_fail(const struct err *e);
int command_fail(const struct err *e)
{
    fail_msg("%s", e->text);
    return 1;
}

#define NO_SCORES .score_a = SCORE_NONE, .score_b = SCORE_NONE

static void a_judgment_says_who_which_and_what(void **state)
{
    (void)state;
    static const struct {
        struct look_call call;
        const char *expect;
    } rows[] = {
        {{.lane = LANE_CHOSEN_FIRST,
          .k = 2,
          .last = true,
          .verdict = VERDICT_A,
          .outcome = OUTCOME_CORRECT,
          NO_SCORES},
         "-- chosen_first, judgment 2: correct, it chose the answer shown first (A)\n"},
        {{.lane = LANE_REJECTED_FIRST,
          .last = true,
          .verdict = VERDICT_TRUNCATED,
          .outcome = OUTCOME_NO_VERDICT,
          NO_SCORES},
         "-- rejected_first, judgment 0: no_verdict, truncated: the token limit cut the judgment "
         "off\n"},
        {{.kind = SEAT_STUDENT,
          .lane = LANE_CHOSEN_FIRST,
          .last = true,
          .verdict = VERDICT_B,
          .outcome = OUTCOME_INCORRECT,
          .score_a = 250,
          .score_b = 700},
         "-- chosen_first, judgment 0 of the student: incorrect, it chose the answer shown second "
         "(B); scores 2.5 (A) and 7 (B)\n"},
        {{.lane = LANE_CHOSEN_ONLY,
          .last = true,
          .verdict = VERDICT_SCORE,
          .outcome = OUTCOME_PENDING,
          .score_a = 800,
          .score_b = SCORE_NONE},
         "-- chosen_only, judgment 0: pending, score: scored the one answer it was shown; score "
         "8\n"},
        {{.kind = SEAT_CHECKER,
          .lane = LANE_CHOSEN_FIRST,
          .k = 1,
          .last = true,
          .verdict = VERDICT_A,
          .outcome = OUTCOME_CORRECT,
          NO_SCORES},
         "-- chosen_first, judgment 1 of the checker: correct, the critique speaks for A\n"},
        {{.lane = LANE_CHOSEN_FIRST, .verdict = VERDICT_B, NO_SCORES},
         "-- chosen_first, judgment 0: goes on after it chose the answer shown second (B)\n"},
        {{.lane = LANE_CHOSEN_FIRST,
          .step = 2,
          .ask = ASK_CONTINUE,
          .last = true,
          .verdict = VERDICT_A,
          .outcome = OUTCOME_CORRECT,
          .cues = 2,
          .first = VERDICT_B,
          .filter = {"reflection", 10},
          NO_SCORES},
         "-- chosen_first, judgment 0, step 2 (continue): correct, it chose the answer shown first "
         "(A); after 2 cues, before which it chose the answer shown second (B); rejected by the "
         "filter reflection\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        buf_init(&out, 4096);
        trace_view_head(&out, &rows[i].call);
        assert_string_equal(buf_cstr(&out), rows[i].expect);
        buf_free(&out);
    }
}

static void each_outcome_has_a_sign_of_its_own(void **state)
{
    (void)state;
    char seen[OUTCOME_COUNT + 1] = "";
    for (int o = 0; o < OUTCOME_COUNT; o++) {
        char sign = trace_view_mark((enum outcome)o, false);
        assert_true(sign != 'f' && sign > ' ');
        assert_null(strchr(seen, sign));
        seen[o] = sign;
        assert_int_equal(trace_view_mark((enum outcome)o, true), 'f');
    }
}

static void marks_stand_by_judge_and_order(void **state)
{
    (void)state;
    static const struct look_call calls[] = {
        {.recipe = 1,
         .asked_model = {"big", 3},
         .lane = LANE_CHOSEN_FIRST,
         .last = true,
         .outcome = OUTCOME_CORRECT},
        {.recipe = 1, .asked_model = {"big", 3}, .lane = LANE_CHOSEN_FIRST, .last = false},
        {.recipe = 1,
         .asked_model = {"big", 3},
         .lane = LANE_CHOSEN_FIRST,
         .last = true,
         .outcome = OUTCOME_INCORRECT,
         .cues = 1},
        {.recipe = 1,
         .asked_model = {"big", 3},
         .lane = LANE_REJECTED_FIRST,
         .last = true,
         .outcome = OUTCOME_CORRECT,
         .filter = {"length", 6}},
        {.recipe = 2,
         .kind = SEAT_STUDENT,
         .asked_model = {"small", 5},
         .lane = LANE_REJECTED_ONLY,
         .last = true,
         .outcome = OUTCOME_TIE},
    };
    static struct marks m;
    struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        marks_add(&m, &calls[i]);
    marks_text(&m, &out);
    assert_string_equal(buf_cstr(&out), "   teacher  big    chosen_first    +-'\n"
                                        "   teacher  big    rejected_first  f\n"
                                        "   student  small  rejected_only   =\n");
    buf_clear(&out);
    marks_of(&m, 1, 0, &out);
    assert_string_equal(buf_cstr(&out), "+-'");
    buf_clear(&out);
    marks_of(&m, 2, 1, &out);
    assert_string_equal(buf_cstr(&out), "=");
    buf_clear(&out);
    marks_of(&m, 3, 0, &out);
    assert_int_equal(out.n, 0);
    marks_clear(&m);
    marks_text(&m, &out);
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_judgment_says_who_which_and_what),
        cmocka_unit_test(each_outcome_has_a_sign_of_its_own),
        cmocka_unit_test(marks_stand_by_judge_and_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
