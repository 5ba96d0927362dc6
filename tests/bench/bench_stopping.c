/*
 * What early stopping costs on tables of predetermined outcomes, beside three yardsticks:
 *   certificate  the calls that the table proves necessary: nobody can do with fewer;
 *   known        the plan of fewest expected calls for somebody who knows how the pass rates of the
 *                population are distributed (a dynamic programme), played on the same tables;
 *   own          the same for somebody who knows the two rates of every single pair.
 * Calls are made by the planner's rule: only what is surely needed, up to so many in flight over
 * all pairs, answers in random order; one in flight is the sequential case.
 *
 *   cc -O2 -D_GNU_SOURCE -I. tests/bench/bench_stopping.c coordinator/stopping.c base/rng.c -lm
 *   a.out [tables [pairs [k n]]]     default: 3 tables of 731 and of 20000 pairs, five rules
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "coordinator/stopping.h"

#define ATOMS 400

/* A population: atoms of equal weight, each the pass rates of the two orders. */
struct population {
    const char *name;
    double rate[ATOMS][2];
};

struct rule {
    int k, n;
};

/* One pair of a table: bit i of an order is the outcome of its rollout i. */
struct pair {
    uint64_t outcome[2];
    struct tally tally[2];
    int drawn[2]; /* rollouts finished or out */
    bool queued;  /* stands in the ring of the run */
    uint64_t tie;
};

/* -- populations ------------------------------------------------------------------------------- */

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

static double beta_draw(struct rng *r, double a, double b)
{
    double x = gamma_draw(r, a), y = gamma_draw(r, b);
    return x / (x + y);
}

static void mixed(struct population *p, const char *name, double a, double b, double hopeless)
{
    p->name = name;
    for (int i = 0; i < ATOMS; i++) {
        bool lost = i < hopeless * ATOMS;
        p->rate[i][0] = lost ? 0.02 : a;
        p->rate[i][1] = lost ? 0.02 : b;
    }
}

/* Half the pairs are harder in one order, half in the other. */
static void crossed(struct population *p, const char *name, double a, double b, double hopeless)
{
    mixed(p, name, a, b, hopeless);
    for (int i = 0; i < ATOMS; i += 2) {
        double swap = p->rate[i][0];
        p->rate[i][0] = p->rate[i][1];
        p->rate[i][1] = swap;
    }
}

/* Pair quality q ~ Beta(a, b); the orders scatter around q + shift and q - shift with `tight`. */
static void spread(struct population *p, const char *name, double a, double b, double tight,
                   double shift)
{
    struct rng r;
    rng_init(&r, 77);
    p->name = name;
    for (int i = 0; i < ATOMS; i++) {
        double q = beta_draw(&r, a, b);
        for (int lane = 0; lane < 2; lane++) {
            double m = fmin(0.98, fmax(0.02, q + (lane ? -shift : shift)));
            p->rate[i][lane] = beta_draw(&r, m * tight, (1 - m) * tight);
        }
    }
}

#define POPULATIONS 17
static struct population populations[POPULATIONS];

static void make_populations(void)
{
    struct population *p = populations;
    mixed(p++, "easy .8/.8 +hopeless", 0.8, 0.8, 0.2);
    mixed(p++, "medium .4/.4 +hopeless", 0.4, 0.4, 0.2);
    mixed(p++, "biased .75/.35 +hopeless", 0.75, 0.35, 0.2);
    mixed(p++, "swapped .35/.75 +hopeless", 0.35, 0.75, 0.2);
    crossed(p++, "half .75/.35 half .35/.75 +h.", 0.75, 0.35, 0.2);
    mixed(p++, ".9/.5", 0.9, 0.5, 0);
    mixed(p++, ".5/.9", 0.5, 0.9, 0);
    mixed(p++, ".95/.1", 0.95, 0.1, 0);
    mixed(p++, ".6/.6", 0.6, 0.6, 0);
    mixed(p++, "coin .5/.5", 0.5, 0.5, 0);
    mixed(p++, "near perfect .98/.98", 0.98, 0.98, 0);
    mixed(p++, "half hopeless .9/.9", 0.9, 0.9, 0.5);
    spread(p++, "Beta(4,2) tight", 4, 2, 40, 0);
    spread(p++, "Beta(4,2) loose", 4, 2, 3, 0);
    spread(p++, "Beta(1,1)", 1, 1, 10, 0);
    spread(p++, "Beta(3,2) biased by .15", 3, 2, 10, 0.15);
    spread(p++, "Beta(6,2) biased by -.25", 6, 2, 10, -0.25);
}

