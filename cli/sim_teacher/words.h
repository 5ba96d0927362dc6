/* words: the words of a text that say what it is about. */
#ifndef SIM_TEACHER_WORDS_H
#define SIM_TEACHER_WORDS_H

#include "base/slice.h"

#define WORDS_MAX_BYTES 24 /* of a word; a longer one is taken as several */

/* words_next(rest, word): takes the next run of letters off the text, whatever comes before it
 * too. What is no ASCII counts as a letter. False: there is none. */
bool words_next(struct slice *rest, struct slice *word);
/* words_tells(word): long enough to mean something, and none of those that every text has. */
bool words_tells(struct slice word);
/* words_count(text): those that tell. words_at(text, i): number i of them, i < words_count. */
size_t words_count(struct slice text);
struct slice words_at(struct slice text, size_t i);

#endif
