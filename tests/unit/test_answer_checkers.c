/* Checkers of final answers: their own cases, and what holds for all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "filters/answers/checker.h"
#include "filters/answers/quantity.h"
#include "filters/answers/rules.h"

static struct answer_result compare(const char *kind, const struct answer_rules *rules,
                                    const char *gold, const char *candidate)
{
    struct answer_result r = {0};
    checker_find(kind)->compare(rules, slice_of(gold), slice_of(candidate), &r);
    return r;
}

static void check_chain(const struct answer_result *r)
{
    assert_true(r->verdict < ANSWER_VERDICT_COUNT && r->strict < ANSWER_VERDICT_COUNT &&
                r->lenient < ANSWER_VERDICT_COUNT);
    assert_true(r->strict != ANSWER_EQUAL || r->verdict == ANSWER_EQUAL);
    assert_true(r->verdict != ANSWER_EQUAL || r->lenient == ANSWER_EQUAL);
    assert_true(memchr(r->why, 0, sizeof r->why) && r->why[0]);
}

static void test_their_own_cases(void **state)
{
    const struct answer_rules rules = answer_rules_default();
    int wrong = 0;
    (void)state;
    for (size_t i = 0; checker_table[i]; i++) {
        const struct checker *c = checker_table[i];
        for (size_t j = 0; j < c->n_cases; j++) {
            const struct checker_case *k = &c->cases[j];
            struct answer_result r = compare(c->name, &rules, k->gold, k->candidate);
            check_chain(&r);
            if (r.verdict == k->verdict && r.strict == k->strict && r.lenient == k->lenient)
                continue;
            print_error("%s: '%s' and '%s' (%s): strict %s, verdict %s, lenient %s: %s\n", c->name,
                        k->gold, k->candidate, k->why, answer_verdict_name(r.strict),
                        answer_verdict_name(r.verdict), answer_verdict_name(r.lenient), r.why);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void test_found_by_name(void **state)
{
    static const char *const names[] = {"choice", "number", "regex", "text"};
    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(checker_find(names[i])->name, names[i]);
    assert_null(checker_find("numbers"));
}

/* The defaults without a project and those of a project that says nothing. */
static void test_default_rules(void **state)
{
    static const char text[] =
        "endpoints: [{url: 'http://a/v1', model: m}]\nseeds: [{path: s.jsonl}]\n";
    struct project p;
    struct arena arena;
    struct err e;
    (void)state;
    arena_init(&arena, 1 << 22);
    assert_true(project_from_text(&p, &arena, "p", slice_of(text), &e));
    struct answer_rules of = answer_rules_of(&p), none = answer_rules_default();
    assert_true(of.percent == none.percent && of.units == none.units && of.ratios == none.ratios &&
                of.words == none.words && of.fold_case == none.fold_case);
    assert_true(of.relative == 0 && of.absolute == 0 && none.relative == 0 && none.absolute == 0);
    arena_free(&arena);
}

/* 0.1 is a tenth, not the double that is near it: at the very edge no bit decides. */
static void test_tolerance_is_exact(void **state)
{
    struct answer_rules rules = answer_rules_default();
    (void)state;
    rules.absolute = 0.1;
    assert_int_equal(compare("number", &rules, "1", "1.1").strict, ANSWER_EQUAL);
    assert_int_equal(compare("number", &rules, "1", "0.9").strict, ANSWER_EQUAL);
    assert_int_equal(compare("number", &rules, "1", "1.100000000000000000001").verdict,
                     ANSWER_DIFFERENT);
    rules.absolute = 0;
    rules.relative = 0.01;
    assert_int_equal(compare("number", &rules, "-200", "-202").verdict, ANSWER_EQUAL);
    assert_int_equal(compare("number", &rules, "-200", "-202.0000001").verdict, ANSWER_DIFFERENT);
    rules.absolute = 5;
    assert_int_equal(compare("number", &rules, "-200", "-205").verdict, ANSWER_EQUAL);
    rules.absolute = 1e-300;
    assert_int_equal(compare("number", &rules, "0", "1e-300").verdict, ANSWER_EQUAL);
    assert_int_equal(compare("number", &rules, "0", "1.1e-300").verdict, ANSWER_DIFFERENT);
}

