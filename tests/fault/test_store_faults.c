/*
 * Every write, sync, open and truncation that a run asks of the disk fails once, or from there on,
 * or is the last before the power goes. What was reported as committed is there afterwards, what
 * was not left nothing, and going on brings the store to where it would have been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/lib/fault_vfs.h"
#include "tests/lib/scratch.h"
#include "tests/lib/store_scenario.h"

enum { COMMITS_MAX = 32, TEXT_MAX = 8 << 20 };

/* All that is stored except what differs between runs: their own rows, times, and counts of
 * readings. */
static const char *const everything[] = {
    "SELECT count(*) FROM names",
    "SELECT recipe, hex(id), text FROM recipes ORDER BY 1",
    "SELECT rules, hex(id), text FROM rules ORDER BY 1",
    "SELECT * FROM endpoints ORDER BY 1",
    "SELECT file, path, size, mtime_ns, inode, options, lines, invalid FROM files ORDER BY 1",
    "SELECT * FROM quarantine ORDER BY 1, 2",
    "SELECT seed, hex(id), name, file, line, importer, prompt, prompt_hash, build, build_reason,"
    " build_detail, hex(build_rules), build_recipe FROM seeds ORDER BY 1",
    "SELECT * FROM samples ORDER BY 1",
    "SELECT sample, hex(rules), mark, strict, lenient, final, answer, why, prompt_overlap,"
    " answer_overlap FROM checks ORDER BY 1",
    "SELECT * FROM responses ORDER BY 1",
    "SELECT pair, hex(id), seed, chosen, rejected, trust, evidence, state, decision FROM pairs"
    " ORDER BY 1",
    "SELECT * FROM calls ORDER BY 1",
    "SELECT * FROM texts ORDER BY 1",
    "SELECT * FROM rollouts ORDER BY 1, 2, 3, 4",
    "SELECT decision, pair, recipe, rules, state, reason, detail, decided_ms FROM decisions"
    " ORDER BY 1",
    "SELECT * FROM counters WHERE value <> 0 ORDER BY 1",
};

static struct buf after_commit[COMMITS_MAX]; /* everything, as it was after so many commits */
static int n_commits;

static void add_rows(sqlite3 *db, const char *sql, struct buf *out)
{
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(st); i++)
            buf_addf(out, "%s|", (const char *)sqlite3_column_text(st, i));
        buf_char(out, '\n');
    }
    assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
}

static bool has_tables(sqlite3 *db)
{
    struct buf b;
    buf_init(&b, 64);
    add_rows(db, "PRAGMA user_version", &b);
    bool has = !slice_is(buf_view(&b), "0|\n");
    buf_free(&b);
    return has;
}

