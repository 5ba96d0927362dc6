/*
 * Accepted pairs that bring a thought an earlier pair has brought already, word for word. Known by
 * 64-bit hashes: among ten million different thoughts, chance takes one for another in 1 of 370,000
 * passes.
 */
#include <stdlib.h>

#include "filters/filter.h"
#include "filters/words.h"

#define FIRST_SLOTS 1024u
#define MOST_SLOTS ((size_t)1 << 26) /* 512 MiB; beyond half of it nothing more is remembered */
#define MOST_OF_A_PAIR 256

static const struct filter_option options[] = {{0}};

struct seen {
    uint64_t *slots; /* 0: free */
    size_t n_slots;  /* a power of two, or 0 */
    size_t n;
    struct id pair; /* whose thoughts are `own`: they are no doubles of each other */
    uint64_t own[MOST_OF_A_PAIR];
    size_t n_own;
};

static void *open_pass(const double *settings)
{
    (void)settings;
    return calloc(1, sizeof(struct seen));
}

static void close_pass(void *state)
{
    struct seen *s = state;
    if (s)
        free(s->slots);
    free(s);
}

static uint64_t *slot_of(uint64_t *slots, size_t n_slots, uint64_t hash)
{
    size_t at = (size_t)hash & (n_slots - 1);
    while (slots[at] != 0 && slots[at] != hash)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

/* grow(s): whether there is room for one more. */
static bool grow(struct seen *s)
{
    if (s->n < s->n_slots / 2)
        return true;
    size_t n_slots = s->n_slots ? s->n_slots * 2 : FIRST_SLOTS;
    uint64_t *slots = n_slots <= MOST_SLOTS ? calloc(n_slots, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (size_t i = 0; i < s->n_slots; i++)
        if (s->slots[i] != 0)
            *slot_of(slots, n_slots, s->slots[i]) = s->slots[i];
    free(s->slots);
    s->slots = slots;
    s->n_slots = n_slots;
    return true;
}

static uint64_t hash_thought(struct slice thought)
{
    struct words w = words_of(thought);
    uint64_t h = 0, word;
    while (words_next(&w, &word))
        h = words_mix(h, word);
    return h;
}

static bool is_own(const struct seen *s, uint64_t hash)
{
    for (size_t i = 0; i < s->n_own; i++)
        if (s->own[i] == hash)
            return true;
    return false;
}

static bool admit(void *state, const struct filter_item *item)
{
    struct seen *s = state;
    uint64_t hash = hash_thought(item->sides[0].thought);
    if (!s || hash == 0) /* no thought, nothing to compare */
        return true;
    if (!id_eq(&s->pair, &item->pair)) {
        s->pair = item->pair;
        s->n_own = 0;
    }
    if (is_own(s, hash))
        return true;
    if (s->n_slots > 0 && *slot_of(s->slots, s->n_slots, hash) == hash)
        return false;
    if (s->n_own < MOST_OF_A_PAIR && grow(s)) {
        *slot_of(s->slots, s->n_slots, hash) = hash;
        s->n++;
        s->own[s->n_own++] = hash;
    }
    return true;
}

static const struct filter_case cases[] = {
    FILTER_CASE("The first adds up.", "[[A]]", "", true, "the first of its kind"),
    FILTER_CASE("The second adds up.", "[[A]]", "", true, "other words"),
    FILTER_CASE("the  FIRST\nadds up.", "[[B]]", "", false,
                "the same words, whatever case and white space"),
    FILTER_CASE("first The adds up.", "[[A]]", "", true, "the same words in another order"),
    FILTER_CASE("", "[[A]]", "", true, "no thought"),
    FILTER_CASE(" ", "[[A]]", "", true, "two judgments without thought are no doubles"),
};

const struct filter filter_duplicate = {
    .name = "duplicate",
    .help = "removes accepted pairs whose thought an earlier pair has, word for word",
    .scope = FILTER_CORPUS,
    .options = options,
    .open = open_pass,
    .admit = admit,
    .close = close_pass,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
