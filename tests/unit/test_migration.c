/* A store of an older version: brought up to date in one piece, and read as if it had always been
 * so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <string.h>

#include "coordinator/store/migrations.h"
#include "coordinator/store/release_view.h"
#include "coordinator/store/rollouts.h"
#include "tests/lib/scratch.h"

/* Two pairs as the first version stored them: one accepted with two of three right, one open. */
static const char old_rows[] =
    "INSERT INTO recipes VALUES (1, zeroblob(16), '{\"model\":\"m\"}');"
    "INSERT INTO rules VALUES (1, zeroblob(16), '{\"k\":1}');"
    "INSERT INTO runs VALUES (1, 5, 6, 'complete', 0, 'host', 1, '0.1.0', 1, 1, '{}');"
    "INSERT INTO endpoints VALUES (1, 'teacher', 'http://h/v1', 'm');"
    "INSERT INTO files (file, path) VALUES (1, 'seeds.jsonl');"
    "INSERT INTO seeds VALUES (1, zeroblob(16), 'one', 1, 1, 1, 'gavel', 'g', 'math', 'web', 'en',"
    " '', '[]', 7, '', 'ref', 'rub', ''),"
    " (2, x'01', 'two', 1, 2, 1, 'gavel', '', '', '', '', '', '[]', 8, '', '', '', '');"
    "INSERT INTO responses VALUES (1, 1, 0, '', '[\"good\"]'), (2, 1, 1, '', '[\"bad\"]'),"
    " (3, 2, 0, '', '[]'), (4, 2, 1, '', '[]');"
    "INSERT INTO pairs VALUES (1, x'000102030405060708090a0b0c0d0e0f', 1, 1, 2, 2, '{}', 1, 1),"
    " (2, x'100102030405060708090a0b0c0d0e0f', 2, 3, 4, 0, '{}', 0, NULL);"
    "INSERT INTO calls VALUES"
    " (1, 1, 1, 0, 0, 0, 1, 1, 200, 0, 1, 'm', '', 10, 20, 0, 0, 1, 1, 1),"
    " (2, 1, 1, 1, 0, 0, 2, 1, 200, 0, 1, 'm', '', 10, 30, 0, 0, 1, 1, 1),"
    " (3, 1, 1, 1, 1, 0, 3, 1, 200, 1, 1, 'm', '', 10, 40, 0, 0, 1, 1, 1);"
    "INSERT INTO texts VALUES (1, 'thinking', 'A'), (2, 'again', 'B'), (3, 'cut', '');"
    "INSERT INTO rollouts VALUES (1, 1, 0, 0, 1, 0, 0, ''), (1, 1, 1, 0, 2, 1, 0, ''),"
    " (1, 1, 1, 1, 3, 7, 3, '');"
    "INSERT INTO decisions VALUES (1, 1, 1, 1, 1, 1, 1, '', 9);"
    "INSERT INTO counters VALUES ('calls.done', 3), ('cost.nano_usd', 11), ('tokens.prompt', 30),"
    " ('tokens.completion', 90), ('rollouts.total', 3), ('rollouts.correct', 2),"
    " ('rollouts.no_verdict', 1), ('pairs.accepted', 1), ('pairs.open', 1);"
    "PRAGMA user_version = 1;";

