#include "tests/bench/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double gamma_draw(struct rng *r, double shape)
{
    if (shape < 1)
        return gamma_draw(r, shape + 1) * pow(1 - rng_double(r), 1 / shape);
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) { /* Marsaglia and Tsang */
        double z = rng_normal(r), v = pow(1 + c * z, 3);
        if (v > 0 && log(1 - rng_double(r)) < 0.5 * z * z + d - d * v + d * log(v))
            return d * v;
    }
}

double tables_beta(struct rng *r, double a, double b)
{
    double x = gamma_draw(r, a), y = gamma_draw(r, b);
    return x / (x + y);
}

void tables_mixed(struct population *p, const char *name, double a, double b, double hopeless)
{
    p->name = name;
    for (int i = 0; i < ATOMS; i++) {
        bool lost = i < hopeless * ATOMS;
        p->rate[i][0] = lost ? 0.02 : a;
        p->rate[i][1] = lost ? 0.02 : b;
    }
}

void tables_crossed(struct population *p, const char *name, double a, double b, double hopeless)
{
    tables_mixed(p, name, a, b, hopeless);
    for (int i = 0; i < ATOMS; i += 2) {
        double swap = p->rate[i][0];
        p->rate[i][0] = p->rate[i][1];
        p->rate[i][1] = swap;
    }
}

void tables_spread(struct population *p, const char *name, double a, double b, double tight,
                   double shift)
{
    struct rng r;
    rng_init(&r, 77);
    p->name = name;
    for (int i = 0; i < ATOMS; i++) {
        double q = tables_beta(&r, a, b);
        for (int lane = 0; lane < 2; lane++) {
            double m = fmin(0.98, fmax(0.02, q + (lane ? -shift : shift)));
            p->rate[i][lane] = tables_beta(&r, m * tight, (1 - m) * tight);
        }
    }
}

void tables_solvable(struct population *p, const char *name, double a, double b, bool same,
                     double hopeless)
{
    struct rng r;
    rng_init(&r, 78);
    tables_mixed(p, name, 0, 0, hopeless);
    for (int i = 0; i < ATOMS; i++)
        if (p->rate[i][0] == 0) {
            p->rate[i][0] = tables_beta(&r, a, b);
            p->rate[i][1] = same ? p->rate[i][0] : tables_beta(&r, a, b);
        }
}

void tables_deal(struct pair *pairs, int count, const struct population *pop, int n, uint64_t seed)
{
    struct rng r;
    rng_init(&r, seed);
    for (int i = 0; i < count; i++) {
        const double *rate = pop->rate[rng_below(&r, ATOMS)];
        pairs[i] = (struct pair){.tie = rng_u64(&r)};
        for (int lane = 0; lane < 2; lane++)
            for (int j = 0; j < n; j++)
                if (rng_double(&r) < rate[lane])
                    pairs[i].outcome[lane] |= (uint64_t)1 << j;
    }
}

/* Rollouts of an order up to the one that seals it; *passed: how. */
static int seal(uint64_t outcome, struct rule rule, bool *passed)
{
    int correct = 0, missed = 0, i = 0;
    while (correct < rule.k && missed <= rule.n - rule.k)
        if (outcome >> i++ & 1)
            correct++;
        else
            missed++;
    *passed = correct == rule.k;
    return i;
}

int tables_certificate(const struct pair *p, struct rule rule, bool *accepted)
{
    bool passed[2];
    int a = seal(p->outcome[0], rule, &passed[0]), b = seal(p->outcome[1], rule, &passed[1]);
    *accepted = passed[0] && passed[1];
    if (*accepted)
        return a + b;
    if (passed[0] || passed[1])
        return passed[0] ? b : a;
    return a < b ? a : b;
}

bool tables_accepted(const struct pair *p, struct rule rule)
{
    return p->tally[0].correct >= rule.k && p->tally[1].correct >= rule.k;
}

bool tables_decided(const struct pair *p, struct rule rule)
{
    const struct tally *t = p->tally;
    int spare = rule.n - rule.k;
    return t[0].missed > spare || t[1].missed > spare || tables_accepted(p, rule);
}

static double tally_chance(double rate, int i, int width)
{
    return pow(rate, i / width) * pow(1 - rate, i % width);
}

/* Chances of a correct call in either order, in state (i, j). */
static void next_correct(double hit[2], const double *x, const double *y, const double (*rate)[2],
                         int count)
{
    double all = 1e-300;
    hit[0] = hit[1] = 0;
    for (int a = 0; a < count; a++) {
        double w = x[a] * y[a];
        all += w;
        hit[0] += w * rate[a][0];
        hit[1] += w * rate[a][1];
    }
    hit[0] /= all;
    hit[1] /= all;
}

