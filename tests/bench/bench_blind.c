/*
 * What the prompt-blind baseline takes: pairs a second, by the length of their answers, reading
 * (words, cues) and learning together.
 *
 *   bench_blind [pairs]        default: 5000, the most of one source
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/rng.h"
#include "coordinator/blind.h"

enum { VOCABULARY = 30000 };

/* Frequent words are frequent: about as 1 / rank. */
static void add_words(struct buf *text, size_t n, struct rng *r)
{
    buf_clear(text);
    for (size_t i = 0; i < n; i++)
        buf_addf(text, "%sword%llu", i ? " " : "",
                 (unsigned long long)rng_below(r, 1 + rng_below(r, 1 + rng_below(r, VOCABULARY))));
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool run(size_t pairs, size_t words)
{
    struct err e;
    struct rng r;
    struct blind_result result;
    struct buf prompt, chosen, rejected;
    struct blind *b = blind_new(1, &e);
    double used = 0;
    if (!b)
        return false;
    rng_init(&r, 1);
    buf_init(&prompt, 1 << 20);
    buf_init(&chosen, 1 << 20);
    buf_init(&rejected, 1 << 20);
    for (size_t i = 0; i < pairs; i++) {
        add_words(&prompt, 30, &r);
        add_words(&chosen, words, &r);
        add_words(&rejected, words, &r);
        const struct blind_pair pair = {i, buf_view(&prompt), buf_view(&chosen),
                                        buf_view(&rejected)};
        double before = seconds();
        if (blind_add(b, &pair, &e) != BLIND_ADDED)
            break;
        used += seconds() - before;
    }
    double before = seconds();
    bool ok = blind_measure(b, &result, &e);
    double learning = seconds() - before;
    if (ok)
        printf("%6zu words: %5lld pairs, %6.0f pairs/s (reading %.2f s, learning %.2f s), "
               "held out %.1f %%\n",
               words, (long long)result.pairs, (double)result.pairs / (used + learning), used,
               learning, 100 * result.learned.share);
    blind_free(b);
    buf_free(&prompt);
    buf_free(&chosen);
    buf_free(&rejected);
    return ok;
}

int main(int argc, char **argv)
{
    static const size_t words[] = {20, 100, 300, 600, 3000};
    size_t pairs = argc > 1 ? strtoul(argv[1], NULL, 10) : BLIND_PAIRS_MAX;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!run(pairs, words[i]))
            return 1;
    return 0;
}
