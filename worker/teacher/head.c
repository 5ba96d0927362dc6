#include "worker/teacher/head.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "worker/teacher/excerpt.h"

#define REQUEST_ID_MAX 128
#define LOCATION_MAX 256

void head_init(struct head *h)
{
    *h = (struct head){.retry_ms = -1, .retry_after_ms = -1};
    buf_init(&h->request_id, REQUEST_ID_MAX);
    buf_init(&h->location, LOCATION_MAX);
}

void head_free(struct head *h)
{
    buf_free(&h->request_id);
    buf_free(&h->location);
    head_init(h);
}

static bool same(struct slice a, struct slice b)
{
    return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static int64_t bounded_wait(double ms)
{
    if (!(ms >= 0)) /* also not a number */
        return -1;
    return ms > HEAD_MAX_WAIT_MS ? HEAD_MAX_WAIT_MS : (int64_t)ms;
}

int64_t head_wait_of(struct slice value, double unit_ms)
{
    double units;
    return slice_double(slice_trim(value), &units) ? bounded_wait(units * unit_ms) : -1;
}

/* The three forms of RFC 9110; names of days and months are English in every locale we run in,
 * since none is ever set. */
static int64_t wait_until(struct slice date, int64_t wall_ms)
{
    static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                        "%a %b %d %H:%M:%S %Y"};
    char text[64];
    if (date.n >= sizeof text)
        return -1;
    memcpy(text, date.p, date.n);
    text[date.n] = '\0';
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm tm = {0};
        const char *end = strptime(text, forms[i], &tm);
        if (!end || *end)
            continue;
        double ms = (double)timegm(&tm) * 1000 - (double)wall_ms;
        return bounded_wait(ms > 0 ? ms : 0);
    }
    return -1;
}

static int64_t parse_retry_after(struct slice value, int64_t wall_ms)
{
    int64_t ms = head_wait_of(value, 1000);
    return ms >= 0 ? ms : wait_until(value, wall_ms);
}

/* "HTTP/1.1 503 Service Unavailable" */
static void begin(struct head *h, struct slice line)
{
    size_t bytes = h->bytes;
    head_free(h);
    h->bytes = bytes;
    struct slice rest;
    slice_cut(line, ' ', &rest);
    int64_t status;
    if (slice_i64(slice_cut(slice_trim(rest), ' ', &rest), &status) && status >= 100 &&
        status <= 999)
        h->status = (uint16_t)status;
}

static void read_hint(struct head *h, struct slice value)
{
    if (same(value, S("true")))
        h->hint = HEAD_SHOULD_RETRY;
    else if (same(value, S("false")))
        h->hint = HEAD_SHOULD_NOT_RETRY;
}

void head_line(struct head *h, struct slice line, int64_t wall_ms)
{
    h->bytes += line.n;
    line = slice_trim(line);
    if (slice_starts(line, S("HTTP/"))) {
        begin(h, line);
        return;
    }
    struct slice value;
    struct slice name = slice_cut(line, ':', &value);
    value = slice_trim(value);
    if (same(name, S("content-type")))
        h->event_stream = same(slice_sub(value, 0, 17), S("text/event-stream"));
    else if (same(name, S("retry-after-ms")))
        h->retry_ms = head_wait_of(value, 1);
    else if (same(name, S("retry-after")))
        h->retry_after_ms = parse_retry_after(value, wall_ms);
    else if (same(name, S("x-should-retry")))
        read_hint(h, value);
    else if (same(name, S("x-request-id")))
        excerpt_set(&h->request_id, value, REQUEST_ID_MAX);
    else if (same(name, S("location")))
        excerpt_set(&h->location, value, LOCATION_MAX);
}

int64_t head_wait_ms(const struct head *h)
{
    return h->retry_ms >= 0 ? h->retry_ms : h->retry_after_ms;
}
