/*
 * sides: remembers on which side of a split each name was seen, to find names on two. Names are
 * kept as 64-bit hashes, 9 to 27 bytes each.
 */
#ifndef EXPORTS_SIDES_H
#define EXPORTS_SIDES_H

#include "base/err.h"
#include "base/slice.h"

#define SIDES_MAX ((size_t)1 << 30)

struct sides {
    uint64_t *keys; /* 0: empty */
    uint8_t *side;
    size_t n, cap; /* cap is a power of two */
};

/* sides_init(s): nothing seen. */
void sides_init(struct sides *s);
/* sides_see(s, kind, name, side, first, e): *first is the side on which the name, of this kind, was
 * seen first; `side` when it is new. */
bool sides_see(struct sides *s, const char *kind, struct slice name, uint8_t side, uint8_t *first,
               struct err *e);
void sides_free(struct sides *s);

#endif
