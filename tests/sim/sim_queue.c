/* Frames in a row. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_private.h"

struct sim_frame *sim_queue_frame(struct slice bytes)
{
    struct sim_frame *f = malloc(sizeof *f + bytes.n);
    assert(f);
    *f = (struct sim_frame){.n = bytes.n};
    memcpy(f->bytes, bytes.p, bytes.n);
    return f;
}

void sim_queue_push(struct sim_queue *q, struct sim_frame *f)
{
    f->next = NULL;
    if (q->tail)
        q->tail->next = f;
    else
        q->head = f;
    q->tail = f;
}

struct sim_frame *sim_queue_pop(struct sim_queue *q)
{
    struct sim_frame *f = q->head;
    if (f)
        q->head = f->next;
    if (!q->head)
        q->tail = NULL;
    return f;
}

void sim_queue_clear(struct sim_queue *q)
{
    while (q->head)
        free(sim_queue_pop(q));
}

void sim_queue_move(struct sim_queue *to, struct sim_queue *from)
{
    struct sim_frame *f;
    while ((f = sim_queue_pop(from)))
        sim_queue_push(to, f);
}
