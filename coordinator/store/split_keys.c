#include "coordinator/store/split_keys.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"

/* A seed under one of its two names, the prompt's hash or the group's; `seed` is an index. */
struct alias {
    uint64_t hash;
    uint32_t seed;
};

struct seed {
    int64_t row;
    uint64_t key;    /* the prompt's hash; after joining, the family's */
    uint32_t parent; /* union-find over indexes */
};

struct split_keys {
    struct seed *seeds; /* by row */
    size_t n, cap;
    struct alias *groups;
    size_t n_groups, cap_groups;
};

struct split_keys *split_keys_new(struct err *e)
{
    struct split_keys *k = calloc(1, sizeof *k);
    if (!k)
        err_set(e, ERR_NOMEM, "out of memory for the split of the data set");
    return k;
}

void split_keys_free(struct split_keys *k)
{
    if (!k)
        return;
    free(k->seeds);
    free(k->groups);
    free(k);
}

static bool no_memory(size_t n, struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory for the split of %zu seeds", n);
}

static bool grow_seeds(struct split_keys *k, struct err *e)
{
    size_t cap = k->cap ? k->cap * 2 : 1024;
    if (cap > UINT32_MAX)
        return err_set(e, ERR_LIMIT, "more than %zu seeds cannot be split", k->cap);
    struct seed *more = reallocarray(k->seeds, cap, sizeof *more);
    if (!more)
        return no_memory(cap, e);
    k->seeds = more;
    k->cap = cap;
    return true;
}

static uint64_t group_hash(struct slice name)
{
    struct hash h;
    hash_init(&h, "group");
    hash_field(&h, name);
    struct id id = hash_id(&h);
    return id_u64(&id, 0);
}

static bool add_group(struct split_keys *k, struct slice name, uint32_t seed, struct err *e)
{
    if (k->n_groups == k->cap_groups) {
        size_t cap = k->cap_groups ? k->cap_groups * 2 : 1024;
        struct alias *more = reallocarray(k->groups, cap, sizeof *more);
        if (!more)
            return no_memory(cap, e);
        k->groups = more;
        k->cap_groups = cap;
    }
    k->groups[k->n_groups++] = (struct alias){group_hash(name), seed};
    return true;
}

bool split_keys_add(struct split_keys *k, int64_t seed, uint64_t prompt_hash, struct slice group,
                    struct err *e)
{
    assert(k->n == 0 || k->seeds[k->n - 1].row < seed);
    if (k->n == k->cap && !grow_seeds(k, e))
        return false;
    if (group.n && !add_group(k, group, (uint32_t)k->n, e))
        return false;
    k->seeds[k->n] = (struct seed){seed, prompt_hash, (uint32_t)k->n};
    k->n++;
    return true;
}

static uint32_t root_of(struct split_keys *k, uint32_t i)
{
    while (k->seeds[i].parent != i) {
        k->seeds[i].parent = k->seeds[k->seeds[i].parent].parent;
        i = k->seeds[i].parent;
    }
    return i;
}

static int by_hash(const void *a, const void *b)
{
    const struct alias *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->seed < y->seed ? -1 : x->seed > y->seed;
}

static void unite(struct split_keys *k, struct alias *all, size_t n)
{
    if (n == 0)
        return;
    qsort(all, n, sizeof *all, by_hash);
    for (size_t i = 1; i < n; i++)
        if (all[i].hash == all[i - 1].hash)
            k->seeds[root_of(k, all[i].seed)].parent = root_of(k, all[i - 1].seed);
}

/* The smallest prompt hash of a family names it: whoever is read first, the name is the same. */
static void name_families(struct split_keys *k)
{
    for (size_t i = 0; i < k->n; i++) {
        struct seed *root = &k->seeds[root_of(k, (uint32_t)i)];
        if (k->seeds[i].key < root->key)
            root->key = k->seeds[i].key;
    }
    for (size_t i = 0; i < k->n; i++)
        k->seeds[i].key = k->seeds[root_of(k, (uint32_t)i)].key;
}

bool split_keys_join(struct split_keys *k, struct err *e)
{
    struct alias *prompts = malloc((k->n + 1) * sizeof *prompts);
    if (!prompts)
        return no_memory(k->n, e);
    for (size_t i = 0; i < k->n; i++)
        prompts[i] = (struct alias){k->seeds[i].key, (uint32_t)i};
    unite(k, prompts, k->n);
    free(prompts);
    unite(k, k->groups, k->n_groups);
    free(k->groups);
    k->groups = NULL;
    k->n_groups = k->cap_groups = 0;
    name_families(k);
    return true;
}

bool split_keys_get(const struct split_keys *k, int64_t seed, uint64_t *key)
{
    size_t low = 0, high = k->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (k->seeds[middle].row < seed)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == k->n || k->seeds[low].row != seed)
        return false;
    *key = k->seeds[low].key;
    return true;
}
