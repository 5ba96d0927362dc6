#include "filters/answers/math_bound.h"

/* What one part adds: binary digits of numerator and denominator. */
struct part {
    int64_t over, under;
};

static struct part part_of(struct math_budget *m, const struct math_node *x,
                           struct math_bound *all);

static int64_t cap(int64_t v)
{
    return v > MATH_BOUND_MAX ? MATH_BOUND_MAX : v;
}

static int64_t product(int64_t a, int64_t b)
{
    return a && b > MATH_BOUND_MAX / a ? MATH_BOUND_MAX : a * b;
}

static struct part exact_part(const struct math_value *v)
{
    struct part p = {(int64_t)mpz_sizeinbase(mpq_numref(v->re), 2),
                     (int64_t)mpz_sizeinbase(mpq_denref(v->re), 2)};
    if (mpq_sgn(v->im)) {
        int64_t over = (int64_t)mpz_sizeinbase(mpq_numref(v->im), 2);
        int64_t under = (int64_t)mpz_sizeinbase(mpq_denref(v->im), 2);
        p.over = (p.over > over ? p.over : over) + p.under + under + 1;
        p.under += under;
    }
    return p;
}

static struct part sum_of(struct part a, struct part b)
{
    int64_t x = a.over + b.under, y = a.under + b.over;
    return (struct part){cap((x > y ? x : y) + 1), cap(a.under + b.under)};
}

static void grow(struct math_bound *all, int64_t degree)
{
    all->degree = product(all->degree, degree);
}

/* A root that was met before adds nothing to the degree. */
static void meet_root(struct math_bound *all, const struct math_node *x, int64_t degree)
{
    for (size_t i = 0; i < all->n_roots; i++)
        if (math_same(all->roots[i], x))
            return;
    if (all->n_roots < MATH_BOUND_ROOTS)
        all->roots[all->n_roots++] = x;
    grow(all, degree);
}

static void meet_imaginary(struct math_bound *all)
{
    if (!all->imaginary)
        grow(all, 2);
    all->imaginary = true;
}

static struct part root_part(struct part a, int64_t n)
{
    if (a.over >= a.under)
        return (struct part){(a.over + product(a.under, n - 1)) / n + 1, a.under};
    return (struct part){a.over, (a.under + product(a.over, n - 1)) / n + 1};
}

/* Beyond algebra: as large or small as it is, with all the digits that went in. */
static struct part other_part(struct math_budget *m, const struct math_node *x,
                              struct math_bound *all)
{
    struct math_value v;
    struct part p = {16, 16};
    all->algebraic = false;
    for (size_t i = 0; i < x->n; i++) {
        struct part kid = part_of(m, x->kids[i], all);
        p.over = cap(p.over + kid.over + kid.under);
    }
    math_value_init(&v);
    math_eval(m, x, NULL, &v);
    if (v.state == VALUE_INTERVAL && mpfr_zero_p(&v.re_in->right) == 0 &&
        mpfr_zero_p(&v.re_in->left) == 0) {
        int64_t high = mpfr_get_exp(&v.re_in->right), low = mpfr_get_exp(&v.re_in->left);
        int64_t size = high > -low ? high : -low;
        p.over = cap(p.over + (size < 0 ? -size : size));
    }
    p.under = p.over;
    math_value_clear(&v);
    return p;
}

static struct part power_part(struct math_budget *m, const struct math_node *x,
                              struct math_bound *all)
{
    struct math_value e;
    math_value_init(&e);
    math_eval(m, x->kids[1], NULL, &e);
    bool rational = e.state == VALUE_EXACT && math_value_real(&e) &&
                    mpz_sizeinbase(mpq_numref(e.re), 2) <= 31 &&
                    mpz_cmp_ui(mpq_denref(e.re), 64) <= 0;
    long over = rational ? mpz_get_si(mpq_numref(e.re)) : 0;
    long under = rational ? mpz_get_si(mpq_denref(e.re)) : 1;
    math_value_clear(&e);
    if (x->kind == MATH_ROOT) {
        rational &= under == 1 && over > 0;
        under = over;
        over = 1;
    }
    if (!rational)
        return other_part(m, x, all);
    struct part p = part_of(m, x->kids[0], all);
    if (under > 1) {
        p = root_part(p, under);
        meet_root(all, x, under);
        meet_imaginary(all);
    }
    int64_t n = over < 0 ? -over : over;
    p = (struct part){product(p.over, n), product(p.under, n)};
    return over < 0 ? (struct part){p.under, p.over} : p;
}

