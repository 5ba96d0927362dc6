#include "coordinator/exports/verify.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/lines.h"
#include "coordinator/exports/manifest.h"
#include "coordinator/exports/row.h"
#include "coordinator/exports/sense.h"
#include "coordinator/exports/sides.h"
#include "schemas/project.h"

/* Of one file, so many bad rows are told one by one; the others are only counted. */
#define TOLD_PER_FILE 10

struct verify {
    const char *dir;
    void (*problem)(void *context, const char *sentence);
    void *context;
    int64_t problems;
    struct manifest manifest;
    const char *splits[SPLIT_MAX]; /* names, in the order they were met */
    size_t n_splits;
    struct sides sides;
    struct flips flips; /* of the rows of sft */
};

__attribute__((format(printf, 2, 3))) static void tell(struct verify *v, const char *format, ...)
{
    char sentence[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    v->problems++;
    v->problem(v->context, sentence);
}

/* side_of(v, split, side, e): the number of a split. */
static bool side_of(struct verify *v, const char *split, uint8_t *side, struct err *e)
{
    size_t i = 0;
    while (i < v->n_splits && strcmp(v->splits[i], split) != 0)
        i++;
    if (i == SPLIT_MAX)
        return err_set(e, ERR_LIMIT, "the manifest names more than %d splits", SPLIT_MAX);
    if (i == v->n_splits)
        v->splits[v->n_splits++] = split;
    *side = (uint8_t)i;
    return true;
}

/* check_side(v, kind, name, side, e): nothing of a kind may stand in two splits. */
static bool check_side(struct verify *v, const char *kind, const char *what, struct slice name,
                       uint8_t side, struct err *e)
{
    uint8_t first = side;
    if (name.n == 0)
        return true;
    if (!sides_see(&v->sides, kind, name, side, &first, e))
        return false;
    return first == side ||
           err_set(e, ERR_CORRUPT, "its %s '" SLICE_FMT "' stands in the split %s too", what,
                   SLICE_ARG(slice_sub(name, 0, 100)), v->splits[first]);
}

static bool check_row(struct verify *v, const json *row, const struct exporter *exporter,
                      uint8_t side, struct err *e)
{
    if (json_type(row) != JSON_OBJECT)
        return err_set(e, ERR_CORRUPT, "it is no object");
    return sense_columns(row, row_columns, e) &&
           (!exporter || sense_columns(row, exporter->columns, e)) && sense_row(row, e) &&
           check_side(v, "pair", "pair", json_string(json_get(row, "pair_id")), side, e) &&
           check_side(v, "group", "group", json_string(json_get(row, "group")), side, e) &&
           check_side(v, "family", "split_key", json_string(json_get(row, "split_key")), side, e);
}

/* read_rows(v, file, lines, side, e): false when the rows could not be read at all. */
static bool read_rows(struct verify *v, const struct manifest_file *file, struct lines *lines,
                      uint8_t side, struct err *e)
{
    const struct exporter *exporter = exporter_find(file->format);
    int64_t rows = 0, bad = 0;
    enum lines_got got;
    struct slice line;
    while ((got = lines_next(lines, &line, e)) == LINES_LINE || got == LINES_LONG) {
        struct err why;
        rows++;
        json *row = got == LINES_LINE ? json_parse(line, JSON_STRICT, &why) : NULL;
        if (got == LINES_LONG)
            err_set(&why, ERR_LIMIT, "it is longer than a row may be");
        bool ok = row && check_row(v, row, exporter, side, &why);
        if (ok && strcmp(file->format, "sft") == 0)
            sense_count(row, &v->flips);
        json_free(row);
        if (!ok && why.code == ERR_NOMEM) {
            *e = why;
            return false;
        }
        if (!ok && bad++ < TOLD_PER_FILE)
            tell(v, "%s, line %lld: %s", file->path, (long long)rows, why.text);
    }
    if (got == LINES_ERROR)
        return false;
    if (bad > TOLD_PER_FILE) {
        tell(v, "%s: %lld more rows are wrong", file->path, (long long)(bad - TOLD_PER_FILE));
        v->problems += bad - TOLD_PER_FILE - 1;
    }
    if (rows != file->rows)
        tell(v, "%s has %lld rows, the manifest says %lld", file->path, (long long)rows,
             (long long)file->rows);
    return true;
}

static bool check_file(struct verify *v, const struct manifest_file *file, struct err *e)
{
    struct err why;
    uint8_t side = 0;
    char path[PATH_MAX];
    if (!side_of(v, file->split, &side, e))
        return false;
    if (!manifest_file_intact(v->dir, file, &why))
        tell(v, "%s", why.text);
    if (snprintf(path, sizeof path, "%s/%s", v->dir, file->path) >= (int)sizeof path)
        return err_set(e, ERR_LIMIT, "the path %s/%s is too long", v->dir, file->path);
    struct lines *lines = lines_open(path, ROW_BYTES_MAX, &why);
    if (!lines && why.code != ERR_NOMEM)
        return true; /* told already */
    bool ok = lines && read_rows(v, file, lines, side, &why);
    lines_close(lines);
    if (!ok && why.code == ERR_NOMEM) {
        *e = why;
        return false;
    }
    if (!ok)
        tell(v, "%s", why.text);
    return true;
}

static int by_path(const void *key, const void *item)
{
    return strcmp(key, ((const struct manifest_file *)item)->path);
}

static bool is_listed(const struct verify *v, const char *path)
{
    return strcmp(path, "manifest.json") == 0 || strcmp(path, "README.md") == 0 ||
           (v->manifest.n_files && bsearch(path, v->manifest.files, v->manifest.n_files,
                                           sizeof *v->manifest.files, by_path));
}

/* A file that nobody listed would be loaded with the others. */
static void check_strangers(struct verify *v, const char *below)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", v->dir, below) >= (int)sizeof path)
        return;
    DIR *d = opendir(path);
    if (!d)
        return;
    for (struct dirent *entry; (entry = readdir(d));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        char inner[PATH_MAX];
        struct stat st;
        if (snprintf(inner, sizeof inner, "%s%s%s", below, *below ? "/" : "", name) >=
                (int)sizeof inner ||
            fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && !*below)
            check_strangers(v, inner);
        else if (!is_listed(v, inner))
            tell(v, "%s is not in the manifest", inner);
    }
    closedir(d);
}

