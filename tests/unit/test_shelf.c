/* How releases stand on their shelf: one takes the place of another, and nothing half is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "tests/lib/release_fixture.h"

static void a_new_release_takes_the_place_of_the_old_which_stays(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report first, second;
    begin(&f, "");
    add_pairs(&f, 3, "AAA BBB");
    commit(&f);
    export_or_die(&f, out, &first);
    begin_again(&f);
    add_pairs(&f, 2, "AAA BBB");
    commit(&f);
    export_or_die(&f, out, &second);
    assert_false(second.unchanged);
    assert_string_not_equal(first.path, second.path);
    assert_true(verifies(first.path) && verifies(second.path));
    assert_true(same_file(within(out, "manifest.json"), within(second.path, "manifest.json")));
    char parent[64];
    snprintf(parent, sizeof parent, "\"parent\":\"%s\"", strrchr(first.path, '/') + 1);
    assert_true(holds(within(out, "manifest.json"), parent));
    assert_true(holds(within(first.path, "manifest.json"), "\"parent\":\"\""));
    assert_int_equal(leftovers(out), 0);
    fixture_close(&f);
}

/* Reads through DIR as often as it can; counts what it could not read. */
struct reader {
    atomic_bool stop;
    atomic_int reads, failures;
};

static void *read_always(void *context)
{
    struct reader *r = context;
    char path[600];
    snprintf(path, sizeof path, "%s/manifest.json", out);
    while (!atomic_load(&r->stop)) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        atomic_fetch_add(&r->reads, 1);
        if (fd < 0)
            atomic_fetch_add(&r->failures, 1);
        else
            close(fd);
    }
    return NULL;
}

static void a_reader_finds_a_whole_release_at_every_moment(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    struct reader r = {0};
    pthread_t thread;
    begin(&f, "");
    commit(&f);
    export_or_die(&f, out, &report);
    assert_int_equal(pthread_create(&thread, NULL, read_always, &r), 0);
    for (int i = 0; i < 12; i++) {
        begin_again(&f);
        add_pairs(&f, 1, "AAA BBB");
        commit(&f);
        export_or_die(&f, out, &report);
        assert_false(report.unchanged);
    }
    while (atomic_load(&r.reads) == 0)
        ;
    atomic_store(&r.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&r.failures), 0);
    fixture_close(&f);
}

static void what_a_killed_export_left_is_removed(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report first, again;
    struct err e;
    begin(&f, "");
    add_pairs(&f, 3, "AAA BBB");
    commit(&f);
    export_or_die(&f, out, &first);
    char releases[600], half[700], link[700];
    snprintf(releases, sizeof releases, "%s.releases", out);
    snprintf(half, sizeof half, "%s/.tmp-123/sft", releases);
    snprintf(link, sizeof link, "%s.tmp-link", out);
    fixture_must(files_mkdirs(half, &e), &e);
    fixture_must(files_write(within(half, "train-00000.part"), S("{\"ha"), &e), &e);
    assert_int_equal(symlink("nowhere", link), 0);
    begin_again(&f);
    add_pairs(&f, 1, "AAA BBB");
    commit(&f);
    export_or_die(&f, out, &again);
    assert_int_equal(leftovers(out), 0);
    assert_true(verifies(out));
    fixture_close(&f);
}

static void a_damaged_release_is_made_anew(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report first, again;
    struct err e;
    begin(&f, "export: {formats: [rl], split: {train: 1}}\n");
    add_pairs(&f, 3, "AAA BBB");
    commit(&f);
    export_or_die(&f, out, &first);
    fixture_must(files_write(within(first.path, "rl/train-00000-of-00001.jsonl"), S("{}\n"), &e),
                 &e);
    assert_false(verifies(out));
    export_or_die(&f, out, &again);
    assert_false(again.unchanged);
    assert_string_equal(first.path, again.path);
    assert_true(verifies(out));
    assert_true(holds(within(out, "manifest.json"), "\"parent\":\"\""));
    assert_int_equal(leftovers(out), 0);
    fixture_close(&f);
}

