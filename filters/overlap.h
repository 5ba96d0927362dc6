/* overlap: how many of their words two texts share. */
#ifndef FILTERS_OVERLAP_H
#define FILTERS_OVERLAP_H

#include "base/arena.h"

#define OVERLAP_MOST_WORDS 20000 /* of each text; what follows is not looked at */

/* overlap_words(a, b, arena): the share of the different words of both that stand in both
 * (Jaccard's index), 0 to 1; 0 when one has none. -1: no memory. */
double overlap_words(struct slice a, struct slice b, struct arena *arena);

#endif
