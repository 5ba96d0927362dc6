/* Which files an intake reads, and when: globs, links, standard input, compressed, damaged ones. */
#include "tests/lib/intake_fixture.h"

#include <sys/stat.h>

#include "base/outfile.h"

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
        {{"nothing/*.jsonl", "auto", "", ""}, "'nothing/*.jsonl' matches no file in "},
        {{"nothing.jsonl", "auto", "", ""},   "'nothing.jsonl' matches no file"      },
        {{"-", "gavle", "", ""},
         "unknown format 'gavle' (did you mean 'gavel'?); there are auto, arena" },
        {{"-", "auto", "sure", ""},           "unknown trust 'sure'"                 },
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
    struct store *s = store_open(f->store_path, STORE_WRITE, &f->e);
    assert_null(intake_new(s, &f->project, NULL, 0, &f->e));
    assert_int_equal(f->e.code, ERR_USAGE);
    assert_non_null(strstr(f->e.text, "'seeds' is a folder"));
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unchanged_file_is_not_read_again),
        TEST(a_file_that_was_written_again_adds_nothing_twice),
        TEST(compressed_files_read_the_same),
        TEST(a_damaged_file_ends_the_intake_and_keeps_what_was_read),
        TEST(standard_input_is_always_read),
        TEST(a_file_is_one_file_however_it_is_reached),
        TEST(a_folder_with_wildcards_in_its_name_is_no_pattern),
        TEST(files_named_by_hand_are_read_as_the_project_says),
        TEST(wrong_seeds_in_the_project_are_refused),
        TEST(a_folder_as_seed_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
