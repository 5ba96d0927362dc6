/*
 * What early stopping costs on tables of predetermined outcomes, beside three yardsticks:
 *   certificate  the calls that the table proves necessary: nobody can do with fewer;
 *   known        the plan of fewest expected calls for somebody who knows how the pass rates of the
 *                population are distributed (a dynamic programme), played on the same tables;
 *   own          the same for somebody who knows the two rates of every single pair.
 * Calls are made by the planner's rule: only what is surely needed, up to so many in flight over
 * all pairs, answers in random order; one in flight is the sequential case.
 *
 *   bench_stopping [tables [pairs [k n]]]    default: 3 tables of 731 and of 20000 pairs, 5 rules
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/tables.h"

#define POPULATIONS 17
static struct population populations[POPULATIONS];

static void make_populations(void)
{
    struct population *p = populations;
    tables_mixed(p++, "easy .8/.8 +hopeless", 0.8, 0.8, 0.2);
    tables_mixed(p++, "medium .4/.4 +hopeless", 0.4, 0.4, 0.2);
    tables_mixed(p++, "biased .75/.35 +hopeless", 0.75, 0.35, 0.2);
    tables_mixed(p++, "swapped .35/.75 +hopeless", 0.35, 0.75, 0.2);
    tables_crossed(p++, "half .75/.35 half .35/.75 +h.", 0.75, 0.35, 0.2);
    tables_mixed(p++, ".9/.5", 0.9, 0.5, 0);
    tables_mixed(p++, ".5/.9", 0.5, 0.9, 0);
    tables_mixed(p++, ".95/.1", 0.95, 0.1, 0);
    tables_mixed(p++, ".6/.6", 0.6, 0.6, 0);
    tables_mixed(p++, "coin .5/.5", 0.5, 0.5, 0);
    tables_mixed(p++, "near perfect .98/.98", 0.98, 0.98, 0);
    tables_mixed(p++, "half hopeless .9/.9", 0.9, 0.9, 0.5);
    tables_spread(p++, "Beta(4,2) tight", 4, 2, 40, 0);
    tables_spread(p++, "Beta(4,2) loose", 4, 2, 3, 0);
    tables_spread(p++, "Beta(1,1)", 1, 1, 10, 0);
    tables_spread(p++, "Beta(3,2) biased by .15", 3, 2, 10, 0.15);
    tables_spread(p++, "Beta(6,2) biased by -.25", 6, 2, 10, -0.25);
}

/* Expected calls per pair for somebody who knows every pair's own rates. */
static double own_calls(const struct population *pop, struct rule rule)
{
    struct known known = {.calls = 0};
    double sum = 0;
    for (int i = 0; i < ATOMS; i++) {
        if (i == 0 || memcmp(pop->rate[i], pop->rate[i - 1], sizeof(pop->rate[i])) != 0) {
            tables_know(&known, pop->rate + i, 1, rule, 0);
            tables_forget(&known);
        }
        sum += known.calls;
    }
    return sum / ATOMS;
}

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
    struct known plan;
    struct pair *pairs = malloc((size_t)count * sizeof(*pairs));
    double needed = 0, known = 0, own = own_calls(pop, rule) * count * tables;
    double made[SLOTS_TRIED] = {0}, worst[SLOTS_TRIED] = {0}, busy[SLOTS_TRIED] = {0};
    tables_know(&plan, pop->rate, ATOMS, rule, 0);
    for (int table = 1; table <= tables; table++) {
        double best = 0;
        tables_deal(pairs, count, pop, rule.n, (uint64_t)table);
        for (int i = 0; i < count; i++) {
            bool ignored;
            needed += tables_certificate(&pairs[i], rule, &ignored);
            best += (double)tables_play(&plan, pairs[i], &ignored);
        }
        known += best;
        for (int i = 0; i < SLOTS_TRIED; i++) {
            struct table_run run = {.rule = rule, .slots = slots_tried[i], .seed = (uint64_t)table};
            tables_run(&run, pairs, count);
            made[i] += (double)run.calls;
            worst[i] = fmax(worst[i], (double)run.calls / best);
            busy[i] += 100 * run.busy;
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
    tables_forget(&plan);
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
