#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "worker/teacher/http_error.h"

static struct http_error error_of(int status, enum head_hint hint, struct slice body)
{
    struct head h;
    struct http_error x;
    head_init(&h);
    http_error_init(&x);
    h.status = (uint16_t)status;
    h.hint = hint;
    http_error_response(&x, &h, body);
    head_free(&h);
    return x;
}

static const struct {
    const char *reason;
    int status;
    enum head_hint hint;
    const char *body;
    enum failure failure;
    const char *says; /* part of the message */
} responses[] = {
    {"a queue in front of vLLM",               503, 0,                     "{\"error\":{\"message\":\"Loading model\",\"code\":503}}",
     FAILURE_OVERLOADED,                                                                                                                                                      "503: Loading model"                     },
    {"rate limit",                             429, 0,
     "{\"error\":{\"message\":\"Rate limit. See https://x/account/billing\",\"type\":\"requests\","
     "\"code\":\"rate_limit_exceeded\"}}",                                                                                                             FAILURE_OVERLOADED,    "(rate_limit_exceeded): Rate limit."     },
    {"rate limit of a server that says quota", 429, 0,
     "{\"error\":{\"message\":\"You exceeded your current quota\",\"code\":429}}",                                                                     FAILURE_OVERLOADED,    "exceeded"                               },
    {"nothing left, by code",                  429, 0,
     "{\"error\":{\"message\":\"You exceeded\",\"type\":\"insufficient_quota\",\"code\":"
     "\"insufficient_quota\"}}",                                                                                                                       FAILURE_NO_CREDIT,     "insufficient_quota"                     },
    {"nothing left, credits",                  429, 0,                     "{\"error\":{\"code\":\"credit_balance_exhausted\"}}",
     FAILURE_NO_CREDIT,                                                                                                                                                       "credit_balance_exhausted"               },
    {"nothing left, billing limit",            429, 0,                     "{\"error\":{\"code\":\"billing_hard_limit_reached\"}}",
     FAILURE_NO_CREDIT,                                                                                                                                                       "billing"                                },
    {"nothing left, as a bad request",         400, 0,
     "{\"error\":{\"message\":\"Your credit balance is too low\"}}",                                                                                   FAILURE_NO_CREDIT,     "too low"                                },
    {"payment required",                       402, 0,                     "",                                                                         FAILURE_NO_CREDIT,     "402"                                    },
    {"key",                                    401, 0,                     "{\"error\":{\"message\":\"Invalid API Key\"}}",                            FAILURE_UNAUTHORIZED,
     "Invalid API Key"                                                                                                                                                                                                 },
    {"not allowed",                            403, 0,                     "",                                                                         FAILURE_UNAUTHORIZED,  "403"                                    },
    {"flagged input is about this request",    403, 0,
     "{\"error\":{\"code\":403,\"message\":\"flagged\",\"metadata\":{\"reasons\":[\"x\"]}}}",                                                          FAILURE_BAD_REQUEST,   "flagged"                                },
    {"model unknown",                          404, 0,                     "{\"error\":{\"message\":\"The model `x` does not exist.\"}}",
     FAILURE_NO_MODEL,                                                                                                                                                        "does not exist"                         },
    {"model unknown, as a bad request",        400, 0,
     "{\"error\":{\"message\":\"x/y is not a valid model ID\",\"code\":400}}",                                                                         FAILURE_NO_MODEL,
     "x/y"                                                                                                                                                                                                             },
    {"model unknown, DeepSeek",                400, 0,                     "{\"error\":{\"message\":\"Model Not Exist\"}}",
     FAILURE_NO_MODEL,                                                                                                                                                        "Not Exist"                              },
    {"wrong path",                             405, 0,                     "{\"detail\":\"Method Not Allowed\"}",                                      FAILURE_NO_MODEL,
     "Method Not Allowed"                                                                                                                                                                                              },
    {"moved",                                  301, 0,                     "",                                                                         FAILURE_NO_MODEL,      "301"                                    },
    {"bad request",                            400, 0,                     "{\"error\":{\"message\":\"bad role\"}}",                                   FAILURE_BAD_REQUEST,
     "bad role"                                                                                                                                                                                                        },
    {"too large",                              413, 0,                     "",                                                                         FAILURE_BAD_REQUEST,   "413"                                    },
    {"validation, FastAPI",                    422, 0,                     "{\"detail\":[{\"msg\":\"field required\",\"loc\":[]}]}",
     FAILURE_BAD_REQUEST,                                                                                                                                                     "field required"                         },
    {"other 4xx",                              418, 0,                     "",                                                                         FAILURE_BAD_REQUEST,   "418"                                    },
    {"context, vLLM",                          400, 0,
     "{\"object\":\"error\",\"message\":\"This model's maximum context length is 4096 tokens\","
     "\"type\":\"BadRequestError\",\"code\":400}",                                                                                                     FAILURE_CONTEXT,       "(BadRequestError): This model's maximum"},
    {"context, llama.cpp",                     400, 0,
     "{\"error\":{\"code\":400,\"type\":\"exceed_context_size_error\",\"message\":\"the "
     "request\"}}",                                                                                                                                    FAILURE_CONTEXT,       "exceed_context_size_error"              },
    {"context, OpenAI",                        400, 0,                     "{\"error\":{\"code\":\"context_length_exceeded\"}}",
     FAILURE_CONTEXT,                                                                                                                                                         "context_length_exceeded"                },
    {"context, SGLang",                        400, 0,
     "{\"object\":\"error\",\"message\":\"The input (9 tokens) is longer than the model's context "
     "length\"}",                                                                                                                                      FAILURE_CONTEXT,       "longer"                                 },
    {"prompt too long",                        413, 0,                     "{\"error\":\"prompt IS TOO LONG: 5 > 4\"}",                                FAILURE_CONTEXT,
     "5 > 4"                                                                                                                                                                                                           },
    {"a slow request",                         408, 0,                     "",                                                                         FAILURE_TIMEOUT_TOTAL, "408"                                    },
    {"poison",                                 500, 0,                     "{\"error\":{\"message\":\"[json.exception]\",\"type\":\"server_error\"}}",
     FAILURE_SERVER_ERROR,                                                                                                                                                    "(server_error): [json.exception]"       },
    {"generation, TGI",                        424, 0,                     "{\"error\":\"it broke\",\"error_type\":\"generation\"}",
     FAILURE_SERVER_ERROR,                                                                                                                                                    "(generation): it broke"                 },
    {"overload, TGI",                          429, 0,                     "{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}",
     FAILURE_OVERLOADED,                                                                                                                                                      "(overloaded)"                           },
    {"a page",                                 502, 0,                     "<html>\r\n<head><title>502 Bad Gateway</title></head></html>",
     FAILURE_GATEWAY,                                                                                                                                                         "answered 502: 502 Bad Gateway"          },
    {"gateway timeout",                        504, 0,                     "upstream\nrequest timeout",                                                FAILURE_GATEWAY,
     "upstream\\nrequest timeout"                                                                                                                                                                                      },
    {"overloaded",                             529, 0,                     "",                                                                         FAILURE_OVERLOADED,    "529"                                    },
    {"other 5xx",                              599, 0,                     "",                                                                         FAILURE_SERVER_ERROR,  "599"                                    },
    {"the server says that it is final",       500, HEAD_SHOULD_NOT_RETRY, "",                                                                         FAILURE_BAD_REQUEST,
     "500"                                                                                                                                                                                                             },
    {"the server says that it is not",         418, HEAD_SHOULD_RETRY,     "",                                                                         FAILURE_SERVER_ERROR,  "418"                                    },
    {"a hint does not undo a full queue",      503, HEAD_SHOULD_NOT_RETRY, "",                                                                         FAILURE_OVERLOADED,
     "503"                                                                                                                                                                                                             },
    {"nor a wrong key",                        401, HEAD_SHOULD_RETRY,     "",                                                                         FAILURE_UNAUTHORIZED,  "401"                                    },
    {"half an error",                          500, 0,                     "{\"error\":{\"mess",                                                       FAILURE_SERVER_ERROR,  "{\"error\":{\"mess"                     },
    {"an error of another shape",              500, 0,                     "{\"error\":[1]}",                                                          FAILURE_SERVER_ERROR,  "500"                                    },
    {"no object at all",                       400, 0,                     "[]",                                                                       FAILURE_BAD_REQUEST,   "400"                                    },
};

