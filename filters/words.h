/*
 * words: a text as a row of 64-bit word hashes, whatever its letter case and white space. Written
 * without spaces, Chinese, Japanese and Korean count a word a character; a run without white space
 * that is longer than any word is cut into pieces, so that a loop in it is seen.
 */
#ifndef FILTERS_WORDS_H
#define FILTERS_WORDS_H

#include "base/slice.h"

struct words {
    struct slice rest;
};

/* words_of(text): before its first word. */
struct words words_of(struct slice text);
/* words_next(w, hash): false at the end. Only ASCII letters lose their case. */
bool words_next(struct words *w, uint64_t *hash);
/* words_next_text(w, word): as words_next, but the word itself, as it is written. */
bool words_next_text(struct words *w, struct slice *word);
/* words_hash(word): what words_next says of it. */
uint64_t words_hash(struct slice word);
/* words_mix(a, b): one hash of a row of two; the order matters. */
uint64_t words_mix(uint64_t a, uint64_t b);

#endif
