/*
 * The kind `math`: numbers, expressions, equations, sets, quantities, in LaTeX or plainly written.
 *
 * The rule behind the three scales. Spelling is no difference by any of them: \frac against /, 0.50
 * against 0.5, a factored polynomial, a scaled equation. Strict takes what may mean something for a
 * difference: a unit, a percent sign, a prefix "x =", a base, an order, an interval given by
 * inequalities. The rules overlook what graders of mathematics commonly overlook; quantities of
 * convertible units are equal when they are (100 cm and 1 m); where two conventions would decide
 * differently, they do not tell. Lenient overlooks everything, and does not tell where a candidate
 * agrees with the answer but for rounding, the name of a variable, or an assumption of positive
 * variables: what lenient calls different is wrong in any notation.
 *
 * Not told by the rules, for example: 1011_2 and 11 (a value, or digits of a base), "1,2" and
 * (1,2), {5} and 5, 5 apples and 5 oranges, "1,5" and 1.5. Different by them: an angle in degrees
 * and the same in bare radians, a set and a tuple, a decimal and what it only approximates.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "filters/answers/checker.h"
#include "filters/answers/math_check.h"
#include "filters/answers/math_parser.h"
#include "filters/answers/math_plain.h"

#define STEPS \
    60000 /* of work for each of the three scales; measured by tests/bench/bench_answers */

struct reading {
    struct math_node *x; /* NULL: cannot be read so */
    bool likely;         /* as good as the first */
};

/* One of the two texts, and the ways it can be read; the first is the common one. */
struct text {
    struct slice plain;
    struct math_tokens tokens;
    struct reading readings[READINGS + 1];
    size_t n;
    unsigned met, likely;
};

static struct math_node *parse(struct arena *arena, const struct text *t, unsigned flags,
                               unsigned *met, unsigned *likely)
{
    struct math_tree tree = {.arena = arena};
    return math_parse(&tree, &t->tokens, flags, met, likely);
}

static bool read_first(struct arena *arena, struct text *t)
{
    if (!math_tokens_cut(arena, t->plain, &t->tokens))
        return false;
    t->readings[0] = (struct reading){parse(arena, t, 0, &t->met, &t->likely), true};
    t->n = 1;
    return t->readings[0].x != NULL;
}

static void read_others(struct arena *arena, struct text *t, bool both_choices)
{
    for (unsigned bit = 1; bit < 1u << READINGS; bit <<= 1) {
        unsigned met, likely;
        if (!(t->met & bit))
            continue;
        struct math_node *x = parse(arena, t, bit, &met, &likely);
        bool choice = bit == READ_CHOICE_LETTER || bit == READ_CHOICE_BODY;
        if (x)
            t->readings[t->n++] = (struct reading){x,
                                                   (t->likely & bit) && !(choice && both_choices)};
    }
}

/* ---- one scale ---- */

static enum answer_verdict first_readings(struct math_check *c, const struct text *a,
                                          const struct text *b)
{
    return math_compare(c, a->readings[0].x, b->readings[0].x);
}

/* All pairs of readings. A pair of likely ones that is equal decides; another one leaves it untold,
 * but for lenient. */
static enum answer_verdict all_readings(struct math_check *c, const struct text *a,
                                        const struct text *b)
{
    enum answer_verdict all = first_readings(c, a, b);
    const char *why = c->why;
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = i == 0 ? 1 : 0; k < b->n && all != ANSWER_EQUAL; k++) {
            enum answer_verdict v = math_compare(c, a->readings[i].x, b->readings[k].x);
            bool likely = a->readings[i].likely && b->readings[k].likely;
            if (v == ANSWER_EQUAL)
                all = likely || c->level == MATH_LENIENT ? v : ANSWER_UNKNOWN;
            else if (v == ANSWER_UNKNOWN && c->level == MATH_LENIENT)
                all = v;
            why = v == ANSWER_EQUAL ? "equal by another way to read it" : why;
        }
    c->why = why;
    return all;
}

