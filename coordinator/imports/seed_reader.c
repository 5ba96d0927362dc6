#include "coordinator/imports/seed_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/records.h"

#define LINE_FACTOR 8 /* what a line's record may take, in lengths of the longest line … */
#define LINE_EXTRA ((size_t)1 << 20)    /* … and beyond: small lines of many messages */
#define HEAD_BYTES 800                  /* of a bad record, kept to be shown */
#define GROUPS_BYTES ((size_t)32 << 20) /* of lines that wait for others */

/* Lines that wait for each other. */
struct group {
    const struct importer *importer;
    struct id key;
    json *lines[IMPORTER_GROUP_MAX];
    uint64_t numbers[IMPORTER_GROUP_MAX];
    size_t n;
    size_t bytes; /* of their texts */
    int part;     /* the next of its records, once they are given out */
    size_t told;  /* lines of records already given out */
    char head[HEAD_BYTES];
    size_t n_head;
};

struct seed_reader {
    struct records *records;
    char *path;
    struct seed_line_options how;
    size_t line_bytes;
    struct arena arena; /* of one record */
    struct seed_record record;
    struct group **groups; /* the oldest first */
    size_t n_groups, room;
    size_t group_bytes;
    struct group *closed; /* its records are being given out */
    uint64_t shape;       /* of the last line whose format was looked for */
    const struct importer *shape_importer;
    bool at_end;
    bool failed; /* what ended the file is an error */
    struct err error;
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
    r->path = strdup(path);
    if (!r->path)
        err_set(e, ERR_NOMEM, "out of memory for reading seeds");
    else
        r->records = records_open(path, line_bytes, e);
    if (r->records)
        return r;
    seed_reader_close(r);
    return NULL;
}

static void free_group(struct group *g)
{
    for (size_t i = 0; g && i < g->n; i++)
        json_free(g->lines[i]);
    free(g);
}

void seed_reader_close(struct seed_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_groups; i++)
        free_group(r->groups[i]);
    free(r->groups);
    free_group(r->closed);
    records_close(r->records);
    free(r->path);
    arena_free(&r->arena);
    free(r);
}

bool seed_reader_waits(const struct seed_reader *r)
{
    return !r->at_end && !r->closed && records_waits(r->records);
}

/* ---- groups ---- */

static struct id key_of(const struct importer *importer, const json *line)
{
    struct hash h;
    hash_init(&h, importer->name);
    importer->group->key(line, &h);
    return hash_id(&h);
}

static void close_group(struct seed_reader *r, size_t at)
{
    r->closed = r->groups[at];
    r->group_bytes -= r->closed->bytes;
    r->n_groups--;
    memmove(&r->groups[at], &r->groups[at + 1], (r->n_groups - at) * sizeof *r->groups);
}

static struct group *new_group(struct seed_reader *r, const struct importer *importer,
                               const struct id *key, struct slice text)
{
    if (r->n_groups == r->room) {
        size_t room = r->room ? r->room * 2 : 4;
        struct group **groups = realloc(r->groups, room * sizeof *groups);
        if (!groups)
            return NULL;
        r->groups = groups;
        r->room = room;
    }
    struct group *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->importer = importer;
    g->key = *key;
    g->n_head = text.n < HEAD_BYTES ? text.n : HEAD_BYTES;
    memcpy(g->head, text.p, g->n_head);
    r->groups[r->n_groups++] = g;
    return g;
}

/* join(r, importer, line, number, text): the line waits for others, which closes a group that needs
 * no more, or the oldest when there are too many. False: without memory. */
static bool join(struct seed_reader *r, const struct importer *importer, json *line,
                 uint64_t number, struct slice text)
{
    struct id key = key_of(importer, line);
    size_t at = 0;
    while (at < r->n_groups && !id_eq(&r->groups[at]->key, &key))
        at++;
    struct group *g = at < r->n_groups ? r->groups[at] : new_group(r, importer, &key, text);
    if (!g)
        return false;
    g->numbers[g->n] = number;
    g->lines[g->n++] = line;
    g->bytes += text.n;
    r->group_bytes += text.n;
    if (g->n == importer->group->max)
        close_group(r, at);
    else if (r->n_groups > importer->group->open || r->group_bytes > GROUPS_BYTES)
        close_group(r, 0);
    return true;
}

