#include "worker/teacher/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define RECEIVE_BYTES 4096L    /* of curl's buffer: one for each call in flight */
#define SEND_BYTES 16384L      /* likewise, for requests that do not go out at once */
#define ERROR_BODY_BYTES 65536 /* kept of a body that only explains an error */
#define STALE_MS 1000          /* a kept connection that breaks this early was closed before */
#define MOST_CONNECTS 2

static int64_t ms_of(double seconds)
{
    return (int64_t)(seconds * 1000 + 0.5);
}

static bool is_success(const struct head *h)
{
    return h->status >= 200 && h->status < 300;
}

static void on_event(void *context, struct slice name, struct slice data)
{
    struct exchange *x = context;
    answer_event(&x->answer, name, data);
}

/* Interim responses (1xx) decide nothing. */
static bool is_refusal(const struct head *h)
{
    return h->status >= 300;
}

static size_t room_for_error(const struct buf *body)
{
    size_t max = body->max < ERROR_BODY_BYTES ? body->max : ERROR_BODY_BYTES;
    return max - body->n;
}

static struct slice without_leading_blanks(struct slice s)
{
    while (s.n > 0 && memchr(" \t\r\n", s.p[0], 4))
        s = slice_from(s, 1);
    return s;
}

/* Whether the bytes are progress. Blank lines before a document and comments in a stream only say
 * that the server is there, which is not enough to keep a call alive. */
static bool record(struct exchange *x, struct slice bytes)
{
    if (!is_success(&x->head)) {
        buf_slice(&x->body, slice_sub(bytes, 0, room_for_error(&x->body)));
        return true;
    }
    if (x->head.event_stream) {
        bool progress = sse_feed(&x->sse, bytes, on_event, x);
        x->too_large = sse_failed(&x->sse) || answer_too_large(&x->answer);
        return progress;
    }
    if (x->body.n == 0)
        bytes = without_leading_blanks(bytes);
    buf_slice(&x->body, bytes);
    x->too_large = x->body.failed;
    return bytes.n > 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    struct exchange *x = context;
    if (record(x, (struct slice){bytes, size * n})) {
        x->last = clock_ms();
        if (x->first == 0)
            x->first = x->last;
    }
    return x->too_large ? 0 : size * n;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *context)
{
    struct exchange *x = context;
    head_line(&x->head, (struct slice){bytes, size * n}, clock_wall_ms());
    x->too_large = x->head.bytes > HEAD_MAX_BYTES;
    return x->too_large ? 0 : size * n;
}

/*
 * Called whenever the request is about to be sent on a connection. curl sends it again by itself
 * when a kept connection breaks before the first byte. That is wanted when the server had closed
 * the connection in the meantime, but not when the request brought the server down: then it is the
 * coordinator's to say how often that is tried.
 */
static int on_connected(void *context, char *peer, char *self, int peer_port, int self_port)
{
    (void)peer, (void)self, (void)peer_port, (void)self_port;
    struct exchange *x = context;
    int64_t now = clock_ms();
    if (x->connects > 0 && (x->connects >= MOST_CONNECTS || now - x->sent > STALE_MS))
        return CURL_PREREQFUNC_ABORT;
    if (x->connects++ == 0)
        x->sent = now;
    return CURL_PREREQFUNC_OK;
}

static void set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* What stays the same from one request to the next. */
static void set_up(struct exchange *x)
{
    CURL *easy = x->easy;
    set_protocols(easy);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->curl_error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    curl_easy_setopt(easy, CURLOPT_SHARE, x->terms->share);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, x->terms->no_proxy);
    if (x->terms->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, x->terms->ca_file);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "gavel/" GAVEL_VERSION);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BYTES);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)ms_of(x->terms->deadlines.connect));
}

struct exchange *exchange_new(const struct exchange_terms *terms, struct err *e)
{
    struct exchange *x = calloc(1, sizeof *x);
    CURL *easy = curl_easy_init();
    if (!x || !easy) {
        free(x);
        curl_easy_cleanup(easy);
        err_set(e, ERR_NOMEM, "out of memory for a call in flight");
        return NULL;
    }
    x->terms = terms;
    x->easy = easy;
    heap_node_init(&x->deadline);
    head_init(&x->head);
    buf_init(&x->body, terms->body_bytes);
    sse_init(&x->sse, terms->body_bytes);
    answer_init(&x->answer, terms->body_bytes);
    set_up(x);
    return x;
}

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    assert(!x->multi);
    exchange_rest(x);
    curl_easy_cleanup(x->easy);
    free(x);
}

