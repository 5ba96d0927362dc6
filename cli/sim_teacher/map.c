#include "cli/sim_teacher/map.h"

#include <stdlib.h>

#define FIRST_CAPACITY 1024

void map_init(struct map *m, size_t max)
{
    *m = (struct map){.max = max};
}

void map_free(struct map *m)
{
    free(m->slots);
    map_init(m, m->max);
}

static uint64_t stored(uint64_t key)
{
    return key ? key : 1;
}

/* find(slots, cap, key): the key's slot, or the free one where it belongs. Keys are hashes already.
 */
static struct map_slot *find(struct map_slot *slots, size_t cap, uint64_t key)
{
    size_t i = (size_t)(key ^ (key >> 32)) & (cap - 1);
    while (slots[i].key && slots[i].key != key)
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

uint64_t map_get(const struct map *m, uint64_t key)
{
    return m->cap ? find(m->slots, m->cap, stored(key))->value : 0;
}

static bool grow(struct map *m)
{
    size_t cap = m->cap ? m->cap * 2 : FIRST_CAPACITY;
    struct map_slot *slots = calloc(cap, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].key)
            *find(slots, cap, m->slots[i].key) = m->slots[i];
    free(m->slots);
    m->slots = slots;
    m->cap = cap;
    return true;
}

uint64_t *map_at(struct map *m, uint64_t key)
{
    key = stored(key);
    struct map_slot *slot = m->cap ? find(m->slots, m->cap, key) : NULL;
    if (slot && slot->key)
        return &slot->value;
    if (m->n == m->max)
        return NULL;
    if (m->n >= m->cap / 4 * 3) {
        if (!grow(m))
            return NULL;
        slot = find(m->slots, m->cap, key);
    }
    m->n++;
    slot->key = key;
    return &slot->value;
}
