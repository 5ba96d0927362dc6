#include "coordinator/store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/store_private.h"
#include "filters/answers/answer.h"

/* Larger than SQLite's default: traces of a few kilobytes waste less of it. */
#define PAGE_SIZE "8192"
#define CACHE_KIB "16384"

void store_spoil(struct store *s, const struct err *e)
{
    if (s->in_transaction && s->spoilt.code == ERR_OK)
        s->spoilt = *e;
}

bool store_sql_error(struct store *s, struct err *e, const char *what)
{
    int code = sqlite3_errcode(s->db);
    enum err_code kind = code == SQLITE_FULL      ? ERR_FULL
                         : code == SQLITE_CORRUPT ? ERR_CORRUPT
                         : code == SQLITE_NOTADB  ? ERR_CORRUPT
                         : code == SQLITE_NOMEM   ? ERR_NOMEM
                         : code == SQLITE_BUSY    ? ERR_BUSY
                                                  : ERR_IO;
    err_set(e, kind, "the store: %s: %s", what, sqlite3_errmsg(s->db));
    store_spoil(s, e);
    return false;
}

static bool run_sql(struct store *s, const char *sql, const char *what, struct err *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_sql_error(s, e, what);
}

static int version_wanted(void)
{
    int n = 0;
    while (store_migrations[n])
        n++;
    return n;
}

static bool version_found(struct store *s, int *version, struct err *e)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) != SQLITE_OK)
        return store_sql_error(s, e, "cannot read its version");
    bool ok = sqlite3_step(st) == SQLITE_ROW;
    *version = ok ? sqlite3_column_int(st, 0) : 0;
    if (!ok)
        store_sql_error(s, e, "cannot read its version");
    sqlite3_finalize(st);
    return ok;
}

static bool add_names(struct store *s, const char *kind, const char *(*name)(int), int n,
                      struct err *e)
{
    for (int i = 0; i < n; i++) {
        /* Nothing is written when nothing is new. */
        sqlite3_stmt *st = store_statement(s,
                                           "INSERT INTO names VALUES (?1, ?2, ?3)"
                                           " ON CONFLICT (kind, code) DO UPDATE SET name = ?3"
                                           " WHERE name <> ?3",
                                           e);
        if (!st)
            return false;
        store_bind_str(st, 1, kind);
        sqlite3_bind_int(st, 2, i);
        store_bind_str(st, 3, name(i));
        if (!store_step_done(s, st, e))
            return false;
    }
    return true;
}

#define NAME_FN(type, enum_type)               \
    static const char *name_of_##type(int i)   \
    {                                          \
        return type##_name((enum enum_type)i); \
    }
NAME_FN(trust, trust)
NAME_FN(lane, lane)
NAME_FN(verdict, verdict)
NAME_FN(outcome, outcome)
NAME_FN(state, pair_state)
NAME_FN(reason, reason)
NAME_FN(finish, finish)
NAME_FN(thought_field, thought_field)
NAME_FN(format, format)
NAME_FN(ask, ask)
NAME_FN(seat_kind, seat_kind)
NAME_FN(mark, sample_mark)
NAME_FN(build, build)
NAME_FN(build_reason, build_reason)

static const char *name_of_check(int i)
{
    return answer_verdict_name((enum answer_verdict)i);
}

/* The store explains its own numbers, whichever version of the program added the last of them. */
static bool write_names(struct store *s, struct err *e)
{
    return add_names(s, "trust", name_of_trust, TRUST_COUNT, e) &&
           add_names(s, "lane", name_of_lane, LANE_COUNT, e) &&
           add_names(s, "verdict", name_of_verdict, VERDICT_COUNT, e) &&
           add_names(s, "outcome", name_of_outcome, OUTCOME_COUNT, e) &&
           add_names(s, "state", name_of_state, STATE_COUNT, e) &&
           add_names(s, "reason", name_of_reason, REASON_COUNT, e) &&
           add_names(s, "finish", name_of_finish, FINISH_COUNT, e) &&
           add_names(s, "thought_field", name_of_thought_field, THOUGHT_COUNT, e) &&
           add_names(s, "format", name_of_format, FORMAT_COUNT, e) &&
           add_names(s, "ask", name_of_ask, ASK_COUNT, e) &&
           add_names(s, "seat", name_of_seat_kind, SEAT_KIND_COUNT, e) &&
           add_names(s, "mark", name_of_mark, MARK_COUNT, e) &&
           add_names(s, "build", name_of_build, BUILD_COUNT, e) &&
           add_names(s, "build_reason", name_of_build_reason, BUILD_REASON_COUNT, e) &&
           add_names(s, "check", name_of_check, ANSWER_VERDICT_COUNT, e);
}

