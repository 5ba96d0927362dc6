#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/outfile.h"
#include "base/rng.h"
#include "tests/lib/scratch.h"

static const enum outfile_kind kinds[] = {OUTFILE_NONE, OUTFILE_GZIP, OUTFILE_ZSTD};

/* Appends one compressed member (or plain bytes) to what is in `out`. */
static void add_member(struct buf *out, enum outfile_kind kind, struct slice content)
{
    struct err e;
    const char *path = scratch_path("member");
    struct outfile *f = outfile_open(path, kind, &e);
    assert_non_null(f);
    assert_true(outfile_write(f, content, &e));
    assert_true(outfile_close(f, NULL, NULL, &e));
    assert_true(files_read(path, out, &e));
}

/* Writes what lines_next says, one row an answer: "=text", "!cut text" for long ones, "E" or ".".
 */
static const char *story(const char *path, size_t max_line, struct buf *out)
{
    struct err e;
    struct lines *l = lines_open(path, max_line, &e);
    assert_non_null(l);
    struct slice line = {0};
    uint64_t number = 0;
    for (;;) {
        enum lines_got got = lines_next(l, &line, &e);
        if (got == LINES_END || got == LINES_ERROR) {
            buf_char(out, got == LINES_END ? '.' : 'E');
            assert_int_equal(lines_next(l, &line, &e), got); /* and it stays so */
            break;
        }
        assert_int_equal(lines_number(l), ++number);
        buf_char(out, got == LINES_LINE ? '=' : '!');
        buf_slice(out, line);
    }
    lines_close(l);
    assert_true(buf_ok(out, "story", &e));
    return buf_cstr(out);
}

static void a_pipe_says_whether_its_next_line_is_there(void **state)
{
    (void)state;
    int ends[2];
    char path[32];
    struct err e;
    struct slice line;
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], "1\n2\n", 4), 4);
    struct lines *l = lines_open(path, 10, &e);
    assert_non_null(l);
    assert_false(lines_waits(l));
    assert_int_equal(lines_next(l, &line, &e), LINES_LINE);
    assert_false(lines_waits(l)); /* read already */
    assert_int_equal(lines_next(l, &line, &e), LINES_LINE);
    assert_true(lines_waits(l));
    close(ends[1]);
    assert_false(lines_waits(l)); /* the end is there */
    assert_int_equal(lines_next(l, &line, &e), LINES_END);
    assert_false(lines_waits(l));
    lines_close(l);
    close(ends[0]);
}

static void line_breaks_and_long_lines_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t max;
        const char *expected, *why;
    } rows[] = {
        {"",                 10, ".",             "an empty file has no line"     },
        {"a\nb\n",           10, "=a=b.",         "LF"                            },
        {"a\r\nb\r\n",       10, "=a=b.",         "CR LF"                         },
        {"a\nb",             10, "=a=b.",         "no final line break"           },
        {"\n\n",             10, "==.",           "empty lines count"             },
        {"a\rb\n",           10, "=a\rb.",        "CR alone is text"              },
        {"a\r",              10, "=a\r.",         "CR at the end is text"         },
        {"abcd\nefghi\nj\n", 4,  "=abcd!efgh=j.", "one byte over the maximum"     },
        {"abcd\r\n",         4,  "=abcd.",        "the CR does not count"         },
        {"abcdefghijkl",     4,  "!abcd.",        "a long line without line break"},
    };
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            struct buf file, told;
            buf_init(&file, 10000);
            buf_init(&told, 10000);
            add_member(&file, kinds[k], slice_of(rows[i].text));
            const char *path = scratch_write("f", buf_view(&file));
            assert_string_equal(story(path, rows[i].max, &told), rows[i].expected);
            buf_free(&file);
            buf_free(&told);
        }
}

static void members_and_frames_follow_one_another(void **state)
{
    (void)state;
    for (size_t k = 1; k < 3; k++) {
        struct buf file, told;
        buf_init(&file, 10000);
        buf_init(&told, 10000);
        add_member(&file, kinds[k], S("a\nb"));
        add_member(&file, kinds[k], S(""));
        add_member(&file, kinds[k], S("c\nd\n"));
        if (kinds[k] == OUTFILE_GZIP)
            buf_add(&file, "\0\0\0", 3); /* padding, as from a tape */
        const char *path = scratch_write("f", buf_view(&file));
        assert_string_equal(story(path, 100, &told), "=a=bc=d.");
        buf_free(&file);
        buf_free(&told);
    }
}