static void responses_are_classified(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        struct http_error x = error_of(responses[i].status, responses[i].hint,
                                       slice_of(responses[i].body));
        print_message("%s: %s\n", responses[i].reason, buf_cstr(&x.message));
        assert_string_equal(failure_name(x.failure), failure_name(responses[i].failure));
        assert_non_null(strstr(buf_cstr(&x.message), responses[i].says));
        http_error_free(&x);
    }
}

static const struct {
    const char *reason, *document;
    enum failure failure;
    int64_t retry_after_ms;
} inside[] = {
    {"a status as code", "{\"error\":{\"code\":502,\"message\":\"x\"}}",                          FAILURE_GATEWAY,      -1  },
    {"as text",          "{\"error\":{\"code\":\"429\",\"message\":\"x\"}}",                      FAILURE_OVERLOADED,   -1  },
    {"and how long",     "{\"error\":{\"code\":503,\"metadata\":{\"retry_after_seconds\":1.5}}}",
     FAILURE_OVERLOADED,                                                                                                1500},
    {"a bad request",    "{\"error\":{\"code\":400,\"message\":\"x\"}}",                          FAILURE_BAD_REQUEST,  -1  },
    {"an unknown code",  "{\"error\":{\"code\":7,\"message\":\"x\"}}",                            FAILURE_SERVER_ERROR, -1  },
    {"a full queue",     "{\"error\":{\"message\":\"The request queue is full.\"}}",              FAILURE_OVERLOADED,
     -1                                                                                                                     },
    {"also with a code", "{\"error\":{\"code\":500,\"message\":\"Overloaded\"}}",
     FAILURE_OVERLOADED,                                                                                                -1  },
    {"by type",          "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"\"}}",          FAILURE_OVERLOADED,
     -1                                                                                                                     },
    {"no credit",        "{\"error\":{\"code\":\"insufficient_quota\"}}",                         FAILURE_NO_CREDIT,    -1  },
    {"context",          "{\"error\":{\"code\":\"context_length_exceeded\"}}",                    FAILURE_CONTEXT,      -1  },
    {"a string",         "{\"error\":\"it broke\"}",                                              FAILURE_SERVER_ERROR, -1  },
    {"flat fields",      "{\"object\":\"error\",\"message\":\"x\",\"code\":400}",                 FAILURE_BAD_REQUEST,
     -1                                                                                                                     },
};