/* Plans state (i, j), which stands at `at`; those after it are planned. */
static void know_state(struct known *p, double *calls, double *gain, const double hit[2], int i,
                       int j, double price)
{
    int at = i * p->states + j, state[2] = {i, j}, step[2] = {p->states, 1};
    double cost[2] = {INFINITY, INFINITY}, made[2], got[2];
    if (i / p->width == p->rule.k && j / p->width == p->rule.k) {
        calls[at] = 0;
        gain[at] = 1;
        return;
    }
    for (int lane = 0; lane < 2; lane++) {
        if (state[lane] / p->width == p->rule.k)
            continue;
        made[lane] = 1 + hit[lane] * calls[at + p->width * step[lane]];
        got[lane] = hit[lane] * gain[at + p->width * step[lane]];
        if (state[lane] % p->width < p->rule.n - p->rule.k) {
            made[lane] += (1 - hit[lane]) * calls[at + step[lane]];
            got[lane] += (1 - hit[lane]) * gain[at + step[lane]];
        }
        cost[lane] = made[lane] - price * got[lane];
    }
    int lane = cost[0] < cost[1] ? 0 : 1;
    bool left = price > 0 && cost[lane] >= 0;
    calls[at] = left ? 0 : made[lane];
    gain[at] = left ? 0 : got[lane];
    p->lane[at] = left ? 3 : fabs(cost[0] - cost[1]) < 1e-9 ? 2 : (unsigned char)lane;
}

void tables_know(struct known *p, const double (*rate)[2], int count, struct rule rule,
                 double price)
{
    int width = rule.n - rule.k + 1, states = (rule.k + 1) * width;
    *p = (struct known){.rule = rule, .width = width, .states = states};
    p->lane = calloc((size_t)(states * states), 1);
    double *calls = calloc((size_t)(states * states), sizeof(double));
    double *gain = calloc((size_t)(states * states), sizeof(double));
    double *chance = malloc((size_t)states * (size_t)count * 2 * sizeof(double));
    for (int i = 0; i < states; i++)
        for (int a = 0; a < count; a++)
            for (int lane = 0; lane < 2; lane++)
                chance[(lane * states + i) * count + a] = tally_chance(rate[a][lane], i, width);
    for (int i = states - 1; i >= 0; i--)
        for (int j = states - 1; j >= 0; j--) {
            double hit[2];
            next_correct(hit, chance + i * count, chance + (states + j) * count, rate, count);
            know_state(p, calls, gain, hit, i, j, price);
        }
    p->calls = calls[0];
    p->accepted = gain[0];
    free(chance);
    free(calls);
    free(gain);
}

void tables_forget(struct known *p)
{
    free(p->lane);
    p->lane = 0;
}

/* The plans next to each other in price that lose less and more than may be lost, so mixed that it
 * is lost just so. */
double tables_bound(const struct population *pop, struct rule rule, double loss)
{
    struct known all, less, more;
    tables_know(&all, pop->rate, ATOMS, rule, 0);
    double enough = all.accepted * (1 - loss), low = 1, high = 65536;
    for (int i = 0; i < 14; i++) {
        double middle = sqrt(low * high);
        tables_know(&less, pop->rate, ATOMS, rule, middle);
        tables_forget(&less);
        if (less.accepted >= enough)
            high = middle;
        else
            low = middle;
    }
    tables_know(&less, pop->rate, ATOMS, rule, high);
    tables_know(&more, pop->rate, ATOMS, rule, low);
    double share = (less.accepted - enough) / (less.accepted - more.accepted);
    double calls = less.calls + share * (more.calls - less.calls);
    tables_forget(&all);
    tables_forget(&less);
    tables_forget(&more);
    return enough / calls / (all.accepted / all.calls);
}

static int by_yield(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    double left = x->accepted * y->calls, right = y->accepted * x->calls;
    return left < right ? -1 : left > right ? 1 : 0;
}

/* Pairs of the fewest acceptances per call are given up without a call. */
double tables_bound_own(const struct population *pop, struct rule rule, double loss)
{
    struct known pairs[ATOMS], all;
    double accepted = 0, calls = 0;
    tables_know(&all, pop->rate, ATOMS, rule, 0);
    tables_forget(&all);
    for (int i = 0; i < ATOMS; i++) {
        tables_know(&pairs[i], pop->rate + i, 1, rule, 0);
        tables_forget(&pairs[i]);
        accepted += pairs[i].accepted;
        calls += pairs[i].calls;
    }
    double enough = accepted * (1 - loss);
    qsort(pairs, ATOMS, sizeof(pairs[0]), by_yield);
    for (int i = 0; i < ATOMS && accepted - pairs[i].accepted >= enough; i++) {
        accepted -= pairs[i].accepted;
        calls -= pairs[i].calls;
    }
    return accepted / calls / (all.accepted / all.calls);
}

long tables_play(const struct known *known, struct pair p, bool *accepted)
{
    long calls = 0;
    while (!tables_decided(&p, known->rule)) {
        int i = p.tally[0].correct * known->width + p.tally[0].missed;
        int j = p.tally[1].correct * known->width + p.tally[1].missed;
        int lane = known->lane[i * known->states + j];
        if (lane == 3)
            break;
        if (lane == 2)
            lane = (int)(p.tie & 1);
        if (p.outcome[lane] >> p.drawn[lane]++ & 1)
            p.tally[lane].correct++;
        else
            p.tally[lane].missed++;
        calls++;
    }
    *accepted = tables_accepted(&p, known->rule);
    return calls;
}
