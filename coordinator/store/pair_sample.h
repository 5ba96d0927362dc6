/*
 * pair_sample: some pairs of every source, drawn by the hash of their content, for a look at what
 * their answers are like. The work is bounded however large the store: PAIR_SAMPLE_VISITED pairs
 * are looked at, PAIR_SAMPLE_TAKEN kept, at most PAIR_SAMPLE_OF_SOURCE of one source. Which they
 * are follows from the content alone, not from the order in which it was imported. Nothing here
 * writes; a run may go on meanwhile.
 */
#ifndef STORE_PAIR_SAMPLE_H
#define STORE_PAIR_SAMPLE_H

#include "coordinator/store/store.h"

#define PAIR_SAMPLE_VISITED 100000
#define PAIR_SAMPLE_TAKEN 20000
#define PAIR_SAMPLE_OF_SOURCE 5000
#define PAIR_SAMPLE_SOURCES 32 /* of those met; the pairs of further ones are passed over */
#define PAIR_SAMPLE_NAME 1000  /* bytes of a source's name that are kept */
#define PAIR_SAMPLE_BYTES (128ull << 20) /* of text that is read, an equal part of each source */

/* Where pairs come from, as their seeds say; those that do not: the importer that read them. */
struct pair_sample_source {
    struct slice name; /* the user's data */
    bool is_importer;
    int64_t met;   /* pairs looked at */
    int64_t taken; /* in the sample */
};

struct pair_sample_pair {
    uint64_t family; /* equal for pairs of the same prompt or group, or joined by such a chain */
    struct slice prompt, chosen, rejected; /* contents of their messages, a line apart */
};

struct pair_sample;

/* pair_sample_draw(s, e): NULL on failure. The store must outlive the sample. */
struct pair_sample *pair_sample_draw(struct store *s, struct err *e);
void pair_sample_free(struct pair_sample *p);
/* pair_sample_sources(p, n): by name. */
const struct pair_sample_source *pair_sample_sources(const struct pair_sample *p, size_t *n);
/* pair_sample_visited(p): pairs looked at; pair_sample_whole(p): that is all there are. */
int64_t pair_sample_visited(const struct pair_sample *p);
bool pair_sample_whole(const struct pair_sample *p);
/* pair_sample_passed_over(p): pairs of sources beyond PAIR_SAMPLE_SOURCES, of those looked at. */
int64_t pair_sample_passed_over(const struct pair_sample *p);

enum pair_sample_go { PAIR_SAMPLE_ON, PAIR_SAMPLE_ENOUGH, PAIR_SAMPLE_FAILED };
/* pair_sample_read(p, source, fn, context, e): the pairs of one source, by index, in the order of
 * their hashes, until fn has enough or fails, or the source's part of PAIR_SAMPLE_BYTES was read
 * (the last pair may go beyond). Texts are valid until fn returns. False on failure, fn's too. */
bool pair_sample_read(struct pair_sample *p, size_t source,
                      enum pair_sample_go (*fn)(void *context, const struct pair_sample_pair *pair,
                                                struct err *e),
                      void *context, struct err *e);

#endif
