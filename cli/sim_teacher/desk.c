#include "cli/sim_teacher/desk.h"

#include <stddef.h>

#define ARENA_MAX ((size_t)256 * 1024 * 1024)

void desk_init(struct desk *d, const struct character *c, int64_t places)
{
    *d = (struct desk){.character = c, .places = places};
    heap_init(&d->deadlines);
    TAILQ_INIT(&d->line);
    arena_init(&d->arena, ARENA_MAX);
}

void desk_free(struct desk *d)
{
    heap_free(&d->deadlines);
    arena_free(&d->arena);
}

bool desk_set(struct desk *d, struct ticket *t, int64_t after_ms)
{
    return heap_put(&d->deadlines, &t->deadline, d->now_ms + after_ms, 0);
}

void desk_unset(struct desk *d, struct ticket *t)
{
    heap_remove(&d->deadlines, &t->deadline);
}

static struct ticket *ticket_of(struct heap_node *node)
{
    return (struct ticket *)(void *)((char *)node - offsetof(struct ticket, deadline));
}

struct ticket *desk_due(struct desk *d)
{
    struct heap_node *top = heap_top(&d->deadlines);
    if (!top || top->key > d->now_ms)
        return NULL;
    heap_remove(&d->deadlines, top);
    return ticket_of(top);
}

int64_t desk_wait_ms(const struct desk *d)
{
    const struct heap_node *top = heap_top(&d->deadlines);
    if (!top)
        return -1;
    return top->key > d->now_ms ? top->key - d->now_ms : 0;
}

bool desk_enter(struct desk *d, struct ticket *t)
{
    if (d->places == 0 || d->taken < d->places) {
        t->generating = true;
        d->taken++;
        return true;
    }
    TAILQ_INSERT_TAIL(&d->line, t, line);
    t->waiting = true;
    return false;
}

/* The next in line gets its place now and is told by its deadline: were it called from here, a long
 * line would be a deep recursion. */
static void move_up(struct desk *d)
{
    struct ticket *next = TAILQ_FIRST(&d->line);
    if (!next || !desk_set(d, next, 0))
        return;
    TAILQ_REMOVE(&d->line, next, line);
    next->waiting = false;
    next->generating = true;
    d->taken++;
}

void desk_leave(struct desk *d, struct ticket *t)
{
    heap_remove(&d->deadlines, &t->deadline);
    if (t->waiting)
        TAILQ_REMOVE(&d->line, t, line);
    t->waiting = false;
    if (!t->generating)
        return;
    t->generating = false;
    d->taken--;
    move_up(d);
}