static uint64_t seed_of(struct slice a, struct slice b)
{
    struct hash h;
    hash_init(&h, "math answers");
    hash_field(&h, a);
    hash_field(&h, b);
    struct id id = hash_id(&h);
    return id_u64(&id, 0);
}

/* ---- words that look like products ---- */

static bool only_letters(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z')
            return false;
    return s.n >= 3;
}

/* Whether the letters are rather those of variables: a word has a vowel. */
static bool like_variables(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("abcdkmnpqrstuvwxyz", s.p[i]) || (memchr(s.p, 'a', s.n) && s.p[i] > 'd'))
            return false;
    return true;
}

/* "cat" and "act" are equal as products of variables and different as words. */
static bool anagrams(const struct text *a, const struct text *b)
{
    return only_letters(a->plain) && only_letters(b->plain) && !like_variables(a->plain) &&
           !(a->plain.n == b->plain.n && strncasecmp(a->plain.p, b->plain.p, a->plain.n) == 0);
}

/* The choices named by "A, C", "AC", "(A) (C)": one bit each; 0: something else is said. */
static unsigned choices(struct slice s)
{
    unsigned set = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'A' && s.p[i] <= 'J')
            set |= 1u << (s.p[i] - 'A');
        else if (!strchr(", ();&", s.p[i]))
            return 0;
    }
    return set;
}

/* "(C)" and "c": brackets or \text show that a choice is meant, whose case is no matter. */
static bool same_marked_choice(const struct text *a, const struct text *b)
{
    const struct math_node *x = a->readings[0].x, *y = b->readings[0].x;
    bool letters = x->kind == MATH_SYMBOL && y->kind == MATH_SYMBOL && x->text.n == 1 &&
                   y->text.n == 1 && (x->text.p[0] | 0x20) == (y->text.p[0] | 0x20);
    return letters && (a->plain.n > 1 || b->plain.n > 1) && (x->text.p[0] | 0x20) <= 'j';
}

/* ---- the three scales ---- */

/* Strict equal implies equal by the rules implies equal by lenient, and backwards for different. */
static void nest(struct answer_result *r)
{
    if (r->strict == ANSWER_EQUAL)
        r->verdict = ANSWER_EQUAL;
    if (r->verdict == ANSWER_EQUAL)
        r->lenient = ANSWER_EQUAL;
    if (r->lenient == ANSWER_DIFFERENT)
        r->verdict = ANSWER_DIFFERENT;
    if (r->verdict == ANSWER_DIFFERENT)
        r->strict = ANSWER_DIFFERENT;
}

static void say(struct answer_result *r, enum answer_verdict v, const char *why)
{
    r->verdict = r->strict = r->lenient = v;
    snprintf(r->why, sizeof r->why, "%s", why);
}

/* Where only parts were compared there may be no reason of the whole. */
static const char *reason(const char *why, enum answer_verdict v)
{
    static const char *const common[] = {"no proof within the bounds", "the same by all parts",
                                         "a part differs"};
    return *why ? why : common[v];
}

static void compare_read(const struct answer_rules *rules, struct arena *arena, struct text *a,
                         struct text *b, struct answer_result *r)
{
    struct math_tree tree = {.arena = arena};
    struct math_check c = {.work = {.tree = &tree, .steps = STEPS}, .rules = rules, .why = ""};
    bool words = anagrams(a, b);
    c.work.seed = seed_of(a->plain, b->plain);
    r->strict = first_readings(&c, a, b);
    if (r->strict == ANSWER_EQUAL && words)
        r->strict = ANSWER_UNKNOWN;
    if (r->strict == ANSWER_EQUAL) {
        say(r, ANSWER_EQUAL, reason(c.why, ANSWER_EQUAL));
        return;
    }
    bool marked = same_marked_choice(a, b);
    unsigned both = a->met & b->met & READ_CHOICE_LETTER;
    read_others(arena, a, both);
    read_others(arena, b, both);
    c.level = MATH_RULES;
    c.work.steps = STEPS;
    r->verdict = all_readings(&c, a, b);
    if (r->verdict == ANSWER_EQUAL && words)
        r->verdict = ANSWER_UNKNOWN;
    if (marked)
        r->verdict = ANSWER_EQUAL;
    snprintf(r->why, sizeof r->why, "%s", reason(c.why, r->verdict));
    r->lenient = r->verdict;
    if (r->verdict != ANSWER_EQUAL) {
        c.level = MATH_LENIENT;
        c.work.steps = STEPS;
        r->lenient = all_readings(&c, a, b);
        if (r->lenient == ANSWER_DIFFERENT && choices(a->plain) &&
            choices(a->plain) == choices(b->plain))
            r->lenient = ANSWER_UNKNOWN;
    }
    nest(r);
}

