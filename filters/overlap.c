#include "filters/overlap.h"

#include <stdlib.h>

#include "filters/words.h"

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The different words of a text, sorted; NULL without memory. */
static uint64_t *words_sorted(struct slice text, size_t *n, struct arena *arena)
{
    uint64_t *all = arena_alloc(arena, OVERLAP_MOST_WORDS * sizeof *all);
    struct words w = words_of(text);
    size_t read = 0;
    *n = 0;
    if (!all)
        return NULL;
    while (read < OVERLAP_MOST_WORDS && words_next(&w, &all[read]))
        read++;
    qsort(all, read, sizeof *all, compare);
    for (size_t i = 0; i < read; i++)
        if (i == 0 || all[i] != all[*n - 1])
            all[(*n)++] = all[i];
    return all;
}

double overlap_words(struct slice a, struct slice b, struct arena *arena)
{
    size_t n, m, both = 0;
    const uint64_t *x = words_sorted(a, &n, arena), *y = words_sorted(b, &m, arena);
    if (!x || !y)
        return -1;
    for (size_t i = 0, j = 0; i < n && j < m;) {
        both += x[i] == y[j];
        uint64_t left = x[i], right = y[j];
        i += left <= right;
        j += right <= left;
    }
    return n && m ? (double)both / (double)(n + m - both) : 0;
}
