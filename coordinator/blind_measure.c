/* What the pairs that were added say. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/blind_private.h"

#define SEEN_MIN 3       /* pairs that a gram must stand in: one that is rarer teaches nothing */
#define CUE_SCALE 0.5    /* of a cue beside all words together, whose length is 1 */
#define TELLING_MIN 12.0 /* (chosen - rejected)^2 / (chosen + rejected): chance gives about 1 */

/* Two pairs that teach each other's model are right or wrong together. For a margin that is a sum
 * over many pairs, as a linear model's is, the correlations of one pair with all others add up to
 * 1, those of the signs to 2 / pi: by so much the variance of the share is larger than that of
 * independent guesses. (Measured with labels by chance: 1.2 to 1.3 times the deviation.) */
#define TAUGHT_BY_EACH_OTHER (1 + 2 / 3.14159265358979323846)

/* What is known of each gram while the result is made. */
struct tally {
    int64_t chosen, rejected; /* pairs where that side has it more often */
    double sum;               /* of the feature, over all pairs */
    uint32_t kept;            /* its number among those kept, from 1; 0: not kept */
};

struct work {
    struct blind *b;
    uint32_t *by_family; /* rows, those of a family together */
    double *right;       /* of each row: 1, 0, or 0.5 for a tie */
    struct tally *tallies;
    uint32_t *gram_of; /* of each one kept */
    size_t n_kept;
    float *scores, *weights;
};

/* ---- shares ---- */

static double rightness(double difference)
{
    return difference > 0 ? 1 : difference < 0 ? 0 : 0.5;
}

/* The variance of the share is that between families (linearised, as for any ratio of cluster
 * totals); n_effective is the number of single cases that would vary as much. */
static struct blind_share share_of(const struct work *w)
{
    const struct blind *b = w->b;
    struct blind_share s = {0};
    double sum = 0, squares = 0, n = (double)b->n, families = 0;
    for (size_t i = 0; i < b->n; i++) {
        sum += w->right[i];
        s.differs += w->right[i] > 0.75 || w->right[i] < 0.25;
    }
    s.share = sum / n;
    for (size_t i = 0; i < b->n;) {
        uint64_t family = b->rows[w->by_family[i]].family;
        double total = 0;
        for (; i < b->n && b->rows[w->by_family[i]].family == family; i++)
            total += w->right[w->by_family[i]] - s.share;
        squares += total * total;
        families++;
    }
    double variance = families > 1 ? squares / (n * n) * families / (families - 1) : 0;
    double single = s.share * (1 - s.share);
    if (single <= 0)
        s.n_effective = families;
    else
        s.n_effective = variance > single / n ? single / variance : n;
    return s;
}

static void measure_cues(struct work *w, struct blind_result *r)
{
    const struct blind *b = w->b;
    for (size_t c = 0; c < CUE_COUNT; c++) {
        for (size_t i = 0; i < b->n; i++)
            w->right[i] = rightness((double)b->rows[i].cues[c]);
        r->cues[c] = share_of(w);
    }
    for (size_t i = 0; i < b->n; i++) {
        const float *overlap = b->rows[i].overlap;
        w->right[i] = rightness((double)overlap[0] - (double)overlap[1]);
        r->overlap_chosen += (double)overlap[0] / (double)b->n;
        r->overlap_rejected += (double)overlap[1] / (double)b->n;
    }
    r->overlap = share_of(w);
}

/* ---- features ---- */

static void tally_grams(struct work *w)
{
    struct blind *b = w->b;
    for (size_t i = 0; i < b->n_entries; i++) {
        struct tally *t = &w->tallies[b->entries[i].gram];
        bool chosen = b->entries[i].chosen > b->entries[i].rejected;
        t->chosen += chosen;
        t->rejected += !chosen;
    }
    for (size_t g = 0; g < grams_count(b->grams); g++) {
        struct tally *t = &w->tallies[g];
        if (t->chosen + t->rejected < SEEN_MIN)
            continue;
        w->gram_of[w->n_kept] = (uint32_t)g;
        t->kept = (uint32_t)++w->n_kept;
    }
}

/* Leaves in the rows only what is kept, under its new number. */
static void keep_grams(struct work *w)
{
    struct blind *b = w->b;
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct blind_row *row = &b->rows[i];
        size_t from = row->first, to = from + row->n;
        double square = 0;
        row->first = n;
        for (size_t at = from; at < to; at++) {
            struct blind_entry entry = b->entries[at];
            uint32_t kept = w->tallies[entry.gram].kept;
            if (!kept)
                continue;
            entry.gram = (kept - 1) & 0xFFFFF;
            b->entries[n++] = entry;
            square += (double)blind_value(b, entry) * (double)blind_value(b, entry);
        }
        row->n = n - row->first;
        row->scale = square > 0 ? (float)(1 / sqrt(square)) : 0;
        for (size_t at = row->first; at < n; at++) {
            float x = row->scale * blind_value(b, b->entries[at]);
            w->tallies[w->gram_of[b->entries[at].gram]].sum += (double)x;
        }
    }
    b->n_entries = n;
}

