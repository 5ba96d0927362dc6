/* Runs, workers, files and means; pairs are in look_pair.c, samples in look_sample.c. */
#include <stdio.h>

#include "base/json.h"
#include "coordinator/store/look_private.h"

int look_code(sqlite3_stmt *st, int at, int count)
{
    int code = sqlite3_column_int(st, at);
    return code >= 0 && code < count ? code : 0;
}

bool look_begin(struct store *s, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "BEGIN", e);
    return st && store_step_done(s, st, e);
}

void look_end(struct store *s)
{
    struct err ignored; /* nothing was written that could be lost */
    sqlite3_stmt *st = store_statement(s, "COMMIT", &ignored);
    if (st)
        store_step_done(s, st, &ignored);
}

static bool keep(struct arena *arena, sqlite3_stmt *st, int at, struct slice *text)
{
    *text = arena_dup(arena, store_column_slice(st, at));
    return text->p != NULL;
}

bool look_run(struct store *s, struct look_run *run, struct arena *arena, struct err *e)
{
    *run = (struct look_run){0};
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT run, started_ms, coalesce(ended_ms, 0), coalesce(exit, 0), pid, recipe, host,"
        " ending, project FROM runs ORDER BY run DESC LIMIT 1",
        e);
    if (!st)
        return false;
    int got = store_step_row(s, st, e);
    if (got <= 0)
        return got == 0;
    run->run = sqlite3_column_int64(st, 0);
    run->started_ms = sqlite3_column_int64(st, 1);
    run->ended_ms = sqlite3_column_int64(st, 2);
    run->exit_status = sqlite3_column_int(st, 3);
    run->pid = sqlite3_column_int64(st, 4);
    run->recipe = sqlite3_column_int64(st, 5);
    bool ok = keep(arena, st, 6, &run->host) && keep(arena, st, 7, &run->ending) &&
              keep(arena, st, 8, &run->project);
    sqlite3_reset(st);
    return ok || err_set(e, ERR_NOMEM, "out of memory for the last run");
}

bool look_rng_seed(struct store *s, int64_t run, int64_t *rng_seed)
{
    struct err ignored;
    sqlite3_stmt *st = store_statement(s, "SELECT project FROM runs WHERE run = ?", &ignored);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, run);
    json *project = store_step_row(s, st, &ignored) == 1
                        ? json_parse(store_column_slice(st, 0), JSON_STRICT, &ignored)
                        : NULL;
    sqlite3_reset(st);
    bool found = json_i64(json_get(project, "rng_seed"), rng_seed);
    json_free(project);
    return found;
}

bool look_workers(struct store *s, void (*fn)(void *context, const struct ledger_worker *worker),
                  void *context, struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT uid, host, pid, slots, local, in_flight, done,"
                                       " connected_ms, seen_ms FROM workers ORDER BY connected_ms",
                                       e);
    if (!st)
        return false;
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        struct ledger_worker w = {
            .host = (const char *)sqlite3_column_text(st, 1),
            .pid = (uint32_t)sqlite3_column_int64(st, 2),
            .slots = (uint32_t)sqlite3_column_int64(st, 3),
            .local = sqlite3_column_int(st, 4) != 0,
            .in_flight = (uint32_t)sqlite3_column_int64(st, 5),
            .done = (uint64_t)sqlite3_column_int64(st, 6),
            .connected_ms = sqlite3_column_int64(st, 7),
            .seen_ms = sqlite3_column_int64(st, 8),
        };
        snprintf(w.uid, sizeof w.uid, "%s", (const char *)sqlite3_column_text(st, 0));
        fn(context, &w);
    }
    return got == 0;
}

bool look_quarantine(struct store *s, size_t max,
                     void (*fn)(void *context, const struct look_bad_line *line), void *context,
                     struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT f.path, q.line, q.reason, q.head FROM quarantine q"
        " JOIN files f ON f.file = q.file ORDER BY q.file, q.line LIMIT ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        const struct look_bad_line line = {
            .file = store_column_slice(st, 0),
            .line = sqlite3_column_int64(st, 1),
            .reason = store_column_slice(st, 2),
            .head = store_column_slice(st, 3),
        };
        fn(context, &line);
    }
    return got == 0;
}

bool look_deferred(struct store *s, struct buf *why, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT d.detail, d.reason FROM pairs p JOIN decisions d ON d.decision = p.decision"
        " WHERE p.state = 3 ORDER BY p.pair DESC LIMIT 1",
        e);
    if (!st)
        return false;
    int got = store_step_row(s, st, e);
    if (got == 1) {
        struct slice detail = store_column_slice(st, 0);
        int reason = sqlite3_column_int(st, 1);
        bool known = reason > REASON_NONE && reason < REASON_COUNT;
        buf_slice(why, detail.n || !known ? detail : slice_of(reason_help((enum reason)reason)));
    }
    sqlite3_reset(st);
    return got >= 0;
}

int look_file(struct store *s, const char *name, struct look_file *file, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT size, mtime_ns, inode, lines, options FROM files WHERE path = ?", e);
    if (!st)
        return -1;
    store_bind_str(st, 1, name);
    int got = store_step_row(s, st, e);
    if (got != 1)
        return got;
    file->size = sqlite3_column_int64(st, 0);
    file->mtime_ns = sqlite3_column_int64(st, 1);
    file->inode = sqlite3_column_int64(st, 2);
    file->lines = sqlite3_column_int64(st, 3);
    snprintf(file->options, sizeof file->options, "%s", (const char *)sqlite3_column_text(st, 4));
    sqlite3_reset(st);
    return 1;
}

bool look_recent_calls(struct store *s, int64_t max, struct look_means *means, struct err *e)
{
    *means = (struct look_means){0};
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT count(*), total(prompt_tokens), total(completion_tokens), total(latency_ms)"
        " FROM (SELECT * FROM calls ORDER BY call DESC LIMIT ?)",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, max);
    if (store_step_row(s, st, e) != 1)
        return false;
    means->calls = sqlite3_column_int64(st, 0);
    double n = means->calls ? (double)means->calls : 1;
    means->prompt_tokens = sqlite3_column_double(st, 1) / n;
    means->completion_tokens = sqlite3_column_double(st, 2) / n;
    means->latency_ms = sqlite3_column_double(st, 3) / n;
    sqlite3_reset(st);
    return true;
}
