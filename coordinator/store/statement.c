/* Prepared statements: made once, kept by the address of their SQL. */
#include <assert.h>
#include <string.h>

#include "coordinator/store/store_private.h"

sqlite3_stmt *store_statement(struct store *s, const char *sql, struct err *e)
{
    for (size_t i = 0; i < s->n_statements; i++) {
        if (s->statements[i].sql == sql) {
            sqlite3_reset(s->statements[i].statement);
            return s->statements[i].statement;
        }
    }
    assert(s->n_statements < STORE_MAX_STATEMENTS);
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK) {
        store_sql_error(s, e, "cannot prepare a statement");
        return NULL;
    }
    s->statements[s->n_statements].sql = sql;
    s->statements[s->n_statements++].statement = st;
    return st;
}

bool store_step_done(struct store *s, sqlite3_stmt *st, struct err *e)
{
    int code;
    while ((code = sqlite3_step(st)) == SQLITE_ROW)
        ;
    bool ok = code == SQLITE_DONE || store_sql_error(s, e, "cannot write");
    sqlite3_reset(st);
    return ok;
}

int store_step_row(struct store *s, sqlite3_stmt *st, struct err *e)
{
    int code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        return 1;
    if (code != SQLITE_DONE)
        store_sql_error(s, e, "cannot read");
    sqlite3_reset(st);
    return code == SQLITE_DONE ? 0 : -1;
}

void store_bind_slice(sqlite3_stmt *st, int at, struct slice text)
{
    sqlite3_bind_text64(st, at, text.n ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

void store_bind_str(sqlite3_stmt *st, int at, const char *text)
{
    store_bind_slice(st, at, slice_of(text));
}

void store_bind_id(sqlite3_stmt *st, int at, const struct id *id)
{
    sqlite3_bind_blob(st, at, id->b, ID_BYTES, SQLITE_STATIC);
}

struct slice store_column_slice(sqlite3_stmt *st, int at)
{
    const void *p = sqlite3_column_blob(st, at);
    return (struct slice){p ? p : "", (size_t)sqlite3_column_bytes(st, at)};
}

bool store_no_room(const struct arena *a, struct err *e, const char *limit)
{
    return a->nomem ? err_set(e, ERR_NOMEM, "out of memory") : err_set(e, ERR_LIMIT, "%s", limit);
}

bool store_copy_columns(sqlite3_stmt *st, int first, struct slice *const *texts, size_t n,
                        struct arena *arena)
{
    for (size_t i = 0; i < n; i++) {
        *texts[i] = arena_dup(arena, store_column_slice(st, first + (int)i));
        if (!texts[i]->p)
            return false;
    }
    return true;
}

bool store_column_id(sqlite3_stmt *st, int at, struct id *id)
{
    struct slice s = store_column_slice(st, at);
    if (s.n != ID_BYTES)
        return false;
    memcpy(id->b, s.p, ID_BYTES);
    return true;
}
