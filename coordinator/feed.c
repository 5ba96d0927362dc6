#include "coordinator/feed.h"

#include "coordinator/checking.h"
#include "coordinator/quota.h"

enum { CHUNK = 256, REMEMBERED = 2000 };

void feed_init(struct feed *f, struct store *s, struct engine *e, const struct seats *seats,
               const int64_t *recipes, uint64_t shard, uint64_t shards)
{
    *f = (struct feed){.store = s,
                       .engine = e,
                       .seats = seats,
                       .recipes = recipes,
                       .shard = shard,
                       .shards = shards ? shards : 1,
                       .seeds_at_end = true};
    arena_init(&f->arena, SAMPLES_MEMORY);
}

void feed_build(struct feed *f, const struct feed_building *building)
{
    f->building = *building;
    f->seeds_at_end = false;
}

void feed_free(struct feed *f)
{
    arena_free(&f->arena);
}

bool feed_is_done(const struct feed *f)
{
    return f->at_end && f->seeds_at_end;
}

void feed_look_again(struct feed *f)
{
    f->at_end = false;
    f->seeds_at_end = !f->building.project;
}

static bool is_ours(const struct feed *f, const struct id *id)
{
    return f->shards == 1 || id_u64(id, 0x7368617264ull) % f->shards == f->shard;
}

/* A pair that was built here stands in no other part's store, whatever its own hash says. */
static bool is_our_pair(const struct feed *f, uint64_t row, const struct id *id)
{
    return is_ours(f, id) || samples_made_pair(f->store, row);
}

/* What one seat has brought about a pair, under its present recipe. */
struct known {
    struct ledger_rollout rollouts[PLANNER_LANES * CALL_MAX_K];
    struct ledger_unfinished unfinished[PLANNER_LANES * CALL_MAX_K];
    size_t n, n_unfinished;
};

static bool read_known(struct feed *f, uint64_t row, size_t seat, bool also_unfinished,
                       struct known *k, struct err *e)
{
    size_t max = sizeof k->rollouts / sizeof k->rollouts[0];
    int64_t recipe = f->recipes[seat];
    k->n_unfinished = 0;
    return ledger_rollouts(f->store, row, recipe, k->rollouts, max, &k->n, e) &&
           (!also_unfinished ||
            ledger_unfinished(f->store, row, recipe, k->unfinished, max, &k->n_unfinished, e));
}

static void recall(struct feed *f, struct subject *s, size_t seat, const struct known *k)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct ledger_rollout *r = &k->rollouts[i];
        engine_recall(
            f->engine, s, (int)seat, r->lane, r->k,
            planner_news_of(r->verdict, r->score_a, r->score_b, (enum lane)r->lane, r->filtered));
    }
    for (size_t i = 0; i < k->n_unfinished; i++) {
        const struct ledger_unfinished *u = &k->unfinished[i];
        const struct call_key key = {.row = s->row,
                                     .seat = (uint8_t)seat,
                                     .lane = (uint8_t)u->lane,
                                     .k = (uint8_t)u->k,
                                     .step = (uint8_t)u->step};
        engine_resume(f->engine, s, key, &u->result);
    }
}

static struct planner_pair planner_pair_of(const struct ledger_pair *p)
{
    return (struct planner_pair){p->id, p->row, p->trust, p->domain, p->source};
}

/* Read first: a pair that is under way must get its calls or its decision, or the run never ends.
 */
static bool begin(struct feed *f, const struct ledger_pair *p, struct err *e)
{
    struct known known[CALL_MAX_SEAT];
    for (size_t i = 0; i < f->seats->n; i++)
        if (f->seats->all[i].kind != SEAT_GENERATOR &&
            !read_known(f, p->row, i, true, &known[i], e))
            return false;
    const struct planner_pair pair = planner_pair_of(p);
    struct subject *s = engine_begin(f->engine, &pair);
    if (!s)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < f->seats->n; i++)
        if (f->seats->all[i].kind != SEAT_GENERATOR)
            recall(f, s, i, &known[i]);
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

/* Those of other recipes are paid for, too; but only this one's can still be told of later. */
static void recall_samples(struct feed *f, const struct builder_seed *seed, struct building *b,
                           struct samples_sample *all, size_t n)
{
    const struct feed_building *with = &f->building;
    for (size_t i = 0; i < n; i++) {
        struct samples_sample *x = &all[i];
        if (x->mark == MARK_UNCHECKED)
            x->mark = with->recheck(with->context, seed, x, checking_baseline(all, i));
        builder_recall(b, x->lane, x->k, checking_mark(with->project, f->seats, x),
                       x->recipe == with->recipe);
    }
}

