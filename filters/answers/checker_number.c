/* One number, exactly, unless the project declares a tolerance. */
#include "filters/answers/checker.h"
#include "filters/answers/outcome.h"
#include "filters/answers/quantity.h"

/* Two readings to compare, and what may be overlooked. */
struct pair {
    const struct quantity *gold, *candidate;
    mpq_t tolerance; /* absolute, for this gold */
};

static bool check_gold(struct slice gold, struct err *e)
{
    struct quantity q;
    if (!outcome_check_text(gold, e))
        return false;
    quantity_init(&q);
    bool ok = quantity_read(gold, &q);
    quantity_clear(&q);
    return ok || err_set(e, ERR_SYNTAX, "is not one number, e.g. 18, 1,234.5, 3/4 or 5 cm");
}

static bool is_near(const struct pair *p, const mpq_t a, const mpq_t b)
{
    mpq_t off;
    mpq_init(off);
    mpq_sub(off, a, b);
    mpq_abs(off, off);
    bool near = mpq_cmp(off, p->tolerance) <= 0;
    mpq_clear(off);
    return near;
}

static void set_tolerance(struct pair *p, const struct answer_rules *rules)
{
    mpq_t share;
    mpq_inits(share, p->tolerance, NULL);
    quantity_decimal(rules->relative, share);
    mpq_mul(share, share, p->gold->value);
    mpq_abs(share, share);
    quantity_decimal(rules->absolute, p->tolerance);
    if (mpq_cmp(share, p->tolerance) > 0)
        mpq_set(p->tolerance, share);
    mpq_clear(share);
}

/* Is `rounded` what `exact` becomes with the decimals that `rounded` has, rounded or cut off? With
 * too few digits everything would be near. */
static bool is_rounding(const mpq_t exact, const mpq_t value, const struct quantity *rounded)
{
    mpq_t off, step;
    if (rounded->places < 0 || rounded->digits < (rounded->places > 0 ? 2 : 3))
        return false;
    mpq_inits(off, step, NULL);
    mpq_sub(off, exact, value);
    mpq_abs(off, off);
    mpz_ui_pow_ui(mpq_denref(step), 10, (unsigned long)rounded->places);
    mpz_set_ui(mpq_numref(step), 1);
    int order = mpq_cmp(off, step);
    mpq_clears(off, step, NULL);
    return order < 0 || (order == 0 && rounded->places > 0); /* whole numbers are not near */
}

/* As the scales of their units say, in the dimension's own unit. */
static bool is_same_scaled(const struct quantity *a, const struct quantity *b)
{
    mpq_t x, y;
    mpq_inits(x, y, NULL);
    mpq_mul(x, a->value, a->unit.scale);
    mpq_mul(y, b->value, b->unit.scale);
    bool same = mpq_equal(x, y);
    mpq_clears(x, y, NULL);
    return same;
}

static bool is_hundredfold(const struct pair *p, const mpq_t percent, const mpq_t plain)
{
    mpq_t share;
    mpq_init(share);
    mpq_set_ui(share, 1, 100);
    mpq_mul(share, share, percent);
    bool same = is_near(p, share, plain);
    mpq_clear(share);
    return same;
}

/* As a percent sign on one side alone is read. */
static bool same_by_percent(const struct pair *p, int rule, const mpq_t g, const mpq_t c)
{
    bool either = rule == ANSWER_PERCENT_EITHER;
    if (p->gold->percent == p->candidate->percent)
        return is_near(p, g, c);
    if ((either || rule == ANSWER_PERCENT_DROP) && is_near(p, g, c))
        return true;
    if (!either && rule != ANSWER_PERCENT_FRACTION)
        return false;
    return p->gold->percent ? is_hundredfold(p, g, c) : is_hundredfold(p, c, g);
}

static bool same_by_words(const struct pair *p, const struct answer_rules *rules)
{
    return (rules->words || p->gold->word == p->candidate->word) &&
           (rules->ratios || p->gold->ratio == p->candidate->ratio);
}

/* Everything that may mean something must be there on both sides. */
static bool is_same_spelling(const struct quantity *g, const struct quantity *c)
{
    return g->percent == c->percent && g->word == c->word && g->ratio == c->ratio &&
           g->assigned == c->assigned && g->rough == c->rough && g->odd == c->odd &&
           unit_relate(&g->unit, &c->unit) == UNIT_SAME;
}

static bool is_same_loosely(const struct pair *p, const mpq_t g, const mpq_t c)
{
    return same_by_percent(p, ANSWER_PERCENT_EITHER, g, c);
}

