/*
 * The math checker: its own cases, the promises that hold for any two texts (to swap them changes
 * nothing, the three scales are nested, a text equals itself), the rules, the bounds; and, where
 * the shared folder is there, its cases and the judged answers of its data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/lines.h"
#include "base/rng.h"
#include "filters/answers/checker.h"
#include "filters/answers/rules.h"

static struct answer_rules defaults;

static const struct checker *math(void)
{
    const struct checker *c = checker_find("math");
    assert_non_null(c);
    return c;
}

static bool nested(const struct answer_result *r)
{
    if (r->strict == ANSWER_EQUAL && r->verdict != ANSWER_EQUAL)
        return false;
    if (r->verdict == ANSWER_EQUAL && r->lenient != ANSWER_EQUAL)
        return false;
    if (r->lenient == ANSWER_DIFFERENT && r->verdict != ANSWER_DIFFERENT)
        return false;
    return r->verdict != ANSWER_DIFFERENT || r->strict == ANSWER_DIFFERENT;
}

/* Compares in both directions, which must give the same, nested as promised. */
static struct answer_result compare(const struct answer_rules *rules, struct slice a,
                                    struct slice b)
{
    struct answer_result r, back;
    math()->compare(rules, a, b, &r);
    math()->compare(rules, b, a, &back);
    if (r.verdict != back.verdict || r.strict != back.strict || r.lenient != back.lenient)
        fail_msg("swapped, it is another verdict: " SLICE_FMT " and " SLICE_FMT, SLICE_ARG(a),
                 SLICE_ARG(b));
    if (!nested(&r))
        fail_msg("not nested: " SLICE_FMT " and " SLICE_FMT, SLICE_ARG(a), SLICE_ARG(b));
    assert_true(strlen(r.why) > 0 && strlen(r.why) < ANSWER_WHY);
    return r;
}

static enum answer_verdict verdict(const struct answer_rules *rules, const char *a, const char *b)
{
    return compare(rules, slice_of(a), slice_of(b)).verdict;
}

static void every_case_is_decided_as_it_says(void **state)
{
    (void)state;
    assert_true(math()->n_cases >= 250);
    for (size_t i = 0; i < math()->n_cases; i++) {
        const struct checker_case *c = &math()->cases[i];
        struct answer_result r = compare(&defaults, slice_of(c->gold), slice_of(c->candidate));
        if (r.verdict != c->verdict || r.strict != c->strict || r.lenient != c->lenient)
            fail_msg("%s: '%s' and '%s': %s, strict %s, lenient %s (%s)", c->why, c->gold,
                     c->candidate, answer_verdict_name(r.verdict), answer_verdict_name(r.strict),
                     answer_verdict_name(r.lenient), r.why);
    }
}

static void a_text_equals_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < math()->n_cases; i++) {
        struct slice s = slice_trim(slice_of(math()->cases[i].gold));
        if (s.n)
            assert_int_equal(compare(&defaults, s, s).strict, ANSWER_EQUAL);
    }
}

/* Any two answers of the table, and pieces of them put together: mostly different, never odd. */
static void promises_hold_for_any_two_texts(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 20261129);
    for (int i = 0; i < 3000; i++) {
        const struct checker_case *x = &math()->cases[rng_below(&rng, math()->n_cases)];
        const struct checker_case *y = &math()->cases[rng_below(&rng, math()->n_cases)];
        char text[400];
        size_t cut = strlen(x->gold) ? (size_t)rng_below(&rng, strlen(x->gold) + 1) : 0;
        snprintf(text, sizeof text, "%.*s%s", (int)cut, x->gold, y->candidate);
        compare(&defaults, slice_of(x->gold), slice_of(y->candidate));
        compare(&defaults, slice_of(text), slice_of(y->gold));
    }
}

static void rules_decide_what_is_a_matter_of_taste(void **state)
{
    (void)state;
    struct answer_rules r = defaults;
    r.percent = ANSWER_PERCENT_FRACTION;
    assert_int_equal(verdict(&r, "20\\%", "0.2"), ANSWER_EQUAL);
    assert_int_equal(verdict(&r, "20\\%", "20"), ANSWER_DIFFERENT);
    r.percent = ANSWER_PERCENT_EITHER;
    assert_int_equal(verdict(&r, "20\\%", "0.2"), ANSWER_EQUAL);
    assert_int_equal(verdict(&r, "20\\%", "20"), ANSWER_EQUAL);
    r.percent = ANSWER_PERCENT_STRICT;
    assert_int_equal(verdict(&r, "20\\%", "0.2"), ANSWER_DIFFERENT);
    assert_int_equal(verdict(&r, "20\\%", "20"), ANSWER_DIFFERENT);
    assert_int_equal(verdict(&r, "20\\%", "20 percent"), ANSWER_EQUAL);
    r = defaults;
    r.units = ANSWER_UNITS_REQUIRED;
    assert_int_equal(verdict(&r, "3\\text{ cm}", "3"), ANSWER_DIFFERENT);
    assert_int_equal(verdict(&r, "3\\text{ cm}", "3cm"), ANSWER_EQUAL);
    r = defaults;
    r.ratios = false;
    assert_int_equal(verdict(&r, "2:5", "2/5"), ANSWER_DIFFERENT);
    assert_int_equal(verdict(&r, "2:5", "4:10"), ANSWER_EQUAL);
    r = defaults;
    r.words = false;
    assert_int_equal(verdict(&r, "eight", "8"), ANSWER_DIFFERENT);
    assert_int_equal(verdict(&r, "eight", "Eight"), ANSWER_EQUAL);
}

