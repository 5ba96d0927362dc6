/*
 * novelty: what a text has said so far, and whether more of it says something else. For thoughts
 * that pretend to reflect: "Wait, let me check. Yes, that is right." says nothing.
 */
#ifndef JUDGES_NOVELTY_H
#define JUDGES_NOVELTY_H

#include "base/slice.h"

#define NOVELTY_WORDS 8192 /* 64 KiB, so that it fits on a stack */

struct novelty {
    bool scored;                  /* a score has been given */
    uint64_t bits[NOVELTY_WORDS]; /* a Bloom filter of word pairs, numbers, terms and quotations */
    size_t n_bits;                /* a power of two, as many as the text can need */
};

/* novelty_init(n, bytes): nothing said yet, of a text of so many bytes. A text so long that the
 * filter fills up is called new less readily, never more. */
void novelty_init(struct novelty *n, size_t bytes);
/* novelty_hear(n, sentence): remembers it. Returns whether it said something new: a quotation, a
 * number or calculation that was not there; a changed score; or a sentence most of whose word pairs
 * were not there. Announcements of a second look and conclusions say nothing new. Linear. */
bool novelty_hear(struct novelty *n, struct slice sentence);

#endif
