/* No question that a run or an export asks of the store reads a whole table that grows with it:
 * SQLite's own plans of every statement say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coordinator/store/release_view.h"
#include "coordinator/store/rollouts.h"
#include "coordinator/store/store_private.h" /* for its statements */
#include "tests/lib/ledger_fixture.h"
#include "tests/lib/scratch.h"

static struct ledger_fixture f;

static void must(bool ok, const struct err *e)
{
    fixture_must(ok, e);
}

static void count_one(void *context, const struct ledger_accepted *a)
{
    (void)a;
    ++*(int *)context;
}

static void write_everything(void)
{
    static const char everybody[] =
        "endpoints:\n"
        "  - {url: \"http://127.0.0.1:1/v1\", model: teacher-1}\n"
        "  - {role: checker, url: \"http://127.0.0.1:3/v1\", model: checker-1}\n"
        "  - {role: student, url: \"http://127.0.0.1:4/v1\", model: student-1}\n"
        "hint: {share: 0.2}\n";
    struct err e;
    fixture_open(&f, scratch_path("plans.db"), everybody);
    must(store_begin(f.store, &e), &e);
    for (int i = 0; i < 3; i++) {
        uint64_t pair = fixture_add_pair(&f, &(struct fixture_pair){.domain = "math"});
        fixture_judge(&f, pair, "AA BB");
        fixture_add_rollout(&f, pair, &(struct fixture_rollout){.k = 4, .cues = 2});
        for (int lane = LANE_CHOSEN_ONLY; lane < LANE_COUNT; lane++)
            fixture_add_rollout(&f, pair,
                                &(struct fixture_rollout){.lane = (enum lane)lane,
                                                          .verdict = VERDICT_SCORE,
                                                          .scored = true,
                                                          .score_a = lane});
        fixture_decide(&f, pair, STATE_ACCEPTED, i ? REASON_ACCEPTED : REASON_HINTED);
    }
    must(store_commit(f.store, &e), &e);
}

static void ask_what_a_run_asks(void)
{
    struct err e;
    struct ledger_pair pairs[4];
    struct ledger_rollout known[16];
    struct ledger_unfinished begun[16];
    struct ledger_task task;
    struct history h;
    struct flip_counts flips;
    int64_t recipe = f.run.recipes[0];
    int accepted = 0;
    size_t n;
    must(ledger_open_pairs(f.store, 0, pairs, 4, &n, &e), &e);
    must(ledger_recent_pairs(f.store, pairs, 4, &n, &e), &e);
    assert_false(ledger_is_open(f.store, 1, &pairs[0].id, &pairs[1]));
    must(ledger_rollouts(f.store, 1, recipe, known, 16, &n, &e), &e);
    must(ledger_unfinished(f.store, 1, recipe, begun, 16, &n, &e), &e);
    must(ledger_history(f.store, 1, recipe, 0, 4, -1, &h, &f.arena, &e), &e);
    must(ledger_reflections(f.store, recipe, &flips, &e), &e);
    must(ledger_task(f.store, 1, &task, &f.arena, &e), &e);
    must(ledger_accepted(f.store, count_one, &accepted, &e), &e);
    assert_int_equal(accepted, 1);
    assert_true(ledger_has_call(f.store, recipe, (struct call_key){.row = 1}));
}

static void ask_what_redeciding_and_exporting_ask(void)
{
    struct err e;
    struct ledger_text_row rows[16];
    struct ledger_decided judged[4];
    struct ledger_item item;
    struct release_pair p;
    int64_t recipe = f.run.recipes[0];
    size_t n;
    must(ledger_text_rows(f.store, 0, rows, 16, &n, &f.arena, &e), &e);
    must(store_begin(f.store, &e), &e);
    must(ledger_set_filter(f.store, &rows[0], "length", &e), &e);
    must(store_commit(f.store, &e), &e);
    must(ledger_judged_after(f.store, recipe, 0, judged, 4, &n, &e), &e);
    must(ledger_kept(f.store, 1, recipe, &item, &f.arena, &e), &e);
    struct release_view *v = release_view_open(f.store, &e);
    must(v != NULL, &e);
    for (int i = 0; i < 3; i++)
        must(release_view_next(v, &p, &e) == 1, &e);
    release_view_close(v);
}

/* Tables that stay small. The names in a plan are those the statement gives them. */
static bool is_small(const char *table, const char *sql)
{
    static const char *const small[] = {"runs", "accepted", "counters", "workers", "CONSTANT"};
    if (strcmp(table, "r") == 0)
        return strstr(sql, "FROM runs r ") != NULL;
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
        if (strncmp(table, small[i], strlen(small[i])) == 0)
            return true;
    return false;
}

static void check_plan(const char *sql)
{
    struct buf explain;
    sqlite3_stmt *st;
    buf_init(&explain, 65536);
    buf_addf(&explain, "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(f.store->db, buf_cstr(&explain), -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(st, 3);
        if (strncmp(step, "SCAN ", 5) == 0 && !is_small(step + 5, sql))
            fail_msg("%s\n%s", sql, step);
    }
    sqlite3_finalize(st);
    buf_free(&explain);
}

static void no_statement_reads_a_whole_table(void **state)
{
    (void)state;
    write_everything();
    ask_what_a_run_asks();
    ask_what_redeciding_and_exporting_ask();
    assert_true(f.store->n_statements > 40);
    for (size_t i = 0; i < f.store->n_statements; i++)
        check_plan(f.store->statements[i].sql);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_statement_reads_a_whole_table),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