/* want_of_memory(r, why, e): whether a record could not be read for no fault of its own. */
static bool want_of_memory(const struct seed_reader *r, const struct err *why, struct err *e)
{
    if (!r->arena.nomem && why->code != ERR_NOMEM)
        return false;
    err_set(e, ERR_NOMEM, "out of memory for a line of the seeds");
    return true;
}

/* next_of_group(r, out, e): the next record of the closed group, or NOTHING when it has no more. */
static enum seed_got next_of_group(struct seed_reader *r, struct seed_reading *out, struct err *e)
{
    struct group *g = r->closed;
    const struct importer_group *how = g->importer->group;
    while (g->part < how->parts) {
        size_t lead = 0;
        int part = g->part++;
        memset(&r->record, 0, sizeof r->record);
        arena_reset(&r->arena);
        r->arena.nomem = false;
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
        if (!ok && want_of_memory(r, &out->why, e))
            return SEED_ERROR;
        if (!ok)
            g->part = how->parts; /* the rest of the group is bad with it */
        return ok ? SEED_RECORD : SEED_BAD;
    }
    free_group(g);
    r->closed = NULL;
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

static enum seed_got bad(struct seed_reader *r, struct seed_reading *out, struct slice text,
                         struct err *e)
{
    if (want_of_memory(r, &out->why, e))
        return SEED_ERROR;
    out->head = slice_sub(text, 0, HEAD_BYTES);
    return SEED_BAD;
}

/* take(r, line, importer, text, out): a line that begins a record. */
static enum seed_got take(struct seed_reader *r, json *line, const struct importer *importer,
                          uint64_t number, struct slice text, struct seed_reading *out,
                          struct err *e)
{
    out->importer = importer;
    out->line = number;
    out->rows = 1;
    if (importer->group) {
        if (join(r, importer, line, number, text))
            return SEED_NOTHING;
        json_free(line);
        err_set(&out->why, ERR_NOMEM, "out of memory");
        return bad(r, out, text, e);
    }
    memset(&r->record, 0, sizeof r->record);
    arena_reset(&r->arena);
    bool ok = importer->read(line, &r->record, &r->arena, &out->why) &&
              seed_line_finish(&r->how, importer, &r->record, &r->arena, &out->why);
    json_free(line);
    return ok ? SEED_RECORD : bad(r, out, text, e);
}

static enum seed_got read_text(struct seed_reader *r, struct slice text, struct seed_reading *out,
                               struct err *e)
{
    uint64_t number = records_line(r->records);
    out->importer = NULL;
    out->line = number;
    out->rows = 1;
    r->arena.nomem = false;
    json *line = seed_line_parse(text, &out->why);
    if (!line)
        return bad(r, out, text, e);
    const struct importer *importer = find_importer(r, line, &out->why);
    if (!importer) {
        json_free(line);
        return bad(r, out, text, e);
    }
    return take(r, line, importer, number, text, out, e);
}

static enum seed_got read_bad(struct seed_reader *r, struct slice text, struct seed_reading *out,
                              struct err *e)
{
    out->importer = NULL;
    out->line = records_line(r->records);
    out->rows = 1;
    if (out->why.code == ERR_LIMIT)
        err_set(&out->why, ERR_LIMIT, "the line is longer than limits.line_bytes (%zu bytes)",
                r->line_bytes);
    return bad(r, out, text, e);
}

/* Parquet read as lines would be nothing but broken ones. */
static bool is_parquet(const struct seed_reader *r, struct slice text, struct err *why)
{
    if (records_line(r->records) != 1 || !slice_starts(text, S("PAR1")))
        return false;
    err_set(why, ERR_USAGE, "%s is Parquet: turn it into JSON lines, as gavel import --help says",
            r->path);
    return true;
}

enum seed_got seed_reader_next(struct seed_reader *r, struct seed_reading *out, struct err *e)
{
    struct slice text;
    out->record = &r->record;
    if (r->closed)
        return next_of_group(r, out, e);
    if (!r->at_end) {
        enum records_got got = records_next(r->records, &text, &out->why);
        if (got == RECORDS_RECORD || got == RECORDS_BAD) {
            if (is_parquet(r, text, e))
                return SEED_ERROR;
            return got == RECORDS_BAD ? read_bad(r, text, out, e) : read_text(r, text, out, e);
        }
        r->at_end = true;
        r->failed = got == RECORDS_ERROR;
        r->error = out->why;
    }
    if (r->n_groups > 0) {
        close_group(r, 0);
        return next_of_group(r, out, e);
    }
    if (r->failed)
        *e = r->error;
    return r->failed ? SEED_ERROR : SEED_END;
}
