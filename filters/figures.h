/* figures: the numbers of a text, as values: 1,234.50 and 1234.5 are one. */
#ifndef FILTERS_FIGURES_H
#define FILTERS_FIGURES_H

#include "base/slice.h"

struct figures {
    struct slice text;
    size_t at;
};

/* A number as it is compared: a hash of its digits, without what does not change its value. */
struct figure {
    uint64_t value;
    size_t begin, end; /* in the text */
};

struct figures figures_of(struct slice text);
/* figures_next(f, found): digits with marks of thousands and a fraction; a sign is not looked at.
 * Digits within a word ("x2") are none. */
bool figures_next(struct figures *f, struct figure *found);

#define FIGURES_MOST 512

/* The different figures of a text; those beyond the most are not in it. */
struct figure_set {
    uint64_t values[FIGURES_MOST * 2]; /* 0: free */
    size_t n;
};

/* figure_set_add(set, text): all figures of the text. */
void figure_set_add(struct figure_set *set, struct slice text);
bool figure_set_has(const struct figure_set *set, uint64_t value);

#endif
