#include "base/text.h"

#include <string.h>
#include <unistr.h>

#define LONGEST_NAME 63
#define SHORTEST_BEGINNING 3

static const uint8_t *bytes_of(struct slice s)
{
    return (const uint8_t *)s.p;
}

/* ascii_prefix(s): bytes at the beginning that are plain ASCII, looked at eight at a time. */
static size_t ascii_prefix(struct slice s)
{
    size_t i = 0;
    for (uint64_t w; s.n - i >= sizeof w; i += sizeof w) {
        memcpy(&w, s.p + i, sizeof w);
        if (w & 0x8080808080808080u)
            break;
    }
    return i;
}

#define EACH_BYTE(c) (0x0101010101010101u * (uint64_t)(c))

/* The high bit of some byte is set when one of the eight, none above 0x7f, is below `limit`. */
static uint64_t below(uint64_t w, unsigned limit)
{
    return (w - EACH_BYTE(limit)) & ~w & EACH_BYTE(0x80);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

size_t text_plain(struct slice s)
{
    size_t i = 0;
    for (uint64_t w; s.n - i >= sizeof w; i += sizeof w) {
        memcpy(&w, s.p + i, sizeof w);
        if ((w & EACH_BYTE(0x80)) | below(w, 0x20) | below(w ^ EACH_BYTE('"'), 1) |
            below(w ^ EACH_BYTE('\\'), 1))
            break;
    }
    while (i < s.n && is_plain((unsigned char)s.p[i]))
        i++;
    return i;
}

size_t text_utf8_error(struct slice s)
{
    size_t plain = ascii_prefix(s);
    if (s.n == plain)
        return SIZE_MAX;
    const uint8_t *bad = u8_check(bytes_of(s) + plain, s.n - plain);
    return bad ? (size_t)(bad - bytes_of(s)) : SIZE_MAX;
}

size_t text_chars(struct slice s)
{
    return s.n ? u8_mbsnlen(bytes_of(s), s.n) : 0;
}

/* Characters that could forge a line, hide text or turn it around on a terminal. */
static bool is_unsafe(ucs4_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

static void add_escape(struct buf *out, ucs4_t c)
{
    switch (c) {
    case '\n':
        buf_str(out, "\\n");
        break;
    case '\r':
        buf_str(out, "\\r");
        break;
    case '\t':
        buf_str(out, "\\t");
        break;
    default:
        buf_addf(out, c <= 0xFFFF ? "\\u%04x" : "\\U%08x", (unsigned)c);
    }
}

void text_quote(struct buf *out, struct slice s, size_t max_chars)
{
    size_t chars = 0;
    for (size_t at = 0; at < s.n; chars++) {
        if (max_chars > 0 && chars == max_chars) {
            buf_str(out, "…");
            return;
        }
        ucs4_t c;
        int n = u8_mbtoucr(&c, bytes_of(s) + at, s.n - at);
        if (n <= 0) {
            buf_addf(out, "\\x%02x", (unsigned)bytes_of(s)[at]);
            at++;
            continue;
        }
        if (is_unsafe(c))
            add_escape(out, c);
        else
            buf_add(out, s.p + at, (size_t)n);
        at += (size_t)n;
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein with adjacent swaps ("optimal string alignment"); both at most LONGEST_NAME.
 */
static size_t distance(struct slice a, struct slice b)
{
    size_t rows[3][LONGEST_NAME + 1];
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t change = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            now[j] = smaller(change, smaller(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = smaller(now[j], before[j - 2] + 1);
        }
    }
    return rows[a.n % 3][b.n];
}

const char *text_nearest(struct slice name, const char *const *names, size_t n)
{
    if (name.n > LONGEST_NAME)
        return NULL;
    size_t limit = name.n / 3 > 1 ? name.n / 3 : 1;
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        struct slice candidate = slice_of(names[i]);
        if (candidate.n > LONGEST_NAME)
            continue;
        size_t d = distance(name, candidate);
        if (d <= limit && (d < limit || !best)) {
            best = names[i];
            if (d == 0)
                break;
            limit = d;
        }
    }
    for (size_t i = 0; i < n && !best && name.n >= SHORTEST_BEGINNING; i++)
        if (slice_starts(slice_of(names[i]), name))
            best = names[i];
    return best;
}
