/*
 * store: one SQLite file that holds everything. One process writes it (a lock beside the file says
 * who); others read while it does. Group commit: what is added between store_begin and store_commit
 * is durable, all of it, when store_commit has returned true.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "schemas/project.h"

struct store;

enum store_mode { STORE_READ, STORE_WRITE };

/* store_open(path, mode, e): WRITE creates the file and its folder, takes the lock and brings the
 * tables up to date; ERR_BUSY names the holder (process, host, since when). READ changes nothing; a
 * store that does not exist is ERR_NOTFOUND, one of a newer version ERR_USAGE. NULL on failure. */
struct store *store_open(const char *path, enum store_mode mode, struct err *e);
void store_close(struct store *s);
/* store_holder(path, text, n): whether a process holds the write lock of this store now, and who.
 */
bool store_holder(const char *path, char *text, size_t n);

bool store_begin(struct store *s, struct err *e);
/* store_commit(s, e): false: nothing of the transaction was stored (ERR_FULL: the disk is full);
 * the caller may begin again and repeat it. A transaction in which a statement has failed is never
 * stored, whether its caller went on or not: e says then what failed. */
bool store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);

/* store_count(s, name, delta): within a transaction: adds to a counter; written by store_commit. At
 * most 512 different names a transaction. */
void store_count(struct store *s, const char *name, int64_t delta);
/* store_counter(s, name): its committed value, 0 when there is none. */
int64_t store_counter(struct store *s, const char *name);
/* store_counters(s, prefix, fn, context, e): every counter whose name starts with prefix, sorted.
 */
bool store_counters(struct store *s, const char *prefix,
                    void (*fn)(void *context, const char *name, int64_t value), void *context,
                    struct err *e);

#endif
