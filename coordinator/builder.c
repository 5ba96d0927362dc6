#include "coordinator/builder.h"

#include <assert.h>

enum { ANSWERS, MODIFIED }; /* index of a lane */

static int index_of(enum lane lane)
{
    assert(lane_is_seed(lane));
    return (int)lane - (int)LANE_ANSWER;
}

static int count(uint64_t bits)
{
    return __builtin_popcountll(bits);
}

static bool is_among(uint64_t bits, int k)
{
    return k >= 0 && k < CALL_MAX_K && (bits >> k & 1);
}

static int at_least_0(int64_t n)
{
    return n > 0 ? (int)n : 0;
}

void builder_begin(struct building *b, const struct builder_seed *seed)
{
    *b = (struct building){.id = seed->id, .row = seed->row | CALL_SEED, .known = seed->known};
}

static void tally(struct building *b, int at, enum sample_mark mark)
{
    b->right += mark == MARK_RIGHT;
    b->wrong += mark == MARK_WRONG;
    b->usable[at] += mark == MARK_USABLE;
}

void builder_recall(struct building *b, enum lane lane, int k, enum sample_mark mark, bool own)
{
    int at = index_of(lane);
    if (own && k >= 0 && k < CALL_MAX_K) {
        uint64_t bit = (uint64_t)1 << k;
        b->taken[at] |= bit;
        b->done[at] |= bit;
        if (mark != MARK_UNCHECKED)
            b->checked[at] |= bit;
    }
    if (mark != MARK_UNCHECKED)
        tally(b, at, mark);
}

/* How many samples of this lane there may be. */
static int most(const struct project *p, const struct building *b, int at)
{
    if (b->known)
        return at == ANSWERS ? (int)p->build.samples : 0;
    return at == ANSWERS ? BUILDER_BASELINES : (int)p->build.modifications;
}

/* How many more are needed even if each of them turns out to be of use. */
static int needed(const struct project *p, const struct building *b, int at)
{
    if (b->known)
        return at == ANSWERS
                   ? at_least_0(p->build.right - b->right) + at_least_0(p->build.wrong - b->wrong)
                   : 0;
    if (at == ANSWERS)
        return !b->usable[ANSWERS];
    return b->usable[ANSWERS] && !b->usable[MODIFIED];
}

/* Out, or not checked yet. */
static int awaited(const struct building *b, int at)
{
    return count(b->taken[at] & ~b->checked[at]);
}

static bool is_used_up(const struct project *p, const struct building *b, int at)
{
    return count(b->taken[at]) >= most(p, b, at);
}

bool builder_next(const struct project *p, struct building *b, enum lane *lane, int *k)
{
    for (int at = 0; at < BUILDER_LANES; at++) {
        if (needed(p, b, at) <= awaited(b, at) || is_used_up(p, b, at))
            continue;
        *k = __builtin_ctzll(~b->taken[at]);
        *lane = (enum lane)((int)LANE_ANSWER + at);
        b->taken[at] |= (uint64_t)1 << *k;
        return true;
    }
    return false;
}

bool builder_adopt(const struct project *p, struct building *b, enum lane lane, int k)
{
    int at = index_of(lane);
    if (k < 0 || k >= most(p, b, at) || is_among(b->done[at], k))
        return false;
    b->taken[at] |= (uint64_t)1 << k;
    return true;
}

bool builder_is_out(const struct building *b, enum lane lane, int k)
{
    int at = index_of(lane);
    return is_among(b->taken[at], k) && !is_among(b->done[at], k);
}

bool builder_done(struct building *b, enum lane lane, int k)
{
    int at = index_of(lane);
    if (k < 0 || k >= CALL_MAX_K || is_among(b->done[at], k))
        return false;
    uint64_t bit = (uint64_t)1 << k;
    b->taken[at] |= bit;
    b->done[at] |= bit;
    return true;
}

bool builder_checked(struct building *b, enum lane lane, int k, enum sample_mark mark)
{
    int at = index_of(lane);
    if (!is_among(b->done[at], k) || is_among(b->checked[at], k) || mark == MARK_UNCHECKED)
        return false;
    b->checked[at] |= (uint64_t)1 << k;
    tally(b, at, mark);
    return true;
}

bool builder_is_over(const struct project *p, const struct building *b)
{
    for (int at = 0; at < BUILDER_LANES; at++)
        if (needed(p, b, at) && (awaited(b, at) || !is_used_up(p, b, at)))
            return false;
    return true;
}
