/*
 * spool: an append-only file of records that outlives the process that wrote it. A worker writes
 * each finished answer here before it reports it, so that kill -9 of any process loses nothing that
 * has arrived; no fsync, for the page cache survives a process. Each record carries length and
 * CRC-32; a reader stops at the first torn one.
 */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include "base/buf.h"

struct spool;

/* spool_create(path, e): a new file, locked (flock) as long as its writer lives. NULL on failure.
 */
struct spool *spool_create(const char *path, struct err *e);
/* spool_add(s, record, e): one write(2). */
bool spool_add(struct spool *s, struct slice record, struct err *e);
/* spool_size(s): bytes in the file. */
uint64_t spool_size(const struct spool *s);
/* spool_clear(s, e): empties the file; called when everything in it is acknowledged. */
bool spool_clear(struct spool *s, struct err *e);
/* spool_close(s, remove): removes the file too when `remove`. */
void spool_close(struct spool *s, bool remove);
/* spool_read(path, fn, context, e): calls fn for each whole record; ERR_BUSY while the writer
 * lives. fn returns false (with e set) to stop. A torn tail is not an error. */
bool spool_read(const char *path, bool (*fn)(void *context, struct slice record, struct err *e),
                void *context, struct err *e);

#endif
