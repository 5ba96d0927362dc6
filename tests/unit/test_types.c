/* The shared vocabulary: names are told apart and read back, verdicts mean what they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "schemas/types.h"

#define NAMES(prefix)                          \
    static const char *name_of_##prefix(int v) \
    {                                          \
        return prefix##_name((enum prefix)v);  \
    }
NAMES(trust)
NAMES(lane)
NAMES(verdict)
NAMES(outcome)
NAMES(reason)
NAMES(format)
NAMES(ask)
NAMES(seat_kind)
NAMES(continuation)
NAMES(thought_field)
NAMES(finish)
NAMES(failure)

static const char *name_of_state(int v)
{
    return state_name((enum pair_state)v);
}

static const struct {
    const char *(*name)(int v);
    int n;
} enums[] = {
    {name_of_trust, TRUST_COUNT},           {name_of_lane, LANE_COUNT},
    {name_of_verdict, VERDICT_COUNT},       {name_of_outcome, OUTCOME_COUNT},
    {name_of_state, STATE_COUNT},           {name_of_reason, REASON_COUNT},
    {name_of_format, FORMAT_COUNT},         {name_of_ask, ASK_COUNT},
    {name_of_seat_kind, SEAT_KIND_COUNT},   {name_of_continuation, CONTINUATION_COUNT},
    {name_of_thought_field, THOUGHT_COUNT}, {name_of_finish, FINISH_COUNT},
    {name_of_failure, FAILURE_COUNT},
};

static void every_value_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (size_t e = 0; e < sizeof enums / sizeof enums[0]; e++)
        for (int v = 0; v < enums[e].n; v++)
            for (int other = 0; other < v; other++)
                assert_string_not_equal(enums[e].name(v), enums[e].name(other));
}

/* Stored numbers: what stands in a store must keep its meaning. */
static void numbers_that_are_stored_stay_what_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *(*name)(int v);
        const char *names; /* in order, as far as stores may hold them */
    } rows[] = {
        {name_of_lane, "chosen_first rejected_first chosen_only rejected_only"},
        {name_of_outcome, "correct incorrect tie no_verdict pending"},
        {name_of_state, "open accepted rejected deferred"},
        {name_of_verdict, "A B tie no_verdict conflicting malformed_answer outside_answer_tag "
                          "truncated unclosed_think refused empty score score_out_of_range "
                          "disputed"},
        {name_of_format, "verdict scores scores_verdict pointwise plan"},
        {name_of_ask, "judge continue close recheck check"},
        {name_of_seat_kind, "teacher second_teacher hinted checker student"},
        {name_of_trust, "synthetic human verified"},
        {name_of_finish, "stop length content_filter tool_calls"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct slice rest = slice_of(rows[r].names);
        for (int v = 0; rest.n; v++)
            assert_true(slice_is(slice_cut(rest, ' ', &rest), rows[r].name(v)));
    }
}

static void names_are_read_back(void **state)
{
    (void)state;
    for (int v = 0; v < TRUST_COUNT; v++) {
        enum trust found;
        assert_true(trust_parse(slice_of(trust_name((enum trust)v)), &found));
        assert_int_equal(found, v);
    }
    for (int v = 0; v < FINISH_COUNT; v++) {
        enum finish found;
        assert_true(finish_parse(slice_of(finish_name((enum finish)v)), &found));
        assert_int_equal(found, v);
    }
    enum trust trust;
    enum finish finish;
    assert_false(trust_parse(S("Verified"), &trust));
    assert_false(finish_parse(S(""), &finish));
}

static void a_verdict_means_its_order(void **state)
{
    (void)state;
    static const struct {
        enum verdict verdict;
        enum outcome chosen_first, rejected_first;
    } rows[] = {
        {VERDICT_A, OUTCOME_CORRECT, OUTCOME_INCORRECT},
        {VERDICT_B, OUTCOME_INCORRECT, OUTCOME_CORRECT},
        {VERDICT_TIE, OUTCOME_TIE, OUTCOME_TIE},
        {VERDICT_SCORE, OUTCOME_PENDING, OUTCOME_PENDING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(outcome_of(rows[i].verdict, LANE_CHOSEN_FIRST), rows[i].chosen_first);
        assert_int_equal(outcome_of(rows[i].verdict, LANE_REJECTED_FIRST), rows[i].rejected_first);
    }
    for (int v = 0; v < VERDICT_COUNT; v++) {
        bool is_one = v == VERDICT_A || v == VERDICT_B || v == VERDICT_TIE || v == VERDICT_SCORE;
        if (!is_one)
            assert_int_equal(outcome_of((enum verdict)v, LANE_CHOSEN_FIRST), OUTCOME_NO_VERDICT);
    }
    assert_int_equal(outcome_of(VERDICT_NONE, LANE_CHOSEN_ONLY), OUTCOME_NO_VERDICT);
    assert_int_equal(lane_gold(LANE_CHOSEN_FIRST), VERDICT_A);
    assert_int_equal(lane_gold(LANE_REJECTED_FIRST), VERDICT_B);
}

static void two_scores_are_one_outcome(void **state)
{
    (void)state;
    assert_int_equal(outcome_of_scores(700, 699), OUTCOME_CORRECT);
    assert_int_equal(outcome_of_scores(0, 1000), OUTCOME_INCORRECT);
    assert_int_equal(outcome_of_scores(0, 0), OUTCOME_TIE);
    assert_int_equal(outcome_of_scores(SCORE_NONE, 0), OUTCOME_NO_VERDICT);
    assert_int_equal(outcome_of_scores(1000, SCORE_NONE), OUTCOME_NO_VERDICT);
    assert_int_equal(outcome_of_scores(SCORE_NONE, SCORE_NONE), OUTCOME_NO_VERDICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_has_a_name_of_its_own),
        cmocka_unit_test(numbers_that_are_stored_stay_what_they_are),
        cmocka_unit_test(names_are_read_back),
        cmocka_unit_test(a_verdict_means_its_order),
        cmocka_unit_test(two_scores_are_one_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
