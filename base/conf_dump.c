/* conf_dump(): a bound struct as JSON that conf_parse() reads back. */
#include <stdio.h>
#include <string.h>

#include "base/conf_bound.h"
#include "base/jsonw.h"

struct dumping {
    struct jsonw w;
    char part; /* 0: all */
};

static void dump_rows(struct dumping *d, const struct conf_row *rows, const void *base,
                      char inherited);

/* refused(p, n, bytes): the code of a character at p that YAML refuses, or folds, when it is not
 * escaped; 0 for all others. *bytes is its length. */
static unsigned refused(const unsigned char *p, size_t n, size_t *bytes)
{
    *bytes = 1;
    if (p[0] == 0x7f)
        return 0x7f;
    *bytes = 2;
    if (n >= 2 && p[0] == 0xc2 && p[1] <= 0x9f)
        return p[1];
    *bytes = 3;
    if (n < 3 || (p[0] != 0xe2 && p[0] != 0xef))
        return 0;
    unsigned code = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    bool special = code == 0x2028 || code == 0x2029 || code == 0xfeff || code >= 0xfffe;
    return special ? code : 0;
}

/* escape_from(out, start): rewrites what was added since `start` so that YAML takes it too. */
static void escape_from(struct buf *out, size_t start)
{
    struct slice added = slice_from(buf_view(out), start);
    struct buf copy;
    buf_init(&copy, out->max);
    size_t plain = 0;
    for (size_t i = 0; i < added.n;) {
        size_t bytes;
        unsigned code = refused((const unsigned char *)added.p + i, added.n - i, &bytes);
        if (!code) {
            i++;
            continue;
        }
        buf_slice(&copy, slice_sub(added, plain, i - plain));
        buf_addf(&copy, "\\u%04x", code);
        i += bytes;
        plain = i;
    }
    if (plain > 0) {
        buf_slice(&copy, slice_from(added, plain));
        out->n = start;
        buf_slice(out, buf_view(&copy));
        out->failed |= copy.failed;
    }
    buf_free(&copy);
}

static void dump_text(struct dumping *d, const char *text)
{
    size_t start = d->w.out->n;
    if (text)
        jsonw_string(&d->w, slice_of(text));
    else
        jsonw_null(&d->w);
    escape_from(d->w.out, start);
}

static void dump_key(struct dumping *d, const char *key)
{
    size_t start = d->w.out->n;
    jsonw_key(&d->w, key);
    escape_from(d->w.out, start);
}

static void dump_list(struct dumping *d, const struct conf_row *row, const struct conf_list *list,
                      char part)
{
    jsonw_list(&d->w);
    for (size_t i = 0; i < list->n; i++) {
        jsonw_object(&d->w);
        dump_rows(d, row->rows, conf_const_field(list->items, i * row->item_size), part);
        jsonw_end_object(&d->w);
    }
    jsonw_end_list(&d->w);
}

static void dump_strings(struct dumping *d, const struct conf_list *list)
{
    const char *const *strings = list->items;
    jsonw_list(&d->w);
    for (size_t i = 0; i < list->n; i++)
        dump_text(d, strings[i]);
    jsonw_end_list(&d->w);
}

static void dump_shares(struct dumping *d, const struct conf_list *list)
{
    const struct conf_share *shares = list->items;
    jsonw_object(&d->w);
    for (size_t i = 0; i < list->n; i++) {
        dump_key(d, shares[i].name);
        jsonw_double(&d->w, shares[i].value);
    }
    jsonw_end_object(&d->w);
}

static void dump_options(struct dumping *d, const struct conf_named *named)
{
    jsonw_object(&d->w);
    dump_key(d, named->name);
    jsonw_object(&d->w);
    for (size_t i = 0; i < named->n_options; i++) {
        dump_key(d, named->options[i].key);
        dump_text(d, named->options[i].value);
    }
    jsonw_end_object(&d->w);
    jsonw_end_object(&d->w);
}

static void dump_named(struct dumping *d, const struct conf_list *list)
{
    const struct conf_named *named = list->items;
    jsonw_list(&d->w);
    for (size_t i = 0; i < list->n; i++) {
        if (named[i].n_options > 0)
            dump_options(d, &named[i]);
        else
            dump_text(d, named[i].name);
    }
    jsonw_end_list(&d->w);
}

/* is_unset(row, base): a value with neither key nor default: written as null, since the zero in its
 * place may be out of bounds. */
static bool is_unset(const struct conf_row *row, const void *base)
{
    const void *field = conf_const_field(base, row->offset);
    if (row->fallback)
        return false;
    if (row->given)
        return !*(const bool *)conf_const_field(base, row->given);
    bool bounded = row->min != 0 || row->max != 0;
    if (row->type == CONF_INT)
        return bounded && *(const int64_t *)field == 0 && (row->min > 0 || row->max < 0);
    if (row->type == CONF_DOUBLE)
        return bounded && *(const double *)field == 0 && (row->min > 0 || row->max < 0);
    return false;
}

static void dump_scalar(struct dumping *d, const struct conf_row *row, const void *base)
{
    const void *field = conf_const_field(base, row->offset);
    if (is_unset(row, base))
        jsonw_null(&d->w);
    else if (row->type == CONF_BOOL)
        jsonw_bool(&d->w, *(const bool *)field);
    else if (row->type == CONF_INT)
        jsonw_i64(&d->w, *(const int64_t *)field);
    else if (row->type == CONF_DOUBLE)
        jsonw_double(&d->w, *(const double *)field);
    else if (row->type == CONF_ENUM)
        dump_text(d, row->names[*(const int *)field]);
    else
        dump_text(d, *(const char *const *)field);
}

static void dump_value(struct dumping *d, const struct conf_row *row, const void *base, char part)
{
    const void *field = conf_const_field(base, row->offset);
    switch (row->type) {
    case CONF_SECTION:
        jsonw_object(&d->w);
        dump_rows(d, row->rows, base, part);
        jsonw_end_object(&d->w);
        break;
    case CONF_LIST:
        dump_list(d, row, field, part);
        break;
    case CONF_STRINGS:
        dump_strings(d, field);
        break;
    case CONF_SHARES:
        dump_shares(d, field);
        break;
    case CONF_NAMED:
        dump_named(d, field);
        break;
    case CONF_BOOL:
    case CONF_INT:
    case CONF_DOUBLE:
    case CONF_STRING:
    case CONF_ENUM:
        dump_scalar(d, row, base);
        break;
    }
}

/* is_wanted(d, row, part): whether the row, or one below it, belongs to the part that is dumped. */
static bool is_wanted(const struct dumping *d, const struct conf_row *row, char part)
{
    if (d->part == 0)
        return true;
    if (row->type != CONF_SECTION && row->type != CONF_LIST)
        return part == d->part;
    for (const struct conf_row *below = row->rows; below->key; below++) {
        if (is_wanted(d, below, below->part ? below->part : part))
            return true;
    }
    return false;
}

static void dump_rows(struct dumping *d, const struct conf_row *rows, const void *base,
                      char inherited)
{
    for (const struct conf_row *row = rows; row->key; row++) {
        char part = row->part ? row->part : inherited;
        if (!is_wanted(d, row, part))
            continue;
        jsonw_key(&d->w, row->key);
        dump_value(d, row, base, part);
    }
}

void conf_dump(const struct conf_row *rows, const void *in, char part, struct buf *out)
{
    struct dumping d = {.w = jsonw_to(out), .part = part};
    jsonw_object(&d.w);
    dump_rows(&d, rows, in, 0);
    jsonw_end_object(&d.w);
}
