#include "judges/quotation.h"

#include <string.h>

#define LONGEST 1000

static const struct {
    const char *open, *close;
} marks[QUOTATION_MARKS] = {
    {"\"", "\""}, {"`", "`"}, {"“", "”"}, /* English */
    {"„", "“"},                           /* German */
    {"«", "»"},                           /* French */
    {"「", "」"},                         /* Chinese, Japanese */
    {"『", "』"},
};

struct quotations quotations_of(struct slice text)
{
    return (struct quotations){.text = text};
}

static bool is_opener_byte(char c)
{
    unsigned char b = (unsigned char)c;
    return b == '"' || b == '`' || b == 0xE2 || b == 0xC2 || b == 0xE3;
}

/* Where the mark that opens at q->at is closed; SIZE_MAX: nowhere near. Nothing is searched twice.
 */
static size_t closed_at(struct quotations *q, size_t mark, struct slice open, struct slice close)
{
    size_t inside = q->at + open.n, end = inside + LONGEST;
    size_t from = q->searched[mark] > inside ? q->searched[mark] : inside;
    size_t hit = from < end ? slice_find(slice_sub(q->text, from, end - from), close) : SIZE_MAX;
    if (hit == SIZE_MAX) {
        q->searched[mark] = end - close.n + 1; /* the rest of a mark may stand behind the end */
        return SIZE_MAX;
    }
    hit += from;
    q->searched[mark] = hit;
    bool plain = open.n == 1;
    if (hit == inside || (plain && memchr(q->text.p + inside, '\n', hit - inside)))
        return SIZE_MAX;
    return hit;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* An inch mark, or one that ends what began elsewhere, opens nothing. */
static bool can_open(struct slice text, size_t at, size_t n)
{
    bool plain = n == 1;
    return !plain ||
           ((at == 0 || !is_word(text.p[at - 1])) && at + 1 < text.n && !is_space(text.p[at + 1]));
}

static bool take(struct quotations *q, struct quotation *found)
{
    struct slice rest = slice_from(q->text, q->at);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct slice open = slice_of(marks[i].open), close = slice_of(marks[i].close);
        if (!slice_starts(rest, open) || !can_open(q->text, q->at, open.n))
            continue;
        size_t end = closed_at(q, i, open, close);
        if (end == SIZE_MAX)
            return false;
        size_t inside = q->at + open.n;
        *found = (struct quotation){slice_sub(q->text, inside, end - inside), q->at, end + close.n};
        return true;
    }
    return false;
}

bool quotations_next(struct quotations *q, struct quotation *found)
{
    for (; q->at < q->text.n; q->at++) {
        if (is_opener_byte(q->text.p[q->at]) && take(q, found)) {
            q->at = found->end;
            return true;
        }
    }
    return false;
}
