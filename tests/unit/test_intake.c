/* Intake: seed files into a real store, again, changed, damaged, interrupted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/files.h"
#include "base/outfile.h"
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

static int set_up(void **state)
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

static int tear_down(void **state)
{
    struct fixture *f = *state;
    struct err e;
    assert_true(files_remove_tree(f->dir, &e));
    free(f);
    return 0;
}

static const char *path_in(const struct fixture *f, const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    return path;
}

static void put(struct fixture *f, const char *name, struct slice content)
{
    if (!files_write(path_in(f, name), content, &f->e))
        fail_msg("%s", f->e.text);
}

static void put_text(struct fixture *f, const char *name, const char *content)
{
    put(f, name, slice_of(content));
}

static void want(struct fixture *f, const char *path, const char *format, const char *trust)
{
    assert_true(f->project.seeds.n < MAX_SEEDS);
    f->seeds[f->project.seeds.n++] = (struct project_seeds){path, format, trust};
}

/* steps(f, s, i, max_lines, most): as a coordinator does it; stops after `most` transactions. */
static enum intake_got steps(struct fixture *f, struct store *s, struct intake *i,
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
static enum intake_got import(struct fixture *f, int64_t max_lines, int most)
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

static void import_all(struct fixture *f)
{
    if (import(f, 7, 1 << 20) != INTAKE_DONE)
        fail_msg("%s", f->e.text);
}

/* ask(f, sql): the first column of all rows, one a line; the test's own eyes on the store. */
static const char *ask(struct fixture *f, const char *sql)
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

static void assert_report(const struct fixture *f, struct intake_report r)
{
    const struct intake_report *g = &f->report;
    if (memcmp(g, &r, sizeof r) != 0)
        fail_msg(
            "files %lld unchanged %lld lines %lld added %lld known %lld pairs %lld invalid %lld "
            "waiting %lld",
            (long long)g->files, (long long)g->unchanged, (long long)g->lines, (long long)g->added,
            (long long)g->known, (long long)g->pairs, (long long)g->invalid, (long long)g->waiting);
}

/* The counters must say what a count of the tables says. */
static void assert_counters(struct fixture *f)
{
    static const char *const rows[][2] = {
        {"seeds.total",   "SELECT count(*) FROM seeds"                },
        {"seeds.pairs",   "SELECT count(DISTINCT seed) FROM pairs"    },
        {"seeds.invalid", "SELECT count(*) FROM quarantine"           },
        {"pairs.total",   "SELECT count(*) FROM pairs"                },
        {"pairs.open",    "SELECT count(*) FROM pairs WHERE state = 0"},
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

static void what_a_line_says_is_stored(void **state)
{
    struct fixture *f = *state;
    put_text(
        f, "s.jsonl",
        "{\"id\":7,\"group\":\"g\",\"domain\":\"d\",\"source\":\"s\",\"language\":\"en\","
        "\"system\":\"be\",\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\",\"answer\":\"1\","
        "\"reference\":\"r\",\"rubric\":\"u\",\"trust\":\"human\",\"meta\":{\"x\":1}}\n"
        "{\"prompt\":\"open\"}\n");
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){.files = 1, .lines = 2, .added = 2, .pairs = 1, .waiting = 1});
    assert_ask(f,
               "SELECT name||'|'||group_name||'|'||domain||'|'||source||'|'||language||'|'||answer"
               "||'|'||reference||'|'||rubric||'|'||meta||'|'||importer||'|'||line FROM seeds"
               " WHERE line = 1",
               "7|g|d|s|en|1|r|u|{\"x\":1}|gavel|1");
    assert_ask(f, "SELECT prompt FROM seeds ORDER BY line",
               "[{\"role\":\"system\",\"content\":\"be\"},{\"role\":\"user\",\"content\":\"q\"}]\n"
               "[{\"role\":\"user\",\"content\":\"open\"}]");
    assert_ask(f, "SELECT rank||messages FROM responses ORDER BY rank",
               "0[{\"role\":\"assistant\",\"content\":\"a\"}]\n"
               "1[{\"role\":\"assistant\",\"content\":\"b\"}]");
    assert_ask(f, "SELECT v.trust||evidence FROM v_pairs v JOIN pairs USING (pair)",
               "human{\"kind\":\"declared\",\"trust\":\"human\",\"meta\":{\"x\":1}}");
    assert_counters(f);
}

static void every_bad_line_is_quarantined_with_its_reason(void **state)
{
    struct fixture *f = *state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_str(&b,
            "\xEF\xBB\xBF" PAIR("1") "\n  \r\n" /* 1: fine, after a byte order mark; 2, 3: blank */
                                     "{\"prompt\":\"q\"\n"
                                     "{\"prompt\":\"q\",\"prompt\":\"q\"}\n"
                                     "{\"prompt\":\"q\"} x\n"
                                     "{\"prompt\":\"\xff\"}\n");
    buf_slice(&b, S("{\"prompt\":\"\0\"}\n"));
    buf_str(&b, "{\"prompt\":\"\\u0000\"}\n"
                "{\"answer\":\"q\"}\n"
                "{\"prompt\":1}\n"
                "{\"prompt\":\"\"}\n"
                "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"a\"}\n");
    buf_str(&b, "{\"prompt\":\"");
    for (int i = 0; i < LINE_BYTES; i++)
        buf_char(&b, 'x');
    buf_str(&b, "\"}\n" PAIR("1") PAIR("2") "{\"prompt\":\"no line break at the end\"}");
    put(f, "s.jsonl", buf_view(&b));
    buf_free(&b);
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){
               .files = 1, .lines = 15, .added = 3, .pairs = 2, .invalid = 12, .waiting = 1});
    assert_ask(f,
               "SELECT line||': '||CASE WHEN reason LIKE 'broken JSON%' THEN substr(reason, 1, 23)"
               " ELSE reason END FROM quarantine ORDER BY line",
               "4: broken JSON: at byte 14\n5: broken JSON: the key 'p\n"
               "6: broken JSON: at byte 16\n7: broken JSON: at byte 12\n"
               "8: broken JSON: at byte 12\n9: broken JSON: at byte 12\n"
               "10: no known format has the keys 'answer'\n"
               "11: 'prompt' must be a string or a list of messages, not a number\n"
               "12: 'prompt' is empty\n"
               "13: 'chosen' and 'rejected' are the same\n"
               "14: the line is longer than limits.line_bytes (4096 bytes)\n"
               "15: duplicate of s.jsonl:1");
    assert_ask(f, "SELECT head FROM quarantine WHERE line IN (7, 8)",
               "{\"prompt\":\"\\xff\"}\n{\"prompt\":\"\\u0000\"}");
    assert_ask(f, "SELECT length(head) < 210 FROM quarantine WHERE line = 14", "1");
    assert_ask(f, "SELECT lines||' '||invalid FROM files", "15 12");
    assert_counters(f);
}

