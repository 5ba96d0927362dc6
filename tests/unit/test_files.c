#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "tests/lib/scratch.h"

static struct err e;

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static char large[100000];
    memset(large, 'l', sizeof(large));
    struct slice contents[] = {
        S(""), S("a\0b\n"), {large, sizeof(large)},
          S("shorter")
    };
    const char *path = scratch_path("file");
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        assert_true(files_write(path, contents[i], &e)); /* replaces what was there */
        struct buf b;
        buf_init(&b, sizeof(large));
        assert_true(files_read(path, &b, &e));
        assert_true(slice_eq(buf_view(&b), contents[i]));
        buf_free(&b);
    }
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0600, 0600);
}

static void a_failed_write_leaves_the_old_file_and_no_rubbish(void **state)
{
    (void)state;
    assert_true(files_mkdirs(scratch_path("w/taken"), &e));
    assert_false(files_write(scratch_path("w/taken"), S("x"), &e)); /* a folder has the name */
    assert_non_null(strstr(e.text, "w/taken"));
    struct arena a;
    arena_init(&a, 10000);
    char **paths;
    size_t n;
    assert_true(files_glob(&a, scratch_path("w/*"), &paths, &n, &e));
    assert_int_equal(n, 1);
    arena_free(&a);
    assert_false(files_write(scratch_path("absent/x"), S("x"), &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
}

static void reading_is_bounded(void **state)
{
    (void)state;
    const char *path = scratch_write("ten", S("0123456789"));
    struct buf b;
    buf_init(&b, 10);
    assert_true(files_read(path, &b, &e));
    buf_free(&b);
    buf_init(&b, 9);
    assert_false(files_read(path, &b, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    assert_non_null(strstr(e.text, "ten is larger"));
    buf_free(&b);
    buf_init(&b, 9);
    assert_false(files_read(scratch_path("absent"), &b, &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
}

static void mkdirs_makes_what_is_missing(void **state)
{
    (void)state;
    static const char *const paths[] = {"a", "a/b/c", "a/b/c", "d//e/", "f/./g"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct stat st;
        assert_true(files_mkdirs(scratch_path(paths[i]), &e));
        assert_int_equal(stat(scratch_path(paths[i]), &st), 0);
        assert_true(S_ISDIR(st.st_mode));
    }
    scratch_write("plain", S(""));
    assert_false(files_mkdirs(scratch_path("plain/x"), &e));
    assert_non_null(strstr(e.text, "plain"));
    assert_false(files_mkdirs("", &e));
    assert_true(files_mkdirs("/", &e));
}

static void remove_tree_removes_links_not_what_they_name(void **state)
{
    (void)state;
    struct stat st;
    assert_true(files_mkdirs(scratch_path("keep"), &e));
    scratch_write("keep/file", S("x"));
    assert_true(files_mkdirs(scratch_path("tree/deep/er"), &e));
    scratch_write("tree/deep/file", S("x"));
    assert_int_equal(symlink(scratch_path("keep"), scratch_path("tree/link")), 0);
    assert_int_equal(symlink("nowhere", scratch_path("tree/dangling")), 0);
    assert_true(files_remove_tree(scratch_path("tree"), &e));
    assert_int_not_equal(lstat(scratch_path("tree"), &st), 0);
    assert_int_equal(stat(scratch_path("keep/file"), &st), 0);

    assert_int_equal(symlink(scratch_path("keep"), scratch_path("link")), 0);
    assert_true(files_remove_tree(scratch_path("link"), &e)); /* the link itself */
    assert_int_equal(stat(scratch_path("keep/file"), &st), 0);
    assert_true(files_remove_tree(scratch_path("keep/file"), &e)); /* a file is a small tree */
    assert_false(files_remove_tree(scratch_path("absent"), &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
}

static void join_and_dirname(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *name, *joined;
    } joins[] = {
        {"a",  "b",  "a/b"},
        {"a/", "b",  "a/b"},
        {"a",  "/b", "/b" },
        {"",   "b",  "b"  },
        {"/",  "b",  "/b" },
    };
    static const struct {
        const char *path, *folder;
    } folders[] = {
        {"a/b",  "a"},
        {"b",    "."},
        {"/b",   "/"},
        {"a//b", "a"},
        {"a/b/", "a"},
        {"/",    "/"},
        {"",     "."},
    };
    struct arena a;
    arena_init(&a, 10000);
    for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++)
        assert_string_equal(files_join(&a, joins[i].dir, joins[i].name), joins[i].joined);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        assert_string_equal(files_dirname(&a, folders[i].path), folders[i].folder);
    arena_free(&a);
    arena_init(&a, 2);
    assert_null(files_join(&a, "a", "b"));
    assert_null(files_dirname(&a, "abc/d"));
    arena_free(&a);
}

static void glob_is_sorted_and_misses_are_named(void **state)
{
    (void)state;
    assert_true(files_mkdirs(scratch_path("g"), &e));
    static const char *const names[] = {"g/b.jsonl", "g/a.jsonl", "g/B.jsonl", "g/a[1].jsonl",
                                        "g/other.txt"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        scratch_write(names[i], S(""));
    struct arena a;
    arena_init(&a, 10000);
    char **paths;
    size_t n;
    assert_true(files_glob(&a, scratch_path("g/*.jsonl"), &paths, &n, &e));
    static const char *const sorted[] = {"g/B.jsonl", "g/a.jsonl", "g/a[1].jsonl", "g/b.jsonl"};
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(paths[i], scratch_path(sorted[i]));
    assert_true(files_glob(&a, scratch_path("g/a[1].jsonl"), &paths, &n, &e));
    assert_int_equal(n, 1);
    assert_string_equal(paths[0], scratch_path("g/a[1].jsonl")); /* its own name, no pattern */
    static const char *const missing[] = {"g/absent.jsonl", "g/*.csv", "absent/*"};
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        assert_false(files_glob(&a, scratch_path(missing[i]), &paths, &n, &e));
        assert_int_equal(e.code, ERR_NOTFOUND);
        assert_non_null(strstr(e.text, missing[i]));
    }
    arena_free(&a);
    arena_init(&a, 40);
    assert_false(files_glob(&a, scratch_path("g/*"), &paths, &n, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_failed_write_leaves_the_old_file_and_no_rubbish),
        cmocka_unit_test(reading_is_bounded),
        cmocka_unit_test(mkdirs_makes_what_is_missing),
        cmocka_unit_test(remove_tree_removes_links_not_what_they_name),
        cmocka_unit_test(join_and_dirname),
        cmocka_unit_test(glob_is_sorted_and_misses_are_named),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