/* The test's own eyes: another connection, past the faulty VFS. Nothing yet: empty. */
static void look(const struct scenario *s, struct buf *out)
{
    sqlite3 *db;
    buf_init(out, TEXT_MAX);
    if (access(s->store_path, F_OK) != 0)
        return;
    assert_int_equal(sqlite3_open_v2(s->store_path, &db, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL); /* leaves the log as it is */
    if (has_tables(db))
        for (size_t i = 0; i < sizeof everything / sizeof everything[0]; i++)
            add_rows(db, everything[i], out);
    struct buf health;
    buf_init(&health, 65536);
    add_rows(db, "PRAGMA integrity_check", &health);
    add_rows(db, "PRAGMA foreign_key_check", &health);
    assert_string_equal(buf_cstr(&health), "ok|\n");
    buf_free(&health);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The first line in which the two differ, for a message that can be read. */
static void fail_at_difference(const char *what, long long at, const struct buf *got,
                               const struct buf *wanted)
{
    struct slice g = buf_view(got), w = buf_view(wanted), g_line, w_line;
    do {
        g_line = slice_cut(g, '\n', &g);
        w_line = slice_cut(w, '\n', &w);
    } while (slice_eq(g_line, w_line) && (g.n || w.n));
    fail_msg("%s at operation %lld: the store has\n%.300s\ninstead of\n%.300s", what, at,
             g_line.n ? g_line.p : "nothing", w_line.n ? w_line.p : "nothing");
}

static void assert_complete(const struct scenario *s, const char *what, long long at)
{
    struct buf now;
    look(s, &now);
    if (!slice_eq(buf_view(&now), buf_view(&after_commit[n_commits])))
        fail_at_difference(what, at, &now, &after_commit[n_commits]);
    buf_free(&now);
}

static void note_commit(struct scenario *s)
{
    assert_true(s->commits < COMMITS_MAX);
    n_commits = s->commits;
    look(s, &after_commit[s->commits]);
}

static struct scenario *begin(bool small_cache)
{
    static struct scenario s;
    struct err e;
    files_remove_tree(scratch_path("store"), &e);
    scenario_init(&s, scratch_folder);
    s.small_cache = small_cache;
    return &s;
}

static void go_on(struct scenario *s)
{
    struct err e;
    for (int step = 0; step < SCENARIO_STEPS; step++)
        if (!scenario_step(s, step, &e))
            fail_msg("step %d: %s", step, e.text);
}

/* The scenario without a fault: how it goes, and how many operations it has. */
static int64_t rehearse(bool small_cache)
{
    for (int i = 0; i < COMMITS_MAX; i++)
        buf_free(&after_commit[i]);
    struct scenario *s = begin(small_cache);
    s->committed = note_commit;
    fault_vfs_arm(FAULT_VFS_POWER, 0, false);
    go_on(s);
    scenario_free(s);
    int64_t operations = fault_vfs_disarm();
    assert_true(operations > 50 && n_commits > 6);
    return operations;
}

/* A transaction whose commit failed may have reached the disk all the same; it is there as a whole
 * or not at all. */
static void assert_kept(const struct scenario *s, const char *what, long long at)
{
    struct buf now;
    const struct buf *reported = &after_commit[s->commits];
    look(s, &now);
    bool more = s->commits < n_commits && slice_eq(buf_view(&now), buf_view(reported + 1));
    if (!more && !slice_eq(buf_view(&now), buf_view(reported)))
        fail_at_difference(what, at, &now, reported);
    buf_free(&now);
}

/* Runs until a step fails twice, or to the end; the second try is what a coordinator does. */
static bool try_all(struct scenario *s)
{
    struct err e = {0}, again = {0};
    for (int step = 0; step < SCENARIO_STEPS; step++) {
        if (scenario_step(s, step, &e) || scenario_step(s, step, &again))
            continue;
        assert_true(e.code != ERR_OK && e.text[0] && again.code != ERR_OK && again.text[0]);
        return false;
    }
    return true;
}

static void one_failure_is_survived(enum fault_vfs_kind kind, bool small_cache, int64_t at)
{
    struct scenario *s = begin(small_cache);
    fault_vfs_arm(kind, at, false);
    bool done = try_all(s);
    fault_vfs_disarm();
    if (!done)
        fail_msg("a failure at operation %lld was not survived", (long long)at);
    scenario_free(s);
    assert_complete(s, "one failure", at);
}

static void an_end_of_writing_is_survived(enum fault_vfs_kind kind, bool small_cache, int64_t at)
{
    struct scenario *s = begin(small_cache);
    fault_vfs_arm(kind, at, true);
    try_all(s);
    scenario_close(s);
    if (kind == FAULT_VFS_POWER)
        fault_vfs_power_back((uint64_t)at);
    else
        fault_vfs_disarm();
    assert_kept(s, kind == FAULT_VFS_POWER ? "power failure" : "failure for ever", at);
    go_on(s);
    scenario_free(s);
    assert_complete(s, "going on after the failure", at);
}

/* Every operation of the scenario in turn, with a cache so small that pages are written all the
 * time; and some with one that holds all of them until the commit, as it is in production. */
static void at_every_operation(void (*survive)(enum fault_vfs_kind, bool, int64_t),
                               enum fault_vfs_kind odd, enum fault_vfs_kind even)
{
    for (int small_cache = 0; small_cache < 2; small_cache++) {
        int64_t operations = rehearse(small_cache);
        for (int64_t at = 1; at <= operations; at += small_cache ? 1 : 5)
            survive(at % 2 ? odd : even, small_cache, at);
    }
}

static void a_failed_write_is_repeated(void **state)
{
    (void)state;
    at_every_operation(one_failure_is_survived, FAULT_VFS_FULL, FAULT_VFS_IOERR);
}

static void a_disk_that_stays_full_or_broken_takes_nothing_that_was_reported(void **state)
{
    (void)state;
    at_every_operation(an_end_of_writing_is_survived, FAULT_VFS_FULL, FAULT_VFS_IOERR);
}

static void a_power_failure_takes_nothing_that_was_reported(void **state)
{
    (void)state;
    at_every_operation(an_end_of_writing_is_survived, FAULT_VFS_POWER, FAULT_VFS_POWER);
}

static int free_notes(void **state)
{
    for (int i = 0; i < COMMITS_MAX; i++)
        buf_free(&after_commit[i]);
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_write_is_repeated),
        cmocka_unit_test(a_disk_that_stays_full_or_broken_takes_nothing_that_was_reported),
        cmocka_unit_test(a_power_failure_takes_nothing_that_was_reported),
    };
    fault_vfs_install();
    return cmocka_run_group_tests(tests, scratch_setup, free_notes);
}
