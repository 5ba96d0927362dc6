/* feed: loads open pairs from the store into the engine, in the order of their rows, as it has
 * room. */
#ifndef COORDINATOR_FEED_H
#define COORDINATOR_FEED_H

#include "coordinator/engine.h"
#include "coordinator/store/ledger.h"

struct feed {
    struct store *store;
    struct engine *engine;
    const struct seats *seats;
    const int64_t *recipes; /* rows of the seats' recipes */
    uint64_t cursor;        /* the last row looked at */
    uint64_t shard,
        shards;  /* this coordinator's part: pairs whose hash is `shard` modulo `shards` */
    bool at_end; /* no open pair behind the cursor when it was last looked */
};

/* feed_init(...): seats and recipes must outlive the feed. */
void feed_init(struct feed *f, struct store *s, struct engine *e, const struct seats *seats,
               const int64_t *recipes, uint64_t shard, uint64_t shards);
/* feed_turn(f, e): loads as many pairs as the engine wants; what is staged must be committed
 * before. */
bool feed_turn(struct feed *f, struct err *e);
/* feed_pair(f, row, id, e): puts this one pair under way out of turn, if it is open: for a call
 * that a worker holds from before a restart. */
bool feed_pair(struct feed *f, uint64_t row, const struct id *id, struct err *e);
/* feed_remember(f, quotas, e): tells the engine how the pairs decided last went, so that early
 * stopping begins with what earlier runs have seen; and what they accepted and how their
 * reflections went. `quotas`: the project has some, so that accepted pairs must be told by kind. */
bool feed_remember(struct feed *f, bool quotas, struct err *e);

#endif
