#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Small calls stay small (there may be 16,384 arenas), large ones grow by doubling. */
#define SMALLEST_BLOCK 1024
#define LARGEST_STEP (64 * 1024)

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    max_align_t bytes[];
};

void arena_init(struct arena *a, size_t max)
{
    assert(max < SIZE_MAX / 2);
    *a = (struct arena){.max = max};
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_free(struct arena *a)
{
    free_blocks(a->blocks);
    arena_init(a, a->max);
}

void arena_reset(struct arena *a)
{
    a->used = 0;
    a->nomem = false;
    if (!a->blocks)
        return;
    free_blocks(a->blocks->next);
    a->blocks->next = NULL;
    a->blocks->used = 0;
}

static struct arena_block *add_block(struct arena *a, size_t need)
{
    size_t size = a->used < SMALLEST_BLOCK ? SMALLEST_BLOCK : a->used;
    if (size > LARGEST_STEP)
        size = LARGEST_STEP;
    if (size < need)
        size = need;
    struct arena_block *block = malloc(sizeof(*block) + size);
    if (!block) {
        a->nomem = true;
        return NULL;
    }
    *block = (struct arena_block){.next = a->blocks, .size = size};
    a->blocks = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > a->max - a->used)
        return NULL;
    size_t unit = _Alignof(max_align_t);
    size_t rounded = (n / unit + (n % unit != 0 || n == 0)) * unit;
    struct arena_block *block = a->blocks;
    if (!block || rounded > block->size - block->used)
        block = add_block(a, rounded);
    if (!block)
        return NULL;
    char *p = (char *)block->bytes + block->used;
    block->used += rounded;
    a->used += n;
    return memset(p, 0, n);
}

struct slice arena_dup(struct arena *a, struct slice s)
{
    char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;
    if (!p)
        return (struct slice){NULL, 0};
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return (struct slice){p, s.n};
}

char *arena_str(struct arena *a, struct slice s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (p && s.n > 0)
        memcpy(p, s.p, s.n);
    return p;
}
