#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/lib/fake_teacher.h"
#include "tests/lib/scratch.h"
#include "worker/teacher/request.h"
#include "worker/teacher/teacher.h"

#define MOST_CALLS 300
#define PATIENCE_MS 60000 /* a test that takes longer hangs */
#define KEY "sk-test-0123456789"
#define BODY_MAX 65536
#define SHORT 0.12
#define LONG 30

#define HEAD(more) "HTTP/1.1 200 OK\r\n" more "\r\n"
#define CLOSING "Connection: close\r\n"
#define STREAM "Content-Type: text/event-stream\r\n" CLOSING
#define DELTA "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
#define FINISH "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"
#define CHOSEN(text) "{\"message\":{\"content\":\"" text "\"},\"finish_reason\":\"stop\"}"
#define PIECE(index, text)                                                    \
    "data: {\"choices\":[{\"index\":" index ",\"delta\":{\"content\":\"" text \
    "\"},\"finish_reason\":\"stop\"}]}\n\n"
#define KILOBYTE_1(c) c c c c c c c c c c c c c c c c
#define KILOBYTE(c) KILOBYTE_1(KILOBYTE_1(c)) KILOBYTE_1(KILOBYTE_1(c))

static char ok[1024]; /* a whole response; made by set_up_ok */

static const struct fake_script scripts[] = {
    {"ok", {{FAKE_SEND, ok, 0}}},
    {"gather", {{FAKE_GATHER, NULL, MOST_CALLS}, {FAKE_SEND, ok, 0}}},
    {"once", {{FAKE_SEND, ok, 0}, {.act = FAKE_CLOSE}}},
    {"patient",
     {{FAKE_SEND, HEAD(CLOSING) "\n\n \r\n", 0},
      {FAKE_SEND, "{\"choices\":[{\"message\":{\"content\":\"a\"}}]}\n", 0},
      {.act = FAKE_CLOSE}}},
    {"early", {{FAKE_SEND, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 0}, {FAKE_SEND, ok, 0}}},
    {"stream", {{FAKE_SEND, HEAD(STREAM) ": hello\n\n" DELTA FINISH DONE, 0}, {.act = FAKE_CLOSE}}},
    {"several",
     {{FAKE_SEND, HEAD(CLOSING) "{\"choices\":[" CHOSEN("a") "," CHOSEN("b") "," CHOSEN("c") "]}",
       0},
      {.act = FAKE_CLOSE}}},
    {"severalstream",
     {{FAKE_SEND, HEAD(STREAM) PIECE("1", "b") PIECE("0", "a") PIECE("2", "c") DONE, 0},
      {.act = FAKE_STALL}}},
    {"halfofseveral",
     {{FAKE_SEND, HEAD(STREAM) PIECE("1", "b") PIECE("0", "a"), 0}, {.act = FAKE_CLOSE}}},
    {"uncounted",
     {{FAKE_SEND, HEAD(STREAM "Content-Length: 9999\r\n") DELTA FINISH DONE, 0},
      {.act = FAKE_CLOSE}}},
    {"open", {{FAKE_SEND, HEAD(STREAM) DELTA FINISH, 0}, {.act = FAKE_STALL}}},
    {"limit",
     {{FAKE_SEND, "HTTP/1.1 429 Slow\r\n" CLOSING "Retry-After: 0.25\r\n\r\nslow down", 0},
      {.act = FAKE_CLOSE}}},
    {"broken429",
     {{FAKE_SEND, "HTTP/1.1 429 Slow\r\nContent-Length: 999\r\n\r\nslow", 0}, {.act = FAKE_RESET}}},
    {"stalled503",
     {{FAKE_SEND, "HTTP/1.1 503 x\r\nContent-Length: 999\r\n\r\nslow", 0}, {.act = FAKE_STALL}}},
    {"moved",
     {{FAKE_SEND, "HTTP/1.1 308 x\r\nLocation: https://x/v1\r\n" CLOSING "\r\n", 0},
      {.act = FAKE_CLOSE}}},
    {"key",
     {{FAKE_SEND, "HTTP/1.1 401 x\r\nX-Request-Id: " KEY "\r\n" CLOSING "\r\nbad key " KEY, 0},
      {.act = FAKE_CLOSE}}},
    {"mute", {{.act = FAKE_STALL}}},
    {"interim", {{FAKE_SEND, "HTTP/1.1 103 Early Hints\r\n\r\n", 0}, {.act = FAKE_STALL}}},
    {"headonly", {{FAKE_SEND, HEAD("Content-Length: 99\r\n"), 0}, {.act = FAKE_STALL}}},
    {"blanks", {{FAKE_SEND, HEAD("Content-Length: 999999\r\n"), 0}, {FAKE_DRIP, "\r\n", 0}}},
    {"comments", {{FAKE_SEND, HEAD(STREAM), 0}, {FAKE_DRIP, ": keep-alive\n\n", 0}}},
    {"half",
     {{FAKE_SEND, HEAD("Content-Length: 999\r\n") "{\"choices\":", 0}, {.act = FAKE_STALL}}},
    {"halfstream", {{FAKE_SEND, HEAD(STREAM) DELTA, 0}, {FAKE_DRIP, ": keep-alive\n\n", 0}}},
    {"drip", {{FAKE_SEND, HEAD("Content-Length: 999999\r\n"), 0}, {FAKE_DRIP, "{", 0}}},
    {"close", {{.act = FAKE_CLOSE}}},
    {"reset", {{.act = FAKE_RESET}}},
    {"cut", {{FAKE_SEND, HEAD("Content-Length: 999\r\n") "{\"choices\":", 0}, {.act = FAKE_CLOSE}}},
    {"cutstream", {{FAKE_SEND, HEAD(STREAM) DELTA "data: {\"cho", 0}, {.act = FAKE_CLOSE}}},
    {"errorstream",
     {{FAKE_SEND, HEAD(STREAM) DELTA "data: {\"error\":{\"code\":503}}\n\n", 0},
      {.act = FAKE_RESET}}},
    {"garbage", {{FAKE_SEND, HEAD(CLOSING) "<html></html>", 0}, {.act = FAKE_CLOSE}}},
    {"nohttp", {{FAKE_SEND, "220 mail.example ESMTP\r\n", 0}, {.act = FAKE_CLOSE}}},
    {"huge",
     {{FAKE_SEND, HEAD(CLOSING) "{", 0}, {FAKE_SEND, KILOBYTE("xx"), 2000}, {.act = FAKE_STALL}}},
    {"hugestream",
     {{FAKE_SEND, HEAD(STREAM) "data: ", 0},
      {FAKE_SEND, KILOBYTE("xx"), 2000},
      {.act = FAKE_STALL}}},
    {"hugehead",
     {{FAKE_SEND, "HTTP/1.1 200 OK\r\n", 0},
      {FAKE_SEND, "X-Y: " KILOBYTE("xx") "\r\n", 100},
      {.act = FAKE_STALL}}},
};

