#include "base/jsonw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void before_value(struct jsonw *w)
{
    if (w->comma)
        buf_char(w->out, ',');
    w->comma = true;
}

struct jsonw jsonw_to(struct buf *out)
{
    return (struct jsonw){.out = out};
}

void jsonw_object(struct jsonw *w)
{
    before_value(w);
    buf_char(w->out, '{');
    w->comma = false;
}

void jsonw_end_object(struct jsonw *w)
{
    buf_char(w->out, '}');
    w->comma = true;
}

void jsonw_list(struct jsonw *w)
{
    before_value(w);
    buf_char(w->out, '[');
    w->comma = false;
}

void jsonw_end_list(struct jsonw *w)
{
    buf_char(w->out, ']');
    w->comma = true;
}

void jsonw_key(struct jsonw *w, const char *key)
{
    jsonw_key_slice(w, slice_of(key));
}

void jsonw_key_slice(struct jsonw *w, struct slice key)
{
    jsonw_string(w, key);
    buf_char(w->out, ':');
    w->comma = false;
}

void jsonw_string(struct jsonw *w, struct slice text)
{
    before_value(w);
    jsonw_text(w->out, text);
}

void jsonw_i64(struct jsonw *w, int64_t v)
{
    before_value(w);
    buf_i64(w->out, v);
}

void jsonw_u64(struct jsonw *w, uint64_t v)
{
    before_value(w);
    buf_u64(w->out, v);
}

/* point(text): whatever stands between the digits for the decimal point becomes one. */
static void point(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (strchr("0123456789+-e", *from))
            *to++ = *from;
        else if (to > text && to[-1] != '.')
            *to++ = '.';
    }
    *to = 0;
}

void jsonw_double(struct jsonw *w, double v)
{
    before_value(w);
    if (!isfinite(v)) {
        buf_str(w->out, "null");
        return;
    }
    /* 15 digits always survive a round trip as text, 17 always identify the double. */
    char text[48];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    point(text);
    buf_str(w->out, text);
}

void jsonw_bool(struct jsonw *w, bool v)
{
    before_value(w);
    buf_str(w->out, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
    before_value(w);
    buf_str(w->out, "null");
}

void jsonw_raw(struct jsonw *w, struct slice json)
{
    before_value(w);
    buf_slice(w->out, json);
}

void jsonw_kstr(struct jsonw *w, const char *key, const char *text)
{
    jsonw_key(w, key);
    jsonw_string(w, slice_of(text));
}

void jsonw_kslice(struct jsonw *w, const char *key, struct slice text)
{
    jsonw_key(w, key);
    jsonw_string(w, text);
}

void jsonw_ki64(struct jsonw *w, const char *key, int64_t v)
{
    jsonw_key(w, key);
    jsonw_i64(w, v);
}

void jsonw_kdouble(struct jsonw *w, const char *key, double v)
{
    jsonw_key(w, key);
    jsonw_double(w, v);
}

void jsonw_kbool(struct jsonw *w, const char *key, bool v)
{
    jsonw_key(w, key);
    jsonw_bool(w, v);
}

static void add_escape(struct buf *out, unsigned char c)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* character, letter, ... */
    for (const char *pair = letters; *pair; pair += 2) {
        if ((unsigned char)pair[0] == c) {
            buf_char(out, '\\');
            buf_char(out, pair[1]);
            return;
        }
    }
    buf_addf(out, "\\u%04x", c);
}

/* add_valid(out, s): s is valid UTF-8. */
static void add_valid(struct buf *out, struct slice s)
{
    size_t start = 0;
    for (size_t i = text_plain(s); i < s.n; i += text_plain(slice_from(s, i))) {
        unsigned char c = (unsigned char)s.p[i++];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, s.p + start, i - 1 - start);
        add_escape(out, c);
        start = i;
    }
    buf_slice(out, slice_from(s, start));
}

void jsonw_text(struct buf *out, struct slice text)
{
    buf_char(out, '"');
    size_t bad;
    while ((bad = text_utf8_error(text)) != SIZE_MAX) {
        add_valid(out, slice_sub(text, 0, bad));
        buf_str(out, "\xef\xbf\xbd");
        text = slice_from(text, bad + 1);
    }
    add_valid(out, text);
    buf_char(out, '"');
}
