#include "filters/answers/unit.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORDS_MAX 6
#define POWER_MAX 9

enum {
    LENGTH,
    MASS,
    TIME,
    ANGLE,
    DOLLAR,
    EURO,
    POUND,
    CURRENT,
    TEMPERATURE,
    CELSIUS,
    FAHRENHEIT,
    BYTE
};

/* Spellings that stand for the same; a "!" before one: its letter case counts. */
static const struct row {
    const char *names;
    signed char dimension, power;
    unsigned long above, below; /* the scale as a fraction */
} rows[] = {
    {"m meter metre", LENGTH, 1, 1, 1},
    {"cm centimeter centimetre", LENGTH, 1, 1, 100},
    {"!mm millimeter millimetre", LENGTH, 1, 1, 1000},
    {"km kilometer kilometre", LENGTH, 1, 1000, 1},
    {"in inch inche", LENGTH, 1, 254, 10000},
    {"ft foot feet", LENGTH, 1, 3048, 10000},
    {"yd yard", LENGTH, 1, 9144, 10000},
    {"mi mile", LENGTH, 1, 1609344, 1000},
    {"l liter litre", LENGTH, 3, 1, 1000},
    {"ml milliliter millilitre", LENGTH, 3, 1, 1000000},
    {"g gram", MASS, 1, 1, 1000},
    {"kg kilogram kilo", MASS, 1, 1, 1},
    {"!mg milligram", MASS, 1, 1, 1000000},
    {"lb pound-mass", MASS, 1, 45359237, 100000000},
    {"oz ounce", MASS, 1, 45359237, 1600000000},
    {"s sec second", TIME, 1, 1, 1},
    {"min minute", TIME, 1, 60, 1},
    {"h hr hour", TIME, 1, 3600, 1},
    {"d day", TIME, 1, 86400, 1},
    {"week wk", TIME, 1, 604800, 1},
    {"!ms millisecond", TIME, 1, 1, 1000},
    {"degree deg", ANGLE, 1, 1, 1},
    {"$ dollar usd buck", DOLLAR, 1, 1, 1},
    {"cent \xc2\xa2", DOLLAR, 1, 1, 100},
    {"\xe2\x82\xac euro eur", EURO, 1, 1, 1},
    {"\xc2\xa3 gbp", POUND, 1, 1, 1},
    {"!A ampere amp", CURRENT, 1, 1, 1},
    {"!K kelvin", TEMPERATURE, 1, 1, 1},
    {"degreec celsius degreecelsius", CELSIUS, 1, 1, 1},
    {"degreef fahrenheit degreefahrenheit", FAHRENHEIT, 1, 1, 1},
    {"byte", BYTE, 1, 1, 1},
    {"kb kilobyte", BYTE, 1, 1000, 1},
};

/* Compound ones that have a name: {name, what it is}. */
static const char *const nicknames[][2] = {
    {"mph", "mi/h"}, {"kph", "km/h"}, {"kmh", "km/h"}, {"sqft", "ft^2"}, {"cc", "cm^3"},
};

void unit_init(struct unit *u)
{
    memset(u, 0, sizeof *u);
    mpq_init(u->scale);
    mpq_set_ui(u->scale, 1, 1);
}

void unit_clear(struct unit *u)
{
    mpq_clear(u->scale);
}

bool unit_is_none(const struct unit *u)
{
    return u->text[0] == '\0';
}

static bool is_name(const char *names, struct slice word)
{
    struct slice rest = slice_of(names);
    while (rest.n) {
        struct slice name = slice_cut(rest, ' ', &rest);
        bool exact = slice_starts(name, S("!"));
        name = slice_from(name, exact);
        if (name.n == word.n &&
            (exact ? memcmp(name.p, word.p, word.n) : strncasecmp(name.p, word.p, word.n)) == 0)
            return true;
    }
    return false;
}

static struct slice singular(struct slice word)
{
    bool plural = word.n > 2 && (word.p[word.n - 1] | 0x20) == 's' &&
                  (word.p[word.n - 2] | 0x20) != 's';
    return plural ? slice_sub(word, 0, word.n - 1) : word;
}

static const struct row *find_row(struct slice word)
{
    for (int tries = 0; tries < 2; tries++, word = singular(word))
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (is_name(rows[i].names, word))
                return &rows[i];
    return NULL;
}

static bool is_joining_word(struct slice word)
{
    static const char *const words[] = {
        "and",  "or",    "to",  "not", "if",      "when",  "because", "plus", "more",  "less",
        "than", "minus", "but", "is",  "through", "times", "between", "from", "about", 0};
    for (size_t i = 0; words[i]; i++)
        if (strlen(words[i]) == word.n && strncasecmp(words[i], word.p, word.n) == 0)
            return true;
    return false;
}

/* One factor of a unit: a word and its power. */
struct factor {
    struct slice word;
    int power;
};

