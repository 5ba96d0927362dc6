#include "base/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/infile.h"
#include "base/lines.h"
#include "base/records_csv.h"
#include "base/records_json.h"
#include "base/records_shape.h"

struct records {
    struct infile *file;
    size_t max;
    char by_name; /* separator of a table, as the file's name says; 0: it does not */
    enum records_shape shape;
    struct lines *lines; /* SHAPE_LINES; owns the file */
    struct records_json *json;
    struct records_csv *csv;
};

/* separator(path): of a table: by the name without what its packing has added. */
static char separator(const char *path)
{
    struct slice name = slice_of(path);
    if (slice_ends(name, S(".gz")))
        name.n -= 3;
    else if (slice_ends(name, S(".zst")))
        name.n -= 4;
    return slice_ends(name, S(".csv")) ? ',' : slice_ends(name, S(".tsv")) ? '\t' : 0;
}

struct records *records_open(const char *path, size_t max, struct err *e)
{
    struct infile *file = infile_open(path, e);
    struct records *r = file ? calloc(1, sizeof *r) : NULL;
    if (r) {
        r->file = file;
        r->max = max;
        r->by_name = separator(path);
        return r;
    }
    if (file)
        err_set(e, ERR_NOMEM, "out of memory for reading %s", path);
    infile_close(file);
    return NULL;
}

void records_close(struct records *r)
{
    if (!r)
        return;
    records_json_free(r->json);
    records_csv_free(r->csv);
    if (r->lines)
        lines_close(r->lines);
    else
        infile_close(r->file);
    free(r);
}

uint64_t records_line(const struct records *r)
{
    return r->lines  ? lines_number(r->lines)
           : r->json ? records_json_line(r->json)
           : r->csv  ? records_csv_line(r->csv)
                     : 0;
}

bool records_waits(const struct records *r)
{
    struct slice ready = infile_view(r->file);
    if (r->lines)
        return lines_waits(r->lines);
    return slice_find(ready, S("\n")) == SIZE_MAX && infile_waits(r->file);
}

/* begin(r, e): finds out the shape; a file that cannot be read at all is left to `lines`, which
 * says so. */
static bool begin(struct records *r, struct err *e)
{
    bool all = false;
    enum records_shape shape;
    size_t mark;
    while ((shape = records_shape(infile_view(r->file), all, r->by_name, &mark)) == SHAPE_UNKNOWN)
        all = !infile_more(r->file);
    infile_take(r->file, mark);
    r->shape = shape;
    if (shape == SHAPE_LINES)
        r->lines = lines_over(r->file, r->max, e);
    else if (shape == SHAPE_TABLE)
        r->csv = records_csv_new(r->file, r->by_name ? r->by_name : ',', r->max, e);
    else
        r->json = records_json_new(r->file, shape, r->max, e);
    return r->lines || r->json || r->csv;
}

static enum records_got next_line(struct records *r, struct slice *record, struct err *e)
{
    for (;;) {
        switch (lines_next(r->lines, record, e)) {
        case LINES_LINE:
            if (!slice_trim(*record).n)
                continue;
            return RECORDS_RECORD;
        case LINES_LONG:
            err_set(e, ERR_LIMIT, "too long");
            return RECORDS_BAD;
        case LINES_END:
            return RECORDS_END;
        case LINES_ERROR:
            return RECORDS_ERROR;
        }
    }
}

enum records_got records_next(struct records *r, struct slice *record, struct err *e)
{
    if (r->shape == SHAPE_UNKNOWN && !begin(r, e))
        return RECORDS_ERROR;
    if (r->lines)
        return next_line(r, record, e);
    return r->json ? records_json_next(r->json, record, e) : records_csv_next(r->csv, record, e);
}
