#include "worker/teacher/excerpt.h"

#include <assert.h>

#include "base/log.h"
#include "base/text.h"

#define LONGEST_ESCAPE 10 /* \U plus eight digits */

/* The longest beginning of at most n bytes that does not end within a character. */
static struct slice whole_chars(struct slice s, size_t n)
{
    if (s.n <= n)
        return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return slice_sub(s, 0, n);
}

void excerpt_set(struct buf *out, struct slice text, size_t max)
{
    const struct slice ellipsis = S("…");
    assert(max > ellipsis.n);
    /* A secret that begins in what is shown must be there to its end, or it would not be found. */
    struct slice seen = slice_sub(text, 0, max + EXCERPT_LONGEST_SECRET);
    struct buf copy, quoted;
    buf_init(&copy, seen.n);
    buf_init(&quoted, seen.n * LONGEST_ESCAPE);
    buf_slice(&copy, seen);
    if (copy.n)
        secret_redact(copy.p, copy.n);
    text_quote(&quoted, buf_view(&copy), 0);
    buf_clear(out);
    if (quoted.n <= max) {
        buf_slice(out, buf_view(&quoted));
    } else {
        buf_slice(out, whole_chars(buf_view(&quoted), max - ellipsis.n));
        buf_slice(out, ellipsis);
    }
    buf_free(&copy);
    buf_free(&quoted);
}