static void errors_inside_an_answer_are_found_and_classified(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        struct err e;
        struct http_error x;
        json *root = json_parse(slice_of(inside[i].document), JSON_ANSWER, &e);
        http_error_init(&x);
        assert_true(http_error_is_in(root));
        http_error_inside(&x, root);
        print_message("%s: %s\n", inside[i].reason, buf_cstr(&x.message));
        assert_string_equal(failure_name(x.failure), failure_name(inside[i].failure));
        assert_int_equal(x.retry_after_ms, inside[i].retry_after_ms);
        http_error_free(&x);
        json_free(root);
    }
}

static void an_absent_error_is_none(void **state)
{
    (void)state;
    static const char *const documents[] = {"{}",
                                            "{\"error\":null}",
                                            "{\"error\":\"\"}",
                                            "{\"error\":false}",
                                            "{\"object\":\"chat.completion\",\"message\":\"x\"}",
                                            "[]"};
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        struct err e;
        json *root = json_parse(slice_of(documents[i]), JSON_ANSWER, &e);
        assert_false(http_error_is_in(root));
        json_free(root);
    }
}

static void messages_are_short_one_line_valid_and_without_secrets(void **state)
{
    (void)state;
    static char body[20000];
    secret_register("sk-very-secret");
    /* whatever the secret's place, also across the cut, and across characters of several bytes */
    for (size_t before = 0; before < 500; before += 7) {
        struct buf text;
        buf_init(&text, sizeof body);
        while (text.n < before)
            buf_str(&text, before % 2 ? "\xC3\xA9" : "x");
        buf_str(&text, "sk-very-secret \x01\n\xFF");
        while (text.n < 15000)
            buf_str(&text, "\xF0\x9F\x98\x80");
        struct http_error x = error_of(400, 0, buf_view(&text));
        struct slice message = buf_view(&x.message);
        assert_in_range(message.n, 390, HTTP_ERROR_MESSAGE_MAX);
        assert_true(text_utf8_error(message) == SIZE_MAX);
        assert_null(strstr(buf_cstr(&x.message), "sk-v"));
        assert_null(strchr(buf_cstr(&x.message), '\n'));
        http_error_free(&x);
        buf_free(&text);
    }
}

static void header_waits_win_over_the_body(void **state)
{
    (void)state;
    struct head h;
    struct http_error x;
    struct slice body = S("{\"error\":{\"code\":429,\"metadata\":{\"retry_after_seconds\":3}}}");
    head_init(&h);
    http_error_init(&x);
    head_line(&h, S("HTTP/1.1 429 x\r\n"), 0);
    http_error_response(&x, &h, body);
    assert_int_equal(x.retry_after_ms, 3000);
    head_line(&h, S("Retry-After: 5\r\n"), 0);
    http_error_response(&x, &h, body);
    assert_int_equal(x.retry_after_ms, 5000);
    head_free(&h);
    http_error_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_are_classified),
        cmocka_unit_test(errors_inside_an_answer_are_found_and_classified),
        cmocka_unit_test(an_absent_error_is_none),
        cmocka_unit_test(messages_are_short_one_line_valid_and_without_secrets),
        cmocka_unit_test(header_waits_win_over_the_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
