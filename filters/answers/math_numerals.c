/* Numbers as people write them: thousands marks, decimal commas, periods, mixed numbers, bases. */
#include <string.h>

#include "filters/answers/math_parser.h"
#include "filters/answers/math_words.h"

/* Digits gathered from several tokens. */
struct numeral {
    char *digits;
    size_t n;
    uint32_t scale; /* digits behind the point */
    bool point;
};

static void gather(struct numeral *x, struct slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.') {
            x->point = true;
            continue;
        }
        x->digits[x->n++] = text.p[i];
        x->scale += x->point;
    }
}

static bool whole(struct slice s)
{
    return memchr(s.p, '.', s.n) == NULL;
}

static size_t whole_digits(struct slice s)
{
    const char *point = memchr(s.p, '.', s.n);
    return point ? (size_t)(point - s.p) : s.n;
}

/* A comma or mark at `at` and behind it, without a space, a number. */
static bool has_group(const struct math_parser *p, size_t ahead, bool mark)
{
    const struct math_token *t = math_next(p, ahead), *next = math_next(p, ahead + 1);
    if (next->type != TOKEN_NUMBER || next->text.p[0] == '.')
        return false;
    return mark ? t->type == TOKEN_MARK : math_token_is(t, ',') && !t->space && !next->space;
}

/* How many groups of three digits follow, each behind a comma; 0 when any is of another length. */
static size_t count_groups(const struct math_parser *p, bool mark)
{
    size_t n = 0;
    for (; has_group(p, 2 * n + 1, mark); n++) {
        struct slice s = math_next(p, 2 * n + 2)->text;
        if (whole_digits(s) != 3 || (!whole(s) && has_group(p, 2 * n + 3, mark)))
            return 0;
    }
    return n;
}

static void take_groups(struct math_parser *p, struct numeral *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        gather(x, math_next(p, 2 * i + 2)->text);
    p->at += 2 * n;
}

static void take_decimals(struct math_parser *p, struct numeral *x)
{
    x->point = true;
    gather(x, math_next(p, 2)->text);
    p->at += 2;
}

/* "1,234,567", "2,74", "1 000,99": p stands at the first group, which x holds already. */
static void commas(struct math_parser *p, struct numeral *x)
{
    struct slice first = math_next(p, 0)->text;
    bool mark = math_next(p, 1)->type == TOKEN_MARK;
    if (x->point || !has_group(p, 1, mark))
        return;
    size_t groups = x->n <= 3 && first.p[0] != '0' ? count_groups(p, mark) : 0;
    if (groups && (mark || p->brackets == 0)) {
        if (!mark)
            p->met |= READ_COMMA_LIST;
        if (mark || !(p->flags & READ_COMMA_LIST))
            take_groups(p, x, groups);
        return;
    }
    struct slice second = math_next(p, 2)->text;
    if (!whole(second) || has_group(p, 3, mark))
        return;
    if (mark) {
        take_decimals(p, x);
        return;
    }
    if (p->brackets || p->commas != 1)
        return;
    p->met |= READ_COMMA_DECIMAL;
    if (second.n >= 2 || slice_is(first, "0") || x->n > 3)
        p->likely |= READ_COMMA_DECIMAL;
    if (p->flags & READ_COMMA_DECIMAL)
        take_decimals(p, x);
}

/* "1 000 000": digits in threes. */
static void spaces(struct math_parser *p, struct numeral *x)
{
    if (x->point || x->n > 3)
        return;
    for (;;) {
        const struct math_token *next = math_next(p, 1), *after = math_next(p, 2);
        bool group = next->type == TOKEN_NUMBER && next->space && whole_digits(next->text) == 3;
        if (!group || math_token_is(after, '/') || x->point)
            return;
        gather(x, next->text);
        p->at++;
    }
}

/* "1.000.000" and "1.000,50": points in the place of thousands marks. */
static void points(struct math_parser *p, struct numeral *x)
{
    struct slice first = math_next(p, 0)->text;
    size_t lead = whole_digits(first);
    if (!x->point || x->scale != 3 || lead == 0 || lead > 3 || first.p[0] == '0')
        return;
    bool more = false;
    for (;;) {
        const struct math_token *next = math_next(p, 1);
        if (next->type != TOKEN_NUMBER || next->space || next->text.n != 4 ||
            next->text.p[0] != '.')
            break;
        gather(x, next->text);
        p->at++;
        more = true;
    }
    bool comma = p->brackets == 0 && p->commas == 1 && has_group(p, 1, false) &&
                 whole(math_next(p, 2)->text);
    if (!more && !comma) {
        p->met |= READ_DOT_THOUSANDS;
        if (!(p->flags & READ_DOT_THOUSANDS))
            return;
    }
    x->scale = 0;
    x->point = false;
    if (comma)
        take_decimals(p, x);
}

