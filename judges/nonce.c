#include "judges/nonce.h"

static bool occurs(struct slice nonce, const struct slice *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_find(texts[i], nonce) != SIZE_MAX)
            return true;
    return false;
}

void nonce_make(const struct id *subject, const struct id *recipe, const struct slice *texts,
                size_t n, char out[NONCE_BYTES + 1])
{
    /* No vowels: no word comes about by chance. */
    static const char letters[] = "bcdfghjkmnpqrstvwxyz0123456789BD";
    for (uint64_t turn = 0;; turn++) {
        struct hash h;
        hash_init(&h, "nonce");
        hash_field(&h, (struct slice){(const char *)subject->b, ID_BYTES});
        hash_field(&h, (struct slice){(const char *)recipe->b, ID_BYTES});
        hash_u64(&h, turn);
        struct id id = hash_id(&h);
        out[0] = '_';
        for (size_t i = 1; i < NONCE_BYTES; i++)
            out[i] = letters[id.b[i] % (sizeof letters - 1)];
        out[NONCE_BYTES] = '\0';
        if (!occurs((struct slice){out, NONCE_BYTES}, texts, n))
            return;
    }
}

/* From the first hit on byte by byte, and each nonce taken off as it is complete: what a removal
 * brings together is seen, too. */
void nonce_strip(struct buf *out, struct slice text, struct slice nonce)
{
    size_t start = out->n;
    buf_slice(out, text);
    size_t hit = out->failed || nonce.n == 0 ? SIZE_MAX
                                             : slice_find(slice_from(buf_view(out), start), nonce);
    if (hit == SIZE_MAX)
        return;
    size_t to = start + hit;
    for (size_t from = to; from < out->n; from++) {
        out->p[to++] = out->p[from];
        if (slice_ends((struct slice){out->p + start, to - start}, nonce))
            to -= nonce.n;
    }
    out->n = to;
    out->p[to] = '\0';
}