/* What an exchange ended with, copied. */
struct result {
    int times;
    struct teacher_answer answer;
    char content[64], message[512], request_id[200];
    char others[64]; /* contents of the choices after the first, with | between */
};

struct run {
    struct fake_teacher *fake;
    struct project project;
    struct project_endpoint endpoints[2];
    char urls[2][128];
    struct loop *loop;
    struct teacher *teacher;
    struct result results[MOST_CALLS];
    size_t over;
    int choices;                                        /* asked for by each request; 0: one */
    void (*then)(struct run *r, struct result *result); /* called within done */
    struct exchange *other;
};

static struct message messages[] = {{{"user", 4}, {"which?", 6}}};
static const struct chat chat = {messages, 1};

static void set_up_ok(void)
{
    const char *body =
        "{\"id\":\"c-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","
        "\"message\":{\"role\":\"assistant\",\"content\":\"A\",\"reasoning\":\"hm\"}}],\"usage\":"
        "{\"prompt_tokens\":3,\"completion_tokens\":2}}";
    snprintf(ok, sizeof ok, HEAD("X-Request-Id: req-7\r\nContent-Length: %zu\r\n") "%s",
             strlen(body), body);
}

static void copy(char *to, size_t size, struct slice s)
{
    snprintf(to, size, SLICE_FMT, SLICE_ARG(s));
}

