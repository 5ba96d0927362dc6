#include "cli/sim_teacher/delivery.h"

#include <assert.h>

#include "base/rng.h"

#define SALT_CUT 201
#define DRIP_PIECES 30
#define DRIP_INTERVAL_MS 100
#define STREAM_PIECES 8

struct delivery delivery_plain(size_t total, bool close)
{
    return (struct delivery){.until = total, .piece = total, .close = close};
}

static void in_pieces(struct delivery *d, size_t total, size_t pieces, int64_t interval_ms)
{
    d->piece = total / pieces + 1;
    d->interval_ms = interval_ms;
}

/* A quarter of a stream's time passes before it begins. */
int64_t delivery_wait_ms(const struct judgment *j)
{
    return j->stream ? j->latency_ms / 4 : j->latency_ms;
}

struct delivery delivery_plan(const struct judgment *j, const struct character *c, size_t head,
                              size_t total, bool keep_alive)
{
    assert(head < total);
    struct delivery d = delivery_plain(total, !keep_alive);
    struct rng r;
    rng_init(&r, judgment_hash(j, c, SALT_CUT) + j->seen);
    if (j->fault == FAULT_DROP) {
        uint64_t way = rng_below(&r, 4);
        d.until = way < 2 ? 0 : 1 + rng_below(&r, total - 1);
        d.reset = way == 1;
        d.close = true;
    } else if (j->fault == FAULT_TRUNCATE) {
        d.until = head + rng_below(&r, total - head);
        d.close = true;
    }
    if (j->fault == FAULT_DRIP)
        in_pieces(&d, total, DRIP_PIECES, DRIP_INTERVAL_MS);
    else if (j->stream && j->latency_ms >= STREAM_PIECES)
        in_pieces(&d, total, STREAM_PIECES,
                  (j->latency_ms - delivery_wait_ms(j)) / (STREAM_PIECES - 1));
    return d;
}
