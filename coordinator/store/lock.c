#include "coordinator/store/lock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum { PATIENCE_MS = 1000 };

/* An open-file-description lock: to ask for its holder takes nothing from anybody, and it ends with
 * the process, however that ends. */
static const struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

static bool lock_path(const char *store_path, char path[4096])
{
    int n = snprintf(path, 4096, "%s.lock", store_path);
    return n > 0 && n < 4096;
}

static void read_holder(int fd, char *text, unsigned long n)
{
    ssize_t got = pread(fd, text, n - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (!text[0])
        snprintf(text, n, "another process");
}

static void write_holder(int fd)
{
    char host[128] = "?", since[24], text[256];
    gethostname(host, sizeof host - 1);
    clock_iso(clock_wall_ms(), since);
    int n = snprintf(text, sizeof text, "process %ld on %s, since %s\n", (long)getpid(), host,
                     since);
    /* Only for people: a text that cannot be written takes nothing from the lock. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
        log_debug("%s", "the lock file could not be written");
}

/* A child of a holder that was killed shares its descriptors until it executes its own program. */
static bool take(int fd)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    int64_t deadline = clock_ms() + PATIENCE_MS;
    while (fcntl(fd, F_OFD_SETLK, &whole_file) != 0) {
        if (clock_ms() >= deadline)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

int lock_take(const char *store_path, struct err *e)
{
    char path[4096], holder[256];
    if (!lock_path(store_path, path)) {
        err_set(e, ERR_LIMIT, "the path of the store is too long");
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        err_sys(e, "cannot open %s", path);
        return -1;
    }
    if (!take(fd)) {
        read_holder(fd, holder, sizeof holder);
        err_set(e, ERR_BUSY, "the store %s is in use by %s; wait for it or stop it", store_path,
                holder);
        close(fd);
        return -1;
    }
    write_holder(fd);
    return fd;
}

bool lock_holder(const char *store_path, char *text, unsigned long n)
{
    char path[4096];
    if (!lock_path(store_path, path))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct flock asked = whole_file;
    bool held = fcntl(fd, F_OFD_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
    if (held)
        read_holder(fd, text, n);
    close(fd);
    return held;
}