static void done(void *context, void *call, const struct teacher_answer *answer)
{
    struct run *r = context;
    struct result *result = call;
    result->times++;
    result->answer = *answer;
    copy(result->content, sizeof result->content, answer->content);
    for (size_t i = 0, at = 0; i < answer->n_more; i++)
        at += (size_t)snprintf(result->others + at, sizeof result->others - at, "%s" SLICE_FMT,
                               i ? "|" : "", SLICE_ARG(answer->more[i].content));
    copy(result->message, sizeof result->message, answer->message);
    copy(result->request_id, sizeof result->request_id, answer->request_id);
    r->over++;
    if (r->then)
        r->then(r, result);
}

static void set_url(struct run *r, size_t endpoint, const char *script)
{
    snprintf(r->urls[endpoint], sizeof r->urls[endpoint], "http://127.0.0.1:%d/%s/v1",
             fake_teacher_port(r->fake), script);
    r->endpoints[endpoint] = (struct project_endpoint){.url = r->urls[endpoint],
                                                       .model = "m",
                                                       .api_key_env = "GAVEL_TEST_KEY",
                                                       .api_key_file = ""};
}

static struct run *run_new(const char *script, const char *other_script)
{
    struct err e;
    struct run *r = calloc(1, sizeof *r);
    assert_non_null(r);
    setenv("GAVEL_TEST_KEY", KEY, 1);
    set_up_ok();
    r->fake = fake_teacher_start(scripts, sizeof scripts / sizeof scripts[0]);
    set_url(r, 0, script);
    set_url(r, 1, other_script ? other_script : script);
    r->project = (struct project){
        .dir = scratch_folder,
        .endpoints = {r->endpoints, 2},
        .generation = {.max_tokens = 5, .send_seed = true, .extra = ""},
        .deadlines = {LONG, LONG, LONG, LONG},
        .limits = {.body_bytes = BODY_MAX, .message_bytes = BODY_MAX},
    };
    r->loop = loop_new(&e);
    assert_non_null(r->loop);
    return r;
}

static void run_open(struct run *r)
{
    struct err e = {0};
    r->teacher = teacher_new(&r->project, r->loop, done, r, &e);
    if (!r->teacher)
        fail_msg("%s", e.text);
}

static void run_free(struct run *r)
{
    teacher_free(r->teacher);
    loop_free(r->loop);
    fake_teacher_stop(r->fake);
    free(r);
}

static struct exchange *start(struct run *r, size_t endpoint, size_t call)
{
    struct err e = {0};
    const struct request_shape shape = {.seed = (uint32_t)call, .n = r->choices};
    struct exchange *x = teacher_start(r->teacher, endpoint, &chat, &shape, &r->results[call], &e);
    if (!x)
        fail_msg("%s", e.text);
    return x;
}

static void turn(struct run *r)
{
    struct err e = {0};
    int64_t wait = teacher_turn(r->teacher);
    assert_true(loop_turn(r->loop, wait < 0 || wait > 20 ? 20 : wait, &e));
}

static void turn_until_over(struct run *r, size_t n)
{
    int64_t end = clock_ms() + PATIENCE_MS;
    while (r->over < n) {
        assert_true(clock_ms() < end);
        turn(r);
    }
    assert_int_equal(r->over, n);
}

static void turn_until_requests(struct run *r, size_t n)
{
    int64_t end = clock_ms() + PATIENCE_MS;
    while (fake_teacher_counts(r->fake).requests < n) {
        assert_true(clock_ms() < end);
        turn(r);
    }
}

static void assert_ok(const struct result *result)
{
    if (result->times != 1 || !result->answer.ok)
        fail_msg("over %d times, %s", result->times, result->message);
}

