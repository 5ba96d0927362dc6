#include "filters/answers/math_parser.h"

#include <string.h>

#include "filters/answers/math_words.h"

bool math_skip_sign(struct math_parser *p, char c)
{
    bool is = math_token_is(math_next(p, 0), c);
    p->at += is;
    return is;
}

bool math_skip_word(struct math_parser *p, const char *name)
{
    bool is = math_token_says(math_next(p, 0), name);
    p->at += is;
    return is;
}

bool math_enter(struct math_parser *p)
{
    return p->depth++ < MATH_MAX_DEPTH;
}

struct math_node *math_leave(struct math_parser *p, struct math_node *x)
{
    p->depth--;
    return x;
}

/* ---- times of the day ---- */

/* What follows the digits, without points and spaces: 'a' for "am", 'p' for "pm", capitals when
 * only the first letter is left of it ("4:30p"); 0: something else. */
static char half_of_day(const struct math_parser *p, size_t from, bool colon)
{
    char text[4] = {0};
    size_t n = 0;
    for (size_t i = from; i < p->n; i++) {
        if (math_token_is(&p->t[i], '.'))
            continue;
        for (size_t k = 0; k < p->t[i].text.n; k++) {
            if (n == 3)
                return '\0';
            text[n++] = (char)(p->t[i].text.p[k] | 0x20);
        }
    }
    bool half = (text[0] == 'a' || text[0] == 'p') && (text[1] == 'm' || (colon && n == 1));
    if (!half || n > 2)
        return '\0';
    return n == 2 ? text[0] : (char)(text[0] - 'a' + 'A');
}

static struct math_node *time_of_day(struct math_parser *p)
{
    int64_t v[3] = {0};
    size_t n = 0, at = 0;
    for (; n < 3; n++) {
        const struct math_token *t = math_next(p, at);
        if (t->type != TOKEN_NUMBER || t->text.n > 2 || !slice_i64(t->text, &v[n]))
            return NULL;
        at++;
        if (!math_token_is(math_next(p, at), ':')) {
            n++;
            break;
        }
        at++;
    }
    char half = half_of_day(p, at, n > 1);
    if (!half || v[0] < 1 || v[0] > 12 || v[1] > 59 || v[2] > 59)
        return NULL;
    int hour = (int)v[0] % 12 + ((half | 0x20) == 'p' ? 12 : 0);
    struct math_node *x = math_leaf(p->tree, MATH_TIME, hour * 3600 + (int)v[1] * 60 + (int)v[2],
                                    S(""));
    if (x)
        x->scale = half >= 'a' ? 1 : 2;
    return x;
}

/* ---- choices ---- */

static bool is_choice(const struct math_token *t)
{
    return (t->type == TOKEN_LETTER || t->type == TOKEN_WORD) && t->text.n == 1 &&
           t->text.p[0] >= 'A' && t->text.p[0] <= 'J';
}

/* "(C) …", "C) …", "C. …", "C: …": how many tokens the mark takes, and which is the letter. */
static size_t choice_mark(const struct math_parser *p, size_t *letter)
{
    *letter = math_token_is(&p->t[0], '(') ? 1 : 0;
    if (p->n < *letter + 2 || !is_choice(&p->t[*letter]))
        return 0;
    const struct math_token *t = &p->t[*letter + 1];
    bool marks = math_token_is(t, ')') ||
                 (!*letter && (math_token_is(t, '.') || math_token_is(t, ':')));
    return marks ? *letter + 2 : 0;
}

static struct math_node *choice(struct math_parser *p)
{
    size_t letter, mark = choice_mark(p, &letter);
    if (!mark)
        return NULL;
    bool more = p->n > mark, apart = more && (p->t[mark].space || p->t[mark].quoted);
    if (!more)
        return math_leaf(p->tree, MATH_SYMBOL, 0, p->t[letter].text);
    if (!apart)
        return NULL;
    p->met |= READ_CHOICE_LETTER | READ_CHOICE_BODY;
    p->likely |= READ_CHOICE_LETTER | READ_CHOICE_BODY;
    if (p->flags & READ_CHOICE_LETTER)
        return math_leaf(p->tree, MATH_SYMBOL, 0, p->t[letter].text);
    if (p->flags & READ_CHOICE_BODY)
        p->at = mark;
    return NULL;
}

/* ---- words ---- */

/* "The answer is 5" answers 5. */
static void skip_opening(struct math_parser *p)
{
    static const char *const words[] = {"the",   "final", "answer", "is",     "ans",      "so",
                                        "value", "thus",  "equals", "result", "therefore"};
    size_t at = 0;
    bool opening = false;
    for (;;) {
        const struct math_token *t = math_next(p, at);
        bool known = math_token_is(t, ':') && at;
        for (size_t i = 0; !known && t->type == TOKEN_WORD && i < sizeof words / sizeof words[0];
             i++)
            known = math_token_says(t, words[i]);
        if (!known)
            break;
        opening |= math_token_says(t, "is") || math_token_says(t, "answer") ||
                   math_token_is(t, ':') || math_token_says(t, "equals");
        at++;
    }
    if (opening && p->at + at < p->n)
        p->at += at;
}

static struct math_node *words(struct math_parser *p)
{
    bool wordy = false, plain = true;
    if (math_token_is(math_next(p, 0), '-') || math_token_is(math_next(p, 0), '+'))
        return NULL;
    for (size_t i = p->at; i < p->n; i++) {
        const struct math_token *t = &p->t[i];
        wordy |= t->type == TOKEN_WORD && t->text.n > 1;
        plain &= t->type == TOKEN_WORD || t->type == TOKEN_LETTER || t->type == TOKEN_NUMBER ||
                 (t->type == TOKEN_SIGN && strchr(".,;:'\"-()!?/&", t->text.p[0]));
    }
    if (!wordy)
        return NULL;
    struct slice text = math_words_text(p->tree->arena, p->t + p->at, p->n - p->at);
    if (!text.p || text.n == 0)
        return NULL;
    struct math_node *x = math_words_phrase(p->tree, text);
    return x || !plain ? x : math_leaf(p->tree, MATH_TEXT, 0, text);
}

struct math_node *math_parse(struct math_tree *tree, const struct math_tokens *tokens,
                             unsigned flags, unsigned *met, unsigned *likely)
{
    struct math_parser p = {.tree = tree, .t = tokens->items, .n = tokens->n, .flags = flags};
    for (size_t i = 0; i < p.n; i++)
        p.commas += math_token_is(&p.t[i], ',');
    skip_opening(&p);
    struct math_node *x = time_of_day(&p);
    if (!x)
        x = choice(&p);
    size_t start = p.at;
    if (!x)
        x = math_read_statements(&p);
    if (!x) {
        p.at = start;
        x = words(&p);
    }
    *met = p.met;
    *likely = p.likely;
    return x;
}