static void an_unchanged_file_is_not_read_again(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", PAIR("1") PAIR("2") "bad\n");
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .unchanged = 1});
    assert_ask(f, "SELECT scan FROM files", "1");
    assert_counters(f);
}

static void a_file_that_was_written_again_adds_nothing_twice(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", PAIR("1") PAIR("2") "bad\n");
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    put_text(f, "s.jsonl", PAIR("1") PAIR("2") "bad\n"); /* another inode */
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .lines = 3, .known = 2, .invalid = 1});
    assert_ask(f, "SELECT count(*) FROM quarantine", "1");
    assert_counters(f);
}

static void an_edited_file_brings_what_is_new_and_forgets_old_complaints(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", "bad\n" PAIR("1") PAIR("2") PAIR("1"));
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_ask(f, "SELECT line||reason FROM quarantine WHERE line = 4", "4duplicate of s.jsonl:2");
    put_text(f, "s.jsonl", PAIR("3") PAIR("1") "worse\n" PAIR("2"));
    import_all(f);
    assert_report(f, (struct intake_report){
                         .files = 1, .lines = 4, .added = 1, .known = 2, .pairs = 1, .invalid = 1});
    assert_ask(f, "SELECT line||head FROM quarantine", "3worse");
    assert_ask(f, "SELECT group_concat(line) FROM (SELECT line FROM seeds ORDER BY prompt)",
               "2,4,1");
    assert_counters(f);
}