static void a_release_that_was_left_is_shown_again(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report a, b, back;
    begin(&f, "export: {formats: [rl], split: {train: 1}}\n");
    add_pairs(&f, 3, "AAA BBB");
    commit(&f);
    export_or_die(&f, out, &a);
    fixture_project(&f, "export: {formats: [sft], split: {train: 1}}\n");
    export_or_die(&f, out, &b);
    fixture_project(&f, "export: {formats: [rl], split: {train: 1}}\n");
    export_or_die(&f, out, &back);
    assert_string_equal(a.path, back.path);
    assert_false(back.unchanged);
    assert_true(verifies(out) && exists(within(out, "rl")) && !exists(within(out, "sft")));
    fixture_close(&f);
}

static void what_no_export_made_is_left_alone(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    struct err e;
    begin(&f, "");
    add_pairs(&f, 1, "AAA BBB");
    commit(&f);
    fixture_must(files_mkdirs(within(out, "mine"), &e), &e);
    assert_false(release_write(f.store, &f.project, out, &report, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, "move it away"));
    assert_true(exists(within(out, "mine")));
    f.project.export.dir = out;
    assert_false(release_check(&f.project, &e));
    assert_non_null(strstr(e.text, "move it away"));
    f.project.export.dir = "";
    assert_true(release_check(&f.project, &e));

    char link[600];
    snprintf(link, sizeof link, "%s-link", out);
    assert_int_equal(symlink("/somewhere/else", link), 0);
    assert_false(release_write(f.store, &f.project, link, &report, &e));
    assert_non_null(strstr(e.text, "/somewhere/else"));
    static const char *const wrong[] = {"/", ".", "..", "x/.."};
    for (size_t i = 0; i < 4; i++)
        assert_false(release_write(f.store, &f.project, wrong[i], &report, &e));
    assert_false(release_write(f.store, &f.project, NULL, &report, &e));
    assert_non_null(strstr(e.text, "--out"));
    fixture_close(&f);
}

static void two_exports_to_one_folder_exclude_each_other(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report report;
    struct err e;
    begin(&f, "");
    commit(&f);
    export_or_die(&f, out, &report);
    char path[600];
    snprintf(path, sizeof path, "%s.releases/.lock", out);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_false(release_write(f.store, &f.project, out, &report, &e));
    assert_int_equal(e.code, ERR_BUSY);
    close(fd);
    export_or_die(&f, out, &report);
    fixture_close(&f);
}

/* The system refuses to let a file grow past a limit, as a full disk would. */
static void an_export_that_cannot_write_leaves_the_old_release(void **state)
{
    (void)state;
    struct ledger_fixture f;
    struct release_report first, report;
    struct err e;
    begin(&f, "");
    add_pairs(&f, 2, "AAA BBB");
    commit(&f);
    export_or_die(&f, out, &first);
    begin_again(&f);
    add_pairs(&f, 200, "AAA BBB");
    commit(&f);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 64 * 1024;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool ok = release_write(f.store, &f.project, out, &report, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(ok);
    assert_non_null(strstr(e.text, "nothing there has changed"));
    assert_true(verifies(out));
    assert_true(same_file(within(out, "manifest.json"), within(first.path, "manifest.json")));
    assert_int_equal(leftovers(out), 0);
    export_or_die(&f, out, &report);
    assert_true(verifies(out));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_release_takes_the_place_of_the_old_which_stays),
        cmocka_unit_test(a_reader_finds_a_whole_release_at_every_moment),
        cmocka_unit_test(what_a_killed_export_left_is_removed),
        cmocka_unit_test(a_damaged_release_is_made_anew),
        cmocka_unit_test(a_release_that_was_left_is_shown_again),
        cmocka_unit_test(what_no_export_made_is_left_alone),
        cmocka_unit_test(two_exports_to_one_folder_exclude_each_other),
        cmocka_unit_test(an_export_that_cannot_write_leaves_the_old_release),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
