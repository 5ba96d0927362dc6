/* excerpt: short pieces of what is judged, to be quoted in a judgment. */
#ifndef SIM_TEACHER_EXCERPT_H
#define SIM_TEACHER_EXCERPT_H

#include "base/slice.h"

/* Byte for byte as they stand in the text they are taken from; harmless: one line, no tags, no
 * brackets, no quotation marks. "" when there is none. */
struct excerpts {
    char question[96];
    char a[48], b[48];
};

/* excerpt_take(text, from_end, out, size): of the first line of text that says something, or the
 * last one, the beginning that is harmless, cut at a word's end to fit. */
void excerpt_take(struct slice text, bool from_end, char *out, size_t size);
/* excerpt_last_sentence(text, out, size): the last sentence that fits, for repeating it; "": none.
 */
void excerpt_last_sentence(struct slice text, char *out, size_t size);

#endif
