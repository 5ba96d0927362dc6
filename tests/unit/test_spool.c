#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/spool.h"
#include "tests/lib/scratch.h"

static struct err e;

static const struct slice records[] = {
    {"first",        5 },
    {"",             0 },
    {"a\0b",         3 },
    {"the last one", 12}
};
#define N_RECORDS (sizeof(records) / sizeof(records[0]))

struct seen {
    size_t n;
    size_t stop_at; /* refuse this one */
};

/* Each record must be the next one of the table. */
static bool compare(void *context, struct slice record, struct err *error)
{
    struct seen *seen = context;
    if (seen->n == seen->stop_at)
        return err_set(error, ERR_USAGE, "enough");
    assert_true(seen->n < N_RECORDS);
    assert_true(slice_eq(record, records[seen->n]));
    seen->n++;
    return true;
}

static size_t count(const char *path)
{
    struct seen seen = {0, SIZE_MAX};
    assert_true(spool_read(path, compare, &seen, &e));
    return seen.n;
}

static struct spool *fill(const char *path)
{
    struct spool *s = spool_create(path, &e);
    assert_non_null(s);
    for (size_t i = 0; i < N_RECORDS; i++)
        assert_true(spool_add(s, records[i], &e));
    return s;
}

static void records_outlive_their_writer(void **state)
{
    (void)state;
    const char *path = scratch_path("outlive");
    struct spool *s = fill(path);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(spool_size(s), st.st_size);
    spool_close(s, false);
    assert_int_equal(count(path), N_RECORDS);
    assert_int_equal(count(path), N_RECORDS); /* reading takes nothing away */
}

static void a_torn_tail_hides_only_the_torn_record(void **state)
{
    (void)state;
    const char *path = scratch_path("torn");
    spool_close(fill(path), false);
    struct buf all;
    buf_init(&all, 1000);
    assert_true(files_read(path, &all, &e));
    for (size_t cut = 0; cut <= all.n; cut++) {
        size_t whole = 0, at = 0;
        for (; whole < N_RECORDS && at + 8 + records[whole].n <= cut; whole++)
            at += 8 + records[whole].n;
        assert_true(files_write(path, slice_sub(buf_view(&all), 0, cut), &e));
        assert_int_equal(count(path), whole);
    }
    buf_free(&all);
}

static void a_changed_byte_ends_the_reading_there(void **state)
{
    (void)state;
    const char *path = scratch_path("changed");
    spool_close(fill(path), false);
    struct buf all;
    buf_init(&all, 1000);
    assert_true(files_read(path, &all, &e));
    for (size_t byte = 0; byte < all.n; byte++) {
        size_t whole = 0, at = 0;
        for (; at + 8 + records[whole].n <= byte; whole++)
            at += 8 + records[whole].n;
        all.p[byte] ^= 0x55;
        assert_true(files_write(path, buf_view(&all), &e));
        assert_int_equal(count(path), whole);
        all.p[byte] ^= 0x55;
    }
    buf_free(&all);
}

static void a_tail_of_zeros_is_no_record(void **state)
{
    (void)state;
    static const char zeros[4096];
    const char *path = scratch_write("zeros", (struct slice){zeros, sizeof(zeros)});
    assert_int_equal(count(path), 0);
}

static void a_living_writer_keeps_readers_out(void **state)
{
    (void)state;
    const char *path = scratch_path("locked");
    struct spool *s = fill(path);
    struct seen seen = {0, SIZE_MAX};
    assert_false(spool_read(path, compare, &seen, &e));
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(seen.n, 0);
    assert_null(spool_create(path, &e)); /* nor does a second writer take it */
    assert_int_equal(e.code, ERR_BUSY);
    spool_close(s, false);
    assert_int_equal(count(path), N_RECORDS);
}

static void clear_empties_and_goes_on(void **state)
{
    (void)state;
    const char *path = scratch_path("clear");
    struct spool *s = spool_create(path, &e);
    assert_non_null(s);
    assert_true(spool_add(s, S("to be forgotten"), &e));
    assert_true(spool_clear(s, &e));
    assert_int_equal(spool_size(s), 0);
    assert_true(spool_add(s, records[0], &e));
    spool_close(s, false);
    assert_int_equal(count(path), 1);
}

static void close_removes_on_demand(void **state)
{
    (void)state;
    const char *path = scratch_path("removed");
    spool_close(fill(path), true);
    struct seen seen = {0, SIZE_MAX};
    assert_false(spool_read(path, compare, &seen, &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
    spool_close(NULL, true);
}

static void a_reader_may_stop(void **state)
{
    (void)state;
    const char *path = scratch_path("stop");
    spool_close(fill(path), false);
    struct seen seen = {0, 2};
    assert_false(spool_read(path, compare, &seen, &e));
    assert_int_equal(seen.n, 2);
    assert_string_equal(e.text, "enough");
}

/* The limit on file size makes write(2) stop in the middle, as a full disk does. */
static void a_record_that_does_not_fit_is_taken_back(void **state)
{
    (void)state;
    const char *path = scratch_path("full");
    struct spool *s = spool_create(path, &e);
    assert_non_null(s);
    assert_true(spool_add(s, records[0], &e));
    struct rlimit old, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight = old;
    tight.rlim_cur = spool_size(s) + 20;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    bool added = spool_add(s, S("a record that is longer than twenty bytes"), &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(added);
    assert_int_equal(spool_size(s), 13);
    assert_true(spool_add(s, records[1], &e));
    spool_close(s, false);
    assert_int_equal(count(path), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_outlive_their_writer),
        cmocka_unit_test(a_torn_tail_hides_only_the_torn_record),
        cmocka_unit_test(a_changed_byte_ends_the_reading_there),
        cmocka_unit_test(a_tail_of_zeros_is_no_record),
        cmocka_unit_test(a_living_writer_keeps_readers_out),
        cmocka_unit_test(clear_empties_and_goes_on),
        cmocka_unit_test(close_removes_on_demand),
        cmocka_unit_test(a_reader_may_stop),
        cmocka_unit_test(a_record_that_does_not_fit_is_taken_back),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
