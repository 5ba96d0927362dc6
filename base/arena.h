/* arena: memory that is given back all at once, with a maximum. One per call, message or line. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_block;
struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes handed out */
    size_t max;
    bool nomem; /* something was refused for want of memory, not at the maximum */
};

/* arena_init(a, max): empty, at most max bytes handed out. */
void arena_init(struct arena *a, size_t max);
/* arena_free(a): everything at once. The arena is empty and usable again. */
void arena_free(struct arena *a);
/* arena_reset(a): as arena_free, but one block is kept for reuse. */
void arena_reset(struct arena *a);
/* arena_alloc(a, n): zeroed and aligned for any type; NULL past the maximum or without memory. */
void *arena_alloc(struct arena *a, size_t n);
/* arena_dup(a, s): a copy followed by NUL; p is NULL on failure, also for n = 0. */
struct slice arena_dup(struct arena *a, struct slice s);
/* arena_str(a, s): the copy as a C string; NULL on failure. */
char *arena_str(struct arena *a, struct slice s);

#endif
