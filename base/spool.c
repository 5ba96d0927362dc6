#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

/* A record: length, CRC-32 of the length's four bytes and the payload (both little-endian),
 * payload. The length is under the checksum so that a tail of zeros is no row of empty records. */
#define HEAD 8
#define LARGEST_RECORD ((size_t)256 * 1024 * 1024)

struct spool {
    char *path;
    int fd;
    uint64_t size;
};

static void put_u32(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get_u32(const uint8_t *from)
{
    uint32_t v = 0;
    for (int i = 3; i >= 0; i--)
        v = v << 8 | from[i];
    return v;
}

static uint32_t checksum(const uint8_t length[4], struct slice record)
{
    uLong crc = crc32(0, length, 4);
    if (record.n == 0) /* NULL would start the checksum anew */
        return (uint32_t)crc;
    return (uint32_t)crc32_z(crc, (const Bytef *)record.p, record.n);
}

/* The file gets its name only once it is locked: nobody may take an empty new spool for a dead one.
 */
static bool create_locked(struct spool *s, struct err *e)
{
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof(temporary), "%s.new", s->path);
    if (n >= (int)sizeof(temporary))
        return err_set(e, ERR_LIMIT, "the path %s is too long", s->path);
    if (access(s->path, F_OK) == 0)
        return err_set(e, ERR_BUSY, "the spool %s exists already", s->path);
    unlink(temporary);
    s->fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (s->fd < 0)
        return err_sys(e, "cannot create the spool %s", temporary);
    if (flock(s->fd, LOCK_EX | LOCK_NB) == 0 && rename(temporary, s->path) == 0)
        return true;
    err_sys(e, "cannot lock the spool %s", s->path);
    unlink(temporary);
    return false;
}

struct spool *spool_create(const char *path, struct err *e)
{
    struct spool *s = calloc(1, sizeof(*s));
    if (s) {
        s->fd = -1;
        s->path = strdup(path);
    }
    if (!s || !s->path) {
        err_set(e, ERR_NOMEM, "out of memory for the spool %s", path);
        spool_close(s, false);
        return NULL;
    }
    if (!create_locked(s, e)) {
        spool_close(s, false);
        return NULL;
    }
    return s;
}

/* What was written of a record that did not fit must go, or it would hide every later one. */
static bool take_back(struct spool *s, struct err *e)
{
    err_sys(e, "cannot write the spool %s", s->path);
    if (ftruncate(s->fd, (off_t)s->size) != 0)
        return err_sys(e, "cannot shorten the spool %s", s->path);
    return false;
}

bool spool_add(struct spool *s, struct slice record, struct err *e)
{
    if (record.n > LARGEST_RECORD)
        return err_set(e, ERR_LIMIT, "a record of %zu bytes is too large for the spool %s",
                       record.n, s->path);
    uint8_t head[HEAD];
    put_u32(head, (uint32_t)record.n);
    put_u32(head + 4, checksum(head, record));
    char *payload = (char *)(uintptr_t)record.p; /* writev only reads it */
    struct iovec parts[] = {
        {head,    HEAD    },
        {payload, record.n}
    };
    ssize_t n;
    do {
        n = writev(s->fd, parts, 2);
    } while (n < 0 && errno == EINTR);
    if (n >= 0 && (size_t)n < HEAD + record.n)
        errno = ENOSPC;
    if (n < 0 || (size_t)n < HEAD + record.n)
        return take_back(s, e);
    s->size += (uint64_t)n;
    return true;
}

uint64_t spool_size(const struct spool *s)
{
    return s->size;
}

bool spool_clear(struct spool *s, struct err *e)
{
    if (ftruncate(s->fd, 0) != 0)
        return err_sys(e, "cannot empty the spool %s", s->path);
    s->size = 0;
    return true;
}

void spool_close(struct spool *s, bool remove)
{
    if (!s)
        return;
    if (remove)
        unlink(s->path);
    if (s->fd >= 0)
        close(s->fd);
    free(s->path);
    free(s);
}

static bool read_records(struct slice rest,
                         bool (*fn)(void *context, struct slice record, struct err *e),
                         void *context, struct err *e)
{
    while (rest.n >= HEAD) {
        const uint8_t *head = (const uint8_t *)rest.p;
        uint32_t length = get_u32(head);
        struct slice record = slice_sub(rest, HEAD, length);
        if (record.n < length || length > LARGEST_RECORD ||
            get_u32(head + 4) != checksum(head, record))
            return true;
        if (!fn(context, record, e))
            return false;
        rest = slice_from(rest, HEAD + record.n);
    }
    return true;
}

static bool read_locked(int fd, const char *path,
                        bool (*fn)(void *context, struct slice record, struct err *e),
                        void *context, struct err *e)
{
    if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return err_set(e, ERR_BUSY, "the spool %s is still being written", path);
        return err_sys(e, "cannot lock the spool %s", path);
    }
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_sys(e, "cannot read the spool %s", path);
    if (st.st_size == 0)
        return true;
    size_t n = (size_t)st.st_size;
    void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return err_sys(e, "cannot read the spool %s", path);
    bool ok = read_records((struct slice){p, n}, fn, context, e);
    munmap(p, n);
    return ok;
}

bool spool_read(const char *path, bool (*fn)(void *context, struct slice record, struct err *e),
                void *context, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, "cannot open the spool %s", path);
    bool ok = read_locked(fd, path, fn, context, e);
    close(fd);
    return ok;
}