static const struct {
    const char *reason, *script;
    struct project_deadlines deadlines;
    bool ok;
    enum failure failure;
    int status;
    const char *says; /* part of the content or the message */
} ends[] = {
    {"a whole answer", "ok", {LONG, LONG, LONG, LONG}, true, 0, 200, "A"},
    {"blank lines, then an answer", "patient", {LONG, LONG, LONG, LONG}, true, 0, 200, "a"},
    {"an interim response, then an answer", "early", {LONG, LONG, LONG, LONG}, true, 0, 200, "A"},
    {"a stream", "stream", {LONG, LONG, LONG, LONG}, true, 0, 200, "a"},
    {"a whole stream whose connection breaks",
     "uncounted",
     {LONG, LONG, LONG, LONG},
     true,
     0,
     200,
     "a"},
    {"a whole stream that is never closed", "open", {LONG, LONG, SHORT, LONG}, true, 0, 200, "a"},
    {"too many requests",
     "limit",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_OVERLOADED,
     429,
     "answered 429: slow down"},
    {"a refusal whose body breaks off",
     "broken429",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_OVERLOADED,
     429,
     "429"},
    {"a refusal whose body never ends",
     "stalled503",
     {LONG, LONG, SHORT, LONG},
     false,
     FAILURE_OVERLOADED,
     503,
     "503"},
    {"another address",
     "moved",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_NO_MODEL,
     308,
     "points to https://x/v1"},
    {"a wrong key, quoted back",
     "key",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_UNAUTHORIZED,
     401,
     "bad key ****"},
    {"nothing",
     "mute",
     {LONG, SHORT, LONG, LONG},
     false,
     FAILURE_TIMEOUT_FIRST_BYTE,
     0,
     "deadlines.first_byte"},
    {"an interim response alone",
     "interim",
     {LONG, SHORT, LONG, LONG},
     false,
     FAILURE_TIMEOUT_FIRST_BYTE,
     0,
     "first_byte"},
    {"a header alone",
     "headonly",
     {LONG, SHORT, LONG, LONG},
     false,
     FAILURE_TIMEOUT_FIRST_BYTE,
     200,
     "first_byte"},
    {"blank lines for ever",
     "blanks",
     {LONG, SHORT, LONG, LONG},
     false,
     FAILURE_TIMEOUT_FIRST_BYTE,
     200,
     "first_byte"},
    {"comments for ever",
     "comments",
     {LONG, SHORT, LONG, LONG},
     false,
     FAILURE_TIMEOUT_FIRST_BYTE,
     200,
     "first_byte"},
    {"half an answer",
     "half",
     {LONG, LONG, SHORT, LONG},
     false,
     FAILURE_TIMEOUT_IDLE,
     200,
     "deadlines.idle"},
    {"half a stream, comments for ever",
     "halfstream",
     {LONG, LONG, SHORT, LONG},
     false,
     FAILURE_TIMEOUT_IDLE,
     200,
     "deadlines.idle"},
    {"drop by drop",
     "drip",
     {LONG, LONG, LONG, 2 * SHORT},
     false,
     FAILURE_TIMEOUT_TOTAL,
     200,
     "deadlines.total"},
    {"the total deadline is the earlier one",
     "mute",
     {LONG, LONG, LONG, SHORT},
     false,
     FAILURE_TIMEOUT_TOTAL,
     0,
     "deadlines.total"},
    {"closed without a word",
     "close",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_DROPPED,
     0,
     "connection broke"},
    {"reset", "reset", {LONG, LONG, LONG, LONG}, false, FAILURE_DROPPED, 0, "connection broke"},
    {"fewer bytes than promised",
     "cut",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_DROPPED,
     200,
     "connection broke"},
    {"a stream that ends early",
     "cutstream",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_DROPPED,
     200,
     "stream ended"},
    {"a stream with an error in it",
     "errorstream",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_OVERLOADED,
     200,
     "error inside"},
    {"a page", "garbage", {LONG, LONG, LONG, LONG}, false, FAILURE_BAD_ANSWER, 200, "not JSON"},
    {"another protocol",
     "nohttp",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_BAD_ANSWER,
     0,
     "not HTTP"},
    {"a huge body",
     "huge",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_TOO_LARGE,
     200,
     "limits.body_bytes"},
    {"a huge event",
     "hugestream",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_TOO_LARGE,
     200,
     "limits.body_bytes"},
    {"a huge header",
     "hugehead",
     {LONG, LONG, LONG, LONG},
     false,
     FAILURE_TOO_LARGE,
     200,
     "header"},
};

static void an_exchange_ends_as_the_server_deserves(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct run *r = run_new(ends[i].script, NULL);
        const struct result *result = &r->results[0];
        r->project.deadlines = ends[i].deadlines;
        run_open(r);
        start(r, 0, 0);
        assert_int_equal(teacher_in_flight(r->teacher), 1);
        turn_until_over(r, 1);
        print_message("%s: %s%s\n", ends[i].reason, result->message, result->content);
        assert_int_equal(result->answer.ok, ends[i].ok);
        if (!ends[i].ok)
            assert_string_equal(failure_name(result->answer.failure),
                                failure_name(ends[i].failure));
        assert_int_equal(result->answer.http_status, ends[i].status);
        assert_non_null(strstr(ends[i].ok ? result->content : result->message, ends[i].says));
        assert_null(strstr(result->message, KEY));
        assert_null(strstr(result->request_id, KEY));
        assert_int_equal(teacher_in_flight(r->teacher), 0);
        run_free(r);
    }
}