/* The texts in one order whatever theirs is: so that to swap them changes nothing. */
static void compare_in_order(const struct answer_rules *rules, struct slice first,
                             struct slice second, struct answer_result *r)
{
    struct arena arena;
    struct text a = {.n = 0}, b = {.n = 0};
    arena_init(&arena, MATH_ARENA);
    a.plain = math_plain(&arena, first);
    b.plain = math_plain(&arena, second);
    if (!a.plain.p || !b.plain.p || a.plain.n == 0 || b.plain.n == 0)
        say(r, ANSWER_UNKNOWN, "nothing is left of an answer");
    else if (slice_eq(a.plain, b.plain))
        say(r, ANSWER_EQUAL, "written the same");
    else if (!read_first(&arena, &a) || !read_first(&arena, &b))
        say(r, ANSWER_UNKNOWN, "not all of it is understood");
    else
        compare_read(rules, &arena, &a, &b, r);
    arena_free(&arena);
}

static void compare(const struct answer_rules *rules, struct slice gold, struct slice candidate,
                    struct answer_result *r)
{
    *r = (struct answer_result){.why = ""};
    gold = slice_trim(gold);
    candidate = slice_trim(candidate);
    if (gold.n > ANSWER_MAX || candidate.n > ANSWER_MAX)
        say(r, ANSWER_UNKNOWN, "too long to compare");
    else if (gold.n == 0 && candidate.n == 0)
        say(r, ANSWER_UNKNOWN, "both are empty");
    else if (gold.n == 0 || candidate.n == 0)
        say(r, ANSWER_DIFFERENT, "one is empty");
    else if (slice_cmp(gold, candidate) <= 0)
        compare_in_order(rules, gold, candidate, r);
    else
        compare_in_order(rules, candidate, gold, r);
}

static bool check_gold(struct slice gold, struct err *e)
{
    struct arena arena;
    struct text t = {.n = 0};
    gold = slice_trim(gold);
    if (gold.n == 0)
        return err_set(e, ERR_SYNTAX, "the answer is empty");
    if (gold.n > ANSWER_MAX)
        return err_set(e, ERR_LIMIT, "the answer has %zu bytes; at most %u are looked at", gold.n,
                       ANSWER_MAX);
    arena_init(&arena, MATH_ARENA);
    t.plain = math_plain(&arena, gold);
    bool ok = t.plain.p && t.plain.n && read_first(&arena, &t);
    arena_free(&arena);
    return ok || err_set(e, ERR_SYNTAX,
                         "the answer cannot be read as mathematics; the kind 'text' "
                         "compares words");
}

/* In both directions; E: equal, D: different, U: unknown. */
#define E ANSWER_EQUAL
#define D ANSWER_DIFFERENT
#define U ANSWER_UNKNOWN
static const struct checker_case cases[] = {
#include "filters/answers/math_cases_expressions.h"
#include "filters/answers/math_cases_measures.h"
#include "filters/answers/math_cases_numbers.h"
#include "filters/answers/math_cases_sets.h"
};
#undef E
#undef D
#undef U

const struct checker checker_math = {
    .name = "math",
    .help = "numbers, expressions, equations, sets and quantities, in LaTeX or plain",
    .check_gold = check_gold,
    .compare = compare,
    .cases = cases,
    .n_cases = sizeof cases / sizeof cases[0],
};
