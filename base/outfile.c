#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#define CHUNK ((size_t)64 * 1024)
#define ZSTD_LEVEL 3

struct outfile {
    char *path;
    int fd;
    enum outfile_kind kind;
    z_stream gzip;
    ZSTD_CCtx *zstd;
    struct hash hash;
    uint64_t bytes;
    size_t n; /* waiting in `out` */
    char out[CHUNK];
};

const char *outfile_suffix(enum outfile_kind kind)
{
    static const char *const suffixes[] = {
        [OUTFILE_NONE] = "",
        [OUTFILE_GZIP] = ".gz",
        [OUTFILE_ZSTD] = ".zst",
    };
    return suffixes[kind];
}

static bool start_packing(struct outfile *f)
{
    switch (f->kind) {
    case OUTFILE_NONE:
        return true;
    case OUTFILE_GZIP: /* deflate's own header has no name and no time */
        return deflateInit2(&f->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
                            Z_DEFAULT_STRATEGY) == Z_OK;
    case OUTFILE_ZSTD:
        f->zstd = ZSTD_createCCtx();
        return f->zstd &&
               !ZSTD_isError(
                   ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
               !ZSTD_isError(ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_checksumFlag, 1));
    }
    return false;
}

struct outfile *outfile_open(const char *path, enum outfile_kind kind, struct err *e)
{
    struct outfile *f = calloc(1, sizeof(*f));
    if (!f) {
        err_set(e, ERR_NOMEM, "out of memory for writing %s", path);
        return NULL;
    }
    hash_plain(&f->hash);
    f->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (f->fd < 0) {
        err_sys(e, "cannot create %s", path);
        free(f);
        return NULL;
    }
    f->path = strdup(path);
    f->kind = kind;
    if (!f->path || !start_packing(f)) {
        err_set(e, ERR_NOMEM, "out of memory for writing %s", path);
        outfile_abort(f);
        return NULL;
    }
    return f;
}

void outfile_abort(struct outfile *f)
{
    if (!f)
        return;
    if (f->kind == OUTFILE_GZIP)
        deflateEnd(&f->gzip);
    ZSTD_freeCCtx(f->zstd);
    if (f->fd >= 0)
        close(f->fd);
    free(f->path);
    free(f);
}

static bool flush(struct outfile *f, struct err *e)
{
    struct slice rest = {f->out, f->n};
    while (rest.n > 0) {
        ssize_t n = write(f->fd, rest.p, rest.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, "cannot write %s", f->path);
        hash_raw(&f->hash, slice_sub(rest, 0, (size_t)n));
        f->bytes += (uint64_t)n;
        rest = slice_from(rest, (size_t)n);
    }
    f->n = 0;
    return true;
}

static bool write_plain(struct outfile *f, struct slice bytes, struct err *e)
{
    while (bytes.n > 0) {
        struct slice part = slice_sub(bytes, 0, CHUNK - f->n);
        memcpy(f->out + f->n, part.p, part.n);
        f->n += part.n;
        bytes = slice_from(bytes, part.n);
        if (f->n == CHUNK && !flush(f, e))
            return false;
    }
    return true;
}

static bool write_gzip(struct outfile *f, struct slice bytes, bool last, struct err *e)
{
    z_stream *z = &f->gzip;
    int rc = Z_OK;
    while (bytes.n > 0 || (last && rc != Z_STREAM_END)) {
        struct slice part = slice_sub(bytes, 0, (size_t)1 << 30);
        z->next_in = (const Bytef *)part.p;
        z->avail_in = (uInt)part.n;
        z->next_out = (Bytef *)f->out + f->n;
        z->avail_out = (uInt)(CHUNK - f->n);
        rc = deflate(z, last && part.n == bytes.n ? Z_FINISH : Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return err_set(e, ERR_IO, "cannot compress %s: %s", f->path, zError(rc));
        bytes = slice_from(bytes, part.n - z->avail_in);
        f->n = CHUNK - z->avail_out;
        if (f->n == CHUNK && !flush(f, e))
            return false;
    }
    return true;
}

static bool write_zstd(struct outfile *f, struct slice bytes, bool last, struct err *e)
{
    ZSTD_inBuffer in = {bytes.p, bytes.n, 0};
    size_t left = last ? 1 : 0;
    while (in.pos < in.size || left > 0) {
        ZSTD_outBuffer out = {f->out, CHUNK, f->n};
        size_t rc = ZSTD_compressStream2(f->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(rc))
            return err_set(e, ERR_IO, "cannot compress %s: %s", f->path, ZSTD_getErrorName(rc));
        left = last ? rc : 0;
        f->n = out.pos;
        if (f->n == CHUNK && !flush(f, e))
            return false;
    }
    return true;
}

static bool pack(struct outfile *f, struct slice bytes, bool last, struct err *e)
{
    switch (f->kind) {
    case OUTFILE_NONE:
        return write_plain(f, bytes, e);
    case OUTFILE_GZIP:
        return write_gzip(f, bytes, last, e);
    case OUTFILE_ZSTD:
        return write_zstd(f, bytes, last, e);
    }
    return false;
}

bool outfile_write(struct outfile *f, struct slice bytes, struct err *e)
{
    return pack(f, bytes, false, e);
}

static bool finish(struct outfile *f, struct err *e)
{
    if (!pack(f, S(""), true, e) || !flush(f, e))
        return false;
    if (fsync(f->fd) != 0)
        return err_sys(e, "cannot write %s to the disk", f->path);
    int fd = f->fd;
    f->fd = -1;
    return close(fd) == 0 || err_sys(e, "cannot close %s", f->path);
}

bool outfile_close(struct outfile *f, uint64_t *bytes, char sha256[SHA256_HEX], struct err *e)
{
    bool ok = finish(f, e);
    if (ok && bytes)
        *bytes = f->bytes;
    if (ok && sha256)
        hash_hex(&f->hash, sha256);
    outfile_abort(f);
    return ok;
}