static void what_is_said_about_a_known_pair_can_be_corrected(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", PAIR("1"));
    want(f, "s.jsonl", "auto", "human");
    import_all(f);
    assert_ask(f, "SELECT trust FROM v_pairs", "human");
    f->seeds[0].trust = "verified"; /* the file is the same, how it is to be read is not */
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .lines = 1, .known = 1});
    assert_ask(f, "SELECT trust FROM v_pairs", "verified");
    assert_ask(f, "SELECT evidence FROM pairs", "{\"kind\":\"declared\",\"trust\":\"verified\"}");
    put_text(f, "s.jsonl",
             "{\"prompt\":\"q1\",\"chosen\":\"a1\",\"rejected\":\"b1\",\"answer\":\"a1\","
             "\"domain\":\"d\"}\n");
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .lines = 1, .known = 1});
    assert_ask(f, "SELECT answer||domain FROM seeds", "a1d");
    assert_counters(f);
}

static void a_record_of_another_file_is_a_duplicate_as_long_as_it_stands_there(void **state)
{
    struct fixture *f = *state;
    put_text(f, "a.jsonl", PAIR("1") PAIR("2"));
    put_text(f, "b.jsonl", PAIR("3") PAIR("1"));
    want(f, "*.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){.files = 2, .lines = 4, .added = 3, .pairs = 3, .invalid = 1});
    assert_ask(f, "SELECT path||line||reason FROM quarantine JOIN files USING (file)",
               "b.jsonl2duplicate of a.jsonl:1");
    put_text(f, "a.jsonl", PAIR("2")); /* moved: no longer in a */
    put_text(f, "b.jsonl", PAIR("3") PAIR("1"));
    import_all(f);
    assert_report(f, (struct intake_report){.files = 2, .lines = 3, .known = 3});
    assert_ask(f,
               "SELECT path||s.line FROM seeds s JOIN files USING (file) WHERE prompt LIKE '%q1%'",
               "b.jsonl2");
    assert_counters(f);
}

static void one_pair_in_two_formats_is_stored_once(void **state)
{
    struct fixture *f = *state;
    put_text(
        f, "s.jsonl",
        "{\"question\":\"q\",\"ground_truth\":\"A: 1\",\"m\":{\"is_correct\":true,\"solution\":"
        "\"A: 1\"},\"n\":{\"is_correct\":false,\"solution\":\"A: 2\"}}\n"
        "{\"prompt\":\"q\",\"chosen\":\"A: 1\",\"rejected\":\"A: 2\"}\n"
        "{\"prompt\":\"q\",\"chosen\":\"A: 1\",\"rejected\":\"A: 2\",\"x\":1}\n"
        "{\"prompt\":\"q\",\"chosen\":\"A: 2\",\"rejected\":\"A: 1\"}\n");
    want(f, "s.jsonl", "auto", "");
    import_all(f);
    assert_report(
        f, (struct intake_report){.files = 1, .lines = 4, .added = 2, .pairs = 2, .invalid = 2});
    assert_counters(f);
}

static void an_import_that_was_cut_off_goes_on_and_doubles_nothing(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl",
             PAIR("1") "bad\n" PAIR("2") PAIR("1") PAIR("3") PAIR("4") "bad\n" PAIR("5"));
    want(f, "s.jsonl", "auto", "");
    for (int most = 1; most <= 4; most++)
        assert_int_equal(import(f, 2, most), INTAKE_MORE);
    assert_counters(f);
    import_all(f);
    assert_report(f, (struct intake_report){
                         .files = 1, .lines = 8, .added = 1, .known = 4, .pairs = 1, .invalid = 3});
    assert_ask(f, "SELECT count(*) FROM pairs", "5");
    assert_ask(f, "SELECT group_concat(line) FROM quarantine", "2,4,7");
    assert_counters(f);
    import_all(f);
    assert_int_equal(f->report.unchanged, 1);
}

