#include "base/records_csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/infile.h"
#include "base/jsonw.h"
#include "base/text.h"

#define COLUMNS_MAX 1024

enum state {
    AT_FIELD, /* nothing of the field has been read */
    PLAIN,
    QUOTED,
    AFTER_QUOTE, /* the field's end, or the first of two quotes */
};

struct records_csv {
    struct infile *file;
    char separator;
    size_t max;
    uint64_t line;  /* where the file stands */
    uint64_t began; /* where the row begins */
    enum state state;
    bool stray;   /* text after a quoted field's end */
    bool cut;     /* the row is longer than it may be */
    size_t bytes; /* of the row's fields */
    struct buf field;
    struct buf row; /* the fields, each followed by its length in `ends` */
    size_t ends[COLUMNS_MAX];
    size_t n_fields;
    struct buf header;
    size_t header_ends[COLUMNS_MAX];
    size_t n_columns; /* 0: the header has not been read */
    struct buf json;
};

struct records_csv *records_csv_new(struct infile *file, char separator, size_t max, struct err *e)
{
    struct records_csv *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(e, ERR_NOMEM, "out of memory for reading %s", infile_name(file));
        return NULL;
    }
    c->file = file;
    c->separator = separator;
    c->max = max;
    c->line = 1;
    buf_init(&c->row, max);
    buf_init(&c->header, max);
    buf_init(&c->json, max);
    return c;
}

void records_csv_free(struct records_csv *c)
{
    if (!c)
        return;
    buf_free(&c->row);
    buf_free(&c->header);
    buf_free(&c->json);
    free(c);
}

uint64_t records_csv_line(const struct records_csv *c)
{
    return c->began;
}

static void keep(struct records_csv *c, struct slice part)
{
    size_t room = c->max - c->row.n;
    c->cut = c->cut || part.n > room;
    buf_slice(&c->row, slice_sub(part, 0, room));
}

/* The carriage return of a CR LF was kept as part of a plain field. */
static void end_field(struct records_csv *c, bool end_of_row)
{
    if (end_of_row && c->state == PLAIN && slice_ends(buf_view(&c->row), S("\r")))
        c->row.n--;
    if (c->n_fields < COLUMNS_MAX)
        c->ends[c->n_fields] = c->row.n;
    c->n_fields++;
    c->state = AT_FIELD;
}

/* in_quotes(c, ready): bytes of the view that belong to a quoted field, with its closing quote. */
static size_t in_quotes(struct records_csv *c, struct slice ready)
{
    const char *quote = memchr(ready.p, '"', ready.n);
    size_t n = quote ? (size_t)(quote - ready.p) : ready.n;
    for (const char *p = ready.p, *end = ready.p + n; (p = memchr(p, '\n', (size_t)(end - p))); p++)
        c->line++;
    keep(c, slice_sub(ready, 0, n));
    if (quote)
        c->state = AFTER_QUOTE;
    return quote ? n + 1 : n;
}

/* step(c, b): one byte outside of quotes; whether the row ends with it. */
static bool step(struct records_csv *c, char b)
{
    if (b == c->separator || b == '\n') {
        end_field(c, b == '\n');
        return b == '\n';
    }
    if (b == '"' && c->state == AFTER_QUOTE) { /* two quotes stand for one */
        keep(c, S("\""));
        c->state = QUOTED;
    } else if (b == '"' && c->state == AT_FIELD) {
        c->state = QUOTED;
    } else if (c->state == AFTER_QUOTE) {
        c->stray = c->stray || b != '\r';
    } else {
        keep(c, (struct slice){&b, 1});
        c->state = PLAIN;
    }
    return false;
}