static void apply(struct unit *u, const struct factor *f)
{
    const struct row *row = find_row(f->word);
    if (!row) {
        u->known = false;
        return;
    }
    mpq_t scale;
    mpq_init(scale);
    mpq_set_ui(scale, row->above, row->below);
    mpq_canonicalize(scale);
    for (int i = 0; i < f->power || i < -f->power; i++) {
        if (f->power > 0)
            mpq_mul(u->scale, u->scale, scale);
        else
            mpq_div(u->scale, u->scale, scale);
    }
    mpq_clear(scale);
    u->powers[row->dimension] += row->power * f->power;
}

static void add_text(struct unit *u, const struct factor *f)
{
    size_t n = strlen(u->text);
    struct slice word = f->word.n > 3 ? singular(f->word) : f->word;
    for (size_t i = 0; i < word.n && n + 6 < UNIT_TEXT; i++) {
        char c = word.p[i];
        u->text[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    if (f->power != 1)
        snprintf(u->text + n, UNIT_TEXT - n, "^%d", f->power);
    else
        u->text[n] = '\0';
}

static bool is_word_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80 ||
           c == '$' || c == '\'';
}

/* "^2", "^{2}", "2": the power behind a word. False when it is none. */
static bool read_power(struct slice *s, int *power)
{
    struct slice rest = *s;
    *power = 1;
    while (slice_starts(rest, S(" ")))
        rest = slice_from(rest, 1);
    bool caret = slice_starts(rest, S("^"));
    rest = slice_from(rest, caret);
    bool brace = caret && slice_starts(rest, S("{"));
    rest = slice_from(rest, brace);
    bool minus = caret && slice_starts(rest, S("-"));
    rest = slice_from(rest, minus);
    if (!rest.n || rest.p[0] < '1' || rest.p[0] > '0' + POWER_MAX)
        return !caret;
    if (!caret && rest.p > s->p)
        return false; /* "5 cm 2" */
    *power = (rest.p[0] - '0') * (minus ? -1 : 1);
    rest = slice_from(rest, 1);
    if (brace && !slice_starts(rest, S("}")))
        return false;
    *s = slice_from(rest, brace);
    return true;
}

static struct slice take_word(struct slice *s)
{
    size_t n = 0;
    while (n < s->n && is_word_byte(s->p[n]))
        n++;
    struct slice word = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    for (size_t i = 0; i < sizeof nicknames / sizeof nicknames[0]; i++)
        if (slice_is(word, nicknames[i][0]))
            return slice_of(nicknames[i][1]);
    return word;
}

/* A sign joins two words; a stop may end the text. */
static struct slice skip_signs(struct slice s, bool *below, bool *joins)
{
    size_t i = 0;
    *joins = false;
    for (; i < s.n &&
           (s.p[i] == ' ' || s.p[i] == '*' || s.p[i] == '/' || s.p[i] == '-' || s.p[i] == '.');
         i++) {
        *below = *below || s.p[i] == '/';
        *joins = *joins || (s.p[i] != ' ' && s.p[i] != '.');
    }
    return slice_from(s, i);
}

static bool read_factors(struct slice s, struct unit *u, int depth);

/* A word of the text: a unit, or one that says how the next is meant. */
static bool read_word(struct slice *s, struct unit *u, bool *below, int *ahead, int depth)
{
    struct factor f = {take_word(s), 1};
    if (f.word.n == 0 || is_joining_word(f.word))
        return false;
    if (slice_is(f.word, "per") || slice_is(f.word, "a") || slice_is(f.word, "an")) {
        *below = true;
        return s->n > 0;
    }
    bool square = slice_is(f.word, "square") || slice_is(f.word, "sq");
    bool cubic = slice_is(f.word, "cubic") || slice_is(f.word, "cu");
    if ((square || cubic) && s->n > 0) {
        *ahead = square ? 2 : 3;
        return true;
    }
    if (memchr(f.word.p, '/', f.word.n) || memchr(f.word.p, '^', f.word.n))
        return depth == 0 && read_factors(f.word, u, 1);
    if (!read_power(s, &f.power))
        return false;
    f.power *= *ahead * (*below ? -1 : 1);
    *ahead = 1;
    apply(u, &f);
    add_text(u, &f);
    return true;
}

static bool read_factors(struct slice s, struct unit *u, int depth)
{
    bool below = false, joins;
    int ahead = 1;
    for (int words = 0;; words++) {
        s = skip_signs(s, &below, &joins);
        if (s.n == 0)
            return !joins;
        if (words == WORDS_MAX || !read_word(&s, u, &below, &ahead, depth))
            return false;
    }
}

bool unit_read(struct slice text, struct unit *u)
{
    u->known = true;
    return read_factors(slice_trim(text), u, 0);
}

enum unit_relation unit_relate(const struct unit *a, const struct unit *b)
{
    if (strcmp(a->text, b->text) == 0)
        return UNIT_SAME;
    if (!a->known || !b->known)
        return UNIT_UNSURE;
    if (memcmp(a->powers, b->powers, sizeof a->powers) != 0)
        return UNIT_OTHER;
    return mpq_equal(a->scale, b->scale) ? UNIT_SAME : UNIT_SCALED;
}
