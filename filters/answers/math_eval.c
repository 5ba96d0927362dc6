#include "filters/answers/math_eval.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static void eval(struct math_budget *m, const struct math_node *x, const struct math_point *point,
                 bool angle, struct math_value *v);

/* ---- leaves ---- */

void math_literal(const struct math_node *x, mpq_ptr v)
{
    int base = x->kind == MATH_BASED ? x->op : 10;
    if (x->text.n <= 18 && base == 10) {
        long n = 0;
        for (size_t i = 0; i < x->text.n; i++)
            n = 10 * n + (x->text.p[i] - '0');
        mpz_set_si(mpq_numref(v), n);
    } else {
        char *text = malloc(x->text.n + 1);
        if (!text)
            abort();
        memcpy(text, x->text.p, x->text.n);
        text[x->text.n] = '\0';
        mpz_set_str(mpq_numref(v), text, base);
        free(text);
    }
    mpz_set_ui(mpq_denref(v), 1);
    if (x->scale) {
        mpz_ui_pow_ui(mpq_denref(v), (unsigned long)base, x->scale);
        mpq_canonicalize(v);
    }
}

static void literal(struct math_budget *m, const struct math_node *x, struct math_value *v)
{
    m->steps -= (int64_t)(x->text.n + x->scale) / 16 + 1;
    if (m->steps < 0) {
        math_value_unknown(v);
        return;
    }
    math_value_set_si(v, 0);
    math_literal(x, v->re);
}

static void symbol(const struct math_node *x, const struct math_point *point, struct math_value *v)
{
    for (size_t i = 0; point && i < point->symbols->n; i++)
        if (slice_eq(point->symbols->names[i], x->text)) {
            math_value_set_si(v, 0);
            mpq_set(v->re, point->values[i]);
            return;
        }
    math_value_unknown(v);
}

static void constant(struct math_budget *m, const struct math_node *x, struct math_value *v)
{
    switch (x->op) {
    case MATH_PI:
        math_value_pi(m, v);
        return;
    case MATH_E:
        math_value_set_si(v, 1);
        math_value_interval(m, v);
        math_value_call(m, v, MATH_EXP);
        return;
    case MATH_I:
        math_value_set_si(v, 0);
        mpq_set_si(v->im, 1, 1);
        return;
    default:
        math_value_unknown(v);
    }
}

/* ---- angles that are a rational part of a turn ---- */

/* x = turns * pi exactly, with degrees as pi/180; false: not seen to be so. */
static bool turns_of(struct math_budget *m, const struct math_node *x,
                     const struct math_point *point, struct math_value *turns)
{
    struct math_value part;
    bool ok = false;
    m->steps -= 2 * (int64_t)x->n;
    switch ((int)x->kind) {
    case MATH_CONSTANT:
        math_value_set_si(turns, 1);
        return x->op == MATH_PI;
    case MATH_NEGATIVE:
        ok = turns_of(m, x->kids[0], point, turns);
        math_value_negate(turns);
        return ok;
    case MATH_DEGREES:
        eval(m, x->kids[0], point, false, turns);
        math_value_init(&part);
        math_value_set_si(&part, 180);
        math_value_divide(m, turns, turns, &part);
        math_value_clear(&part);
        break;
    case MATH_FRACTION:
        ok = turns_of(m, x->kids[0], point, turns);
        math_value_init(&part);
        if (ok)
            eval(m, x->kids[1], point, false, &part);
        math_value_divide(m, turns, turns, &part);
        math_value_clear(&part);
        break;
    case MATH_PRODUCT:
        for (size_t i = 0; i < x->n && !ok; i++) {
            if (!math_has(x->kids[i], MATH_CONSTANT, MATH_PI) &&
                !math_has(x->kids[i], MATH_DEGREES, -1))
                continue;
            ok = turns_of(m, x->kids[i], point, turns);
            math_value_init(&part);
            for (size_t k = 0; ok && k < x->n; k++)
                if (k != i) {
                    eval(m, x->kids[k], point, false, &part);
                    math_value_multiply(m, turns, turns, &part);
                }
            math_value_clear(&part);
        }
        break;
    case MATH_SUM:
        ok = true;
        math_value_set_si(turns, 0);
        for (size_t i = 0; i < x->n && ok; i++) {
            math_value_init(&part);
            ok = turns_of(m, x->kids[i], point, &part);
            math_value_add(m, turns, turns, &part);
            math_value_clear(&part);
        }
        break;
    default:
        return false;
    }
    return (ok || x->kind == MATH_DEGREES) && turns->state == VALUE_EXACT && math_value_real(turns);
}

static bool is_circular(int op)
{
    return op == MATH_SIN || op == MATH_COS || op == MATH_TAN;
}