static void what_was_rolled_back_is_not_there(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", PAIR("1") PAIR("2"));
    want(f, "s.jsonl", "auto", "");
    struct store *s = store_open(f->store_path, STORE_WRITE, &f->e);
    struct intake *i = intake_new(s, &f->project, NULL, 0, &f->e);
    assert_non_null(i);
    assert_true(store_begin(s, &f->e));
    assert_int_equal(intake_step(i, 100, &f->e), INTAKE_DONE);
    store_rollback(s);
    intake_free(i);
    store_close(s);
    assert_ask(f, "SELECT count(*) FROM seeds", "0");
    import_all(f);
    assert_int_equal(f->report.added, 2);
    assert_counters(f);
}

static void compressed_files_read_the_same(void **state)
{
    static const enum outfile_kind kinds[] = {OUTFILE_GZIP, OUTFILE_ZSTD};
    struct fixture *f = *state;
    for (size_t k = 0; k < 2; k++) {
        char name[32];
        snprintf(name, sizeof name, "s%zu.jsonl%s", k, outfile_suffix(kinds[k]));
        struct outfile *out = outfile_open(path_in(f, name), kinds[k], &f->e);
        assert_non_null(out);
        assert_true(outfile_write(out, k ? S(PAIR("3") PAIR("4")) : S(PAIR("1") PAIR("2")), &f->e));
        assert_true(outfile_close(out, NULL, NULL, &f->e));
    }
    want(f, "s?.jsonl*", "auto", "");
    import_all(f);
    assert_report(f, (struct intake_report){.files = 2, .lines = 4, .added = 4, .pairs = 4});
}

static void a_damaged_file_ends_the_intake_and_keeps_what_was_read(void **state)
{
    struct fixture *f = *state;
    struct outfile *out = outfile_open(path_in(f, "s.jsonl.gz"), OUTFILE_GZIP, &f->e);
    assert_non_null(out);
    for (int i = 0; i < 3000; i++) {
        char line[128];
        int n = snprintf(line, sizeof line, "{\"prompt\":\"q%d %d\"}\n", i * 7919 % 3001, i);
        assert_true(outfile_write(out, (struct slice){line, (size_t)n}, &f->e));
    }
    uint64_t bytes;
    assert_true(outfile_close(out, &bytes, NULL, &f->e));
    assert_int_equal(truncate(path_in(f, "s.jsonl.gz"), (off_t)bytes - 20), 0);
    want(f, "s.jsonl.gz", "auto", "");
    assert_int_equal(import(f, 100, 1 << 20), INTAKE_FAILED);
    assert_non_null(strstr(f->e.text, "s.jsonl.gz"));
    assert_true(f->report.added > 0);
    assert_ask(f, "SELECT size FROM files", "-1");
    assert_counters(f);
    assert_int_equal(import(f, 100, 1 << 20), INTAKE_FAILED); /* read again, not taken for done */
    assert_int_equal(f->report.added, 0);
    assert_true(f->report.known > 0);
}

static void standard_input_is_always_read(void **state)
{
    struct fixture *f = *state;
    put_text(f, "in", PAIR("1") "bad\n");
    want(f, "-", "auto", "");
    int saved = dup(STDIN_FILENO);
    for (int round = 0; round < 2; round++) {
        assert_non_null(freopen(path_in(f, "in"), "r", stdin));
        import_all(f);
        assert_report(f, (struct intake_report){.files = 1,
                                                .lines = 2,
                                                .added = !round,
                                                .known = round,
                                                .pairs = !round,
                                                .invalid = 1});
    }
    dup2(saved, STDIN_FILENO);
    close(saved);
    assert_ask(f, "SELECT path FROM files", "-");
    assert_counters(f);
}

