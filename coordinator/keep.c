#include "coordinator/keep.h"

static uint64_t random_rank(const struct project *p, const struct id *pair, enum lane lane, int k)
{
    struct hash h;
    hash_init(&h, "keep");
    hash_field(&h, (struct slice){(const char *)pair->b, ID_BYTES});
    hash_u64(&h, (uint64_t)lane);
    hash_u64(&h, (uint64_t)k);
    struct id id = hash_id(&h);
    return id_u64(&id, (uint64_t)p->rng_seed);
}

uint64_t keep_rank(const struct project *p, const struct id *pair, enum lane lane, int k,
                   uint64_t bytes)
{
    switch (p->accept.keep) {
    case KEEP_FIRST:
        return (uint64_t)k;
    case KEEP_SHORTEST:
        return bytes;
    case KEEP_LONGEST:
        return UINT64_MAX - bytes;
    default:
        return random_rank(p, pair, lane, k);
    }
}
