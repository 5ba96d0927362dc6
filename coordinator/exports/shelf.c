#include "coordinator/exports/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/slice.h"

/* join(out, e, format, …) is a path that fits. */
#define join(out, e, ...) fits(snprintf((out), SHELF_PATH_MAX, __VA_ARGS__), (e))

static bool fits(int length, struct err *e)
{
    return length < SHELF_PATH_MAX ||
           err_set(e, ERR_LIMIT, "the path of a release may have %d bytes at most",
                   SHELF_PATH_MAX - 1);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool set_paths(struct shelf *s, const char *dir, struct err *e)
{
    struct slice d = slice_of(dir);
    while (d.n > 1 && d.p[d.n - 1] == '/')
        d.n--;
    if (d.n > SHELF_PATH_MAX / 2)
        return err_set(e, ERR_LIMIT, "the folder's path may have %d bytes at most: %s",
                       SHELF_PATH_MAX / 2, dir);
    if (!join(s->link, e, "%.*s", (int)d.n, d.p) || !join(s->releases, e, "%s.releases", s->link) ||
        !join(s->making, e, "%s/.tmp-%ld", s->releases, (long)getpid()))
        return false;
    const char *base = base_name(s->link);
    if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        return err_set(e, ERR_USAGE,
                       "a release cannot be written to '%s'; name a folder that is not there yet",
                       dir);
    return true;
}

/* What DIR is now: nothing, or a link that an export made. Anything else belongs to somebody. */
static bool read_current(struct shelf *s, struct err *e)
{
    struct stat st;
    if (lstat(s->link, &st) != 0)
        return errno == ENOENT || err_sys(e, "cannot look at %s", s->link);
    if (!S_ISLNK(st.st_mode))
        return err_set(e, ERR_USAGE,
                       "%s is there already and is no link to a release; move it away, or name "
                       "another folder with --out or export.dir",
                       s->link);
    char target[SHELF_PATH_MAX];
    ssize_t n = readlink(s->link, target, sizeof target - 1);
    if (n < 0)
        return err_sys(e, "cannot read the link %s", s->link);
    target[n] = 0;
    const char *name = base_name(target);
    char ours[SHELF_PATH_MAX];
    if (!join(ours, e, "%s/%s", base_name(s->releases), name))
        return false;
    if (strcmp(ours, target) != 0 || !*name || *name == '.' || strlen(name) >= sizeof s->current)
        return err_set(e, ERR_USAGE,
                       "%s is a link to %s, which no export made; remove the link, or name another "
                       "folder with --out or export.dir",
                       s->link, target);
    snprintf(s->current, sizeof s->current, "%s", name);
    return true;
}

bool shelf_check(const char *dir, struct err *e)
{
    struct shelf s = {.lock_fd = -1};
    return set_paths(&s, dir, e) && read_current(&s, e);
}

static bool take_lock(struct shelf *s, struct err *e)
{
    char path[SHELF_PATH_MAX];
    if (!join(path, e, "%s/.lock", s->releases))
        return false;
    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (s->lock_fd < 0)
        return err_sys(e, "cannot create %s", path);
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno == EWOULDBLOCK)
        return err_set(e, ERR_BUSY, "another export is writing %s; wait for its end", s->link);
    return err_sys(e, "cannot lock %s", path);
}

/* Under the lock, everything that is called .tmp- belongs to an export that was killed. */
static bool remove_leftovers(struct shelf *s, struct err *e)
{
    DIR *d = opendir(s->releases);
    if (!d)
        return err_sys(e, "cannot read the folder %s", s->releases);
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(d));) {
        char path[SHELF_PATH_MAX];
        if (strncmp(entry->d_name, ".tmp-", 5) == 0)
            ok = join(path, e, "%s/%s", s->releases, entry->d_name) && files_remove_tree(path, e);
    }
    closedir(d);
    return ok;
}

bool shelf_open(struct shelf *s, const char *dir, struct err *e)
{
    *s = (struct shelf){.lock_fd = -1};
    if (!set_paths(s, dir, e) || !read_current(s, e) || !files_mkdirs(s->releases, e) ||
        !take_lock(s, e) || !remove_leftovers(s, e))
        return false;
    /* another export may have ended between the look at DIR and the lock */
    s->current[0] = 0;
    return read_current(s, e) && files_mkdirs(s->making, e);
}

bool shelf_path(const struct shelf *s, const char *name, char out[SHELF_PATH_MAX], struct err *e)
{
    return join(out, e, "%s/%s", s->releases, name);
}

bool shelf_has(const struct shelf *s, const char *name)
{
    char path[SHELF_PATH_MAX];
    struct stat st;
    struct err ignored;
    return shelf_path(s, name, path, &ignored) && lstat(path, &st) == 0;
}

/* Some file systems cannot sync a folder; then there is no more to do. */
static void sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

/* The files are on the disk already; these are the folders that name them. */
static void sync_folders(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return;
    for (struct dirent *entry; (entry = readdir(d));) {
        char below[SHELF_PATH_MAX];
        struct err ignored;
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
            join(below, &ignored, "%s/%s", path, entry->d_name))
            sync_folder(below);
    }
    closedir(d);
    sync_folder(path);
}

bool shelf_finish(struct shelf *s, const char *name, struct err *e)
{
    char path[SHELF_PATH_MAX];
    if (!shelf_path(s, name, path, e))
        return false;
    sync_folders(s->making);
    /* a reader of the one that gives way must not find nothing in between: they change places */
    if (shelf_has(s, name) ? renameat2(AT_FDCWD, s->making, AT_FDCWD, path, RENAME_EXCHANGE) != 0
                           : rename(s->making, path) != 0)
        return err_sys(e, "cannot put the release in its place, %s", path);
    sync_folder(s->releases);
    return true;
}

static void sync_parent(const char *path)
{
    char parent[SHELF_PATH_MAX];
    int n = (int)(base_name(path) - path);
    snprintf(parent, sizeof parent, "%.*s", n ? n : 1, n ? path : ".");
    sync_folder(parent);
}

bool shelf_show(struct shelf *s, const char *name, struct err *e)
{
    char target[SHELF_PATH_MAX], fresh[SHELF_PATH_MAX];
    if (!join(target, e, "%s/%s", base_name(s->releases), name) ||
        !join(fresh, e, "%s.tmp-link", s->link))
        return false;
    if (unlink(fresh) != 0 && errno != ENOENT)
        return err_sys(e, "cannot remove %s, left by a killed export", fresh);
    if (symlink(target, fresh) != 0)
        return err_sys(e, "cannot make the link %s", fresh);
    if (rename(fresh, s->link) != 0) {
        err_sys(e, "cannot replace the link %s", s->link);
        unlink(fresh);
        return false;
    }
    sync_parent(s->link);
    snprintf(s->current, sizeof s->current, "%s", name);
    return true;
}

void shelf_close(struct shelf *s)
{
    struct err ignored;
    if (s->lock_fd < 0)
        return;
    struct stat st;
    if (lstat(s->making, &st) == 0)
        files_remove_tree(s->making, &ignored);
    close(s->lock_fd);
    s->lock_fd = -1;
}
