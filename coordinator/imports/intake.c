#include "coordinator/imports/intake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "coordinator/imports/seed_files.h"
#include "coordinator/imports/seed_reader.h"

#define PATHS_MAX ((size_t)256 << 20) /* memory for the names of seed files */
#define COUNTED_MAX 128               /* importers of one file */
#define HEAD_CHARS 200                /* of a bad line, kept to be shown */

/* What became of a file's rows, of one importer. */
struct counted {
    const struct importer *importer; /* NULL: not recognised */
    int64_t paired, invalid;
    int64_t without[SEED_REASON_COUNT];
};

struct intake {
    struct store *store;
    struct arena paths;
    struct seed_files files;
    size_t at; /* the file that is read now, or next */
    int64_t line_bytes;
    struct seed_reader *reader; /* NULL between files */
    struct seeds_file file;
    int64_t file_lines, file_invalid;
    struct seed_reading reading;
    struct counted counted[COUNTED_MAX]; /* of this file */
    size_t n_counted;
    struct buf text; /* the head of a bad line */
    struct seeds_added added;
    struct intake_report report;
};

struct intake *intake_new(struct store *s, const struct project *p, const char *const *paths,
                          size_t n, struct err *e)
{
    struct intake *i = calloc(1, sizeof *i);
    if (!i) {
        err_set(e, ERR_NOMEM, "out of memory for reading seeds");
        return NULL;
    }
    i->store = s;
    i->line_bytes = p->limits.line_bytes;
    arena_init(&i->paths, PATHS_MAX);
    buf_init(&i->text, 64 * 1024);
    buf_init(&i->added.where, 64 * 1024);
    if (seed_files_list(&i->files, p, paths, n, &i->paths, e)) {
        i->report.files = (int64_t)i->files.n;
        return i;
    }
    intake_free(i);
    return NULL;
}

void intake_free(struct intake *i)
{
    if (!i)
        return;
    seed_reader_close(i->reader);
    buf_free(&i->text);
    buf_free(&i->added.where);
    arena_free(&i->paths);
    free(i);
}

const struct intake_report *intake_report(const struct intake *i)
{
    return &i->report;
}

/* A pipe or a terminal has nothing by which to know it again: it stays at -1, which is always read.
 */
