#include "filters/answers/quantity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filters/answers/quantity_digits.h"
#include "filters/answers/quantity_spelling.h"
#include "filters/answers/wrapping.h"

enum { EXPONENT_MAX = 4096 };

void quantity_init(struct quantity *q)
{
    memset(q, 0, sizeof *q);
    mpq_init(q->value);
    mpq_init(q->other);
    unit_init(&q->unit);
}

void quantity_clear(struct quantity *q)
{
    mpq_clear(q->value);
    mpq_clear(q->other);
    unit_clear(&q->unit);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct slice skip_blanks(struct slice s)
{
    size_t i = 0;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r'))
        i++;
    return slice_from(s, i);
}

static bool take(struct slice *s, const char *text)
{
    if (!slice_starts(*s, slice_of(text)))
        return false;
    *s = slice_from(*s, strlen(text));
    return true;
}

static size_t count_digits(struct slice s)
{
    size_t n = 0;
    while (n < s.n && is_digit(s.p[n]))
        n++;
    return n;
}

/* ---- the parts of a number ---- */

/* "^{-3}", "^-3", "^3" behind 10. */
static bool take_power(struct slice *s, long *power)
{
    bool brace = take(s, "^{"), caret = brace || take(s, "^");
    bool minus = take(s, "-");
    size_t n = count_digits(*s);
    if (!minus)
        take(s, "+");
    n = count_digits(*s);
    if (!caret || n == 0 || n > 5)
        return false;
    *power = 0;
    for (size_t i = 0; i < n; i++)
        *power = *power * 10 + (s->p[i] - '0');
    *power = minus ? -*power : *power;
    *s = slice_from(*s, n);
    return (!brace || take(s, "}")) && labs(*power) <= EXPONENT_MAX;
}

/* "e5", "E-3", "* 10^{5}", "x 10^5": true also when there is none. */
static bool take_exponent(struct slice *s, mpq_t value, bool *found)
{
    struct slice rest = skip_blanks(*s);
    long power;
    *found = false;
    if (take(&rest, "*") || take(&rest, "x") || take(&rest, "X")) {
        rest = skip_blanks(rest);
        if (!take(&rest, "10") || rest.n == 0 || rest.p[0] != '^')
            return true;
        if (!take_power(&rest, &power))
            return false;
    } else {
        rest = *s;
        bool e = take(&rest, "e") || take(&rest, "E");
        bool minus = e && take(&rest, "-");
        if (e && !minus)
            take(&rest, "+");
        size_t n = count_digits(rest);
        if (!e || n == 0)
            return true;
        char text[8];
        if (n > 5)
            return false;
        snprintf(text, sizeof text, "%.*s", (int)n, rest.p);
        power = strtol(text, NULL, 10) * (minus ? -1 : 1);
        rest = slice_from(rest, n);
        if (labs(power) > EXPONENT_MAX)
            return false;
    }
    quantity_shift(value, power);
    *found = true;
    *s = rest;
    return true;
}

static bool take_whole(struct slice *s, mpz_t out)
{
    size_t n = count_digits(*s);
    quantity_set(out, slice_sub(*s, 0, n));
    *s = slice_from(*s, n);
    return n > 0;
}

/* One argument of \frac: {12}, or a single digit. */
static bool take_argument(struct slice *s, mpz_t out, bool *minus)
{
    *s = skip_blanks(*s);
    *minus = false;
    if (!take(s, "{")) {
        struct slice digit = slice_sub(*s, 0, 1);
        *s = slice_from(*s, 1);
        return take_whole(&digit, out);
    }
    *s = skip_blanks(*s);
    *minus = take(s, "-");
    *s = skip_blanks(*s);
    if (!take_whole(s, out))
        return false;
    *s = skip_blanks(*s);
    return take(s, "}");
}

/* \frac{a}{b}, or a/b of whole numbers. Nothing is taken when there is none. */
static bool take_fraction(struct slice *s, mpq_t out)
{
    struct slice rest = *s;
    bool above = false, below = false, ok;
    if (take(&rest, "\\frac")) {
        ok = take_argument(&rest, mpq_numref(out), &above) &&
             take_argument(&rest, mpq_denref(out), &below);
    } else {
        ok = take_whole(&rest, mpq_numref(out));
        rest = skip_blanks(rest);
        ok = ok && take(&rest, "/");
        rest = skip_blanks(rest);
        ok = ok && take_whole(&rest, mpq_denref(out));
    }
    ok = ok && mpz_sgn(mpq_denref(out)) != 0;
    if (!ok) {
        mpq_set_ui(out, 0, 1);
        return false;
    }
    mpq_canonicalize(out);
    if (above != below)
        mpq_neg(out, out);
    *s = rest;
    return true;
}

/* What may follow a plain whole number: the fraction of a mixed one, or the rest of a ratio. */
static void take_second(struct slice *s, struct quantity *q)
{
    mpq_t part;
    struct slice rest = skip_blanks(*s);
    mpq_init(part);
    if (take_fraction(&rest, part) && mpq_sgn(part) > 0) {
        mpq_add(q->value, q->value, part);
        q->places = -1;
        q->has_other = false;
        *s = rest;
    } else if (take(&rest, ":")) {
        rest = skip_blanks(rest);
        if (take_whole(&rest, mpq_numref(part)) && mpz_sgn(mpq_numref(part)) != 0) {
            mpz_set_ui(mpq_denref(part), 1);
            mpq_div(q->value, q->value, part);
            q->places = -1;
            q->ratio = true;
            *s = rest;
        }
    }
    mpq_clear(part);
}

static bool take_magnitude(struct slice *s, struct quantity *q)
{
    bool exponent;
    if (take_fraction(s, q->value)) {
        q->places = -1;
        return true;
    }
    bool digit = s->n && (is_digit(s->p[0]) || (s->p[0] == '.' && s->n > 1 && is_digit(s->p[1])));
    if (!digit || !quantity_digits(s, q))
        return false;
    if (slice_is(*s, "."))
        *s = slice_from(*s, 1);
    if (!take_exponent(s, q->value, &exponent))
        return false;
    if (exponent) {
        q->has_other = false;
        q->places = -1;
    } else if (q->places == 0) {
        take_second(s, q);
    }
    return true;
}

/* ---- what is before and behind it ---- */

static void take_front(struct slice *s, struct quantity *q)
{
    static const char *const rough[] = {"\xe2\x89\x88", "about ",   "approximately ",
                                        "roughly ",     "approx. ", 0};
    struct slice rest = *s;
    bool letter = rest.n && ((rest.p[0] | 0x20) >= 'a' && (rest.p[0] | 0x20) <= 'z');
    rest = skip_blanks(slice_from(rest, letter));
    if (take(&rest, "=")) {
        q->assigned = true;
        *s = skip_blanks(rest);
    } else if (letter && (slice_starts(rest, S("\xe2\x89\x88")))) {
        q->assigned = true;
        *s = rest;
    }
    for (size_t i = 0; rough[i]; i++)
        if (take(s, rough[i]))
            q->rough = true;
    *s = skip_blanks(*s);
}

/* A currency before the number is as a unit behind it. */
static size_t take_currency(struct slice *s)
{
    static const char *const signs[] = {"$", "\xe2\x82\xac", "\xc2\xa3", 0};
    for (size_t i = 0; signs[i]; i++)
        if (take(s, signs[i])) {
            *s = skip_blanks(*s);
            return i + 1;
        }
    return 0;
}

static bool take_sign(struct slice *s)
{
    bool minus = take(s, "-");
    if (!minus)
        take(s, "+");
    *s = skip_blanks(*s);
    return minus;
}

static bool take_percent(struct slice *s)
{
    static const char *const signs[] = {"%", "percent", "per cent", "pct", 0};
    struct slice rest = skip_blanks(*s);
    for (size_t i = 0; signs[i]; i++)
        if (take(&rest, signs[i]) && slice_trim(rest).n == 0) {
            *s = rest;
            return true;
        }
    return false;
}

/* A word of the text, whatever the case of its letters, and its plural. */
static bool take_word(struct slice *s, const char *word)
{
    struct slice rest = skip_blanks(*s);
    size_t n = strlen(word);
    if (rest.n < n || strncasecmp(rest.p, word, n) != 0)
        return false;
    n += n < rest.n && (rest.p[n] | 0x20) == 's';
    bool inside = n < rest.n && (rest.p[n] | 0x20) >= 'a' && (rest.p[n] | 0x20) <= 'z';
    if (inside)
        return false;
    *s = slice_from(rest, n);
    return true;
}

/* "1.5 million"; "5k" may be that, or five of something. */
static void take_scale(struct slice *s, struct quantity *q)
{
    static const struct {
        const char *word;
        unsigned long factor;
        long power;
    } words[] = {{"hundred", 1, 2}, {"thousand", 1, 3},  {"million", 1, 6},
                 {"billion", 1, 9}, {"trillion", 1, 12}, {"dozen", 12, 0}},
      letters[] = {{"k", 1, 3}, {"M", 1, 6}, {"mn", 1, 6}, {"B", 1, 9}, {"bn", 1, 9}};
    struct slice rest = *s;
    mpq_t factor;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!take_word(s, words[i].word))
            continue;
        mpq_init(factor);
        mpq_set_ui(factor, words[i].factor, 1);
        mpq_mul(q->value, q->value, factor);
        mpq_clear(factor);
        quantity_shift(q->value, words[i].power);
        q->word = true;
        q->has_other = false;
        q->places = -1;
        return;
    }
    for (size_t i = 0; i < sizeof letters / sizeof letters[0] && !q->has_other; i++) {
        if (!take_word(&rest, letters[i].word))
            continue;
        mpq_set(q->other, q->value);
        quantity_shift(q->other, letters[i].power);
        q->has_other = true;
    }
}

