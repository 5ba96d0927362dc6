#include "coordinator/passrates.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

const double passrates_grid[PASSRATES] = {0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98};

#define PRIOR_PAIRS 2.0 /* what the prior weighs, in pairs */
#define PRIOR_ALIKE 0.5 /* its share in which both lanes pass at the same rate */
#define FIT_ROUNDS 30   /* more would follow chance, and make giving up look cheaper than it is */
#define EXACT 16        /* for n up to this tallies are counted exactly, beyond in coarser units */

static double prior(int x, int y)
{
    return (1 - PRIOR_ALIKE) / (PASSRATES * PASSRATES) + (x == y ? PRIOR_ALIKE / PASSRATES : 0);
}

double passrates_likelihood(int x, int correct, int missed)
{
    return pow(passrates_grid[x], correct) * pow(1 - passrates_grid[x], missed);
}

/* A count in units of 1 << shift, rounded: cutting off would make rare outcomes rarer still. */
static int coarse(const struct passrates *r, int count)
{
    int half = (1 << r->shift) >> 1;
    return ((count < r->n ? count : r->n) + half) >> r->shift;
}

static void forget(struct passrates *r)
{
    for (int x = 0; x < PASSRATES; x++)
        for (int y = 0; y < PASSRATES; y++)
            r->weight[x][y] = prior(x, y);
}

bool passrates_init(struct passrates *r, int n)
{
    assert(1 <= n && n <= 64);
    *r = (struct passrates){.n = n};
    while (coarse(r, n) > EXACT)
        r->shift++;
    r->side = coarse(r, n) + 1;
    r->cells = r->side * r->side;
    forget(r);
    r->pairs = calloc((size_t)r->cells * (size_t)r->cells, sizeof(*r->pairs));
    return r->pairs;
}

void passrates_free(struct passrates *r)
{
    free(r->pairs);
    r->pairs = NULL;
}

static uint32_t *pairs_at(struct passrates *r, struct tally a, struct tally b)
{
    int i = coarse(r, a.correct) * r->side + coarse(r, a.missed);
    int j = coarse(r, b.correct) * r->side + coarse(r, b.missed);
    return &r->pairs[i * r->cells + j];
}

void passrates_add(struct passrates *r, struct tally a, struct tally b)
{
    ++*pairs_at(r, a, b);
}

void passrates_drop(struct passrates *r, struct tally a, struct tally b)
{
    uint32_t *stand = pairs_at(r, a, b);
    if (*stand > 0)
        --*stand;
}

/* One round: every pair hands its weight to the rates that explain it, as far as they do. */
static void fit_round(struct passrates *r, const double *chance)
{
    double next[PASSRATES][PASSRATES], total = PRIOR_PAIRS;
    for (int x = 0; x < PASSRATES; x++)
        for (int y = 0; y < PASSRATES; y++)
            next[x][y] = PRIOR_PAIRS * prior(x, y);
    for (int i = 0; i < r->cells; i++) {
        double forth[PASSRATES] = {0}, back[PASSRATES] = {0};
        const uint32_t *row = r->pairs + i * r->cells;
        for (int x = 0; x < PASSRATES; x++)
            for (int y = 0; y < PASSRATES; y++)
                forth[y] += r->weight[x][y] * chance[i * PASSRATES + x];
        for (int j = 0; j < r->cells; j++) {
            if (row[j] == 0)
                continue;
            const double *b = chance + j * PASSRATES;
            double p = 0;
            for (int y = 0; y < PASSRATES; y++)
                p += forth[y] * b[y];
            for (int y = 0; y < PASSRATES; y++)
                back[y] += row[j] / p * b[y];
            total += row[j];
        }
        for (int x = 0; x < PASSRATES; x++)
            for (int y = 0; y < PASSRATES; y++)
                next[x][y] += r->weight[x][y] * chance[i * PASSRATES + x] * back[y];
    }
    for (int x = 0; x < PASSRATES; x++)
        for (int y = 0; y < PASSRATES; y++)
            r->weight[x][y] = next[x][y] / total;
}

void passrates_fit(struct passrates *r)
{
    double chance[(EXACT + 1) * (EXACT + 1) * PASSRATES];
    for (int i = 0; i < r->cells; i++)
        for (int x = 0; x < PASSRATES; x++)
            chance[i * PASSRATES + x] = passrates_likelihood(x, (i / r->side) << r->shift,
                                                             (i % r->side) << r->shift);
    forget(r);
    for (int round = 0; round < FIT_ROUNDS; round++)
        fit_round(r, chance);
}
