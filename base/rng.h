/* rng: deterministic random numbers (xoshiro256**, seeded through splitmix64; Blackman and Vigna).
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_init(struct rng *r, uint64_t seed);
uint64_t rng_u64(struct rng *r);
/* rng_below(r, n): uniform in [0, n), n > 0, without modulo bias. */
uint64_t rng_below(struct rng *r, uint64_t n);
/* rng_double(r): uniform in [0, 1). */
double rng_double(struct rng *r);
/* rng_normal(r): standard normal. */
double rng_normal(struct rng *r);

#endif