/* -- the plan that knows ------------------------------------------------------------------------
 */

struct plan {
    struct rule rule;
    int width, states;
    unsigned char *lane;
    double calls; /* expected per pair */
};

static double tally_chance(double rate, int i, int width)
{
    return pow(rate, i / width) * pow(1 - rate, i % width);
}

/* For pass rates drawn evenly from `count` atoms. */
static void plan_make(struct plan *p, const double (*rate)[2], int count, struct rule rule)
{
    p->rule = rule;
    p->width = rule.n - rule.k + 1;
    p->states = (rule.k + 1) * p->width;
    int states = p->states, width = p->width;
    p->lane = calloc((size_t)(states * states), 1);
    double *calls = calloc((size_t)(states * states), sizeof(double));
    double *chance = malloc((size_t)states * (size_t)count * 2 * sizeof(double));
    for (int i = 0; i < states; i++)
        for (int a = 0; a < count; a++)
            for (int lane = 0; lane < 2; lane++)
                chance[(lane * states + i) * count + a] = tally_chance(rate[a][lane], i, width);
    for (int i = states - 1; i >= 0; i--)
        for (int j = states - 1; j >= 0; j--) {
            int at = i * states + j, state[2] = {i, j}, step[2] = {states, 1};
            double all = 1e-300, hit[2] = {0, 0}, cost[2];
            const double *x = chance + i * count, *y = chance + (states + j) * count;
            for (int a = 0; a < count; a++) {
                all += x[a] * y[a];
                hit[0] += x[a] * y[a] * rate[a][0];
                hit[1] += x[a] * y[a] * rate[a][1];
            }
            for (int lane = 0; lane < 2; lane++) {
                cost[lane] = INFINITY;
                if (state[lane] / width == rule.k)
                    continue;
                cost[lane] = 1 + hit[lane] / all * calls[at + width * step[lane]];
                if (state[lane] % width < rule.n - rule.k)
                    cost[lane] += (1 - hit[lane] / all) * calls[at + step[lane]];
            }
            if (i / width == rule.k && j / width == rule.k)
                cost[0] = 0;
            calls[at] = fmin(cost[0], cost[1]);
            p->lane[at] = cost[0] < cost[1] ? 0 : fabs(cost[0] - cost[1]) < 1e-9 ? 2 : 1;
        }
    p->calls = calls[0];
    free(chance);
    free(calls);
}

/* Expected calls per pair for somebody who knows every pair's own rates. */
static double own_calls(const struct population *pop, struct rule rule)
{
    struct plan plan = {.calls = 0};
    double sum = 0;
    for (int i = 0; i < ATOMS; i++) {
        if (i == 0 || memcmp(pop->rate[i], pop->rate[i - 1], sizeof(pop->rate[i])) != 0) {
            plan_make(&plan, pop->rate + i, 1, rule);
            free(plan.lane);
        }
        sum += plan.calls;
    }
    return sum / ATOMS;
}

/* -- tables -------------------------------------------------------------------------------------
 */

static void deal(struct pair *pairs, int count, const struct population *pop, int n, uint64_t seed)
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

static int certificate(const struct pair *p, struct rule rule)
{
    bool passed[2];
    int a = seal(p->outcome[0], rule, &passed[0]), b = seal(p->outcome[1], rule, &passed[1]);
    if (passed[0] && passed[1])
        return a + b;
    if (passed[0] || passed[1])
        return passed[0] ? b : a;
    return a < b ? a : b;
}

static bool decided(const struct pair *p, struct rule rule)
{
    const struct tally *t = p->tally;
    int spare = rule.n - rule.k;
    return t[0].missed > spare || t[1].missed > spare ||
           (t[0].correct >= rule.k && t[1].correct >= rule.k);
}

static bool finish(struct pair *p, int lane, int rollout)
{
    bool correct = p->outcome[lane] >> rollout & 1;
    if (correct)
        p->tally[lane].correct++;
    else
        p->tally[lane].missed++;
    return correct;
}

static long play_plan(const struct plan *plan, struct pair p)
{
    long calls = 0;
    while (!decided(&p, plan->rule)) {
        int i = p.tally[0].correct * plan->width + p.tally[0].missed;
        int j = p.tally[1].correct * plan->width + p.tally[1].missed;
        int lane = plan->lane[i * plan->states + j];
        if (lane == 2)
            lane = (int)(p.tie & 1);
        finish(&p, lane, p.drawn[lane]++);
        calls++;
    }
    return calls;
}

