#include "filters/answers/math_modular.h"

__extension__ typedef unsigned __int128 wide;

#define PRIMES 3
#define MAX_FACTORIAL 100000

struct field {
    uint64_t p;
    struct math_budget *budget;
    bool failed; /* no value: outside what is handled, or a division by zero */
};

static uint64_t multiply(const struct field *f, uint64_t a, uint64_t b)
{
    return (uint64_t)((wide)a * b % f->p);
}

static uint64_t power(struct field *f, uint64_t a, uint64_t n)
{
    uint64_t r = 1;
    for (; n; n >>= 1, a = multiply(f, a, a))
        if (n & 1)
            r = multiply(f, r, a);
    f->budget->steps -= 64;
    return r;
}

static uint64_t fail(struct field *f)
{
    f->failed = true;
    return 0;
}

static uint64_t inverse(struct field *f, uint64_t a)
{
    return a ? power(f, a, f->p - 2) : fail(f);
}

static uint64_t rational(struct field *f, mpq_srcptr q)
{
    uint64_t over = mpz_fdiv_ui(mpq_numref(q), f->p), under = mpz_fdiv_ui(mpq_denref(q), f->p);
    return under == 1 ? over : multiply(f, over, inverse(f, under));
}

static uint64_t value(struct field *f, const struct math_node *x);

static uint64_t raised(struct field *f, const struct math_node *x)
{
    struct math_value e;
    math_value_init(&e);
    math_eval(f->budget, x->kids[1], NULL, &e);
    uint64_t base = value(f, x->kids[0]), r = 0;
    bool whole = e.state == VALUE_EXACT && math_value_real(&e) &&
                 mpz_cmp_ui(mpq_denref(e.re), 1) == 0;
    if (!whole || base == 0)
        fail(f);
    else
        r = power(f, base, mpz_fdiv_ui(mpq_numref(e.re), f->p - 1));
    math_value_clear(&e);
    return r;
}

static uint64_t factorial(struct field *f, const struct math_node *x)
{
    struct math_value v;
    long n = -1;
    math_value_init(&v);
    math_eval(f->budget, x->kids[0], NULL, &v);
    bool whole = math_value_integer(&v, &n);
    math_value_clear(&v);
    if (!whole || n < 0 || n > MAX_FACTORIAL)
        return fail(f);
    uint64_t r = 1;
    for (long i = 2; i <= n; i++)
        r = multiply(f, r, (uint64_t)i);
    f->budget->steps -= n / 4;
    return r;
}

static uint64_t folded(struct field *f, const struct math_node *x)
{
    uint64_t r = value(f, x->kids[0]);
    for (size_t i = 1; i < x->n && !f->failed; i++) {
        uint64_t y = value(f, x->kids[i]);
        r = x->kind == MATH_SUM       ? (r + y) % f->p
            : x->kind == MATH_PRODUCT ? multiply(f, r, y)
                                      : multiply(f, r, inverse(f, y));
    }
    return r;
}

static uint64_t value(struct field *f, const struct math_node *x)
{
    if (f->failed || f->budget->steps-- < 0)
        return fail(f);
    mpq_t q;
    uint64_t r;
    switch ((int)x->kind) {
    case MATH_NUMBER:
        mpq_init(q);
        math_literal(x, q);
        r = rational(f, q);
        mpq_clear(q);
        f->budget->steps -= (int64_t)(x->text.n / 8);
        return r;
    case MATH_WORDS:
        return value(f, x->kids[0]);
    case MATH_NEGATIVE:
        r = value(f, x->kids[0]);
        return r ? f->p - r : 0;
    case MATH_SUM:
    case MATH_PRODUCT:
    case MATH_FRACTION:
        return folded(f, x);
    case MATH_POWER:
        return raised(f, x);
    case MATH_CALL:
        return x->op == MATH_FACTORIAL ? factorial(f, x) : fail(f);
    default:
        return fail(f);
    }
}

static uint64_t prime(struct rng *rng, struct math_budget *m)
{
    mpz_t p;
    mpz_init_set_ui(p, (UINT64_C(1) << 60) | (rng_u64(rng) >> 4));
    mpz_nextprime(p, p);
    uint64_t v = mpz_get_ui(p);
    mpz_clear(p);
    m->steps -= 2000;
    return v;
}

/* Whether there is anything in it that has no value modulo a prime: looked at first, since to draw
 * a prime costs more. */
static bool handled(const struct math_node *x)
{
    bool call = x->kind == MATH_CALL && x->op == MATH_FACTORIAL;
    if (!call && x->kind != MATH_NUMBER && x->kind != MATH_WORDS && x->kind != MATH_NEGATIVE &&
        x->kind != MATH_SUM && x->kind != MATH_PRODUCT && x->kind != MATH_FRACTION &&
        x->kind != MATH_POWER)
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (!handled(x->kids[i]))
            return false;
    return true;
}

enum answer_verdict math_modular(struct math_budget *m, struct rng *rng, const struct math_node *a,
                                 const struct math_node *b)
{
    if (!handled(a) || !handled(b))
        return ANSWER_UNKNOWN;
    for (int i = 0; i < PRIMES; i++) {
        struct field f = {.p = prime(rng, m), .budget = m};
        uint64_t x = value(&f, a), y = value(&f, b);
        if (f.failed)
            return ANSWER_UNKNOWN;
        if (x != y)
            return ANSWER_DIFFERENT;
    }
    return ANSWER_EQUAL;
}
