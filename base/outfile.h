/* outfile: writes a file, plain, gzip or zstd, counting and hashing what reaches the disk. The same
 * input gives the same bytes (no time stamp in the gzip header). */
#ifndef BASE_OUTFILE_H
#define BASE_OUTFILE_H

#include "base/err.h"
#include "base/hash.h"

enum outfile_kind { OUTFILE_NONE, OUTFILE_GZIP, OUTFILE_ZSTD };

struct outfile;

/* outfile_open(path, kind, e): creates or truncates; NULL on failure. */
struct outfile *outfile_open(const char *path, enum outfile_kind kind, struct err *e);
bool outfile_write(struct outfile *f, struct slice bytes, struct err *e);
/* outfile_close(f, bytes, sha256, e): flushes, fsyncs, closes and frees; both results may be NULL.
 */
bool outfile_close(struct outfile *f, uint64_t *bytes, char sha256[SHA256_HEX], struct err *e);
/* outfile_abort(f): closes without promises; the half-written file stays for the caller to remove.
 */
void outfile_abort(struct outfile *f);
/* outfile_suffix(kind): "", ".gz" or ".zst". */
const char *outfile_suffix(enum outfile_kind kind);

#endif
