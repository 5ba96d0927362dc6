/*
 * tables: what the benches about stopping have in common: populations of pairs, tables of
 * predetermined outcomes, what such a table proves necessary, the plan that knows the population,
 * and a run of the planner's rule over a table with calls in flight.
 */
#ifndef TESTS_BENCH_TABLES_H
#define TESTS_BENCH_TABLES_H

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
    bool full;    /* every rollout is drawn */
    bool left;    /* given up */
    uint64_t tie;
};

double tables_beta(struct rng *r, double a, double b);
/* tables_mixed: `hopeless` of the pairs pass at 0.02, the others at a and b. tables_crossed: half
 * of these are harder in one order, half in the other. */
void tables_mixed(struct population *p, const char *name, double a, double b, double hopeless);
void tables_crossed(struct population *p, const char *name, double a, double b, double hopeless);
/* tables_spread: pair quality q ~ Beta(a, b); the orders scatter around q + shift and q - shift
 * with `tight`. tables_solvable: hopeless pairs, and rates from Beta(a, b), the same in both orders
 * or not. */
void tables_spread(struct population *p, const char *name, double a, double b, double tight,
                   double shift);
void tables_solvable(struct population *p, const char *name, double a, double b, bool same,
                     double hopeless);

/* tables_deal(pairs, count, pop, n, seed): a new table. */
void tables_deal(struct pair *pairs, int count, const struct population *pop, int n, uint64_t seed);
bool tables_decided(const struct pair *p, struct rule rule);
bool tables_accepted(const struct pair *p, struct rule rule);
/* tables_certificate(p, rule, accepted): the calls that nobody can do without to know the fate. */
int tables_certificate(const struct pair *p, struct rule rule, bool *accepted);

/* The plan of fewest expected calls for pass rates drawn evenly from known atoms; with a price, the
 * one that gives up pairs where an accepted pair would cost more calls than that. */
struct known {
    struct rule rule;
    int width, states;
    unsigned char *lane;
    double calls, accepted; /* expected per pair */
};

void tables_know(struct known *p, const double (*rate)[2], int count, struct rule rule,
                 double price);
/* tables_bound(pop, rule, loss): how many times the accepted pairs per call of the plan that gives
 * nothing up can be had at this loss by somebody who knows how the rates of the population are
 * distributed; tables_bound_own: by somebody who knows the rates of every single pair. */
double tables_bound(const struct population *pop, struct rule rule, double loss);
double tables_bound_own(const struct population *pop, struct rule rule, double loss);
void tables_forget(struct known *p);
/* tables_play(p, pair, accepted): calls that the plan makes of this pair. */
long tables_play(const struct known *p, struct pair pair, bool *accepted);

/* A run of the planner's rule: only what is surely needed, up to `slots` calls in flight over all
 * pairs, answers in random order; 1 is the sequential case. */
struct table_run {
    struct rule rule;
    int slots;
    double loss;        /* stop: adaptive; 0: early */
    double calibration; /* share drawn in full */
    uint64_t seed;
    struct pair *played; /* as many as were dealt: how they ended; NULL: not asked for */
    /* what came of it */
    long calls, accepted, left;
    double busy; /* mean share of the slots in use */
};

/* tables_run(run, dealt, count): the table itself is not changed. A run that leaves a pair without
 * a fate ends the process: its figures would mean nothing. */
void tables_run(struct table_run *run, const struct pair *dealt, int count);

#endif
