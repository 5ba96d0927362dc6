/* map: 64-bit hash to 64-bit value, open addressing, 16 bytes a slot, with a maximum. */
#ifndef SIM_TEACHER_MAP_H
#define SIM_TEACHER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
    uint64_t key; /* 0: free; the key 0 itself is kept as 1 */
    uint64_t value;
};

struct map {
    struct map_slot *slots;
    size_t n;
    size_t cap; /* a power of two, or 0 */
    size_t max; /* entries */
};

void map_init(struct map *m, size_t max);
void map_free(struct map *m);
/* map_get(m, key): the value, 0 when the key is not there. */
uint64_t map_get(const struct map *m, uint64_t key);
/* map_at(m, key): the place of its value, added as 0 when it is not there; valid until the next
 * map_at. NULL at the maximum or without memory. */
uint64_t *map_at(struct map *m, uint64_t key);

#endif
