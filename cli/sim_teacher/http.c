#include "cli/sim_teacher/http.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define CHUNK_LINE_MAX 256

void http_begin(struct http_request *r)
{
    *r = (struct http_request){.stage = HTTP_HEAD};
    buf_init(&r->head, HTTP_HEAD_MAX);
    buf_init(&r->body, HTTP_BODY_MAX);
}

void http_end(struct http_request *r)
{
    buf_free(&r->head);
    buf_free(&r->body);
}

static bool bad(struct http_request *r, int status, const char *problem)
{
    r->stage = HTTP_BAD;
    r->status = status;
    r->problem = problem;
    return false;
}

static bool same_name(struct slice a, const char *b)
{
    return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

/* lists(value, token): whether a comma-separated header value has the token. */
static bool lists(struct slice value, const char *token)
{
    while (value.n)
        if (same_name(slice_trim(slice_cut(value, ',', &value)), token))
            return true;
    return false;
}

static bool on_length(struct http_request *r, struct slice value)
{
    uint64_t length = 0;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9' || length > UINT64_MAX / 100)
            return bad(r, 400, "Content-Length is not a number");
        length = length * 10 + (uint64_t)(value.p[i] - '0');
    }
    if (value.n == 0 || (r->has_length && r->left != length))
        return bad(r, 400, "Content-Length is empty or contradicts itself");
    r->has_length = true;
    r->left = length;
    return true;
}

static bool on_encoding(struct http_request *r, struct slice value)
{
    if (r->chunked || !same_name(value, "chunked"))
        return bad(r, 501, "the only Transfer-Encoding understood is 'chunked'");
    r->chunked = true;
    return true;
}

static bool on_connection(struct http_request *r, struct slice value)
{
    if (lists(value, "close"))
        r->keep_alive = false;
    else if (lists(value, "keep-alive"))
        r->keep_alive = true;
    return true;
}

static bool on_expect(struct http_request *r, struct slice value)
{
    if (!same_name(value, "100-continue"))
        return bad(r, 417, "the only Expect understood is '100-continue'");
    r->expects_continue = true;
    return true;
}

static bool on_authorization(struct http_request *r, struct slice value)
{
    r->authorization = value;
    return true;
}

static bool read_header(struct http_request *r, struct slice line)
{
    static const struct {
        const char *name;
        bool (*read)(struct http_request *r, struct slice value);
    } known[] = {
        {"content-length",    on_length       },
        {"transfer-encoding", on_encoding     },
        {"connection",        on_connection   },
        {"expect",            on_expect       },
        {"authorization",     on_authorization}
    };
    struct slice value, name = slice_cut(line, ':', &value);
    if (name.n == line.n || name.n == 0 || slice_trim(name).n != name.n)
        return bad(r, 400, "a header line is not 'name: value'");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (same_name(name, known[i].name))
            return known[i].read(r, slice_trim(value));
    return true;
}

