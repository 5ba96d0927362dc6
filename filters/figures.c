#include "filters/figures.h"

#define SLOTS (FIGURES_MOST * 2)

struct figures figures_of(struct slice text)
{
    return (struct figures){text, 0};
}

static bool is_digit(struct slice s, size_t at)
{
    return at < s.n && s.p[at] >= '0' && s.p[at] <= '9';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Three digits and no more: what follows a mark of thousands. */
static bool is_group(struct slice s, size_t at)
{
    return is_digit(s, at) && is_digit(s, at + 1) && is_digit(s, at + 2) && !is_digit(s, at + 3);
}

static uint64_t mix(uint64_t h, char digit)
{
    return (h ^ (unsigned char)digit) * 0x100000001B3u; /* FNV-1a */
}

/* The whole part without leading zeros, its marks of thousands left out. */
static size_t read_whole(struct slice s, size_t at, uint64_t *h)
{
    bool leading = true;
    for (;; at++) {
        if (s.p[at] != '0' || !leading) {
            *h = mix(*h, s.p[at]);
            leading = false;
        }
        if (is_digit(s, at + 1))
            continue;
        if (at + 1 < s.n && s.p[at + 1] == ',' && is_group(s, at + 2)) {
            at++;
            continue;
        }
        return at + 1;
    }
}

/* The fraction without zeros at its end. */
static size_t read_fraction(struct slice s, size_t at, uint64_t *h)
{
    size_t end = at, last = at;
    for (; is_digit(s, end); end++)
        if (s.p[end] != '0')
            last = end + 1;
    if (last > at)
        *h = mix(*h, '.');
    for (size_t i = at; i < last; i++)
        *h = mix(*h, s.p[i]);
    return end;
}

static struct figure read_figure(struct slice s, size_t at)
{
    struct figure f = {.value = 0xCBF29CE484222325u, .begin = at};
    f.end = read_whole(s, at, &f.value);
    if (f.end < s.n && s.p[f.end] == '.' && is_digit(s, f.end + 1))
        f.end = read_fraction(s, f.end + 1, &f.value);
    f.value += f.value == 0;
    return f;
}

bool figures_next(struct figures *f, struct figure *found)
{
    for (; f->at < f->text.n; f->at++) {
        if (!is_digit(f->text, f->at))
            continue;
        bool within = f->at > 0 && is_word(f->text.p[f->at - 1]);
        *found = read_figure(f->text, f->at);
        f->at = found->end;
        if (!within)
            return true;
        f->at--; /* the loop steps over the last digit */
    }
    return false;
}

static size_t slot_of(const struct figure_set *set, uint64_t value)
{
    size_t at = (size_t)(value % SLOTS);
    while (set->values[at] != 0 && set->values[at] != value)
        at = (at + 1) % SLOTS;
    return at;
}

void figure_set_add(struct figure_set *set, struct slice text)
{
    struct figures all = figures_of(text);
    for (struct figure f; set->n < FIGURES_MOST && figures_next(&all, &f);) {
        size_t at = slot_of(set, f.value);
        set->n += set->values[at] == 0;
        set->values[at] = f.value;
    }
}

bool figure_set_has(const struct figure_set *set, uint64_t value)
{
    return set->values[slot_of(set, value)] == value;
}
