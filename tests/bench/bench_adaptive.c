/*
 * What `stop: adaptive` brings over `stop: early` on the same tables of predetermined outcomes:
 * accepted pairs per call, and the share of early's accepted pairs that it loses; beside the plan
 * that knows how the pass rates of the population are distributed and gives up as much as it may.
 *
 *   bench_adaptive [tables [pairs [k n]]]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/tables.h"

#define LOSS 0.05
#define POPULATIONS 7
static struct population populations[POPULATIONS];

static void make_populations(void)
{
    struct population *p = populations;
    tables_solvable(p++, "Beta(4,2), one rate a pair", 4, 2, true, 0.4);
    tables_solvable(p++, "Beta(4,2), a rate an order", 4, 2, false, 0.4);
    tables_solvable(p++, "Beta(4,2), no hopeless", 4, 2, true, 0);
    tables_solvable(p++, "Beta(6,2), 70 % hopeless", 6, 2, true, 0.7);
    tables_mixed(p++, "easy .8/.8, 20 % hopeless", 0.8, 0.8, 0.2);
    tables_mixed(p++, "biased .75/.35, 20 % h.", 0.75, 0.35, 0.2);
    tables_spread(p++, "Beta(1,1)", 1, 1, 10, 0);
}

struct sums {
    double calls, accepted;
};

static double per_call(struct sums s)
{
    return s.accepted / s.calls;
}

#define SLOTS_TRIED 3
static const int slots_tried[SLOTS_TRIED] = {1, 64, 1024};

static void report(const struct population *pop, struct rule rule, int count, int tables,
                   double calibration)
{
    struct pair *pairs = malloc((size_t)count * sizeof(*pairs));
    struct known known;
    struct sums early[SLOTS_TRIED] = {{0}}, adaptive[SLOTS_TRIED] = {{0}}, best = {0, 0};
    double worst[SLOTS_TRIED] = {0}, least[SLOTS_TRIED] = {INFINITY, INFINITY, INFINITY};
    tables_know_loss(&known, pop->rate, ATOMS, rule, LOSS);
    for (int table = 1; table <= tables; table++) {
        tables_deal(pairs, count, pop, rule.n, (uint64_t)table);
        for (int i = 0; i < count; i++) {
            bool accepted;
            best.calls += (double)tables_play(&known, pairs[i], &accepted);
            best.accepted += accepted;
        }
        for (int i = 0; i < SLOTS_TRIED; i++) {
            struct table_run e = {.rule = rule,
                                  .slots = slots_tried[i],
                                  .calibration = calibration,
                                  .seed = (uint64_t)table};
            struct table_run a = e;
            a.loss = LOSS;
            tables_run(&e, pairs, count);
            tables_run(&a, pairs, count);
            early[i].calls += (double)e.calls;
            early[i].accepted += (double)e.accepted;
            adaptive[i].calls += (double)a.calls;
            adaptive[i].accepted += (double)a.accepted;
            double gain = (double)a.accepted / (double)a.calls /
                          ((double)e.accepted / (double)e.calls);
            worst[i] = fmax(worst[i], 1 - (double)a.accepted / (double)e.accepted);
            least[i] = fmin(least[i], gain);
        }
    }
    printf("%-27s %d/%d %6d %4.2f %6.3f |", pop->name, rule.k, rule.n, count, calibration,
           per_call(early[0]));
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.3f", per_call(adaptive[i]) / per_call(early[i]));
    printf(" |");
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.3f", least[i]);
    printf(" |");
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.2f", 100 * (1 - adaptive[i].accepted / early[i].accepted));
    printf(" |");
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.2f", 100 * worst[i]);
    printf(" | %5.3f %5.2f\n", per_call(best) / per_call(early[0]),
           100 * (1 - best.accepted / early[0].accepted));
    fflush(stdout);
    tables_forget(&known);
    free(pairs);
}

int main(int argc, char **argv)
{
    struct rule rules[] = {{1, 8}, {3, 4}};
    int counts[] = {731, 5000, 20000}, n_rules = 2, n_counts = 3;
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
    for (int r = 0; r < n_rules; r++)
        for (int c = 0; c < n_counts; c++)
            for (int i = 0; i < POPULATIONS; i++) {
                report(&populations[i], rules[r], counts[c], (int)given[0], 0);
                report(&populations[i], rules[r], counts[c], (int)given[0], 0.05);
            }
    return 0;
}
