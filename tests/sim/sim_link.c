/* Links: each keeps its order; a local one is quick and loses nothing. */
#include "tests/sim/sim_private.h"

#include <stdlib.h>

static int64_t delay(struct sim *s, const struct sim_worker *w)
{
    return w->local ? sim_between(s, 0, 2) : sim_between(s, 0, sim_chance(s, 0.05) ? 3000 : 60);
}

static bool is_lost(struct sim *s, const struct sim_worker *w)
{
    if (w->local)
        return false;
    return s->now < w->cut_until || (sim_has(s, SIM_LOSS) && sim_chance(s, 0.05));
}

static void send(struct sim *s, struct sim_worker *w, enum sim_kind kind, struct slice bytes)
{
    int64_t *last = kind == EVENT_FRAME_UP ? &w->up_last : &w->down_last;
    int copies = !w->local && sim_has(s, SIM_DUPLICATES) && sim_chance(s, 0.1) ? 2 : 1;
    if (is_lost(s, w)) {
        sim_note(s, "a frame of worker %d is lost", w->index);
        return;
    }
    int64_t at = s->now + delay(s, w);
    *last = at > *last ? at : *last;
    while (copies--)
        sim_schedule_event(s, *last, kind, w->index, w->life)->frame = sim_queue_frame(bytes);
}

void sim_link_up(struct sim *s, struct sim_worker *w)
{
    if (w->out.n)
        send(s, w, EVENT_FRAME_UP, buf_view(&w->out));
    buf_clear(&w->out);
}

void sim_link_down(struct sim *s, struct sim_worker *w, struct buf *out)
{
    if (out->n)
        send(s, w, EVENT_FRAME_DOWN, buf_view(out));
    buf_clear(out);
}