static bool read_unit(struct slice s, size_t currency, struct quantity *q)
{
    static const char *const names[] = {"", "$", "\xe2\x82\xac", "\xc2\xa3"};
    s = slice_trim(s);
    if (currency && s.n == 0)
        return unit_read(slice_of(names[currency]), &q->unit);
    return unit_read(s, &q->unit) && (!currency || q->unit.known || q->unit.text[0]);
}

static bool read_words(struct slice s, struct quantity *q)
{
    unsigned long value;
    if (!quantity_words(s, &value))
        return false;
    mpq_set_ui(q->value, value, 1);
    q->word = true;
    return true;
}

/* (-7) */
static struct slice without_brackets(struct slice s)
{
    struct slice inner = slice_sub(s, 1, s.n < 2 ? 0 : s.n - 2);
    bool around = slice_starts(s, S("(")) && slice_ends(s, S(")")) && inner.n;
    return around && !memchr(inner.p, '(', inner.n) && !memchr(inner.p, ')', inner.n) ? inner : s;
}

static bool read_plain(struct slice s, struct quantity *q)
{
    s = slice_trim(without_brackets(slice_trim(s)));
    take_front(&s, q);
    bool minus = take_sign(&s);
    size_t currency = take_currency(&s);
    minus = take_sign(&s) || minus;
    if (take_magnitude(&s, q)) {
        take_scale(&s, q);
        q->percent = take_percent(&s);
        if (!read_unit(s, currency, q))
            return false;
    } else if (currency || !read_words(s, q)) {
        return false;
    }
    if (minus) {
        mpq_neg(q->value, q->value);
        mpq_neg(q->other, q->other);
    }
    return true;
}

bool quantity_read(struct slice text, struct quantity *q)
{
    struct buf plain;
    text = wrapping_off(text, WRAP_ALL);
    if (text.n == 0 || text.n > QUANTITY_MAX)
        return false;
    buf_init(&plain, 8 * QUANTITY_MAX);
    quantity_spelling(text, &plain);
    bool ok = !plain.failed && plain.n <= QUANTITY_MAX && read_plain(buf_view(&plain), q);
    buf_free(&plain);
    return ok;
}

void quantity_decimal(double value, mpq_t out)
{
    char text[40];
    struct quantity q;
    int precision = 1;
    do
        snprintf(text, sizeof text, "%.*e", precision, value);
    while (strtod(text, NULL) != value && ++precision < 17);
    quantity_init(&q);
    if (quantity_read(slice_of(text), &q))
        mpq_set(out, q.value);
    else
        mpq_set_ui(out, 0, 1);
    quantity_clear(&q);
}
