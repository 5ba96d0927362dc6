/* feed: loads open pairs, and seeds whose pairs are to be built, from the store into the engine, in
 * the order of their rows, as it has room. */
#ifndef COORDINATOR_FEED_H
#define COORDINATOR_FEED_H

#include "coordinator/engine.h"
#include "coordinator/store/ledger.h"
#include "coordinator/store/samples.h"

/* Where seeds are built: what the feed must know for it. */
struct feed_building {
    const struct project *project;
    struct id rules; /* that samples are checked under */
    int64_t recipe;  /* row of the generator's */
    /* admit(context, seed): whether it can be built at all; false: its end is staged. */
    bool (*admit)(void *context, const struct builder_seed *seed);
    /* recheck(context, seed, x, baseline): what a stored sample is worth that was not checked under
     * these rules; UNCHECKED: engine_checked tells it later. `baseline`: the usable answer to an
     * open prompt; empty: there is none. */
    enum sample_mark (*recheck)(void *context, const struct builder_seed *seed,
                                const struct samples_sample *x, struct slice baseline);
    void *context;
};

struct feed {
    struct store *store;
    struct engine *engine;
    const struct seats *seats;
    const int64_t *recipes; /* rows of the seats' recipes */
    uint64_t cursor;        /* the last row looked at */
    uint64_t shard,
        shards;  /* this coordinator's part: pairs whose hash is `shard` modulo `shards` */
    bool at_end; /* no open pair behind the cursor when it was last looked */
    struct feed_building building; /* no project: no seed is built */
    uint64_t seed_cursor;
    bool seeds_at_end;
    struct arena arena; /* of the samples of one seed */
};

/* feed_init(...): seats and recipes must outlive the feed. */
void feed_init(struct feed *f, struct store *s, struct engine *e, const struct seats *seats,
               const int64_t *recipes, uint64_t shard, uint64_t shards);
/* feed_build(f, building): seeds are built, too. */
void feed_build(struct feed *f, const struct feed_building *building);
void feed_free(struct feed *f);
/* feed_is_done(f): nothing was left to load when it was last looked; feed_look_again(f): there may
 * be again. */
bool feed_is_done(const struct feed *f);
void feed_look_again(struct feed *f);
/* feed_turn(f, e): loads as many pairs as the engine wants; what is staged must be committed
 * before. */
bool feed_turn(struct feed *f, struct err *e);
/* feed_pair(f, row, id, e): puts this one pair under way out of turn, if it is open: for a call
 * that a worker holds from before a restart. */
bool feed_pair(struct feed *f, uint64_t row, const struct id *id, struct err *e);
/* feed_seed(f, row, id, e): likewise a seed; row is without CALL_SEED. */
bool feed_seed(struct feed *f, uint64_t row, const struct id *id, struct err *e);
/* feed_remember(f, quotas, e): tells the engine how the pairs decided last went, so that early
 * stopping begins with what earlier runs have seen; and what they accepted and how their
 * reflections went. `quotas`: the project has some, so that accepted pairs must be told by kind. */
bool feed_remember(struct feed *f, bool quotas, struct err *e);

#endif
