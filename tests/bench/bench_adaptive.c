/*
 * What `stop: adaptive` brings over `stop: early` on the same tables of predetermined outcomes:
 * accepted pairs per call, as a multiple of early's, and the share of early's accepted pairs that
 * it loses; over all tables, and in the worst of them. Beside it what could be had at the same
 * loss: known   by somebody who knows how the pass rates of the population are distributed; own by
 * somebody who knows the two rates of every single pair.
 *
 *   bench_adaptive [tables [pairs [k n]]]    default: 5 tables of 731, 5000 and 20000 pairs
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/tables.h"

#define LOSS 0.05
#define POPULATIONS 8
static struct population populations[POPULATIONS];

static void make_populations(void)
{
    struct population *p = populations;
    tables_solvable(p++, "Beta(4,2), both orders, 40% h.", 4, 2, true, 0.4);
    tables_solvable(p++, "Beta(4,2), each order, 40% h.", 4, 2, false, 0.4);
    tables_solvable(p++, "Beta(4,2), none hopeless", 4, 2, true, 0);
    tables_solvable(p++, "Beta(6,2), 70% hopeless", 6, 2, true, 0.7);
    tables_mixed(p++, "easy .8/.8, 20% hopeless", 0.8, 0.8, 0.2);
    tables_mixed(p++, "medium .4/.4, 20% hopeless", 0.4, 0.4, 0.2);
    tables_mixed(p++, "biased .75/.35, 20% hopeless", 0.75, 0.35, 0.2);
    tables_spread(p++, "Beta(1,1)", 1, 1, 10, 0);
}

#define SLOTS_TRIED 3
static const int slots_tried[SLOTS_TRIED] = {1, 64, 1024};

/* What one number of calls in flight brought. */
struct outcome {
    double early_calls, early_accepted, calls, accepted;
    double least_gain, most_lost;
};

static double gain_of(double accepted, double calls, double early_accepted, double early_calls)
{
    return accepted / calls / (early_accepted / early_calls);
}

static void play(struct outcome *o, const struct pair *pairs, int count, struct table_run early)
{
    struct table_run adaptive = early;
    adaptive.loss = LOSS;
    tables_run(&early, pairs, count);
    tables_run(&adaptive, pairs, count);
    double e[2] = {(double)early.accepted, (double)early.calls};
    double a[2] = {(double)adaptive.accepted, (double)adaptive.calls};
    o->early_accepted += e[0];
    o->early_calls += e[1];
    o->accepted += a[0];
    o->calls += a[1];
    o->least_gain = fmin(o->least_gain, gain_of(a[0], a[1], e[0], e[1]));
    o->most_lost = fmax(o->most_lost, 1 - a[0] / e[0]);
}

static void print(const struct population *pop, struct rule rule, int count, double calibration,
                  const struct outcome *o)
{
    printf("%-30s %d/%d %6d %4.2f %5.3f |", pop->name, rule.k, rule.n, count, calibration,
           o->early_accepted / o->early_calls);
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.3f", gain_of(o[i].accepted, o[i].calls, o[i].early_accepted, o[i].early_calls));
    printf(" |");
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.3f", o[i].least_gain);
    printf(" |");
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.2f", 100 * (1 - o[i].accepted / o[i].early_accepted));
    printf(" |");
    for (int i = 0; i < SLOTS_TRIED; i++)
        printf(" %5.2f", 100 * o[i].most_lost);
    if (calibration > 0)
        printf(" |\n");
    else
        printf(" | %5.3f %5.3f\n", tables_bound(pop, rule, LOSS),
               tables_bound_own(pop, rule, LOSS));
    fflush(stdout);
}

static void report(const struct population *pop, struct rule rule, int count, int tables,
                   double calibration)
{
    struct pair *pairs = malloc((size_t)count * sizeof(*pairs));
    struct outcome o[SLOTS_TRIED] = {{0}};
    for (int i = 0; i < SLOTS_TRIED; i++)
        o[i].least_gain = INFINITY;
    for (int table = 1; table <= tables; table++) {
        tables_deal(pairs, count, pop, rule.n, (uint64_t)table);
        for (int i = 0; i < SLOTS_TRIED; i++)
            play(&o[i], pairs, count,
                 (struct table_run){.rule = rule,
                                    .slots = slots_tried[i],
                                    .calibration = calibration,
                                    .seed = (uint64_t)table});
    }
    print(pop, rule, count, calibration, o);
    free(pairs);
}

static void report_rule(struct rule rule, int count, int tables)
{
    printf("\n%-30s k/n   pairs drawn early | accepted per call |  the same, worst  |"
           " lost, %% of early's |  the same, worst  | could be had\n"
           "%-30s            full  p/call|     1    64  1024 |     1    64  1024 |"
           "     1    64  1024 |     1    64  1024 | known   own\n",
           "population", "");
    for (int i = 0; i < POPULATIONS; i++) {
        report(&populations[i], rule, count, tables, 0);
        if (i < 2)
            report(&populations[i], rule, count, tables, 0.05);
    }
}

int main(int argc, char **argv)
{
    struct rule rules[] = {{1, 8}, {3, 4}};
    int counts[] = {731, 5000, 20000}, n_rules = 2, n_counts = 3;
    long given[4] = {5, 0, 0, 0};
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
    for (int i = 0; i < n_rules; i++)
        for (int j = 0; j < n_counts; j++)
            report_rule(rules[i], counts[j], (int)given[0]);
    return 0;
}
