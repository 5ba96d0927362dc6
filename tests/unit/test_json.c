#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

static struct slice bytes(const char *text)
{
    return slice_of(text);
}

static void assert_print(const json *node, const char *want)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    json_print(node, &out);
    assert_string_equal(buf_cstr(&out), want);
    buf_free(&out);
}

struct good {
    const char *reason, *text, *printed;
};

static void what_is_valid_prints_as_written_without_space(void **state)
{
    (void)state;
    static const struct good rows[] = {
        {"a bare number is a document",                 "1",                                        "1"                                  },
        {"space around",                                " \t\r\n{ \"a\" : [ 1 , 2 ] } \n",          "{\"a\":[1,2]}"                      },
        {"leading blank lines keep a connection alive", "\n\n\n{}",                                 "{}"                                 },
        {"all words",                                   "[true,false,null]",                        "[true,false,null]"                  },
        {"empty containers",                            "[[],{},\"\"]",                             "[[],{},\"\"]"                       },
        {"an empty key",                                "{\"\":1}",                                 "{\"\":1}"                           },
        {"more digits than a double has",               "12345678901234567890",                     "12345678901234567890"               },
        {"trailing zeros",                              "[1.10,1.0,-0,-0.0]",                       "[1.10,1.0,-0,-0.0]"                 },
        {"exponents keep their form",                   "[1E5,1e+05,1e-400,1e999]",                 "[1E5,1e+05,1e-400,1e999]"           },
        {"numbers in keys' order",                      "{\"b\":1.50,\"a\":{\"c\":[2.0]},\"d\":3}",
         "{\"b\":1.50,\"a\":{\"c\":[2.0]},\"d\":3}"                                                                                      },
        {"digits within strings are no numbers",        "[\"12\",3,\"\\\"4\",5]",
         "[\"12\",3,\"\\\"4\",5]"                                                                                                        },
        {"escapes become characters",                   "\"\\u00e9\\/\\ud83d\\ude00\"",             "\"é/😀\""                        },
        {"control characters stay escaped",             "\"\\u0001\\n\\t\"",                        "\"\\u0001\\n\\t\""                  },
        {"non-ASCII keys and text",                     "{\"ключ\":\"значение\"}",      "{\"ключ\":\"значение\"}"},
        {"keys that differ in case differ",             "{\"a\":1,\"A\":2}",                        "{\"a\":1,\"A\":2}"                  },
        {"equal keys in different objects",             "{\"a\":{\"a\":1},\"b\":{\"a\":2}}",
         "{\"a\":{\"a\":1},\"b\":{\"a\":2}}"                                                                                             },
        {"U+FFFF and U+10FFFF are characters",          "\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\"",
         "\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\""                                                                                              },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int mode = JSON_STRICT; mode <= JSON_ANSWER; mode++) {
            struct err e = {0};
            json *root = json_parse(bytes(rows[i].text), (enum json_mode)mode, &e);
            if (!root)
                fail_msg("%s: %s", rows[i].reason, e.text);
            assert_print(root, rows[i].printed);
            json_free(root);
        }
    }
}

struct bad {
    const char *reason;
    struct slice text;
    const char *says;
};

