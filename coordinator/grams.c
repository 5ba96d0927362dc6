#include "coordinator/grams.h"

#include <stdlib.h>

#include "filters/words.h"

#define SLOTS (2 * GRAMS_MAX)        /* a power of two */
#define NAMES_MAX ((size_t)16 << 20) /* bytes of all names together */
#define ONE_WORD 0x9AE16A3B2F90404Fu /* keeps a word apart from a pair */

struct gram {
    uint32_t name; /* offset in names */
    uint32_t length;
};

/* With its place, known by 32 + 20 bits of its hash: enough that no two of GRAMS_MAX meet. */
struct slot {
    uint32_t tag;
    uint32_t id; /* + 1; 0: free */
};

struct grams {
    struct gram *all; /* GRAMS_MAX */
    size_t n;
    struct slot *slots;
    struct buf names;
};

struct grams *grams_new(struct err *e)
{
    struct grams *g = calloc(1, sizeof *g);
    if (g) {
        g->all = malloc(GRAMS_MAX * sizeof *g->all);
        g->slots = calloc(SLOTS, sizeof *g->slots);
        buf_init(&g->names, NAMES_MAX);
    }
    if (g && g->all && g->slots)
        return g;
    grams_free(g);
    err_set(e, ERR_NOMEM, "out of memory for the words of the answers");
    return NULL;
}

void grams_free(struct grams *g)
{
    if (!g)
        return;
    free(g->all);
    free(g->slots);
    buf_free(&g->names);
    free(g);
}

size_t grams_count(const struct grams *g)
{
    return g->n;
}

struct slice grams_text(const struct grams *g, uint32_t id)
{
    return slice_sub(buf_view(&g->names), g->all[id].name, g->all[id].length);
}

/* ---- words ---- */

static bool is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

/* A word that is nothing but punctuation stays: it may be what gives an answer away. */
static struct slice bare(struct slice word)
{
    struct slice w = word;
    while (w.n && is_punctuation(w.p[0]))
        w = slice_from(w, 1);
    while (w.n && is_punctuation(w.p[w.n - 1]))
        w.n--;
    return w.n ? w : word;
}

static bool next_word(struct words *w, struct slice *word)
{
    if (!words_next_text(w, word))
        return false;
    *word = bare(*word);
    return true;
}

/* parts_of(text, parts): the text, or the two pieces that are read of a long one. The cut may go
 * through a word or a character: that makes one odd word. */
static size_t parts_of(struct slice text, struct slice parts[2])
{
    parts[0] = text;
    if (text.n <= GRAMS_HEAD + GRAMS_TAIL)
        return 1;
    parts[0].n = GRAMS_HEAD;
    parts[1] = slice_from(text, text.n - GRAMS_TAIL);
    return 2;
}

/* ---- the table ---- */

static void add_name(struct buf *names, struct slice word)
{
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        buf_char(names, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    }
}

/* admit(g, first, second, id): false when the table is full. */
static bool admit(struct grams *g, struct slice first, struct slice second, uint32_t *id)
{
    size_t from = g->names.n;
    if (g->n == GRAMS_MAX || g->names.failed)
        return false;
    add_name(&g->names, first);
    if (second.n) {
        buf_char(&g->names, ' ');
        add_name(&g->names, second);
    }
    if (g->names.failed)
        return false;
    *id = (uint32_t)g->n;
    g->all[g->n++] = (struct gram){(uint32_t)from, (uint32_t)(g->names.n - from)};
    return true;
}

/* find(g, hash, first, second, id): the gram of these words; second is empty for a single one. */
static bool find(struct grams *g, uint64_t hash, struct slice first, struct slice second,
                 uint32_t *id)
{
    uint32_t tag = (uint32_t)(hash >> 32);
    struct slot *slot = &g->slots[hash & (SLOTS - 1)];
    while (slot->id && slot->tag != tag)
        slot = slot + 1 < g->slots + SLOTS ? slot + 1 : g->slots;
    if (slot->id) {
        *id = slot->id - 1;
        return true;
    }
    if (!admit(g, first, second, id))
        return false;
    *slot = (struct slot){tag, *id + 1};
    return true;
}

size_t grams_read(struct grams *g, struct slice text, uint32_t *ids)
{
    struct slice parts[2];
    size_t n = 0, n_parts = parts_of(text, parts);
    for (size_t i = 0; i < n_parts; i++) {
        struct words words = words_of(parts[i]);
        struct slice word, last = {"", 0};
        uint64_t last_hash = 0;
        while (next_word(&words, &word)) {
            uint64_t hash = words_hash(word);
            n += find(g, words_mix(hash, ONE_WORD), word, S(""), &ids[n]);
            if (last.n)
                n += find(g, words_mix(last_hash, hash), last, word, &ids[n]);
            last = word;
            last_hash = hash;
        }
    }
    return n;
}

/* ---- content words ---- */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static bool has_content(struct slice word)
{
    return word.n >= 4 || (word.p[0] >= '0' && word.p[0] <= '9') || (word.p[0] & 0x80);
}

size_t grams_content(struct slice text, uint64_t *hashes)
{
    struct slice parts[2];
    size_t n = 0, kept = 0, n_parts = parts_of(text, parts);
    for (size_t i = 0; i < n_parts; i++) {
        struct words words = words_of(parts[i]);
        for (struct slice word; next_word(&words, &word);)
            if (has_content(word))
                hashes[n++] = words_hash(word);
    }
    qsort(hashes, n, sizeof *hashes, by_value);
    for (size_t j = 0; j < n; j++)
        if (j == 0 || hashes[j] != hashes[kept - 1])
            hashes[kept++] = hashes[j];
    return kept;
}
