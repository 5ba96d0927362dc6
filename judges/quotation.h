/* quotation: what stands in quotation marks in a text. */
#ifndef JUDGES_QUOTATION_H
#define JUDGES_QUOTATION_H

#include "base/slice.h"

#define QUOTATION_MARKS 7

struct quotations {
    struct slice text;
    size_t at;
    size_t searched[QUOTATION_MARKS]; /* before it, from `at` on, no such mark closes */
};

struct quotation {
    struct slice inside;
    size_t begin, end; /* in the text, with the marks */
};

struct quotations quotations_of(struct slice text);
/* quotations_next(q, found): the next one in "…", `…`, or the typographic, German, French, Chinese
 * and Japanese marks; false at the end. A quotation in plain marks ends within its line, any within
 * 4,000 bytes; a mark without its partner is passed over. Single quotation marks are none: they
 * cannot be told from apostrophes. Linear. */
bool quotations_next(struct quotations *q, struct quotation *found);

#endif
