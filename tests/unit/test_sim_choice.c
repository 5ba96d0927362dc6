#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "judges/check.h"
#include "tests/lib/sim_fixture.h"

static const enum fault contents[] = {FAULT_NONE,   FAULT_NO_VERDICT, FAULT_TIE,     FAULT_BOTH,
                                      FAULT_LENGTH, FAULT_UNCLOSED,   FAULT_REFUSED, FAULT_EMPTY};
static const char *const nonces[] = {"", "_k3f9t2B"};

/* read_back(t, j, place): what a strict reader finds. */
static struct judge_reading read_back(const struct content *t, const struct judgment *j,
                                      enum thought_field place)
{
    struct trace trace = trace_split(buf_view(&t->text), buf_view(&t->thought), place, t->finish);
    return judge_of(j->asked.format)->parse(&trace, slice_of(j->asked.nonce));
}

static void check_one(enum format format, enum fault fault, enum thought_field place, uint64_t body,
                      const char *nonce)
{
    struct judgment j = decided(format, fault, body, nonce);
    struct character c = somebody(place);
    struct content t;
    content_compose(&t, &j, &c, 0);
    struct judge_reading r = read_back(&t, &j, place);
    bool scored = r.verdict == VERDICT_A || r.verdict == VERDICT_B || r.verdict == VERDICT_SCORE;
    scored = scored && judge_of(format)->has_scores;
    const struct choice *choice = &j.choices[0];
    if (r.verdict != choice->verdict ||
        (scored && (r.score_a != choice->score_a || r.score_b != choice->score_b)))
        fail_msg("%s: %s was read as %s (%d, %d for %d, %d): %s", format_name(format),
                 verdict_name(choice->verdict), verdict_name(r.verdict), r.score_a, r.score_b,
                 choice->score_a, choice->score_b, buf_cstr(&t.text));
    if (nonce[0] && r.verdict != VERDICT_NONE && scored) {
        j.asked.nonce[0] = '\0';
        assert_true(read_back(&t, &j, place).verdict != choice->verdict);
    }
    content_free(&t);
}

static void a_strict_reader_finds_the_verdict_in_every_format_wherever_the_thought_is(void **state)
{
    (void)state;
    for (int format = 0; format < FORMAT_COUNT; format++)
        for (size_t p = 0; p < N_OF(places); p++)
            for (size_t v = 0; v < N_OF(contents); v++)
                for (uint64_t body = 0; body < 60; body++)
                    check_one((enum format)format, contents[v], places[p], body, nonces[body % 2]);
}

static void the_fault_says_what_the_verdict_is(void **state)
{
    (void)state;
    static const enum verdict expected[N_OF(contents)] = {
        VERDICT_A,         VERDICT_NONE,     VERDICT_TIE,     VERDICT_CONFLICTING,
        VERDICT_TRUNCATED, VERDICT_UNCLOSED, VERDICT_REFUSED, VERDICT_EMPTY};
    for (size_t v = 1; v < N_OF(contents); v++)
        assert_int_equal(decided(FORMAT_SCORES, contents[v], 7, "").choices[0].verdict,
                         expected[v]);
    enum verdict sound = decided(FORMAT_SCORES, FAULT_NONE, 7, "").choices[0].verdict;
    assert_true(sound == VERDICT_A || sound == VERDICT_B);
    struct judgment lone = decided(FORMAT_POINTWISE, FAULT_TIE, 7, "");
    assert_int_equal(lone.choices[0].verdict, VERDICT_SCORE);
    assert_int_equal(lone.choices[0].score_a, 500);
}

/* Of the halves of a pair that it finds right with probability p, a share p ends up in order. */
static void lone_answers_are_scored_so_that_pairs_come_out_right_at_the_given_rate(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    int right = 0, ties = 0;
    const int n = 20000;
    for (int i = 0; i < n; i++) {
        int score[2];
        for (int half = 0; half < 2; half++) {
            struct judgment j = judged(mix_two((uint64_t)i, (uint64_t)half), FORMAT_POINTWISE,
                                       ASK_JUDGE);
            j.p_correct = 0.7;
            j.asked.gold = half ? VERDICT_B : VERDICT_A;
            judgment_decide(&j, &c, 1);
            score[half] = j.choices[0].score_a;
            assert_true(score[half] >= 0 && score[half] <= SCORE_MAX);
        }
        right += score[0] > score[1];
        ties += score[0] == score[1];
    }
    assert_true(right > n * 67 / 100 && right < n * 72 / 100);
    assert_true(ties > 0 && ties < n * 3 / 100);
}

static void goes_on(double fix, double breaks, double empty, enum verdict gold, char was,
                    double expected)
{
    struct character c = somebody(THOUGHT_THINK_TAG);
    c.temper = (struct temper){.fix = fix, .breaks = breaks, .empty = empty, .hold = 1};
    int turned = 0, repeated = 0;
    const int n = 4000;
    for (int i = 0; i < n; i++) {
        struct judgment j = judged(mix_two((uint64_t)i, 9), FORMAT_VERDICT, ASK_CONTINUE);
        j.asked.gold = gold;
        j.asked.leaning = was;
        judgment_decide(&j, &c, 1);
        turned += j.choices[0].side != was;
        repeated += j.choices[0].repeated;
        assert_false(j.choices[0].repeated && j.choices[0].side != was);
    }
    double share = (double)turned / n, idle = (double)repeated / n;
    if (share < expected - 0.04 || share > expected + 0.04 || idle < empty - 0.04 ||
        idle > empty + 0.04)
        fail_msg("%g, %g: %g turned, %g repeated", fix, breaks, share, idle);
}