/* ---- functions ---- */

/* n (n - 1) … (n - k + 1) / k!, for an n that is no whole number. */
static void falling(struct math_budget *m, struct math_value *n, long k)
{
    struct math_value top, part, one;
    math_value_init(&top);
    math_value_init(&part);
    math_value_init(&one);
    math_value_set(&top, n);
    math_value_set_si(n, 1);
    math_value_set_si(&one, 1);
    for (long i = 1; i <= k; i++) {
        math_value_multiply(m, n, n, &top);
        math_value_set_si(&part, i);
        math_value_divide(m, n, n, &part);
        math_value_subtract(m, &top, &top, &one);
    }
    math_value_clear(&top);
    math_value_clear(&part);
    math_value_clear(&one);
}

static void binomial(struct math_budget *m, struct math_value *n, const struct math_value *k)
{
    long top, bottom;
    bool whole = math_value_integer(n, &top) && top >= 0;
    if (!math_value_integer(k, &bottom)) {
        math_value_unknown(n);
        return;
    }
    if (!whole && bottom >= 0 && bottom <= 40) {
        falling(m, n, bottom);
        return;
    }
    if (whole && bottom > top - bottom)
        bottom = top - bottom;
    if (whole && bottom < 0)
        math_value_set_si(n, 0);
    else if (whole && bottom <= 4000 && math_charge(m, bottom / 8 + 1, 8 * (size_t)bottom + 1))
        mpz_bin_uiui(mpq_numref(n->re), (unsigned long)top, (unsigned long)bottom);
    else
        math_value_unknown(n);
}

static void fold(struct math_budget *m, int op, struct math_value *v, const struct math_value *w)
{
    bool whole = v->state == VALUE_EXACT && w->state == VALUE_EXACT && math_value_real(v) &&
                 math_value_real(w);
    if (op == MATH_MAX || op == MATH_MIN) {
        struct math_value d;
        math_value_init(&d);
        math_value_subtract(m, &d, v, w);
        int sign = math_value_sign(&d);
        math_value_clear(&d);
        if (sign == 2)
            math_value_unknown(v);
        else if ((sign < 0) == (op == MATH_MAX) && sign)
            math_value_set(v, w);
        return;
    }
    if (!whole || mpz_cmp_ui(mpq_denref(v->re), 1) || mpz_cmp_ui(mpq_denref(w->re), 1) ||
        !math_charge(m, 8,
                     mpz_sizeinbase(mpq_numref(v->re), 2) + mpz_sizeinbase(mpq_numref(w->re), 2)))
        math_value_unknown(v);
    else if (op == MATH_GCD)
        mpz_gcd(mpq_numref(v->re), mpq_numref(v->re), mpq_numref(w->re));
    else
        mpz_lcm(mpq_numref(v->re), mpq_numref(v->re), mpq_numref(w->re));
}

static void call(struct math_budget *m, const struct math_node *x, const struct math_point *point,
                 struct math_value *v)
{
    struct math_value second;
    math_value_init(&second);
    if (is_circular(x->op) && turns_of(m, x->kids[0], point, &second)) {
        math_value_turn(m, v, x->op, second.re);
        math_value_clear(&second);
        return;
    }
    bool angle = x->op >= MATH_SIN && x->op <= MATH_CSC;
    eval(m, x->kids[0], point, angle, v);
    if (x->op == MATH_LOG || x->op == MATH_BINOMIAL) {
        eval(m, x->kids[1], point, false, &second);
        if (x->op == MATH_LOG) {
            struct math_value r;
            math_value_init(&r);
            math_value_log(m, &r, v, &second);
            math_value_set(v, &r);
            math_value_clear(&r);
        } else {
            binomial(m, v, &second);
        }
    } else if (x->op >= MATH_GCD) {
        for (size_t i = 1; i < x->n; i++) {
            eval(m, x->kids[i], point, false, &second);
            fold(m, x->op, v, &second);
        }
    } else {
        math_value_call(m, v, x->op);
    }
    math_value_clear(&second);
}

/* A function that nobody knows has some rational value, the same for the same arguments. */
static void apply(struct math_budget *m, const struct math_node *x, const struct math_point *point,
                  struct math_value *v)
{
    struct hash h;
    hash_init(&h, "math function");
    hash_u64(&h, point ? point->seed : 0);
    hash_field(&h, x->text);
    for (size_t i = 0; i < x->n; i++) {
        eval(m, x->kids[i], point, false, v);
        if (v->state != VALUE_EXACT || !math_value_real(v) || !math_charge(m, 8, 512) ||
            mpz_sizeinbase(mpq_numref(v->re), 2) > 4000 ||
            mpz_sizeinbase(mpq_denref(v->re), 2) > 4000) {
            math_value_unknown(v);
            return;
        }
        char text[2600];
        mpq_get_str(text, 16, v->re);
        hash_field(&h, slice_of(text));
    }
    struct id id = hash_id(&h);
    math_value_set_si(v, (long)(id_u64(&id, 1) >> 40));
    mpz_set_ui(mpq_denref(v->re), 1009);
    mpq_canonicalize(v->re);
}

