/* sentence: a text as a row of sentences, in English and Chinese, for those that read thoughts. */
#ifndef JUDGES_SENTENCE_H
#define JUDGES_SENTENCE_H

#include "judges/quotation.h"

struct sentences {
    struct slice text;
    size_t at;
    struct quotations quotations;
    struct quotation quoted; /* the next one; begin SIZE_MAX: none */
};

struct sentences sentences_of(struct slice text);
/* sentences_next(s, sentence): the next one, with its closing marks, without white space at either
 * end, never empty; false at the end. A line break ends a sentence; the number of a list entry, a
 * decimal point and what stands inside quotation marks do not. */
bool sentences_next(struct sentences *s, struct slice *sentence);
/* sentences_at(s, sentence): where it stands in the text. */
size_t sentences_at(const struct sentences *s, struct slice sentence);

#endif
