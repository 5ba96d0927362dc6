/*
 * How many answers the math checker compares in a second, of the kind that sets of questions have,
 * and how long the slowest of a set of hostile inputs takes: none may take 50 ms.
 *
 *   bench_answers [rounds, 2000]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "filters/answers/checker.h"
#include "filters/answers/rules.h"

#define LIMIT_MS 50

/* Grade-school and competition answers, right and wrong, in about the mix they come in. */
static const char *const ordinary[][2] = {
    {"72", "72"},
    {"18", "18.00"},
    {"70000", "70,000"},
    {"540", "530"},
    {"\\$18.90", "18.9"},
    {"\\frac{14}{3}", "\\dfrac{14}{3}"},
    {"\\frac{3}{4}", "0.75"},
    {"-\\frac{7}{2}", "-3.5"},
    {"6", "-6"},
    {"2\\sqrt{3}", "\\sqrt{12}"},
    {"(3,\\frac{\\pi}{2})", "\\left( 3, \\frac{\\pi}{2} \\right)"},
    {"x^2-4x+4", "(x-2)^2"},
    {"27", "27\\text{ miles}"},
    {"12\\%", "12"},
    {"\\text{Tuesday}", "Tuesday"},
    {"(C)", "C"},
    {"[2,5)", "[2, 5)"},
    {"1,-2", "-2,1"},
    {"10080", "10081"},
    {"y=2x+3", "2x+3"},
};

/* piece, how often, what comes before and after */
static const struct hostile {
    const char *before, *piece, *after;
    size_t times;
} hostiles[] = {
    {"9^{9^{9^9}}", "", "", 0},
    {"", "9^{", "9", 20},
    {"", "(", "1", 2000},
    {"", "\\frac{1}{", "2", 2000},
    {"", "1\\frac{", "2", 2000},
    {"1", "!", "", 2000},
    {"4000!", "", "", 0},
    {"99999!", "", "", 0},
    {"", "4999!+", "1", 400},
    {"", "9", "", 60000},
    {"0.", "9", "", 60000},
    {"", "1,", "1", 2000},
    {"", "x+", "1", 500},
    {"", "(x+1)", "", 250},
    {"", "x^{99}+", "1", 250},
    {"", "\\sqrt{2}+", "1", 250},
    {"", "\\sqrt{2+", "1", 38},
    {"", "\\sin ", "1", 100},
    {"", "\\sin(1)+", "1", 250},
    {"", "\\sin(x)^{3}+", "1", 250},
    {"", "\\arctan(x)+\\ln(x)+", "1", 120},
    {"", "\\pm 1 ", "", 200},
    {"", "\\pm x,", "1", 200},
    {"", "\\cup (1,2)", "", 300},
    {"(1,2)", "\\cup(1,2)", "", 250},
    {"", "x<1 or ", "x>2", 250},
    {"x", "=x", "", 7},
    {"", "\\alpha", "", 4000},
    {"", "\\zzz ", "", 12000},
    {"", "π", "", 30000},
    {"", "好", "", 20000},
    {"", "five apples ", "", 2000},
    {"", "one ", "", 4000},
    {"", "{", "", 60000},
    {"", "a", "", 60000},
    {"\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7}+\\sqrt{11}+\\sqrt{13}", "", "", 0},
    {"\\binom{1000000}{4000}", "", "", 0},
    {"", "\\binom{99999}{3999}+", "1", 60},
    {"e^{", "\\pi\\cdot", "1}", 60},
    {"", "f(", "x", 100},
    {"", "\\log_2 ", "3", 100},
    {"2^{1000000000}", "", "", 0},
    {"", "(1+i)^{999}+", "1", 200},
    {"\\{", "1,", "2\\}", 250},
    {"", "(x+y+z)^{40}", "", 100},
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_answers: %s\n", what);
    exit(1);
}

/* Of this process alone: whatever else the machine does. */
static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct answer_rules rules;

static double per_second(const struct checker *c, int64_t rounds)
{
    size_t n = sizeof ordinary / sizeof ordinary[0], equal = 0;
    struct answer_result r;
    double from = now_ms();
    for (int64_t i = 0; i < rounds; i++)
        for (size_t k = 0; k < n; k++) {
            c->compare(&rules, slice_of(ordinary[k][0]), slice_of(ordinary[k][1]), &r);
            equal += r.verdict == ANSWER_EQUAL;
        }
    must(equal == (size_t)rounds * (n - 3), "an ordinary answer was decided wrongly");
    return (double)rounds * (double)n / (now_ms() - from) * 1e3;
}

static void build(struct buf *b, const struct hostile *h, const char *more)
{
    buf_clear(b);
    buf_str(b, h->before);
    for (size_t i = 0; i < h->times; i++)
        buf_str(b, h->piece);
    buf_str(b, h->after);
    buf_str(b, more);
}

/* Each against itself and one more, and against every other. */
static double slowest(const struct checker *c, size_t *worst_a, size_t *worst_b)
{
    size_t n = sizeof hostiles / sizeof hostiles[0];
    double most = 0;
    struct buf a, b;
    struct answer_result r;
    buf_init(&a, ANSWER_MAX * 2);
    buf_init(&b, ANSWER_MAX * 2);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i; k < n; k++) {
            build(&a, &hostiles[i], "");
            build(&b, &hostiles[k], i == k ? "+1" : "");
            double from = now_ms();
            c->compare(&rules, buf_view(&a), buf_view(&b), &r);
            double took = now_ms() - from;
            if (took > most) {
                most = took;
                *worst_a = i;
                *worst_b = k;
            }
        }
    buf_free(&a);
    buf_free(&b);
    return most;
}

int main(int argc, char **argv)
{
    int64_t rounds = 2000;
    if (argc > 1)
        must(slice_i64(slice_of(argv[1]), &rounds) && rounds > 0 && rounds < 1000000, "rounds?");
    const struct checker *c = checker_find("math");
    rules = answer_rules_default();
    must(c != NULL, "there is no math checker");
    printf("ordinary answers: %.0f comparisons/s\n", per_second(c, rounds));
    size_t a = 0, b = 0;
    double most = slowest(c, &a, &b);
    printf("hostile answers: the slowest pair took %.2f ms of %d: %s%s... and %s%s...\n", most,
           LIMIT_MS, hostiles[a].before, hostiles[a].piece, hostiles[b].before, hostiles[b].piece);
    return most < LIMIT_MS ? 0 : 1;
}