static bool migrate(struct store *s, const char *path, struct err *e)
{
    int version = 0, wanted = version_wanted();
    if (!version_found(s, &version, e))
        return false;
    if (version > wanted)
        return err_set(e, ERR_USAGE,
                       "%s was written by a newer gavel (store version %d, this one knows %d)",
                       path, version, wanted);
    if (!store_begin(s, e))
        return false;
    for (int v = version; v < wanted; v++) {
        char set[64];
        snprintf(set, sizeof set, "PRAGMA user_version = %d", v + 1);
        if (!run_sql(s, store_migrations[v], "cannot create its tables", e) ||
            !run_sql(s, set, "cannot set its version", e)) {
            store_rollback(s);
            return false;
        }
    }
    if (!write_names(s, e)) {
        store_rollback(s);
        return false;
    }
    return store_commit(s, e);
}

static bool open_for_writing(struct store *s, const char *path, struct err *e)
{
    struct arena a;
    arena_init(&a, 64 * 1024);
    char *dir = files_dirname(&a, path);
    bool ok = dir ? files_mkdirs(dir, e) : err_set(e, ERR_NOMEM, "out of memory");
    arena_free(&a);
    if (!ok)
        return false;
    s->lock_fd = lock_take(path, e);
    if (s->lock_fd < 0)
        return false;
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK)
        return store_sql_error(s, e, path);
    sqlite3_busy_timeout(s->db, 10000);
    return run_sql(s,
                   "PRAGMA page_size = " PAGE_SIZE ";"
                   "PRAGMA journal_mode = WAL;"
                   "PRAGMA synchronous = FULL;"
                   "PRAGMA wal_autocheckpoint = 1000;"
                   "PRAGMA cache_size = -" CACHE_KIB ";",
                   path, e) &&
           migrate(s, path, e);
}

/* SQLite reads a store through two files beside it. Where it may not make them (a folder of
 * somebody else, a read-only disk) and there is no log of a writer, the store stands still, and can
 * be read as it is. */
static bool open_still(struct store *s, const char *path, int *version, struct err *e)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-";
    struct buf uri;
    struct stat st;
    buf_init(&uri, 64 * 1024);
    buf_addf(&uri, "%s-wal", path);
    bool ok = buf_ok(&uri, path, e);
    bool still = ok && (stat(buf_cstr(&uri), &st) != 0 || st.st_size == 0);
    buf_clear(&uri);
    buf_str(&uri, "file:");
    for (const char *c = path; *c; c++)
        buf_addf(&uri, strchr(plain, *c) ? "%c" : "%%%02X", (unsigned char)*c);
    buf_str(&uri, "?immutable=1");
    if (still && buf_ok(&uri, path, e)) {
        sqlite3_close(s->db);
        s->db = NULL;
        int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
        ok = sqlite3_open_v2(buf_cstr(&uri), &s->db, flags, NULL) == SQLITE_OK
                 ? version_found(s, version, e)
                 : store_sql_error(s, e, path);
    } else if (ok) {
        ok = err_set(e, ERR_IO,
                     "it is in use, and you may not write to its folder, which reading "
                     "takes");
    }
    buf_free(&uri);
    return ok;
}

static bool open_for_reading(struct store *s, const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return err_set(e, ERR_NOTFOUND, "there is no store %s yet; `gavel run` makes it", path);
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        return store_sql_error(s, e, path);
    sqlite3_busy_timeout(s->db, 10000);
    int version = 0;
    bool ok = version_found(s, &version, e);
    int code = sqlite3_errcode(s->db);
    if (!ok && (code == SQLITE_READONLY || code == SQLITE_CANTOPEN))
        ok = open_still(s, path, &version, e);
    if (!ok)
        return err_wrap(e, "%s", path);
    if (version != version_wanted())
        return err_set(e, ERR_USAGE, "%s has store version %d, this gavel reads %d%s", path,
                       version, version_wanted(),
                       version < version_wanted() ? "; the next `gavel run` brings it up to date"
                                                  : "");
    return true;
}