/* 0.1\overline{6} is (16 - 1) / 90. */
static struct math_node *repeating(struct math_parser *p, struct numeral *x)
{
    if (!x->point || !math_token_says(math_next(p, 0), "overline") ||
        !math_token_is(math_next(p, 1), '{') || math_next(p, 2)->type != TOKEN_NUMBER ||
        !math_token_is(math_next(p, 3), '}') || !whole(math_next(p, 2)->text))
        return NULL;
    struct slice period = math_next(p, 2)->text, before = {x->digits, x->n};
    p->at += 4;
    struct math_node *less = math_leaf(p->tree, MATH_NUMBER, 0, before);
    struct math_node *all = math_leaf(p->tree, MATH_NUMBER, 0, (struct slice){NULL, 0});
    char *digits = arena_alloc(p->tree->arena, x->n + period.n);
    char *nines = arena_alloc(p->tree->arena, period.n + x->scale);
    if (!less || !all || !digits || !nines)
        return NULL;
    memcpy(digits, x->digits, x->n);
    memcpy(digits + x->n, period.p, period.n);
    memset(nines, '9', period.n);
    memset(nines + period.n, '0', x->scale);
    all->text = (struct slice){digits, x->n + period.n};
    struct math_node *over = math_two(p->tree, MATH_SUM, 0, all,
                                      math_one(p->tree, MATH_NEGATIVE, 0, less));
    struct math_node *under = math_leaf(p->tree, MATH_NUMBER, 0,
                                        (struct slice){nines, period.n + x->scale});
    return math_two(p->tree, MATH_FRACTION, 0, over, under);
}

/* 1.5e-7, the letter without a space before it. */
static struct math_node *exponent(struct math_parser *p, struct math_node *x)
{
    const struct math_token *e = math_next(p, 0), *next = math_next(p, 1);
    bool letter = (e->type == TOKEN_LETTER || e->type == TOKEN_WORD) && !e->space &&
                  (slice_is(e->text, "e") || slice_is(e->text, "E"));
    bool sign = letter && (math_token_is(next, '-') || math_token_is(next, '+'));
    const struct math_token *power = sign ? math_next(p, 2) : next;
    if (!letter || next->space || power->space || power->type != TOKEN_NUMBER ||
        !whole(power->text))
        return x;
    p->at += sign ? 3 : 2;
    struct math_node *n = math_leaf(p->tree, MATH_NUMBER, 0, power->text);
    if (math_token_is(next, '-'))
        n = math_one(p->tree, MATH_NEGATIVE, 0, n);
    n = math_two(p->tree, MATH_POWER, 0, math_number(p->tree, 10), n);
    return math_two(p->tree, MATH_PRODUCT, 0, x, n);
}

static bool plain(const struct math_node *x)
{
    return x && x->kind == MATH_NUMBER && x->scale == 0;
}

static bool proper(const struct math_node *x)
{
    if (!x || x->kind != MATH_FRACTION || !plain(x->kids[0]) || !plain(x->kids[1]))
        return false;
    struct slice over = x->kids[0]->text, under = x->kids[1]->text;
    return over.n < under.n || (over.n == under.n && slice_cmp(over, under) < 0);
}

/* 2\frac12 and 2 1/2 are two and a half. */
static struct math_node *mixed(struct math_parser *p, struct math_node *x)
{
    size_t start = p->at;
    const struct math_token *next = math_next(p, 0);
    struct math_node *part = NULL;
    if (math_token_says(next, "frac")) {
        part = math_read_atom(p);
    } else if (next->type == TOKEN_NUMBER && next->space && whole(next->text) &&
               math_token_is(math_next(p, 1), '/') && math_next(p, 2)->type == TOKEN_NUMBER &&
               whole(math_next(p, 2)->text)) {
        part = math_two(p->tree, MATH_FRACTION, 0, math_leaf(p->tree, MATH_NUMBER, 0, next->text),
                        math_leaf(p->tree, MATH_NUMBER, 0, math_next(p, 2)->text));
        p->at += 3;
    }
    if (part && proper(part)) {
        if (math_token_says(next, "frac"))
            p->met |= READ_MIXED_PRODUCT;
        if (!(p->flags & READ_MIXED_PRODUCT))
            return math_two(p->tree, MATH_SUM, 0, x, part);
    }
    p->at = start;
    return x;
}

/* Bytes that the groups of one number can have at most. */
static size_t room_for(const struct math_parser *p)
{
    size_t room = math_next(p, 0)->text.n;
    for (size_t i = 1, numbers = 1; i < p->n - p->at; i++) {
        const struct math_token *t = math_next(p, i);
        bool group = t->type == TOKEN_NUMBER &&
                     (numbers == 1 || whole_digits(t->text) == 3 || whole_digits(t->text) == 0);
        if (!group && !math_token_is(t, ',') && t->type != TOKEN_MARK)
            break;
        room += t->text.n;
        numbers += group;
        /* A short second group ends the number, if it belongs to it at all. */
        if (group && numbers == 2 && whole_digits(t->text) != 3 && whole_digits(t->text) != 0)
            break;
    }
    return room;
}

struct math_node *math_read_number(struct math_parser *p)
{
    size_t room = room_for(p);
    struct numeral x = {.digits = arena_alloc(p->tree->arena, room + 1)};
    if (!x.digits)
        return NULL;
    gather(&x, math_next(p, 0)->text);
    points(p, &x);
    commas(p, &x);
    spaces(p, &x);
    if (!x.point)
        commas(p, &x);
    p->at++;
    struct math_node *period = repeating(p, &x);
    if (period)
        return period;
    struct math_node *n = math_leaf(p->tree, MATH_NUMBER, 0, (struct slice){x.digits, x.n});
    if (!n || x.n == 0)
        return NULL;
    n->scale = x.scale;
    struct math_node *scaled = exponent(p, n);
    return scaled == n && x.scale == 0 ? mixed(p, n) : scaled;
}
