/* look_build: what those who look read of seeds whose pairs are built: as look.h. */
#ifndef STORE_LOOK_BUILD_H
#define STORE_LOOK_BUILD_H

#include "coordinator/store/look.h"
#include "filters/answers/answer.h"

/* A seed that is to be built, or was. */
struct look_seed {
    uint64_t row;
    struct id id;
    enum build state;
    enum build_reason reason;
    int64_t line, pairs;
    struct slice name, file, importer, source, answer, answer_kind, detail;
    struct slice prompt; /* JSON list of messages */
};
/* look_find_seeds(s, text, rows, max, n, e): seeds whose id is `text` or begins with it (6 hex
 * digits or more), or which the user calls so. */
bool look_find_seeds(struct store *s, struct slice text, uint64_t *rows, size_t max, size_t *n,
                     struct err *e);
/* look_seed(s, row, seed, arena, e): texts are copied to the arena. */
bool look_seed(struct store *s, uint64_t row, struct look_seed *seed, struct arena *arena,
               struct err *e);
/* look_seed_of(s, pair, row, e): the row of the pair's seed. */
bool look_seed_of(struct store *s, uint64_t pair, uint64_t *row, struct err *e);

/* One answer that was sampled for a seed. */
struct look_sample {
    int64_t row;
    enum lane lane;
    int k;
    enum sample_mark mark;
    enum answer_verdict strict, lenient;
    enum finish finish;
    double prompt_overlap, answer_overlap; /* -1: not measured */
    uint64_t chosen, rejected;             /* pairs in which it stands so */
    int64_t prompt_tokens, completion_tokens, latency_ms;
    struct slice model, final, why, thought, answer;
};
/* look_samples(s, row, fn, context, e): of one seed, in the order they were asked for. */
bool look_samples(struct store *s, uint64_t row,
                  bool (*fn)(void *context, const struct look_sample *sample), void *context,
                  struct err *e);

/* look_known_share(s, share, e): of the seeds that are to be built, those whose answer is known. */
bool look_known_share(struct store *s, double *share, struct err *e);

#endif