static void check_papers(struct verify *v)
{
    char path[PATH_MAX], given[RELEASE_NAME];
    struct stat st;
    if (snprintf(path, sizeof path, "%s/README.md", v->dir) < (int)sizeof path &&
        stat(path, &st) != 0)
        tell(v, "README.md, the data set card, is missing");
    memcpy(given, v->manifest.release, sizeof given);
    manifest_seal(&v->manifest);
    if (strcmp(given, v->manifest.release) != 0)
        tell(v,
             "the manifest calls the release '%s', its list of files makes it '%s': the list was "
             "changed",
             given, v->manifest.release);
    for (size_t i = 1; i < v->manifest.n_files; i++)
        if (strcmp(v->manifest.files[i - 1].path, v->manifest.files[i].path) == 0)
            tell(v, "the manifest lists %s twice", v->manifest.files[i].path);
}

/* What the manifest says of cues must be what the rows say, and pass the gate it was made under. */
static void check_flips(struct verify *v)
{
    const struct flips *told = &v->manifest.flips_sft, *found = &v->flips;
    struct err why;
    if (told->fixed != found->fixed || told->kept != found->kept || told->broken || told->stuck)
        tell(v,
             "the manifest counts %llu fixed and %llu kept verdicts among the sft rows, there are "
             "%llu and %llu",
             (unsigned long long)told->fixed, (unsigned long long)told->kept,
             (unsigned long long)found->fixed, (unsigned long long)found->kept);
    if (!kind_gate(found, &v->manifest.flips_all, v->manifest.flip_gap, &why))
        tell(v, "%s", why.text);
}

bool verify_release(const char *dir, void (*problem)(void *context, const char *sentence),
                    void *context, int64_t *problems, struct err *e)
{
    struct verify v = {.dir = dir, .problem = problem, .context = context};
    *problems = 0;
    manifest_init(&v.manifest);
    sides_init(&v.sides);
    bool ok = manifest_read(&v.manifest, dir, e);
    if (ok && v.manifest.version != MANIFEST_SCHEMA_VERSION)
        ok = err_set(e, ERR_USAGE,
                     "%s was made by an older gavel (schema version %lld, this one checks %d); "
                     "verify it with that one, or export again",
                     dir, (long long)v.manifest.version, MANIFEST_SCHEMA_VERSION);
    if (ok) {
        check_papers(&v);
        for (size_t i = 0; ok && i < v.manifest.n_files; i++)
            ok = check_file(&v, &v.manifest.files[i], e);
        if (ok)
            check_flips(&v);
        check_strangers(&v, "");
    }
    sides_free(&v.sides);
    manifest_free(&v.manifest);
    *problems = v.problems;
    if (ok && v.problems)
        return err_set(e, ERR_CORRUPT, "%s: %lld problem%s found", dir, (long long)v.problems,
                       v.problems == 1 ? "" : "s");
    return ok;
}
