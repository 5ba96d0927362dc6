/* infile: the bytes of a file, plain, gzip, zstd (by content, not by name) or stdin ("-"), piece by
 * piece. What is there can be looked at before it is taken. */
#ifndef BASE_INFILE_H
#define BASE_INFILE_H

#include "base/err.h"
#include "base/slice.h"

#define INFILE_ROOM ((size_t)64 * 1024) /* most that can be looked at, at once */

struct infile;

/* infile_open(path, e): NULL on failure. Close with infile_close. */
struct infile *infile_open(const char *path, struct err *e);
void infile_close(struct infile *f);
/* infile_name(f): for messages. */
const char *infile_name(const struct infile *f);
/* infile_view(f): what is there and not yet taken; valid until infile_more. */
struct slice infile_view(const struct infile *f);
/* infile_take(f, n): n bytes of the view are done with. */
void infile_take(struct infile *f, size_t n);
/* infile_more(f): adds to the view. False: it is full, or the file has ended, or failed. */
bool infile_more(struct infile *f);
/* infile_failed(f, e): whether reading has failed; e says how. A truncated compressed file has. */
bool infile_failed(const struct infile *f, struct err *e);
/* infile_waits(f): more of a pipe or terminal is not there yet: infile_more would wait. */
bool infile_waits(const struct infile *f);

#endif
