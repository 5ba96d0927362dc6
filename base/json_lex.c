#include "base/json_lex.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* cJSON cuts a number at 63 bytes; longer ones are hidden from it (json.c puts the digits back). */
#define NUMBER_MAX 60

static bool value(struct json_lex *l, struct err *e);

static bool fail(size_t at, struct err *e, const char *what)
{
    return err_set(e, ERR_SYNTAX, "at byte %zu: %s", at + 1, what);
}

/* peek(l): the byte at the cursor, 0 at the end; a NUL in the text is legal nowhere, so that both
 * fail. */
static char peek(const struct json_lex *l)
{
    return l->at < l->text.n ? l->text.p[l->at] : 0;
}

static bool expected(const struct json_lex *l, const char *what, struct err *e)
{
    if (l->at >= l->text.n)
        return err_set(e, ERR_SYNTAX, "at byte %zu: the text ends where %s should follow",
                       l->at + 1, what);
    unsigned char c = (unsigned char)l->text.p[l->at];
    if (c > 0x20 && c < 0x7f)
        return err_set(e, ERR_SYNTAX, "at byte %zu: '%c' where %s should be", l->at + 1, c, what);
    return err_set(e, ERR_SYNTAX, "at byte %zu: byte 0x%02x where %s should be", l->at + 1, c,
                   what);
}

static void skip_space(struct json_lex *l)
{
    while (l->at < l->text.n && memchr(" \t\n\r", l->text.p[l->at], 4))
        l->at++;
}

/* changed(l): the copy that cJSON gets in place of the text, made at the first need. */
static char *changed(struct json_lex *l, struct err *e)
{
    if (l->copy)
        return l->copy;
    l->copy = malloc(l->text.n);
    if (!l->copy)
        err_set(e, ERR_NOMEM, "no memory for a JSON text of %zu bytes", l->text.n);
    else
        memcpy(l->copy, l->text.p, l->text.n);
    return l->copy;
}

