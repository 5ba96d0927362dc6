/* letter: the letter that a text chooses among several choices. */
#ifndef ANSWERS_LETTER_H
#define ANSWERS_LETTER_H

#include "base/slice.h"

/* letter_read(text, bare): 'A' to 'Z', or 0 when the text chooses none, or several. It must begin
 * with the letter, alone or marked as one: C, (C), C., c), [C], \text{(C)}, **C**, option C, C: x,
 * "C) because". Under `bare` nothing may follow. "A cat" and "A, B" choose nothing. */
char letter_read(struct slice text, bool bare);

#endif
