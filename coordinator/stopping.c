#include "coordinator/stopping.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/*
 * A pair is taken to have two pass rates, one for each order, drawn from a grid of rate pairs. The
 * weights of the grid are what the run teaches: expectation maximisation fits them to the tallies
 * seen so far. Both orders are fitted at once because the second is seen mostly for pairs that
 * passed the first: which calls were made depends on outcomes that are in the tallies, so the
 * likelihood of whole tallies is not misled by the choice, while rates counted order by order are.
 * Under these weights backward induction over both tallies gives the plan of fewest expected calls.
 */
#define RATES 11
static const double rates[RATES] = {0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98};

#define PRIOR_PAIRS 2.0 /* what the prior weighs, in pairs */
#define PRIOR_ALIKE 0.5 /* its share in which both orders pass at the same rate */
#define FIT_ROUNDS 30
#define EXACT 16   /* for n up to this tallies are counted exactly, beyond in coarser units */
#define FIRST 16   /* pairs under way before anything is known */
#define ENOUGH 512 /* finished rollouts after which the window is without limit */
#define SAME 1e-9  /* expected calls that differ by less are equal */

enum choice { LANE_0, LANE_1, EITHER };

/* A state is a tally the plan knows: correct 0..k (k: passed), missed 0..spare. A cell is a tally
 * as it is counted for the fit: any correct and missed up to n, in units of 1 << shift. At k=32,
 * n=64 all tables together take 2.2 MB, and a new plan 30 ms. */
struct stopping {
    int k, n;
    int spare;  /* misses an order survives: n - k */
    int states; /* of one order */
    int shift;
    int side;  /* values of correct, or of missed, that cells tell apart */
    int cells; /* of one order: side * side */
    uint64_t observed;
    uint64_t renew_at; /* the value of observed from which the plan is due again */
    uint32_t *pairs;   /* [cell of order 0][cell of order 1]: how many pairs stand there */
    uint8_t *choice;   /* [state of order 0][state of order 1]: enum choice */
    double *chance;    /* [state][rate]: likelihood of the state's tally */
    double *calls;     /* [correct of order 0 modulo 2][its missed][state of order 1]: expected */
    double weight[RATES][RATES];
};

static double prior(int x, int y)
{
    return (1 - PRIOR_ALIKE) / (RATES * RATES) + (x == y ? PRIOR_ALIKE / RATES : 0);
}

static double likelihood(int x, int correct, int missed)
{
    return pow(rates[x], correct) * pow(1 - rates[x], missed);
}

/* A count in units of 1 << shift, rounded: cutting off would make rare outcomes rarer still. */
static int coarse(const struct stopping *s, int count)
{
    int half = (1 << s->shift) >> 1;
    return ((count < s->n ? count : s->n) + half) >> s->shift;
}

struct stopping *stopping_new(int k, int n)
{
    assert(1 <= k && k <= n && n <= 64);
    struct stopping *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->k = k;
    s->n = n;
    s->spare = n - k;
    s->states = (k + 1) * (s->spare + 1);
    while (coarse(s, n) > EXACT)
        s->shift++;
    s->side = coarse(s, n) + 1;
    s->cells = s->side * s->side;
    size_t cells = (size_t)s->cells, states = (size_t)s->states;
    s->pairs = calloc(cells * cells, sizeof(*s->pairs));
    s->choice = calloc(states * states, sizeof(*s->choice));
    s->chance = calloc(states * RATES, sizeof(*s->chance));
    s->calls = calloc(2 * (size_t)(s->spare + 1) * states, sizeof(*s->calls));
    if (!s->pairs || !s->choice || !s->chance || !s->calls) {
        stopping_free(s);
        return NULL;
    }
    for (int i = 0; i < s->states; i++)
        for (int x = 0; x < RATES; x++)
            s->chance[i * RATES + x] = likelihood(x, i / (s->spare + 1), i % (s->spare + 1));
    return s;
}

void stopping_free(struct stopping *s)
{
    if (!s)
        return;
    free(s->pairs);
    free(s->choice);
    free(s->chance);
    free(s->calls);
    free(s);
}

static uint32_t *pairs_at(struct stopping *s, struct tally a, struct tally b)
{
    int i = coarse(s, a.correct) * s->side + coarse(s, a.missed);
    int j = coarse(s, b.correct) * s->side + coarse(s, b.missed);
    return &s->pairs[i * s->cells + j];
}

void stopping_observe(struct stopping *s, struct tally a, struct tally b, int lane, bool correct)
{
    assert(lane == 0 || lane == 1);
    bool fresh = a.correct + a.missed + b.correct + b.missed == 0;
    uint32_t *before = pairs_at(s, a, b);
    if (!fresh && *before > 0)
        --*before;
    struct tally *moved = lane == 0 ? &a : &b;
    if (correct)
        moved->correct++;
    else
        moved->missed++;
    ++*pairs_at(s, a, b);
    s->observed++;
}

/* One round: every pair hands its weight to the rates that explain it, as far as they do. */
static void fit_round(struct stopping *s, const double *chance)
{
    double next[RATES][RATES], total = PRIOR_PAIRS;
    for (int x = 0; x < RATES; x++)
        for (int y = 0; y < RATES; y++)
            next[x][y] = PRIOR_PAIRS * prior(x, y);
    for (int i = 0; i < s->cells; i++) {
        double forth[RATES] = {0}, back[RATES] = {0};
        const uint32_t *row = s->pairs + i * s->cells;
        for (int x = 0; x < RATES; x++)
            for (int y = 0; y < RATES; y++)
                forth[y] += s->weight[x][y] * chance[i * RATES + x];
        for (int j = 0; j < s->cells; j++) {
            if (row[j] == 0)
                continue;
            const double *b = chance + j * RATES;
            double p = 0;
            for (int y = 0; y < RATES; y++)
                p += forth[y] * b[y];
            for (int y = 0; y < RATES; y++)
                back[y] += row[j] / p * b[y];
            total += row[j];
        }
        for (int x = 0; x < RATES; x++)
            for (int y = 0; y < RATES; y++)
                next[x][y] += s->weight[x][y] * chance[i * RATES + x] * back[y];
    }
    for (int x = 0; x < RATES; x++)
        for (int y = 0; y < RATES; y++)
            s->weight[x][y] = next[x][y] / total;
}

