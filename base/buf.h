/*
 * buf: growable bytes, born with a maximum. Failure sticks: once an addition would pass the maximum
 * (or memory runs out), the buffer stops growing, `failed` stays set, and one buf_ok() at the end
 * of a row of additions tells. What p points to is always followed by a NUL that n does not count.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include "base/slice.h"

struct buf {
    char *p; /* NULL until the first addition */
    size_t n;
    size_t cap;
    size_t max;
    bool failed;
    bool nomem; /* failed for want of memory, not at the maximum */
};

/* buf_init(b, max): empty, at most max bytes. Nothing is allocated yet. */
void buf_init(struct buf *b, size_t max);
/* buf_free(b): gives the memory back; the buffer is empty and usable again. */
void buf_free(struct buf *b);
/* buf_clear(b): n = 0, failed = false; memory is kept. */
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_slice(struct buf *b, struct slice s);
void buf_str(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* buf_u64(b, v) / buf_i64: decimal digits, whatever the locale. */
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
/* buf_space(b, n): room for n more bytes, returned for writing; add to b->n what was used. NULL:
 * failed. */
char *buf_space(struct buf *b, size_t n);
/* buf_ok(b, what, e): false with ERR_LIMIT or ERR_NOMEM naming `what` when an addition failed. */
bool buf_ok(const struct buf *b, const char *what, struct err *e);
/* buf_view(b): the content; valid until the next addition. */
struct slice buf_view(const struct buf *b);
/* buf_cstr(b): the content as a C string, "" when empty. */
const char *buf_cstr(const struct buf *b);

#endif
