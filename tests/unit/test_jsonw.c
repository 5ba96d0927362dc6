#include "base/jsonw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/rng.h"

static void commas_and_colons_are_placed_by_the_writer(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    struct jsonw w = jsonw_to(&out);
    jsonw_object(&w);
    jsonw_kstr(&w, "s", "text");
    jsonw_ki64(&w, "i", INT64_MIN);
    jsonw_kdouble(&w, "d", 0.1);
    jsonw_kbool(&w, "t", true);
    jsonw_kslice(&w, "p", slice_sub(S("abcdef"), 1, 2));
    jsonw_key_slice(&w, S("l"));
    jsonw_list(&w);
    jsonw_list(&w);
    jsonw_end_list(&w);
    jsonw_object(&w);
    jsonw_end_object(&w);
    jsonw_null(&w);
    jsonw_u64(&w, UINT64_MAX);
    jsonw_raw(&w, S("{\"raw\":[1]}"));
    jsonw_bool(&w, false);
    jsonw_end_list(&w);
    jsonw_key(&w, "z");
    jsonw_string(&w, S(""));
    jsonw_end_object(&w);
    assert_string_equal(buf_cstr(&out), "{\"s\":\"text\",\"i\":-9223372036854775808,\"d\":0.1,"
                                        "\"t\":true,\"p\":\"bc\",\"l\":[[],{},null,"
                                        "18446744073709551615,{\"raw\":[1]},false],\"z\":\"\"}");
    buf_free(&out);
}

struct text_row {
    const char *reason;
    struct slice text;
    const char *want;
};

static void text_is_escaped_only_where_json_asks_for_it(void **state)
{
    (void)state;
    static const struct text_row rows[] = {
        {"empty",                             {"", 0},                   "\"\""                  },
        {"no text at all",                    {NULL, 0},                 "\"\""                  },
        {"quotes and backslash",              {"a\"\\/", 4},             "\"a\\\"\\\\/\""        },
        {"short escapes",                     {"\b\f\n\r\t", 5},         "\"\\b\\f\\n\\r\\t\""   },
        {"other control characters, NUL too", {"\0\x1f\x7f", 3},         "\"\\u0000\\u001f\x7f\""},
        {"non-ASCII as it is",                {"é😀\xe2\x80\xa8", 9}, "\"é😀\xe2\x80\xa8\""},
        {"one U+FFFD for an invalid byte",
         {"a\xff"
          "b",
          3},
         "\"a\xef\xbf\xbd"
         "b\""                                                                                   },
        {"a cut sequence at the end",         {"a\xc3", 2},              "\"a\xef\xbf\xbd\""     },
        {"escapes on both sides of damage",   {"\n\x80\n", 3},           "\"\\n\xef\xbf\xbd\\n\""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out;
        buf_init(&out, 4096);
        jsonw_text(&out, rows[i].text);
        if (strcmp(buf_cstr(&out), rows[i].want) != 0)
            fail_msg("%s: %s", rows[i].reason, buf_cstr(&out));
        buf_free(&out);
    }
}

static void any_bytes_give_text_that_reads_back(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 11);
    for (int round = 0; round < 5000; round++) {
        char bytes[24];
        size_t n = (size_t)rng_below(&r, sizeof(bytes));
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(1 + rng_below(&r, 255));
        struct buf out;
        buf_init(&out, 4096);
        jsonw_text(&out, (struct slice){bytes, n});
        struct err e;
        json *root = json_parse(buf_view(&out), JSON_STRICT, &e);
        if (!root)
            fail_msg("%s", e.text);
        struct buf again;
        buf_init(&again, 4096);
        json_print(root, &again);
        assert_string_equal(buf_cstr(&again), buf_cstr(&out));
        json_free(root);
        buf_free(&again);
        buf_free(&out);
    }
}

static void assert_double(double v, const char *want)
{
    struct buf out;
    buf_init(&out, 64);
    struct jsonw w = jsonw_to(&out);
    jsonw_double(&w, v);
    assert_string_equal(buf_cstr(&out), want);
    buf_free(&out);
}

static void doubles_are_short(void **state)
{
    (void)state;
    assert_double(0.1, "0.1");
    assert_double(100, "100");
    assert_double(-0.0, "-0");
    assert_double(0.1 + 0.2, "0.30000000000000004");
    assert_double(1e21, "1e+21");
    assert_double(1.0 / 3, "0.3333333333333333");
    assert_double(5e-324, "4.94065645841247e-324");
    assert_double((double)NAN, "null");
    assert_double((double)INFINITY, "null");
    assert_double(-(double)INFINITY, "null");
}

static void every_double_reads_back_as_itself(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 3);
    for (int round = 0; round < 20000; round++) {
        uint64_t bits = rng_u64(&r);
        double v;
        memcpy(&v, &bits, sizeof(v));
        if (!isfinite(v))
            continue;
        struct buf out;
        buf_init(&out, 64);
        struct jsonw w = jsonw_to(&out);
        jsonw_double(&w, v);
        struct err e;
        json *root = json_parse(buf_view(&out), JSON_STRICT, &e);
        double back = 0;
        assert_true(json_double(root, &back));
        assert_memory_equal(&back, &v, sizeof(v));
        json_free(root);
        buf_free(&out);
    }
}

static void a_full_buffer_is_told_at_the_end(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 10);
    struct jsonw w = jsonw_to(&out);
    jsonw_list(&w);
    jsonw_string(&w, S("more than ten bytes"));
    jsonw_end_list(&w);
    struct err e;
    assert_false(buf_ok(&out, "the list", &e));
    assert_int_equal(e.code, ERR_LIMIT);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_colons_are_placed_by_the_writer),
        cmocka_unit_test(text_is_escaped_only_where_json_asks_for_it),
        cmocka_unit_test(any_bytes_give_text_that_reads_back),
        cmocka_unit_test(doubles_are_short),
        cmocka_unit_test(every_double_reads_back_as_itself),
        cmocka_unit_test(a_full_buffer_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
