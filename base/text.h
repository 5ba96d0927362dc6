/* text: what must be known about Unicode and names. Validation is libunistring's. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

/* text_utf8_error(s): offset of the first byte that is not valid UTF-8, SIZE_MAX when all is. */
size_t text_utf8_error(struct slice s);
/* text_plain(s): bytes at the beginning of s that are ASCII and no control character, quotation
 * mark or backslash: what JSON neither escapes nor has to check. Mostly looked at eight at a time.
 */
size_t text_plain(struct slice s);
/* text_quote(out, s, max_chars): s made safe for one terminal or log line: control characters,
 * line breaks and bidirectional marks as escapes, invalid bytes as \xNN, cut with "…" after about
 * max_chars characters (0: not cut). */
void text_quote(struct buf *out, struct slice s, size_t max_chars);
/* text_chars(s): number of code points. */
size_t text_chars(struct slice s);
/* text_nearest(name, names, n): the candidate with the smallest edit distance, else one that begins
 * with the name; NULL when none is near. */
const char *text_nearest(struct slice name, const char *const *names, size_t n);

#endif
