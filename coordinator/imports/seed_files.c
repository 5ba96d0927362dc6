#include "coordinator/imports/seed_files.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"

#define MAX_IMPORTERS 64

struct listing {
    struct seed_files *out;
    size_t room;
    const struct project *project;
    struct arena *arena;
};

static bool no_room(struct err *e)
{
    return err_set(e, ERR_LIMIT, "too many seed files");
}

static bool unknown_format(const char *format, struct err *e)
{
    const char *names[MAX_IMPORTERS + 1] = {"auto"};
    size_t n = 1;
    struct buf all;
    buf_init(&all, 1024);
    buf_str(&all, "auto");
    for (; importer_table[n - 1] && n <= MAX_IMPORTERS; n++) {
        names[n] = importer_table[n - 1]->name;
        buf_addf(&all, ", %s", names[n]);
    }
    const char *near = text_nearest(slice_of(format), names, n);
    err_set(e, ERR_USAGE, "seeds: unknown format '%s'%s%s%s; there are %s", format,
            near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "", buf_cstr(&all));
    buf_free(&all);
    return false;
}

static void read_settings(const struct project *p, struct seed_line_options *how)
{
    how->import_given = p->import.max_pairs > 0;
    how->import = p->import;
}

static bool how_to_read(const struct project *p, const struct project_seeds *seeds,
                        struct seed_line_options *how, struct err *e)
{
    *how = (struct seed_line_options){.eval_set = seeds->eval_set};
    read_settings(p, how);
    how->trust_given = seeds->trust && *seeds->trust;
    if (how->trust_given && !trust_parse(slice_of(seeds->trust), &how->trust))
        return err_set(e, ERR_USAGE,
                       "seeds: unknown trust '%s'; there are verified, human and synthetic",
                       seeds->trust);
    const char *format = seeds->format && *seeds->format ? seeds->format : "auto";
    if (strcmp(format, "auto") == 0)
        return true;
    how->format = importer_find(format);
    return how->format || unknown_format(format, e);
}

/* One file has one name however it was reached, so that it is read and counted once. */
static const char *name_of(const struct listing *l, const char *path)
{
    char file[PATH_MAX], dir[PATH_MAX];
    if (strcmp(path, "-") == 0 || !realpath(path, file))
        return path;
    size_t n = l->project->dir && realpath(l->project->dir, dir) ? strlen(dir) : 0;
    bool inside = n > 0 && strncmp(file, dir, n) == 0 && (file[n] == '/' || dir[n - 1] == '/');
    const char *name = inside ? file + n + (file[n] == '/') : file;
    return arena_str(l->arena, slice_of(name));
}

/* find(files, n, name): among the first n. */
static const struct seed_file *find(const struct seed_files *files, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(files->files[i].name, name) == 0)
            return &files->files[i];
    return NULL;
}

static bool has_word(struct slice text, struct slice word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        bool begins = i == 0 || !isalnum((unsigned char)text.p[i - 1]);
        bool ends = i + word.n == text.n || !isalnum((unsigned char)text.p[i + word.n]);
        if (begins && ends && slice_eq(slice_sub(text, i, word.n), word))
            return true;
    }
    return false;
}

/* Whether a file calls itself a test set: by its own name, else by its folders', the nearest first:
 * gsm8k/test.jsonl, MATH/test/algebra/1.json. */
static bool is_test(const char *name)
{
    struct slice left = slice_of(name);
    while (left.n > 0) {
        size_t slash = slice_rfind(left, S("/"));
        struct slice part = slice_from(left, slash == SIZE_MAX ? 0 : slash + 1);
        if (has_word(part, S("train")))
            return false;
        if (has_word(part, S("test")))
            return true;
        left = slice_sub(left, 0, slash == SIZE_MAX ? 0 : slash);
    }
    return false;
}

static void settings_text(const struct project_import *i, char *text, size_t n)
{
    snprintf(text, n, "%d %d %d %d %d %.17g %lld", i->ties, i->both_bad, i->moderated,
             i->annotators, i->ranking, i->min_margin, (long long)i->max_pairs);
}

/* A setting that is as it always was is not mentioned: files read before there were any are not
 * read again. */
static void write_options(struct seed_file *file, long long line_bytes)
{
    const struct seed_line_options *how = &file->how;
    const struct project_import usual = pairing_defaults(),
                                *i = how->import_given ? &how->import : &usual;
    struct hash h;
    int n = snprintf(file->options, sizeof file->options, "format=%s trust=%s line_bytes=%lld",
                     how->format ? how->format->name : "auto",
                     how->trust_given ? trust_name(how->trust) : "", line_bytes);
    char now[128], then[128];
    settings_text(i, now, sizeof now);
    settings_text(&usual, then, sizeof then);
    if (strcmp(now, then) == 0 && !(how->eval_set && *how->eval_set))
        return;
    hash_init(&h, "import settings");
    hash_field(&h, slice_of(now));
    hash_field(&h, slice_of(how->eval_set));
    struct id id = hash_id(&h);
    snprintf(file->options + n, sizeof file->options - (size_t)n, " import=%016llx",
             (unsigned long long)id_u64(&id, 0));
}