/* Each cue to the same size, whatever it counts. No label is looked at: only squares. */
static void scale_cues(struct blind *b)
{
    for (size_t c = 0; c < CUE_COUNT; c++) {
        double square = 0;
        for (size_t i = 0; i < b->n; i++)
            square += (double)b->rows[i].cues[c] * (double)b->rows[i].cues[c];
        double scale = square > 0 ? CUE_SCALE / sqrt(square / (double)b->n) : 0;
        for (size_t i = 0; i < b->n; i++)
            b->rows[i].cues[c] = (float)(scale * (double)b->rows[i].cues[c]);
    }
}

/* ---- words ---- */

static double merit(const struct work *w, size_t kept)
{
    return (double)w->weights[kept] * w->tallies[w->gram_of[kept]].sum;
}

static bool is_telling(const struct work *w, size_t kept, bool chosen)
{
    const struct tally *t = &w->tallies[w->gram_of[kept]];
    double lead = (double)(t->chosen - t->rejected);
    return merit(w, kept) > 0 &&
           (chosen ? lead > 0 && w->weights[kept] > 0 : lead < 0 && w->weights[kept] < 0) &&
           lead * lead >= TELLING_MIN * (double)(t->chosen + t->rejected);
}

static size_t name_words(const struct work *w, bool chosen, struct blind_word words[BLIND_WORDS])
{
    size_t best[BLIND_WORDS], n = 0;
    for (size_t kept = 0; kept < w->n_kept; kept++) {
        if (!is_telling(w, kept, chosen))
            continue;
        size_t at = n;
        while (at > 0 && merit(w, best[at - 1]) < merit(w, kept))
            at--;
        if (at == BLIND_WORDS)
            continue;
        size_t moved = (n < BLIND_WORDS ? n : BLIND_WORDS - 1) - at;
        memmove(&best[at + 1], &best[at], moved * sizeof *best);
        best[at] = kept;
        n += n < BLIND_WORDS;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t gram = w->gram_of[best[i]];
        words[i] = (struct blind_word){grams_text(w->b->grams, gram), w->tallies[gram].chosen,
                                       w->tallies[gram].rejected};
    }
    return n;
}

/* ---- result ---- */

/* For qsort_r: rows of a family together, whatever came first. */
static int by_family(const void *a, const void *b, void *context)
{
    const struct blind_row *rows = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (rows[x].family != rows[y].family)
        return rows[x].family < rows[y].family ? -1 : 1;
    return x < y ? -1 : x > y;
}

static int64_t sort_families(struct work *w)
{
    const struct blind *b = w->b;
    int64_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        w->by_family[i] = (uint32_t)i;
    qsort_r(w->by_family, b->n, sizeof *w->by_family, by_family, b->rows);
    for (size_t i = 0; i < b->n; i++)
        n += i == 0 || b->rows[w->by_family[i]].family != b->rows[w->by_family[i - 1]].family;
    return n;
}

static bool measure(struct work *w, struct blind_result *r, struct err *e)
{
    struct blind *b = w->b;
    r->prompts = sort_families(w);
    r->enough = r->prompts >= BLIND_PROMPTS_MIN;
    if (!r->enough)
        return true;
    measure_cues(w, r);
    tally_grams(w);
    keep_grams(w);
    scale_cues(b);
    if (!blind_learn(b, w->n_kept, w->scores, w->weights, e))
        return false;
    for (size_t i = 0; i < b->n; i++)
        w->right[i] = rightness((double)w->scores[i]);
    r->learned = share_of(w);
    r->learned.n_effective /= TAUGHT_BY_EACH_OTHER;
    r->n_chosen_words = name_words(w, true, r->chosen_words);
    r->n_rejected_words = name_words(w, false, r->rejected_words);
    return true;
}

bool blind_measure(struct blind *b, struct blind_result *r, struct err *e)
{
    size_t grams = grams_count(b->grams) + 1, rows = b->n + 1;
    struct work w = {
        .b = b,
        .by_family = calloc(rows, sizeof *w.by_family),
        .right = calloc(rows, sizeof *w.right),
        .tallies = calloc(grams, sizeof *w.tallies),
        .gram_of = calloc(grams, sizeof *w.gram_of),
        .scores = calloc(rows, sizeof *w.scores),
        .weights = calloc(grams, sizeof *w.weights),
    };
    *r = (struct blind_result){.pairs = (int64_t)b->n};
    bool ok = w.by_family && w.right && w.tallies && w.gram_of && w.scores && w.weights;
    ok = ok ? measure(&w, r, e)
            : err_set(e, ERR_NOMEM, "out of memory for the prompt-blind baseline");
    free(w.by_family);
    free(w.right);
    free(w.tallies);
    free(w.gram_of);
    free(w.scores);
    free(w.weights);
    return ok;
}