/* Sine and the like of a rational part of a turn are made of roots of unity. */
static bool angle_part(struct math_budget *m, const struct math_node *x, struct math_bound *all,
                       struct part *p)
{
    struct math_value v;
    if (x->op != MATH_SIN && x->op != MATH_COS && x->op != MATH_TAN)
        return false;
    math_value_init(&v);
    bool ok = math_eval_turns(m, x->kids[0], &v) && mpz_cmp_ui(mpq_denref(v.re), 1000) < 0;
    if (ok) {
        int64_t n = (int64_t)mpz_get_ui(mpq_denref(v.re)), common = all->turns, rest = n;
        while (rest) {
            int64_t next = common % rest;
            common = rest;
            rest = next;
        }
        all->turns = cap(product(all->turns, n / common));
        *p = (struct part){2, 2};
    }
    math_value_clear(&v);
    return ok;
}

static struct part call_part(struct math_budget *m, const struct math_node *x,
                             struct math_bound *all)
{
    struct part p;
    struct math_value v;
    math_value_init(&v);
    math_eval(m, x, NULL, &v);
    bool exact = v.state == VALUE_EXACT;
    if (exact)
        p = exact_part(&v);
    math_value_clear(&v);
    if (exact)
        return p;
    if (angle_part(m, x, all, &p))
        return p;
    return other_part(m, x, all);
}

static struct part part_of(struct math_budget *m, const struct math_node *x, struct math_bound *all)
{
    struct math_value v;
    struct part p = {0, 0};
    switch ((int)x->kind) {
    case MATH_NUMBER:
    case MATH_BASED:
    case MATH_WORDS:
        math_value_init(&v);
        math_eval(m, x, NULL, &v);
        if (v.state == VALUE_EXACT)
            p = exact_part(&v);
        else
            all->algebraic = false;
        math_value_clear(&v);
        return p;
    case MATH_CONSTANT:
        if (x->op != MATH_I)
            return other_part(m, x, all);
        meet_imaginary(all);
        return p;
    case MATH_NEGATIVE:
    case MATH_DEGREES:
        return part_of(m, x->kids[0], all);
    case MATH_SUM:
    case MATH_PRODUCT:
    case MATH_FRACTION:
        p = part_of(m, x->kids[0], all);
        for (size_t i = 1; i < x->n; i++) {
            struct part q = part_of(m, x->kids[i], all);
            p = x->kind == MATH_SUM ? sum_of(p, q)
                : x->kind == MATH_PRODUCT
                    ? (struct part){cap(p.over + q.over), cap(p.under + q.under)}
                    : (struct part){cap(p.over + q.under), cap(p.under + q.over)};
        }
        return p;
    case MATH_POWER:
    case MATH_ROOT:
        return power_part(m, x, all);
    case MATH_CALL:
        return call_part(m, x, all);
    default:
        all->algebraic = false;
        return (struct part){MATH_BOUND_MAX, MATH_BOUND_MAX};
    }
}

void math_bound_of(struct math_budget *m, const struct math_node *a, const struct math_node *b,
                   struct math_bound *bound)
{
    *bound = (struct math_bound){.algebraic = true, .degree = 1, .turns = 1};
    struct part x = part_of(m, a, bound), y = part_of(m, b, bound);
    struct part d = sum_of(x, y);
    bound->over = d.over;
    bound->under = d.under;
    /* The roots of unity of order 2n span a field of degree at most n, with i at most 2n. */
    if (bound->turns > 1)
        grow(bound, 2 * bound->turns);
}

int64_t math_bound_bits(const struct math_bound *b)
{
    if (b->algebraic)
        return cap(product(b->degree - 1, b->over) + b->under);
    return cap(4 * cap(b->over + b->under) + 1024);
}
