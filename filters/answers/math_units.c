#include "filters/answers/math_units.h"

#include <string.h>
#include <strings.h>

#include "filters/answers/math_words.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum dimension {
    LENGTH,
    MASS,
    TIME,
    DOLLAR,
    EURO,
    POUND,
    YEN,
    RUPEE,
    DEGREE,
    RADIAN,
    BIT,
    DIMENSIONS
};

/* One unit is over/under of its base units; names end in NULL, the first is the plain one. */
struct math_unit_row {
    const char *names[7];
    enum dimension dimension;
    int power;
    unsigned long over, under;
    enum dimension per; /* … for each of these; DIMENSIONS: of none */
};

/* clang-format off */
static const struct math_unit_row rows[] = {
    {{"metre", "meter", "m"}, LENGTH, 1, 1, 1, DIMENSIONS},
    {{"kilometre", "kilometer", "km"}, LENGTH, 1, 1000, 1, DIMENSIONS},
    {{"decimetre", "decimeter", "dm"}, LENGTH, 1, 1, 10, DIMENSIONS},
    {{"centimetre", "centimeter", "cm"}, LENGTH, 1, 1, 100, DIMENSIONS},
    {{"millimetre", "millimeter", "mm"}, LENGTH, 1, 1, 1000, DIMENSIONS},
    {{"micrometre", "micrometer", "um"}, LENGTH, 1, 1, 1000000, DIMENSIONS},
    {{"nanometre", "nanometer", "nm"}, LENGTH, 1, 1, 1000000000, DIMENSIONS},
    {{"inch", "inches", "in"}, LENGTH, 1, 254, 10000, DIMENSIONS},
    {{"foot", "feet", "ft"}, LENGTH, 1, 3048, 10000, DIMENSIONS},
    {{"yard", "yd"}, LENGTH, 1, 9144, 10000, DIMENSIONS},
    {{"mile", "mi"}, LENGTH, 1, 1609344, 1000, DIMENSIONS},
    {{"gram", "gramme", "g"}, MASS, 1, 1, 1, DIMENSIONS},
    {{"kilogram", "kg", "kilo"}, MASS, 1, 1000, 1, DIMENSIONS},
    {{"milligram", "mg"}, MASS, 1, 1, 1000, DIMENSIONS},
    {{"tonne"}, MASS, 1, 1000000, 1, DIMENSIONS},
    {{"pound", "lb", "lbs"}, MASS, 1, 45359237, 100000, DIMENSIONS},
    {{"ounce", "oz"}, MASS, 1, 45359237, 1600000, DIMENSIONS},
    {{"second", "sec", "secs", "s"}, TIME, 1, 1, 1, DIMENSIONS},
    {{"millisecond", "ms"}, TIME, 1, 1, 1000, DIMENSIONS},
    {{"minute", "min", "mins"}, TIME, 1, 60, 1, DIMENSIONS},
    {{"hour", "hr", "hrs", "h"}, TIME, 1, 3600, 1, DIMENSIONS},
    {{"day"}, TIME, 1, 86400, 1, DIMENSIONS},
    {{"week"}, TIME, 1, 604800, 1, DIMENSIONS},
    {{"dollar", "usd", "$"}, DOLLAR, 1, 1, 1, DIMENSIONS},
    {{"cent", "cents", "penny", "pennies"}, DOLLAR, 1, 1, 100, DIMENSIONS},
    {{"euro", "eur"}, EURO, 1, 1, 1, DIMENSIONS},
    {{"pounds", "gbp"}, POUND, 1, 1, 1, DIMENSIONS},
    {{"yen", "jpy"}, YEN, 1, 1, 1, DIMENSIONS},
    {{"rupee", "rs", "inr"}, RUPEE, 1, 1, 1, DIMENSIONS},
    {{"degree", "deg"}, DEGREE, 1, 1, 1, DIMENSIONS},
    {{"radian", "rad"}, RADIAN, 1, 1, 1, DIMENSIONS},
    {{"litre", "liter", "l"}, LENGTH, 3, 1, 1000, DIMENSIONS},
    {{"millilitre", "milliliter", "ml"}, LENGTH, 3, 1, 1000000, DIMENSIONS},
    {{"gallon", "gal"}, LENGTH, 3, 3785411784, 1000000000000, DIMENSIONS},
    {{"quart", "qt"}, LENGTH, 3, 946352946, 1000000000000, DIMENSIONS},
    {{"hectare", "ha"}, LENGTH, 2, 10000, 1, DIMENSIONS},
    {{"acre"}, LENGTH, 2, 40468564224, 10000000, DIMENSIONS},
    {{"mph"}, LENGTH, 1, 1609344, 3600000, TIME},
    {{"kph", "kmh"}, LENGTH, 1, 1000, 3600, TIME},
    {{"bit"}, BIT, 1, 1, 1, DIMENSIONS},
    {{"byte"}, BIT, 1, 8, 1, DIMENSIONS},
};
/* clang-format on */

