#include "base/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define CHUNK ((size_t)64 * 1024)

enum kind { KIND_UNKNOWN, KIND_PLAIN, KIND_GZIP, KIND_ZSTD };

struct lines {
    char *name; /* for messages */
    int fd;
    enum kind kind;
    bool at_end;      /* the file has been read to its end */
    bool open_member; /* a gzip member or zstd frame has begun and not ended */
    bool failed;      /* e holds the error that follows what is still in `out` */
    struct err error;
    z_stream gzip;
    ZSTD_DStream *zstd;
    size_t max_line;
    uint64_t number;
    struct buf line; /* a line that does not lie in `out` as a whole */
    size_t in_at, in_n;
    size_t out_at, out_n;
    char in[CHUNK];
    char out[CHUNK];
};

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

struct lines *lines_open(const char *path, size_t max_line, struct err *e)
{
    int fd = is_stdin(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        err_sys(e, "cannot open %s", path);
        return NULL;
    }
    struct lines *l = calloc(1, sizeof(*l));
    char *name = strdup(is_stdin(path) ? "standard input" : path);
    if (!l || !name) {
        free(l);
        free(name);
        if (fd != STDIN_FILENO)
            close(fd);
        err_set(e, ERR_NOMEM, "out of memory for reading %s", path);
        return NULL;
    }
    l->name = name;
    l->fd = fd;
    l->max_line = max_line;
    buf_init(&l->line, max_line + 1); /* the CR of a CR LF is taken away later */
    return l;
}

void lines_close(struct lines *l)
{
    if (!l)
        return;
    if (l->kind == KIND_GZIP)
        inflateEnd(&l->gzip);
    ZSTD_freeDStream(l->zstd);
    if (l->fd != STDIN_FILENO)
        close(l->fd);
    buf_free(&l->line);
    free(l->name);
    free(l);
}

uint64_t lines_number(const struct lines *l)
{
    return l->number;
}

static void fail(struct lines *l, const char *reason)
{
    l->failed = true;
    err_set(&l->error, ERR_CORRUPT, "%s; the file is damaged or incomplete", reason);
}

/* Reads up to n bytes; 0 at the end of the file or after an error, which is kept for later. */
static size_t read_some(struct lines *l, char *to, size_t n)
{
    if (l->at_end || l->failed)
        return 0;
    ssize_t got;
    do {
        got = read(l->fd, to, n);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        l->failed = true;
        err_sys(&l->error, "cannot read on");
    }
    l->at_end = got == 0;
    return got > 0 ? (size_t)got : 0;
}