static bool read_request_line(struct http_request *r, struct slice line)
{
    struct slice version, query, target;
    r->method = slice_cut(line, ' ', &target);
    target = slice_cut(target, ' ', &version);
    r->http10 = slice_is(version, "HTTP/1.0");
    r->keep_alive = !r->http10;
    if (r->method.n == 0 || target.n == 0)
        return bad(r, 400, "the request line is not 'METHOD PATH VERSION'");
    if (!r->http10 && !slice_is(version, "HTTP/1.1"))
        return bad(r, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    size_t scheme = slice_find(target, S("://"));
    if (target.p[0] != '/' && scheme != SIZE_MAX) { /* as sent to a proxy */
        target = slice_from(target, scheme + 3);
        size_t slash = slice_find(target, S("/"));
        target = slash == SIZE_MAX ? S("/") : slice_from(target, slash);
    }
    r->path = slice_cut(target, '?', &query);
    return true;
}

static struct slice without_cr(struct slice line)
{
    return slice_ends(line, S("\r")) ? slice_sub(line, 0, line.n - 1) : line;
}

static void end_head(struct http_request *r)
{
    struct slice rest = buf_view(&r->head);
    if (memchr(rest.p, 0, rest.n)) {
        bad(r, 400, "a NUL byte in the head");
        return;
    }
    if (!read_request_line(r, without_cr(slice_cut(rest, '\n', &rest))))
        return;
    for (;;) {
        struct slice line = without_cr(slice_cut(rest, '\n', &rest));
        if (line.n == 0)
            break;
        if (!read_header(r, line))
            return;
    }
    r->line = 0;
    if (r->chunked && r->has_length)
        bad(r, 400, "both Content-Length and Transfer-Encoding");
    else if (r->left > HTTP_BODY_MAX)
        bad(r, 413, "the body is larger than 64 MB");
    else if (r->chunked)
        r->stage = HTTP_CHUNK_SIZE;
    else
        r->stage = r->left ? HTTP_BODY : HTTP_DONE;
}

static size_t feed_head(struct http_request *r, struct slice in)
{
    const char *newline = memchr(in.p, '\n', in.n);
    size_t n = newline ? (size_t)(newline - in.p) + 1 : in.n;
    buf_add(&r->head, in.p, n);
    if (r->head.failed) {
        bad(r, 431, "the head is larger than 64 KB");
        return n;
    }
    if (!newline)
        return n;
    struct slice line = slice_from(buf_view(&r->head), r->line);
    r->line = r->head.n;
    if (!slice_is(line, "\n") && !slice_is(line, "\r\n"))
        return n;
    if (line.n == r->head.n) { /* blank lines before a request are allowed */
        buf_clear(&r->head);
        r->line = 0;
    } else {
        end_head(r);
    }
    return n;
}

/* take(r, in): adds what belongs to the body or chunk; r->left says how much is missing then. */
static size_t take(struct http_request *r, struct slice in)
{
    size_t n = r->left < in.n ? (size_t)r->left : in.n;
    buf_add(&r->body, in.p, n);
    r->left -= n;
    if (r->body.failed)
        bad(r, r->body.nomem ? 503 : 413, "the body is larger than can be taken (64 MB at most)");
    return n;
}

static size_t feed_body(struct http_request *r, struct slice in)
{
    size_t n = take(r, in);
    if (r->stage == HTTP_BODY && r->left == 0)
        r->stage = HTTP_DONE;
    return n;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void end_chunk_size(struct http_request *r)
{
    if (r->digits == 0) {
        bad(r, 400, "a chunk has no size");
        return;
    }
    r->stage = r->left ? HTTP_CHUNK_DATA : HTTP_TRAILER;
    r->line = 0;
    r->digits = 0;
}

/* The size stands in hexadecimal digits; what follows them on the line is an extension. */
static size_t feed_chunk_size(struct http_request *r, struct slice in)
{
    char c = in.p[0];
    if (c == '\n') {
        end_chunk_size(r);
        return 1;
    }
    int digit = r->line == r->digits ? hex_digit(c) : -1;
    r->line++;
    if (digit >= 0) {
        r->digits++;
        r->left = r->left * 16 + (uint64_t)digit;
    }
    if (r->left > HTTP_BODY_MAX)
        bad(r, 413, "the body is larger than 64 MB");
    else if (r->line > CHUNK_LINE_MAX || r->digits == 0)
        bad(r, 400, "a chunk has no size that can be read");
    return 1;
}

static size_t feed_chunk_data(struct http_request *r, struct slice in)
{
    size_t n = take(r, in);
    if (r->stage == HTTP_CHUNK_DATA && r->left == 0)
        r->stage = HTTP_CHUNK_END;
    return n;
}

static size_t feed_chunk_end(struct http_request *r, struct slice in)
{
    if (in.p[0] == '\n')
        r->stage = HTTP_CHUNK_SIZE;
    else if (in.p[0] != '\r')
        bad(r, 400, "a chunk is longer than it said");
    return 1;
}

/* Trailing headers are skipped; their bytes are counted against the head's maximum. */
static size_t feed_trailer(struct http_request *r, struct slice in)
{
    if (in.p[0] == '\n') {
        r->stage = r->digits == 0 ? HTTP_DONE : HTTP_TRAILER;
        r->digits = 0;
    } else if (in.p[0] != '\r') {
        r->digits = 1; /* the line is not empty */
    }
    if (++r->line > HTTP_HEAD_MAX)
        bad(r, 431, "the trailer is larger than 64 KB");
    return 1;
}

size_t http_feed(struct http_request *r, struct slice bytes)
{
    static size_t (*const feeders[])(struct http_request *, struct slice) = {
        [HTTP_HEAD] = feed_head,
        [HTTP_BODY] = feed_body,
        [HTTP_CHUNK_SIZE] = feed_chunk_size,
        [HTTP_CHUNK_DATA] = feed_chunk_data,
        [HTTP_CHUNK_END] = feed_chunk_end,
        [HTTP_TRAILER] = feed_trailer,
    };
    size_t used = 0;
    while (used < bytes.n && r->stage < HTTP_DONE) {
        size_t n = feeders[r->stage](r, slice_from(bytes, used));
        assert(n > 0 && n <= bytes.n - used);
        used += n;
    }
    return used;
}