static void what_is_wrong_is_refused_with_byte_and_reason(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        {"empty",                        {"", 0},                 "byte 1: no JSON"                       },
        {"only space",                   {" \n", 2},              "byte 3: no JSON"                       },
        {"byte order mark",              {"\xef\xbb\xbf{}", 5},   "byte 1: a byte order mark"             },
        {"two documents",                {"{} {}", 5},            "byte 4: '{' where the end"             },
        {"trailing NUL",                 {"{}\0", 3},             "byte 3: byte 0x00 where the end"       },
        {"trailing comma in a list",     {"[1,]", 4},             "byte 4: ']' where a value"             },
        {"trailing comma in an object",  {"{\"a\":1,}", 8},       "byte 8: '}' where a key"               },
        {"missing colon",                {"{\"a\" 1}", 7},        "byte 6: '1' where ':'"                 },
        {"missing comma",                {"[1 2]", 5},            "byte 4: '2' where ',' or ']'"          },
        {"unquoted key",                 {"{a:1}", 5},            "byte 2: 'a' where a key"               },
        {"single quotes",                {"['a']", 5},            "byte 2: ''' where a value"             },
        {"NaN",                          {"NaN", 3},              "byte 1: 'N' where a value"             },
        {"cut word",                     {"tru", 3},              "byte 1: 't' where a value"             },
        {"infinity",                     {"-Infinity", 9},        "byte 2: 'I' where a digit"             },
        {"leading zero",                 {"[01]", 4},             "byte 2: a number with a leading zero"  },
        {"leading plus",                 {"+1", 2},               "byte 1: '+' where a value"             },
        {"point without digits",         {"1.", 2},               "byte 3: the text ends where a digit"   },
        {"point first",                  {".5", 2},               "byte 1: '.' where a value"             },
        {"empty exponent",               {"1e+", 3},              "byte 4: the text ends where a digit"   },
        {"hexadecimal",                  {"0x10", 4},             "byte 2: 'x' where the end"             },
        {"unclosed string",              {"[\"abc", 5},           "byte 2: a string without"              },
        {"string cut after a backslash", {"\"\\", 2},             "byte 2: a backslash"                   },
        {"unclosed list",                {"[1,[2]", 6},           "byte 7: the text ends where ',' or ']'"},
        {"wrong bracket",                {"[1}", 3},              "byte 3: '}' where ',' or ']'"          },
        {"line break in a string",       {"\"a\nb\"", 5},         "byte 3: control character 0x0a"        },
        {"NUL in a string",              {"\"a\0b\"", 5},         "byte 3: control character 0x00"        },
        {"unknown escape",               {"\"\\x41\"", 6},        "byte 2: a backslash"                   },
        {"escaped NUL byte",             {"\"\\\0\"", 4},         "byte 2: a backslash"                   },
        {"short unicode escape",         {"\"\\u12\"", 6},        "byte 2: \\u needs"                     },
        {"bad unicode escape",           {"\"\\u12g4\"", 8},      "byte 2: \\u needs"                     },
        {"stray continuation",           {"\"a\x80\"", 4},        "byte 3: 0x80"                          },
        {"overlong",                     {"\"\xc0\xaf\"", 4},     "byte 2: 0xc0"                          },
        {"surrogate in UTF-8",           {"\"\xed\xa0\x80\"", 5}, "byte 2: 0xed"                          },
        {"sequence cut by the quote",    {"\"\xe2\x82\"", 4},     "byte 2: 0xe2"                          },
        {"invalid UTF-8 in a key",       {"{\"\xff\":1}", 7},     "byte 3: 0xff"                          },
        {"invalid UTF-8 outside",        {"[\xff]", 3},           "byte 2: byte 0xff where a value"       },
        {"no-break space",               {"\xc2\xa0{}", 4},       "byte 1: byte 0xc2"                     },
        {"comment",                      {"/*x*/1", 6},           "byte 1: '/'"                           },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int mode = JSON_STRICT; mode <= JSON_ANSWER; mode++) {
            struct err e = {0};
            json *root = json_parse(rows[i].text, (enum json_mode)mode, &e);
            if (root || e.code != ERR_SYNTAX || !strstr(e.text, rows[i].says))
                fail_msg("%s: got \"%s\", not \"%s\"", rows[i].reason, e.text, rows[i].says);
        }
    }
}

struct lenient {
    const char *reason, *text, *says, *printed;
};