/* hex4(l, at): the value of four hex digits, -1 when they are not there. */
static int hex4(const struct json_lex *l, size_t at)
{
    if (l->text.n < 4 || at > l->text.n - 4)
        return -1;
    int code = 0;
    for (size_t i = at; i < at + 4; i++) {
        char c = l->text.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static bool is_high(int code)
{
    return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low(int code)
{
    return code >= 0xdc00 && code <= 0xdfff;
}

/* unicode_escape(l, e): the cursor is at the backslash of a \u. */
static bool unicode_escape(struct json_lex *l, struct err *e)
{
    size_t at = l->at;
    int code = hex4(l, at + 2);
    if (code < 0)
        return fail(at, e, "\\u needs four hex digits");
    l->at += 6;
    if (is_high(code) && l->at + 1 < l->text.n && l->text.p[l->at] == '\\' &&
        l->text.p[l->at + 1] == 'u' && is_low(hex4(l, l->at + 2))) {
        l->at += 6;
        return true;
    }
    bool lone = is_high(code) || is_low(code);
    if (code != 0 && !lone)
        return true;
    if (l->mode == JSON_STRICT)
        return fail(at, e, lone ? "a surrogate without its other half" : "a NUL character");
    char *copy = changed(l, e);
    if (!copy)
        return false;
    memcpy(copy + at + 2, "fffd", 4);
    return true;
}

static bool escape(struct json_lex *l, struct err *e)
{
    char c = l->at + 1 < l->text.n ? l->text.p[l->at + 1] : 0;
    if (c == 'u')
        return unicode_escape(l, e);
    if (c == 0 || !strchr("\"\\/bfnrt", c))
        return fail(l->at, e, "a backslash that escapes nothing");
    l->at += 2;
    return true;
}

/* utf8(l, from, e): checks the bytes between `from` and the cursor. */
static bool utf8(const struct json_lex *l, size_t from, struct err *e)
{
    size_t bad = text_utf8_error(slice_sub(l->text, from, l->at - from));
    if (bad == SIZE_MAX)
        return true;
    return err_set(e, ERR_SYNTAX, "at byte %zu: 0x%02x is not valid UTF-8 here", from + bad + 1,
                   (unsigned char)l->text.p[from + bad]);
}

static bool string(struct json_lex *l, struct err *e)
{
    size_t start = l->at++;
    const unsigned char *p = (const unsigned char *)l->text.p;
    unsigned high = 0;
    while ((l->at += text_plain(slice_from(l->text, l->at))) < l->text.n) {
        unsigned char c = p[l->at];
        if (c == '"') {
            l->at++;
            return !high || utf8(l, start, e);
        }
        if (c < 0x20)
            return err_set(e, ERR_SYNTAX, "at byte %zu: control character 0x%02x in a string",
                           l->at + 1, c);
        if (c == '\\') {
            if (!escape(l, e))
                return false;
        } else {
            high |= c & 0x80u;
            l->at++;
        }
    }
    return fail(start, e, "a string without its closing quote");
}

static bool digits(struct json_lex *l, struct err *e)
{
    size_t from = l->at;
    while (peek(l) >= '0' && peek(l) <= '9')
        l->at++;
    return l->at > from || expected(l, "a digit", e);
}

/* keep_number(l, s, e): remembers the lexeme; a very long one is replaced for cJSON by a zero. */
static bool keep_number(struct json_lex *l, struct slice s, struct err *e)
{
    if (l->n_numbers == l->cap_numbers) {
        size_t cap = l->cap_numbers ? 2 * l->cap_numbers : 16;
        struct slice *more = realloc(l->numbers, cap * sizeof(*more));
        if (!more)
            return err_set(e, ERR_NOMEM, "no memory for %zu JSON numbers", cap);
        l->numbers = more;
        l->cap_numbers = cap;
    }
    l->numbers[l->n_numbers++] = s;
    if (s.n <= NUMBER_MAX)
        return true;
    char *copy = changed(l, e);
    if (!copy)
        return false;
    memset(copy + (s.p - l->text.p), ' ', s.n);
    copy[s.p - l->text.p] = '0';
    return true;
}

static bool number(struct json_lex *l, struct err *e)
{
    size_t from = l->at;
    if (peek(l) == '-')
        l->at++;
    size_t first = l->at;
    if (!digits(l, e))
        return false;
    if (l->text.p[first] == '0' && l->at - first > 1)
        return fail(first, e, "a number with a leading zero");
    if (peek(l) == '.') {
        l->at++;
        if (!digits(l, e))
            return false;
    }
    if (peek(l) == 'e' || peek(l) == 'E') {
        l->at++;
        if (peek(l) == '+' || peek(l) == '-')
            l->at++;
        if (!digits(l, e))
            return false;
    }
    return keep_number(l, slice_sub(l->text, from, l->at - from), e);
}

static bool word(struct json_lex *l, struct slice literal, struct err *e)
{
    if (!slice_starts(slice_from(l->text, l->at), literal))
        return expected(l, "a value", e);
    l->at += literal.n;
    return true;
}

static bool member(struct json_lex *l, struct err *e)
{
    skip_space(l);
    if (peek(l) != '"')
        return expected(l, "a key in double quotes", e);
    if (!string(l, e))
        return false;
    skip_space(l);
    if (peek(l) != ':')
        return expected(l, "':'", e);
    l->at++;
    return value(l, e);
}

/* children(l, e): a list or an object; the cursor is at its opening bracket. */
static bool children(struct json_lex *l, struct err *e)
{
    bool list = peek(l) == '[';
    if (l->depth == JSON_MAX_DEPTH)
        return err_set(e, ERR_SYNTAX, "at byte %zu: nested deeper than %d levels", l->at + 1,
                       JSON_MAX_DEPTH);
    l->depth++;
    l->at++;
    skip_space(l);
    char close = list ? ']' : '}';
    bool more = peek(l) != close;
    while (more) {
        if (!(list ? value(l, e) : member(l, e)))
            return false;
        skip_space(l);
        more = peek(l) == ',';
        if (more)
            l->at++;
    }
    if (peek(l) != close)
        return expected(l, list ? "',' or ']'" : "',' or '}'", e);
    l->at++;
    l->depth--;
    return true;
}

static bool value(struct json_lex *l, struct err *e)
{
    skip_space(l);
    char c = peek(l);
    switch (c) {
    case '"':
        return string(l, e);
    case '{':
    case '[':
        return children(l, e);
    case 't':
        return word(l, S("true"), e);
    case 'f':
        return word(l, S("false"), e);
    case 'n':
        return word(l, S("null"), e);
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return number(l, e);
        return expected(l, "a value", e);
    }
}

bool json_lex_run(struct json_lex *l, struct slice text, enum json_mode mode, struct err *e)
{
    *l = (struct json_lex){.text = text, .mode = mode};
    if (slice_starts(text, S("\xef\xbb\xbf")))
        return fail(0, e, "a byte order mark, which JSON does not have");
    skip_space(l);
    if (l->at == text.n)
        return fail(l->at, e, "no JSON here, the text is empty");
    if (!value(l, e))
        return false;
    skip_space(l);
    if (l->at < text.n)
        return expected(l, "the end of the text", e);
    assert(l->depth == 0);
    return true;
}

void json_lex_free(struct json_lex *l)
{
    free(l->numbers);
    free(l->copy);
    *l = (struct json_lex){0};
}

struct slice json_lex_source(const struct json_lex *l)
{
    return l->copy ? (struct slice){l->copy, l->text.n} : l->text;
}
