#include "base/heap.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_CAPACITY 64

void heap_init(struct heap *h)
{
    *h = (struct heap){0};
}

void heap_free(struct heap *h)
{
    for (size_t i = 0; i < h->n; i++)
        h->nodes[i]->place = HEAP_NOWHERE;
    free(h->nodes);
    heap_init(h);
}

void heap_node_init(struct heap_node *node)
{
    *node = (struct heap_node){.place = HEAP_NOWHERE};
}

static bool before(const struct heap_node *a, const struct heap_node *b)
{
    return a->key != b->key ? a->key < b->key : a->tie < b->tie;
}

static void set(struct heap *h, size_t place, struct heap_node *node)
{
    h->nodes[place] = node;
    node->place = place;
}

static void sift_up(struct heap *h, struct heap_node *node)
{
    size_t place = node->place;
    while (place > 0 && before(node, h->nodes[(place - 1) / 2])) {
        set(h, place, h->nodes[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    set(h, place, node);
}

static void sift_down(struct heap *h, struct heap_node *node)
{
    size_t place = node->place;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= h->n)
            break;
        if (child + 1 < h->n && before(h->nodes[child + 1], h->nodes[child]))
            child++;
        if (!before(h->nodes[child], node))
            break;
        set(h, place, h->nodes[child]);
        place = child;
    }
    set(h, place, node);
}

static void settle(struct heap *h, struct heap_node *node)
{
    sift_up(h, node);
    sift_down(h, node);
}

static bool grow(struct heap *h)
{
    size_t cap = h->cap ? h->cap * 2 : FIRST_CAPACITY;
    struct heap_node **nodes = reallocarray(h->nodes, cap, sizeof(*nodes));
    if (!nodes)
        return false;
    h->nodes = nodes;
    h->cap = cap;
    return true;
}

bool heap_reserve(struct heap *h, size_t n)
{
    while (h->cap < n)
        if (!grow(h))
            return false;
    return true;
}

bool heap_put(struct heap *h, struct heap_node *node, int64_t key, uint64_t tie)
{
    if (node->place == HEAP_NOWHERE) {
        if (h->n == h->cap && !grow(h))
            return false;
        set(h, h->n++, node);
    }
    assert(node->place < h->n && h->nodes[node->place] == node);
    node->key = key;
    node->tie = tie;
    settle(h, node);
    return true;
}

void heap_remove(struct heap *h, struct heap_node *node)
{
    if (node->place == HEAP_NOWHERE)
        return;
    assert(node->place < h->n && h->nodes[node->place] == node);
    struct heap_node *last = h->nodes[--h->n];
    if (last != node) {
        set(h, node->place, last);
        settle(h, last);
    }
    node->place = HEAP_NOWHERE;
}

struct heap_node *heap_top(const struct heap *h)
{
    return h->n > 0 ? h->nodes[0] : NULL;
}
