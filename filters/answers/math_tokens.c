#include "filters/answers/math_tokens.h"

#include <string.h>

#include "filters/answers/math_tree.h"
#include "filters/answers/math_units.h"
#include "filters/answers/math_words.h"

struct cutter {
    struct arena *arena;
    struct slice rest;
    struct math_token *items;
    size_t n, room;
    bool space;
    int depth;                  /* of braces */
    int quoted[MATH_MAX_DEPTH]; /* depths at which a \text opened */
    int n_quoted;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool add(struct cutter *c, enum math_token_type type, struct slice text)
{
    if (c->n + 1 >= MATH_MAX_TOKENS)
        return false;
    if (c->n + 1 >= c->room) {
        size_t room = c->room ? 2 * c->room : 32;
        struct math_token *more = arena_alloc(c->arena, room * sizeof *more);
        if (!more)
            return false;
        for (size_t i = 0; i < c->n; i++)
            more[i] = c->items[i];
        c->items = more;
        c->room = room;
    }
    c->items[c->n++] = (struct math_token){type, c->space, c->n_quoted > 0, text};
    c->items[c->n] = (struct math_token){.type = TOKEN_END, .text = S("")};
    c->space = false;
    return true;
}

static struct slice take(struct cutter *c, size_t n)
{
    struct slice s = slice_sub(c->rest, 0, n);
    c->rest = slice_from(c->rest, n);
    return s;
}

static bool cut_number(struct cutter *c)
{
    size_t n = 0;
    while (n < c->rest.n && is_digit(c->rest.p[n]))
        n++;
    if (n < c->rest.n && c->rest.p[n] == '.') {
        struct slice after = slice_from(c->rest, n + 1);
        bool digits = after.n && is_digit(after.p[0]);
        if (digits || slice_starts(after, S("\\overline")) || n + 1 == c->rest.n)
            n++;
        while (digits && n < c->rest.n && is_digit(c->rest.p[n]))
            n++;
    }
    return add(c, TOKEN_NUMBER, take(c, n));
}

/* Whether a unit may stand here: something with a value came before. */
static bool after_value(const struct cutter *c)
{
    const struct math_token *t = c->n ? &c->items[c->n - 1] : NULL;
    return t && (t->type == TOKEN_NUMBER || math_token_is(t, '}') || math_token_is(t, ')') ||
                 math_token_is(t, '/') || t->type == TOKEN_WORD || math_token_says(t, "degree") ||
                 math_token_says(t, "pi"));
}

/* Whether letters in a row are a word and not a product of variables. */
static bool is_word(const struct cutter *c, struct slice run)
{
    size_t upper = 0, vowels = 0;
    static const char *const ordinals[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < 4 && c->n && c->items[c->n - 1].type == TOKEN_NUMBER && !c->space; i++)
        if (slice_is(run, ordinals[i]))
            return true;
    if (math_word_known(run) || (after_value(c) && math_unit_known(run)))
        return true;
    for (size_t i = 0; i < run.n; i++) {
        if ((unsigned char)run.p[i] >= 0x80)
            return true;
        upper += run.p[i] <= 'Z';
        vowels += memchr("eiouEIOU", run.p[i], 8) != NULL;
    }
    if (run.n >= 4)
        return true;
    bool named = run.p[0] <= 'Z' && upper == 1;
    bool counted = c->space && after_value(c) && vowels;
    return run.n == 3 && (named || counted);
}

static bool cut_letters(struct cutter *c)
{
    size_t n = 0, function;
    while (n < c->rest.n && (is_letter(c->rest.p[n]) || (unsigned char)c->rest.p[n] >= 0x80))
        n++;
    struct slice run = slice_sub(c->rest, 0, n);
    if (c->n_quoted)
        return add(c, TOKEN_WORD, take(c, n));
    if ((function = math_word_function(run)) != 0)
        return add(c, TOKEN_COMMAND, take(c, function));
    if (n == 1)
        return add(c, TOKEN_LETTER, take(c, 1));
    if (is_word(c, run))
        return add(c, TOKEN_WORD, take(c, n));
    while (n--) {
        if (!add(c, TOKEN_LETTER, take(c, 1)))
            return false;
    }
    return true;
}

/* {name} right behind a command. */
static bool braced(struct cutter *c, struct slice *name)
{
    struct slice s = c->rest;
    while (s.n && s.p[0] == ' ')
        s = slice_from(s, 1);
    size_t end = slice_find(s, S("}"));
    if (!s.n || s.p[0] != '{' || end == SIZE_MAX)
        return false;
    *name = slice_sub(s, 1, end - 1);
    c->rest = slice_from(s, end + 1);
    return true;
}

static bool cut_command(struct cutter *c)
{
    size_t n = 1;
    while (n < c->rest.n && is_letter(c->rest.p[n]))
        n++;
    if (n == 1)
        return add(c, TOKEN_COMMAND, slice_from(take(c, 2), 1));
    struct slice name = slice_from(take(c, n), 1);
    if (slice_is(name, "begin") || slice_is(name, "end")) {
        enum math_token_type type = slice_is(name, "begin") ? TOKEN_BEGIN : TOKEN_FINISH;
        return braced(c, &name) && add(c, type, name);
    }
    if (slice_is(name, "operatorname")) {
        struct slice whole = c->rest, function;
        if (braced(c, &function) && function.n && math_word_function(function) == function.n)
            return add(c, TOKEN_COMMAND, function);
        c->rest = whole;
        name = S("text");
    }
    if (!slice_is(name, "text"))
        return add(c, TOKEN_COMMAND, name);
    while (c->rest.n && c->rest.p[0] == ' ')
        take(c, 1);
    if (!c->rest.n || c->rest.p[0] != '{' || c->n_quoted == MATH_MAX_DEPTH)
        return c->rest.n > 0;
    take(c, 1);
    c->quoted[c->n_quoted++] = ++c->depth;
    c->space = true;
    return true;
}

static bool cut_brace(struct cutter *c)
{
    if (slice_starts(c->rest, S("{,}"))) {
        take(c, 3);
        return add(c, TOKEN_MARK, S(","));
    }
    if (c->rest.p[0] == '{') {
        c->depth++;
        return add(c, TOKEN_SIGN, take(c, 1));
    }
    if (c->depth == 0)
        return false;
    bool quote = c->n_quoted && c->quoted[c->n_quoted - 1] == c->depth;
    c->depth--;
    if (!quote)
        return add(c, TOKEN_SIGN, take(c, 1));
    c->n_quoted--;
    take(c, 1);
    c->space = true;
    return true;
}

static bool cut(struct cutter *c)
{
    char first = c->rest.p[0], second = c->rest.n > 1 ? c->rest.p[1] : '\0';
    if (first == ' ') {
        take(c, 1);
        c->space = true;
        return true;
    }
    if (is_digit(first) || (first == '.' && is_digit(second)))
        return cut_number(c);
    if (is_letter(first) || (unsigned char)first >= 0x80)
        return cut_letters(c);
    if (first == '\\')
        return cut_command(c);
    if (first == '{' || first == '}')
        return cut_brace(c);
    return add(c, TOKEN_SIGN, take(c, 1));
}

bool math_tokens_cut(struct arena *arena, struct slice plain, struct math_tokens *tokens)
{
    struct cutter c = {.arena = arena, .rest = plain};
    while (c.rest.n)
        if (!cut(&c))
            return false;
    *tokens = (struct math_tokens){c.items, c.n};
    return c.depth == 0 && c.n > 0;
}
