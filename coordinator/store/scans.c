/* Readings of seed files: what a file looked like, its bad records, what became of its rows. */
#include <stdio.h>

#include "coordinator/store/seeds.h"
#include "coordinator/store/store_private.h"

static void load_file(sqlite3_stmt *st, struct seeds_file *file)
{
    struct slice options = store_column_slice(st, 4);
    *file = (struct seeds_file){
        .row = sqlite3_column_int64(st, 0),
        .size = sqlite3_column_int64(st, 1),
        .mtime_ns = sqlite3_column_int64(st, 2),
        .inode = sqlite3_column_int64(st, 3),
        .scan = sqlite3_column_int64(st, 5),
    };
    snprintf(file->options, sizeof file->options, SLICE_FMT, SLICE_ARG(options));
}

static bool add_file(struct store *s, const char *path, struct seeds_file *file, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "INSERT INTO files (path) VALUES (?)", e);
    if (!st)
        return false;
    store_bind_str(st, 1, path);
    if (!store_step_done(s, st, e))
        return false;
    *file = (struct seeds_file){
        .row = sqlite3_last_insert_rowid(s->db), .size = -1, .mtime_ns = -1, .inode = -1};
    return true;
}

bool seeds_file(struct store *s, const char *path, struct seeds_file *file, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT file, size, mtime_ns, inode, options, scan FROM files WHERE path = ?", e);
    if (!st)
        return false;
    store_bind_str(st, 1, path);
    int got = store_step_row(s, st, e);
    if (got == 0)
        return add_file(s, path, file, e);
    if (got == 1)
        load_file(st, file);
    sqlite3_reset(st);
    return got == 1;
}

static bool forget_quarantine(struct store *s, int64_t file, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT sum(rows) FROM quarantine WHERE file = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file);
    int got = store_step_row(s, st, e);
    if (got != 1)
        return false;
    int64_t rows = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    st = store_statement(s, "DELETE FROM quarantine WHERE file = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file);
    if (!store_step_done(s, st, e))
        return false;
    store_count(s, "seeds.invalid", -rows);
    return true;
}

static bool forget_counts(struct store *s, int64_t file, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "DELETE FROM imports WHERE file = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file);
    return store_step_done(s, st, e);
}

bool seeds_scan_begin(struct store *s, struct seeds_file *file, struct err *e)
{
    /* Until the end is reached the file counts as never read, whatever it looked like before. */
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE files SET scan = ?2, size = -1, mtime_ns = -1,"
                                       " inode = -1, lines = 0, invalid = 0 WHERE file = ?1",
                                       e);
    if (!st)
        return false;
    file->scan++;
    sqlite3_bind_int64(st, 1, file->row);
    sqlite3_bind_int64(st, 2, file->scan);
    return store_step_done(s, st, e) && forget_quarantine(s, file->row, e) &&
           forget_counts(s, file->row, e);
}

bool seeds_scan_end(struct store *s, const struct seeds_file *file, int64_t lines, int64_t invalid,
                    struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE files SET size = ?2, mtime_ns = ?3, inode = ?4,"
                                       " options = ?5, lines = ?6, invalid = ?7 WHERE file = ?1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file->row);
    sqlite3_bind_int64(st, 2, file->size);
    sqlite3_bind_int64(st, 3, file->mtime_ns);
    sqlite3_bind_int64(st, 4, file->inode);
    store_bind_str(st, 5, file->options);
    sqlite3_bind_int64(st, 6, lines);
    sqlite3_bind_int64(st, 7, invalid);
    return store_step_done(s, st, e);
}

bool seeds_count(struct store *s, const struct seeds_file *file, const char *importer,
                 const char *reason, int64_t rows, struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "INSERT INTO imports VALUES (?1, ?2, ?3, ?4)"
                                       " ON CONFLICT DO UPDATE SET rows = rows + ?4",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file->row);
    store_bind_str(st, 2, importer);
    store_bind_str(st, 3, reason);
    sqlite3_bind_int64(st, 4, rows);
    return store_step_done(s, st, e);
}

bool seeds_quarantine(struct store *s, const struct seeds_file *file, int64_t line, int64_t rows,
                      const char *reason, struct slice head, struct err *e)
{
    /* Two records of one line (of a list that is all on one) share its row. */
    sqlite3_stmt *st = store_statement(s,
                                       "INSERT INTO quarantine VALUES (?1, ?2, ?3, ?4, ?5)"
                                       " ON CONFLICT DO UPDATE SET rows = rows + ?5",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file->row);
    sqlite3_bind_int64(st, 2, line);
    store_bind_str(st, 3, reason);
    store_bind_slice(st, 4, head);
    sqlite3_bind_int64(st, 5, rows);
    if (!store_step_done(s, st, e))
        return false;
    store_count(s, "seeds.invalid", rows);
    return true;
}