static void look_at(struct seeds_file *file, const struct seed_file *source)
{
    struct stat st;
    file->size = file->mtime_ns = file->inode = -1;
    if (strcmp(source->path, "-") == 0 || stat(source->path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    file->size = st.st_size;
    file->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    file->inode = (int64_t)st.st_ino;
}

static bool is_unchanged(const struct seeds_file *before, const struct seeds_file *now)
{
    return now->size >= 0 && before->size == now->size && before->mtime_ns == now->mtime_ns &&
           before->inode == now->inode && strcmp(before->options, now->options) == 0;
}

/* open_file(i, e): begins the next file, or passes over it when it is as it was. What it looks like
 * is taken before the first byte is read: a file that grows meanwhile will be read again. */
static bool open_file(struct intake *i, struct err *e)
{
    const struct seed_file *source = &i->files.files[i->at];
    struct seeds_file before;
    if (!seeds_file(i->store, source->name, &before, e))
        return false;
    i->file = before;
    look_at(&i->file, source);
    memcpy(i->file.options, source->options, sizeof i->file.options);
    if (is_unchanged(&before, &i->file)) {
        i->report.unchanged++;
        i->at++;
        return true;
    }
    i->reader = seed_reader_open(source->path, &source->how, (size_t)i->line_bytes, e);
    i->file_lines = i->file_invalid = 0;
    i->n_counted = 0;
    return i->reader && seeds_scan_begin(i->store, &i->file, e);
}

/* ---- counting ---- */

static struct counted *counted_of(struct intake *i, const struct importer *importer)
{
    for (size_t k = 0; k < i->n_counted; k++)
        if (i->counted[k].importer == importer)
            return &i->counted[k];
    assert(i->n_counted < COUNTED_MAX);
    i->counted[i->n_counted] = (struct counted){.importer = importer};
    return &i->counted[i->n_counted++];
}

static bool write_counted(struct intake *i, const struct counted *c, struct err *e)
{
    const char *name = c->importer ? c->importer->name : "";
    if ((c->paired && !seeds_count(i->store, &i->file, name, "paired", c->paired, e)) ||
        (c->invalid && !seeds_count(i->store, &i->file, name, "invalid", c->invalid, e)))
        return false;
    for (int r = 0; r < SEED_REASON_COUNT; r++)
        if (c->without[r] && !seeds_count(i->store, &i->file, name,
                                          seed_reason_name((enum seed_reason)r), c->without[r], e))
            return false;
    return true;
}

static void count_without(struct intake *i, enum seed_reason reason, int64_t rows)
{
    counted_of(i, i->reading.importer)->without[reason] += rows;
    i->report.without[reason] += rows;
}

static bool close_file(struct intake *i, struct err *e)
{
    seed_reader_close(i->reader);
    i->reader = NULL;
    i->at++;
    for (size_t k = 0; k < i->n_counted; k++)
        if (!write_counted(i, &i->counted[k], e))
            return false;
    return seeds_scan_end(i->store, &i->file, i->file_lines, i->file_invalid, e);
}

/* ---- records ---- */

static void keep_bad(struct intake *i, const char *reason)
{
    struct buf safe;
    buf_init(&safe, sizeof i->report.first_bad - 1);
    text_quote(&safe, slice_of(i->files.files[i->at].name), 100);
    buf_addf(&safe, ":%llu: ", (unsigned long long)i->reading.line);
    text_quote(&safe, slice_of(reason), 200);
    snprintf(i->report.first_bad, sizeof i->report.first_bad, "%s", buf_cstr(&safe));
    buf_free(&safe);
}

static bool quarantine(struct intake *i, const char *reason, struct err *e)
{
    int64_t rows = (int64_t)i->reading.rows;
    if (i->report.invalid == 0)
        keep_bad(i, reason);
    i->report.invalid += rows;
    i->file_invalid += rows;
    counted_of(i, i->reading.importer)->invalid += rows;
    buf_clear(&i->text);
    text_quote(&i->text, slice_sub(i->reading.head, 0, HEAD_CHARS * 4), HEAD_CHARS);
    return seeds_quarantine(i->store, &i->file, (int64_t)i->reading.line, rows, reason,
                            buf_view(&i->text), e);
}

static bool count_record(struct intake *i)
{
    const struct seed_record *r = i->reading.record;
    if (r->n_pairs) {
        counted_of(i, i->reading.importer)->paired++;
        i->report.paired++;
    } else {
        count_without(i, r->reason, 1);
        i->report.waiting += !r->skip;
    }
    if (r->rows > 1)
        count_without(i, SEED_JOINED, (int64_t)r->rows - 1);
    i->report.left_out += (int64_t)r->left_out;
    return true;
}

static bool store_record(struct intake *i, struct err *e)
{
    struct err why;
    const struct seed_record *record = i->reading.record;
    if (record->skip) {
        i->report.skipped++;
        return count_record(i);
    }
    buf_clear(&i->added.where);
    i->added.pairs = 0;
    switch (seeds_add(i->store, &i->file, (int64_t)i->reading.line, i->reading.importer->name,
                      record, &i->added, e)) {
    case SEEDS_NEW:
        i->report.added++;
        break;
    case SEEDS_KNOWN:
        i->report.known++;
        break;
    case SEEDS_DUPLICATE:
        err_set(&why, ERR_SYNTAX, "duplicate of %s", buf_cstr(&i->added.where));
        return quarantine(i, why.text, e);
    case SEEDS_FAILED:
        return false;
    }
    i->report.pairs += i->added.pairs;
    return count_record(i);
}

static void count_rows(struct intake *i)
{
    i->report.lines += (int64_t)i->reading.rows;
    i->file_lines += (int64_t)i->reading.rows;
}

static bool read_on(struct intake *i, struct err *e)
{
    switch (seed_reader_next(i->reader, &i->reading, e)) {
    case SEED_RECORD:
        count_rows(i);
        return store_record(i, e);
    case SEED_BAD:
        count_rows(i);
        return quarantine(i, i->reading.why.text, e);
    case SEED_NOTHING:
        return true;
    case SEED_END:
        return close_file(i, e);
    case SEED_ERROR:
        break;
    }
    return false;
}

bool intake_waits(const struct intake *i)
{
    return i->reader && seed_reader_waits(i->reader);
}

enum intake_got intake_step(struct intake *i, int64_t max_lines, struct err *e)
{
    assert(max_lines > 0);
    for (int64_t done = 0; done < max_lines && i->at < i->files.n; done++) {
        if (done > 0 && intake_waits(i))
            break;
        if (!(i->reader ? read_on(i, e) : open_file(i, e)))
            return INTAKE_FAILED;
    }
    return i->at < i->files.n ? INTAKE_MORE : INTAKE_DONE;
}
