/* Public harnesses' ways of reading a verdict, oddities included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/lines.h"
#include "judges/compat.h"

#define TEN "0123456789"

static const struct {
    const char *name, *text;
    enum verdict expect;
    const char *why;
} rows[] = {
    {"rewardbench", "My verdict: [[A]]", VERDICT_A, "plain"},
    {"rewardbench", "[[B]]", VERDICT_B, "plain"},
    {"rewardbench", "[[B]] no, on second thought [[A]]", VERDICT_A, "A is looked for first"},
    {"rewardbench", "[[A]] no, on second thought [[B]]", VERDICT_A, "whichever came last"},
    {"rewardbench", "[[C]]", VERDICT_NONE, "knows no tie"},
    {"rewardbench", "[A]", VERDICT_NONE, "one bracket"},
    {"rewardbench", "<think>[[A]]</think> [[B]]", VERDICT_A, "the thought votes, too"},
    {"rewardbench", "[[[A]]]", VERDICT_A, "a substring"},
    {"rewardbench", "", VERDICT_NONE, "nothing"},
    {"ste", "[[A]]", VERDICT_A, "plain"},
    {"ste", "[[B]] [[B]]", VERDICT_B, "twice"},
    {"ste", "[[B]] [[A]]", VERDICT_CONFLICTING, "both are none"},
    {"ste", "[[C]]", VERDICT_TIE, "tie"},
    {"ste", "[[C]] [[B]]", VERDICT_B, "a tie beside a letter is not seen"},
    {"ste", "A", VERDICT_NONE, "no brackets"},
    {"rm-r1", "<answer>[[A]]</answer>", VERDICT_A, "plain"},
    {"rm-r1", "<answer>[[B]]</answer>\n", VERDICT_B, "plain"},
    {"rm-r1", "<answer> [[A]] </answer>", VERDICT_NONE, "no blanks are allowed"},
    {"rm-r1", "[[A]]", VERDICT_NONE, "no tags"},
    {"rm-r1", "<answer>[[A]]</answer><answer>[[B]]</answer>", VERDICT_CONFLICTING, "both"},
    {"rm-r1", "<answer>[[B]]</answer>" TEN TEN TEN TEN TEN TEN "<answer>[[A]]</answer>", VERDICT_A,
     "the other one is out of sight"},
    {"rm-r1", "<answer>[[B]]</answer>" TEN TEN TEN TEN TEN "01234567", VERDICT_B,
     "22 + 58 characters: just in sight"},
    {"rm-r1", "<answer>[[B]]</answer>" TEN TEN TEN TEN TEN "012345678", VERDICT_NONE,
     "22 + 59 characters: cut"},
    {"rm-r1",
     "<answer>[[B]]</answer>" TEN TEN TEN TEN TEN "\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD"
     "\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD",
     VERDICT_B, "characters, not bytes"},
    {"judgebench", "[[A>B]]", VERDICT_A, "plain"},
    {"judgebench", "[[B>A]]", VERDICT_B, "plain"},
    {"judgebench", "[[A>>B]]", VERDICT_A, "much better is better"},
    {"judgebench", "[[B>>A]] indeed [[B>>A]]", VERDICT_B, "twice the same"},
    {"judgebench", "[[A=B]]", VERDICT_TIE, "tie"},
    {"judgebench", "[[A>>B]] or rather [[A>B]]", VERDICT_CONFLICTING,
     "labels are compared as written"},
    {"judgebench", "[[A>B]] [[B>A]]", VERDICT_CONFLICTING, "two labels"},
    {"judgebench", "[[A]]", VERDICT_NONE, "a label that the metrics do not know"},
    {"judgebench", "[[A]] [[A>B]]", VERDICT_CONFLICTING, "but a label"},
    {"judgebench", "[[A<B]]", VERDICT_NONE, "likewise"},
    {"judgebench", "[[A > B]]", VERDICT_NONE, "blanks are no part of a label"},
    {"judgebench", "[[[A>B]]]", VERDICT_A, "the search goes on at each bracket"},
    {"judgebench", "[[A[[B>A]]", VERDICT_B, "also after one that came to nothing"},
    {"judgebench", "[[]] [[A>B]", VERDICT_NONE, "no label"},
    {"mt-bench", "[[A]]", VERDICT_A, "plain"},
    {"mt-bench", "[[B]] [[A]]", VERDICT_A, "A is looked for first"},
    {"mt-bench", "[[C]] [[B]]", VERDICT_B, "then B"},
    {"mt-bench", "[[C]]", VERDICT_TIE, "then the tie"},
    {"mt-bench", "[[D]]", VERDICT_NONE, "an error there"},
};

static void each_is_read_as_its_program_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum verdict v = compat_find(rows[i].name)->read(slice_of(rows[i].text));
        if (v != rows[i].expect)
            fail_msg("%s: %s: %s, not %s", rows[i].name, rows[i].why, verdict_name(v),
                     verdict_name(rows[i].expect));
    }
}

static void all_that_were_promised_are_there(void **state)
{
    (void)state;
    static const char *const names[] = {"rewardbench", "ste", "rm-r1", "judgebench", "mt-bench"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_non_null(compat_find(names[i]));
        assert_true(compat_find(names[i])->help[0]);
    }
    assert_null(compat_find("mtbench"));
    assert_null(compat_find(""));
}

static void a_megabyte_is_read_in_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "[[A]]", "[[", "[[A", "[[AB<>=", "]]", "[", "<answer>", "x"};
    for (const struct compat *c = compat_table; c->name; c++)
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
            struct buf b;
            buf_init(&b, 2 << 20);
            while (b.n < 1 << 20)
                buf_str(&b, pieces[i]);
            enum verdict v = c->read(buf_view(&b));
            bool found = i == 0 && (strstr(c->help, "anywhere") != NULL);
            assert_true(found ? v == VERDICT_A : v == VERDICT_NONE);
            buf_free(&b);
        }
}

static void shared_cases_are_read_as_they_say(void **state)
{
    (void)state;
    const char *folder = getenv("GAVEL_SHARED");
    char path[4096], name[32];
    struct err e;
    snprintf(path, sizeof path, "%s/cases/verdicts.jsonl", folder ? folder : "../shared");
    struct lines *l = lines_open(path, 16 << 20, &e);
    struct slice line;
    int checked = 0;
    if (!l) {
        print_message("skipped: %s\n", e.text);
        skip();
    }
    while (lines_next(l, &line, &e) == LINES_LINE) {
        json *row = json_parse(line, JSON_STRICT, &e);
        assert_non_null(row);
        struct slice compat = json_string(json_get(row, "compat"));
        snprintf(name, sizeof name, SLICE_FMT, SLICE_ARG(compat));
        if (compat.n) {
            enum verdict v = compat_find(name)->read(json_string(json_get(row, "text")));
            struct slice expect = json_string(json_get(row, "expect"));
            bool none = v == VERDICT_NONE || v == VERDICT_CONFLICTING;
            assert_true(slice_is(expect, none ? "none" : verdict_name(v)));
            checked++;
        }
        json_free(row);
    }
    lines_close(l);
    assert_true(checked > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_read_as_its_program_does),
        cmocka_unit_test(all_that_were_promised_are_there),
        cmocka_unit_test(a_megabyte_is_read_in_linear_time),
        cmocka_unit_test(shared_cases_are_read_as_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
