#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static void utf8_errors_are_found_at_their_byte(void **state)
{
    (void)state;
    static const struct {
        struct slice s;
        size_t at;
        const char *why;
    } rows[] = {
        {{"abc", 3}, SIZE_MAX, "ASCII"},
        {{"a\xC3\xA9", 3}, SIZE_MAX, "two bytes"},
        {{"\xF0\x9F\x98\x80", 4}, SIZE_MAX, "four bytes"},
        {{"a\0b", 3}, SIZE_MAX, "NUL is a character"},
        {{NULL, 0}, SIZE_MAX, "nothing"},
        {{"ab\xFF", 3}, 2, "a byte that never occurs"},
        {{"a\xC3", 2}, 1, "cut off at the end"},
        {{"\xC0\x80", 2}, 0, "overlong"},
        {{"x\xED\xA0\x80", 4}, 1, "a surrogate"},
        {{"\xF4\x90\x80\x80", 4}, 0, "above U+10FFFF"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(text_utf8_error(rows[i].s), rows[i].at);
    assert_int_equal(text_chars(S("a\xC3\xA9\xF0\x9F\x98\x80")), 3);
    assert_int_equal(text_chars(S("")), 0);
}

static void quoting_gives_one_harmless_line(void **state)
{
    (void)state;
    static const struct {
        struct slice s;
        size_t max;
        const char *expected, *why;
    } rows[] = {
        {{"plain", 5}, 0, "plain", "nothing to do"},
        {{"a\nb\r\tc", 6}, 0, "a\\nb\\r\\tc", "line breaks"},
        {{"\0\x1b[2J", 5}, 0, "\\u0000\\u001b[2J", "terminal control"},
        {{"\xC2\x9B"
          "1m",
          4},
         0,
         "\\u009b1m",
         "C1 control"},
        {{"\xE2\x80\xAE"
          "x",
          4},
         0,
         "\\u202ex",
         "right-to-left override"},
        {{"\xE2\x81\xA6"
          "x",
          4},
         0,
         "\\u2066x",
         "isolate"},
        {{"\xE2\x80\xA8"
          "x",
          4},
         0,
         "\\u2028x",
         "line separator"},
        {{"\xF3\xA0\x81\x81", 4}, 0, "\\U000e0041", "invisible tag"},
        {{"a\xFF\xC3", 3}, 0, "a\\xff\\xc3", "invalid bytes"},
        {{"caf\xC3\xA9", 5}, 0, "caf\xC3\xA9", "other text stays"},
        {{"abcdef", 6}, 3, "abc…", "cut"},
        {{"abc", 3}, 3, "abc", "exactly the maximum"},
        {{"\xC3\xA9\xC3\xA9\xC3\xA9", 6}, 2, "\xC3\xA9\xC3\xA9…", "counted in characters"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        buf_init(&b, 1000);
        text_quote(&b, rows[i].s, rows[i].max);
        assert_string_equal(buf_cstr(&b), rows[i].expected);
        buf_free(&b);
    }
}

static void nearest_finds_typing_errors_only(void **state)
{
    (void)state;
    static const char *const names[] = {"accept", "tries", "budget", "deadlines", "store", "n"};
    static const struct {
        const char *name, *expected, *why;
    } rows[] = {
        {"acept", "accept", "a letter is missing"},
        {"bugdet", "budget", "two letters are swapped"},
        {"dedlines", "deadlines", "a letter is missing"},
        {"stores", "store", "a letter too many"},
        {"tires", "tries", "swapped"},
        {"m", "n", "one letter, one change"},
        {"dead", "deadlines", "its beginning"},
        {"de", NULL, "too short a beginning"},
        {"export", NULL, "nothing is near"},
        {"abcdefghi", NULL, "nothing is near"},
        {"accept", "accept", "the same"},
    };
    size_t n = sizeof(names) / sizeof(names[0]);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *found = text_nearest(slice_of(rows[i].name), names, n);
        if (rows[i].expected)
            assert_string_equal(found, rows[i].expected);
        else
            assert_null(found);
    }
    char huge[500] = {'a'};
    assert_null(text_nearest((struct slice){huge, sizeof(huge)}, names, n));
    assert_null(text_nearest(S("x"), names, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_errors_are_found_at_their_byte),
        cmocka_unit_test(quoting_gives_one_harmless_line),
        cmocka_unit_test(nearest_finds_typing_errors_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