/* What would take forever is untold; texts of every length and depth come to an end. */
static void bounds_hold(void **state)
{
    (void)state;
    static const char *const pieces[] = {"9^{", "(",     "\\frac{1}{", "!",   "1,",
                                         "x+",  "\\pm ", "\\sqrt{2}+", "\\{", "\\text{a "};
    char *text = malloc(ANSWER_MAX + 64);
    assert_non_null(text);
    assert_int_equal(verdict(&defaults, "9^{9^{9^9}}", "9^{9^{9^9}}+1"), ANSWER_UNKNOWN);
    assert_int_equal(verdict(&defaults, "((((99!)!)!)!)!", "1"), ANSWER_UNKNOWN);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        for (size_t times = 50; times < 20000; times *= 7) {
            size_t n = 0, one = strlen(pieces[i]);
            for (size_t k = 0; k < times && n + one < ANSWER_MAX; k++, n += one)
                memcpy(text + n, pieces[i], one);
            compare(&defaults, (struct slice){text, n}, S("7"));
        }
    memset(text, '7', ANSWER_MAX + 1);
    struct slice all = {text, ANSWER_MAX}, less = {text, ANSWER_MAX - 1};
    assert_int_equal(compare(&defaults, all, less).lenient, ANSWER_DIFFERENT);
    assert_int_equal(compare(&defaults, (struct slice){text, ANSWER_MAX + 1}, less).verdict,
                     ANSWER_UNKNOWN);
    free(text);
}

static void a_gold_answer_is_looked_at(void **state)
{
    (void)state;
    struct err e;
    assert_true(math()->check_gold(S("\\frac{3}{4}"), &e));
    assert_true(math()->check_gold(S("Evelyn"), &e));
    assert_false(math()->check_gold(S("  "), &e));
    assert_string_equal(e.text, "the answer is empty");
    assert_false(math()->check_gold(S("\\frac{3}{"), &e));
    assert_int_equal(e.code, ERR_SYNTAX);
}

/* ---- the shared folder ---- */

static struct lines *shared(const char *name)
{
    const char *folder = getenv("GAVEL_SHARED");
    char path[4096];
    struct err e;
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", name);
    return folder ? lines_open(path, 16 << 20, &e) : NULL;
}

static void shared_cases_are_decided_as_they_say(void **state)
{
    (void)state;
    struct lines *l = shared("cases/math_equivalence.jsonl");
    struct slice line;
    struct err e;
    int n = 0;
    if (!l)
        skip();
    while (lines_next(l, &line, &e) == LINES_LINE) {
        json *row = json_parse(line, JSON_STRICT, &e);
        assert_non_null(row);
        struct slice gold = json_string(json_get(row, "gold"));
        struct slice candidate = json_string(json_get(row, "candidate"));
        bool equal = json_bool(json_get(row, "equal"), false);
        if ((compare(&defaults, gold, candidate).verdict == ANSWER_EQUAL) != equal)
            fail_msg("line %d: " SLICE_FMT " and " SLICE_FMT, n + 1, SLICE_ARG(gold),
                     SLICE_ARG(candidate));
        json_free(row);
        n++;
    }
    lines_close(l);
    assert_true(n > 0);
}

/* Answers of a model to competition questions, judged by a public checker: at least 99 in 100 are
 * judged the same. */
static void judged_answers_are_judged_alike(void **state)
{
    (void)state;
    struct lines *l = shared("data/qwen-math-rm/math_cot_100.jsonl");
    struct slice line;
    struct err e;
    int n = 0, alike = 0;
    if (!l)
        skip();
    while (lines_next(l, &line, &e) == LINES_LINE) {
        json *row = json_parse(line, JSON_STRICT, &e);
        assert_non_null(row);
        struct slice gold = json_string(json_get(row, "gt"));
        const json *score = json_first(json_get(row, "score"));
        for (const json *p = json_first(json_get(row, "pred")); p && score;
             p = json_next(p), score = json_next(score), n++) {
            enum answer_verdict v = compare(&defaults, gold, json_string(p)).verdict;
            alike += (v == ANSWER_EQUAL) == json_bool(score, false);
        }
        json_free(row);
    }
    lines_close(l);
    print_message("%d of %d judged alike\n", alike, n);
    assert_true(n > 0 && alike * 100 >= n * 99);
}

int main(void)
{
    defaults = answer_rules_default();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_decided_as_it_says),
        cmocka_unit_test(a_text_equals_itself),
        cmocka_unit_test(promises_hold_for_any_two_texts),
        cmocka_unit_test(rules_decide_what_is_a_matter_of_taste),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(a_gold_answer_is_looked_at),
        cmocka_unit_test(shared_cases_are_decided_as_they_say),
        cmocka_unit_test(judged_answers_are_judged_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
