/*
 * nonce: a mark in the markers and tags of a judge prompt that no seed can contain by intent: a
 * quoted or faked tag is then told from the judge's own. It follows from pair and recipe, so that
 * all calls of a pair share their prompt's beginning. It is removed on export.
 */
#ifndef JUDGES_NONCE_H
#define JUDGES_NONCE_H

#include "base/buf.h"
#include "base/hash.h"

#define NONCE_BYTES 8 /* "_" and seven letters or digits */

/* nonce_make(subject, recipe, out): NUL-terminated. Should it occur in `texts` (n of them), the
 * next one is taken. */
void nonce_make(const struct id *subject, const struct id *recipe, const struct slice *texts,
                size_t n, char out[NONCE_BYTES + 1]);
/* nonce_strip(out, text, nonce): appends the text without any occurrence of the nonce. */
void nonce_strip(struct buf *out, struct slice text, struct slice nonce);

#endif
