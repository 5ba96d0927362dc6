#include "coordinator/exports/sides.h"

#include <stdlib.h>

#include "base/hash.h"

void sides_init(struct sides *s)
{
    *s = (struct sides){0};
}

void sides_free(struct sides *s)
{
    free(s->keys);
    free(s->side);
    sides_init(s);
}

static uint64_t key_of(const char *kind, struct slice name)
{
    struct hash h;
    hash_init(&h, kind);
    hash_field(&h, name);
    struct id id = hash_id(&h);
    uint64_t key = id_u64(&id, 0);
    return key ? key : 1;
}

/* The place of a key, or the empty one where it belongs. There always is an empty one. */
static size_t place_of(const struct sides *s, uint64_t key)
{
    size_t at = (size_t)key & (s->cap - 1);
    while (s->keys[at] && s->keys[at] != key)
        at = (at + 1) & (s->cap - 1);
    return at;
}

static bool grow(struct sides *s, struct err *e)
{
    struct sides more = {.n = s->n, .cap = s->cap ? s->cap * 2 : 1024};
    if (more.cap > SIDES_MAX)
        return err_set(e, ERR_LIMIT, "a data set of more than %zu groups cannot be checked", s->n);
    more.keys = calloc(more.cap, sizeof *more.keys);
    more.side = calloc(more.cap, sizeof *more.side);
    if (!more.keys || !more.side) {
        sides_free(&more);
        return err_set(e, ERR_NOMEM, "out of memory for checking %zu groups", s->n);
    }
    for (size_t i = 0; i < s->cap; i++) {
        if (!s->keys[i])
            continue;
        size_t at = place_of(&more, s->keys[i]);
        more.keys[at] = s->keys[i];
        more.side[at] = s->side[i];
    }
    sides_free(s);
    *s = more;
    return true;
}

bool sides_see(struct sides *s, const char *kind, struct slice name, uint8_t side, uint8_t *first,
               struct err *e)
{
    if (s->n >= s->cap / 4 * 3 && !grow(s, e))
        return false;
    uint64_t key = key_of(kind, name);
    size_t at = place_of(s, key);
    if (!s->keys[at]) {
        s->keys[at] = key;
        s->side[at] = side;
        s->n++;
    }
    *first = s->side[at];
    return true;
}
