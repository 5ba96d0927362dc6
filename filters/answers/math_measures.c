/* Numbers with something to them: percentages, units, ratios, times of day, bases, words. */
#include "filters/answers/math_check.h"
#include "filters/answers/math_units.h"

bool math_is_measure(const struct math_node *x)
{
    return x->kind == MATH_PERCENT || x->kind == MATH_QUANTITY || x->kind == MATH_RATIO ||
           x->kind == MATH_TIME || x->kind == MATH_BASED || x->kind == MATH_WORDS;
}

static struct math_node *times(struct math_check *c, struct math_node *a, struct math_node *b)
{
    return math_two(c->work.tree, MATH_PRODUCT, 0, a, b);
}

static struct math_node *over(struct math_check *c, struct math_node *a, unsigned long n)
{
    return math_two(c->work.tree, MATH_FRACTION, 0, a, math_number(c->work.tree, n));
}

static enum answer_verdict compare(struct math_check *c, struct math_node *a, struct math_node *b)
{
    return a && b ? math_compare(c, a, b) : ANSWER_UNKNOWN;
}

static bool number_like(const struct math_node *x)
{
    return math_scalar(x) || math_is_measure(x);
}

/* ---- percentages ---- */

static enum answer_verdict percent(struct math_check *c, struct math_node *a, struct math_node *b)
{
    if (a->kind == b->kind)
        return compare(c, a->kids[0], b->kids[0]);
    int rule = c->level == MATH_STRICT    ? ANSWER_PERCENT_STRICT
               : c->level == MATH_LENIENT ? ANSWER_PERCENT_EITHER
                                          : c->rules->percent;
    enum answer_verdict dropped = ANSWER_DIFFERENT, share = ANSWER_DIFFERENT;
    if (rule == ANSWER_PERCENT_STRICT)
        return math_unlike(c, "one is a percentage");
    if (rule != ANSWER_PERCENT_FRACTION)
        dropped = compare(c, a->kids[0], b);
    if (rule != ANSWER_PERCENT_DROP && dropped != ANSWER_EQUAL)
        share = compare(c, over(c, a->kids[0], 100), b);
    return math_best(dropped, share);
}

/* ---- units ---- */

static struct math_node *radians(struct math_check *c, struct math_node *x)
{
    struct math_node *pi = math_leaf(c->work.tree, MATH_CONSTANT, MATH_PI, S("pi"));
    return x && pi ? over(c, times(c, x, pi), 180) : NULL;
}

static enum answer_verdict two_units(struct math_check *c, struct math_node *a, struct math_node *b)
{
    struct math_node *x = a->kids[0], *y = b->kids[0];
    enum answer_verdict v;
    bool guessed = a->unit->guessed || b->unit->guessed;
    switch (math_unit_match(a->unit, b->unit)) {
    case UNIT_SAME:
        return compare(c, x, y);
    case UNIT_CONVERTIBLE:
        if (c->level == MATH_STRICT)
            return math_unlike(c, "other units");
        v = compare(c, times(c, x, math_unit_scale(c->work.tree, a->unit)),
                    times(c, y, math_unit_scale(c->work.tree, b->unit)));
        return c->level == MATH_LENIENT ? math_best(v, compare(c, x, y)) : v;
    case UNIT_UNLIKE:
        if (math_unit_is(a->unit, "degree") && math_unit_is(b->unit, "radian"))
            v = compare(c, radians(c, x), y);
        else if (math_unit_is(b->unit, "degree") && math_unit_is(a->unit, "radian"))
            v = compare(c, x, radians(c, y));
        else
            v = ANSWER_DIFFERENT;
        if (c->level == MATH_STRICT || (c->level == MATH_RULES && v != ANSWER_EQUAL && !guessed))
            return math_unlike(c, "other units");
        return v == ANSWER_EQUAL ? v : c->level == MATH_RULES ? ANSWER_UNKNOWN : compare(c, x, y);
    case UNIT_UNSURE:
        break;
    }
    v = compare(c, x, y);
    if (v == ANSWER_EQUAL && c->level != MATH_LENIENT)
        return c->level == MATH_STRICT ? math_unlike(c, "other units") : ANSWER_UNKNOWN;
    return v;
}

static enum answer_verdict one_unit(struct math_check *c, struct math_node *q, struct math_node *y)
{
    if (!number_like(y))
        return math_unlike(c, "one is a quantity");
    if (c->level == MATH_STRICT ||
        (c->level == MATH_RULES && c->rules->units == ANSWER_UNITS_REQUIRED))
        return math_unlike(c, "one lacks the unit");
    if (y->kind == MATH_PERCENT && c->level == MATH_RULES)
        return math_unlike(c, "one is a percentage, the other of a unit");
    enum answer_verdict v = compare(c, q->kids[0], y);
    if (c->level == MATH_RULES) {
        if (v == ANSWER_EQUAL)
            c->why = "equal but for the unit that one lacks";
        return v == ANSWER_EQUAL && q->unit->guessed ? ANSWER_UNKNOWN : v;
    }
    if (v != ANSWER_EQUAL && math_unit_is(q->unit, "degree"))
        v = math_best(v, compare(c, radians(c, q->kids[0]), y));
    if (v != ANSWER_EQUAL)
        v = math_best(v,
                      compare(c, times(c, q->kids[0], math_unit_scale(c->work.tree, q->unit)), y));
    return v;
}

/* ---- ratios and times ---- */