static void an_answer_carries_what_the_ledger_needs(void **state)
{
    (void)state;
    struct run *r = run_new("ok", "limit");
    const struct teacher_answer *a = &r->results[0].answer;
    run_open(r);
    start(r, 0, 0);
    start(r, 1, 1);
    turn_until_over(r, 2);
    assert_ok(&r->results[0]);
    assert_int_equal(a->prompt_tokens, 3);
    assert_int_equal(a->completion_tokens, 2);
    assert_int_equal(a->field, THOUGHT_REASONING);
    assert_int_equal(a->finish, FINISH_STOP);
    assert_string_equal(r->results[0].request_id, "req-7");
    assert_true(a->first_byte_ms <= a->latency_ms);
    assert_int_equal(a->retry_after_ms, -1);
    assert_int_equal(r->results[1].answer.retry_after_ms, 250);
    run_free(r);
}

static void the_choices_of_one_request_come_together(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        int asked;
        bool ok;
        const char *first, *others;
    } rows[] = {
        {"several", 3, true, "a", "b|c"},    {"severalstream", 3, true, "a", "b|c"},
        {"several", 2, true, "a", "b"},   /* more than was asked for */
        {"several", 5, true, "a", "b|c"}, /* fewer */
        {"several", 1, true, "a", ""},       {"ok", 4, true, "A", ""},
        {"halfofseveral", 3, false, "", ""}, {"limit", 3, false, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run *r = run_new(rows[i].script, NULL);
        r->project.deadlines.idle = SHORT;
        run_open(r);
        print_message("%s, %d\n", rows[i].script, rows[i].asked);
        for (size_t again = 0; again < 2; again++) { /* the second time on a handle that rested */
            r->choices = again ? 1 : rows[i].asked;
            start(r, 0, again);
            turn_until_over(r, again + 1);
        }
        assert_int_equal(r->results[0].answer.ok, rows[i].ok);
        assert_string_equal(r->results[0].content, rows[i].first);
        assert_string_equal(r->results[0].others, rows[i].others);
        assert_int_equal(r->results[1].answer.n_more, 0);
        run_free(r);
    }
}

static void the_request_on_the_wire_is_the_one_that_was_written(void **state)
{
    (void)state;
    static const char *const bases[] = {"/ok/v1", "/ok/v1/", "/ok/v1/chat/completions",
                                        "/ok/v1?v=1"};
    static const char *const paths[] = {"POST /ok/v1/chat/completions HTTP/1.1\r\n",
                                        "POST /ok/v1/chat/completions HTTP/1.1\r\n",
                                        "POST /ok/v1/chat/completions HTTP/1.1\r\n",
                                        "POST /ok/v1/chat/completions?v=1 HTTP/1.1\r\n"};
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        static char request[BODY_MAX];
        struct run *r = run_new("ok", NULL);
        struct buf body;
        buf_init(&body, 1024);
        request_write(&body, &r->project.generation, NULL, "m", &chat, &(struct request_shape){0});
        snprintf(r->urls[0], sizeof r->urls[0], "http://127.0.0.1:%d%s", fake_teacher_port(r->fake),
                 bases[i]);
        run_open(r);
        start(r, 0, 0);
        turn_until_over(r, 1);
        assert_ok(&r->results[0]);
        fake_teacher_request(r->fake, request, sizeof request);
        assert_int_equal(strncmp(request, paths[i], strlen(paths[i])), 0);
        assert_non_null(strstr(request, "\r\nAuthorization: Bearer " KEY "\r\n"));
        assert_non_null(strstr(request, "\r\nContent-Type: application/json\r\n"));
        assert_null(strstr(request, "Expect"));
        assert_string_equal(strstr(request, "\r\n\r\n") + 4, buf_cstr(&body));
        r->results[0].times = 0;
        start(r, 0, 0);
        turn_until_over(r, 2);
        assert_int_equal(fake_teacher_counts(r->fake).repeated, 1);
        buf_free(&body);
        run_free(r);
    }
}