static bool grow(struct listing *l, struct err *e)
{
    if (l->out->n < l->room)
        return true;
    size_t room = l->room ? l->room * 2 : 16;
    struct seed_file *files = arena_alloc(l->arena, room * sizeof *files);
    if (!files)
        return no_room(e);
    if (l->out->n > 0)
        memcpy(files, l->out->files, l->out->n * sizeof *files);
    l->out->files = files;
    l->room = room;
    return true;
}

/* add(l, before, path, how, e): unless it is among the first `before`; one glob finds no file
 * twice. */
static bool add(struct listing *l, size_t before, const char *path,
                const struct seed_line_options *how, struct err *e)
{
    const char *name = name_of(l, path);
    struct stat st;
    if (!name)
        return no_room(e);
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(e, ERR_USAGE, "seeds: '%s' is a folder; name the files in it: '%s/*'", name,
                       name);
    if (find(l->out, before, name))
        return true;
    if (!grow(l, e))
        return false;
    struct seed_file *file = &l->out->files[l->out->n++];
    *file = (struct seed_file){.path = path, .name = name, .how = *how};
    file->how.is_test = is_test(name);
    write_options(file, (long long)l->project->limits.line_bytes);
    return true;
}

/* The folder's own name is no pattern, whatever characters it has. */
static char *pattern_in(struct arena *arena, const char *dir, const char *path)
{
    if (path[0] == '/')
        return arena_str(arena, slice_of(path));
    char *escaped = arena_alloc(arena, 2 * strlen(dir) + 1);
    if (!escaped)
        return NULL;
    char *to = escaped;
    for (const char *from = dir; *from; *to++ = *from++)
        if (strchr("*?[\\", *from))
            *to++ = '\\';
    return files_join(arena, escaped, path);
}

static bool one(struct arena *arena, const char *path, char ***found, size_t *n, struct err *e)
{
    *n = 1;
    *found = arena_alloc(arena, sizeof **found);
    if (*found)
        (*found)[0] = arena_str(arena, slice_of(path));
    return (*found && (*found)[0]) || no_room(e);
}

static bool expand(const struct listing *l, const char *path, char ***found, size_t *n,
                   struct err *e)
{
    const char *dir = l->project->dir ? l->project->dir : "";
    if (strcmp(path, "-") == 0)
        return one(l->arena, path, found, n, e);
    char *plain = files_join(l->arena, dir, path);
    char *pattern = pattern_in(l->arena, dir, path);
    if (!plain || !pattern)
        return no_room(e);
    if (access(plain, F_OK) == 0)
        return one(l->arena, plain, found, n, e);
    return files_glob(l->arena, pattern, found, n, e);
}

/* list_project(l, strict, e): not strict: an entry without files is passed over. */
static bool list_project(struct listing *l, bool strict, struct err *e)
{
    const struct project_seeds *seeds = l->project->seeds.items;
    for (size_t i = 0; i < l->project->seeds.n; i++) {
        struct seed_line_options how;
        char **found;
        size_t n;
        if (!how_to_read(l->project, &seeds[i], &how, e))
            return false;
        if (!expand(l, seeds[i].path, &found, &n, e)) {
            if (e->code != ERR_NOTFOUND)
                return false;
            if (strict)
                return err_set(e, ERR_USAGE, "seeds: '%s' matches no file in %s", seeds[i].path,
                               l->project->dir && *l->project->dir ? l->project->dir : ".");
            continue;
        }
        size_t before = l->out->n;
        for (size_t k = 0; k < n; k++)
            if (!add(l, before, found[k], &how, e))
                return false;
    }
    return true;
}

static bool list_path(struct listing *l, const struct seed_files *known, const char *path,
                      struct err *e)
{
    struct seed_line_options automatic = {0};
    char **found;
    size_t n;
    read_settings(l->project, &automatic);
    if (access(path, F_OK) == 0) {
        if (!one(l->arena, path, &found, &n, e))
            return false;
    } else if (!expand(l, path, &found, &n, e)) {
        return e->code == ERR_NOTFOUND ? err_set(e, ERR_USAGE, "there is no seed file '%s'", path)
                                       : false;
    }
    size_t before = l->out->n;
    for (size_t k = 0; k < n; k++) {
        const char *name = name_of(l, found[k]);
        const struct seed_file *same = name ? find(known, known->n, name) : NULL;
        if (!add(l, before, found[k], same ? &same->how : &automatic, e))
            return false;
    }
    return true;
}

bool seed_files_list(struct seed_files *out, const struct project *project,
                     const char *const *paths, size_t n, struct arena *arena, struct err *e)
{
    struct seed_files named = {0};
    struct listing l = {.out = &named, .project = project, .arena = arena};
    if (!list_project(&l, n == 0, e))
        return false;
    *out = named;
    if (n == 0)
        return true;
    *out = (struct seed_files){0};
    l.out = out;
    l.room = 0;
    for (size_t i = 0; i < n; i++)
        if (!list_path(&l, &named, paths[i], e))
            return false;
    return true;
}
