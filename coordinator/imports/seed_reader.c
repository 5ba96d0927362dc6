#include "coordinator/imports/seed_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/records.h"

#define LINE_FACTOR 8 /* what a line's record may take, in lengths of the longest line … */
#define LINE_EXTRA ((size_t)1 << 20) /* … and beyond: small lines of many messages */
#define HEAD_BYTES 800               /* of a bad record, kept to be shown */

/* Lines that wait for each other. */
struct group {
    const struct importer *importer; /* NULL: there is none */
    json *lines[IMPORTER_GROUP_MAX];
    uint64_t numbers[IMPORTER_GROUP_MAX];
    size_t n;
    size_t bytes;
    int part;    /* the next of its records, once it is closed */
    bool closed; /* its records are being given out */
    size_t told; /* lines of records already given out */
    char head[HEAD_BYTES];
    size_t n_head;
};

struct seed_reader {
    struct records *records;
    struct seed_line_options how;
    size_t line_bytes;
    struct arena arena; /* of one record */
    struct seed_record record;
    struct group group;
    json *held; /* a line that did not belong to the group: it comes next */
    const struct importer *held_importer;
    uint64_t held_line;
    size_t held_bytes;
    char held_head[HEAD_BYTES];
    size_t n_held_head;
    uint64_t shape; /* of the last line whose format was looked for */
    const struct importer *shape_importer;
    enum records_got got; /* what ended the file, once it has */
    struct err error;
    bool at_end;
};

struct seed_reader *seed_reader_open(const char *path, const struct seed_line_options *how,
                                     size_t line_bytes, struct err *e)
{
    struct seed_reader *r = calloc(1, sizeof *r);
    if (!r) {
        err_set(e, ERR_NOMEM, "out of memory for reading seeds");
        return NULL;
    }
    r->how = *how;
    r->line_bytes = line_bytes;
    arena_init(&r->arena, line_bytes * LINE_FACTOR + LINE_EXTRA);
    r->records = records_open(path, line_bytes, e);
    if (r->records)
        return r;
    seed_reader_close(r);
    return NULL;
}

static void drop_group(struct group *g)
{
    for (size_t i = 0; i < g->n; i++)
        json_free(g->lines[i]);
    *g = (struct group){0};
}

void seed_reader_close(struct seed_reader *r)
{
    if (!r)
        return;
    drop_group(&r->group);
    json_free(r->held);
    records_close(r->records);
    arena_free(&r->arena);
    free(r);
}

bool seed_reader_waits(const struct seed_reader *r)
{
    return !r->at_end && !r->held && !r->group.closed && records_waits(r->records);
}

/* ---- groups ---- */

static void add_to_group(struct seed_reader *r, json *line, uint64_t number, struct slice text)
{
    struct group *g = &r->group;
    if (g->n == 0) {
        g->n_head = text.n < HEAD_BYTES ? text.n : HEAD_BYTES;
        memcpy(g->head, text.p, g->n_head);
    }
    g->bytes += text.n;
    g->numbers[g->n] = number;
    g->lines[g->n++] = line;
    g->closed = g->n == g->importer->group->max || g->bytes > r->line_bytes;
}

/* next_of_group(r, out): the next record of a closed group, or NOTHING when it has no more. */
static enum seed_got next_of_group(struct seed_reader *r, struct seed_reading *out)
{
    struct group *g = &r->group;
    const struct importer_group *how = g->importer->group;
    while (g->part < how->parts) {
        size_t lead = 0;
        int part = g->part++;
        memset(&r->record, 0, sizeof r->record);
        arena_reset(&r->arena);
        bool ok = how->read((const json *const *)g->lines, g->n, part, &r->record, &lead, &r->arena,
                            &out->why);
        size_t rows = r->record.rows;
        ok = ok && (rows == 0 ||
                    seed_line_finish(&r->how, g->importer, &r->record, &r->arena, &out->why));
        if (ok && rows == 0)
            continue;
        out->importer = g->importer;
        out->line = g->numbers[lead];
        out->head = (struct slice){g->head, g->n_head};
        out->rows = ok ? rows : g->n - g->told;
        g->told += out->rows;
        if (!ok)
            g->part = how->parts; /* the rest of the group is bad with it */
        return ok ? SEED_RECORD : SEED_BAD;
    }
    drop_group(g);
    return SEED_NOTHING;
}

/* ---- lines ---- */