/* Rounding and another reading at once are no excuse: 1,810 is not 1,800. */
static bool any_same_loosely(const struct pair *p)
{
    const struct quantity *g = p->gold, *c = p->candidate;
    return is_same_loosely(p, g->value, c->value) || is_rounding(g->value, c->value, c) ||
           is_rounding(c->value, g->value, g) ||
           (g->has_other && is_same_loosely(p, g->other, c->value)) ||
           (c->has_other && is_same_loosely(p, g->value, c->other)) ||
           (c->has_other && g->has_other && is_same_loosely(p, g->other, c->other));
}

static void compare_units(const struct pair *p, struct answer_result *r)
{
    if (unit_relate(&p->gold->unit, &p->candidate->unit) == UNIT_SCALED &&
        is_same_scaled(p->gold, p->candidate))
        outcome_set(r, ANSWER_DIFFERENT, ANSWER_EQUAL, ANSWER_EQUAL, "the same in another unit");
    else
        outcome_all(r, ANSWER_DIFFERENT, "another unit");
}

static void compare_numbers(const struct pair *p, const struct answer_rules *rules,
                            struct answer_result *r)
{
    const struct quantity *g = p->gold, *c = p->candidate;
    bool one_unit = unit_is_none(&g->unit) != unit_is_none(&c->unit);
    enum unit_relation units = unit_relate(&g->unit, &c->unit);
    if (!one_unit && (units == UNIT_SCALED || units == UNIT_OTHER)) {
        compare_units(p, r);
        return;
    }
    bool same = same_by_percent(p, rules->percent, g->value, c->value) && same_by_words(p, rules);
    if (same && is_same_spelling(g, c))
        outcome_all(r, ANSWER_EQUAL, "the same number");
    else if (same && one_unit && rules->units == ANSWER_UNITS_REQUIRED)
        outcome_set(r, ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_EQUAL,
                    "the same number, but one side has no unit");
    else if (same && !one_unit && units == UNIT_UNSURE)
        outcome_set(r, ANSWER_DIFFERENT, ANSWER_UNKNOWN, ANSWER_EQUAL,
                    "the same number of what may be something else");
    else if (same)
        outcome_set(r, ANSWER_DIFFERENT, ANSWER_EQUAL, ANSWER_EQUAL,
                    "the same number, written in a way that may mean something else");
    else if (any_same_loosely(p))
        outcome_set(r, ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_EQUAL,
                    "the same but for rounding, a percent sign or what a comma means");
    else
        outcome_all(r, ANSWER_DIFFERENT, "another number");
}

static void compare(const struct answer_rules *rules, struct slice gold, struct slice candidate,
                    struct answer_result *r)
{
    struct quantity g, c;
    if (outcome_without_look(gold, candidate, r))
        return;
    quantity_init(&g);
    quantity_init(&c);
    bool known = quantity_read(gold, &g), given = quantity_read(candidate, &c);
    if (known && given) {
        struct pair p = {.gold = &g, .candidate = &c};
        set_tolerance(&p, rules);
        compare_numbers(&p, rules, r);
        mpq_clear(p.tolerance);
    } else {
        outcome_all(r, ANSWER_UNKNOWN, "the %s is not one number",
                    known ? "candidate" : "known answer");
    }
    quantity_clear(&g);
    quantity_clear(&c);
}

#define EQ ANSWER_EQUAL, ANSWER_EQUAL, ANSWER_EQUAL
#define NE ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_DIFFERENT
#define NO ANSWER_UNKNOWN, ANSWER_UNKNOWN, ANSWER_UNKNOWN
#define NOT_STRICTLY ANSWER_EQUAL, ANSWER_DIFFERENT, ANSWER_EQUAL
#define LENIENTLY ANSWER_DIFFERENT, ANSWER_DIFFERENT, ANSWER_EQUAL
#define UNSURE ANSWER_UNKNOWN, ANSWER_DIFFERENT, ANSWER_EQUAL
#define BIG "12345678901234567890"