/* -- the run: the planner's rule with calls in flight -------------------------------------------
 */

struct call {
    double at;
    int pair, lane, rollout;
};

struct run {
    struct rule rule;
    struct pair *pairs;
    int count, begun, open;
    struct call *heap;
    int out, slots;
    int *ready; /* a ring of pairs that may have something to launch */
    int ready_head, ready_count;
    double now;
    struct rng rng;
    struct stopping *stopping;
    long calls;
    double slot_time; /* for the mean of calls in flight */
};

static void heap_push(struct run *r, struct call c)
{
    int i = r->out++;
    for (; i > 0 && r->heap[(i - 1) / 2].at > c.at; i = (i - 1) / 2)
        r->heap[i] = r->heap[(i - 1) / 2];
    r->heap[i] = c;
}

static struct call heap_pop(struct run *r)
{
    struct call top = r->heap[0], last = r->heap[--r->out];
    int i = 0;
    for (;;) {
        int child = 2 * i + 1;
        if (child + 1 < r->out && r->heap[child + 1].at < r->heap[child].at)
            child++;
        if (child >= r->out || r->heap[child].at >= last.at)
            break;
        r->heap[i] = r->heap[child];
        i = child;
    }
    r->heap[i] = last;
    return top;
}

/* Launches what is surely wanted of a pair; false: slots ran out while there may be more. */
static bool launch(struct run *r, int index)
{
    struct pair *p = &r->pairs[index];
    while (!decided(p, r->rule)) {
        int lane = 0;
        while (lane < 2 && (p->drawn[lane] >= r->rule.n ||
                            !stopping_surely(r->stopping, p->tally[0], p->tally[1], p->tie, lane)))
            lane++;
        if (lane == 2)
            break;
        if (r->out == r->slots)
            return false;
        double latency = exp(0.5 * rng_normal(&r->rng)) + 0.01 * rng_double(&r->rng);
        heap_push(r, (struct call){r->now + latency, index, lane, p->drawn[lane]++});
        p->tally[lane].flying++;
        r->calls++;
    }
    if (!decided(p, r->rule) && p->tally[0].flying + p->tally[1].flying == 0) {
        fprintf(stderr, "an undecided pair stands still\n");
        exit(1);
    }
    return true;
}

/* A pair stands in the ring at most once, so the ring never holds more than all pairs. */
static void enqueue(struct run *r, int index)
{
    if (r->pairs[index].queued)
        return;
    r->pairs[index].queued = true;
    r->ready[(r->ready_head + r->ready_count++) % r->count] = index;
}

static void fill(struct run *r)
{
    while (r->ready_count > 0 && r->out < r->slots) {
        int index = r->ready[r->ready_head];
        if (!launch(r, index))
            return;
        r->pairs[index].queued = false;
        r->ready_head = (r->ready_head + 1) % r->count;
        r->ready_count--;
    }
    while (r->out < r->slots && r->begun < r->count &&
           (uint64_t)r->open < stopping_window(r->stopping)) {
        r->open++;
        int index = r->begun++;
        if (!launch(r, index))
            enqueue(r, index);
    }
}

/* A ratio means nothing unless every pair was played to its end. */
static void check_run(const struct run *r)
{
    long needed = 0;
    int undecided = 0;
    for (int i = 0; i < r->count; i++) {
        undecided += !decided(&r->pairs[i], r->rule);
        needed += certificate(&r->pairs[i], r->rule);
    }
    if (undecided > 0 || r->open != 0 || r->calls < needed) {
        fprintf(stderr, "%d of %d, %d in flight: %d pairs undecided, %ld calls, %ld necessary\n",
                r->rule.k, r->rule.n, r->slots, undecided, r->calls, needed);
        exit(1);
    }
}

static void run_concurrently(struct run *r)
{
    for (fill(r); r->out > 0; fill(r)) {
        int out = r->out;
        struct call c = heap_pop(r);
        r->slot_time += out * (c.at - r->now);
        r->now = c.at;
        struct pair *p = &r->pairs[c.pair];
        bool was_decided = decided(p, r->rule);
        struct tally before[2] = {p->tally[0], p->tally[1]};
        bool correct = finish(p, c.lane, c.rollout);
        p->tally[c.lane].flying--;
        stopping_observe(r->stopping, before[0], before[1], c.lane, correct);
        if (!was_decided && decided(p, r->rule))
            r->open--;
        else if (!was_decided)
            enqueue(r, c.pair);
    }
}