static void a_file_is_one_file_however_it_is_reached(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir(path_in(f, "a[1]"), 0777), 0);
    put_text(f, "a[1]/s.jsonl", PAIR("1"));
    char absolute[600], link_path[600];
    snprintf(absolute, sizeof absolute, "%s", path_in(f, "a[1]/s.jsonl"));
    snprintf(link_path, sizeof link_path, "%s", path_in(f, "linked.jsonl"));
    assert_int_equal(symlink(absolute, link_path), 0);
    want(f, "a[1]/s.jsonl", "gavel", "human");
    want(f, absolute, "auto", "");
    want(f, "linked.jsonl", "auto", "");
    import_all(f);
    assert_report(f, (struct intake_report){.files = 1, .lines = 1, .added = 1, .pairs = 1});
    assert_ask(f, "SELECT path||' '||options FROM files",
               "a[1]/s.jsonl format=gavel trust=human line_bytes=4096");
}

static void a_folder_with_wildcards_in_its_name_is_no_pattern(void **state)
{
    struct fixture *f = *state;
    char dir[600];
    assert_int_equal(mkdir(path_in(f, "p[1]*"), 0777), 0);
    put_text(f, "p[1]*/s1.jsonl", PAIR("1"));
    put_text(f, "p[1]*/s2.jsonl", PAIR("2"));
    snprintf(dir, sizeof dir, "%s", path_in(f, "p[1]*"));
    f->project.dir = dir;
    want(f, "s*.jsonl", "auto", "");
    import_all(f);
    assert_int_equal(f->report.added, 2);
    assert_ask(f, "SELECT path FROM files", "s1.jsonl\ns2.jsonl");
}

static void files_named_by_hand_are_read_as_the_project_says(void **state)
{
    struct fixture *f = *state;
    put_text(f, "s.jsonl", PAIR("1"));
    put_text(f, "other.jsonl", PAIR("2"));
    want(f, "s.jsonl", "auto", "human");
    want(f, "missing-*.jsonl", "auto", "");
    const char *const paths[] = {"other.jsonl", "s.jsonl"};
    struct store *s = store_open(f->store_path, STORE_WRITE, &f->e);
    struct intake *i = intake_new(s, &f->project, paths, 2, &f->e);
    if (!i)
        fail_msg("%s", f->e.text);
    assert_int_equal(steps(f, s, i, 100, 100), INTAKE_DONE);
    assert_int_equal(intake_report(i)->added, 2);
    intake_free(i);
    const char *const nothing[] = {"nothing.jsonl"};
    assert_null(intake_new(s, &f->project, nothing, 1, &f->e));
    assert_int_equal(f->e.code, ERR_USAGE);
    assert_non_null(strstr(f->e.text, "there is no seed file 'nothing.jsonl'"));
    store_close(s);
    assert_ask(f, "SELECT trust FROM v_pairs ORDER BY trust", "human\nsynthetic");
}

static void wrong_seeds_in_the_project_are_refused(void **state)
{
    static const struct {
        struct project_seeds seeds;
        const char *error;
    } rows[] = {
        {{"nothing/*.jsonl", "auto", ""}, "'nothing/*.jsonl' matches no file in "},
        {{"nothing.jsonl", "auto", ""},   "'nothing.jsonl' matches no file"      },
        {{"-", "gavle", ""},
         "unknown format 'gavle' (did you mean 'gavel'?); there are auto, gavel" },
        {{"-", "auto", "sure"},           "unknown trust 'sure'"                 },
    };
    struct fixture *f = *state;
    struct store *s = store_open(f->store_path, STORE_WRITE, &f->e);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        f->project.seeds.n = 0;
        want(f, rows[i].seeds.path, rows[i].seeds.format, rows[i].seeds.trust);
        assert_null(intake_new(s, &f->project, NULL, 0, &f->e));
        assert_int_equal(f->e.code, ERR_USAGE);
        if (!strstr(f->e.text, rows[i].error))
            fail_msg("%s", f->e.text);
    }
    store_close(s);
}

