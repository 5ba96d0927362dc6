#include "base/slice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct slice slice_of(const char *text)
{
    return (struct slice){text, text ? strlen(text) : 0};
}

struct slice slice_sub(struct slice s, size_t from, size_t n)
{
    if (from > s.n)
        from = s.n;
    if (n > s.n - from)
        n = s.n - from;
    return (struct slice){s.p ? s.p + from : NULL, n};
}

struct slice slice_from(struct slice s, size_t from)
{
    return slice_sub(s, from, SIZE_MAX);
}

bool slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int slice_cmp(struct slice a, struct slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order != 0)
        return order < 0 ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

bool slice_is(struct slice a, const char *text)
{
    return slice_eq(a, slice_of(text));
}

bool slice_starts(struct slice s, struct slice prefix)
{
    return slice_eq(slice_sub(s, 0, prefix.n), prefix);
}

bool slice_ends(struct slice s, struct slice suffix)
{
    return s.n >= suffix.n && slice_eq(slice_from(s, s.n - suffix.n), suffix);
}

size_t slice_find(struct slice s, struct slice needle)
{
    if (needle.n == 0)
        return 0;
    if (s.n < needle.n)
        return SIZE_MAX;
    const char *hit = memmem(s.p, s.n, needle.p, needle.n);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t slice_rfind(struct slice s, struct slice needle)
{
    if (needle.n == 0)
        return s.n;
    if (s.n < needle.n)
        return SIZE_MAX;
    for (size_t at = s.n - needle.n + 1; at-- > 0;) {
        if (s.p[at] == needle.p[0] && memcmp(s.p + at, needle.p, needle.n) == 0)
            return at;
    }
    return SIZE_MAX;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice slice_trim(struct slice s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct slice slice_cut(struct slice s, char separator, struct slice *rest)
{
    const char *hit = s.n ? memchr(s.p, separator, s.n) : NULL;
    size_t at = hit ? (size_t)(hit - s.p) : s.n;
    *rest = slice_from(s, hit ? at + 1 : at);
    return slice_sub(s, 0, at);
}

bool slice_i64(struct slice s, int64_t *value)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t at = negative || (s.n > 0 && s.p[0] == '+') ? 1 : 0;
    if (at == s.n)
        return false;
    int64_t v = 0;
    for (; at < s.n; at++) {
        if (s.p[at] < '0' || s.p[at] > '9')
            return false;
        int digit = s.p[at] - '0';
        /* Built on the negative side when negative, since INT64_MIN has no positive twin. */
        if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
            __builtin_add_overflow(v, (int64_t)(negative ? -digit : digit), &v))
            return false;
    }
    *value = v;
    return true;
}

bool slice_double(struct slice s, double *value)
{
    char text[512];
    if (s.n == 0 || s.n >= sizeof(text))
        return false;
    /* strtod alone would also take white space, hexadecimal, "inf" and "nan". */
    for (size_t i = 0; i < s.n; i++) {
        if (!memchr("0123456789+-.eE", s.p[i], 15))
            return false;
    }
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    char *end;
    double v = strtod(text, &end);
    if (end != text + s.n || !isfinite(v))
        return false;
    *value = v;
    return true;
}