static void test_percent_rules(void **state)
{
    static const struct {
        int rule;
        enum answer_verdict fifty, half;
    } rows[] = {
        {ANSWER_PERCENT_DROP, ANSWER_EQUAL, ANSWER_DIFFERENT},
        {ANSWER_PERCENT_FRACTION, ANSWER_DIFFERENT, ANSWER_EQUAL},
        {ANSWER_PERCENT_EITHER, ANSWER_EQUAL, ANSWER_EQUAL},
        {ANSWER_PERCENT_STRICT, ANSWER_DIFFERENT, ANSWER_DIFFERENT},
    };
    struct answer_rules rules = answer_rules_default();
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        rules.percent = rows[i].rule;
        assert_int_equal(compare("number", &rules, "50\\%", "50").verdict, rows[i].fifty);
        assert_int_equal(compare("number", &rules, "50", "50%").verdict, rows[i].fifty);
        assert_int_equal(compare("number", &rules, "50%", "0.5").verdict, rows[i].half);
        assert_int_equal(compare("number", &rules, "1/2", "50 percent").verdict, rows[i].half);
        assert_int_equal(compare("number", &rules, "50%", "50\\%").strict, ANSWER_EQUAL);
        assert_int_equal(compare("number", &rules, "50%", "0.5").lenient, ANSWER_EQUAL);
    }
}

static void test_other_rules(void **state)
{
    struct answer_rules rules = answer_rules_default();
    (void)state;
    rules.units = ANSWER_UNITS_REQUIRED;
    assert_int_equal(compare("number", &rules, "5 cm", "5").verdict, ANSWER_DIFFERENT);
    assert_int_equal(compare("number", &rules, "5 cm", "5").lenient, ANSWER_EQUAL);
    assert_int_equal(compare("number", &rules, "5 cm", "5 cm").strict, ANSWER_EQUAL);
    rules.ratios = true;
    assert_int_equal(compare("number", &rules, "1/2", "1:2").verdict, ANSWER_EQUAL);
    rules.words = false;
    assert_int_equal(compare("number", &rules, "6", "six").verdict, ANSWER_DIFFERENT);
    assert_int_equal(compare("number", &rules, "6", "six").lenient, ANSWER_EQUAL);
    rules.fold_case = true;
    assert_int_equal(compare("text", &rules, "Evelyn", "EVELYN").strict, ANSWER_EQUAL);
    assert_int_equal(compare("text", &rules, "Evelyn", "Evelyn!").strict, ANSWER_DIFFERENT);
}

