/* intake_fixture: a folder with a project and a store of its own, and eyes on what an intake
 * stored. */
#ifndef TESTS_INTAKE_FIXTURE_H
#define TESTS_INTAKE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/files.h"
#include "coordinator/imports/intake.h"

#define LINE_BYTES 4096
#define MAX_SEEDS 4

struct fixture {
    char dir[256];
    char store_path[300];
    struct project project;
    struct project_seeds seeds[MAX_SEEDS];
    struct intake_report report;
    struct err e;
};

static inline int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    const char *base = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/gavel-intake-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->store_path, sizeof f->store_path, "%s/judge.db", f->dir);
    f->project.dir = f->dir;
    f->project.limits.line_bytes = LINE_BYTES;
    f->project.seeds.items = f->seeds;
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    struct err e;
    assert_true(files_remove_tree(f->dir, &e));
    free(f);
    return 0;
}

static inline const char *path_in(const struct fixture *f, const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    return path;
}

static inline void put(struct fixture *f, const char *name, struct slice content)
{
    if (!files_write(path_in(f, name), content, &f->e))
        fail_msg("%s", f->e.text);
}

static inline void put_text(struct fixture *f, const char *name, const char *content)
{
    put(f, name, slice_of(content));
}

static inline void want(struct fixture *f, const char *path, const char *format, const char *trust)
{
    assert_true(f->project.seeds.n < MAX_SEEDS);
    f->seeds[f->project.seeds.n++] = (struct project_seeds){path, format, trust, ""};
}

/* steps(f, s, i, max_lines, most): as a coordinator does it; stops after `most` transactions. */
static inline enum intake_got steps(struct fixture *f, struct store *s, struct intake *i,
                                    int64_t max_lines, int most)
{
    enum intake_got got = INTAKE_MORE;
    for (int n = 0; got == INTAKE_MORE && n < most; n++) {
        assert_true(store_begin(s, &f->e));
        got = intake_step(i, max_lines, &f->e);
        struct err e;
        assert_true(store_commit(s, &e));
    }
    return got;
}

/* import(f, max_lines, most): one process: opens the store, reads, closes it. */
static inline enum intake_got import(struct fixture *f, int64_t max_lines, int most)
{
    struct store *s = store_open(f->store_path, STORE_WRITE, &f->e);
    if (!s)
        fail_msg("%s", f->e.text);
    struct intake *i = intake_new(s, &f->project, NULL, 0, &f->e);
    if (!i)
        fail_msg("%s", f->e.text);
    enum intake_got got = steps(f, s, i, max_lines, most);
    f->report = *intake_report(i);
    intake_free(i);
    store_close(s);
    return got;
}

static inline void import_all(struct fixture *f)
{
    if (import(f, 7, 1 << 20) != INTAKE_DONE)
        fail_msg("%s", f->e.text);
}

/* ask(f, sql): the first column of all rows, one a line; the test's own eyes on the store. */
static inline const char *ask(struct fixture *f, const char *sql)
{
    static char text[8192];
    sqlite3 *db;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open_v2(f->store_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    size_t n = 0;
    text[0] = '\0';
    while (sqlite3_step(st) == SQLITE_ROW && n < sizeof text)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? "\n" : "",
                              (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    sqlite3_close(db);
    return text;
}

#define assert_ask(f, sql, wanted) assert_string_equal(ask(f, sql), wanted)

static inline void assert_report(const struct fixture *f, struct intake_report r)
{
    const struct intake_report *g = &f->report;
    assert_int_equal(g->first_bad[0] != '\0', g->invalid > 0);
    int64_t rows = g->paired + g->invalid;
    for (int i = 0; i < SEED_REASON_COUNT; i++)
        rows += g->without[i];
    assert_int_equal(rows, g->lines); /* nothing is lost, and nothing counted twice */
    if (memcmp(g, &r, offsetof(struct intake_report, paired)) != 0)
        fail_msg(
            "files %lld unchanged %lld lines %lld added %lld known %lld pairs %lld invalid %lld "
            "waiting %lld",
            (long long)g->files, (long long)g->unchanged, (long long)g->lines, (long long)g->added,
            (long long)g->known, (long long)g->pairs, (long long)g->invalid, (long long)g->waiting);
}

/* The counters must say what a count of the tables says. */
static inline void assert_counters(struct fixture *f)
{
    static const char *const rows[][2] = {
        {"seeds.total", "SELECT count(*) FROM seeds"},
        {"seeds.pairs", "SELECT count(DISTINCT seed) FROM pairs"},
        {"seeds.invalid", "SELECT count(*) FROM quarantine"},
        {"pairs.total", "SELECT count(*) FROM pairs"},
        {"pairs.open", "SELECT count(*) FROM pairs WHERE state = 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char sql[256], counted[32];
        snprintf(counted, sizeof counted, "%s", ask(f, rows[i][1]));
        snprintf(sql, sizeof sql, "SELECT coalesce(sum(value), 0) FROM counters WHERE name = '%s'",
                 rows[i][0]);
        assert_ask(f, sql, counted);
    }
}

#define PAIR(n) "{\"prompt\":\"q" n "\",\"chosen\":\"a" n "\",\"rejected\":\"b" n "\"}\n"

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
