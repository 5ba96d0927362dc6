/* The reflector: which rollouts go on, how, and how the share of cues is steered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "coordinator/reflector.h"

static struct project project_of(int mode)
{
    return (struct project){.reflection = {.mode = mode, .share = 0.3, .rounds = 1}};
}

/* A call as it came: the defaults are a right judgment with the chosen answer first. */
struct came {
    enum lane lane;
    uint8_t step;
    enum ask ask;
    enum verdict first, verdict;
    enum finish finish;
    int cues;
    uint32_t tokens;
    bool thoughtless, answerless;
};

struct call {
    struct call_key key;
    struct call_result result;
    char segments[2048];
};

static void make(struct call *c, const struct came *came)
{
    struct buf b;
    buf_init(&b, sizeof c->segments);
    for (int i = 0; i <= came->cues; i++)
        buf_addf(&b,
                 "%s{\"origin\":\"%s\",\"step\":%d,\"part\":\"thought\",\"bytes\":1,"
                 "\"verdict\":\"A\"}",
                 i ? "," : "[", i ? "cue" : "teacher", i);
    buf_str(&b, "]");
    snprintf(c->segments, sizeof c->segments, "%s", buf_cstr(&b));
    buf_free(&b);
    c->key = (struct call_key){.lane = (uint8_t)came->lane, .step = came->step};
    c->result = (struct call_result){.finish = came->finish,
                                     .ask = came->ask,
                                     .thought = came->thoughtless ? S("") : S("A adds well."),
                                     .answer = came->answerless ? S("") : S("[[A]]"),
                                     .first = came->first,
                                     .verdict = came->verdict,
                                     .trace_tokens = came->tokens,
                                     .segments = slice_of(c->segments)};
}

static struct id rollout_id(uint64_t i)
{
    struct id subject = {{1}}, recipe = {{2}};
    memcpy(&subject.b[8], &i, sizeof i);
    return reflector_rollout(&subject, &recipe, (struct call_key){.k = 0});
}

static const char *after(const struct project *p, enum seat_kind kind, const struct came *came)
{
    struct reflector *r = reflector_new(p);
    struct id rollout = rollout_id(1);
    struct call c;
    enum ask ask = ASK_JUDGE;
    make(&c, came);
    bool on = reflector_after(r, kind, &rollout, c.key, &c.result, &ask);
    reflector_free(r);
    return on ? ask_name(ask) : "";
}