static bool want(struct exchange *x, size_t choices)
{
    if (choices <= 1)
        return true;
    x->more = calloc(choices - 1, sizeof *x->more);
    return x->more && answer_want(&x->answer, choices);
}

bool exchange_prepare(struct exchange *x, const struct target *target, struct slice body,
                      size_t choices, int64_t now, struct err *e)
{
    assert(!x->multi && body.n > 0);
    if (!want(x, choices))
        return err_set(e, ERR_NOMEM, "out of memory for %zu choices", choices);
    x->too_large = false;
    x->connects = 0;
    x->started = now;
    x->sent = x->first = x->last = 0;
    x->curl_error[0] = '\0';
    CURLcode code = curl_easy_setopt(x->easy, CURLOPT_URL, target->url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, target->headers);
    if (code == CURLE_OK)
        code = curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    if (code == CURLE_OK)
        code = curl_easy_setopt(x->easy, CURLOPT_COPYPOSTFIELDS, body.p);
    return code == CURLE_OK || err_set(e, ERR_NOMEM, "cannot prepare a request of %zu bytes: %s",
                                       body.n, curl_easy_strerror(code));
}

void exchange_rest(struct exchange *x)
{
    curl_easy_setopt(x->easy, CURLOPT_COPYPOSTFIELDS, NULL);
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, NULL);
    head_free(&x->head);
    buf_free(&x->body);
    sse_free(&x->sse);
    answer_free(&x->answer);
    free(x->more);
    x->more = NULL;
}

int64_t exchange_due(const struct exchange *x)
{
    const struct project_deadlines *d = &x->terms->deadlines;
    int64_t total = x->started + ms_of(d->total);
    int64_t phase = x->first ? x->last + ms_of(d->idle) : x->started + ms_of(d->first_byte);
    return phase < total ? phase : total;
}

int64_t exchange_look(const struct exchange *x, int64_t now)
{
    int64_t due = exchange_due(x), idle = now + ms_of(x->terms->deadlines.idle);
    return due < idle ? due : idle;
}

static enum failure failure_of(CURLcode code, const struct exchange *x)
{
    if (code == CURLE_OPERATION_TIMEDOUT) /* the only deadline that curl keeps */
        return FAILURE_TIMEOUT_CONNECT;
    if (x->connects == 0)
        return FAILURE_CONNECT;
    if (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL)
        return FAILURE_BAD_ANSWER;
    return FAILURE_DROPPED;
}

static void set_transport_error(struct exchange *x, CURLcode code)
{
    struct http_error *error = &x->answer.error;
    const char *detail = x->curl_error[0] ? x->curl_error : curl_easy_strerror(code);
    enum failure failure = failure_of(code, x);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        detail = "the server closed it without a byte of an answer";
    if (failure == FAILURE_TIMEOUT_CONNECT)
        http_error_set(error, failure, "no connection within %g s (deadlines.connect): %s",
                       x->terms->deadlines.connect, detail);
    else if (failure == FAILURE_CONNECT)
        http_error_set(error, failure, "no connection to the server: %s", detail);
    else if (failure == FAILURE_BAD_ANSWER)
        http_error_set(error, failure, "what the server sent is not HTTP: %s", detail);
    else
        http_error_set(error, failure, "the connection broke before the whole answer: %s", detail);
}

/* What can be said of an exchange whatever ended it. False when nothing can. */
static bool set_error(struct exchange *x)
{
    struct http_error *error = &x->answer.error;
    if (is_refusal(&x->head) && !x->too_large) {
        http_error_response(error, &x->head, buf_view(&x->body));
        return true;
    }
    if (x->too_large) {
        http_error_set(error, FAILURE_TOO_LARGE,
                       "the answer is larger than %zu bytes (limits.body_bytes), or its header "
                       "larger than %d",
                       x->terms->body_bytes, HEAD_MAX_BYTES);
        return true;
    }
    if (!x->answer.failed)
        return false;
    if (error->retry_after_ms < 0)
        error->retry_after_ms = head_wait_ms(&x->head);
    return true;
}

