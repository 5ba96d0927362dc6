#include "coordinator/blind_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX ((size_t)8 << 20) /* 32 MB */

/* ---- memory ---- */

static bool no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory for the prompt-blind baseline");
}

struct blind *blind_new(uint64_t seed, struct err *e)
{
    struct blind *b = calloc(1, sizeof *b);
    if (!b) {
        no_memory(e);
        return NULL;
    }
    b->seed = seed;
    for (unsigned i = 0; i <= BLIND_COUNT_MAX; i++)
        b->logs[i] = log1pf((float)i);
    b->grams = grams_new(e);
    bool ok = b->grams != NULL;
    ok = (b->counts = calloc(GRAMS_MAX, sizeof *b->counts)) != NULL && ok;
    for (int i = 0; i < 3; i++)
        ok = (b->contents[i] = calloc(GRAMS_OF_TEXT, sizeof *b->contents[i])) != NULL && ok;
    b->touched = calloc(2 * GRAMS_OF_TEXT, sizeof *b->touched);
    b->ids = calloc(GRAMS_OF_TEXT, sizeof *b->ids);
    if (ok && b->touched && b->ids)
        return b;
    blind_free(b);
    no_memory(e);
    return NULL;
}

void blind_free(struct blind *b)
{
    if (!b)
        return;
    grams_free(b->grams);
    free(b->rows);
    free(b->entries);
    free(b->counts);
    free(b->touched);
    free(b->ids);
    for (int i = 0; i < 3; i++)
        free(b->contents[i]);
    free(b);
}

static bool make_room(struct blind *b, struct err *e)
{
    if (b->n == b->room) {
        size_t room = b->room ? 2 * b->room : 256;
        struct blind_row *more = reallocarray(b->rows, room, sizeof *more);
        if (!more)
            return no_memory(e);
        b->rows = more;
        b->room = room;
    }
    if (b->entries_room - b->n_entries < 2 * GRAMS_OF_TEXT) {
        size_t room = b->entries_room ? 2 * b->entries_room : 8 * GRAMS_OF_TEXT;
        room = room < ENTRIES_MAX ? room : ENTRIES_MAX;
        struct blind_entry *more = reallocarray(b->entries, room, sizeof *more);
        if (!more)
            return no_memory(e);
        b->entries = more;
        b->entries_room = room;
    }
    return true;
}

/* ---- a pair ---- */

float blind_value(const struct blind *b, struct blind_entry entry)
{
    return b->logs[entry.chosen] - b->logs[entry.rejected];
}

/* Counts a text's grams; those that were not touched yet go to the list. */
static size_t count_grams(struct blind *b, struct slice text, int side, size_t n_touched)
{
    size_t n = grams_read(b->grams, text, b->ids);
    for (size_t i = 0; i < n; i++) {
        uint8_t *counts = b->counts[b->ids[i]];
        if (!counts[0] && !counts[1])
            b->touched[n_touched++] = b->ids[i];
        counts[side] = (uint8_t)(counts[side] + (counts[side] < BLIND_COUNT_MAX));
    }
    return n_touched;
}

/* The answers are read in an order of their own, not chosen first: which of them is chosen must
 * change nothing but the sign. */
static void add_entries(struct blind *b, const struct blind_pair *pair, struct blind_row *row)
{
    bool swapped = slice_cmp(pair->rejected, pair->chosen) < 0;
    size_t n = count_grams(b, swapped ? pair->rejected : pair->chosen, swapped, 0);
    n = count_grams(b, swapped ? pair->chosen : pair->rejected, !swapped, n);
    row->first = b->n_entries;
    for (size_t i = 0; i < n; i++) {
        uint8_t *counts = b->counts[b->touched[i]];
        if (counts[0] != counts[1])
            b->entries[b->n_entries++] = (struct blind_entry){
                b->touched[i] & 0xFFFFF, counts[0] & BLIND_COUNT_MAX, counts[1] & BLIND_COUNT_MAX};
        counts[0] = counts[1] = 0;
    }
    row->n = b->n_entries - row->first;
}

static void add_cues(const struct blind_pair *pair, struct blind_row *row)
{
    struct cues chosen = cues_of(pair->chosen), rejected = cues_of(pair->rejected);
    for (size_t c = 0; c < CUE_COUNT; c++)
        row->cues[c] = (float)(log1p((double)chosen.count[c]) - log1p((double)rejected.count[c]));
}

/* Both lists are sorted. */
static size_t in_both(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b)
{
    size_t n = 0;
    for (size_t i = 0, j = 0; i < n_a && j < n_b;) {
        n += a[i] == b[j];
        size_t step_a = a[i] <= b[j], step_b = b[j] <= a[i];
        i += step_a;
        j += step_b;
    }
    return n;
}

static void add_overlap(struct blind *b, const struct blind_pair *pair, struct blind_row *row)
{
    const struct slice texts[3] = {pair->chosen, pair->rejected, pair->prompt};
    size_t n[3];
    for (int i = 0; i < 3; i++)
        n[i] = grams_content(texts[i], b->contents[i]);
    for (int i = 0; i < 2; i++) {
        size_t shared = in_both(b->contents[i], n[i], b->contents[2], n[2]);
        row->overlap[i] = shared ? (float)((double)shared / sqrt((double)n[i] * (double)n[2])) : 0;
    }
}

enum blind_got blind_add(struct blind *b, const struct blind_pair *pair, struct err *e)
{
    if (b->n == BLIND_PAIRS_MAX || ENTRIES_MAX - b->n_entries < 2 * GRAMS_OF_TEXT)
        return BLIND_FULL;
    if (!make_room(b, e))
        return BLIND_FAILED;
    struct blind_row *row = &b->rows[b->n++];
    *row = (struct blind_row){.family = pair->family};
    add_entries(b, pair, row);
    add_cues(pair, row);
    add_overlap(b, pair, row);
    return BLIND_ADDED;
}
