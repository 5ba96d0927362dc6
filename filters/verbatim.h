/*
 * verbatim: texts made comparable word for word: white space is one blank, quotation marks and
 * dashes are plain, emphasis is left out. For filters that look whether a quotation stands where it
 * is said to.
 */
#ifndef FILTERS_VERBATIM_H
#define FILTERS_VERBATIM_H

#include "base/buf.h"
#include "schemas/chat.h"

/* verbatim_add(out, text): appends the text in that form. */
void verbatim_add(struct buf *out, struct slice text);
/* verbatim_chat(out, chat): all its messages; no quotation can reach over two of them. */
void verbatim_chat(struct buf *out, const struct chat *chat);
/* verbatim_has(text, quotation): both in that form. Punctuation at the quotation's end and the case
 * of its first letter do not matter; where it leaves something out ("...") its parts must follow
 * each other. An empty one stands everywhere. */
bool verbatim_has(struct slice text, struct slice quotation);

#endif
