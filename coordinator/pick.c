#include "coordinator/pick.h"

#include <stdlib.h>

/* One side's answers, each text once. */
struct side {
    size_t at[PICK_MAX]; /* indexes of samples */
    int used[PICK_MAX];
    size_t n;
    bool excluded; /* there were others, of the judging model */
};

/* What is asked of a sample again and again. */
struct known {
    struct id text;   /* hash of it */
    size_t frequency; /* how many wrong answers come to the same end */
};

struct choice {
    const struct project *p;
    const struct id *seed;
    const struct pick_sample *samples;
    size_t n;
    struct known known[PICK_MAX];
    struct side sides[2]; /* chosen, rejected */
};

static void look(struct choice *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct known *k = &c->known[i];
        struct hash h;
        hash_init(&h, "pick text");
        hash_field(&h, c->samples[i].text);
        k->text = hash_id(&h);
        for (size_t j = 0; j < c->n; j++)
            k->frequency += c->samples[j].mark == MARK_WRONG &&
                            slice_eq(c->samples[j].final, c->samples[i].final);
    }
}

static bool stands_for(const struct pick_sample *s, bool known, int side)
{
    if (known)
        return s->lane == LANE_ANSWER && s->mark == (side == 0 ? MARK_RIGHT : MARK_WRONG);
    return s->mark == MARK_USABLE && s->lane == (side == 0 ? LANE_ANSWER : LANE_MODIFIED);
}

/* Of samples with the same text the one that was asked for first stands for them. */
static bool is_earlier(const struct pick_sample *a, const struct pick_sample *b)
{
    return a->k != b->k ? a->k < b->k : a->row < b->row;
}

static void add(struct choice *c, struct side *s, size_t i)
{
    for (size_t j = 0; j < s->n; j++) {
        if (!id_eq(&c->known[s->at[j]].text, &c->known[i].text))
            continue;
        if (is_earlier(&c->samples[i], &c->samples[s->at[j]]))
            s->at[j] = i;
        return;
    }
    s->at[s->n++] = i;
}

static void gather(struct choice *c, struct slice judge, bool known, int side)
{
    struct side *s = &c->sides[side];
    for (size_t i = 0; i < c->n; i++) {
        const struct pick_sample *sample = &c->samples[i];
        if (!stands_for(sample, known, side))
            continue;
        if (c->p->build.exclude_judge && slice_eq(sample->author, judge))
            s->excluded = true;
        else
            add(c, s, i);
    }
}

/* A number that is drawn for this pair, whatever the others are. */
static uint64_t lot(const struct choice *c, size_t chosen, size_t rejected)
{
    uint64_t drawn = id_u64(c->seed, (uint64_t)c->p->rng_seed);
    drawn = id_u64(&c->known[chosen].text, drawn);
    return id_u64(&c->known[rejected].text, drawn);
}

/* Less is better. */
static uint64_t cost(const struct choice *c, size_t chosen, size_t rejected)
{
    size_t a = c->samples[chosen].text.n, b = c->samples[rejected].text.n;
    switch (c->p->build.pick) {
    case PICK_CLOSEST_LENGTH:
        return a > b ? a - b : b - a;
    case PICK_FREQUENT_WRONG:
        return c->n - c->known[rejected].frequency;
    default:
        return 0;
    }
}

struct rank {
    int used; /* how often its answers stand in other pairs already */
    uint64_t cost, lot;
};

static bool is_before(const struct rank *a, const struct rank *b)
{
    if (a->used != b->used)
        return a->used < b->used;
    return a->cost != b->cost ? a->cost < b->cost : a->lot < b->lot;
}

/* Two equal texts are no pair. */
static bool is_to_be_had(const struct choice *c, const struct pick_pair *pairs, size_t n,
                         size_t chosen, size_t rejected)
{
    for (size_t i = 0; i < n; i++)
        if (pairs[i].chosen == chosen && pairs[i].rejected == rejected)
            return false;
    return !id_eq(&c->known[chosen].text, &c->known[rejected].text);
}

/* The best pair of those that are left; false: none is. */
static bool take_best(struct choice *c, struct pick_pair *pairs, size_t n)
{
    struct rank best = {0};
    size_t best_a = SIZE_MAX, best_b = 0;
    for (size_t a = 0; a < c->sides[0].n; a++) {
        for (size_t b = 0; b < c->sides[1].n; b++) {
            size_t chosen = c->sides[0].at[a], rejected = c->sides[1].at[b];
            if (!is_to_be_had(c, pairs, n, chosen, rejected))
                continue;
            const struct rank r = {c->sides[0].used[a] + c->sides[1].used[b],
                                   cost(c, chosen, rejected), lot(c, chosen, rejected)};
            if (best_a != SIZE_MAX && !is_before(&r, &best))
                continue;
            best = r;
            best_a = a;
            best_b = b;
        }
    }
    if (best_a == SIZE_MAX)
        return false;
    c->sides[0].used[best_a]++;
    c->sides[1].used[best_b]++;
    pairs[n] = (struct pick_pair){c->sides[0].at[best_a], c->sides[1].at[best_b]};
    return true;
}

static enum build_reason reason_of(const struct choice *c, bool known, size_t made)
{
    const struct side *good = &c->sides[0], *bad = &c->sides[1];
    if (made)
        return BUILD_REASON_BUILT;
    if ((!good->n && good->excluded) || (!bad->n && bad->excluded))
        return BUILD_REASON_EXCLUDED;
    if (!known)
        return good->n ? BUILD_REASON_NO_MODIFIED : BUILD_REASON_NO_BASELINE;
    return good->n && !bad->n   ? BUILD_REASON_ALL_RIGHT
           : bad->n && !good->n ? BUILD_REASON_ALL_WRONG
                                : BUILD_REASON_UNCHECKED;
}

size_t pick_pairs(const struct project *p, const struct id *seed, struct slice judge, bool known,
                  const struct pick_sample *samples, size_t n, struct pick_pair pairs[CALL_MAX_K],
                  enum build_reason *reason)
{
    struct choice *c = calloc(1, sizeof *c);
    size_t made = 0;
    *reason = BUILD_REASON_NONE;
    if (!c)
        return 0; /* BUILD_REASON_NONE: nothing was decided */
    c->p = p;
    c->seed = seed;
    c->samples = samples;
    c->n = n < PICK_MAX ? n : PICK_MAX;
    look(c);
    gather(c, judge, known, 0);
    gather(c, judge, known, 1);
    while (made < (size_t)p->build.pairs && made < CALL_MAX_K && take_best(c, pairs, made))
        made++;
    *reason = reason_of(c, known, made);
    free(c);
    return made;
}
