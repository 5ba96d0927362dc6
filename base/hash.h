/*
 * hash: SHA-256 (libsodium) for identities and checksums. Fields are added with their length before
 * them, so that ("ab","c") and ("a","bc") differ.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <sodium/crypto_hash_sha256.h>

#include "base/slice.h"

#define ID_BYTES 16
#define ID_HEX 33     /* with NUL */
#define SHA256_HEX 65 /* with NUL */

/* A content hash, cut to 128 bits: the same content has the same id in every store. */
struct id {
    uint8_t b[ID_BYTES];
};

struct hash {
    crypto_hash_sha256_state state;
};

/* hash_init(h, domain): `domain` separates hashes of different meaning ("pair", "call" ...). */
void hash_init(struct hash *h, const char *domain);
void hash_field(struct hash *h, struct slice s);
void hash_u64(struct hash *h, uint64_t v);
/* hash_raw(h, s): bytes without their length: for the checksum of a file. */
void hash_raw(struct hash *h, struct slice s);
/* hash_plain(h): a plain SHA-256 without domain, for checksums that other tools recompute. */
void hash_plain(struct hash *h);
struct id hash_id(struct hash *h);
void hash_hex(struct hash *h, char hex[SHA256_HEX]);

/* id_hex(id, out): 32 lower-case hex digits and NUL. */
void id_hex(const struct id *id, char out[ID_HEX]);
/* id_parse(s, id): false unless s is exactly 32 hex digits. */
bool id_parse(struct slice s, struct id *id);
bool id_eq(const struct id *a, const struct id *b);
/* id_u64(id, salt): 64 uniform bits that depend on both; for hash-based choices. */
uint64_t id_u64(const struct id *id, uint64_t salt);
/* id_share(id, salt): the same as a fraction in [0, 1). */
double id_share(const struct id *id, uint64_t salt);

#endif