static void an_answer_is_mended_where_a_seed_is_refused(void **state)
{
    (void)state;
    static const struct lenient rows[] = {
        {"NUL escape",                             "\"a\\u0000b\"",                                          "byte 3: a NUL",
         "\"a\xef\xbf\xbd"
         "b\""                                                                                                                                                             },
        {"lone high surrogate",                    "\"\\ud83d!\"",                                           "byte 2: a surrogate",        "\"\xef\xbf\xbd!\""             },
        {"lone low surrogate",                     "\"\\uDE00\"",                                            "byte 2: a surrogate",        "\"\xef\xbf\xbd\""              },
        {"halves in the wrong order",              "\"\\ude00\\ud83d\"",                                     "byte 2: a surrogate",
         "\"\xef\xbf\xbd\xef\xbf\xbd\""                                                                                                                                    },
        {"two highs, then a low",                  "\"\\ud83d\\ud83d\\ude00\"",                              "byte 2: a surrogate",
         "\"\xef\xbf\xbd😀\""                                                                                                                                            },
        {"high at the end of the text",            "[\"\\ud83d\"]",                                          "byte 3: a surrogate",
         "[\"\xef\xbf\xbd\"]"                                                                                                                                              },
        {"high before another escape",             "\"\\ud83d\\n\"",                                         "byte 2: a surrogate",
         "\"\xef\xbf\xbd\\n\""                                                                                                                                             },
        {"a key too",                              "{\"\\u0000\":1.0}",                                      "byte 3: a NUL",              "{\"\xef\xbf\xbd\":1.0}"        },
        {"repeated key",                           "{\"a\":1,\"b\":2,\"a\":3}",                              "the key 'a' is there twice",
         "{\"a\":1,\"b\":2}"                                                                                                                                               },
        {"repeated in another spelling",           "{\"a\":1.0,\"\\u0061\":[2]}",
         "the key 'a' is there twice",                                                                                                     "{\"a\":1.0}"                   },
        {"three times, deep",                      "[{\"x\":{\"k\":1,\"k\":{\"k\":2},\"k\":3,\"z\":4.50}}]",
         "the key 'k' is there twice",                                                                                                     "[{\"x\":{\"k\":1,\"z\":4.50}}]"},
        {"a line break in a key is shown escaped", "{\"a\\nb\":1,\"a\\nb\":2}",
         "the key 'a\\nb' is there twice",                                                                                                 "{\"a\\nb\":1}"                 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err e = {0};
        json *root = json_parse(bytes(rows[i].text), JSON_STRICT, &e);
        if (root || !strstr(e.text, rows[i].says))
            fail_msg("%s: got \"%s\"", rows[i].reason, e.text);
        root = json_parse(bytes(rows[i].text), JSON_ANSWER, &e);
        assert_non_null(root);
        assert_print(root, rows[i].printed);
        json_free(root);
    }
}

static struct slice nested(char *text, size_t levels)
{
    memset(text, '[', levels);
    memset(text + levels, ']', levels);
    return (struct slice){text, 2 * levels};
}

static void depth_ends_at_the_declared_maximum(void **state)
{
    (void)state;
    static char text[400000];
    struct err e = {0};
    json *root = json_parse(nested(text, JSON_MAX_DEPTH), JSON_STRICT, &e);
    assert_non_null(root);
    json_free(root);
    assert_null(json_parse(nested(text, JSON_MAX_DEPTH + 1), JSON_STRICT, &e));
    assert_non_null(strstr(e.text, "at byte 65: nested deeper than 64 levels"));
    assert_null(json_parse(nested(text, 200000), JSON_ANSWER, &e));
}

static void very_long_numbers_keep_every_digit(void **state)
{
    (void)state;
    for (size_t n = 55; n <= 700; n += n < 70 ? 1 : 210) {
        struct buf text;
        buf_init(&text, 4096);
        buf_str(&text, "[1.5,");
        for (size_t i = 0; i < n; i++)
            buf_char(&text, (char)('1' + i % 9));
        buf_str(&text, ",\"x\",0.25]");
        struct err e;
        json *root = json_parse(buf_view(&text), JSON_STRICT, &e);
        assert_non_null(root);
        assert_print(root, buf_cstr(&text));
        json_free(root);
        buf_free(&text);
    }
}

/* A large object with one key repeated must not take quadratic time: 200,000 keys would then take
 * minutes, and the test's time limit tells. */
static void a_repeated_key_is_found_among_many(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 16 << 20);
    buf_char(&text, '{');
    for (int i = 0; i < 200000; i++)
        buf_addf(&text, "\"k%d\":%d,", i, i);
    size_t before = text.n;
    buf_str(&text, "\"k777\":0}");
    struct err e;
    assert_null(json_parse(buf_view(&text), JSON_STRICT, &e));
    assert_non_null(strstr(e.text, "'k777'"));
    json *root = json_parse(buf_view(&text), JSON_ANSWER, &e);
    assert_int_equal(json_count(root), 200000);
    int64_t v = 0;
    assert_true(json_i64(json_get(root, "k777"), &v));
    assert_int_equal(v, 777);
    json_free(root);
    text.n = before - 1;
    buf_char(&text, '}');
    root = json_parse(buf_view(&text), JSON_STRICT, &e);
    assert_int_equal(json_count(root), 200000);
    json_free(root);
    buf_free(&text);
}

struct whole {
    const char *reason, *text;
    bool is_whole;
    int64_t value;
};

static void whole_numbers_are_exact_or_refused(void **state)
{
    (void)state;
    static const struct whole rows[] = {
        {"plain",                      "42",                   true,  42              },
        {"beyond what a double holds", "9007199254740993",     true,  9007199254740993},
        {"the largest",                "9223372036854775807",  true,  INT64_MAX       },
        {"the smallest",               "-9223372036854775808", true,  INT64_MIN       },
        {"one more",                   "9223372036854775808",  false, 0               },
        {"written with a point",       "3.0",                  true,  3               },
        {"written with an exponent",   "1e3",                  true,  1000            },
        {"a fraction",                 "3.5",                  false, 0               },
        {"too large to be exact",      "1e18",                 false, 0               },
        {"too large for a double",     "1e999",                false, 0               },
        {"a string of digits is none", "\"42\"",               false, 0               },
        {"null is none",               "null",                 false, 0               },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err e;
        json *root = json_parse(bytes(rows[i].text), JSON_STRICT, &e);
        assert_non_null(root);
        int64_t v = 0;
        bool whole = json_i64(root, &v);
        if (whole != rows[i].is_whole || v != rows[i].value)
            fail_msg("%s", rows[i].reason);
        json_free(root);
    }
}

