/* store_private: what the files of this folder share; nobody else includes it or sqlite3.h. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <sqlite3.h>

#include "coordinator/store/store.h"

#define STORE_MAX_STATEMENTS 256
#define STORE_MAX_COUNTS 512
#define STORE_COUNT_SLOTS 1024 /* a power of two, well above STORE_MAX_COUNTS */

struct store {
    sqlite3 *db;
    int lock_fd; /* holds the write lock; -1 when reading */
    bool in_transaction;
    struct err spoilt; /* why the open transaction cannot be committed; ERR_OK: it can */
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } statements[STORE_MAX_STATEMENTS];
    size_t n_statements;
    struct {
        char name[64];
        int64_t delta;
    } counts[STORE_MAX_COUNTS]; /* of the open transaction */
    size_t n_counts;
    uint16_t count_slots[STORE_COUNT_SLOTS]; /* by hash of the name: its place in counts, from 1 */
};

/* store_statement(s, sql, e): prepared once and kept, known by the address of the literal; handed
 * out reset. A loop over its rows must not ask for the same literal again. */
sqlite3_stmt *store_statement(struct store *s, const char *sql, struct err *e);
/* store_step_done(s, st, e): runs to the end and resets. */
bool store_step_done(struct store *s, sqlite3_stmt *st, struct err *e);
/* store_step_row(s, st, e): 1: a row, 0: none any more (reset), -1: failed (reset). */
int store_step_row(struct store *s, sqlite3_stmt *st, struct err *e);
/* The bytes must stay until the statement is reset. */
void store_bind_slice(sqlite3_stmt *st, int at, struct slice text);
void store_bind_str(sqlite3_stmt *st, int at, const char *text);
void store_bind_id(sqlite3_stmt *st, int at, const struct id *id);
/* store_column_slice(st, at): text or blob, valid until the next step. */
struct slice store_column_slice(sqlite3_stmt *st, int at);
/* store_copy_columns(st, first, texts, n, arena): n texts from column `first` on, copied to the
 * arena; false: it refused one (see store_no_room). */
bool store_copy_columns(sqlite3_stmt *st, int first, struct slice *const *texts, size_t n,
                        struct arena *arena);
bool store_column_id(sqlite3_stmt *st, int at, struct id *id);
/* store_spoil(s, e): the open transaction is incomplete: store_commit will answer with e instead of
 * storing half of it. */
void store_spoil(struct store *s, const struct err *e);
/* store_sql_error(s, e, what): fills e from SQLite's last error, which spoils an open transaction;
 * always false. */
bool store_sql_error(struct store *s, struct err *e, const char *what);
/* store_no_room(a, e, limit): the arena refused: ERR_NOMEM, or ERR_LIMIT with this sentence;
 * always false. */
bool store_no_room(const struct arena *a, struct err *e, const char *limit);

#endif