struct store *store_open(const char *path, enum store_mode mode, struct err *e)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s) {
        err_set(e, ERR_NOMEM, "out of memory");
        return NULL;
    }
    s->lock_fd = -1;
    bool ok = mode == STORE_WRITE ? open_for_writing(s, path, e) : open_for_reading(s, path, e);
    if (ok)
        return s;
    store_close(s);
    return NULL;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->in_transaction)
        store_rollback(s);
    for (size_t i = 0; i < s->n_statements; i++)
        sqlite3_finalize(s->statements[i].statement);
    int closed = sqlite3_close(s->db);
    assert(closed == SQLITE_OK);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s);
}

bool store_holder(const char *path, char *text, size_t n)
{
    return lock_holder(path, text, n);
}

bool store_begin(struct store *s, struct err *e)
{
    assert(!s->in_transaction);
    if (!run_sql(s, "BEGIN IMMEDIATE", "cannot begin", e))
        return false;
    s->in_transaction = true;
    s->spoilt.code = ERR_OK;
    s->n_counts = 0;
    memset(s->count_slots, 0, sizeof s->count_slots);
    return true;
}

static bool write_counts(struct store *s, struct err *e)
{
    for (size_t i = 0; i < s->n_counts; i++) {
        sqlite3_stmt *st = store_statement(s,
                                           "INSERT INTO counters VALUES (?1, ?2)"
                                           " ON CONFLICT (name) DO UPDATE SET value = value + ?2",
                                           e);
        if (!st)
            return false;
        store_bind_str(st, 1, s->counts[i].name);
        sqlite3_bind_int64(st, 2, s->counts[i].delta);
        if (!store_step_done(s, st, e))
            return false;
    }
    return true;
}

bool store_commit(struct store *s, struct err *e)
{
    assert(s->in_transaction);
    /* A failed statement may have ended SQLite's own transaction, and what comes after it would be
     * stored for itself. */
    if (s->spoilt.code != ERR_OK) {
        *e = s->spoilt;
    } else if (write_counts(s, e) && run_sql(s, "COMMIT", "cannot commit", e)) {
        s->in_transaction = false;
        return true;
    }
    store_rollback(s);
    return false;
}

void store_rollback(struct store *s)
{
    struct err ignored; /* after some failures SQLite has rolled back already */
    if (!sqlite3_get_autocommit(s->db))
        run_sql(s, "ROLLBACK", "cannot roll back", &ignored);
    s->in_transaction = false;
    s->n_counts = 0;
}

/* The slot where this name stands, or would. */
static uint16_t *count_slot(struct store *s, const char *name)
{
    uint32_t at = 2166136261u; /* FNV-1a */
    for (const char *c = name; *c; c++)
        at = (at ^ (unsigned char)*c) * 16777619u;
    for (;; at++) {
        uint16_t *slot = &s->count_slots[at % STORE_COUNT_SLOTS];
        if (*slot == 0 || strcmp(s->counts[*slot - 1].name, name) == 0)
            return slot;
    }
}

void store_count(struct store *s, const char *name, int64_t delta)
{
    assert(s->in_transaction);
    assert(strlen(name) < sizeof s->counts[0].name);
    if (delta == 0)
        return;
    uint16_t *slot = count_slot(s, name);
    if (*slot == 0) {
        assert(s->n_counts < STORE_MAX_COUNTS);
        snprintf(s->counts[s->n_counts].name, sizeof s->counts[0].name, "%s", name);
        s->counts[s->n_counts].delta = 0;
        *slot = (uint16_t)++s->n_counts;
    }
    s->counts[*slot - 1].delta += delta;
}

int64_t store_counter(struct store *s, const char *name)
{
    struct err ignored;
    sqlite3_stmt *st = store_statement(s, "SELECT value FROM counters WHERE name = ?", &ignored);
    if (!st)
        return 0;
    store_bind_str(st, 1, name);
    int64_t value = store_step_row(s, st, &ignored) == 1 ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_reset(st);
    return value;
}

bool store_counters(struct store *s, const char *prefix,
                    void (*fn)(void *context, const char *name, int64_t value), void *context,
                    struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT name, value FROM counters WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
        e);
    if (!st)
        return false;
    store_bind_str(st, 1, prefix);
    int got;
    while ((got = store_step_row(s, st, e)) == 1)
        fn(context, (const char *)sqlite3_column_text(st, 0), sqlite3_column_int64(st, 1));
    return got == 0;
}
