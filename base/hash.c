#include "base/hash.h"

#include <endian.h>
#include <string.h>

static void add_bytes(struct hash *h, const void *bytes, size_t n)
{
    if (n > 0)
        crypto_hash_sha256_update(&h->state, bytes, n);
}

/* Big-endian whatever the machine: ids must be the same in every store. */
static void add_u64(struct hash *h, uint64_t v)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(v >> (56 - 8 * i));
    add_bytes(h, bytes, sizeof(bytes));
}

static void write_hex(const uint8_t *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

void hash_plain(struct hash *h)
{
    crypto_hash_sha256_init(&h->state);
}

void hash_init(struct hash *h, const char *domain)
{
    hash_plain(h);
    hash_field(h, slice_of(domain));
}

void hash_field(struct hash *h, struct slice s)
{
    add_u64(h, s.n);
    add_bytes(h, s.p, s.n);
}

void hash_u64(struct hash *h, uint64_t v)
{
    add_u64(h, v);
}

void hash_raw(struct hash *h, struct slice s)
{
    add_bytes(h, s.p, s.n);
}

struct id hash_id(struct hash *h)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&h->state, digest);
    struct id id;
    memcpy(id.b, digest, sizeof(id.b));
    return id;
}

void hash_hex(struct hash *h, char hex[SHA256_HEX])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&h->state, digest);
    write_hex(digest, sizeof(digest), hex);
}

void id_hex(const struct id *id, char out[ID_HEX])
{
    write_hex(id->b, ID_BYTES, out);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool id_parse(struct slice s, struct id *id)
{
    if (s.n != (size_t)ID_HEX - 1)
        return false;
    struct id parsed;
    for (size_t i = 0; i < ID_BYTES; i++) {
        int high = hex_digit(s.p[2 * i]);
        int low = hex_digit(s.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        parsed.b[i] = (uint8_t)(high * 16 + low);
    }
    *id = parsed;
    return true;
}

bool id_eq(const struct id *a, const struct id *b)
{
    return memcmp(a->b, b->b, ID_BYTES) == 0;
}

/* An id is uniform already; two rounds of splitmix64's finaliser (Stafford's Mix13) make the choice
 * independent of the others that are made with it. */
static uint64_t mix(uint64_t v)
{
    v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
    v = (v ^ v >> 27) * 0x94d049bb133111ebu;
    return v ^ v >> 31;
}

uint64_t id_u64(const struct id *id, uint64_t salt)
{
    uint64_t half[2];
    memcpy(half, id->b, ID_BYTES);
    return mix(le64toh(half[0]) ^ mix(le64toh(half[1]) + mix(salt + 0x9e3779b97f4a7c15u)));
}

double id_share(const struct id *id, uint64_t salt)
{
    return (double)(id_u64(id, salt) >> 11) * 0x1p-53;
}
