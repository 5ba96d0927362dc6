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

static bool is_same_text(const struct choice *c, size_t a, size_t b)
{
    return id_eq(&c->known[a].text, &c->known[b].text);
}

/* place_of(c, s, i): where the text of sample i stands on this side; s->n: nowhere. */
static size_t place_of(const struct choice *c, const struct side *s, size_t i)
{
    size_t at = 0;
    while (at < s->n && !is_same_text(c, s->at[at], i))
        at++;
    return at;
}

static void add(struct choice *c, struct side *s, size_t i)
{
    size_t at = place_of(c, s, i);
    if (at == s->n)
        s->at[s->n++] = i;
    else if (is_earlier(&c->samples[i], &c->samples[s->at[at]]))
        s->at[at] = i;
}

static void gather(struct choice *c, bool known, int side)
{
    struct side *s = &c->sides[side];
    for (size_t i = 0; i < c->n; i++) {
        const struct pick_sample *sample = &c->samples[i];
        if (!stands_for(sample, known, side))
            continue;
        if (c->p->build.exclude_judge && sample->own)
            s->excluded = true;
        else
            add(c, s, i);
    }
}

/* Of several answers to an open prompt the first one is what the changed prompts were written
 * against and measured by (samples_baseline): it alone can be the better one. */
static void keep_baseline(struct choice *c)
{
    struct side *s = &c->sides[0];
    for (size_t i = 1; i < s->n; i++)
        if (is_earlier(&c->samples[s->at[i]], &c->samples[s->at[0]]))
            s->at[0] = s->at[i];
    s->n = s->n > 1 ? 1 : s->n;
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
        if (is_same_text(c, pairs[i].chosen, chosen) &&
            is_same_text(c, pairs[i].rejected, rejected))
            return false;
    return !is_same_text(c, chosen, rejected);
}

/* The answers of pairs that are there already are used. */
static void count_used(struct choice *c, const struct pick_pair *pairs, size_t had)
{
    for (size_t i = 0; i < had; i++) {
        struct side *good = &c->sides[0], *bad = &c->sides[1];
        size_t a = place_of(c, good, pairs[i].chosen);
        size_t b = place_of(c, bad, pairs[i].rejected);
        if (a < good->n)
            good->used[a]++;
        if (b < bad->n)
            bad->used[b]++;
    }
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

size_t pick_pairs(const struct project *p, const struct id *seed, bool known,
                  const struct pick_sample *samples, size_t n, struct pick_pair pairs[CALL_MAX_K],
                  size_t had, enum build_reason *reason)
{
    struct choice *c = calloc(1, sizeof *c);
    size_t made = had;
    *reason = BUILD_REASON_NONE;
    if (!c)
        return had; /* BUILD_REASON_NONE: nothing was decided */
    c->p = p;
    c->seed = seed;
    c->samples = samples;
    c->n = n < PICK_MAX ? n : PICK_MAX;
    look(c);
    gather(c, known, 0);
    gather(c, known, 1);
    if (!known)
        keep_baseline(c);
    count_used(c, pairs, had);
    while (made < (size_t)p->build.pairs && made < CALL_MAX_K && take_best(c, pairs, made))
        made++;
    *reason = reason_of(c, known, made);
    free(c);
    return made;
}