static void test_golds_that_are_none(void **state)
{
    static const char *const rows[][3] = {
        {"number", "about a lot", "is not one number"},
        {"number", "", "is empty"},
        {"choice", "A, B", "is not the letter of one choice"},
        {"regex", "a(b", "is no regular expression"},
        {"regex", "(?<=a{1,9}+", "is no regular expression"},
        {"text", " ", "is empty"},
        {"text", "\xff", "is not UTF-8 at byte 0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e;
        assert_false(checker_find(rows[i][0])->check_gold(slice_of(rows[i][1]), &e));
        if (!strstr(e.text, rows[i][2]))
            fail_msg("%s '%s': %s", rows[i][0], rows[i][1], e.text);
    }
}

/* A number that is written by chance in several ways is one number; its neighbour is another. */
static void test_spellings_of_one_number(void **state)
{
    const struct answer_rules rules = answer_rules_default();
    struct rng rng;
    (void)state;
    rng_init(&rng, 7);
    for (int i = 0; i < 2000; i++) {
        long n = (long)rng_below(&rng, 2000000), d = 1 + (long)rng_below(&rng, 999);
        char gold[80], a[80], b[80], other[80];
        snprintf(gold, sizeof gold, "%ld/%ld", n, d);
        snprintf(a, sizeof a, "\\frac{%ld}{%ld}", n * 7, d * 7);
        snprintf(b, sizeof b, n % d ? "%ld \\frac{%ld}{%ld}" : "%ld", n / d, n % d, d);
        snprintf(other, sizeof other, "\\frac{%ld}{%ld}", n * 7 + 1, d * 7);
        assert_int_equal(compare("number", &rules, gold, a).strict, ANSWER_EQUAL);
        assert_int_equal(compare("number", &rules, gold, b).strict, ANSWER_EQUAL);
        assert_int_equal(compare("number", &rules, gold, other).verdict, ANSWER_DIFFERENT);
        snprintf(gold, sizeof gold, "%ld.%03ld", n, d);
        snprintf(a, sizeof a, "%ld%03lde-3", n, d);
        assert_int_equal(compare("number", &rules, gold, a).strict, ANSWER_EQUAL);
    }
}

static void pieces(struct rng *rng, char *out, size_t size)
{
    static const char *const all[] = {"1",        "12",          ",",        ".",
                                      "345",      "000",         "/",        "\\frac{",
                                      "}",        "{",           "-",        "e9",
                                      "^",        "cm",          " ",        "%",
                                      "\\%",      "$",           "\\text{",  "(C)",
                                      "C",        "A",           "and",      "x",
                                      "=",        "\"",          "**",       "\\",
                                      ":",        "10^",         "\xc3\xa9", "\xe2\x89\x88",
                                      "\xc2\xb2", "twenty",      "hundred",  "mi",
                                      "per",      "square",      "(?",       "*",
                                      "+",        "[a-",         "]",        "|",
                                      "\xcc\x81", "the",         "\\boxed{", "_2",
                                      "a.m.",     "\xef\xb7\xba"};
    size_t n = 0;
    out[0] = '\0';
    for (int i = (int)rng_below(rng, 12); i > 0; i--)
        n += (size_t)snprintf(out + n, size - n, "%s",
                              all[rng_below(rng, sizeof all / sizeof all[0])]);
}

/* Whatever comes: the three verdicts keep their order, and what is not regex is equal to itself or
 * unreadable. */
static void test_any_text(void **state)
{
    const struct answer_rules rules = answer_rules_default();
    struct rng rng;
    (void)state;
    rng_init(&rng, 7);
    for (int i = 0; i < 20000; i++) {
        char gold[256], candidate[256];
        pieces(&rng, gold, sizeof gold);
        pieces(&rng, candidate, sizeof candidate);
        for (size_t k = 0; k < 4; k++) {
            static const char *const kinds[] = {"choice", "number", "text", "regex"};
            struct answer_result r = compare(kinds[k], &rules, gold, candidate);
            check_chain(&r);
            r = compare(kinds[k], &rules, gold, gold);
            check_chain(&r);
            if (k < 3 && r.strict != ANSWER_EQUAL && r.strict != ANSWER_UNKNOWN)
                fail_msg("%s: '%s' is not itself: %s", kinds[k], gold, r.why);
        }
    }
}

/* A megabyte, or just as much as is looked at, of what is most work. */
static void test_long_texts(void **state)
{
    static const char *const units[] = {"9",  "1,",       "{",  "\\text{", "(",
                                        "a.", "\xcc\x81", "A ", "*"};
    const struct answer_rules rules = answer_rules_default();
    (void)state;
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        static char text[(1 << 20) + 8];
        size_t n = strlen(units[u]);
        for (size_t size = 4096; size <= (1 << 20); size *= 16) {
            for (size_t i = 0; i < size; i++)
                text[i] = units[u][i % n];
            struct slice s = {text, size - size % n};
            for (size_t k = 0; checker_table[k]; k++) {
                struct answer_result r;
                checker_table[k]->compare(&rules, s, s, &r);
                check_chain(&r);
                checker_table[k]->compare(&rules, S("5"), s, &r);
                check_chain(&r);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_their_own_cases),
        cmocka_unit_test(test_found_by_name),
        cmocka_unit_test(test_default_rules),
        cmocka_unit_test(test_tolerance_is_exact),
        cmocka_unit_test(test_percent_rules),
        cmocka_unit_test(test_other_rules),
        cmocka_unit_test(test_golds_that_are_none),
        cmocka_unit_test(test_spellings_of_one_number),
        cmocka_unit_test(test_any_text),
        cmocka_unit_test(test_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
