/* blind_private: what the files of blind.h share. */
#ifndef COORDINATOR_BLIND_PRIVATE_H
#define COORDINATOR_BLIND_PRIVATE_H

#include "coordinator/blind.h"
#include "coordinator/grams.h"

#define BLIND_COUNT_MAX 63u /* a gram that stands more often in a text counts so often */

/* How often a gram stands in both answers; only where that differs. */
struct blind_entry {
    uint32_t gram : 20;
    uint32_t chosen : 6;
    uint32_t rejected : 6;
};

struct blind_row {
    uint64_t family;
    size_t first, n;       /* its entries */
    float cues[CUE_COUNT]; /* log (1 + count), chosen - rejected; scaled for learning */
    float overlap[2];      /* chosen, rejected */
    float scale;           /* brings the entries to length 1 */
};

struct blind {
    uint64_t seed;
    struct grams *grams;
    float logs[BLIND_COUNT_MAX + 1]; /* log (1 + n) */
    struct blind_row *rows;
    size_t n, room;
    struct blind_entry *entries;
    size_t n_entries, entries_room;
    uint8_t (*counts)[2]; /* of chosen and rejected, by gram; all zero between pairs */
    uint32_t *touched;    /* grams of the two texts being read */
    uint32_t *ids;        /* of one text */
    uint64_t *contents[3];
};

/* blind_value(b, entry): the feature of the model, before scaling. */
float blind_value(const struct blind *b, struct blind_entry entry);

/* blind_learn(b, n_grams, order, scores, weights, e): the entries' grams are below n_grams, rows
 * are scaled. scores[i]: of row i by the model that has not seen its prompt; above 0: chosen.
 * weights[g]: of each gram, mean of the models. */
bool blind_learn(const struct blind *b, size_t n_grams, float *scores, float *weights,
                 struct err *e);

#endif