static void a_judgment_that_is_gone_on_with_is_fixed_and_broken_at_the_given_rates(void **state)
{
    (void)state;
    goes_on(0.6, 0.1, 0, VERDICT_A, 'B', 0.6);
    goes_on(0.6, 0.1, 0, VERDICT_A, 'A', 0.1);
    goes_on(0.6, 0.1, 0, VERDICT_B, 'B', 0.1);
    goes_on(0.6, 0.1, 0, VERDICT_NONE, 'B', 0.1);
    goes_on(0.6, 0.1, 0.5, VERDICT_A, 'B', 0.3);
    goes_on(1, 0, 1, VERDICT_A, 'B', 0);
}

static void a_closed_thought_is_answered_as_it_leans(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_REASONING);
    c.faults.rates[FAULT_UNCLOSED] = 1; /* which it cannot be: who asks has closed it */
    for (uint64_t body = 0; body < 200; body++) {
        struct judgment j = judged(body, FORMAT_VERDICT, ASK_CLOSE);
        struct content t;
        j.asked.leaning = body % 2 ? 'A' : 'B';
        judgment_decide(&j, &c, 1);
        content_compose(&t, &j, &c, 0);
        assert_int_equal(t.thought.n, 0);
        assert_string_equal(buf_cstr(&t.text),
                            body % 2 ? "<answer> [[A]] </answer>" : "<answer> [[B]] </answer>");
        content_free(&t);
    }
}

static void who_is_told_the_winner_names_it_and_may_say_so(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    int named = 0, mentioned = 0;
    c.temper = (struct temper){.hinted = 0.8, .mention = 0.5};
    for (uint64_t body = 0; body < 2000; body++) {
        struct judgment j = judged(body, FORMAT_VERDICT, ASK_JUDGE);
        struct content t;
        j.asked.gold = VERDICT_A;
        j.asked.hint = 'B';
        judgment_decide(&j, &c, 1);
        content_compose(&t, &j, &c, 0);
        bool mentions = strstr(buf_cstr(&t.text), "told") || strstr(buf_cstr(&t.text), "hint") ||
                        strstr(buf_cstr(&t.text), "given winner");
        assert_int_equal(mentions, j.choices[0].mentions);
        named += j.choices[0].verdict == VERDICT_B;
        mentioned += mentions;
        content_free(&t);
    }
    assert_true(named > 1500 && named < 1700 && mentioned > 900 && mentioned < 1100);
}

static void a_critique_is_found_to_speak_for_its_side_or_to_be_false(void **state)
{
    (void)state;
    struct character c = somebody(THOUGHT_THINK_TAG);
    int disputed = 0;
    c.temper.dispute = 0.25;
    for (uint64_t body = 0; body < 2000; body++) {
        struct judgment j = judged(body, body / 4 % 2 ? FORMAT_POINTWISE : FORMAT_VERDICT,
                                   ASK_CHECK);
        struct content t;
        j.asked.leaning = body % 2 ? 'A' : 'B';
        j.asked.claims = body / 2 % 2;
        snprintf(j.asked.nonce, sizeof j.asked.nonce, "%s", nonces[body / 8 % 2]);
        judgment_decide(&j, &c, 1);
        content_compose(&t, &j, &c, 0);
        struct trace trace = trace_split(buf_view(&t.text), S(""), THOUGHT_ABSENT, t.finish);
        enum verdict v = check_parse(&trace, slice_of(j.asked.nonce)).verdict;
        if (v != j.choices[0].verdict)
            fail_msg("%s: %s", verdict_name(v), buf_cstr(&t.text));
        assert_true(v == VERDICT_DISPUTED || v == (body % 2 ? VERDICT_A : VERDICT_B));
        assert_true(j.asked.claims || v != VERDICT_DISPUTED);
        disputed += v == VERDICT_DISPUTED;
        content_free(&t);
    }
    assert_true(disputed > 200 && disputed < 300);
}

static void models_are_named_once_with_a_probability(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *problem; /* NULL: fine */
    } rows[] = {
        {"plain", NULL},          {"Qwen/x=0", NULL},
        {"a=b=0.25", NULL},       {"plain=0.5", "given before"},
        {"x=2", "a probability"}, {"x=nan", "a probability"},
        {"x=", "a probability"},  {"=0.5", "1 to 255"},
        {"", "1 to 255"},
    };
    struct models m = {0};
    for (size_t i = 0; i < N_OF(rows); i++) {
        struct err e = {0};
        bool ok = models_add(&m, rows[i].text, 0.75, &e);
        assert_int_equal(ok, rows[i].problem == NULL);
        if (!ok && !strstr(e.text, rows[i].problem))
            fail_msg("%s: %s", rows[i].text, e.text);
    }
    assert_int_equal(m.n, 3);
    assert_true(models_find(&m, S("plain"))->p_correct == 0.75);
    assert_true(models_find(&m, S("Qwen/x"))->p_correct == 0);
    assert_true(models_find(&m, S("a=b"))->p_correct == 0.25);
    assert_null(models_find(&m, S("b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_strict_reader_finds_the_verdict_in_every_format_wherever_the_thought_is),
        cmocka_unit_test(the_fault_says_what_the_verdict_is),
        cmocka_unit_test(lone_answers_are_scored_so_that_pairs_come_out_right_at_the_given_rate),
        cmocka_unit_test(a_judgment_that_is_gone_on_with_is_fixed_and_broken_at_the_given_rates),
        cmocka_unit_test(a_closed_thought_is_answered_as_it_leans),
        cmocka_unit_test(who_is_told_the_winner_names_it_and_may_say_so),
        cmocka_unit_test(a_critique_is_found_to_speak_for_its_side_or_to_be_false),
        cmocka_unit_test(models_are_named_once_with_a_probability),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
