#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "worker/teacher/request.h"

#define MESSAGES "\"messages\":[{\"role\":\"user\",\"content\":\"a \\\"b\\\"\\n\"}]"

static struct message messages[] = {{{"user", 4}, {"a \"b\"\n", 6}}};
static const struct chat chat = {messages, 1};

#define BEGIN "{\"model\":\"m\"," MESSAGES
#define SEED .seed = UINT32_MAX

/* clang-format off */
static const struct {
    const char *reason;
    struct project_generation g;
    const char *extra;
    struct request_shape shape;
    const char *body;
} bodies[] = {
    {"nothing that was not asked for",
     {.max_tokens = 9, .temperature = 0.7, .top_k = 5}, "", {SEED},
     BEGIN ",\"max_tokens\":9}"},
    {"seed as an unsigned number",
     {.max_tokens = 9, .send_seed = true}, " ", {SEED},
     BEGIN ",\"max_tokens\":9,\"seed\":4294967295}"},
    {"sampling that was given, also when it is zero",
     {.max_tokens = 9, .temperature_given = true, .top_p = 0.95, .top_p_given = true, .top_k = -1,
      .top_k_given = true}, "", {SEED},
     BEGIN ",\"max_tokens\":9,\"temperature\":0,\"top_p\":0.95,\"top_k\":-1}"},
    {"a stream asks for usage",
     {.max_tokens = 9, .stream = true}, "", {SEED},
     BEGIN ",\"max_tokens\":9,\"stream\":true,\"stream_options\":{\"include_usage\":true}}"},
    {"extra members come last, numbers keep their digits",
     {.max_tokens = 9}, "{\"min_p\": 0.10, \"a\": {\"b\": [1e3, null, true]}}", {SEED},
     BEGIN ",\"max_tokens\":9,\"min_p\":0.10,\"a\":{\"b\":[1e3,null,true]}}"},
    {"an extra member takes the place of ours",
     {.max_tokens = 9, .temperature = 1, .temperature_given = true},
     "{\"max_tokens\":null,\"temperature\":2,\"max_completion_tokens\":7}", {SEED},
     BEGIN ",\"max_tokens\":null,\"temperature\":2,\"max_completion_tokens\":7}"},
    {"several choices with the seed of the first",
     {.max_tokens = 9, .send_seed = true}, "", {.seed = 5, .n = 4},
     BEGIN ",\"max_tokens\":9,\"n\":4,\"seed\":5}"},
    {"one choice is what a server gives anyway",
     {.max_tokens = 9}, "", {SEED, .n = 1},
     BEGIN ",\"max_tokens\":9}"},
    {"its own number of tokens goes before all others",
     {.max_tokens = 9}, "{\"max_tokens\":8,\"min_p\":1}", {SEED, .max_tokens = 3},
     BEGIN ",\"max_tokens\":3,\"min_p\":1}"},
    {"a further turn needs nothing",
     {.max_tokens = 9}, "", {SEED, .how = CONTINUATION_TURN},
     BEGIN ",\"max_tokens\":9}"},
    {"a trailing assistant message needs nothing",
     {.max_tokens = 9}, "", {SEED, .how = CONTINUATION_TRAILING},
     BEGIN ",\"max_tokens\":9}"},
    {"continued by two flags",
     {.max_tokens = 9, .send_seed = true}, "{\"min_p\":1}", {.seed = 5, .how = CONTINUATION_FLAG},
     BEGIN ",\"max_tokens\":9,\"seed\":5,\"continue_final_message\":true,"
     "\"add_generation_prompt\":false,\"min_p\":1}"},
    {"continued by a mark in the message",
     {.max_tokens = 9}, "", {SEED, .how = CONTINUATION_PREFIX},
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a \\\"b\\\"\\n\","
     "\"prefix\":true}],\"max_tokens\":9}"},
};
/* clang-format on */

static void body_is_what_the_settings_say_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct err e = {0};
        json *extra;
        struct buf out;
        print_message("%s\n", bodies[i].reason);
        assert_true(request_extra(slice_of(bodies[i].extra), &extra, &e));
        for (int again = 0; again < 2; again++) {
            buf_init(&out, 4096);
            request_write(&out, &bodies[i].g, extra, "m", &chat, &bodies[i].shape);
            assert_true(buf_ok(&out, "body", &e));
            assert_string_equal(buf_cstr(&out), bodies[i].body);
            buf_free(&out);
        }
        json_free(extra);
    }
}

/* Only the last message is gone on with. */
static void the_mark_of_a_prefix_stands_in_the_last_message_alone(void **state)
{
    (void)state;
    struct message two[] = {{S("user"), S("q")}, {S("assistant"), S("so far")}};
    const struct chat both = {two, 2};
    const struct request_shape shape = {.how = CONTINUATION_PREFIX};
    struct buf out;
    buf_init(&out, 4096);
    request_write(&out, &bodies[0].g, NULL, "m", &both, &shape);
    assert_string_equal(buf_cstr(&out),
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
                        "{\"role\":\"assistant\",\"content\":\"so far\",\"prefix\":true}],"
                        "\"max_tokens\":9}");
    buf_free(&out);
}

static void body_over_the_maximum_is_an_error_of_the_buffer(void **state)
{
    (void)state;
    struct err e = {0};
    struct buf out;
    buf_init(&out, 20);
    request_write(&out, &bodies[0].g, NULL, "m", &chat, &bodies[0].shape);
    assert_false(buf_ok(&out, "the request", &e));
    assert_int_equal(e.code, ERR_LIMIT);
    buf_free(&out);
}

static void extra_that_cannot_be_merged_is_a_usage_error_naming_it(void **state)
{
    (void)state;
    static const struct {
        const char *extra, *complaint;
    } rows[] = {
        {"{\"a\":}", "generation.extra"},
        {"[1]", "must be a JSON object, not a list"},
        {"{\"messages\":[]}", "may not set 'messages'"},
        {"{\"n\":2}", "may not set 'n'"},
        {"{\"stream\":true}", "may not set 'stream'"},
        {"{\"seed\":1}", "may not set 'seed'"},
        {"{\"continue_final_message\":true}", "may not set 'continue_final_message'"},
        {"{\"add_generation_prompt\":true}", "may not set 'add_generation_prompt'"},
        {"{\"a\":1,\"a\":2}", "generation.extra"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e = {0};
        json *extra;
        print_message("%s\n", rows[i].extra);
        assert_false(request_extra(slice_of(rows[i].extra), &extra, &e));
        assert_int_equal(e.code, ERR_USAGE);
        assert_non_null(strstr(e.text, rows[i].complaint));
        assert_null(extra);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_is_what_the_settings_say_byte_for_byte),
        cmocka_unit_test(the_mark_of_a_prefix_stands_in_the_last_message_alone),
        cmocka_unit_test(body_over_the_maximum_is_an_error_of_the_buffer),
        cmocka_unit_test(extra_that_cannot_be_merged_is_a_usage_error_naming_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