static void refill_input(struct lines *l)
{
    if (l->in_at < l->in_n)
        return;
    l->in_at = 0;
    l->in_n = read_some(l, l->in, CHUNK);
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

static void detect_kind(struct lines *l)
{
    while (l->in_n < 4) {
        size_t n = read_some(l, l->in + l->in_n, CHUNK - l->in_n);
        if (n == 0)
            break;
        l->in_n += n;
    }
    enum kind kind = kind_of(l->in, l->in_n);
    bool ready = true;
    if (kind == KIND_GZIP)
        ready = inflateInit2(&l->gzip, 15 + 16) == Z_OK;
    else if (kind == KIND_ZSTD)
        ready = (l->zstd = ZSTD_createDStream()) != NULL;
    if (ready) {
        l->kind = kind;
        return;
    }
    l->failed = true;
    err_set(&l->error, ERR_NOMEM, "out of memory for unpacking");
}

static void unpack_plain(struct lines *l)
{
    if (l->in_at < l->in_n) { /* what detection has read */
        l->out_n = l->in_n - l->in_at;
        memcpy(l->out, l->in + l->in_at, l->out_n);
        l->in_at = l->in_n;
        return;
    }
    l->out_n = read_some(l, l->out, CHUNK);
}

static void unpack_gzip(struct lines *l)
{
    if (!l->open_member) {
        /* Some tools pad the file with zeros. Anything else must be another member. */
        while (l->in_at < l->in_n && l->in[l->in_at] == '\0')
            l->in_at++;
        if (l->in_at == l->in_n)
            return;
        inflateReset(&l->gzip);
        l->open_member = true;
    }
    z_stream *z = &l->gzip;
    z->next_in = (Bytef *)l->in + l->in_at;
    z->avail_in = (uInt)(l->in_n - l->in_at);
    z->next_out = (Bytef *)l->out;
    z->avail_out = (uInt)CHUNK;
    int rc = inflate(z, Z_NO_FLUSH);
    l->in_at = l->in_n - z->avail_in;
    l->out_n = CHUNK - z->avail_out;
    if (rc == Z_STREAM_END)
        l->open_member = false;
    else if (rc != Z_OK && rc != Z_BUF_ERROR)
        fail(l, z->msg ? z->msg : "gzip data cannot be unpacked");
}

static void unpack_zstd(struct lines *l)
{
    if (!l->open_member && l->in_at == l->in_n)
        return;
    ZSTD_inBuffer in = {l->in, l->in_n, l->in_at};
    ZSTD_outBuffer out = {l->out, CHUNK, 0};
    size_t rc = ZSTD_decompressStream(l->zstd, &out, &in);
    l->in_at = in.pos;
    l->out_n = out.pos;
    l->open_member = rc != 0;
    if (ZSTD_isError(rc))
        fail(l, ZSTD_getErrorName(rc));
}

static void unpack(struct lines *l)
{
    switch (l->kind) {
    case KIND_UNKNOWN:
        detect_kind(l);
        break;
    case KIND_PLAIN:
        unpack_plain(l);
        break;
    case KIND_GZIP:
        unpack_gzip(l);
        break;
    case KIND_ZSTD:
        unpack_zstd(l);
        break;
    }
}

/* Puts more bytes into `out`; false at the end and after an error. */
static bool fill(struct lines *l)
{
    l->out_at = 0;
    l->out_n = 0;
    while (!l->failed) {
        unpack(l);
        if (l->out_n > 0)
            return true;
        bool starved = l->in_at == l->in_n;
        if (starved && l->kind != KIND_PLAIN)
            refill_input(l);
        if (l->at_end && l->in_at == l->in_n)
            break;
    }
    if (!l->failed && l->open_member)
        fail(l, "the compressed data ends too early");
    return false;
}

/* Appends as much as the maximum allows; whether all of it fitted. */
static bool keep(struct lines *l, struct slice part)
{
    size_t room = l->line.max - l->line.n;
    buf_slice(&l->line, slice_sub(part, 0, room));
    return part.n <= room;
}

static enum lines_got give(struct lines *l, struct slice whole, bool cut, struct slice *line)
{
    l->number++;
    bool too_long = cut || whole.n > l->max_line;
    *line = slice_sub(whole, 0, l->max_line);
    return too_long ? LINES_LONG : LINES_LINE;
}

static struct slice without_cr(struct slice s)
{
    return slice_ends(s, S("\r")) ? slice_sub(s, 0, s.n - 1) : s;
}

static enum lines_got finish(struct lines *l, bool cut, struct slice *line, struct err *e)
{
    if (l->failed) {
        *e = l->error;
        err_wrap(e, "%s, after line %llu", l->name, (unsigned long long)l->number);
        return LINES_ERROR;
    }
    if (l->line.n == 0)
        return LINES_END;
    return give(l, buf_view(&l->line), cut, line);
}

enum lines_got lines_next(struct lines *l, struct slice *line, struct err *e)
{
    buf_clear(&l->line);
    bool cut = false;
    while (l->out_at < l->out_n || fill(l)) {
        struct slice ready = {l->out + l->out_at, l->out_n - l->out_at};
        size_t end = slice_find(ready, S("\n"));
        struct slice part = slice_sub(ready, 0, end);
        l->out_at += end == SIZE_MAX ? ready.n : end + 1;
        if (end != SIZE_MAX && l->line.n == 0)
            return give(l, without_cr(part), false, line);
        cut = !keep(l, part) || cut;
        if (!buf_ok(&l->line, l->name, e))
            return LINES_ERROR;
        if (end != SIZE_MAX)
            return give(l, cut ? buf_view(&l->line) : without_cr(buf_view(&l->line)), cut, line);
    }
    return finish(l, cut, line, e);
}

bool lines_waits(const struct lines *l)
{
    struct slice ready = {l->out + l->out_at, l->out_n - l->out_at};
    if (l->at_end || l->failed || l->in_at < l->in_n || slice_find(ready, S("\n")) != SIZE_MAX)
        return false;
    struct pollfd input = {.fd = l->fd, .events = POLLIN};
    return poll(&input, 1, 0) == 0;
}
