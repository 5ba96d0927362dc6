#include "worker/teacher/sse.h"

#define NAME_MAX_BYTES 256

void sse_init(struct sse *s, size_t max)
{
    *s = (struct sse){0};
    buf_init(&s->line, max);
    buf_init(&s->data, max);
    buf_init(&s->name, NAME_MAX_BYTES);
}

void sse_free(struct sse *s)
{
    buf_free(&s->line);
    buf_free(&s->data);
    buf_free(&s->name);
    sse_init(s, s->line.max);
}

bool sse_failed(const struct sse *s)
{
    return s->line.failed || s->data.failed;
}

static void end_event(struct sse *s, sse_event_fn *fn, void *context)
{
    if (s->has_data && !sse_failed(s))
        fn(context, buf_view(&s->name), buf_view(&s->data));
    s->has_data = false;
    buf_clear(&s->name);
    if (!s->data.failed)
        buf_clear(&s->data);
}

static void read_field(struct sse *s, struct slice line)
{
    struct slice value;
    struct slice name = slice_cut(line, ':', &value);
    if (slice_starts(value, S(" ")))
        value = slice_from(value, 1);
    if (slice_is(name, "data")) {
        if (s->has_data)
            buf_char(&s->data, '\n');
        buf_slice(&s->data, value);
        s->has_data = true;
    } else if (slice_is(name, "event")) {
        buf_clear(&s->name);
        buf_slice(&s->name, value);
    }
}

static void end_line(struct sse *s, sse_event_fn *fn, void *context)
{
    struct slice line = buf_view(&s->line);
    if (!s->begun && slice_starts(line, S("\xEF\xBB\xBF")))
        line = slice_from(line, 3);
    s->begun = true;
    if (line.n == 0)
        end_event(s, fn, context);
    else
        read_field(s, line);
    if (!s->line.failed)
        buf_clear(&s->line);
}

static bool in_comment(const struct sse *s)
{
    return s->line.n > 0 && s->line.p[0] == ':';
}

/* Of a comment nothing is kept but the colon that marks it: it may be as long as it likes. */
static bool add_to_line(struct sse *s, struct slice piece)
{
    if (piece.n == 0 || in_comment(s))
        return false;
    bool comment = s->line.n == 0 && piece.p[0] == ':';
    buf_slice(&s->line, comment ? slice_sub(piece, 0, 1) : piece);
    return !comment;
}

static size_t length_of_line(struct slice bytes)
{
    size_t n = 0;
    while (n < bytes.n && bytes.p[n] != '\n' && bytes.p[n] != '\r')
        n++;
    return n;
}

bool sse_feed(struct sse *s, struct slice bytes, sse_event_fn *fn, void *context)
{
    bool said_something = false;
    while (bytes.n > 0) {
        if (s->after_cr && bytes.p[0] == '\n')
            bytes = slice_from(bytes, 1);
        s->after_cr = false;
        size_t n = length_of_line(bytes);
        said_something |= add_to_line(s, slice_sub(bytes, 0, n));
        if (n == bytes.n)
            break;
        s->after_cr = bytes.p[n] == '\r';
        end_line(s, fn, context);
        bytes = slice_from(bytes, n + 1);
    }
    return said_something;
}

void sse_end(struct sse *s, sse_event_fn *fn, void *context)
{
    end_event(s, fn, context);
}
