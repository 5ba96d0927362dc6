/* Logistic regression by stochastic gradient descent, one model a fold, all of them in one pass: a
 * row teaches all models but that of its own fold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "coordinator/blind_private.h"
#include "filters/words.h"

#define EPOCHS 12
#define STEP 2.0f /* of the first epoch; then it falls as 1 / (1 + epoch / 4) */
#define LANES 8   /* folds, rounded up to what a processor does at once */

_Static_assert(BLIND_FOLDS <= LANES, "a lane for each fold");

/* One feature's weight in each model. */
struct weights {
    float fold[LANES];
};

struct learner {
    const struct blind *b;
    size_t n_grams;
    struct weights *weights; /* grams, then cues */
    uint32_t *order;
    struct rng rng;
};

static int fold_of(const struct blind *b, const struct blind_row *row)
{
    return (int)(words_mix(row->family, b->seed) % BLIND_FOLDS);
}

static void score(const struct learner *l, const struct blind_row *row, float margin[LANES])
{
    const struct blind_entry *entries = l->b->entries + row->first;
    memset(margin, 0, LANES * sizeof *margin);
    for (size_t i = 0; i < row->n; i++) {
        float x = row->scale * blind_value(l->b, entries[i]);
        const float *w = l->weights[entries[i].gram].fold;
        for (int f = 0; f < LANES; f++)
            margin[f] += x * w[f];
    }
    for (size_t c = 0; c < CUE_COUNT; c++)
        for (int f = 0; f < LANES; f++)
            margin[f] += row->cues[c] * l->weights[l->n_grams + c].fold[f];
}

static void learn(struct learner *l, const struct blind_row *row, float step)
{
    const struct blind_entry *entries = l->b->entries + row->first;
    float margin[LANES], push[LANES] = {0};
    score(l, row, margin);
    for (int f = 0; f < BLIND_FOLDS; f++)
        push[f] = f == fold_of(l->b, row) ? 0 : step / (1 + expf(margin[f]));
    for (size_t i = 0; i < row->n; i++) {
        float x = row->scale * blind_value(l->b, entries[i]);
        float *w = l->weights[entries[i].gram].fold;
        for (int f = 0; f < LANES; f++)
            w[f] += x * push[f];
    }
    for (size_t c = 0; c < CUE_COUNT; c++)
        for (int f = 0; f < LANES; f++)
            l->weights[l->n_grams + c].fold[f] += row->cues[c] * push[f];
}

static void shuffle(struct learner *l)
{
    for (size_t i = l->b->n; i > 1; i--) {
        size_t j = rng_below(&l->rng, i);
        uint32_t kept = l->order[i - 1];
        l->order[i - 1] = l->order[j];
        l->order[j] = kept;
    }
}

static void learn_all(struct learner *l)
{
    for (size_t i = 0; i < l->b->n; i++)
        l->order[i] = (uint32_t)i;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        shuffle(l);
        for (size_t i = 0; i < l->b->n; i++)
            learn(l, &l->b->rows[l->order[i]], STEP / (1 + (float)epoch / 4));
    }
}

static void read_out(const struct learner *l, float *scores, float *weights)
{
    float margin[LANES];
    for (size_t i = 0; i < l->b->n; i++) {
        score(l, &l->b->rows[i], margin);
        scores[i] = margin[fold_of(l->b, &l->b->rows[i])];
    }
    for (size_t g = 0; g < l->n_grams; g++) {
        weights[g] = 0;
        for (int f = 0; f < BLIND_FOLDS; f++)
            weights[g] += l->weights[g].fold[f] / BLIND_FOLDS;
    }
}

bool blind_learn(const struct blind *b, size_t n_grams, float *scores, float *weights,
                 struct err *e)
{
    struct learner l = {.b = b, .n_grams = n_grams};
    l.weights = calloc(n_grams + CUE_COUNT, sizeof *l.weights);
    l.order = calloc(b->n, sizeof *l.order);
    bool ok = l.weights && l.order;
    if (ok) {
        rng_init(&l.rng, b->seed);
        learn_all(&l);
        read_out(&l, scores, weights);
    } else {
        err_set(e, ERR_NOMEM, "out of memory for the prompt-blind baseline");
    }
    free(l.weights);
    free(l.order);
    return ok;
}
