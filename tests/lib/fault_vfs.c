#include "tests/lib/fault_vfs.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/files.h"
#include "base/rng.h"

enum { FILES_MAX = 8, FILE_BYTES_MAX = 64 << 20, SECTOR = 512 };

/* A write or, with p NULL, a truncation that is not synced yet. */
struct unsynced {
    char *p;
    sqlite3_int64 n, at;
    struct unsynced *next;
};

/* What the disk holds of one file, and what it may or may not hold. */
struct disk_file {
    char path[512]; /* "": free */
    struct buf synced;
    struct unsynced *first, *last;
};

struct shim_file {
    sqlite3_file base;
    struct disk_file *disk; /* NULL: not remembered */
    sqlite3_file *real;     /* behind this struct */
};

static sqlite3_vfs shim;
static sqlite3_io_methods shim_methods;
static struct {
    enum fault_vfs_kind kind;
    struct fault fault;
    struct disk_file files[FILES_MAX];
} vfs;

static sqlite3_vfs *real_vfs(void)
{
    return shim.pAppData;
}

static sqlite3_file *real_file(sqlite3_file *f)
{
    return ((struct shim_file *)f)->real;
}

/* The code the operation has to answer, SQLITE_OK: go on. */
static int refuse(int ioerr)
{
    if (!fault_hits(&vfs.fault))
        return SQLITE_OK;
    return vfs.kind == FAULT_VFS_FULL ? SQLITE_FULL : ioerr;
}

static bool power_is_off(void)
{
    return vfs.kind == FAULT_VFS_POWER && vfs.fault.at && vfs.fault.seen >= vfs.fault.at;
}

/* What is remembered of a disk */

static void forget_unsynced(struct disk_file *d)
{
    while (d->first) {
        struct unsynced *u = d->first;
        d->first = u->next;
        free(u->p);
        free(u);
    }
    d->last = NULL;
}

static void remember(struct disk_file *d, const void *p, sqlite3_int64 n, sqlite3_int64 at)
{
    struct unsynced *u = calloc(1, sizeof *u);
    assert(u);
    *u = (struct unsynced){.n = n, .at = at};
    if (p) {
        u->p = malloc((size_t)n);
        assert(u->p);
        memcpy(u->p, p, (size_t)n);
    }
    if (d->last)
        d->last->next = u;
    else
        d->first = u;
    d->last = u;
}

static void resize(struct buf *b, size_t n)
{
    if (n > b->n) {
        char *room = buf_space(b, n - b->n);
        assert(room);
        memset(room, 0, n - b->n);
    }
    b->n = n;
}

static void put(struct buf *b, const struct unsynced *u, size_t n)
{
    if (!u->p) {
        resize(b, (size_t)u->at);
        return;
    }
    if (n == 0)
        return;
    if ((size_t)u->at + n > b->n)
        resize(b, (size_t)u->at + n);
    memcpy(b->p + u->at, u->p, n);
}

static void sync_disk(struct disk_file *d)
{
    for (const struct unsynced *u = d->first; u; u = u->next)
        put(&d->synced, u, (size_t)u->n);
    forget_unsynced(d);
}

static void drop_disk(struct disk_file *d)
{
    forget_unsynced(d);
    buf_free(&d->synced);
    d->path[0] = '\0';
}

static struct disk_file *disk_of(const char *path)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        if (strcmp(vfs.files[i].path, path) == 0)
            return &vfs.files[i];
    return NULL;
}

static struct disk_file *watch(const char *path)
{
    struct err e;
    struct disk_file *d = disk_of(path);
    if (d)
        return d;
    d = disk_of("");
    assert(d && strlen(path) < sizeof d->path);
    memcpy(d->path, path, strlen(path) + 1);
    buf_init(&d->synced, FILE_BYTES_MAX);
    bool ok = access(path, F_OK) != 0 || files_read(path, &d->synced, &e);
    assert(ok);
    (void)ok;
    return d;
}

/* Operations that can fail */

static int shim_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    struct shim_file *s = (struct shim_file *)f;
    int code = refuse(SQLITE_IOERR_WRITE);
    if (code != SQLITE_OK) {
        if (!power_is_off())
            s->real->pMethods->xWrite(s->real, p, n / 2, at);
        return code;
    }
    if (s->disk)
        remember(s->disk, p, n, at);
    return s->real->pMethods->xWrite(s->real, p, n, at);
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct shim_file *s = (struct shim_file *)f;
    int code = refuse(SQLITE_IOERR_TRUNCATE);
    if (code != SQLITE_OK)
        return code;
    if (s->disk)
        remember(s->disk, NULL, 0, size);
    return s->real->pMethods->xTruncate(s->real, size);
}

/* No real sync: the power that fails here is only played. */
static int shim_sync(sqlite3_file *f, int flags)
{
    struct shim_file *s = (struct shim_file *)f;
    (void)flags;
    int code = refuse(SQLITE_IOERR_FSYNC);
    if (code == SQLITE_OK && s->disk)
        sync_disk(s->disk);
    return code;
}

