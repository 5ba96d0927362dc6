#include "judges/quotation.h"

#define LONGEST 4000

static const struct {
    const char *open, *close;
} marks[] = {
    {"\"", "\""},
    {"`", "`"},
    {"\xE2\x80\x9C", "\xE2\x80\x9D"}, /* English */
    {"\xE2\x80\x9E", "\xE2\x80\x9C"}, /* German */
    {"\xC2\xAB", "\xC2\xBB"},         /* French */
    {"\xE3\x80\x8C", "\xE3\x80\x8D"}, /* Chinese, Japanese */
    {"\xE3\x80\x8E", "\xE3\x80\x8F"},
};

struct quotations quotations_of(struct slice text)
{
    return (struct quotations){text, 0};
}

static bool is_opener_byte(char c)
{
    unsigned char b = (unsigned char)c;
    return b == '"' || b == '`' || b == 0xE2 || b == 0xC2 || b == 0xE3;
}

/* Where the mark that opens at `at` is closed; SIZE_MAX: nowhere near. */
static size_t closed_at(struct slice text, size_t at, struct slice open, struct slice close)
{
    struct slice rest = slice_sub(text, at + open.n, LONGEST);
    size_t hit = slice_find(rest, close);
    if (hit == SIZE_MAX || hit == 0)
        return SIZE_MAX;
    bool plain = open.n == 1;
    if (plain && slice_find(slice_sub(rest, 0, hit), S("\n")) != SIZE_MAX)
        return SIZE_MAX;
    return at + open.n + hit;
}

static bool take(struct quotations *q, struct quotation *found)
{
    struct slice rest = slice_from(q->text, q->at);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct slice open = slice_of(marks[i].open), close = slice_of(marks[i].close);
        if (!slice_starts(rest, open))
            continue;
        size_t end = closed_at(q->text, q->at, open, close);
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