static void getters_answer_for_every_type_and_for_nothing(void **state)
{
    (void)state;
    struct err e;
    json *root = json_parse(S("{\"n\":1.25,\"s\":\"t\",\"l\":[1],\"o\":{},\"t\":true,\"z\":null}"),
                            JSON_STRICT, &e);
    assert_non_null(root);
    static const struct {
        const char *key, *name;
        enum json_type type;
    } rows[] = {
        {"n", "a number",      JSON_NUMBER},
        {"s", "a string",      JSON_STRING},
        {"l", "a list",        JSON_LIST  },
        {"o", "an object",     JSON_OBJECT},
        {"t", "true or false", JSON_BOOL  },
        {"z", "null",          JSON_NULL  }
    };
    json *child = json_first(root);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++, child = json_next(child)) {
        assert_ptr_equal(child, json_get(root, rows[i].key));
        assert_true(slice_is(json_key(child), rows[i].key));
        assert_int_equal(json_type(child), rows[i].type);
        assert_string_equal(json_type_name(json_type(child)), rows[i].name);
        assert_true(slice_is(json_string(child), rows[i].type == JSON_STRING ? "t" : ""));
        assert_true(slice_is(json_number_text(child), rows[i].type == JSON_NUMBER ? "1.25" : ""));
        assert_int_equal(json_bool(child, false), rows[i].type == JSON_BOOL);
        assert_true(json_bool(child, true));
    }
    assert_null(child);
    double d = 0;
    assert_true(json_double(json_get(root, "n"), &d));
    assert_true(d == 1.25);
    assert_false(json_double(json_get(root, "s"), &d));
    assert_null(json_get(root, "N"));
    assert_null(json_get(json_get(root, "l"), "n"));
    assert_null(json_get(NULL, "n"));
    assert_int_equal(json_string(json_get(root, "absent")).n, 0);
    assert_null(json_first(NULL));
    assert_int_equal(json_count(NULL), 0);
    json_free(root);
    json_free(NULL);
}

static void every_beginning_of_a_document_is_refused(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\": [1.5e-3, \"\\ud83d\\ude00 \xe2\x82\xac\", true, null], \"b\": {\"c\": -0}}";
    for (size_t n = 0; n < sizeof(text) - 1; n++) {
        struct err e;
        char *exact = malloc(n ? n : 1); /* no byte behind it, so that ASan sees an overrun */
        memcpy(exact, text, n);
        assert_null(json_parse((struct slice){exact, n}, JSON_ANSWER, &e));
        assert_int_equal(e.code, ERR_SYNTAX);
        free(exact);
    }
}

/* What the lexical pass accepts, cJSON must accept too, and printing it is a fixed point. */
static void damaged_documents_are_refused_or_survive_a_round_trip(void **state)
{
    (void)state;
    static const char text[] =
        "{\"k\":[1.50,-2e5,\"x\\u00e9\\n\\ud83d\\ude00\",{\"\":true}],\"z\":[]}";
    static const char noise[] = "\"\\{}[]:,0123456789.eE+-u\x80\xff\0 tfn";
    struct rng r;
    rng_init(&r, 7);
    int accepted = 0;
    for (int round = 0; round < 20000; round++) {
        char damaged[sizeof(text)];
        memcpy(damaged, text, sizeof(text));
        for (uint64_t i = rng_below(&r, 4); i < 4; i++)
            damaged[rng_below(&r, sizeof(text) - 1)] = noise[rng_below(&r, sizeof(noise) - 1)];
        struct err e;
        json *root = json_parse((struct slice){damaged, sizeof(text) - 1}, JSON_ANSWER, &e);
        if (!root) {
            assert_int_equal(e.code, ERR_SYNTAX);
            continue;
        }
        accepted++;
        struct buf once;
        buf_init(&once, 4096);
        json_print(root, &once);
        json *again = json_parse(buf_view(&once), JSON_STRICT, &e);
        assert_non_null(again);
        assert_print(again, buf_cstr(&once));
        json_free(again);
        json_free(root);
        buf_free(&once);
    }
    assert_true(accepted > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_valid_prints_as_written_without_space),
        cmocka_unit_test(what_is_wrong_is_refused_with_byte_and_reason),
        cmocka_unit_test(an_answer_is_mended_where_a_seed_is_refused),
        cmocka_unit_test(depth_ends_at_the_declared_maximum),
        cmocka_unit_test(very_long_numbers_keep_every_digit),
        cmocka_unit_test(a_repeated_key_is_found_among_many),
        cmocka_unit_test(whole_numbers_are_exact_or_refused),
        cmocka_unit_test(getters_answer_for_every_type_and_for_nothing),
        cmocka_unit_test(every_beginning_of_a_document_is_refused),
        cmocka_unit_test(damaged_documents_are_refused_or_survive_a_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