static void hundreds_of_calls_are_in_flight_at_once_and_connections_are_kept(void **state)
{
    (void)state;
    struct run *r = run_new("gather", NULL);
    run_open(r);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < MOST_CALLS; i++)
            start(r, 0, i);
        assert_int_equal(teacher_in_flight(r->teacher), MOST_CALLS);
        turn_until_over(r, MOST_CALLS * (size_t)(round + 1));
        for (size_t i = 0; i < MOST_CALLS; i++) {
            assert_ok(&r->results[i]);
            r->results[i].times = 0;
        }
    }
    struct fake_counts counts = fake_teacher_counts(r->fake);
    assert_int_equal(counts.requests, 2 * MOST_CALLS);
    assert_int_equal(counts.connections, MOST_CALLS);
    run_free(r);
}

static void calls_one_after_another_share_one_connection(void **state)
{
    (void)state;
    struct run *r = run_new("ok", NULL);
    run_open(r);
    for (size_t i = 0; i < 20; i++) {
        start(r, 0, i);
        turn_until_over(r, i + 1);
        assert_ok(&r->results[i]);
    }
    assert_int_equal(fake_teacher_counts(r->fake).connections, 1);
    run_free(r);
}

static void a_kept_connection_that_the_server_closed_costs_no_call(void **state)
{
    (void)state;
    struct run *r = run_new("once", NULL);
    run_open(r);
    for (size_t i = 0; i < 30; i++) {
        start(r, 0, i);
        turn_until_over(r, i + 1);
        assert_ok(&r->results[i]);
    }
    assert_int_equal(fake_teacher_counts(r->fake).connections, 30);
    run_free(r);
}

static void a_request_that_brings_the_server_down_is_not_sent_again_and_again(void **state)
{
    (void)state;
    struct run *r = run_new("ok", "reset");
    run_open(r);
    for (size_t i = 0; i < 8; i++) {
        start(r, 0, i);
        turn_until_over(r, i + 1);
    }
    start(r, 1, 8);
    turn_until_over(r, 9);
    assert_false(r->results[8].answer.ok);
    assert_int_equal(r->results[8].answer.failure, FAILURE_DROPPED);
    assert_in_range(fake_teacher_counts(r->fake).requests, 9, 10);
    run_free(r);
}

static void silence_on_a_kept_connection_is_no_failure_to_connect(void **state)
{
    (void)state;
    struct run *r = run_new("ok", "mute");
    r->project.deadlines.first_byte = SHORT;
    run_open(r);
    start(r, 0, 0);
    turn_until_over(r, 1);
    start(r, 1, 1);
    turn_until_over(r, 2);
    assert_int_equal(r->results[1].answer.failure, FAILURE_TIMEOUT_FIRST_BYTE);
    assert_int_equal(fake_teacher_counts(r->fake).connections, 1);
    run_free(r);
}

static void a_port_where_nobody_listens_is_a_failure_to_connect(void **state)
{
    (void)state;
    struct run *r = run_new("ok", NULL);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound, so that nobody else takes the port */
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(r->urls[0], sizeof r->urls[0], "http://127.0.0.1:%d/v1", ntohs(address.sin_port));
    run_open(r);
    start(r, 0, 0);
    turn_until_over(r, 1);
    print_message("%s\n", r->results[0].message);
    assert_int_equal(r->results[0].answer.failure, FAILURE_CONNECT);
    assert_int_equal(r->results[0].answer.http_status, 0);
    close(fd);
    run_free(r);
}