static void fit(struct stopping *s)
{
    double chance[(EXACT + 1) * (EXACT + 1) * RATES];
    for (int i = 0; i < s->cells; i++)
        for (int x = 0; x < RATES; x++)
            chance[i * RATES + x] = likelihood(x, (i / s->side) << s->shift,
                                               (i % s->side) << s->shift);
    for (int x = 0; x < RATES; x++)
        for (int y = 0; y < RATES; y++)
            s->weight[x][y] = prior(x, y);
    for (int round = 0; round < FIT_ROUNDS; round++)
        fit_round(s, chance);
}

/* Chances that the next call is correct in order 0 and in order 1. */
struct outlook {
    double p0, p1;
};

/* forth[y]: weight of rate y of order 1 beside the tally of order 0, forth_rate[y]: the same times
 * order 0's rate, b[y]: likelihood of the tally of order 1. */
static struct outlook outlook_of(const double *forth, const double *forth_rate, const double *b)
{
    double all = 0, p0 = 0, p1 = 0;
    for (int y = 0; y < RATES; y++) {
        all += forth[y] * b[y];
        p0 += forth_rate[y] * b[y];
        p1 += forth[y] * b[y] * rates[y];
    }
    return (struct outlook){p0 / all, p1 / all};
}

/* Plans all states of order 1 beside the state (correct, missed) of order 0; those after it are
 * planned. */
static void plan_row(struct stopping *s, int correct, int missed)
{
    int width = s->spare + 1, i = correct * width + missed;
    double forth[RATES] = {0}, forth_rate[RATES] = {0};
    for (int x = 0; x < RATES; x++)
        for (int y = 0; y < RATES; y++) {
            double w = s->weight[x][y] * s->chance[i * RATES + x];
            forth[y] += w;
            forth_rate[y] += w * rates[x];
        }
    double *here = s->calls + ((correct & 1) * width + missed) * s->states;
    const double *hit = s->calls + ((~correct & 1) * width + missed) * s->states;
    const double *miss = here + s->states;
    bool passed0 = correct == s->k, last0 = missed == s->spare;
    for (int j = s->states - 1; j >= 0; j--) {
        struct outlook o = outlook_of(forth, forth_rate, s->chance + j * RATES);
        bool passed1 = j / width == s->k, last1 = j % width == s->spare;
        double cost0 = INFINITY, cost1 = INFINITY;
        if (!passed0)
            cost0 = 1 + o.p0 * hit[j] + (last0 ? 0 : (1 - o.p0) * miss[j]);
        if (!passed1)
            cost1 = 1 + o.p1 * here[j + width] + (last1 ? 0 : (1 - o.p1) * here[j + 1]);
        here[j] = passed0 && passed1 ? 0 : cost0 < cost1 ? cost0 : cost1;
        enum choice choice = cost0 < cost1 ? LANE_0 : LANE_1;
        if (!passed0 && !passed1 && fabs(cost0 - cost1) < SAME)
            choice = EITHER;
        s->choice[i * s->states + j] = (uint8_t)choice;
    }
}

static void plan(struct stopping *s)
{
    for (int correct = s->k; correct >= 0; correct--)
        for (int missed = s->spare; missed >= 0; missed--)
            plan_row(s, correct, missed);
}

/* A plan is renewed when the evidence has grown by a quarter: ten million results take 70 plans. */
static void renew(struct stopping *s)
{
    if (s->observed < s->renew_at)
        return;
    fit(s);
    plan(s);
    s->renew_at = s->observed + s->observed / 4 + 1;
}

static int state_of(const struct stopping *s, struct tally t)
{
    return (t.correct < s->k ? t.correct : s->k) * (s->spare + 1) + t.missed;
}

static bool undecided(const struct stopping *s, struct tally a, struct tally b)
{
    return a.missed <= s->spare && b.missed <= s->spare && (a.correct < s->k || b.correct < s->k);
}

int stopping_next(struct stopping *s, struct tally a, struct tally b, uint64_t tie)
{
    assert(undecided(s, a, b));
    renew(s);
    int choice = s->choice[state_of(s, a) * s->states + state_of(s, b)];
    return choice == EITHER ? (int)(tie & 1) : choice;
}

bool stopping_surely(struct stopping *s, struct tally a, struct tally b, uint64_t tie, int lane)
{
    for (int i = 0; i <= a.flying; i++)
        for (int j = 0; j <= b.flying; j++) {
            struct tally x = {(uint8_t)(a.correct + i), (uint8_t)(a.missed + a.flying - i), 0};
            struct tally y = {(uint8_t)(b.correct + j), (uint8_t)(b.missed + b.flying - j), 0};
            if (!undecided(s, x, y) || stopping_next(s, x, y, tie) != lane)
                return false;
        }
    return true;
}

uint64_t stopping_window(const struct stopping *s)
{
    return s->observed < ENOUGH ? FIRST + s->observed / 2 : UINT64_MAX;
}