static bool same(struct slice s, const char *name, size_t plural)
{
    size_t n = strlen(name);
    return s.n == n + plural && strncasecmp(s.p, name, n) == 0 &&
           (!plural || s.p[n] == 's' || s.p[n] == 'S');
}

/* Abbreviations have no plural and, when one letter long, one case. */
static const struct math_unit_row *find(struct slice word)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < COUNT(rows[i].names) && rows[i].names[k]; k++) {
            const char *name = rows[i].names[k];
            size_t n = strlen(name);
            if (n == 1 ? slice_is(word, name) || (slice_is(word, "L") && *name == 'l')
                       : same(word, name, 0) || (n > 3 && same(word, name, 1)) ||
                             (n == 3 && k == 0 && same(word, name, 1)))
                return &rows[i];
        }
    return NULL;
}

bool math_unit_known(struct slice run)
{
    return run.n > 1 && find(run) != NULL;
}

static bool push(struct math_unit *u, const struct math_unit_row *row, struct slice word, int power)
{
    if (u->n == MATH_UNIT_FACTORS)
        return false;
    u->factors[u->n].row = row;
    u->factors[u->n].word = word;
    u->factors[u->n++].power = power;
    return true;
}

/* Lower case, and without the s of a plural. */
static struct slice singular(struct arena *arena, struct slice word)
{
    struct slice s = arena_dup(arena, word);
    for (size_t i = 0; s.p && i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            ((char *)(uintptr_t)s.p)[i] = (char)(s.p[i] - 'A' + 'a');
    if (s.n > 3 && slice_ends(s, S("s")) && !slice_ends(s, S("ss")))
        s.n--;
    return s;
}

/* ^2, ^{2}, ^{-1}, "squared", "cubed" behind a unit. */
static int power_behind(const struct math_token *t, size_t *at)
{
    if (math_token_says(&t[*at], "squared") || math_token_says(&t[*at], "cubed")) {
        ++*at;
        return math_token_says(&t[*at - 1], "squared") ? 2 : 3;
    }
    if (!math_token_is(&t[*at], '^'))
        return 1;
    size_t i = *at + 1;
    bool brace = math_token_is(&t[i], '{');
    i += brace;
    bool minus = math_token_is(&t[i], '-');
    i += minus;
    bool digit = t[i].type == TOKEN_NUMBER && t[i].text.n == 1 && t[i].text.p[0] >= '1';
    if (!digit || (brace && !math_token_is(&t[i + 1], '}')))
        return 0;
    *at = i + 1 + brace;
    int power = t[i].text.p[0] - '0';
    return minus ? -power : power;
}

static int power_before(const struct math_token *t, size_t *at)
{
    static const struct {
        const char *word;
        int power;
    } words[] = {{"square", 2}, {"sq", 2}, {"cubic", 3}, {"cu", 3}};
    for (size_t i = 0; i < COUNT(words); i++)
        if (math_token_says(&t[*at], words[i].word)) {
            size_t dot = math_token_is(&t[*at + 1], '.');
            if (t[*at + 1 + dot].type != TOKEN_WORD)
                return 1;
            *at += 1 + dot;
            return words[i].power;
        }
    return 1;
}

static bool ends_unit(const struct math_token *t)
{
    return math_token_says(t, "or") || math_token_says(t, "and") || math_token_says(t, "to") ||
           (math_word_counts(t->text) && !math_token_says(t, "quarters") &&
            !math_token_says(t, "quarter"));
}

/* One factor at *at; false when none is there. */
static bool factor(struct arena *arena, struct math_unit *u, const struct math_token *t, size_t *at,
                   int sign)
{
    size_t i = *at;
    int power = power_before(t, &i);
    struct slice word = t[i].text;
    const struct math_unit_row *row = NULL;
    if (math_token_says(&t[i], "degree") && t[i].type == TOKEN_COMMAND)
        word = S("degree");
    else if (t[i].type != TOKEN_WORD || ends_unit(&t[i]))
        return false;
    row = find(word);
    bool temperature = row && row->dimension == DEGREE &&
                       (t[i + 1].type == TOKEN_WORD || t[i + 1].type == TOKEN_LETTER);
    if (temperature &&
        (slice_is(t[i + 1].text, "C") || slice_is(t[i + 1].text, "F") ||
         math_token_says(&t[i + 1], "celsius") || math_token_says(&t[i + 1], "fahrenheit"))) {
        word = t[i + 1].text.p[0] == 'C' || t[i + 1].text.p[0] == 'c' ? S("celsius")
                                                                      : S("fahrenheit");
        row = NULL;
        i++;
    }
    i++;
    i += math_token_is(&t[i], '.') && math_token_is(&t[i + 1], '^');
    int behind = power_behind(t, &i);
    i += math_token_is(&t[i], '.') && t[i + 1].type == TOKEN_WORD;
    if (!behind)
        return false;
    if (!row && !(word = singular(arena, word)).p)
        return false;
    *at = i;
    return push(u, row, word, sign * power * behind);
}

const struct math_unit *math_unit_parse(struct arena *arena, const struct math_token *t,
                                        size_t *used)
{
    struct math_unit *u = arena_alloc(arena, sizeof *u);
    size_t at = 0;
    int sign = 1;
    if (!u || !factor(arena, u, t, &at, 1))
        return NULL;
    for (;;) {
        size_t next = at;
        int turn = sign;
        if (math_token_is(&t[next], '/') || math_token_says(&t[next], "per")) {
            turn = -1;
            next++;
        } else if (math_token_says(&t[next], "cdot")) {
            next++;
        }
        if (!factor(arena, u, t, &next, turn))
            break;
        sign = turn;
        at = next;
    }
    *used = at;
    return u;
}

const struct math_unit *math_unit_per(struct arena *arena, const struct math_unit *u,
                                      const struct math_token *t, size_t *used)
{
    struct math_unit *all = arena_alloc(arena, sizeof *all);
    const struct math_unit *per = all ? math_unit_parse(arena, t, used) : NULL;
    if (!per)
        return NULL;
    *all = *u;
    for (size_t i = 0; i < per->n; i++)
        if (!push(all, per->factors[i].row, per->factors[i].word, -per->factors[i].power))
            return NULL;
    return all;
}

const struct math_unit *math_unit_named(struct arena *arena, const char *name)
{
    struct math_unit *u = arena_alloc(arena, sizeof *u);
    const struct math_unit_row *row = find(slice_of(name));
    return u && row && push(u, row, slice_of(name), 1) ? u : NULL;
}

/* ---- comparing ---- */

static void dimensions(const struct math_unit *u, int d[DIMENSIONS])
{
    memset(d, 0, DIMENSIONS * sizeof *d);
    for (size_t i = 0; i < u->n; i++) {
        const struct math_unit_row *row = u->factors[i].row;
        if (!row)
            continue;
        d[row->dimension] += row->power * u->factors[i].power;
        if (row->per != DIMENSIONS)
            d[row->per] -= u->factors[i].power;
    }
}

static bool has_factor(const struct math_unit *u, const struct math_unit_row *row,
                       struct slice word, int power)
{
    for (size_t i = 0; i < u->n; i++)
        if (u->factors[i].row == row && u->factors[i].power == power &&
            (row || slice_eq(u->factors[i].word, word)))
            return true;
    return false;
}

static bool words_only(const struct math_unit *u)
{
    for (size_t i = 0; i < u->n; i++)
        if (!u->factors[i].row)
            return true;
    return false;
}

enum math_unit_match math_unit_match(const struct math_unit *a, const struct math_unit *b)
{
    bool same_factors = a->n == b->n;
    for (size_t i = 0; same_factors && i < a->n; i++)
        same_factors = has_factor(b, a->factors[i].row, a->factors[i].word, a->factors[i].power);
    for (size_t i = 0; same_factors && i < b->n; i++)
        same_factors = has_factor(a, b->factors[i].row, b->factors[i].word, b->factors[i].power);
    if (same_factors)
        return UNIT_SAME;
    if (words_only(a) || words_only(b))
        return UNIT_UNSURE;
    int da[DIMENSIONS], db[DIMENSIONS];
    dimensions(a, da);
    dimensions(b, db);
    if (memcmp(da, db, sizeof da) == 0)
        return UNIT_CONVERTIBLE;
    /* The pound is weighed and spent. */
    return UNIT_UNLIKE;
}

struct math_node *math_unit_scale(struct math_tree *tree, const struct math_unit *u)
{
    struct math_node *all = math_number(tree, 1);
    for (size_t i = 0; i < u->n; i++) {
        const struct math_unit_row *row = u->factors[i].row;
        int power = u->factors[i].power;
        struct math_node *one = math_two(tree, MATH_FRACTION, 0,
                                         math_number(tree, row ? row->over : 1),
                                         math_number(tree, row ? row->under : 1));
        for (int k = 0; k < (power < 0 ? -power : power); k++)
            all = math_two(tree, power < 0 ? MATH_FRACTION : MATH_PRODUCT, 0, all, one);
    }
    return all;
}

bool math_unit_is(const struct math_unit *u, const char *name)
{
    return u->n == 1 && u->factors[0].power == 1 && u->factors[0].row == find(slice_of(name));
}
