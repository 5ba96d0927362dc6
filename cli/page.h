/*
 * page: text for a person's terminal. Seeds and traces may hold anything; what could move the
 * cursor, forge a line or turn text around is shown as an escape, line breaks stay line breaks.
 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "base/buf.h"

#define PAGE_MAX ((size_t)1 << 30)

/* page_text(out, text, indent, max_lines): every line indented; after max_lines (0: all) a line
 * says how many more there are. Nothing for an empty text. */
void page_text(struct buf *out, struct slice text, size_t indent, size_t max_lines);
/* page_chat(out, json, indent, max_lines): a conversation as it is stored (schemas/chat.h); roles
 * are named when there is more than one message. */
void page_chat(struct buf *out, struct slice json, size_t indent, size_t max_lines);
/* page_excerpt(out, json, max_chars): the last message's text on one line. */
void page_excerpt(struct buf *out, struct slice json, size_t max_chars);
/* page_flush(out, e): writes it to standard output and empties it. */
bool page_flush(struct buf *out, struct err *e);
/* page_end(out, exit_status): the last page_flush, then frees; the exit status, or EXIT_FAILED with
 * a sentence when it could not be written. */
int page_end(struct buf *out, int exit_status);

#endif