static const struct checker_case cases[] = {
    {"18", "18", EQ, "the same"},
    {"18", "18.00", EQ, "zeros behind the point"},
    {"5", "05", EQ, "a zero before it"},
    {".5", "0.5", EQ, "a zero before the point"},
    {"0.5", "\\frac{1}{2}", EQ, "a fraction"},
    {"\\frac12", "1/2", EQ, "a fraction without braces"},
    {"7/2", "3 1/2", EQ, "a mixed number"},
    {"7/2", "3\\frac{1}{2}", EQ, "a mixed number in TeX"},
    {"-\\frac{1}{2}", "\\frac{-1}{2}", EQ, "where the sign stands"},
    {"-5",
     "\xe2\x88\x92"
     "5",
     EQ, "a printed minus sign"},
    {"1234567", "1,234,567", EQ, "thousands"},
    {"1234567", "1{,}234{,}567", EQ, "thousands in TeX"},
    {"1234567", "1 234 567", EQ, "thousands with blanks"},
    {"1234567", "1.234.567", EQ, "thousands with points"},
    {"1234.5", "1.234,5", EQ, "points for thousands, a comma for decimals"},
    {"0.006", "6\\cdot 10^{-3}", EQ, "scientific"},
    {"1500", "1.5e3", EQ, "scientific as programs write it"},
    {"0.002", "2 \xc3\x97 10\xe2\x81\xbb\xc2\xb3", EQ, "scientific in print"},
    {"\\$18.90", "$18.9", EQ, "a currency on both sides"},
    {"18", "$18$", EQ, "between dollar signs"},
    {"18", "**18**.", EQ, "emphasis and a full stop"},
    {"5 cm", "5\\text{ cm}", EQ, "a unit as text"},
    {"5 miles", "5\\mathrm{~mi}", EQ, "a unit by its sign"},
    {"10\\text{ cm}^2", "10 square centimeters", EQ, "a square unit in words"},
    {"60 miles per hour", "60 mph", EQ, "a compound unit by its name"},
    {"50%", "50 percent", EQ, "percent on both sides"},
    {BIG, BIG "", EQ, "a big one"},
    {BIG, "12345678901234567891", NE, "a big one that is off by one"},
    {"1,800", "1,810", NE, "neither rounding nor a comma makes them the same"},
    {"1,800", "1,801", NE, "neither rounding nor a comma makes them the same"},
    {"1", "0.9999999", LENIENTLY, "rounding is no equality"},
    {"1/3", "0.333333333", LENIENTLY, "rounding is no equality"},
    {"3.14159", "3.14", LENIENTLY, "fewer decimals"},
    {"2.7", "3", NE, "rounded to next to nothing"},
    {"18", "17.6", NE, "near is not equal"},
    {"18", "$18", NOT_STRICTLY, "a currency that one side lacks"},
    {"18", "18 apples", NOT_STRICTLY, "a unit that one side lacks"},
    {"90", "90^\\circ", NOT_STRICTLY, "a degree sign that one side lacks"},
    {"50%", "50", NOT_STRICTLY, "a percent sign that one side lacks"},
    {"50%", "0.5", LENIENTLY, "a percentage as a share"},
    {"5", "x = 5", NOT_STRICTLY, "an assignment"},
    {"6", "six", NOT_STRICTLY, "a word"},
    {"121", "one hundred and twenty-one", NOT_STRICTLY, "words"},
    {"1500000", "$1.5 million", NOT_STRICTLY, "a word for the zeros"},
    {"24", "2 dozen", NOT_STRICTLY, "a word for twelve"},
    {"5000", "5k", LENIENTLY, "a letter that may stand for the zeros"},
    {"-7", "\\left(-7\\right)", EQ, "brackets"},
    {"2", "2nd", NOT_STRICTLY, "an ordinal"},
    {"7", "7 -", NO, "a sum that is not finished"},
    {"5", "about 5", NOT_STRICTLY, "a reservation"},
    {"2.74", "2,74", NOT_STRICTLY, "a comma before decimals"},
    {"1.234", "1,234", LENIENTLY, "thousands, or a comma before decimals"},
    {"1234", "1.234", LENIENTLY, "decimals, or a point for thousands"},
    {"1/2", "1:2", LENIENTLY, "a ratio"},
    {"1 m", "100 cm", NOT_STRICTLY, "the same in another unit"},
    {"10 m", "10 cm", NE, "another unit"},
    {"10 kg", "10 m", NE, "something else"},
    {"10 m^2", "10 m", NE, "an area is no length"},
    {"$5", "5 cents", NE, "another coin"},
    {"12 apples", "12 fruits", UNSURE, "who knows"},
    {"12 apples", "13 fruits", NE, "another number of whatever"},
    {"12", "1,2", NE, "a list or a decimal, not twelve"},
    {"5", "-5", NE, "the sign"},
    {"5", "", NE, "nothing"},
    {"5", "5 and 6", NO, "two numbers"},
    {"5", "5, 6", NO, "two numbers"},
    {"5", "no solution", NO, "words"},
    {"5", "1/0", NO, "no number"},
    {"5", "1e99999", NO, "beyond what is read"},
    {"pi", "3.14", NO, "a known answer that is no number"},
    {"", "5", NO, "no known answer"},
};

const struct checker checker_number = {
    .name = "number",
    .help = "one number, exact or within the declared tolerance: decimals, thousands, fractions, "
            "percent, currency, units, scientific",
    .check_gold = check_gold,
    .compare = compare,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
