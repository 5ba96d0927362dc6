#include "base/infile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum kind { KIND_UNKNOWN, KIND_PLAIN, KIND_GZIP, KIND_ZSTD };

struct infile {
    char *name; /* for messages */
    int fd;
    enum kind kind;
    bool at_end;      /* the file has been read to its end */
    bool open_member; /* a gzip member or zstd frame has begun and not ended */
    bool failed;      /* e holds the error that follows what is still in `out` */
    struct err error;
    z_stream gzip;
    ZSTD_DStream *zstd;
    size_t in_at, in_n;
    size_t out_at, out_n;
    char in[INFILE_ROOM];
    char out[INFILE_ROOM];
};

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

struct infile *infile_open(const char *path, struct err *e)
{
    int fd = is_stdin(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        err_sys(e, "cannot open %s", path);
        return NULL;
    }
    struct infile *f = calloc(1, sizeof(*f));
    char *name = strdup(is_stdin(path) ? "standard input" : path);
    if (!f || !name) {
        free(f);
        free(name);
        if (fd != STDIN_FILENO)
            close(fd);
        err_set(e, ERR_NOMEM, "out of memory for reading %s", path);
        return NULL;
    }
    f->name = name;
    f->fd = fd;
    return f;
}

void infile_close(struct infile *f)
{
    if (!f)
        return;
    if (f->kind == KIND_GZIP)
        inflateEnd(&f->gzip);
    ZSTD_freeDStream(f->zstd);
    if (f->fd != STDIN_FILENO)
        close(f->fd);
    free(f->name);
    free(f);
}

const char *infile_name(const struct infile *f)
{
    return f->name;
}

struct slice infile_view(const struct infile *f)
{
    return (struct slice){f->out + f->out_at, f->out_n - f->out_at};
}

void infile_take(struct infile *f, size_t n)
{
    assert(n <= f->out_n - f->out_at);
    f->out_at += n;
}

static void fail(struct infile *f, const char *reason)
{
    f->failed = true;
    err_set(&f->error, ERR_CORRUPT, "%s; the file is damaged or incomplete", reason);
}

/* Reads up to n bytes; 0 at the end of the file or after an error, which is kept for later. */
static size_t read_some(struct infile *f, char *to, size_t n)
{
    if (f->at_end || f->failed)
        return 0;
    ssize_t got;
    do {
        got = read(f->fd, to, n);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        f->failed = true;
        err_sys(&f->error, "cannot read on");
    }
    f->at_end = got == 0;
    return got > 0 ? (size_t)got : 0;
}

static void refill_input(struct infile *f)
{
    if (f->in_at < f->in_n)
        return;
    f->in_at = 0;
    f->in_n = read_some(f, f->in, INFILE_ROOM);
}

static enum kind kind_of(const char *p, size_t n)
{
    if (n >= 2 && memcmp(p, "\x1f\x8b", 2) == 0)
        return KIND_GZIP;
    if (n >= 4 && memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0)
        return KIND_ZSTD;
    /* zstd's skippable frames may come first */
    if (n >= 4 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0 && ((unsigned char)p[0] & 0xF0) == 0x50)
        return KIND_ZSTD;
    return KIND_PLAIN;
}

static void detect_kind(struct infile *f)
{
    while (f->in_n < 4) {
        size_t n = read_some(f, f->in + f->in_n, INFILE_ROOM - f->in_n);
        if (n == 0)
            break;
        f->in_n += n;
    }
    enum kind kind = kind_of(f->in, f->in_n);
    bool ready = true;
    if (kind == KIND_GZIP)
        ready = inflateInit2(&f->gzip, 15 + 16) == Z_OK;
    else if (kind == KIND_ZSTD)
        ready = (f->zstd = ZSTD_createDStream()) != NULL;
    if (ready) {
        f->kind = kind;
        return;
    }
    f->failed = true;
    err_set(&f->error, ERR_NOMEM, "out of memory for unpacking");
}

static void unpack_plain(struct infile *f)
{
    if (f->in_at < f->in_n) { /* what detection has read */
        size_t n = f->in_n - f->in_at, room = INFILE_ROOM - f->out_n;
        n = n < room ? n : room;
        memcpy(f->out + f->out_n, f->in + f->in_at, n);
        f->in_at += n;
        f->out_n += n;
        return;
    }
    f->out_n += read_some(f, f->out + f->out_n, INFILE_ROOM - f->out_n);
}

static void unpack_gzip(struct infile *f)
{
    if (!f->open_member) {
        /* Some tools pad the file with zeros. Anything else must be another member. */
        while (f->in_at < f->in_n && f->in[f->in_at] == '\0')
            f->in_at++;
        if (f->in_at == f->in_n)
            return;
        inflateReset(&f->gzip);
        f->open_member = true;
    }
    z_stream *z = &f->gzip;
    z->next_in = (Bytef *)f->in + f->in_at;
    z->avail_in = (uInt)(f->in_n - f->in_at);
    z->next_out = (Bytef *)f->out + f->out_n;
    z->avail_out = (uInt)(INFILE_ROOM - f->out_n);
    int rc = inflate(z, Z_NO_FLUSH);
    f->in_at = f->in_n - z->avail_in;
    f->out_n = INFILE_ROOM - z->avail_out;
    if (rc == Z_STREAM_END)
        f->open_member = false;
    else if (rc != Z_OK && rc != Z_BUF_ERROR)
        fail(f, z->msg ? z->msg : "gzip data cannot be unpacked");
}

static void unpack_zstd(struct infile *f)
{
    if (!f->open_member && f->in_at == f->in_n)
        return;
    ZSTD_inBuffer in = {f->in, f->in_n, f->in_at};
    ZSTD_outBuffer out = {f->out, INFILE_ROOM, f->out_n};
    size_t rc = ZSTD_decompressStream(f->zstd, &out, &in);
    f->in_at = in.pos;
    f->out_n = out.pos;
    f->open_member = rc != 0;
    if (ZSTD_isError(rc))
        fail(f, ZSTD_getErrorName(rc));
}

static void unpack(struct infile *f)
{
    switch (f->kind) {
    case KIND_UNKNOWN:
        detect_kind(f);
        break;
    case KIND_PLAIN:
        unpack_plain(f);
        break;
    case KIND_GZIP:
        unpack_gzip(f);
        break;
    case KIND_ZSTD:
        unpack_zstd(f);
        break;
    }
}

bool infile_more(struct infile *f)
{
    if (f->out_at > 0) {
        f->out_n -= f->out_at;
        memmove(f->out, f->out + f->out_at, f->out_n);
        f->out_at = 0;
    }
    size_t before = f->out_n;
    if (before == INFILE_ROOM)
        return false;
    while (!f->failed) {
        unpack(f);
        if (f->out_n > before)
            return true;
        bool starved = f->in_at == f->in_n;
        if (starved && f->kind != KIND_PLAIN)
            refill_input(f);
        if (f->at_end && f->in_at == f->in_n)
            break;
    }
    if (!f->failed && f->open_member)
        fail(f, "the compressed data ends too early");
    return false;
}

bool infile_failed(const struct infile *f, struct err *e)
{
    if (f->failed)
        *e = f->error;
    return f->failed;
}

bool infile_waits(const struct infile *f)
{
    if (f->at_end || f->failed || f->in_at < f->in_n)
        return false;
    struct pollfd input = {.fd = f->fd, .events = POLLIN};
    return poll(&input, 1, 0) == 0;
}
