#include "cli/sim_teacher/mix.h"

#include <endian.h>
#include <string.h>

/* The finisher of splitmix64. */
static uint64_t stir(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Eight bytes a step: every request's text goes through here. */
uint64_t mix_bytes(struct slice s)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ s.n;
    while (s.n) {
        uint64_t word = 0;
        size_t n = s.n < sizeof word ? s.n : sizeof word;
        memcpy(&word, s.p, n);
        h = (h ^ le64toh(word)) * 0x9FB21C651E98DF25u;
        h ^= h >> 32;
        s.p += n;
        s.n -= n;
    }
    return stir(h);
}

uint64_t mix_two(uint64_t a, uint64_t b)
{
    return stir(stir(a + 0x9E3779B97F4A7C15u) ^ (b * 0xD6E8FEB86659FD93u + 0x632BE59BD9B4E019u));
}

double mix_share(uint64_t h)
{
    return (double)(h >> 11) * 0x1p-53;
}
