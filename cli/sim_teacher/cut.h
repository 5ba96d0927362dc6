/* cut: shortens text. */
#ifndef SIM_TEACHER_CUT_H
#define SIM_TEACHER_CUT_H

#include "base/buf.h"

/* cut_text(b, n): to at most the first n bytes, never half a character. */
void cut_text(struct buf *b, size_t n);

#endif
