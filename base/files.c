#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)16 * 1024)

static bool read_all(int fd, const char *path, struct buf *out, struct err *e)
{
    char chunk[CHUNK];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, "cannot read %s", path);
        if (n == 0)
            return true;
        buf_add(out, chunk, (size_t)n);
        if (!buf_ok(out, path, e))
            return false;
    }
}

bool files_read(const char *path, struct buf *out, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, "cannot open %s", path);
    bool ok = read_all(fd, path, out, e);
    close(fd);
    return ok;
}

static bool write_all(int fd, const char *path, struct slice content, struct err *e)
{
    while (content.n > 0) {
        ssize_t n = write(fd, content.p, content.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, "cannot write %s", path);
        content = slice_from(content, (size_t)n);
    }
    return fsync(fd) == 0 || err_sys(e, "cannot write %s to the disk", path);
}

/* Makes the rename durable. Some file systems cannot sync a folder; then there is no more to do. */
static void sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

bool files_write(const char *path, struct slice content, struct err *e)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof(temporary), "%s.tmp-%ld", path, (long)getpid());
    if (length >= (int)sizeof(temporary))
        return err_set(e, ERR_LIMIT, "the path %s is too long", path);
    unlink(temporary); /* of an earlier process of the same number */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_sys(e, "cannot create %s", temporary);
    bool ok = write_all(fd, temporary, content, e);
    if (close(fd) != 0 && ok)
        ok = err_sys(e, "cannot close %s", temporary);
    if (ok && rename(temporary, path) != 0)
        ok = err_sys(e, "cannot rename %s to %s", temporary, path);
    if (ok)
        sync_folder(path);
    else
        unlink(temporary);
    return ok;
}

static bool make_folder(const char *path, struct err *e)
{
    if (mkdir(path, 0777) == 0)
        return true;
    int sys = errno;
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    errno = sys == EEXIST ? ENOTDIR : sys;
    return err_sys(e, "cannot create the folder %s", path);
}

bool files_mkdirs(const char *path, struct err *e)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
        return err_set(e, ERR_LIMIT, "the path %s is too long", path);
    for (char *p = part + 1; part[0] != '\0' && *p != '\0'; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        if (!make_folder(part, e))
            return false;
        *p = '/';
    }
    return make_folder(part, e);
}

static bool remove_entry(const FTSENT *entry, struct err *e)
{
    switch (entry->fts_info) {
    case FTS_D: /* seen again as FTS_DP once it is empty */
        return true;
    case FTS_DP:
        return rmdir(entry->fts_accpath) == 0 ||
               err_sys(e, "cannot remove the folder %s", entry->fts_path);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        errno = entry->fts_errno;
        return err_sys(e, "cannot remove %s", entry->fts_path);
    default:
        return unlink(entry->fts_accpath) == 0 || err_sys(e, "cannot remove %s", entry->fts_path);
    }
}

static bool remove_all(FTS *tree, struct err *e)
{
    for (;;) {
        errno = 0;
        const FTSENT *entry = fts_read(tree);
        if (!entry)
            return errno == 0 || err_sys(e, "cannot read a folder that is to be removed");
        if (!remove_entry(entry, e))
            return false;
    }
}

bool files_remove_tree(const char *path, struct err *e)
{
    char *copy = strdup(path);
    if (!copy)
        return err_set(e, ERR_NOMEM, "out of memory for removing %s", path);
    char *roots[] = {copy, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool ok = tree ? remove_all(tree, e) : err_sys(e, "cannot remove %s", path);
    if (tree)
        fts_close(tree);
    free(copy);
    return ok;
}

char *files_join(struct arena *a, const char *dir, const char *name)
{
    size_t d = strlen(dir);
    size_t n = strlen(name);
    if (name[0] == '/' || d == 0)
        return arena_str(a, (struct slice){name, n});
    bool slash = dir[d - 1] != '/';
    char *path = arena_alloc(a, d + slash + n + 1);
    if (!path)
        return NULL;
    memcpy(path, dir, d);
    if (slash)
        path[d] = '/';
    memcpy(path + d + slash, name, n);
    return path;
}

char *files_dirname(struct arena *a, const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n == 0)
        return arena_str(a, S("."));
    while (n > 1 && path[n - 1] == '/')
        n--;
    return arena_str(a, (struct slice){path, n});
}

static bool copy_paths(struct arena *a, char **found, size_t n, char ***paths)
{
    *paths = arena_alloc(a, (n + 1) * sizeof(**paths));
    for (size_t i = 0; *paths && i < n; i++) {
        (*paths)[i] = arena_str(a, slice_of(found[i]));
        if (!(*paths)[i])
            return false;
    }
    return *paths != NULL;
}

bool files_glob(struct arena *a, const char *pattern, char ***paths, size_t *n, struct err *e)
{
    struct stat st;
    if (stat(pattern, &st) == 0) { /* a file may be called "a[1].jsonl" */
        char *copy = arena_str(a, slice_of(pattern));
        *n = 1;
        return (copy && copy_paths(a, &copy, 1, paths)) ||
               err_set(e, ERR_NOMEM, "no room for the path %s", pattern);
    }
    glob_t found = {0};
    int rc = glob(pattern, 0, NULL, &found);
    bool ok = rc == 0;
    *n = found.gl_pathc;
    if (rc == GLOB_NOMATCH)
        err_set(e, ERR_NOTFOUND, "%s: no such file", pattern);
    else if (rc != 0)
        err_set(e, rc == GLOB_NOSPACE ? ERR_NOMEM : ERR_IO, "cannot list the files %s", pattern);
    else if (!copy_paths(a, found.gl_pathv, found.gl_pathc, paths))
        ok = err_set(e, ERR_LIMIT, "%s: %zu file names are too many", pattern, *n);
    globfree(&found);
    return ok;
}