static const struct importer *find_importer(struct seed_reader *r, const json *line, struct err *e)
{
    const struct importer *found = NULL;
    uint64_t shape = r->how.format ? 0 : importer_shape(line);
    if (shape && shape == r->shape && r->shape_importer && json_type(line) == JSON_OBJECT)
        return r->shape_importer; /* of a file's lines most are alike */
    if (!seed_line_importer(&r->how, line, &found, e))
        return NULL;
    r->shape = shape;
    r->shape_importer = found;
    return found;
}

static enum seed_got bad(struct seed_reader *r, struct seed_reading *out, struct slice text)
{
    if (r->arena.nomem || out->why.code == ERR_NOMEM)
        return SEED_ERROR;
    out->head = slice_sub(text, 0, HEAD_BYTES);
    return SEED_BAD;
}

/* take(r, line, importer, text, out): a line that begins a record. */
static enum seed_got take(struct seed_reader *r, json *line, const struct importer *importer,
                          uint64_t number, struct slice text, struct seed_reading *out)
{
    out->importer = importer;
    out->line = number;
    out->rows = 1;
    if (importer->group) {
        r->group.importer = importer;
        add_to_group(r, line, number, text);
        return SEED_NOTHING;
    }
    memset(&r->record, 0, sizeof r->record);
    arena_reset(&r->arena);
    bool ok = importer->read(line, &r->record, &r->arena, &out->why) &&
              seed_line_finish(&r->how, importer, &r->record, &r->arena, &out->why);
    json_free(line);
    return ok ? SEED_RECORD : bad(r, out, text);
}

static bool joins(const struct seed_reader *r, const struct importer *importer, const json *line)
{
    const struct group *g = &r->group;
    return g->importer == importer && importer->group->joins(g->lines[0], line);
}

/* hold(r, …): the line has to wait until the group before it is given out. */
static void hold(struct seed_reader *r, json *line, const struct importer *importer,
                 uint64_t number, struct slice text)
{
    r->held = line;
    r->held_importer = importer;
    r->held_line = number;
    r->held_bytes = text.n;
    r->n_held_head = text.n < HEAD_BYTES ? text.n : HEAD_BYTES;
    memcpy(r->held_head, text.p, r->n_held_head);
    r->group.closed = true;
}

static enum seed_got read_text(struct seed_reader *r, struct slice text, struct seed_reading *out)
{
    uint64_t number = records_line(r->records);
    out->importer = NULL;
    out->line = number;
    out->rows = 1;
    r->arena.nomem = false;
    json *line = seed_line_parse(text, &out->why);
    if (!line)
        return bad(r, out, text);
    const struct importer *importer = find_importer(r, line, &out->why);
    if (!importer) {
        json_free(line);
        return bad(r, out, text);
    }
    if (!r->group.importer)
        return take(r, line, importer, number, text, out);
    if (joins(r, importer, line)) {
        add_to_group(r, line, number, text);
        return SEED_NOTHING;
    }
    hold(r, line, importer, number, text);
    return SEED_NOTHING;
}

static enum seed_got read_bad(struct seed_reader *r, struct slice text, struct seed_reading *out)
{
    out->importer = NULL;
    out->line = records_line(r->records);
    out->rows = 1;
    if (out->why.code == ERR_LIMIT)
        err_set(&out->why, ERR_LIMIT, "the line is longer than limits.line_bytes (%zu bytes)",
                r->line_bytes);
    return bad(r, out, text);
}

static enum seed_got take_held(struct seed_reader *r, struct seed_reading *out)
{
    json *line = r->held;
    r->held = NULL;
    struct slice head = {r->held_head, r->n_held_head};
    enum seed_got got = take(r, line, r->held_importer, r->held_line, head, out);
    if (got == SEED_NOTHING)
        r->group.bytes = r->held_bytes;
    return got;
}

enum seed_got seed_reader_next(struct seed_reader *r, struct seed_reading *out, struct err *e)
{
    struct slice text;
    out->record = &r->record;
    if (r->group.closed)
        return next_of_group(r, out);
    if (r->held)
        return take_held(r, out);
    if (!r->at_end) {
        enum records_got got = records_next(r->records, &text, &out->why);
        if (got == RECORDS_RECORD || got == RECORDS_BAD) {
            enum seed_got seed = got == RECORDS_BAD ? read_bad(r, text, out)
                                                    : read_text(r, text, out);
            if (seed == SEED_ERROR)
                err_set(e, ERR_NOMEM, "out of memory for a line of %zu bytes", text.n);
            return seed;
        }
        r->at_end = true;
        r->got = got;
        r->error = out->why;
    }
    if (r->group.importer) {
        r->group.closed = true;
        return next_of_group(r, out);
    }
    if (r->got == RECORDS_END)
        return SEED_END;
    *e = r->error;
    return SEED_ERROR;
}
