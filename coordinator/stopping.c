#include "coordinator/stopping.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/*
 * A pair is taken to have two pass rates, one for each order, drawn from a grid of rate pairs. The
 * weights of the grid are what the run teaches: they are fitted by expectation maximisation to the
 * tallies seen so far. Fitting both orders at once matters: the second order is seen mostly for
 * pairs that passed the first, and only a joint likelihood is not misled by that choice. Under
 * these weights the plan of fewest expected calls is found by backward induction over both tallies.
 */
#define RATES 11
static const double rates[RATES] = {0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98};

#define PRIOR_PAIRS 2.0 /* what the prior weighs, in pairs */
#define PRIOR_ALIKE 0.5 /* its share in which both orders pass at the same rate */
#define FIT_ROUNDS 30
#define CELLS_PER_SIDE 17 /* tallies are kept exactly up to 16 rollouts, more coarsely beyond */
#define OPENED 512        /* finished rollouts after which the window is without limit */

enum choice { LANE_0, LANE_1, EITHER };

struct stopping {
    int k, n;
    int spare;  /* misses an order survives: n - k */
    int shift;  /* tallies are counted in units of 1 << shift rollouts */
    int side;   /* values of one coarse count */
    int states; /* live or passed tallies of one order: (k + 1) * (spare + 1) */
    uint64_t observed;
    uint64_t refit_at;
    uint32_t *pairs; /* [cell of order 0][cell of order 1]: pairs that stand there */
    uint8_t *choice; /* [state of order 0][state of order 1] */
    double *chance;  /* [state][rate]: likelihood of a state's tally */
    double *calls;   /* [correct & 1][missed][state of order 1]: expected calls from there */
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

struct stopping *stopping_new(int k, int n)
{
    assert(1 <= k && k <= n && n <= 64);
    struct stopping *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->k = k;
    s->n = n;
    s->spare = n - k;
    while ((n >> s->shift) >= CELLS_PER_SIDE)
        s->shift++;
    s->side = (n >> s->shift) + 1;
    s->states = (k + 1) * (s->spare + 1);
    size_t cells = (size_t)(s->side * s->side), states = (size_t)s->states;
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

static int coarse(const struct stopping *s, int count)
{
    return (count < s->n ? count : s->n) >> s->shift;
}

static int cell_of(const struct stopping *s, struct tally t)
{
    return coarse(s, t.correct) * s->side + coarse(s, t.missed);
}

static bool empty(struct tally t)
{
    return t.correct + t.missed == 0;
}

void stopping_observe(struct stopping *s, struct tally a, struct tally b, int lane, bool correct)
{
    int cells = s->side * s->side;
    uint32_t *before = &s->pairs[cell_of(s, a) * cells + cell_of(s, b)];
    bool counted = !empty(a) || !empty(b);
    struct tally *moved = lane == 0 ? &a : &b;
    if (correct)
        moved->correct++;
    else
        moved->missed++;
    if (counted && *before > 0)
        --*before;
    ++s->pairs[cell_of(s, a) * cells + cell_of(s, b)];
    s->observed++;
}

/* One round of expectation maximisation: weights from the pairs' responsibilities under the old
 * ones. */
static void fit_round(struct stopping *s, const double *chance)
{
    int cells = s->side * s->side;
    double next[RATES][RATES], total = PRIOR_PAIRS;
    for (int x = 0; x < RATES; x++)
        for (int y = 0; y < RATES; y++)
            next[x][y] = PRIOR_PAIRS * prior(x, y);
    for (int i = 0; i < cells; i++) {
        double forth[RATES] = {0}, back[RATES] = {0};
        const uint32_t *row = s->pairs + i * cells;
        for (int x = 0; x < RATES; x++)
            for (int y = 0; y < RATES; y++)
                forth[y] += s->weight[x][y] * chance[i * RATES + x];
        for (int j = 0; j < cells; j++) {
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
    double chance[CELLS_PER_SIDE * CELLS_PER_SIDE * RATES];
    for (int i = 0; i < s->side * s->side; i++)
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
    double p[2];
};

static struct outlook outlook_of(const double *forth, const double *forth_rate, const double *b)
{
    double all = 0, p0 = 0, p1 = 0;
    for (int y = 0; y < RATES; y++) {
        all += forth[y] * b[y];
        p0 += forth_rate[y] * b[y];
        p1 += forth[y] * b[y] * rates[y];
    }
    return (struct outlook){
        {p0 / all, p1 / all}
    };
}

/* Plans all states of order 1 beside one state (correct, missed) of order 0, whose followers are
 * planned. */
static void plan_row(struct stopping *s, int correct, int missed)
{
    int width = s->spare + 1, i = correct * width + missed;
    double forth[RATES] = {0}, forth_rate[RATES] = {0};
    for (int x = 0; x < RATES; x++)
        for (int y = 0; y < RATES; y++) {
            forth[y] += s->weight[x][y] * s->chance[i * RATES + x];
            forth_rate[y] += s->weight[x][y] * s->chance[i * RATES + x] * rates[x];
        }
    double *here = s->calls + ((correct & 1) * width + missed) * s->states;
    const double *hit = s->calls + (((correct + 1) & 1) * width + missed) * s->states;
    const double *miss = here + s->states;
    for (int j = s->states - 1; j >= 0; j--) {
        struct outlook o = outlook_of(forth, forth_rate, s->chance + j * RATES);
        bool passed0 = correct == s->k, passed1 = j / width == s->k;
        double cost0 = passed0 ? INFINITY : 1, cost1 = passed1 ? INFINITY : 1;
        if (!passed0)
            cost0 += o.p[0] * hit[j] + (missed < s->spare ? (1 - o.p[0]) * miss[j] : 0);
        if (!passed1)
            cost1 += o.p[1] * here[j + width] +
                     (j % width < s->spare ? (1 - o.p[1]) * here[j + 1] : 0);
        bool done = passed0 && passed1;
        here[j] = done ? 0 : fmin(cost0, cost1);
        enum choice c = cost0 < cost1 ? LANE_0 : LANE_1;
        if (!passed0 && !passed1 && fabs(cost0 - cost1) < 1e-9)
            c = EITHER;
        s->choice[i * s->states + j] = (uint8_t)c;
    }
}

static void plan(struct stopping *s)
{
    for (int correct = s->k; correct >= 0; correct--)
        for (int missed = s->spare; missed >= 0; missed--)
            plan_row(s, correct, missed);
}

static void refresh(struct stopping *s)
{
    if (s->observed < s->refit_at)
        return;
    fit(s);
    plan(s);
    s->refit_at = s->observed + s->observed / 4 + 1;
}

static int state_of(const struct stopping *s, int correct, int missed)
{
    return (correct < s->k ? correct : s->k) * (s->spare + 1) + missed;
}

static bool undecided(const struct stopping *s, struct tally a, struct tally b)
{
    return a.missed <= s->spare && b.missed <= s->spare && (a.correct < s->k || b.correct < s->k);
}

int stopping_next(struct stopping *s, struct tally a, struct tally b, uint64_t tie)
{
    assert(undecided(s, a, b));
    refresh(s);
    int c =
        s->choice[state_of(s, a.correct, a.missed) * s->states + state_of(s, b.correct, b.missed)];
    return c == EITHER ? (int)(tie & 1) : c;
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
    return s->observed < OPENED ? 16 + s->observed / 4 : UINT64_MAX;
}