static void rollouts_go_on_as_the_mode_says(void **state)
{
    (void)state;
    const enum verdict right = VERDICT_A, wrong = VERDICT_B;
    static const char go_on[] = "continue", end[] = "";
    const struct {
        int mode;
        struct came came;
        const char *expect, *why;
    } rows[] = {
        {REFLECT_NONE, {.verdict = wrong}, end, "none"},
        {REFLECT_NATURAL, {.verdict = wrong}, end, "natural"},
        {REFLECT_WAIT, {.verdict = right}, go_on, "wait"},
        {REFLECT_WAIT, {.verdict = wrong}, go_on, "wait does not look at the label"},
        {REFLECT_WAIT, {.verdict = VERDICT_TIE}, go_on, "a tie is a judgment"},
        {REFLECT_WAIT, {.verdict = VERDICT_NONE}, end, "no verdict is none"},
        {REFLECT_WAIT, {.verdict = VERDICT_REFUSED}, end, "a refusal"},
        {REFLECT_WAIT, {.verdict = right, .thoughtless = true}, end, "no thought to go on with"},
        {REFLECT_WAIT,
         {.verdict = right, .step = 1, .cues = 1, .ask = ASK_CONTINUE},
         end,
         "one round"},
        {REFLECT_WAIT,
         {.verdict = right, .step = 1, .ask = ASK_CLOSE},
         go_on,
         "closing is no round"},
        {REFLECT_WRONG_TO_RIGHT, {.verdict = right}, end, "a right one is left alone"},
        {REFLECT_WRONG_TO_RIGHT, {.verdict = wrong}, go_on, "a wrong one goes on"},
        {REFLECT_WRONG_TO_RIGHT, {.verdict = VERDICT_TIE}, go_on, "so does a tie"},
        {REFLECT_WRONG_TO_RIGHT,
         {.verdict = right, .lane = LANE_REJECTED_FIRST},
         go_on,
         "wrong in this order"},
        {REFLECT_RIGHT_TO_RIGHT, {.verdict = right}, go_on, "a right one goes on"},
        {REFLECT_RIGHT_TO_RIGHT, {.verdict = wrong}, end, "a wrong one is left alone"},
        {REFLECT_WAIT,
         {.verdict = VERDICT_SCORE, .lane = LANE_CHOSEN_ONLY},
         go_on,
         "half a pointwise judgment"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct project p = project_of(rows[i].mode);
        struct came came = rows[i].came;
        came.first = came.verdict;
        const char *got = after(&p, SEAT_TEACHER, &came);
        if (strcmp(got, rows[i].expect) != 0)
            fail_msg("%s: '%s'", rows[i].why, got);
        assert_string_equal(after(&p, SEAT_SECOND, &came), rows[i].expect);
        assert_string_equal(after(&p, SEAT_CHECKER, &came), end);
        assert_string_equal(after(&p, SEAT_STUDENT, &came), end);
    }
}

static void a_thought_that_was_cut_off_is_closed_once(void **state)
{
    (void)state;
    struct came cut = {.verdict = VERDICT_TRUNCATED, .finish = FINISH_LENGTH, .answerless = true};
    struct project wait = project_of(REFLECT_WAIT), none = project_of(REFLECT_NONE);
    assert_string_equal(after(&wait, SEAT_TEACHER, &cut), "close");
    assert_string_equal(after(&wait, SEAT_HINTED, &cut), "close");
    assert_string_equal(after(&wait, SEAT_STUDENT, &cut), "");
    assert_string_equal(after(&none, SEAT_TEACHER, &cut), "");
    struct came row = cut;
    row.ask = ASK_CLOSE;
    row.step = 1;
    assert_string_equal(after(&wait, SEAT_TEACHER, &row), "");
    row.ask = ASK_CONTINUE;
    assert_string_equal(after(&wait, SEAT_TEACHER, &row), "close");
    row.ask = ASK_RECHECK;
    assert_string_equal(after(&wait, SEAT_HINTED, &row), "");
    row = cut;
    row.answerless = false;
    assert_string_equal(after(&wait, SEAT_TEACHER, &row), "");
}

static void a_hinted_rollout_that_is_right_is_judged_again(void **state)
{
    (void)state;
    struct project p = project_of(REFLECT_NONE);
    struct came came = {.verdict = VERDICT_A};
    assert_string_equal(after(&p, SEAT_HINTED, &came), "recheck");
    came.ask = ASK_RECHECK;
    came.step = 1;
    assert_string_equal(after(&p, SEAT_HINTED, &came), "");
    came = (struct came){.verdict = VERDICT_B};
    assert_string_equal(after(&p, SEAT_HINTED, &came), "");
    came = (struct came){.verdict = VERDICT_SCORE, .lane = LANE_REJECTED_ONLY};
    assert_string_equal(after(&p, SEAT_HINTED, &came), "recheck");
}

static void tokens_bound_the_cues(void **state)
{
    (void)state;
    struct project p = project_of(REFLECT_WAIT);
    struct came came = {.verdict = VERDICT_A, .step = 1, .cues = 1, .tokens = 500};
    p.reflection.min_tokens = 501;
    assert_string_equal(after(&p, SEAT_TEACHER, &came), "continue");
    p.reflection.min_tokens = 500;
    assert_string_equal(after(&p, SEAT_TEACHER, &came), "");
    came.cues = 0;
    p.reflection.max_tokens = 501;
    assert_string_equal(after(&p, SEAT_TEACHER, &came), "continue");
    p.reflection.max_tokens = 500;
    assert_string_equal(after(&p, SEAT_TEACHER, &came), "");
}

/* Whatever the mode and the answers, a rollout ends by its last step. */
static void every_rollout_ends(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 4);
    for (int i = 0; i < 3000; i++) {
        struct project p = project_of((int)rng_below(&rng, 6));
        p.reflection.rounds = 1 + (int64_t)rng_below(&rng, 8);
        p.reflection.min_tokens = (int64_t)rng_below(&rng, 2) * 1000000;
        enum seat_kind kind = (enum seat_kind)rng_below(&rng, SEAT_KIND_COUNT);
        struct reflector *r = reflector_new(&p);
        struct id rollout = rollout_id((uint64_t)i);
        struct came came = {.lane = (enum lane)rng_below(&rng, LANE_COUNT)};
        enum ask ask = ASK_JUDGE, last = ASK_JUDGE;
        struct call c;
        bool on = true;
        for (; on; came.step++) {
            assert_true(came.step < CALL_MAX_STEP);
            came.verdict = (enum verdict)rng_below(&rng, 3);
            came.finish = (enum finish)rng_below(&rng, 2);
            came.answerless = rng_below(&rng, 2);
            came.ask = ask;
            came.cues += ask == ASK_CONTINUE;
            last = ask;
            make(&c, &came);
            if (came.lane >= LANE_CHOSEN_ONLY)
                c.result.verdict = VERDICT_SCORE;
            on = reflector_after(r, kind, &rollout, c.key, &c.result, &ask);
            if (on && last == ASK_CLOSE)
                assert_int_not_equal(ask, ASK_CLOSE);
            if (p.reflection.min_tokens == 0)
                assert_true(came.cues <= p.reflection.rounds);
        }
        reflector_free(r);
    }
}

