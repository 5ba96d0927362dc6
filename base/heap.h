/* heap: binary min-heap of deadlines whose items know their place, so that cancelling is O(log n).
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_NOWHERE SIZE_MAX

/* Embed in the item. `place` is kept by the heap; HEAP_NOWHERE while the item is in no heap. */
struct heap_node {
    int64_t key;
    uint64_t tie; /* smaller first among equal keys: keeps the order deterministic */
    size_t place;
};

struct heap {
    struct heap_node **nodes;
    size_t n;
    size_t cap;
};

void heap_init(struct heap *h);
void heap_free(struct heap *h);
/* heap_node_init(node): marks it as being in no heap. Required before the first heap_put. */
void heap_node_init(struct heap_node *node);
/* heap_reserve(h, n): room for n nodes in all, so that heap_put cannot fail. False: out of memory. */
bool heap_reserve(struct heap *h, size_t n);
/* heap_put(h, node, key, tie): insert, or move when it is in h already. False: out of memory. */
bool heap_put(struct heap *h, struct heap_node *node, int64_t key, uint64_t tie);
/* heap_remove(h, node): does nothing when the node is in no heap. */
void heap_remove(struct heap *h, struct heap_node *node);
/* heap_top(h): the smallest, NULL when empty. */
struct heap_node *heap_top(const struct heap *h);

#endif