static void run(const char *path, const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static const char *old_store(void)
{
    static char path[512];
    static int n;
    char name[32];
    snprintf(name, sizeof name, "old-%d.db", n++);
    snprintf(path, sizeof path, "%s", scratch_path(name));
    run(path, store_migrations[0]);
    run(path, old_rows);
    return path;
}

static struct store *brought_up_to_date(const char *path)
{
    struct err e;
    struct store *s = store_open(path, STORE_WRITE, &e);
    if (!s)
        fail_msg("%s", e.text);
    return s;
}

static int add_row(void *text, int n, char **values, char **names)
{
    (void)names;
    for (int i = 0; i < n; i++)
        buf_addf(text, "%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
    buf_char(text, '\n');
    return 0;
}

static void assert_rows(const char *path, const char *sql, const char *expect)
{
    sqlite3 *db;
    struct buf text;
    buf_init(&text, 65536);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, add_row, &text, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_string_equal(buf_cstr(&text), expect);
    buf_free(&text);
}

static void an_old_store_is_read_only_after_a_run_has_brought_it_up_to_date(void **state)
{
    (void)state;
    struct err e;
    const char *path = old_store();
    assert_null(store_open(path, STORE_READ, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, "the next `gavel run` brings it up to date"));
    store_close(brought_up_to_date(path));
    store_close(brought_up_to_date(path)); /* once is enough */
    struct store *reader = store_open(path, STORE_READ, &e);
    assert_non_null(reader);
    store_close(reader);
}

static void old_rollouts_are_of_one_call_without_scores(void **state)
{
    (void)state;
    struct err e;
    struct arena arena;
    struct ledger_rollout known[8];
    struct ledger_unfinished begun[8];
    struct history h;
    size_t n;
    arena_init(&arena, 1 << 20);
    struct store *s = brought_up_to_date(old_store());
    assert_true(ledger_rollouts(s, 1, 1, known, 8, &n, &e));
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++)
        assert_true(known[i].score_a == SCORE_NONE && known[i].score_b == SCORE_NONE);
    assert_true(ledger_unfinished(s, 1, 1, begun, 8, &n, &e));
    assert_int_equal(n, 0);
    assert_true(ledger_history(s, 1, 1, LANE_REJECTED_FIRST, 0, -1, &h, &arena, &e));
    assert_true(slice_is(h.thought, "again") && slice_is(h.answer, "B"));
    assert_int_equal(h.n, 2);
    assert_true(h.segments[0].bytes == 5 && !h.segments[0].in_answer);
    assert_true(h.segments[1].bytes == 1 && h.segments[1].in_answer);
    assert_true(h.first == VERDICT_B && h.verdict == VERDICT_B && h.tokens == 30);
    assert_true(h.segments[1].origin == ORIGIN_TEACHER && h.segments[1].verdict == VERDICT_B);
    assert_true(ledger_history(s, 1, 1, LANE_REJECTED_FIRST, 1, 0, &h, &arena, &e));
    assert_true(h.n == 1 && h.verdict == VERDICT_TRUNCATED && h.finish == FINISH_LENGTH);
    store_close(s);
    arena_free(&arena);
}

static void note_accepted(void *context, const struct ledger_accepted *a)
{
    *(struct ledger_accepted *)context = *a;
}

static void old_totals_are_the_teachers(void **state)
{
    (void)state;
    struct err e;
    struct ledger_accepted a = {0};
    struct store *s = brought_up_to_date(old_store());
    assert_true(ledger_accepted(s, note_accepted, &a, &e));
    assert_int_equal(a.n, 1);
    assert_true(a.pass > 0.66 && a.pass < 0.67);
    assert_true(a.trust == TRUST_VERIFIED && a.domain == ledger_name(S("math")) &&
                a.source == ledger_name(S("web")));
    static const struct {
        const char *name;
        int64_t value;
    } expect[] = {
        {"calls.kind.teacher", 3},
        {"cost.kind.teacher", 11},
        {"tokens.kind.teacher.prompt", 30},
        {"tokens.kind.teacher.completion", 90},
        {"rollouts.kind.teacher.correct", 2},
        {"rollouts.kind.teacher.no_verdict", 1},
        {"rollouts.kind.teacher.tie", 0},
    };
    for (size_t i = 0; i < sizeof expect / sizeof expect[0]; i++)
        assert_int_equal(store_counter(s, expect[i].name), expect[i].value);
    store_close(s);
}

static void an_export_reads_old_pairs(void **state)
{
    (void)state;
    struct err e;
    struct release_pair p;
    struct store *s = brought_up_to_date(old_store());
    struct release_view *v = release_view_open(s, &e);
    assert_non_null(v);
    assert_int_equal(release_view_next(v, &p, &e), 1);
    assert_true(p.state == STATE_ACCEPTED && p.n_rollouts == 3);
    assert_true(slice_is(p.reference, "ref") && slice_is(p.rubric, "rub"));
    for (size_t i = 0; i < p.n_rollouts; i++) {
        const struct release_rollout *r = &p.rollouts[i];
        assert_true(r->first == r->verdict && r->cues == 0 && r->format == FORMAT_VERDICT);
        assert_true(r->segments.n == 0 && r->score_a == SCORE_NONE && !r->hinted);
        assert_int_equal(r->check, RELEASE_UNCHECKED);
    }
    assert_int_equal(release_view_next(v, &p, &e), 1);
    assert_int_equal(p.state, STATE_OPEN);
    release_view_close(v);
    store_close(s);
}

static void the_documented_views_read_old_rows(void **state)
{
    (void)state;
    const char *path = old_store();
    store_close(brought_up_to_date(path));
    assert_rows(
        path,
        "SELECT pair_id, seat, \"order\", rollout, format, verdict, outcome, score_a, first,"
        " cues, trace_tokens FROM v_rollouts ORDER BY call",
        "000102030405060708090a0b0c0d0e0f|teacher|chosen_first|0|verdict|A|correct|NULL|A|0"
        "|20\n"
        "000102030405060708090a0b0c0d0e0f|teacher|rejected_first|0|verdict|B|correct|NULL|B"
        "|0|30\n"
        "000102030405060708090a0b0c0d0e0f|teacher|rejected_first|1|verdict|truncated|"
        "no_verdict|NULL|truncated|0|40\n");
    assert_rows(path, "SELECT call, step, ask, verdict, finish, is_last FROM v_calls ORDER BY call",
                "1|0|judge|A|stop|1\n2|0|judge|B|stop|1\n3|0|judge|truncated|length|1\n");
    assert_rows(path, "SELECT thought, answer, segments FROM v_traces WHERE call = 1",
                "thinking|A|\n");
    assert_rows(path, "SELECT recipe, seat, first, last, cues, rollouts FROM v_flips",
                "1|teacher|correct|correct|0|2\n1|teacher|no_verdict|no_verdict|0|1\n");
    assert_rows(path, "SELECT state, reason FROM v_pairs ORDER BY pair",
                "accepted|accepted\nopen|NULL\n");
}

static void a_migration_that_fails_changes_nothing(void **state)
{
    (void)state;
    struct err e;
    const char *path = old_store();
    run(path, "CREATE TABLE accepted (in_the_way INTEGER)");
    assert_null(store_open(path, STORE_WRITE, &e));
    assert_non_null(strstr(e.text, "accepted"));
    assert_rows(path, "PRAGMA user_version", "1\n");
    assert_rows(path, "SELECT count(*) FROM pragma_table_info('calls')", "20\n");
    assert_rows(path, "SELECT count(*) FROM v_traces", "3\n");
    run(path, "DROP TABLE accepted");
    store_close(brought_up_to_date(path));
    int newest = 0;
    char version[16];
    while (store_migrations[newest])
        newest++;
    snprintf(version, sizeof version, "%d\n", newest);
    assert_rows(path, "PRAGMA user_version", version);
}

/* What SQLite cannot show by itself in one CREATE: an old store and a new one end up the same. */
static void an_old_store_becomes_what_a_new_one_is(void **state)
{
    (void)state;
    static const char *const tables[] = {"runs",       "recipes",  "calls", "texts", "rollouts",
                                         "decisions",  "accepted", "pairs", "seeds", "responses",
                                         "quarantine", "samples",  "checks"};
    char sql[256], fresh[512];
    snprintf(fresh, sizeof fresh, "%s", scratch_path("fresh.db"));
    const char *old = old_store();
    store_close(brought_up_to_date(old));
    store_close(brought_up_to_date(fresh));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        sqlite3 *db;
        struct buf text;
        buf_init(&text, 65536);
        snprintf(sql, sizeof sql, "SELECT name, type, dflt_value FROM pragma_table_info('%s')",
                 tables[i]);
        assert_int_equal(sqlite3_open(fresh, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, add_row, &text, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_true(buf_view(&text).n > 0);
        assert_rows(old, sql, buf_cstr(&text));
        buf_free(&text);
    }
}

/* Prompts that came without answers were kept before they could be built; answers without a pair
 * (a tie) are no such prompts. */
static void old_prompts_without_a_pair_are_to_be_built(void **state)
{
    (void)state;
    const char *path = old_store();
    run(path,
        "INSERT INTO seeds VALUES (3, x'03', '', 1, 3, 1, 'gavel', '', '', '', '', '', '[]', 9,"
        " '4', '', '', ''), (4, x'04', '', 1, 4, 1, 'gavel', '', '', '', '', '', '[]', 9, '', '',"
        " '', ''), (5, x'05', '', 1, 5, 1, 'gavel', '', '', '', '', '', '[]', 9, '', '', '', '');"
        "INSERT INTO responses VALUES (5, 5, 0, '', '[]'), (6, 5, 0, '', '[]');");
    struct store *s = brought_up_to_date(path);
    assert_int_equal(store_counter(s, "builds.open"), 2);
    store_close(s);
    assert_rows(path, "SELECT seed, build, build_reason, answer_kind FROM seeds ORDER BY seed",
                "1|0|0|\n2|0|0|\n3|1|0|\n4|1|0|\n5|0|0|\n");
    assert_rows(path, "SELECT seed, build, samples, pairs FROM v_builds",
                "3|open|0|0\n4|open|0|0\n");
    assert_rows(path, "SELECT count(*) FROM v_samples", "0\n");
    path = old_store(); /* no such prompt, no counter */
    s = brought_up_to_date(path);
    assert_int_equal(store_counter(s, "builds.open"), 0);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_store_is_read_only_after_a_run_has_brought_it_up_to_date),
        cmocka_unit_test(old_rollouts_are_of_one_call_without_scores),
        cmocka_unit_test(old_totals_are_the_teachers),
        cmocka_unit_test(an_export_reads_old_pairs),
        cmocka_unit_test(the_documented_views_read_old_rows),
        cmocka_unit_test(a_migration_that_fails_changes_nothing),
        cmocka_unit_test(an_old_store_becomes_what_a_new_one_is),
        cmocka_unit_test(old_prompts_without_a_pair_are_to_be_built),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