static enum answer_verdict ratios(struct math_check *c, struct math_node *a, struct math_node *b)
{
    if (a->n != b->n)
        return math_unlike(c, "ratios of other lengths");
    enum answer_verdict all = ANSWER_EQUAL;
    for (size_t i = 1; i < a->n && all != ANSWER_DIFFERENT; i++) {
        enum answer_verdict v = compare(c, times(c, a->kids[i], b->kids[0]),
                                        times(c, b->kids[i], a->kids[0]));
        all = v == ANSWER_EQUAL ? all : v;
    }
    return all;
}

/* hh:mm without am or pm: its seconds, -1: no time of the day. */
static int seconds(const struct math_node *x)
{
    int64_t v[3] = {0}, limits[3] = {24, 60, 60};
    if (x->n > 3)
        return -1;
    for (size_t i = 0; i < x->n; i++) {
        const struct math_node *k = x->kids[i];
        if (k->kind != MATH_NUMBER || k->scale || k->text.n > 2 || !slice_i64(k->text, &v[i]) ||
            v[i] >= limits[i] || (i && k->text.n != 2))
            return -1;
    }
    return (int)(v[0] * 3600 + v[1] * 60 + v[2]);
}

static enum answer_verdict time_and_other(struct math_check *c, const struct math_node *t,
                                          struct math_node *y)
{
    int at = -1;
    if (y->kind == MATH_TIME && y->op != t->op)
        return math_unlike(c, "other times");
    if (y->kind == MATH_TIME) { /* "4:30p" is short for p.m., or has lost its letters ("4:30p..") */
        bool alike = y->scale == t->scale || c->level == MATH_LENIENT;
        c->why = "the same time, if the letter means so";
        return alike ? ANSWER_EQUAL : ANSWER_UNKNOWN;
    }
    if (y->kind == MATH_RATIO) {
        at = seconds(y);
    } else if (y->kind == MATH_NUMBER) {
        struct math_node *kids[] = {y};
        at = seconds(&(struct math_node){.kind = MATH_RATIO, .n = 1, .kids = kids});
    }
    if (at < 0)
        return math_differ(c, "one is a time of the day");
    bool same = at == t->op || (at < 13 * 3600 && at % 43200 == t->op % 43200);
    if (!same)
        return math_unlike(c, "other times");
    if (t->scale == 2 && c->level == MATH_RULES)
        return ANSWER_UNKNOWN;
    return math_overlook(c, ANSWER_EQUAL, "the same time but for am or pm");
}

static enum answer_verdict ratio_and_other(struct math_check *c, struct math_node *a,
                                           struct math_node *b)
{
    if (!number_like(b) || a->n != 2)
        return math_unlike(c, "one is a ratio");
    if (c->level == MATH_STRICT || (c->level == MATH_RULES && !c->rules->ratios))
        return math_unlike(c, "one is a ratio");
    return compare(c, math_two(c->work.tree, MATH_FRACTION, 0, a->kids[0], a->kids[1]), b);
}

/* ---- bases and words ---- */

static struct math_node *digits(struct math_check *c, const struct math_node *x)
{
    struct math_node *y = math_leaf(c->work.tree, MATH_NUMBER, 0, x->text);
    for (size_t i = 0; i < x->text.n; i++)
        if (x->text.p[i] < '0' || x->text.p[i] > '9')
            return NULL;
    if (y)
        y->scale = x->scale;
    return y;
}

static enum answer_verdict based(struct math_check *c, struct math_node *a, struct math_node *b)
{
    enum answer_verdict value = math_scalar(b) ? math_equal(&c->work, a, b) : ANSWER_DIFFERENT;
    if (b->kind == MATH_BASED) {
        if (a->op == b->op || value != ANSWER_EQUAL)
            return value;
        return math_overlook(c, value, "the same number in another base");
    }
    if (a->op == 10)
        return math_overlook(c, value, "equal but for the base that one leaves out");
    if (c->level == MATH_LENIENT && value != ANSWER_EQUAL) {
        struct math_node *plain = digits(c, a);
        return plain ? math_best(value, compare(c, plain, b)) : value;
    }
    if (value == ANSWER_EQUAL && c->level == MATH_RULES)
        return ANSWER_UNKNOWN;
    return value == ANSWER_EQUAL && c->level == MATH_LENIENT
               ? value
               : math_unlike(c, "one is of another base");
}

static enum answer_verdict in_words(struct math_check *c, struct math_node *a, struct math_node *b)
{
    if (a->kind == b->kind)
        return compare(c, a->kids[0], b->kids[0]);
    if (c->level == MATH_STRICT || (c->level == MATH_RULES && !c->rules->words))
        return math_unlike(c, "one is written in words");
    return compare(c, a->kids[0], b);
}

/* One of the two is a measure; the order of the tests is the order in which they are peeled off. */
enum answer_verdict math_compare_measures(struct math_check *c, struct math_node *a,
                                          struct math_node *b)
{
    static const enum math_kind order[] = {MATH_TIME,  MATH_QUANTITY, MATH_PERCENT,
                                           MATH_RATIO, MATH_WORDS,    MATH_BASED};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        enum math_kind kind = order[i];
        if (a->kind != kind && b->kind != kind)
            continue;
        struct math_node *x = a->kind == kind ? a : b, *y = a->kind == kind ? b : a;
        if (kind == MATH_TIME)
            return time_and_other(c, x, y);
        if (kind == MATH_QUANTITY)
            return y->kind == kind ? two_units(c, x, y) : one_unit(c, x, y);
        if (kind == MATH_PERCENT)
            return number_like(y) ? percent(c, x, y) : math_unlike(c, "one is a percentage");
        if (kind == MATH_RATIO)
            return y->kind == kind ? ratios(c, x, y) : ratio_and_other(c, x, y);
        return kind == MATH_WORDS ? in_words(c, x, y) : based(c, x, y);
    }
    return ANSWER_UNKNOWN;
}