/* The end of what curl calls a success may be the end of half an answer. */
static bool read_success(struct exchange *x)
{
    if (x->head.event_stream) {
        sse_end(&x->sse, on_event, x);
        if (answer_is_whole(&x->answer))
            return true;
        if (!set_error(x))
            http_error_set(&x->answer.error, FAILURE_DROPPED,
                           "the stream ended before the whole answer");
        return false;
    }
    if (set_error(x))
        return false;
    answer_document(&x->answer, buf_view(&x->body));
    x->too_large = answer_too_large(&x->answer);
    return !set_error(x);
}

static void report_choices(const struct exchange *x, struct teacher_answer *a)
{
    const struct answer_choice *first = answer_nth(&x->answer, 0), *other;
    a->content = answer_text(first);
    a->reasoning = buf_view(&first->reasoning);
    a->field = first->field;
    a->finish = answer_finish(first);
    a->more = x->more;
    while ((other = answer_nth(&x->answer, a->n_more + 1)))
        x->more[a->n_more++] = (struct teacher_choice){
            .content = answer_text(other),
            .reasoning = buf_view(&other->reasoning),
            .field = other->field,
            .finish = answer_finish(other),
        };
}

static void report(const struct exchange *x, bool ok, int64_t now, struct teacher_answer *a)
{
    const struct answer *answer = &x->answer;
    *a = (struct teacher_answer){
        .ok = ok,
        .failure = answer->error.failure,
        .retry_after_ms = ok ? -1 : answer->error.retry_after_ms,
        .message = buf_view(&answer->error.message),
        .http_status = x->head.status >= 200 ? x->head.status : 0,
        .request_id = buf_view(x->head.request_id.n ? &x->head.request_id : &answer->id),
        .latency_ms = (uint32_t)(now - x->started),
        .first_byte_ms = x->first ? (uint32_t)(x->first - x->started) : 0,
    };
    if (!ok)
        return;
    report_choices(x, a);
    a->model = buf_view(&answer->model);
    a->prompt_tokens = answer->prompt_tokens;
    a->completion_tokens = answer->completion_tokens;
    a->reasoning_tokens = answer->reasoning_tokens;
    a->cached_tokens = answer->cached_tokens;
}

/* A stream that has said everything is whole however its connection ends. */
static bool is_whole_stream(const struct exchange *x)
{
    return is_success(&x->head) && x->head.event_stream && !x->too_large &&
           answer_is_whole(&x->answer);
}

void exchange_over(struct exchange *x, CURLcode code, int64_t now, struct teacher_answer *a)
{
    bool ok = is_whole_stream(x);
    if (!ok && code == CURLE_OK)
        ok = read_success(x);
    else if (!ok && !set_error(x))
        set_transport_error(x, code);
    report(x, ok, now, a);
}

static void set_expired(struct exchange *x, int64_t now)
{
    const struct project_deadlines *d = &x->terms->deadlines;
    struct http_error *error = &x->answer.error;
    if (x->connects == 0)
        http_error_set(error, FAILURE_TIMEOUT_CONNECT, "no connection within %g s",
                       (double)(now - x->started) / 1000);
    else if (now >= x->started + ms_of(d->total))
        http_error_set(error, FAILURE_TIMEOUT_TOTAL,
                       "no whole answer within %g s (deadlines.total)", d->total);
    else if (x->first == 0)
        http_error_set(error, FAILURE_TIMEOUT_FIRST_BYTE,
                       "no byte of an answer within %g s (deadlines.first_byte)", d->first_byte);
    else
        http_error_set(error, FAILURE_TIMEOUT_IDLE,
                       "nothing more of the answer within %g s (deadlines.idle)", d->idle);
}

void exchange_expired(struct exchange *x, int64_t now, struct teacher_answer *a)
{
    bool ok = is_whole_stream(x);
    if (!ok && !set_error(x))
        set_expired(x, now);
    report(x, ok, now, a);
}
