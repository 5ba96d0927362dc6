/* prose: the text of a simulated judgment, put together from sentences by hash. Readable, varied,
 * and it argues for the verdict that it ends with. */
#ifndef SIM_TEACHER_PROSE_H
#define SIM_TEACHER_PROSE_H

#include "base/buf.h"
#include "schemas/types.h"

/* Short pieces of what is judged; harmless: one line, no tags, no brackets. "" when there is none.
 */
struct excerpts {
    char question[96];
    char a[48], b[48];
};

/* prose_excerpt(text, from_end, out, size): the first line of text that says something, or the last
 * one, cut at a word's end to fit. */
void prose_excerpt(struct slice text, bool from_end, char *out, size_t size);
/* prose_write(x, v, h, thought, answer): the judgment that a strict reader finds to be `v`: A, B,
 * TIE, NONE, CONFLICTING, UNCLOSED (the thought runs on to the end, answer empty), TRUNCATED
 * (likewise, cut), REFUSED or EMPTY. A thought that decides has 60 to 200 words. h: everything
 * random about it. */
void prose_write(const struct excerpts *x, enum verdict v, uint64_t h, struct buf *thought,
                 struct buf *answer);

#endif
