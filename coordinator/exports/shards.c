#include "coordinator/exports/shards.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"

/* A file that is whole, waiting for its name. */
struct shard {
    int64_t rows;
    uint64_t bytes;
    char sha256[SHA256_HEX];
};

struct shards {
    const char *folder, *format, *split;
    enum outfile_kind kind;
    int64_t rows_max;
    struct outfile *out; /* the newest, being written; NULL: none */
    int64_t rows;        /* in it */
    struct shard *done;
    size_t n, cap;
};

struct shards *shards_new(const char *folder, const char *format, const char *split,
                          enum outfile_kind kind, int64_t rows, struct err *e)
{
    struct shards *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(e, ERR_NOMEM, "out of memory for the files of %s", format);
        return NULL;
    }
    s->folder = folder;
    s->format = format;
    s->split = split;
    s->kind = kind;
    s->rows_max = rows;
    return s;
}

void shards_free(struct shards *s)
{
    if (!s)
        return;
    outfile_abort(s->out);
    free(s->done);
    free(s);
}

static bool fits(int length, size_t room, struct err *e)
{
    return length < (int)room || err_set(e, ERR_LIMIT, "the path of the release is too long");
}

/* Where the i-th file is written before the number of files is known. */
static bool unnamed_path(const struct shards *s, size_t i, char out[PATH_MAX], struct err *e)
{
    return fits(snprintf(out, PATH_MAX, "%s/%s/%s-%05zu.part", s->folder, s->format, s->split, i),
                PATH_MAX, e);
}

static bool open_next(struct shards *s, struct err *e)
{
    char path[PATH_MAX];
    if (s->n == SHARDS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d files of %s; raise export.shard_rows",
                       SHARDS_MAX, s->format);
    if (!fits(snprintf(path, sizeof path, "%s/%s", s->folder, s->format), sizeof path, e) ||
        !files_mkdirs(path, e) || !unnamed_path(s, s->n, path, e))
        return false;
    s->out = outfile_open(path, s->kind, e);
    s->rows = 0;
    return s->out != NULL;
}

static bool close_newest(struct shards *s, struct err *e)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 16;
        struct shard *more = reallocarray(s->done, cap, sizeof *more);
        if (!more)
            return err_set(e, ERR_NOMEM, "out of memory for the list of files");
        s->done = more;
        s->cap = cap;
    }
    struct shard *d = &s->done[s->n++];
    struct outfile *out = s->out;
    s->out = NULL;
    d->rows = s->rows;
    return outfile_close(out, &d->bytes, d->sha256, e);
}

bool shards_add(struct shards *s, struct slice row, struct err *e)
{
    if (s->out && s->rows == s->rows_max && !close_newest(s, e))
        return false;
    if (!s->out && !open_next(s, e))
        return false;
    s->rows++;
    return outfile_write(s->out, row, e) && outfile_write(s->out, S("\n"), e);
}

static bool name_file(const struct shards *s, size_t i, struct manifest *m, struct err *e)
{
    char from[PATH_MAX], to[PATH_MAX];
    struct manifest_file f = {.rows = s->done[i].rows, .bytes = s->done[i].bytes};
    snprintf(f.format, sizeof f.format, "%s", s->format);
    snprintf(f.split, sizeof f.split, "%s", s->split);
    snprintf(f.sha256, sizeof f.sha256, "%s", s->done[i].sha256);
    if (!fits(snprintf(f.path, sizeof f.path, "%s/%s-%05zu-of-%05zu.jsonl%s", s->format, s->split,
                       i, s->n, outfile_suffix(s->kind)),
              sizeof f.path, e) ||
        !fits(snprintf(to, sizeof to, "%s/%s", s->folder, f.path), sizeof to, e) ||
        !unnamed_path(s, i, from, e))
        return false;
    if (rename(from, to) != 0)
        return err_sys(e, "cannot rename %s to %s", from, to);
    return manifest_add(m, &f, e);
}

bool shards_finish(struct shards *s, struct manifest *m, struct err *e)
{
    if (s->out && !close_newest(s, e))
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (!name_file(s, i, m, e))
            return false;
    return true;
}