static bool is_cued(const struct reflector *r, uint64_t i, enum verdict v)
{
    struct id rollout = rollout_id(i);
    struct came came = {.verdict = v, .first = v};
    struct call c;
    enum ask ask;
    make(&c, &came);
    return reflector_after(r, SEAT_TEACHER, &rollout, c.key, &c.result, &ask);
}

static void under_mixed_the_label_has_no_say(void **state)
{
    (void)state;
    struct project p = project_of(REFLECT_MIXED);
    struct reflector *r = reflector_new(&p);
    int cued = 0;
    for (uint64_t i = 0; i < 4000; i++) {
        bool right = is_cued(r, i, VERDICT_A);
        assert_int_equal(right, is_cued(r, i, VERDICT_B));
        cued += right;
    }
    assert_in_range(cued, 1100, 1300); /* 0.3 of them */
    reflector_free(r);
}

/* rates: correct without a cue; kept correct and made correct with one. */
static void run(struct reflector *r, uint64_t from, uint64_t n, double plain, double kept,
                double fixed)
{
    for (uint64_t i = from; i < from + n; i++) {
        struct rng rng;
        rng_init(&rng, i);
        bool right = rng_double(&rng) < plain;
        struct came came = {.first = right ? VERDICT_A : VERDICT_B};
        came.verdict = came.first;
        if (is_cued(r, i, came.first)) {
            came.cues = came.step = 1;
            came.verdict = rng_double(&rng) < (right ? kept : fixed) ? VERDICT_A : VERDICT_B;
        }
        struct call c;
        make(&c, &came);
        reflector_finished(r, c.key, &c.result);
    }
}

static double share_of_correct(const struct flip_counts *c)
{
    double cued = (double)(c->cued[OUTCOME_CORRECT][OUTCOME_CORRECT] +
                           c->cued[OUTCOME_INCORRECT][OUTCOME_CORRECT]);
    return cued / (cued + (double)c->plain[OUTCOME_CORRECT]);
}