static int shim_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out)
{
    struct shim_file *s = (struct shim_file *)f;
    (void)v;
    *s = (struct shim_file){.real = (sqlite3_file *)(s + 1)};
    int code = refuse(SQLITE_CANTOPEN);
    if (code == SQLITE_OK && path && vfs.kind == FAULT_VFS_POWER)
        s->disk = watch(path);
    if (code == SQLITE_OK)
        code = real_vfs()->xOpen(real_vfs(), path, s->real, flags, out);
    if (code == SQLITE_OK)
        s->base.pMethods = &shim_methods;
    return code;
}

static int shim_delete(sqlite3_vfs *v, const char *path, int sync_dir)
{
    (void)v;
    if (power_is_off())
        return SQLITE_IOERR_DELETE;
    struct disk_file *d = disk_of(path);
    if (d)
        drop_disk(d);
    return real_vfs()->xDelete(real_vfs(), path, sync_dir);
}

/* Operations that are handed on */

static int shim_close(sqlite3_file *f)
{
    return real_file(f)->pMethods->xClose(real_file(f));
}

static int shim_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return real_file(f)->pMethods->xRead(real_file(f), p, n, at);
}

static int shim_file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_file(f)->pMethods->xFileSize(real_file(f), size);
}

static int shim_lock(sqlite3_file *f, int level)
{
    return real_file(f)->pMethods->xLock(real_file(f), level);
}

static int shim_unlock(sqlite3_file *f, int level)
{
    return real_file(f)->pMethods->xUnlock(real_file(f), level);
}

static int shim_check_lock(sqlite3_file *f, int *out)
{
    return real_file(f)->pMethods->xCheckReservedLock(real_file(f), out);
}

static int shim_control(sqlite3_file *f, int op, void *arg)
{
    return real_file(f)->pMethods->xFileControl(real_file(f), op, arg);
}

static int shim_sector_size(sqlite3_file *f)
{
    return real_file(f)->pMethods->xSectorSize(real_file(f));
}

static int shim_traits(sqlite3_file *f)
{
    return real_file(f)->pMethods->xDeviceCharacteristics(real_file(f));
}

static int shim_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **p)
{
    return real_file(f)->pMethods->xShmMap(real_file(f), page, size, extend, p);
}

static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return real_file(f)->pMethods->xShmLock(real_file(f), at, n, flags);
}

static void shim_shm_barrier(sqlite3_file *f)
{
    real_file(f)->pMethods->xShmBarrier(real_file(f));
}

static int shim_shm_unmap(sqlite3_file *f, int remove)
{
    return real_file(f)->pMethods->xShmUnmap(real_file(f), remove);
}

/* Version 2: with shared memory for the log, without memory-mapped reading. */
static sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_file_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_check_lock,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector_size,
    .xDeviceCharacteristics = shim_traits,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

/* The face */

void fault_vfs_install(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    if (shim.zName)
        return;
    shim = *real;
    shim.zName = "fault";
    shim.pNext = NULL;
    shim.pAppData = real;
    shim.szOsFile = (int)sizeof(struct shim_file) + real->szOsFile;
    shim.xOpen = shim_open;
    shim.xDelete = shim_delete;
    int code = sqlite3_vfs_register(&shim, 1);
    assert(code == SQLITE_OK);
    (void)code;
}

void fault_vfs_arm(enum fault_vfs_kind kind, int64_t at, bool repeat)
{
    vfs.kind = kind;
    vfs.fault = (struct fault){.at = at, .repeat = repeat || kind == FAULT_VFS_POWER};
}

int64_t fault_vfs_disarm(void)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        drop_disk(&vfs.files[i]);
    vfs.kind = FAULT_VFS_IOERR;
    vfs.fault.at = 0;
    return vfs.fault.seen;
}

static void settle(struct disk_file *d, struct rng *rng)
{
    struct err e;
    for (const struct unsynced *u = d->first; u; u = u->next) {
        uint64_t sectors = (uint64_t)u->n / SECTOR;
        switch (rng_below(rng, 4)) {
        case 0:
            break;
        case 1:
            if (u->p)
                put(&d->synced, u, (size_t)(rng_below(rng, sectors + 1) * SECTOR));
            break;
        default:
            put(&d->synced, u, (size_t)u->n);
        }
    }
    bool ok = files_write(d->path, buf_view(&d->synced), &e);
    assert(ok);
    (void)ok;
}

void fault_vfs_power_back(uint64_t seed)
{
    struct rng rng;
    rng_init(&rng, seed);
    for (size_t i = 0; i < FILES_MAX; i++)
        if (vfs.files[i].path[0])
            settle(&vfs.files[i], &rng);
    fault_vfs_disarm();
}
