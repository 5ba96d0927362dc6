#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/teacher/head.h"

/* Sun, 06 Nov 1994 08:49:37 GMT */
#define NOW_MS INT64_C(784111777000)

static struct head head_of(const char *text)
{
    struct head h;
    struct slice rest = slice_of(text);
    head_init(&h);
    while (rest.n > 0)
        head_line(&h, slice_cut(rest, '\n', &rest), NOW_MS);
    return h;
}

static void waits_are_read_in_every_form_and_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *lines;
        int64_t ms;
    } rows[] = {
        {"not said",                     "HTTP/1.1 429 Slow down\r\nServer: x\r\n",        -1    },
        {"whole seconds",                "Retry-After: 7\r\n",                             7000  },
        {"a fraction, any case",         "RETRY-after:0.25\r\n",                           250   },
        {"zero",                         "Retry-After: 0\r\n",                             0     },
        {"milliseconds win",             "Retry-After: 7\r\nretry-after-ms: 1500.5\r\n",   1500  },
        {"milliseconds win, either way", "retry-after-ms: 15\r\nRetry-After: 7\r\n",       15    },
        {"broken ones do not count",     "retry-after-ms: soon\r\nRetry-After: 7\r\n",     7000  },
        {"below zero",                   "Retry-After: -7\r\n",                            -1    },
        {"at most ten minutes",          "Retry-After: 86400\r\n",                         600000},
        {"beyond all numbers",           "Retry-After: 1e300\r\n",                         600000},
        {"no number",                    "Retry-After: nan\r\n",                           -1    },
        {"a date",                       "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n", 30000 },
        {"the date of RFC 850",          "Retry-After: Sunday, 06-Nov-94 08:50:07 GMT\n",  30000 },
        {"the date of asctime",          "Retry-After: Sun Nov  6 08:50:07 1994\r\n",      30000 },
        {"a date in the past",           "Retry-After: Sat, 05 Nov 1994 08:49:37 GMT\r\n", 0     },
        {"a date far away",              "Retry-After: Sun, 06 Nov 2094 08:49:37 GMT\r\n", 600000},
        {"half a date",                  "Retry-After: Sun, 06 Nov 1994\r\n",              -1    },
        {"empty",                        "Retry-After:\r\n",                               -1    },
        {"an interim response's",        "HTTP/1.1 103 x\nRetry-After: 7\nHTTP/1.1 503 x", -1    },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct head h = head_of(rows[i].lines);
        print_message("%s\n", rows[i].reason);
        assert_int_equal(head_wait_ms(&h), rows[i].ms);
        head_free(&h);
    }
}

static void what_matters_of_a_response_is_kept(void **state)
{
    (void)state;
    const char *lines = "HTTP/1.1 100 Continue\r\nX-Request-Id: interim\r\n\r\n"
                        "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\n"
                        "x-request-id:  req-1 \r\nX-Should-Retry: FALSE\r\nno colon here\r\n\r\n";
    struct head h = head_of(lines);
    assert_int_equal(h.status, 200);
    assert_true(h.event_stream);
    assert_int_equal(h.hint, HEAD_SHOULD_NOT_RETRY);
    assert_string_equal(buf_cstr(&h.request_id), "req-1");
    assert_true(h.bytes > 150);
    head_free(&h);
    h = head_of("HTTP/2 307\r\nLocation: https://x/y\r\nContent-Type: text/html\r\n"
                "x-should-retry: true\r\n");
    assert_int_equal(h.status, 307);
    assert_false(h.event_stream);
    assert_int_equal(h.hint, HEAD_SHOULD_RETRY);
    assert_string_equal(buf_cstr(&h.location), "https://x/y");
    assert_int_equal(h.request_id.n, 0);
    head_free(&h);
}

static void status_lines_that_are_none_give_no_status(void **state)
{
    (void)state;
    static const char *const lines[] = {"HTTP/1.1 \r\n",       "HTTP/1.1\r\n",
                                        "HTTP/1.1 abc x\r\n",  "HTTP/1.1 99999 x\r\n",
                                        "HTTP/1.1 -200 x\r\n", ""};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct head h = head_of(lines[i]);
        assert_int_equal(h.status, 0);
        head_free(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_are_read_in_every_form_and_bounded),
        cmocka_unit_test(what_matters_of_a_response_is_kept),
        cmocka_unit_test(status_lines_that_are_none_give_no_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
