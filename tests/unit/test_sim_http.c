#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The simulated teacher is no library: its pure parts are compiled into their tests. */
#include "cli/sim_teacher/http.c"

#define POST "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"

struct row {
    const char *bytes;
    enum http_stage stage;
    int status;       /* BAD */
    const char *path; /* DONE */
    const char *body; /* DONE */
    bool keep_alive;  /* DONE */
    size_t rest;      /* bytes that belong to the next request */
    const char *why;
};

/* clang-format off */
static const struct row rows[] = {
    {"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_DONE, 0, "/health", "", true, 0, "plain"},
    {"GET /health HTTP/1.1\nHost: x\n\n", HTTP_DONE, 0, "/health", "", true, 0, "bare line feeds"},
    {"\r\n\r\nGET / HTTP/1.1\r\n\r\n", HTTP_DONE, 0, "/", "", true, 0, "blank lines before"},
    {"GET /a?b=c HTTP/1.1\r\n\r\n", HTTP_DONE, 0, "/a", "", true, 0, "the query is cut off"},
    {"GET http://h:1/a HTTP/1.1\r\n\r\n", HTTP_DONE, 0, "/a", "", true, 0, "as sent to a proxy"},
    {"GET http://h:1 HTTP/1.1\r\n\r\n", HTTP_DONE, 0, "/", "", true, 0, "proxy, no path"},
    {"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", HTTP_DONE, 0, "/", "", false, 0, "close"},
    {"GET / HTTP/1.1\r\nConnection: te, close\r\n\r\n", HTTP_DONE, 0, "/", "", false, 0,
     "in a list"},
    {"GET / HTTP/1.0\r\n\r\n", HTTP_DONE, 0, "/", "", false, 0, "1.0 closes"},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", HTTP_DONE, 0, "/", "", true, 0,
     "unless asked"},
    {POST "content-LENGTH: 5 \r\n\r\nhello", HTTP_DONE, 0, "/v1/chat/completions", "hello", true, 0,
     "length"},
    {POST "Content-Length: 2\r\n\r\nhello", HTTP_DONE, 0, "/v1/chat/completions", "he", true, 3,
     "what follows is the next request"},
    {POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", HTTP_DONE, 0, "/v1/chat/completions",
     "hi", true, 0, "said twice alike"},
    {POST "\r\n", HTTP_DONE, 0, "/v1/chat/completions", "", true, 0, "no length, no body"},
    {POST "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\n\r\nGET",
     HTTP_DONE, 0, "/v1/chat/completions", "abc0123456789", true, 3, "chunks, extension"},
    {POST "Transfer-Encoding: chunked\r\n\r\n1\na\n0\nX: y\nZ: w\n\n", HTTP_DONE, 0,
     "/v1/chat/completions", "a", true, 0, "trailer"},
    {POST "Content-Length: 3\r\n\r\nab", HTTP_BODY, 0, NULL, NULL, false, 0, "more to come"},
    {POST "Content-Length: -3\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0, "negative"},
    {POST "Content-Length:\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0, "empty length"},
    {POST "Content-Length: 1, 1\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0, "list of lengths"},
    {POST "Content-Length: 99999999999999999999999\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0,
     "over 64 bits"},
    {POST "Content-Length: 67108865\r\n\r\n", HTTP_BAD, 413, NULL, NULL, false, 0, "over 64 MB"},
    {POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0,
     "contradiction"},
    {POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_BAD, 400, NULL, NULL,
     false, 0, "request smuggling"},
    {POST "Transfer-Encoding: gzip, chunked\r\n\r\n", HTTP_BAD, 501, NULL, NULL, false, 0, "gzip"},
    {POST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", HTTP_BAD, 400, NULL, NULL, false, 0,
     "no size"},
    {POST "Transfer-Encoding: chunked\r\n\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0,
     "empty size"},
    {POST "Transfer-Encoding: chunked\r\n\r\n4000001\r\n", HTTP_BAD, 413, NULL, NULL, false, 0,
     "chunk over 64 MB"},
    {POST "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", HTTP_BAD, 400, NULL, NULL, false, 0,
     "chunk longer than said"},
    {POST "Expect: the worst\r\n\r\n", HTTP_BAD, 417, NULL, NULL, false, 0, "unknown expectation"},
    {POST "Host : x\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0, "space before the colon"},
    {POST " folded\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0, "folded line"},
    {POST "nonsense\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0, "no colon"},
    {"GET / HTTP/2\r\n\r\n", HTTP_BAD, 505, NULL, NULL, false, 0, "other version"},
    {"GET /\r\n\r\n", HTTP_BAD, 505, NULL, NULL, false, 0, "HTTP/0.9"},
    {"GET\r\n\r\n", HTTP_BAD, 400, NULL, NULL, false, 0, "no path"},
};
/* clang-format on */

/* Feeds two pieces, as the server would: the rest of a piece is not taken once the request is over.
 */
static size_t feed_split(struct http_request *r, struct slice all, size_t at)
{
    http_begin(r);
    size_t used = http_feed(r, slice_sub(all, 0, at));
    if (used < at)
        return used;
    return at + http_feed(r, slice_from(all, at));
}

static void check_row(const struct row *row, size_t at)
{
    struct http_request r;
    struct slice all = slice_of(row->bytes);
    size_t used = feed_split(&r, all, at);
    if (r.stage != row->stage)
        fail_msg("%s, split at %zu: stage %d", row->why, at, (int)r.stage);
    if (row->stage == HTTP_BAD) {
        assert_int_equal(r.status, row->status);
        assert_non_null(r.problem);
    }
    if (row->stage == HTTP_DONE) {
        assert_true(slice_is(r.path, row->path));
        assert_string_equal(buf_cstr(&r.body), row->body);
        assert_int_equal(r.keep_alive, row->keep_alive);
        assert_int_equal(all.n - used, row->rest);
    }
    http_end(&r);
}

static void a_request_reads_the_same_in_any_two_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t at = 0; at <= strlen(rows[i].bytes); at++)
            check_row(&rows[i], at);
}

static void a_request_reads_the_same_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_request r;
        struct slice all = slice_of(rows[i].bytes);
        http_begin(&r);
        for (size_t k = 0; k < all.n && r.stage < HTTP_DONE; k++)
            assert_int_equal(http_feed(&r, slice_sub(all, k, 1)), 1);
        assert_int_equal(r.stage, rows[i].stage);
        if (r.stage == HTTP_DONE)
            assert_string_equal(buf_cstr(&r.body), rows[i].body);
        http_end(&r);
    }
}

static void pipelined_requests_come_out_one_by_one(void **state)
{
    (void)state;
    struct slice all = S(POST "Content-Length: 3\r\n\r\none"
                              "GET /two HTTP/1.1\r\n\r\n" POST
                              "Transfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n");
    static const char *const bodies[] = {"one", "", "three"};
    for (int i = 0; i < 3; i++) {
        struct http_request r;
        http_begin(&r);
        all = slice_from(all, http_feed(&r, all));
        assert_int_equal(r.stage, HTTP_DONE);
        assert_string_equal(buf_cstr(&r.body), bodies[i]);
        http_end(&r);
    }
    assert_int_equal(all.n, 0);
}

static void a_head_over_its_limit_is_refused(void **state)
{
    (void)state;
    struct http_request r;
    http_begin(&r);
    http_feed(&r, S("GET / HTTP/1.1\r\n"));
    for (int i = 0; i < 10000 && r.stage == HTTP_HEAD; i++)
        http_feed(&r, S("X-Filler: 0123456789\r\n"));
    assert_int_equal(r.stage, HTTP_BAD);
    assert_int_equal(r.status, 431);
    assert_true(r.head.cap <= HTTP_HEAD_MAX + 1);
    http_end(&r);
}

static void a_trailer_over_its_limit_is_refused(void **state)
{
    (void)state;
    struct http_request r;
    http_begin(&r);
    http_feed(&r, S(POST "Transfer-Encoding: chunked\r\n\r\n0\r\n"));
    for (int i = 0; i < 10000 && r.stage == HTTP_TRAILER; i++)
        http_feed(&r, S("X-Filler: 0123456789\r\n"));
    assert_int_equal(r.status, 431);
    http_end(&r);
}

static void a_nul_byte_in_the_head_is_refused(void **state)
{
    (void)state;
    struct http_request r;
    http_begin(&r);
    http_feed(&r, S("GET / HTTP/1.1\r\nX: \0\r\n\r\n"));
    assert_int_equal(r.stage, HTTP_BAD);
    http_end(&r);
}

static void the_key_and_the_expectation_are_seen(void **state)
{
    (void)state;
    struct http_request r;
    http_begin(&r);
    http_feed(
        &r,
        S(POST "authorization:  Bearer k \r\nExpect: 100-Continue\r\nContent-Length: 9\r\n\r\n"));
    assert_int_equal(r.stage, HTTP_BODY);
    assert_true(slice_is(r.authorization, "Bearer k"));
    assert_true(r.expects_continue);
    http_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_reads_the_same_in_any_two_pieces),
        cmocka_unit_test(a_request_reads_the_same_byte_by_byte),
        cmocka_unit_test(pipelined_requests_come_out_one_by_one),
        cmocka_unit_test(a_head_over_its_limit_is_refused),
        cmocka_unit_test(a_trailer_over_its_limit_is_refused),
        cmocka_unit_test(a_nul_byte_in_the_head_is_refused),
        cmocka_unit_test(the_key_and_the_expectation_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