/* Lines whose borders fall everywhere around the buffers' borders, with some over the maximum. */
static void add_random_lines(struct buf *text, struct buf *expected, size_t max_line, uint64_t seed)
{
    struct rng r;
    rng_init(&r, seed);
    for (int i = 0; i < 60; i++) {
        size_t n = (size_t)rng_below(&r, i % 10 == 0 ? 200000 : 3000);
        size_t start = text->n;
        for (size_t k = 0; k < n; k++)
            buf_char(text, (char)('a' + rng_below(&r, 26)));
        buf_char(expected, n > max_line ? '!' : '=');
        buf_slice(expected, slice_sub(buf_view(text), start, n < max_line ? n : max_line));
        buf_str(text, i % 3 ? "\n" : "\r\n");
    }
    buf_char(expected, '.');
}

static void large_files_read_the_same_in_every_packing(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct buf text, expected;
        buf_init(&text, 1 << 24);
        buf_init(&expected, 1 << 24);
        add_random_lines(&text, &expected, 70000, seed);
        for (size_t k = 0; k < 3; k++) {
            struct buf file, told;
            buf_init(&file, 1 << 24);
            buf_init(&told, 1 << 24);
            add_member(&file, kinds[k], buf_view(&text));
            story(scratch_write("f", buf_view(&file)), 70000, &told);
            assert_true(slice_eq(buf_view(&told), buf_view(&expected)));
            buf_free(&file);
            buf_free(&told);
        }
        buf_free(&text);
        buf_free(&expected);
    }
}

static void a_truncated_file_is_an_error_after_its_last_whole_line(void **state)
{
    (void)state;
    for (size_t k = 1; k < 3; k++) {
        struct buf file;
        buf_init(&file, 10000);
        add_member(&file, kinds[k], S("one\ntwo\nthr"));
        for (size_t n = 4; n < file.n; n++) {
            struct buf told;
            buf_init(&told, 10000);
            const char *path = scratch_write("f", slice_sub(buf_view(&file), 0, n));
            const char *text = story(path, 100, &told);
            /* Whole lines from the front, never the torn one, always an error at the end. */
            assert_true(strcmp(text, "E") == 0 || strcmp(text, "=oneE") == 0 ||
                        strcmp(text, "=one=twoE") == 0);
            buf_free(&told);
        }
        buf_free(&file);
    }
}

static void damage_is_an_error_that_names_the_file_and_line(void **state)
{
    (void)state;
    for (size_t k = 1; k < 3; k++) {
        struct err e;
        struct buf file;
        buf_init(&file, 10000);
        add_member(&file, kinds[k], S("one\ntwo\n"));
        buf_str(&file, "garbage");
        struct lines *l = lines_open(scratch_write("damaged.jsonl", buf_view(&file)), 100, &e);
        assert_non_null(l);
        struct slice line;
        assert_int_equal(lines_next(l, &line, &e), LINES_LINE);
        assert_int_equal(lines_next(l, &line, &e), LINES_LINE);
        assert_int_equal(lines_next(l, &line, &e), LINES_ERROR);
        assert_int_equal(e.code, ERR_CORRUPT);
        assert_non_null(strstr(e.text, "damaged.jsonl, after line 2: "));
        lines_close(l);
        buf_free(&file);
    }
}

static void what_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct err e;
    assert_null(lines_open(scratch_path("absent"), 100, &e));
    assert_int_equal(e.code, ERR_NOTFOUND);
    struct lines *folder = lines_open(scratch_folder, 100, &e);
    assert_non_null(folder);
    struct slice line;
    assert_int_equal(lines_next(folder, &line, &e), LINES_ERROR);
    assert_int_equal(e.code, ERR_IO);
    lines_close(folder);
}

static void a_dash_is_standard_input(void **state)
{
    (void)state;
    int saved = dup(STDIN_FILENO);
    int fd = open(scratch_write("in", S("x\ny\n")), O_RDONLY | O_CLOEXEC);
    assert_true(saved >= 0 && fd >= 0);
    dup2(fd, STDIN_FILENO);
    struct buf told;
    buf_init(&told, 100);
    assert_string_equal(story("-", 100, &told), "=x=y.");
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* it stays open */
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(fd);
    buf_free(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_says_whether_its_next_line_is_there),
        cmocka_unit_test(line_breaks_and_long_lines_are_told_apart),
        cmocka_unit_test(members_and_frames_follow_one_another),
        cmocka_unit_test(large_files_read_the_same_in_every_packing),
        cmocka_unit_test(a_truncated_file_is_an_error_after_its_last_whole_line),
        cmocka_unit_test(damage_is_an_error_that_names_the_file_and_line),
        cmocka_unit_test(what_cannot_be_read_is_an_error),
        cmocka_unit_test(a_dash_is_standard_input),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
