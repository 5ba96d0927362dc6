#include "cli/counts.h"

#include <string.h>

struct reading {
    struct counts *counts;
    struct arena *arena;
    bool failed;
};

static void take(void *context, const char *name, int64_t value)
{
    struct reading *r = context;
    if (value == 0)
        return;
    const char *copy = r->counts->n < COUNTS_MAX ? arena_str(r->arena, slice_of(name)) : NULL;
    if (!copy) {
        r->failed = true;
        return;
    }
    r->counts->items[r->counts->n++] = (struct counts_item){copy, value};
}

bool counts_read(struct counts *c, struct store *s, struct arena *arena, struct err *e)
{
    struct reading r = {.counts = c, .arena = arena};
    c->n = 0;
    if (s && !store_counters(s, "", take, &r, e))
        return false;
    return !r.failed || err_set(e, ERR_LIMIT, "the store has more than %d counters", COUNTS_MAX);
}

int64_t counts_of2(const struct counts *c, const char *prefix, const char *name)
{
    size_t n = strlen(prefix);
    for (size_t i = 0; i < c->n; i++)
        if (strncmp(c->items[i].name, prefix, n) == 0 && strcmp(c->items[i].name + n, name) == 0)
            return c->items[i].value;
    return 0;
}

int64_t counts_of(const struct counts *c, const char *name)
{
    return counts_of2(c, "", name);
}

const struct counts_item *counts_next(const struct counts *c, const char *prefix, size_t *at,
                                      const char **rest)
{
    size_t n = strlen(prefix);
    while (*at < c->n) {
        const struct counts_item *item = &c->items[(*at)++];
        if (strncmp(item->name, prefix, n) != 0)
            continue;
        *rest = item->name + n;
        return item;
    }
    return NULL;
}
