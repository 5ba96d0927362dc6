/* How the building of seeds ended, and seeds that are open once more. */
#include "coordinator/store/ends.h"

#include <stdio.h>

#include "coordinator/store/store_private.h"

static void count_end(struct store *s, enum build state, enum build_reason reason, int64_t by)
{
    char name[64];
    snprintf(name, sizeof name, "builds.%s", build_name(state));
    store_count(s, name, by);
    if (state == BUILD_OPEN)
        return;
    snprintf(name, sizeof name, "builds.reason.%s", build_reason_name(reason));
    store_count(s, name, by);
}

static enum build state_of(enum build_reason reason)
{
    bool deferred = reason == BUILD_REASON_OUT_OF_TRIES || reason == BUILD_REASON_REFUSED;
    return reason == BUILD_REASON_BUILT ? BUILD_BUILT : deferred ? BUILD_DEFERRED : BUILD_FAILED;
}

bool ends_set(struct store *s, const struct samples_end *end, enum build_reason reason,
              struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE seeds SET build = ?2, build_reason = ?3,"
                                       " build_detail = ?4, build_rules = ?5,"
                                       " build_recipe = iif(?6 > 0, ?6, build_recipe)"
                                       " WHERE seed = ?1 AND build = 1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)end->seed);
    sqlite3_bind_int(st, 2, (int)state_of(reason));
    sqlite3_bind_int(st, 3, (int)reason);
    store_bind_str(st, 4, end->detail);
    store_bind_id(st, 5, &end->rules);
    sqlite3_bind_int64(st, 6, end->recipe);
    if (!store_step_done(s, st, e))
        return false;
    if (sqlite3_changes(s->db) > 0) {
        count_end(s, BUILD_OPEN, BUILD_REASON_NONE, -1);
        count_end(s, state_of(reason), reason, 1);
    }
    return true;
}

/* ---- once more ---- */

static bool count_reopened(struct store *s, const struct id *rules, int64_t recipe, int64_t *n,
                           struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT build, build_reason, count(*) FROM seeds"
        " WHERE build_rules IS NOT NULL AND build > 2 AND"
        " (build = 4 OR build_rules <> ?1 OR (?2 > 0 AND build_recipe <> ?2)) GROUP BY 1, 2",
        e);
    if (!st)
        return false;
    store_bind_id(st, 1, rules);
    sqlite3_bind_int64(st, 2, recipe);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        int64_t seeds = sqlite3_column_int64(st, 2);
        count_end(s, (enum build)sqlite3_column_int(st, 0),
                  (enum build_reason)sqlite3_column_int(st, 1), -seeds);
        count_end(s, BUILD_OPEN, BUILD_REASON_NONE, seeds);
        *n += seeds;
    }
    return got == 0;
}

bool samples_reopen(struct store *s, const struct id *rules, int64_t recipe, int64_t *n,
                    struct err *e)
{
    *n = 0;
    if (!count_reopened(s, rules, recipe, n, e))
        return false;
    if (*n == 0)
        return true;
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE seeds SET build = 1, build_reason = 0,"
                                       " build_detail = '' WHERE build_rules IS NOT NULL"
                                       " AND build > 2 AND (build = 4 OR"
                                       " build_rules <> ?1 OR (?2 > 0 AND build_recipe <> ?2))",
                                       e);
    if (!st)
        return false;
    store_bind_id(st, 1, rules);
    sqlite3_bind_int64(st, 2, recipe);
    return store_step_done(s, st, e);
}

bool samples_reopen_one(struct store *s, uint64_t row, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT build, build_reason FROM seeds WHERE seed = ? AND build > 1", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got = store_step_row(s, st, e);
    if (got != 1)
        return got == 0;
    enum build state = (enum build)sqlite3_column_int(st, 0);
    enum build_reason reason = (enum build_reason)sqlite3_column_int(st, 1);
    sqlite3_reset(st);
    count_end(s, state, reason, -1);
    count_end(s, BUILD_OPEN, BUILD_REASON_NONE, 1);
    st = store_statement(
        s, "UPDATE seeds SET build = 1, build_reason = 0, build_detail = '' WHERE seed = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    return store_step_done(s, st, e);
}

bool samples_set_rules(struct store *s, uint64_t row, const struct id *rules, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "UPDATE seeds SET build_rules = ?2 WHERE seed = ?1", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    store_bind_id(st, 2, rules);
    return store_step_done(s, st, e);
}