static void a_folder_as_seed_file_is_an_error(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir(path_in(f, "seeds"), 0777), 0);
    want(f, "seeds", "auto", "");
    assert_int_equal(import(f, 10, 10), INTAKE_FAILED);
    assert_non_null(strstr(f->e.text, "seeds"));
}

static void a_pair_s_identity_is_its_content(void **state)
{
    (void)state;
    struct message m[] = {
        {S("user"),      S("q")},
        {S("assistant"), S("a")},
        {S("assistant"), S("b")}
    };
    struct seed_record r = {.n_responses = 2, .has_pair = true, .chosen = 0, .rejected = 1};
    r.prompt = (struct chat){&m[0], 1};
    r.responses[0].chat = (struct chat){&m[1], 1};
    r.responses[1].chat = (struct chat){&m[2], 1};
    struct id first = seeds_pair_id(&r);
    r.name = S("another id");
    r.trust = TRUST_VERIFIED;
    struct id same = seeds_pair_id(&r);
    r.chosen = 1;
    r.rejected = 0;
    struct id turned = seeds_pair_id(&r);
    assert_true(id_eq(&first, &same));
    assert_false(id_eq(&first, &turned));
}

static void the_real_gsm8k_solutions_give_731_pairs(void **state)
{
    struct fixture *f = *state;
    const char *shared = getenv("GAVEL_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/data/gsm8k/example_model_solutions.jsonl",
             shared ? shared : "");
    if (!shared || access(path, R_OK) != 0) {
        printf("skipped: GAVEL_SHARED does not name a folder with data/gsm8k\n");
        skip();
    }
    f->project.limits.line_bytes = 4 << 20;
    want(f, path, "auto", "");
    import_all(f);
    assert_report(f, (struct intake_report){
                         .files = 1, .lines = 1319, .added = 1319, .pairs = 731, .waiting = 588});
    assert_ask(f, "SELECT count(*) FROM pairs WHERE trust = 2", "731");
    assert_ask(f, "SELECT count(*) FROM responses", "5276");
    assert_ask(f, "SELECT count(*) FROM quarantine", "0");
    assert_counters(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_line_says_is_stored),
        TEST(every_bad_line_is_quarantined_with_its_reason),
        TEST(an_unchanged_file_is_not_read_again),
        TEST(a_file_that_was_written_again_adds_nothing_twice),
        TEST(an_edited_file_brings_what_is_new_and_forgets_old_complaints),
        TEST(what_is_said_about_a_known_pair_can_be_corrected),
        TEST(a_record_of_another_file_is_a_duplicate_as_long_as_it_stands_there),
        TEST(one_pair_in_two_formats_is_stored_once),
        TEST(an_import_that_was_cut_off_goes_on_and_doubles_nothing),
        TEST(what_was_rolled_back_is_not_there),
        TEST(compressed_files_read_the_same),
        TEST(a_damaged_file_ends_the_intake_and_keeps_what_was_read),
        TEST(standard_input_is_always_read),
        TEST(a_file_is_one_file_however_it_is_reached),
        TEST(a_folder_with_wildcards_in_its_name_is_no_pattern),
        TEST(files_named_by_hand_are_read_as_the_project_says),
        TEST(wrong_seeds_in_the_project_are_refused),
        TEST(a_folder_as_seed_file_is_an_error),
        TEST(a_pair_s_identity_is_its_content),
        TEST(the_real_gsm8k_solutions_give_731_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
