/*
 * What becomes of labels that are the wrong way round: every tenth verified label is turned on
 * purpose, a teacher judges the pairs, and each acceptance rule lets some of the turned ones into
 * SFT. The list of suspect labels (coordinator/suspicion.h) should find them.
 *
 *   bench_labels [pairs]        default: 20000
 *
 * Columns: accepted pairs of all, of the turned, and the share of turned ones among the accepted;
 * then, from the counts that `full` and `early` leave behind, the turned ones among the most
 * suspect 12 % of all pairs (recall: of all turned; precision: of those listed) and among the pairs
 * that both orders contradict.
 */
#include <stdio.h>
#include <stdlib.h>

#include "coordinator/suspicion.h"
#include "tests/bench/tables.h"

#define FLIPPED 0.10
#define LISTED 0.12

struct teacher {
    const char *name;
    double a, b; /* rates of the pairs: Beta(a, b); b = 0: all a */
    double accuracy;
};

static const struct teacher teachers[] = {
    {"Beta(6,2): right 0.75", 6, 2, 0.75},
    {"Beta(6.8,1.2): right 0.85", 6.8, 1.2, 0.85},
    {"0.85 for every pair", 0.85, 0, 0.85},
};

struct named_rule {
    const char *name;
    struct rule rule;
};

static const struct named_rule rules[] = {
    {"1 of 8", {1, 8}},          {"majority of 5", {3, 5}}, {"3 of 4", {3, 4}},
    {"share 0.75 of 8", {6, 8}}, {"4 of 5", {4, 5}},
};

struct judged {
    double odds;
    bool flipped, contradicted;
};

static int by_odds(const void *a, const void *b)
{
    const struct judged *x = a, *y = b;
    return x->odds < y->odds ? 1 : x->odds > y->odds ? -1 : 0;
}

/* Outcomes as the label sees them: where it is turned, a right verdict is incorrect. */
static void judge(struct pair *pairs, bool *flipped, int count, const struct teacher *t, int n)
{
    struct rng r;
    rng_init(&r, 31);
    for (int i = 0; i < count; i++) {
        double rate = t->b > 0 ? tables_beta(&r, t->a, t->b) : t->a;
        flipped[i] = rng_double(&r) < FLIPPED;
        pairs[i] = (struct pair){.tie = rng_u64(&r)};
        for (int lane = 0; lane < 2; lane++)
            for (int k = 0; k < n; k++)
                if ((rng_double(&r) < rate) != flipped[i])
                    pairs[i].outcome[lane] |= (uint64_t)1 << k;
    }
}

static void report_list(const struct pair *pairs, const bool *flipped, int count, double accuracy)
{
    struct judged *all = malloc((size_t)count * sizeof(*all));
    int total = 0, top = (int)(LISTED * count), found = 0, listed = 0, right = 0;
    for (int i = 0; i < count; i++) {
        const struct tally *t = pairs[i].tally;
        struct suspicion_order o[2] = {{t[0].correct, t[0].missed, 0},
                                       {t[1].correct, t[1].missed, 0}};
        all[i] = (struct judged){suspicion_odds(o, 2, accuracy), flipped[i],
                                 suspicion_contradicted(o, 2)};
        total += flipped[i];
        listed += all[i].contradicted;
        right += all[i].contradicted && flipped[i];
    }
    qsort(all, (size_t)count, sizeof(*all), by_odds);
    for (int i = 0; i < top; i++)
        found += all[i].flipped;
    printf(" | %5.1f %5.1f | %5.1f %5.1f %5.1f", 100.0 * found / total, 100.0 * found / top,
           100.0 * listed / count, 100.0 * right / total, listed ? 100.0 * right / listed : 0);
    free(all);
}

static void report(const struct teacher *t, const struct named_rule *r, int count)
{
    struct pair *pairs = malloc((size_t)count * sizeof(*pairs));
    bool *flipped = malloc((size_t)count * sizeof(*flipped));
    judge(pairs, flipped, count, t, r->rule.n);
    for (int full = 1; full >= 0; full--) {
        struct pair *done = malloc((size_t)count * sizeof(*done));
        struct table_run run = {
            .rule = r->rule, .slots = 256, .seed = 5, .calibration = full, .played = done};
        tables_run(&run, pairs, count);
        int total = 0, accepted = 0, wrong = 0;
        for (int i = 0; i < count; i++) {
            bool in = tables_accepted(&done[i], r->rule);
            total += flipped[i];
            accepted += in;
            wrong += in && flipped[i];
        }
        printf("%-26s %-16s %-5s %5.2f | %5.1f %5.1f %5.2f", t->name, r->name,
               full ? "full" : "early", (double)run.calls / count, 100.0 * accepted / count,
               100.0 * wrong / total, 100.0 * wrong / accepted);
        report_list(done, flipped, count, t->accuracy);
        printf("\n");
        fflush(stdout);
        free(done);
    }
    free(pairs);
    free(flipped);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? (int)strtol(argv[1], 0, 10) : 20000;
    printf("%-26s %-16s %-5s calls |  accepted, %% of     | most suspect | both orders contra-\n"
           "%-26s %-16s %-5s  per  |                turned | 12 %%: turned | dict: %% of pairs,\n"
           "%-26s %-16s %-5s pair  |   all turned  in SFT | found prec.  | turned found, prec.\n",
           "teacher", "rule", "", "", "", "", "", "", "");
    for (size_t t = 0; t < sizeof(teachers) / sizeof(teachers[0]); t++)
        for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++)
            report(&teachers[t], &rules[r], count);
    return 0;
}