static bool begin_seed(struct feed *f, const struct builder_seed *seed, struct err *e)
{
    size_t n;
    const struct feed_building *with = &f->building;
    if (!with->admit(with->context, seed))
        return true;
    arena_reset(&f->arena);
    struct samples_sample *all = arena_alloc(&f->arena, SAMPLES_MAX * sizeof *all);
    if (!all)
        return err_set(e, ERR_NOMEM, "out of memory");
    if (!samples_read(f->store, seed->row, &with->rules, with->recipe, all, SAMPLES_MAX, &n,
                      &f->arena, e))
        return false;
    struct building *b = engine_begin_seed(f->engine, seed);
    if (!b)
        return err_set(e, ERR_NOMEM, "out of memory");
    recall_samples(f, seed, b, all, n);
    engine_admit_seed(f->engine, b);
    return true;
}

/* Also when none is wanted it must be seen that there is none left. */
static bool turn_seeds(struct feed *f, struct err *e)
{
    struct builder_seed seeds[CHUNK];
    uint64_t wants = engine_wants_seeds(f->engine);
    if (f->seeds_at_end || (!wants && !engine_is_idle(f->engine)))
        return true;
    size_t n, max = wants == 0 ? 1 : wants < CHUNK ? (size_t)wants : CHUNK;
    if (!samples_open_seeds(f->store, f->building.project, f->seed_cursor, seeds, max, &n, e))
        return false;
    f->seeds_at_end = n < max;
    for (size_t i = 0; i < n && wants; i++) {
        f->seed_cursor = seeds[i].row;
        if (is_ours(f, &seeds[i].id) && !engine_has_seed(f->engine, seeds[i].row) &&
            !begin_seed(f, &seeds[i], e))
            return false;
    }
    return true;
}

static bool turn_pairs(struct feed *f, struct err *e)
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
        if (is_our_pair(f, pairs[i].row, &pairs[i].id) && !engine_has(f->engine, pairs[i].row) &&
            !begin(f, &pairs[i], e))
            return false;
    }
    return true;
}

bool feed_turn(struct feed *f, struct err *e)
{
    return turn_pairs(f, e) && turn_seeds(f, e);
}

bool feed_seed(struct feed *f, uint64_t row, const struct id *id, struct err *e)
{
    struct builder_seed seed;
    bool open;
    if (!f->building.project || engine_has_seed(f->engine, row) || !is_ours(f, id))
        return true;
    if (!samples_open_seed(f->store, row, id, &seed, &open, e))
        return false;
    const struct project_build *b = &f->building.project->build;
    return !open || !(seed.known ? b->verifiable : b->open) || begin_seed(f, &seed, e);
}

bool feed_pair(struct feed *f, uint64_t row, const struct id *id, struct err *e)
{
    struct ledger_pair p;
    if (engine_has(f->engine, row) || !is_our_pair(f, row, id) ||
        !ledger_is_open(f->store, row, id, &p))
        return true;
    return begin(f, &p, e);
}

static void remember_accepted(void *context, const struct ledger_accepted *a)
{
    quota_recall(context, a->trust, a->domain, a->source, a->pass, a->n);
}

static bool remember_totals(struct feed *f, bool quotas, struct err *e)
{
    struct flip_counts flips;
    uint64_t accepted = (uint64_t)store_counter(f->store, "pairs.accepted");
    uint64_t hinted = (uint64_t)store_counter(f->store, "reason.accepted.accepted_hinted");
    if (!ledger_reflections(f->store, f->recipes[0], &flips, e))
        return false;
    engine_before(f->engine, accepted, hinted < accepted ? hinted : accepted, &flips);
    return !quotas || ledger_accepted(f->store, remember_accepted, engine_quota(f->engine), e);
}

bool feed_remember(struct feed *f, bool quotas, struct err *e)
{
    struct ledger_pair decided[REMEMBERED];
    size_t n;
    if (!remember_totals(f, quotas, e) ||
        !ledger_recent_pairs(f->store, decided, REMEMBERED, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct subject s;
        struct known known;
        const struct planner_pair pair = planner_pair_of(&decided[i]);
        if (!read_known(f, decided[i].row, 0, false, &known, e))
            return false;
        engine_rehearse(f->engine, &s, &pair);
        recall(f, &s, 0, &known);
    }
    return true;
}
