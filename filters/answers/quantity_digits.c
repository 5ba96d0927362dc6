#include "filters/answers/quantity_digits.h"

#include <stdlib.h>
#include <string.h>

enum { GROUPS_MAX = 64 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(struct slice s)
{
    size_t n = 0;
    while (n < s.n && is_digit(s.p[n]))
        n++;
    return n;
}

void quantity_set(mpz_t out, struct slice digits)
{
    char text[QUANTITY_MAX + 1];
    size_t n = digits.n < QUANTITY_MAX ? digits.n : QUANTITY_MAX;
    memcpy(text, digits.p, n);
    text[n] = '\0';
    mpz_set_str(out, n ? text : "0", 10);
}

void quantity_shift(mpq_t value, long power)
{
    mpz_t ten;
    mpz_init(ten);
    mpz_ui_pow_ui(ten, 10, (unsigned long)labs(power));
    if (power >= 0)
        mpz_mul(mpq_numref(value), mpq_numref(value), ten);
    else
        mpz_mul(mpq_denref(value), mpq_denref(value), ten);
    mpq_canonicalize(value);
    mpz_clear(ten);
}

/* Groups of digits and what stands between them. */
struct groups {
    struct slice digits[GROUPS_MAX];
    char before[GROUPS_MAX]; /* of the group; the first has none */
    size_t n;
};

/* A blank parts thousands only, and not the whole part of a mixed number from its fraction. */
static bool blank_parts(const struct groups *g, struct slice rest)
{
    size_t n = count_digits(rest);
    bool fraction = n < rest.n && rest.p[n] == '/';
    return n == 3 && !fraction && g->digits[0].n >= 1 && g->digits[0].n <= 3;
}

static bool take_groups(struct slice *s, struct groups *g)
{
    g->n = 0;
    for (char before = 0; g->n < GROUPS_MAX;) {
        size_t n = count_digits(*s);
        g->before[g->n] = before;
        g->digits[g->n++] = slice_sub(*s, 0, n);
        *s = slice_from(*s, n);
        struct slice rest = slice_from(*s, 1);
        bool more = rest.n && is_digit(rest.p[0]);
        if (s->n == 0 || !strchr(",. '", s->p[0]) || s->p[0] == '\0' || !more ||
            (s->p[0] == ' ' && !blank_parts(g, rest)))
            return true;
        before = s->p[0];
        *s = rest;
    }
    return false;
}

/* Groups up to `end` part thousands by one sign. */
static bool are_thousands(const struct groups *g, size_t end)
{
    if (end > 1 && (g->digits[0].n == 0 || g->digits[0].n > 3))
        return false;
    for (size_t i = 1; i < end; i++)
        if (g->digits[i].n != 3 || g->before[i] != g->before[1])
            return false;
    return true;
}

static void join(const struct groups *g, size_t places, mpq_t out)
{
    char text[QUANTITY_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        memcpy(text + n, g->digits[i].p, g->digits[i].n);
        n += g->digits[i].n;
    }
    quantity_set(mpq_numref(out), (struct slice){text, n});
    mpz_set_ui(mpq_denref(out), 1);
    quantity_shift(out, -(long)places);
}

static int significant(const struct groups *g)
{
    int n = 0;
    for (size_t i = 0; i < g->n; i++)
        for (size_t j = 0; j < g->digits[i].n; j++)
            n += n > 0 || g->digits[i].p[j] != '0';
    return n;
}

/* What the last separator means decides the value; where it could mean the other thing as well,
 * there is another value. */
static bool settle(const struct groups *g, struct quantity *q, mpq_t value)
{
    size_t last = g->n - 1;
    size_t behind = g->digits[last].n;
    char sign = last ? g->before[last] : 0;
    bool thousands = last && are_thousands(g, g->n);
    bool decimals = last && (sign == '.' || sign == ',') && are_thousands(g, last) &&
                    (last == 1 || g->before[1] != sign);
    bool zero = g->digits[0].n == 0 || g->digits[0].p[0] == '0';
    if (last && (zero || (last == 1 && sign == '.')))
        thousands = thousands && !zero && sign != '.';
    q->digits = significant(g);
    if (last && !thousands && !decimals)
        return false;
    bool as_decimals = decimals && !(thousands && sign == ',');
    q->places = as_decimals ? (int)behind : 0;
    q->odd = as_decimals && sign == ',' && last == 1;
    join(g, as_decimals ? behind : 0, value);
    q->has_other = last == 1 && decimals && behind == 3 && !zero && g->digits[0].n <= 3;
    if (q->has_other)
        join(g, as_decimals ? 0 : behind, q->other);
    return true;
}

bool quantity_digits(struct slice *s, struct quantity *q)
{
    struct groups g;
    return take_groups(s, &g) && settle(&g, q, q->value);
}
