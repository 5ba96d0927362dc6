#include "schemas/call.h"

bool call_key_eq(struct call_key a, struct call_key b)
{
    return a.row == b.row && call_key_pack(a) == call_key_pack(b);
}

uint32_t call_key_pack(struct call_key key)
{
    return (uint32_t)key.seat << 24 | (uint32_t)key.lane << 16 | (uint32_t)key.k << 8 | key.step;
}

struct id call_id(const struct id *subject, const struct id *recipe, struct call_key key)
{
    struct hash h;
    hash_init(&h, "call");
    hash_field(&h, (struct slice){(const char *)subject->b, ID_BYTES});
    hash_field(&h, (struct slice){(const char *)recipe->b, ID_BYTES});
    key.seat = 0; /* the recipe says who */
    hash_u64(&h, call_key_pack(key));
    return hash_id(&h);
}

uint32_t call_seed(const struct id *call, uint64_t rng_seed)
{
    return (uint32_t)(id_u64(call, rng_seed) >> 33);
}