/* ---- the tree ---- */

static void power(struct math_budget *m, const struct math_node *x, const struct math_point *point,
                  struct math_value *v)
{
    struct math_value base, exponent;
    math_value_init(&base);
    math_value_init(&exponent);
    const struct math_node *b = x->kids[0];
    if (x->kind == MATH_ROOT) {
        long n;
        eval(m, b, point, false, v);
        eval(m, x->kids[1], point, false, &exponent);
        if (math_value_integer(&exponent, &n) && n > 0)
            math_value_root(m, v, (unsigned long)n);
        else
            math_value_unknown(v);
    } else if (b->kind == MATH_CONSTANT && b->op == MATH_E) {
        eval(m, x->kids[1], point, false, v);
        math_value_call(m, v, MATH_EXP);
    } else {
        eval(m, b, point, false, &base);
        eval(m, x->kids[1], point, false, &exponent);
        if (base.state == VALUE_UNKNOWN || exponent.state == VALUE_UNKNOWN)
            math_value_unknown(v);
        else if (base.state == VALUE_UNDEFINED || exponent.state == VALUE_UNDEFINED)
            math_value_undefined(v);
        else
            math_value_raise(m, v, &base, &exponent);
    }
    math_value_clear(&base);
    math_value_clear(&exponent);
}

/* Operand by operand; the first is v itself. */
static void chain(struct math_budget *m, const struct math_node *x, const struct math_point *point,
                  bool angle, struct math_value *v)
{
    struct math_value w;
    math_value_init(&w);
    eval(m, x->kids[0], point, angle, v);
    for (size_t i = 1; i < x->n && v->state != VALUE_UNKNOWN; i++) {
        eval(m, x->kids[i], point, angle && x->kind == MATH_SUM, &w);
        if (x->kind == MATH_SUM)
            math_value_add(m, v, v, &w);
        else if (x->kind == MATH_PRODUCT)
            math_value_multiply(m, v, v, &w);
        else
            math_value_divide(m, v, v, &w);
    }
    math_value_clear(&w);
}

static void degrees(struct math_budget *m, const struct math_node *x,
                    const struct math_point *point, bool angle, struct math_value *v)
{
    eval(m, x->kids[0], point, false, v);
    if (!angle)
        return;
    struct math_value radian, half_turn;
    math_value_init(&radian);
    math_value_init(&half_turn);
    math_value_pi(m, &radian);
    math_value_set_si(&half_turn, 180);
    math_value_divide(m, &radian, &radian, &half_turn);
    math_value_multiply(m, v, v, &radian);
    math_value_clear(&radian);
    math_value_clear(&half_turn);
}

/* angle: whether a degree sign means pi/180 here, as inside a sine; elsewhere it is only a unit. */
static void eval(struct math_budget *m, const struct math_node *x, const struct math_point *point,
                 bool angle, struct math_value *v)
{
    if (m->steps-- < 0) {
        math_value_unknown(v);
        return;
    }
    switch ((int)x->kind) {
    case MATH_NUMBER:
    case MATH_BASED:
        literal(m, x, v);
        break;
    case MATH_WORDS:
        eval(m, x->kids[0], point, angle, v);
        break;
    case MATH_SYMBOL:
        symbol(x, point, v);
        break;
    case MATH_CONSTANT:
        constant(m, x, v);
        break;
    case MATH_SUM:
    case MATH_PRODUCT:
    case MATH_FRACTION:
        chain(m, x, point, angle, v);
        break;
    case MATH_NEGATIVE:
        eval(m, x->kids[0], point, angle, v);
        math_value_negate(v);
        break;
    case MATH_POWER:
    case MATH_ROOT:
        power(m, x, point, v);
        break;
    case MATH_CALL:
        call(m, x, point, v);
        break;
    case MATH_APPLY:
        apply(m, x, point, v);
        break;
    case MATH_DEGREES:
        degrees(m, x, point, angle, v);
        break;
    default:
        math_value_unknown(v);
    }
}

void math_eval(struct math_budget *m, const struct math_node *x, const struct math_point *point,
               struct math_value *v)
{
    eval(m, x, point, false, v);
}

bool math_eval_turns(struct math_budget *m, const struct math_node *x, struct math_value *v)
{
    return turns_of(m, x, NULL, v);
}
