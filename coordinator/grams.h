/*
 * grams: a table of the words and pairs of neighbouring words that a set of answers uses. It grows
 * to a fixed size; words first met after that are passed over. Case and punctuation at a word's
 * ends do not count.
 */
#ifndef COORDINATOR_GRAMS_H
#define COORDINATOR_GRAMS_H

#include "base/buf.h"

#define GRAMS_MAX ((size_t)1 << 19) /* in one table */
#define GRAMS_HEAD 3072             /* bytes that are read of a long text: its beginning */
#define GRAMS_TAIL 1024             /* … and its end */
/* Words and pairs of one text that is read so, at most: two words have at least three bytes. */
#define GRAMS_OF_TEXT (2 * (GRAMS_HEAD + GRAMS_TAIL))

struct grams;

/* grams_new(e): empty; NULL without memory. */
struct grams *grams_new(struct err *e);
void grams_free(struct grams *g);
/* grams_read(g, text, ids): the ids of the words and pairs of a text, in its order, some of them
 * more than once; at most GRAMS_OF_TEXT. Ids count from 0. */
size_t grams_read(struct grams *g, struct slice text, uint32_t *ids);
/* grams_count(g): ids given so far. */
size_t grams_count(const struct grams *g);
/* grams_text(g, id): "off topic", in lower case (ASCII); from the user's data, not safe to print.
 * Valid until the next grams_read. */
struct slice grams_text(const struct grams *g, uint32_t id);

/* grams_content(text, hashes): the different content words of a text that is read in the same way,
 * as sorted hashes; at most GRAMS_OF_TEXT / 2. Content words are those of four bytes and more,
 * those that begin with a digit, and those that are not ASCII. */
size_t grams_content(struct slice text, uint64_t *hashes);

#endif
