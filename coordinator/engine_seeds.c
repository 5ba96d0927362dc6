/* Seeds whose pairs are built: what is asked for them, and how they end. */
#include <assert.h>
#include <stdlib.h>

#include "coordinator/engine_private.h"

bool engine_has_seed(const struct engine *e, uint64_t row)
{
    return engine_find(e, row | CALL_SEED) != NULL;
}

/* A seed under way has a call out or ready nearly always: no more are begun than calls can be made,
 * and those of pairs go before them. */
uint64_t engine_wants_seeds(const struct engine *e)
{
    if (e->draining || e->generator < 0)
        return 0;
    uint64_t endpoints = e->seats->all[e->generator].endpoints;
    uint64_t room = engine_least(dispatch_room(e->dispatch), pool_room(&e->pool, endpoints));
    uint64_t ready = dispatch_ready(e->dispatch, e->generator);
    if (endpoints & e->seats->all[0].endpoints)
        ready += dispatch_ready(e->dispatch, 0);
    uint64_t bearable = 2 * (dispatch_count(e->dispatch, TASK_LEASED) + room) + 64;
    return ready >= room || e->n_seeds > bearable ? 0 : room - ready;
}

struct building *engine_begin_seed(struct engine *e, const struct builder_seed *seed)
{
    assert(!engine_has_seed(e, seed->row) && e->generator >= 0 && e->io->building);
    struct begun *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    builder_begin(&b->building, seed);
    b->row = b->building.row;
    if (!engine_put(e, b))
        return NULL;
    e->n_seeds++;
    return &b->building;
}

void engine_admit_seed(struct engine *e, struct building *b)
{
    engine_advance(e, engine_find(e, b->row));
}

void engine_advance_seed(struct engine *e, struct begun *b)
{
    enum lane lane;
    int k;
    if (builder_is_over(e->project, &b->building)) {
        e->io->building->build(e->io->context, &b->building);
        engine_forget(e, b, false);
        return;
    }
    while (builder_next(e->project, &b->building, &lane, &k)) {
        struct call_key key = {
            .row = b->row, .seat = (uint8_t)e->generator, .lane = (uint8_t)lane, .k = (uint8_t)k};
        /* What a changed prompt is made of must be durable first. */
        if (!(lane == LANE_MODIFIED ? engine_follow(e, key, ASK_MODIFY)
                                    : engine_add(e, b, key, ASK_ANSWER, 0)))
            return;
    }
}

void engine_defer_seed(struct engine *e, struct begun *b, enum reason reason, const char *detail)
{
    enum build_reason why = reason == REASON_OUT_OF_TRIES ? BUILD_REASON_OUT_OF_TRIES
                                                          : BUILD_REASON_REFUSED;
    e->io->building->defer(e->io->context, &b->building, why, detail);
    engine_forget(e, b, false);
}

void engine_checked(struct engine *e, uint64_t row, enum lane lane, int k, enum sample_mark mark)
{
    struct begun *b = engine_find(e, row | CALL_SEED);
    if (b && builder_checked(&b->building, lane, k, mark))
        engine_advance(e, b);
}