/* Total calls of a run; *busy: mean share of the slots in use. */
static long run_table(const struct pair *dealt, int count, struct rule rule, int slots,
                      uint64_t seed, double *busy)
{
    struct run r = {.rule = rule, .count = count, .slots = slots};
    r.pairs = malloc((size_t)count * sizeof(*r.pairs));
    memcpy(r.pairs, dealt, (size_t)count * sizeof(*r.pairs));
    r.heap = malloc((size_t)slots * sizeof(*r.heap));
    r.ready = malloc((size_t)count * sizeof(*r.ready));
    r.stopping = stopping_new(rule.k, rule.n);
    rng_init(&r.rng, seed);
    run_concurrently(&r);
    check_run(&r);
    *busy = r.slot_time / (r.now * slots);
    free(r.pairs);
    free(r.heap);
    free(r.ready);
    stopping_free(r.stopping);
    return r.calls;
}

/* -- the table ----------------------------------------------------------------------------------
 */

#define SLOTS_TRIED 4
static const int slots_tried[SLOTS_TRIED] = {1, 64, 256, 1024};

static void columns(const double *value, double by, int decimals)
{
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.*f", decimals, value[i] / by);
    printf(" |");
}

static void report(const struct population *pop, struct rule rule, int count, int tables)
{
    struct plan plan;
    struct pair *pairs = malloc((size_t)count * sizeof(*pairs));
    double needed = 0, known = 0, own = own_calls(pop, rule) * count * tables;
    double made[SLOTS_TRIED] = {0}, worst[SLOTS_TRIED] = {0}, busy[SLOTS_TRIED] = {0};
    plan_make(&plan, pop->rate, ATOMS, rule);
    for (int table = 1; table <= tables; table++) {
        double best = 0;
        deal(pairs, count, pop, rule.n, (uint64_t)table);
        for (int i = 0; i < count; i++) {
            needed += certificate(&pairs[i], rule);
            best += (double)play_plan(&plan, pairs[i]);
        }
        known += best;
        for (int i = 0; i < SLOTS_TRIED; i++) {
            double share;
            long calls = run_table(pairs, count, rule, slots_tried[i], (uint64_t)table, &share);
            made[i] += (double)calls;
            worst[i] = fmax(worst[i], (double)calls / best);
            busy[i] += 100 * share;
        }
    }
    printf("%-29s %2d/%-2d %5d %5.2f %5.3f %5.3f |", pop->name, rule.k, rule.n, count,
           needed / tables / count, known / needed, own / needed);
    columns(made, needed, 3);
    columns(made, known, 3);
    columns(worst, 1, 3);
    columns(busy, tables, 0);
    printf("\n");
    fflush(stdout);
    free(plan.lane);
    free(pairs);
}

static void report_rule(struct rule rule, int count, int tables)
{
    printf("\n%-29s  k/n  pairs certi-  by certif. |  calls / certificate    |"
           "      calls / known      | calls / known, worst t. |   slots in use, %%      |\n"
           "%-29s             ficate known   own |     1    64   256  1024 |"
           "     1    64   256  1024 |     1    64   256  1024 |     1    64   256  1024 |\n",
           "population", "");
    for (int i = 0; i < POPULATIONS; i++)
        report(&populations[i], rule, count, tables);
}

int main(int argc, char **argv)
{
    struct rule rules[] = {{1, 8}, {3, 4}, {1, 1}, {2, 3}, {5, 8}};
    int counts[] = {731, 20000}, n_rules = 5, n_counts = 2;
    long given[4] = {3, 0, 0, 0};
    for (int i = 1; i < argc && i <= 4; i++)
        given[i - 1] = strtol(argv[i], NULL, 10);
    if (given[1] > 0) {
        counts[0] = (int)given[1];
        n_counts = 1;
    }
    if (given[2] > 0) {
        rules[0] = (struct rule){(int)given[2], (int)given[3]};
        n_rules = 1;
    }
    make_populations();
    for (int i = 0; i < n_counts; i++)
        for (int j = 0; j < n_rules; j++)
            report_rule(rules[j], counts[i], (int)given[0]);
    return 0;
}
