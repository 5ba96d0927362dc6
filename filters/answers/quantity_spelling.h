/* quantity_spelling: TeX and typography of a number made plain. For quantity.c alone. */
#ifndef ANSWERS_QUANTITY_SPELLING_H
#define ANSWERS_QUANTITY_SPELLING_H

#include "base/buf.h"

/* quantity_spelling(text, out): \left, thin blanks and braces around commas are gone, \frac is
 * \frac whatever its size, \text{x} is x, minus signs are '-', times signs '*', superscripts ^n,
 * printed fractions n/m, the degree sign is a word. */
void quantity_spelling(struct slice text, struct buf *out);
/* quantity_word_value(word, value): zero to twenty, the tens, "twenty-one", hundred, thousand,
 * million combined: "three hundred and five". Rest of the text must be empty. */
bool quantity_words(struct slice text, unsigned long *value);

#endif
