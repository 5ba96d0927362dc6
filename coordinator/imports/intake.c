#include "coordinator/imports/intake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/lines.h"
#include "base/text.h"
#include "coordinator/imports/seed_files.h"

#define PATHS_MAX ((size_t)256 << 20) /* memory for the names of seed files */
#define LINE_FACTOR 8 /* what a line's record may take, in lengths of the longest line … */
#define LINE_EXTRA ((size_t)1 << 20) /* … and beyond: small lines of many messages */
#define HEAD_CHARS 200               /* of a bad line, kept to be shown */

struct intake {
    struct store *store;
    struct arena paths;
    struct seed_files files;
    size_t at; /* the file that is read now, or next */
    int64_t line_bytes;
    struct lines *lines; /* NULL between files */
    struct seeds_file file;
    int64_t file_lines, file_invalid;
    struct arena arena; /* of one line */
    struct seed_record record;
    struct buf text; /* of one line: its head, or where its double stands */
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
    arena_init(&i->arena, (size_t)i->line_bytes * LINE_FACTOR + LINE_EXTRA);
    buf_init(&i->text, 64 * 1024);
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
    lines_close(i->lines);
    buf_free(&i->text);
    arena_free(&i->arena);
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
    i->lines = lines_open(source->path, (size_t)i->line_bytes, e);
    i->file_lines = i->file_invalid = 0;
    return i->lines && seeds_scan_begin(i->store, &i->file, e);
}

static bool close_file(struct intake *i, struct err *e)
{
    lines_close(i->lines);
    i->lines = NULL;
    i->at++;
    return seeds_scan_end(i->store, &i->file, i->file_lines, i->file_invalid, e);
}

static void keep_bad(struct intake *i, const char *reason)
{
    struct buf safe;
    buf_init(&safe, sizeof i->report.first_bad - 1);
    text_quote(&safe, slice_of(i->files.files[i->at].name), 100);
    buf_addf(&safe, ":%llu: ", (unsigned long long)lines_number(i->lines));
    text_quote(&safe, slice_of(reason), 200);
    snprintf(i->report.first_bad, sizeof i->report.first_bad, "%s", buf_cstr(&safe));
    buf_free(&safe);
}

static bool quarantine(struct intake *i, struct slice line, const char *reason, struct err *e)
{
    if (i->report.invalid++ == 0)
        keep_bad(i, reason);
    i->file_invalid++;
    buf_clear(&i->text);
    text_quote(&i->text, slice_sub(line, 0, HEAD_CHARS * 4), HEAD_CHARS);
    return seeds_quarantine(i->store, &i->file, (int64_t)lines_number(i->lines), reason,
                            buf_view(&i->text), e);
}

static bool store_record(struct intake *i, const struct importer *importer, struct slice line,
                         struct err *e)
{
    struct err why;
    buf_clear(&i->text);
    switch (seeds_add(i->store, &i->file, (int64_t)lines_number(i->lines), importer->name,
                      &i->record, &i->text, e)) {
    case SEEDS_NEW:
        i->report.added++;
        i->report.pairs += i->record.has_pair;
        break;
    case SEEDS_KNOWN:
        i->report.known++;
        break;
    case SEEDS_DUPLICATE:
        err_set(&why, ERR_SYNTAX, "duplicate of %s", buf_cstr(&i->text));
        return quarantine(i, line, why.text, e);
    case SEEDS_FAILED:
        return false;
    }
    i->report.waiting += !i->record.has_pair;
    return true;
}

static bool take_line(struct intake *i, struct slice line, struct err *e)
{
    const struct importer *importer = NULL;
    struct err why;
    if (lines_number(i->lines) == 1 && slice_starts(line, S("\xEF\xBB\xBF")))
        line = slice_from(line, 3);
    if (slice_trim(line).n == 0)
        return true;
    i->report.lines++;
    i->file_lines++;
    arena_reset(&i->arena);
    if (seed_line_read(&i->files.files[i->at].how, line, &i->record, &importer, &i->arena, &why))
        return store_record(i, importer, line, e);
    if (why.code != ERR_NOMEM)
        return quarantine(i, line, why.text, e);
    *e = why;
    return false;
}

static bool take_long_line(struct intake *i, struct slice head, struct err *e)
{
    struct err why;
    i->report.lines++;
    i->file_lines++;
    err_set(&why, ERR_LIMIT, "the line is longer than limits.line_bytes (%lld bytes)",
            (long long)i->line_bytes);
    return quarantine(i, head, why.text, e);
}

static bool read_on(struct intake *i, struct err *e)
{
    struct slice line;
    switch (lines_next(i->lines, &line, e)) {
    case LINES_LINE:
        return take_line(i, line, e);
    case LINES_LONG:
        return take_long_line(i, line, e);
    case LINES_END:
        return close_file(i, e);
    case LINES_ERROR:
        break;
    }
    return false;
}

bool intake_waits(const struct intake *i)
{
    return i->lines && lines_waits(i->lines);
}

enum intake_got intake_step(struct intake *i, int64_t max_lines, struct err *e)
{
    assert(max_lines > 0);
    for (int64_t done = 0; done < max_lines && i->at < i->files.n; done++) {
        if (done > 0 && intake_waits(i))
            break;
        if (!(i->lines ? read_on(i, e) : open_file(i, e)))
            return INTAKE_FAILED;
    }
    return i->at < i->files.n ? INTAKE_MORE : INTAKE_DONE;
}
