/*
 * split_keys: which seeds must stand on the same side of a split: those with the same prompt, those
 * of the same group, and so on along the chain. The key of such a family is a hash that depends on
 * its content alone, not on the order of the rows. 24 bytes of memory per seed, 16 to 32 more while
 * they are joined.
 */
#ifndef STORE_SPLIT_KEYS_H
#define STORE_SPLIT_KEYS_H

#include "base/err.h"
#include "base/slice.h"

struct split_keys;

/* split_keys_new(e): empty; NULL without memory. */
struct split_keys *split_keys_new(struct err *e);
/* split_keys_add(k, seed, prompt_hash, group, e): seeds come in ascending order of their rows,
 * before split_keys_join; `group` may be empty and is not kept. */
bool split_keys_add(struct split_keys *k, int64_t seed, uint64_t prompt_hash, struct slice group,
                    struct err *e);
/* split_keys_join(k, e): unites families. Once, after the last seed. */
bool split_keys_join(struct split_keys *k, struct err *e);
/* split_keys_get(k, seed, key): false when there is no such seed. */
bool split_keys_get(const struct split_keys *k, int64_t seed, uint64_t *key);
/* split_keys_free(k): NULL is fine. */
void split_keys_free(struct split_keys *k);

#endif
