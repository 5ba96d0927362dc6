#include "coordinator/feed.h"

enum { CHUNK = 256, REMEMBERED = 2000 };

void feed_init(struct feed *f, struct store *s, struct engine *e, int64_t recipe, uint64_t shard,
               uint64_t shards)
{
    *f = (struct feed){
        .store = s, .engine = e, .recipe = recipe, .shard = shard, .shards = shards ? shards : 1};
}

static bool is_ours(const struct feed *f, const struct id *id)
{
    return f->shards == 1 || id_u64(id, 0x7368617264ull) % f->shards == f->shard;
}

/* The stored rollouts of a pair under the present recipe. */
struct known {
    struct ledger_rollout rollouts[PLANNER_LANES * CALL_MAX_K];
    size_t n;
};

static bool read_known(struct feed *f, uint64_t row, struct known *k, struct err *e)
{
    size_t max = sizeof k->rollouts / sizeof k->rollouts[0];
    return ledger_rollouts(f->store, row, f->recipe, k->rollouts, max, &k->n, e);
}

static void recall(struct feed *f, struct subject *s, const struct known *k)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct ledger_rollout *r = &k->rollouts[i];
        if (r->lane < PLANNER_LANES && r->k < CALL_MAX_K)
            engine_recall(f->engine, s, r->lane, r->k,
                          r->outcome == OUTCOME_CORRECT && !r->filtered);
    }
}

/* Read first: a pair that is under way must get its calls or its decision, or the run never ends.
 */
static bool begin(struct feed *f, const struct ledger_pair *p, struct err *e)
{
    struct known known;
    if (!read_known(f, p->row, &known, e))
        return false;
    struct subject *s = engine_begin(f->engine, &p->id, p->row);
    if (!s)
        return err_set(e, ERR_NOMEM, "out of memory");
    recall(f, s, &known);
    engine_admit(f->engine, s);
    return true;
}

/* Without workers nothing is wanted; that there is nothing left to do must be seen all the same. */
static bool look_ahead(struct feed *f, struct err *e)
{
    struct ledger_pair pair;
    size_t n;
    if (f->at_end || !engine_is_idle(f->engine))
        return true;
    if (!ledger_open_pairs(f->store, f->cursor, &pair, 1, &n, e))
        return false;
    f->at_end = n == 0;
    return true;
}

bool feed_turn(struct feed *f, struct err *e)
{
    struct ledger_pair pairs[CHUNK];
    uint64_t wants = engine_wants(f->engine);
    if (!wants)
        return look_ahead(f, e);
    size_t n, max = wants < CHUNK ? (size_t)wants : CHUNK;
    if (!ledger_open_pairs(f->store, f->cursor, pairs, max, &n, e))
        return false;
    f->at_end = n < max;
    for (size_t i = 0; i < n; i++) {
        f->cursor = pairs[i].row;
        if (is_ours(f, &pairs[i].id) && !engine_has(f->engine, pairs[i].row) &&
            !begin(f, &pairs[i], e))
            return false;
    }
    return true;
}

bool feed_pair(struct feed *f, uint64_t row, const struct id *id, struct err *e)
{
    struct ledger_pair p = {row, *id};
    if (engine_has(f->engine, row) || !is_ours(f, id) || !ledger_is_open(f->store, row, id))
        return true;
    return begin(f, &p, e);
}

bool feed_remember(struct feed *f, struct err *e)
{
    struct ledger_pair decided[REMEMBERED];
    size_t n;
    if (!ledger_recent_pairs(f->store, decided, REMEMBERED, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct subject s;
        struct known known;
        if (!read_known(f, decided[i].row, &known, e))
            return false;
        engine_rehearse(f->engine, &s, &decided[i].id);
        recall(f, &s, &known);
    }
    return true;
}
