#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

static void sub_never_leaves_the_slice(void **state)
{
    (void)state;
    static const struct {
        size_t from, n;
        const char *expected, *why;
    } rows[] = {
        {0, 3,        "abc",   "a prefix"               },
        {2, 3,        "cde",   "the middle"             },
        {4, 9,        "ef",    "the length is cut"      },
        {9, 1,        "",      "a start behind the end" },
        {1, SIZE_MAX, "bcdef", "no overflow of from + n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_true(slice_is(slice_sub(S("abcdef"), rows[i].from, rows[i].n), rows[i].expected));
    assert_true(slice_is(slice_from(S("abc"), 1), "bc"));
    assert_int_equal(slice_of(NULL).n, 0);
    assert_int_equal(slice_from(slice_of(NULL), 5).n, 0);
}

static int sign(int v)
{
    return (v > 0) - (v < 0);
}

static void order_is_by_unsigned_bytes_then_length(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int expected;
        const char *why;
    } rows[] = {
        {"",     "",     0,  "empty"               },
        {"a",    "a",    0,  "equal"               },
        {"a",    "b",    -1, "first byte"          },
        {"ab",   "a",    1,  "a prefix comes first"},
        {"",     "a",    -1, "empty first"         },
        {"\xFF", "a",    1,  "bytes are unsigned"  },
        {"a",    "\x80", -1, "likewise"            },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice a = slice_of(rows[i].a), b = slice_of(rows[i].b);
        assert_int_equal(sign(slice_cmp(a, b)), rows[i].expected);
        assert_int_equal(sign(slice_cmp(b, a)), -rows[i].expected);
        assert_int_equal(slice_eq(a, b), rows[i].expected == 0);
    }
    assert_false(slice_eq(S("a\0b"), S("a\0c")));
}

static void find_and_rfind_agree_with_the_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *needle;
        size_t first, last;
        const char *why;
    } rows[] = {
        {"abcabc", "bc",   1,        4,        "two hits"                      },
        {"abc",    "abc",  0,        0,        "the whole"                     },
        {"abc",    "abcd", SIZE_MAX, SIZE_MAX, "a needle that is longer"       },
        {"aaa",    "aa",   0,        1,        "overlapping hits"              },
        {"abc",    "x",    SIZE_MAX, SIZE_MAX, "none"                          },
        {"abc",    "",     0,        3,        "the empty needle is everywhere"},
        {"",       "a",    SIZE_MAX, SIZE_MAX, "an empty text"                 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice text = slice_of(rows[i].text), needle = slice_of(rows[i].needle);
        assert_int_equal(slice_find(text, needle), rows[i].first);
        assert_int_equal(slice_rfind(text, needle), rows[i].last);
    }
    assert_true(slice_starts(S("abc"), S("ab")));
    assert_false(slice_starts(S("a"), S("ab")));
    assert_true(slice_ends(S("abc"), S("bc")));
    assert_false(slice_ends(S("c"), S("bc")));
}

static void trim_and_cut(void **state)
{
    (void)state;
    assert_true(slice_is(slice_trim(S(" \t\r\n a b \v\f")), "a b"));
    assert_int_equal(slice_trim(S(" \n ")).n, 0);
    struct slice rest;
    assert_true(slice_is(slice_cut(S("k=v=w"), '=', &rest), "k"));
    assert_true(slice_is(rest, "v=w"));
    assert_true(slice_is(slice_cut(S("kv"), '=', &rest), "kv"));
    assert_int_equal(rest.n, 0);
    assert_int_equal(slice_cut(S("=v"), '=', &rest).n, 0);
    assert_true(slice_is(rest, "v"));
}

static void i64_takes_whole_numbers_in_range_only(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
        const char *why;
    } rows[] = {
        {"0",                    true,  0,         "zero"         },
        {"-0",                   true,  0,         "minus zero"   },
        {"+7",                   true,  7,         "a plus"       },
        {"9223372036854775807",  true,  INT64_MAX, "the largest"  },
        {"-9223372036854775808", true,  INT64_MIN, "the smallest" },
        {"9223372036854775808",  false, 0,         "one too large"},
        {"-9223372036854775809", false, 0,         "one too small"},
        {"",                     false, 0,         "nothing"      },
        {"-",                    false, 0,         "a sign alone" },
        {" 1",                   false, 0,         "white space"  },
        {"1x",                   false, 0,         "trailing text"},
        {"1.0",                  false, 0,         "a fraction"   },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t value = 0;
        assert_int_equal(slice_i64(slice_of(rows[i].text), &value), rows[i].ok);
        if (rows[i].ok)
            assert_true(value == rows[i].value);
    }
}

static void double_takes_decimal_numbers_only(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        double value;
        const char *why;
    } rows[] = {
        {"0.05",  true,  0.05,  "a fraction"            },
        {"-1e3",  true,  -1000, "an exponent"           },
        {"1E+2",  true,  100,   "an upper-case exponent"},
        {"7",     true,  7,     "a whole number"        },
        {"1e999", false, 0,     "out of range"          },
        {"inf",   false, 0,     "strtod would take it"  },
        {"nan",   false, 0,     "strtod would take it"  },
        {"0x10",  false, 0,     "strtod would take it"  },
        {" 1",    false, 0,     "strtod would take it"  },
        {"1 ",    false, 0,     "trailing white space"  },
        {"1.2.3", false, 0,     "trailing text"         },
        {"",      false, 0,     "nothing"               },
        {"e",     false, 0,     "no digit"              },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double value = 0;
        assert_int_equal(slice_double(slice_of(rows[i].text), &value), rows[i].ok);
        if (rows[i].ok)
            assert_true(value == rows[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_never_leaves_the_slice),
        cmocka_unit_test(order_is_by_unsigned_bytes_then_length),
        cmocka_unit_test(find_and_rfind_agree_with_the_text),
        cmocka_unit_test(trim_and_cut),
        cmocka_unit_test(i64_takes_whole_numbers_in_range_only),
        cmocka_unit_test(double_takes_decimal_numbers_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