static void the_share_among_correct_rollouts_comes_out_as_wanted(void **state)
{
    (void)state;
    static const struct {
        double share, plain, kept, fixed;
    } rows[] = {
        {0.3, 0.7, 0.95, 0.3}, {0.3, 0.5, 0.4, 0.1}, {0.5, 0.8, 1, 1},   {0.8, 0.6, 0.5, 0.2},
        {0.1, 0.9, 0.9, 0.1},  {0, 0.7, 0.9, 0.3},   {1, 0.7, 0.9, 0.3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct project p = project_of(REFLECT_MIXED);
        p.reflection.share = rows[i].share;
        struct reflector *r = reflector_new(&p);
        run(r, i * 100000, 3000, rows[i].plain, rows[i].kept, rows[i].fixed);
        double share = share_of_correct(reflector_counts(r));
        if (share < rows[i].share - 0.03 || share > rows[i].share + 0.03)
            fail_msg("row %zu: %.3f instead of %.3f", i, share, rows[i].share);
        reflector_free(r);
    }
}

/* The scarcest kind decides: wrong ones that a cue made right are rare. */
static void proportions_steer_by_the_kind_that_is_scarce(void **state)
{
    (void)state;
    struct conf_share wanted[] = {
        {"natural", 0.5}, {"right_to_right", 0.25}, {"wrong_to_right", 0.25}};
    struct project p = project_of(REFLECT_MIXED), plain = p;
    p.reflection.proportions = (struct conf_list){wanted, 3};
    plain.reflection.share = 0.5;
    struct reflector *a = reflector_new(&p), *b = reflector_new(&plain);
    run(a, 0, 4000, 0.7, 0.9, 0.2);
    run(b, 0, 4000, 0.7, 0.9, 0.2);
    const struct flip_counts *x = reflector_counts(a), *y = reflector_counts(b);
    assert_true(x->cued[OUTCOME_INCORRECT][OUTCOME_CORRECT] >
                y->cued[OUTCOME_INCORRECT][OUTCOME_CORRECT]);
    assert_true(x->plain[OUTCOME_CORRECT] > 300); /* there are plain ones all the same */
    reflector_free(a);
    reflector_free(b);
}

/* What the proportions leave is for traces without a cue, whether they reflect or not. */
static void proportions_that_leave_something_leave_it_uncued(void **state)
{
    (void)state;
    static struct conf_share rows[][3] = {
        {{"natural", 0.1}, {"right_to_right", 0.3}, {"wrong_to_right", 0.05}},
        {{"natural", 0}, {"right_to_right", 0.3}, {"wrong_to_right", 0.05}},
        {{"natural", 0.65}, {"right_to_right", 0.3}, {"wrong_to_right", 0.05}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct project p = project_of(REFLECT_MIXED);
        p.reflection.proportions = (struct conf_list){rows[i], 3};
        struct reflector *r = reflector_new(&p);
        run(r, i * 100000, 3000, 0.7, 0.9, 0.3);
        double share = share_of_correct(reflector_counts(r));
        if (share < 0.31 || share > 0.41) /* the scarcer kind decides */
            fail_msg("row %zu: %.3f instead of about 0.35", i, share);
        reflector_free(r);
    }
}

static void no_proportion_of_cues_gives_none(void **state)
{
    (void)state;
    static struct conf_share none[] = {{"natural", 0.5}}, all[] = {{"right_to_right", 1}};
    struct project p = project_of(REFLECT_MIXED);
    struct reflector *r = reflector_new(&p);
    p.reflection.proportions = (struct conf_list){none, 1};
    for (uint64_t i = 0; i < 100; i++)
        assert_false(is_cued(r, i, VERDICT_A));
    p.reflection.proportions = (struct conf_list){all, 1};
    for (uint64_t i = 0; i < 100; i++)
        assert_true(is_cued(r, i, VERDICT_A));
    reflector_free(r);
}

static void the_same_counts_give_the_same_answers(void **state)
{
    (void)state;
    struct project p = project_of(REFLECT_MIXED);
    p.reflection.rounds = 3;
    struct reflector *a = reflector_new(&p), *b = reflector_new(&p);
    run(a, 0, 500, 0.7, 0.9, 0.3);
    reflector_set_counts(b, reflector_counts(a));
    for (uint64_t i = 1000; i < 2000; i++)
        assert_int_equal(is_cued(a, i, VERDICT_A), is_cued(b, i, VERDICT_A));
    reflector_free(a);
    reflector_free(b);
}

static void finished_rollouts_are_counted_by_what_cues_did(void **state)
{
    (void)state;
    struct project p = project_of(REFLECT_MIXED);
    struct reflector *r = reflector_new(&p);
    static const struct came rows[] = {
        {.first = VERDICT_A, .verdict = VERDICT_A},
        {.first = VERDICT_B, .verdict = VERDICT_A, .step = 1, .cues = 1, .ask = ASK_CONTINUE},
        {.first = VERDICT_TRUNCATED, .verdict = VERDICT_A, .step = 1, .ask = ASK_CLOSE},
        {.lane = LANE_CHOSEN_ONLY, .first = VERDICT_SCORE, .verdict = VERDICT_SCORE},
        {.lane = LANE_CHOSEN_ONLY, .first = VERDICT_A, .verdict = VERDICT_A},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct call c;
        make(&c, &rows[i]);
        reflector_finished(r, c.key, &c.result);
    }
    const struct flip_counts *c = reflector_counts(r);
    assert_int_equal(c->plain[OUTCOME_CORRECT], 2);
    assert_int_equal(c->cued[OUTCOME_INCORRECT][OUTCOME_CORRECT], 1);
    assert_int_equal(c->plain[OUTCOME_PENDING], 1);
    assert_int_equal(c->plain[OUTCOME_NO_VERDICT], 1);
    reflector_free(r);
}

static void rollouts_have_names_of_their_own(void **state)
{
    (void)state;
    struct id subject = {{1}}, other = {{3}}, recipe = {{2}};
    struct call_key key = {.row = 7, .seat = 1, .lane = 1, .k = 2, .step = 3};
    struct id id = reflector_rollout(&subject, &recipe, key);
    struct call_key same = {.row = 8, .seat = 0, .lane = 1, .k = 2, .step = 0};
    struct id again = reflector_rollout(&subject, &recipe, same);
    assert_true(id_eq(&id, &again)); /* neither store nor step is part of it */
    struct call_key k = key, lane = key;
    k.k++;
    lane.lane = 0;
    struct id differ[] = {
        reflector_rollout(&other, &recipe, key), reflector_rollout(&subject, &other, key),
        reflector_rollout(&subject, &recipe, k), reflector_rollout(&subject, &recipe, lane)};
    for (size_t i = 0; i < 4; i++)
        assert_false(id_eq(&id, &differ[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rollouts_go_on_as_the_mode_says),
        cmocka_unit_test(a_thought_that_was_cut_off_is_closed_once),
        cmocka_unit_test(a_hinted_rollout_that_is_right_is_judged_again),
        cmocka_unit_test(tokens_bound_the_cues),
        cmocka_unit_test(every_rollout_ends),
        cmocka_unit_test(under_mixed_the_label_has_no_say),
        cmocka_unit_test(the_share_among_correct_rollouts_comes_out_as_wanted),
        cmocka_unit_test(proportions_steer_by_the_kind_that_is_scarce),
        cmocka_unit_test(proportions_that_leave_something_leave_it_uncued),
        cmocka_unit_test(no_proportion_of_cues_gives_none),
        cmocka_unit_test(the_same_counts_give_the_same_answers),
        cmocka_unit_test(finished_rollouts_are_counted_by_what_cues_did),
        cmocka_unit_test(rollouts_have_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
