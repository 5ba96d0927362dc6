/*
 * card: the README.md of a release: for people, and in its YAML head for load_dataset().
 */
#ifndef EXPORTS_CARD_H
#define EXPORTS_CARD_H

#include "coordinator/exports/manifest.h"

#define CARD_BYTES_MAX ((size_t)16 << 20)

struct card {
    const struct manifest *manifest;
    const char *teacher; /* model name */
    int64_t eval_rows;   /* rows made from evaluation sets */
};

/* card_write(c, out): whatever names and texts hold, the head stays YAML and the rest stays prose.
 */
void card_write(const struct card *c, struct buf *out);

#endif
