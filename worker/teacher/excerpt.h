/* excerpt: a bounded piece of text from elsewhere, fit to be shown, logged and stored. */
#ifndef WORKER_TEACHER_EXCERPT_H
#define WORKER_TEACHER_EXCERPT_H

#include "base/buf.h"

#define EXCERPT_LONGEST_SECRET 4096

/* excerpt_set(out, text, max): out becomes at most max bytes of valid UTF-8: the beginning of text
 * without secrets, control characters as escapes, "…" where it was cut. Secrets longer than
 * EXCERPT_LONGEST_SECRET may not be registered. Without memory out is left empty. */
void excerpt_set(struct buf *out, struct slice text, size_t max);

#endif