/* A listener whose queue is full answers no more connections. */
static void a_connection_that_does_not_come_about_has_its_own_deadlines(void **state)
{
    (void)state;
    static const struct project_deadlines deadlines[] = {
        {SHORT, LONG, LONG, LONG},
        {LONG, SHORT, LONG, LONG},
        {LONG, LONG, LONG, SHORT},
    };
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fillers[4];
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    for (int i = 0; i < 4; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    for (size_t i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
        struct run *r = run_new("ok", NULL);
        snprintf(r->urls[0], sizeof r->urls[0], "http://127.0.0.1:%d/v1", ntohs(address.sin_port));
        r->project.deadlines = deadlines[i];
        run_open(r);
        start(r, 0, 0);
        turn_until_over(r, 1);
        print_message("%s\n", r->results[0].message);
        assert_int_equal(r->results[0].answer.failure, FAILURE_TIMEOUT_CONNECT);
        run_free(r);
    }
    for (int i = 0; i < 4; i++)
        close(fillers[i]);
    close(listener);
}

static void a_cancelled_exchange_is_never_reported(void **state)
{
    (void)state;
    struct run *r = run_new("mute", "ok");
    run_open(r);
    struct exchange *unsent = start(r, 0, 0);
    teacher_cancel(r->teacher, unsent);
    assert_int_equal(teacher_in_flight(r->teacher), 0);
    struct exchange *sent = start(r, 0, 1);
    turn_until_requests(r, 1);
    teacher_cancel(r->teacher, sent);
    start(r, 1, 2);
    turn_until_over(r, 1);
    assert_int_equal(r->results[0].times, 0);
    assert_int_equal(r->results[1].times, 0);
    assert_ok(&r->results[2]);
    run_free(r);
}

/* The answer has been read, but teacher_turn has not looked at it yet. */
static void an_exchange_can_be_cancelled_when_its_answer_is_there(void **state)
{
    (void)state;
    struct run *r = run_new("ok", NULL);
    struct err e;
    run_open(r);
    struct exchange *x = start(r, 0, 0);
    teacher_turn(r->teacher);
    for (int i = 0; i < 20; i++)
        assert_true(loop_turn(r->loop, 10, &e));
    assert_int_equal(fake_teacher_counts(r->fake).requests, 1);
    teacher_cancel(r->teacher, x);
    start(r, 0, 1);
    turn_until_over(r, 1);
    assert_int_equal(r->results[0].times, 0);
    assert_ok(&r->results[1]);
    run_free(r);
}

static void start_next(struct run *r, struct result *result)
{
    size_t next = (size_t)(result - r->results) + 1;
    if (next < 50)
        start(r, 0, next);
}

static void a_report_may_start_the_next_call(void **state)
{
    (void)state;
    struct run *r = run_new("ok", NULL);
    run_open(r);
    r->then = start_next;
    start(r, 0, 0);
    turn_until_over(r, 50);
    for (size_t i = 0; i < 50; i++)
        assert_ok(&r->results[i]);
    assert_true(fake_teacher_counts(r->fake).connections <= 2);
    run_free(r);
}

static void cancel_other(struct run *r, struct result *result)
{
    (void)result;
    if (r->other)
        teacher_cancel(r->teacher, r->other);
    r->other = NULL;
}

static void a_report_may_cancel_another_call(void **state)
{
    (void)state;
    struct run *r = run_new("ok", "mute");
    run_open(r);
    r->then = cancel_other;
    r->other = start(r, 1, 1);
    start(r, 0, 0);
    turn_until_over(r, 1);
    assert_int_equal(teacher_in_flight(r->teacher), 0);
    assert_int_equal(r->results[1].times, 0);
    run_free(r);
}

static void a_teacher_can_be_freed_with_calls_in_flight(void **state)
{
    (void)state;
    struct run *r = run_new("mute", "drip");
    run_open(r);
    for (size_t i = 0; i < 10; i++)
        start(r, i % 2, i);
    turn_until_requests(r, 10);
    start(r, 0, 10);
    run_free(r);
}

/* As after SIGSTOP: what has arrived in the meantime is read before deadlines are enforced. */
static void a_stall_of_ours_is_not_blamed_on_the_server(void **state)
{
    (void)state;
    struct run *r = run_new("ok", NULL);
    r->project.deadlines.first_byte = SHORT;
    run_open(r);
    start(r, 0, 0);
    turn_until_requests(r, 1);
    poll(NULL, 0, (int)(SHORT * 1000) + 600);
    teacher_turn(r->teacher);
    turn_until_over(r, 1);
    assert_ok(&r->results[0]);
    run_free(r);
}

static void a_request_over_the_limit_is_not_started(void **state)
{
    (void)state;
    struct run *r = run_new("ok", NULL);
    struct err e = {0};
    r->project.limits.message_bytes = 20;
    run_open(r);
    const struct request_shape shape = {.seed = 1};
    assert_null(teacher_start(r->teacher, 0, &chat, &shape, NULL, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    assert_int_equal(teacher_in_flight(r->teacher), 0);
    run_free(r);
}

static void keys_come_from_a_file_relative_to_the_project(void **state)
{
    (void)state;
    static char request[BODY_MAX];
    struct run *r = run_new("ok", NULL);
    struct err e;
    assert_true(files_write(scratch_path("key"), S("  from-a-file\n"), &e));
    r->endpoints[0].api_key_env = "";
    r->endpoints[0].api_key_file = "key";
    r->endpoints[1].api_key_env = "";
    run_open(r);
    start(r, 0, 0);
    turn_until_over(r, 1);
    fake_teacher_request(r->fake, request, sizeof request);
    assert_non_null(strstr(request, "\r\nAuthorization: Bearer from-a-file\r\n"));
    start(r, 1, 1);
    turn_until_over(r, 2);
    fake_teacher_request(r->fake, request, sizeof request);
    assert_null(strstr(request, "Authorization"));
    run_free(r);
}

static void settings_that_cannot_work_are_usage_errors(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *url, *env, *value, *file, *extra, *complaint;
    } rows[] = {
        {"key not set", "http://x/v1", "GAVEL_NO_KEY", NULL, "", "", "GAVEL_NO_KEY"},
        {"key empty", "http://x/v1", "GAVEL_BAD_KEY", " ", "", "", "GAVEL_BAD_KEY holds no key"},
        {"key with a line break", "http://x/v1", "GAVEL_BAD_KEY", "a\r\nX: y", "", "", "blank"},
        {"no such file", "http://x/v1", "", NULL, "missing", "", "endpoints[1].api_key_file"},
        {"another scheme", "ftp://x/v1", "", NULL, "", "", "endpoints[1].url"},
        {"no scheme", "localhost:8000/v1", "", NULL, "", "", "endpoints[1].url"},
        {"no address", "http://", "", NULL, "", "", "endpoints[1].url"},
        {"no object", "http://x/v1", "", NULL, "", "7", "generation.extra"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run *r = run_new("ok", NULL);
        struct err e = {0};
        if (rows[i].value)
            setenv(rows[i].env, rows[i].value, 1);
        r->endpoints[1].url = rows[i].url;
        r->endpoints[1].api_key_env = rows[i].env;
        r->endpoints[1].api_key_file = rows[i].file;
        r->project.generation.extra = rows[i].extra;
        assert_null(teacher_new(&r->project, r->loop, done, r, &e));
        print_message("%s: %s\n", rows[i].reason, e.text);
        assert_int_equal(e.code, ERR_USAGE);
        assert_non_null(strstr(e.text, rows[i].complaint));
        run_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exchange_ends_as_the_server_deserves),
        cmocka_unit_test(an_answer_carries_what_the_ledger_needs),
        cmocka_unit_test(the_choices_of_one_request_come_together),
        cmocka_unit_test(the_request_on_the_wire_is_the_one_that_was_written),
        cmocka_unit_test(hundreds_of_calls_are_in_flight_at_once_and_connections_are_kept),
        cmocka_unit_test(calls_one_after_another_share_one_connection),
        cmocka_unit_test(a_kept_connection_that_the_server_closed_costs_no_call),
        cmocka_unit_test(a_request_that_brings_the_server_down_is_not_sent_again_and_again),
        cmocka_unit_test(silence_on_a_kept_connection_is_no_failure_to_connect),
        cmocka_unit_test(a_port_where_nobody_listens_is_a_failure_to_connect),
        cmocka_unit_test(a_connection_that_does_not_come_about_has_its_own_deadlines),
        cmocka_unit_test(a_cancelled_exchange_is_never_reported),
        cmocka_unit_test(an_exchange_can_be_cancelled_when_its_answer_is_there),
        cmocka_unit_test(a_report_may_start_the_next_call),
        cmocka_unit_test(a_report_may_cancel_another_call),
        cmocka_unit_test(a_teacher_can_be_freed_with_calls_in_flight),
        cmocka_unit_test(a_stall_of_ours_is_not_blamed_on_the_server),
        cmocka_unit_test(a_request_over_the_limit_is_not_started),
        cmocka_unit_test(keys_come_from_a_file_relative_to_the_project),
        cmocka_unit_test(settings_that_cannot_work_are_usage_errors),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