/* read_row(c, more): whether a row was read; *more: false: it is cut off by the file's end. */
static bool read_row(struct records_csv *c, bool *whole)
{
    c->began = c->line;
    c->n_fields = 0;
    c->stray = c->cut = false;
    c->state = AT_FIELD;
    buf_clear(&c->row);
    for (;;) {
        struct slice ready = infile_view(c->file);
        if (ready.n == 0) {
            if (infile_more(c->file))
                continue;
            *whole = c->state != QUOTED;
            bool begun = c->n_fields > 0 || c->row.n > 0 || c->state != AT_FIELD;
            if (begun)
                end_field(c, true);
            return begun;
        }
        size_t n = 1;
        bool ended = false;
        if (c->state == QUOTED)
            n = in_quotes(c, ready);
        else
            ended = step(c, ready.p[0]);
        c->line += ended;
        infile_take(c->file, n);
        if (ended) {
            *whole = true;
            return true;
        }
    }
}

static struct slice nth(const struct buf *all, const size_t *ends, size_t i)
{
    size_t from = i > 0 ? ends[i - 1] : 0;
    return slice_sub(buf_view(all), from, ends[i] - from);
}

static bool write_row(struct records_csv *c, struct err *e)
{
    buf_clear(&c->json);
    struct jsonw w = jsonw_to(&c->json);
    jsonw_object(&w);
    for (size_t i = 0; i < c->n_columns; i++) {
        jsonw_key_slice(&w, nth(&c->header, c->header_ends, i));
        jsonw_string(&w, nth(&c->row, c->ends, i));
    }
    jsonw_end_object(&w);
    return buf_ok(&c->json, "a row's JSON", e);
}

static bool is_blank_row(const struct records_csv *c)
{
    return c->n_fields == 1 && c->n_columns != 1 && !slice_trim(buf_view(&c->row)).n;
}

/* check_row(c, whole, e): whether the row can be one. */
static bool check_row(const struct records_csv *c, bool whole, struct err *e)
{
    size_t at = text_utf8_error(buf_view(&c->row));
    if (c->cut)
        return err_set(e, ERR_LIMIT, "too long");
    if (!whole)
        return err_set(e, ERR_SYNTAX, "the file ends inside a quoted field");
    if (c->stray)
        return err_set(e, ERR_SYNTAX, "text after the closing quote of a field");
    if (at != SIZE_MAX)
        return err_set(e, ERR_SYNTAX, "0x%02x is not valid UTF-8", (unsigned char)c->row.p[at]);
    if (c->n_columns && c->n_fields != c->n_columns)
        return err_set(e, ERR_SYNTAX, "the row has %zu fields, the header %zu", c->n_fields,
                       c->n_columns);
    return c->n_fields <= COLUMNS_MAX || err_set(e, ERR_LIMIT, "more than %d columns", COLUMNS_MAX);
}

static void keep_header(struct records_csv *c)
{
    buf_clear(&c->header);
    buf_slice(&c->header, buf_view(&c->row));
    memcpy(c->header_ends, c->ends, sizeof c->ends);
    c->n_columns = c->n_fields;
}

static enum records_got end(struct records_csv *c, struct err *e)
{
    if (!infile_failed(c->file, e))
        return RECORDS_END;
    err_wrap(e, "%s, after line %llu", infile_name(c->file), (unsigned long long)c->line);
    return RECORDS_ERROR;
}

enum records_got records_csv_next(struct records_csv *c, struct slice *record, struct err *e)
{
    bool whole;
    while (read_row(c, &whole)) {
        if (is_blank_row(c))
            continue;
        if (infile_view(c->file).n == 0 && infile_failed(c->file, e))
            break; /* what is there of the row is not all of it */
        if (!buf_ok(&c->row, infile_name(c->file), e))
            return RECORDS_ERROR;
        *record = slice_sub(buf_view(&c->row), 0, 1000);
        if (!check_row(c, whole, e))
            return RECORDS_BAD;
        if (c->n_columns == 0) {
            keep_header(c);
            if (!buf_ok(&c->header, infile_name(c->file), e))
                return RECORDS_ERROR;
            continue;
        }
        if (!write_row(c, e))
            return e->code == ERR_NOMEM ? RECORDS_ERROR : RECORDS_BAD;
        *record = buf_view(&c->json);
        return RECORDS_RECORD;
    }
    return end(c, e);
}
