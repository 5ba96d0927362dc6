#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "base/lines.h"
#include "base/outfile.h"
#include "base/rng.h"
#include "tests/lib/scratch.h"

static const enum outfile_kind kinds[] = {OUTFILE_NONE, OUTFILE_GZIP, OUTFILE_ZSTD};

/* Rows of every size up to more than the internal buffer. */
static void write_rows(struct outfile *f)
{
    static char row[150000];
    struct rng r;
    struct err e;
    rng_init(&r, 3);
    for (int i = 0; i < 300; i++) {
        size_t n = (size_t)rng_below(&r, i % 50 == 0 ? sizeof(row) : 500);
        for (size_t k = 0; k < n; k++)
            row[k] = (char)('a' + rng_below(&r, 26));
        assert_true(outfile_write(f, (struct slice){row, n}, &e));
        assert_true(outfile_write(f, S(""), &e));
        assert_true(outfile_write(f, S("\n"), &e));
    }
}

static void read_rows(const char *path)
{
    struct rng r;
    struct err e;
    rng_init(&r, 3);
    struct lines *l = lines_open(path, 150000, &e);
    assert_non_null(l);
    struct slice line;
    for (int i = 0; i < 300; i++) {
        assert_int_equal(lines_next(l, &line, &e), LINES_LINE);
        assert_int_equal(line.n, rng_below(&r, i % 50 == 0 ? 150000 : 500));
        for (size_t k = 0; k < line.n; k++)
            assert_true(line.p[k] == (char)('a' + rng_below(&r, 26)));
    }
    assert_int_equal(lines_next(l, &line, &e), LINES_END);
    lines_close(l);
}

static void what_is_written_is_read_back_and_counted(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct err e;
        const char *path = scratch_path("f");
        struct outfile *f = outfile_open(path, kinds[k], &e);
        assert_non_null(f);
        write_rows(f);
        uint64_t bytes = 0;
        char sha256[SHA256_HEX], expected[SHA256_HEX];
        assert_true(outfile_close(f, &bytes, sha256, &e));
        read_rows(path);

        struct buf content;
        buf_init(&content, 1 << 24);
        assert_true(files_read(path, &content, &e));
        assert_int_equal(content.n, bytes);
        struct hash h;
        hash_plain(&h);
        hash_raw(&h, buf_view(&content));
        hash_hex(&h, expected);
        assert_string_equal(sha256, expected);
        buf_free(&content);
    }
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        char sha256[2][SHA256_HEX];
        for (int round = 0; round < 2; round++) {
            struct err e;
            /* Another name and another time must not show in the bytes. */
            struct outfile *f = outfile_open(scratch_path(round ? "a" : "b"), kinds[k], &e);
            assert_non_null(f);
            write_rows(f);
            assert_true(outfile_close(f, NULL, sha256[round], &e));
        }
        assert_string_equal(sha256[0], sha256[1]);
    }
}

static void gzip_has_no_time_stamp(void **state)
{
    (void)state;
    struct err e;
    struct outfile *f = outfile_open(scratch_path("t"), OUTFILE_GZIP, &e);
    assert_non_null(f);
    assert_true(outfile_write(f, S("x"), &e));
    assert_true(outfile_close(f, NULL, NULL, &e));
    struct buf content;
    buf_init(&content, 1000);
    assert_true(files_read(scratch_path("t"), &content, &e));
    assert_memory_equal(content.p, "\x1f\x8b\x08\0\0\0\0\0", 8);
    buf_free(&content);
}

static void errors_name_the_path(void **state)
{
    (void)state;
    struct err e;
    assert_null(outfile_open(scratch_path("no/such/folder"), OUTFILE_GZIP, &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
    assert_non_null(strstr(e.text, "no/such/folder"));
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct err e;
        struct outfile *f = outfile_open("/dev/full", kinds[k], &e);
        assert_non_null(f);
        assert_true(outfile_write(f, S("x"), &e)); /* still in the buffer */
        assert_false(outfile_close(f, NULL, NULL, &e));
        assert_int_equal(e.code, ERR_FULL);
        assert_non_null(strstr(e.text, "/dev/full"));
    }
}

static void abort_closes_and_leaves_the_file(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct err e;
        const char *path = scratch_path("aborted");
        struct outfile *f = outfile_open(path, kinds[k], &e);
        assert_non_null(f);
        assert_true(outfile_write(f, S("x"), &e));
        outfile_abort(f);
        struct stat st;
        assert_int_equal(stat(path, &st), 0);
    }
    outfile_abort(NULL);
    assert_string_equal(outfile_suffix(OUTFILE_NONE), "");
    assert_string_equal(outfile_suffix(OUTFILE_GZIP), ".gz");
    assert_string_equal(outfile_suffix(OUTFILE_ZSTD), ".zst");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back_and_counted),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(gzip_has_no_time_stamp),
        cmocka_unit_test(errors_name_the_path),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(abort_closes_and_leaves_the_file),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
