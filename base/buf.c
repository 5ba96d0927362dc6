#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void buf_init(struct buf *b, size_t max)
{
    assert(max < SIZE_MAX / 2);
    *b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    free(b->p);
    buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
    b->nomem = false;
    if (b->p)
        b->p[0] = '\0';
}

static char *fail(struct buf *b, bool nomem)
{
    b->failed = true;
    b->nomem = nomem;
    return NULL;
}

char *buf_space(struct buf *b, size_t n)
{
    if (b->failed)
        return NULL;
    if (n > b->max - b->n)
        return fail(b, false);
    size_t need = b->n + n + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap * 2 : FIRST_CAPACITY;
        if (cap < need)
            cap = need;
        if (cap > b->max + 1)
            cap = b->max + 1;
        char *p = realloc(b->p, cap);
        if (!p)
            return fail(b, true);
        b->p = p;
        b->cap = cap;
    }
    /* The caller fills the space and moves n: the byte after it is the promised NUL. */
    b->p[b->n] = '\0';
    b->p[b->n + n] = '\0';
    return b->p + b->n;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    char *space = buf_space(b, n);
    if (!space || n == 0)
        return;
    memcpy(space, bytes, n);
    b->n += n;
}

void buf_slice(struct buf *b, struct slice s)
{
    buf_add(b, s.p, s.n);
}

void buf_str(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    char small[128];
    int n = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    assert(n >= 0);
    if ((size_t)n < sizeof(small)) {
        buf_add(b, small, (size_t)n);
    } else {
        char *space = buf_space(b, (size_t)n);
        if (space) {
            vsnprintf(space, (size_t)n + 1, format, again);
            b->n += (size_t)n;
        }
    }
    va_end(again);
}

void buf_u64(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_i64(struct buf *b, int64_t v)
{
    if (v < 0)
        buf_char(b, '-');
    buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

bool buf_ok(const struct buf *b, const char *what, struct err *e)
{
    if (!b->failed)
        return true;
    if (b->nomem)
        return err_set(e, ERR_NOMEM, "out of memory for %s", what);
    return err_set(e, ERR_LIMIT, "%s is larger than the maximum of %zu bytes", what, b->max);
}

struct slice buf_view(const struct buf *b)
{
    return (struct slice){b->p, b->n};
}

const char *buf_cstr(const struct buf *b)
{
    return b->p ? b->p : "";
}
