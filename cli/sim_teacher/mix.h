/* mix: fast 64-bit hashes, for lookups and for choices that depend on nothing but what was asked.
 * Not for identities: those are base/hash. The same on every machine. */
#ifndef SIM_TEACHER_MIX_H
#define SIM_TEACHER_MIX_H

#include "base/slice.h"

uint64_t mix_bytes(struct slice s);
/* mix_two(a, b): depends on both and on their order. */
uint64_t mix_two(uint64_t a, uint64_t b);
/* mix_share(h): h as a fraction in [0, 1). */
double mix_share(uint64_t h);

#endif
