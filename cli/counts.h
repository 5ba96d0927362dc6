/* counts: all counters of a store at one moment. */
#ifndef CLI_COUNTS_H
#define CLI_COUNTS_H

#include "coordinator/store/store.h"

#define COUNTS_MAX 8192 /* some dozens, and about twenty of each recipe */

struct counts {
    struct counts_item {
        const char *name;
        int64_t value;
    } items[COUNTS_MAX]; /* sorted by name; counters that are 0 are left out */
    size_t n;
};

/* counts_read(c, store, arena, e): names live in the arena. store NULL: there is none yet, all
 * counters are 0. */
bool counts_read(struct counts *c, struct store *s, struct arena *arena, struct err *e);
/* counts_of(c, name): 0 when there is none. counts_of2: of the counter "prefix" + "name". */
int64_t counts_of(const struct counts *c, const char *name);
int64_t counts_of2(const struct counts *c, const char *prefix, const char *name);
/* counts_next(c, prefix, at): the next item from index *at on whose name begins so, NULL: no more;
 * *at moves on. The rest of its name is *rest. */
const struct counts_item *counts_next(const struct counts *c, const char *prefix, size_t *at,
                                      const char **rest);

#endif
