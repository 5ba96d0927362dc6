/* Records: files of every shape, in every packing, whole and broken, cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/outfile.h"
#include "base/records.h"
#include "tests/lib/scratch.h"

#define MAX 64

/* Writes what records_next says: "LINE=text;" for a record, "LINE!text~why;" for a bad one. */
static const char *story_of(struct records *r, struct buf *told)
{
    struct slice record;
    struct err e;
    buf_clear(told);
    for (;;) {
        enum records_got got = records_next(r, &record, &e);
        if (got == RECORDS_END || got == RECORDS_ERROR) {
            if (got == RECORDS_ERROR)
                buf_addf(told, "E:%s", e.text);
            struct err again;
            assert_int_equal(records_next(r, &record, &again), got); /* and it stays so */
            return buf_cstr(told);
        }
        buf_addf(told, "%llu%c", (unsigned long long)records_line(r),
                 got == RECORDS_RECORD ? '=' : '!');
        buf_slice(told, record);
        if (got == RECORDS_BAD)
            buf_addf(told, "~%s", e.text);
        buf_char(told, ';');
    }
}

static const char *story(const char *path, struct buf *told)
{
    struct err e;
    struct records *r = records_open(path, MAX, &e);
    if (!r)
        fail_msg("%s", e.text);
    story_of(r, told);
    records_close(r);
    return buf_cstr(told);
}

struct row {
    const char *name;
    struct slice text;
    const char *wanted;
};

#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    } /* S() is no constant */

static const struct row rows[] = {
    /* lines */
    {"f", TEXT("{\"a\":1}\n\n  \r\n{\"a\":2}\r\n"), "1={\"a\":1};4={\"a\":2};"},
    {"f", TEXT("\xEF\xBB\xBF{\"a\":1}\n{\"a\":2}"), "1={\"a\":1};2={\"a\":2};"},
    {"f", TEXT("{\"a\":\n{\"a\":2}\n"), "1={\"a\":;2={\"a\":2};"},
    {"f", TEXT("{\"a\":\"\n{\"a\":2}\n"), "1={\"a\":\";2={\"a\":2};"},
    {"f", TEXT("bad\n{\"a\":2}\n"), "1=bad;2={\"a\":2};"},
    {"f", TEXT(""), ""},
    {"f", TEXT(" \n\n"), ""},
    {"f", TEXT("{\"a\":1}"), "1={\"a\":1};"},
    /* lists */
    {"f", TEXT("[]"), ""},
    {"f", TEXT(" \n[\n ]\n \n"), ""},
    {"f", TEXT("[{\"a\":1},{\"a\":[2,{\"b\":\"]\\\"}\"}]}]"),
     "1={\"a\":1};1={\"a\":[2,{\"b\":\"]\\\"}\"}]};"},
    {"f", TEXT("\xEF\xBB\xBF[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 2\n  }\n]\n"),
     "2={\n    \"a\": 1\n  };5={\n    \"a\": 2\n  };"},
    {"f", TEXT("[1, \"x,]\" ,null,[3] , true]"), "1=1;1=\"x,]\";1=null;1=[3];1=true;"},
    {"f", TEXT("[{\"a\":1}\n{\"a\":2},\n]"), "1={\"a\":1};2={\"a\":2};"},
    {"f", TEXT("[{\"a\":1},\n{\"a\":2"),
     "1={\"a\":1};2!{\"a\":2~the file ends inside this record;"},
    {"f", TEXT("[{\"a\":1},\n"), "1={\"a\":1};2!~the file ends inside its list;"},
    {"f", TEXT("[{\"a\":1}]\nx"),
     "1={\"a\":1};2!x~text after the end of the list; the rest of the file was not read;"},
    {"f", TEXT("[{\"a\":[1},{\"a\":2}]"), "1={\"a\":[1};1={\"a\":2};"},
    {"f", TEXT("[{\"a\":1],{\"a\":2}]"), /* the bracket can only be the list's own */
     "1={\"a\":1;1!,{\"a\":2}]~text after the end of the list; the rest of the file was not read;"},
    {"f", TEXT("[{\"a\":\"x\n},{\"a\":2}]"), "1={\"a\":\"x\n};2={\"a\":2};"},
    {"f", TEXT("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",2]"),
     "1!\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~too long;1=2;"},
    {"f", TEXT("[{\"a\":\"\\\\\"},{\"b\":\"\\\\\\\"\"}]"),
     "1={\"a\":\"\\\\\"};1={\"b\":\"\\\\\\\"\"};"},
    /* an object around a list */
    {"f", TEXT("{\"data\":[{\"a\":1},{\"a\":2}],\"n\":[7]}"), "1={\"a\":1};1={\"a\":2};"},
    {"f", TEXT("{\n \"rows\" : [\n {\"a\":1}\n ]\n}\n"), "3={\"a\":1};"},
    {"f", TEXT("{\"data\":[1]}\n{\"b\":2}\n"), "1={\"data\":[1]};2={\"b\":2};"},
    {"f", TEXT("{\"database\":[{\"a\":1}]}\n"), "1={\"database\":[{\"a\":1}]};"},
    /* objects of several lines */
    {"f", TEXT("{\n  \"a\": 1\n}\n"), "1={\n  \"a\": 1\n};"},
    {"f", TEXT("{\n}{\"a\":\n2}\n\n{\"b\":3} "), "1={\n};2={\"a\":\n2};5={\"b\":3};"},
    {"f", TEXT("{\n  \"a\": 1\n"), "1!{\n  \"a\": 1\n~the file ends inside this record;"},
    /* tables */
    {"f", TEXT("id,b\n1,\"x, \"\"y\"\"\nz\"\n2,\n"),
     "2={\"id\":\"1\",\"b\":\"x, \\\"y\\\"\\nz\"};4={\"id\":\"2\",\"b\":\"\"};"},
    {"f", TEXT("id,b\r\n1,\"x\r\ny\"\r\n\r\n2,z"),
     "2={\"id\":\"1\",\"b\":\"x\\r\\ny\"};5={\"id\":\"2\",\"b\":\"z\"};"},
    {"f.csv", TEXT("\xEF\xBB\xBF,a b\n1,2\n"), "2={\"\":\"1\",\"a b\":\"2\"};"},
    {"f.tsv", TEXT("a\tb\n1,1\t\"2\t\"\n"), "2={\"a\":\"1,1\",\"b\":\"2\\t\"};"},
    {"f.csv", TEXT("a\nx\n\"\"\n"), "2={\"a\":\"x\"};3={\"a\":\"\"};"},
    {"f.csv", TEXT("a,b\n1\n1,2,3\n4,5\n"),
     "2!1~the row has 1 fields, the header 2;3!123~the row has 3 fields, the header 2;"
     "4={\"a\":\"4\",\"b\":\"5\"};"},
    {"f.csv", TEXT("a,b\n\"1\"x,2\n3,4\n"),
     "2!12~text after the closing quote of a field;3={\"a\":\"3\",\"b\":\"4\"};"},
    {"f.csv", TEXT("a,b\n1,\"2\n3,4\n"), "2!12\n3,4\n~the file ends inside a quoted field;"},
    {"f.csv", TEXT("a,b\n1,x\"y\n"), "2={\"a\":\"1\",\"b\":\"x\\\"y\"};"},
    {"f.csv", TEXT("a,b\n1,\xff\n3,4\n"),
     "2!1\xff~0xff is not valid UTF-8;3={\"a\":\"3\",\"b\":\"4\"};"},
    {"f.csv", TEXT("a,b\n1,\"\"\n"), "2={\"a\":\"1\",\"b\":\"\"};"},
    {"f.csv",
     TEXT("a,b\n1,"
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n3,4"),
     "2!1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~too long;"
     "3={\"a\":\"3\",\"b\":\"4\"};"},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static void a_file_of_any_shape_is_read_record_by_record(void **state)
{
    (void)state;
    struct buf told;
    buf_init(&told, 1 << 20);
    for (size_t i = 0; i < N_ROWS; i++) {
        const char *path = scratch_write(rows[i].name, rows[i].text);
        if (strcmp(story(path, &told), rows[i].wanted) != 0)
            fail_msg("%zu: " SLICE_FMT "\n gives %s\n not   %s", i, SLICE_ARG(rows[i].text),
                     buf_cstr(&told), rows[i].wanted);
    }
    buf_free(&told);
}

static const char *packed(const struct row *row, enum outfile_kind kind, const char *suffix)
{
    char name[32];
    struct err e;
    snprintf(name, sizeof name, "%s%s", row->name, suffix);
    const char *path = scratch_path(name);
    struct outfile *out = outfile_open(path, kind, &e);
    assert_non_null(out);
    assert_true(outfile_write(out, row->text, &e));
    assert_true(outfile_close(out, NULL, NULL, &e));
    return path;
}

static void packing_makes_no_difference(void **state)
{
    (void)state;
    struct buf told;
    buf_init(&told, 1 << 20);
    for (size_t i = 0; i < N_ROWS; i++) {
        assert_string_equal(story(packed(&rows[i], OUTFILE_GZIP, ".gz"), &told), rows[i].wanted);
        assert_string_equal(story(packed(&rows[i], OUTFILE_ZSTD, ".zst"), &told), rows[i].wanted);
    }
    buf_free(&told);
}

/* The text comes through a pipe in two pieces, cut after every byte: what is there when the reader
 * looks must make no difference. The writer waits until the first piece has been taken. */
static void where_the_text_is_cut_makes_no_difference(void **state)
{
    (void)state;
    struct buf told;
    struct err e;
    int saved = dup(STDIN_FILENO);
    buf_init(&told, 1 << 20);
    for (size_t i = 0; i < N_ROWS; i++) {
        if (strchr(rows[i].name, '.')) /* standard input has no name to tell a table by */
            continue;
        for (size_t cut = 0; cut <= rows[i].text.n; cut++) {
            int fds[2];
            assert_int_equal(pipe(fds), 0);
            dup2(fds[0], STDIN_FILENO);
            close(fds[0]);
            struct records *r = records_open("-", MAX, &e);
            assert_non_null(r);
            assert_true(records_waits(r));
            assert_int_equal(write(fds[1], rows[i].text.p, cut), cut);
            pid_t child = fork();
            if (child == 0) {
                ssize_t n = write(fds[1], rows[i].text.p + cut, rows[i].text.n - cut);
                _exit(n != (ssize_t)(rows[i].text.n - cut));
            }
            close(fds[1]);
            const char *got = story_of(r, &told);
            int status;
            assert_int_equal(waitpid(child, &status, 0), child);
            assert_int_equal(status, 0);
            if (strcmp(got, rows[i].wanted) != 0)
                fail_msg("%zu, cut at %zu: %s", i, cut, got);
            records_close(r);
        }
    }
    dup2(saved, STDIN_FILENO);
    close(saved);
    buf_free(&told);
}

/* Elements of every length around the size of a piece, in one list and in one table. */
static void elements_over_the_borders_of_pieces_stay_whole(void **state)
{
    (void)state;
    enum { ELEMENTS = 400, LONGEST = 1200 };
    struct err e;
    struct buf list, table;
    buf_init(&list, 1 << 24);
    buf_init(&table, 1 << 24);
    buf_str(&list, "[\n");
    buf_str(&table, "id,text\n");
    for (int i = 0; i < ELEMENTS; i++) {
        buf_addf(&list, "%s{\"id\":\"%d\",\"text\":\"", i ? ",\n" : "", i);
        buf_addf(&table, "%d,\"", i);
        for (int k = 0; k < (i * 37) % LONGEST; k++) {
            buf_str(&list, k % 5 ? "x" : "\\\"]");
            buf_str(&table, k % 5 ? "x" : "\"\"]");
        }
        buf_str(&list, "\"}");
        buf_str(&table, "\"\n");
    }
    buf_str(&list, "\n]\n");
    const char *const paths[] = {scratch_write("long", buf_view(&list)),
                                 scratch_write("long.csv", buf_view(&table))};
    for (size_t p = 0; p < 2; p++) {
        struct slice record;
        struct records *r = records_open(paths[p], 1 << 20, &e);
        assert_non_null(r);
        for (int i = 0; i < ELEMENTS; i++) {
            assert_int_equal(records_next(r, &record, &e), RECORDS_RECORD);
            json *tree = json_parse(record, JSON_STRICT, &e);
            assert_non_null(tree);
            char id[16];
            snprintf(id, sizeof id, "%d", i);
            assert_true(slice_is(json_string(json_get(tree, "id")), id));
            int n = (i * 37) % LONGEST;
            assert_int_equal(json_string(json_get(tree, "text")).n, n + (n + 4) / 5);
            assert_int_equal(records_line(r), i + 2);
            json_free(tree);
        }
        assert_int_equal(records_next(r, &record, &e), RECORDS_END);
        records_close(r);
    }
    buf_free(&list);
    buf_free(&table);
}

static void a_damaged_file_is_an_error_after_what_is_whole(void **state)
{
    (void)state;
    static const struct row list = {"f", TEXT("[{\"a\":1},{\"a\":2}]"), ""};
    static const struct row table = {"f.csv", TEXT("a,b\n1,2\n3,4\n"), ""};
    struct buf told, text;
    struct err e;
    buf_init(&told, 1 << 20);
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 2; i++) {
        const char *path = packed(i ? &table : &list, OUTFILE_GZIP, ".gz");
        buf_clear(&text);
        assert_true(files_read(path, &text, &e));
        path = scratch_write(i ? "cut.csv.gz" : "cut.gz",
                             slice_sub(buf_view(&text), 0, text.n - 6));
        if (!strstr(story(path, &told), "E:"))
            fail_msg("%s", buf_cstr(&told));
    }
    buf_free(&told);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_any_shape_is_read_record_by_record),
        cmocka_unit_test(packing_makes_no_difference),
        cmocka_unit_test(where_the_text_is_cut_makes_no_difference),
        cmocka_unit_test(elements_over_the_borders_of_pieces_stay_whole),
        cmocka_unit_test(a_damaged_file_is_an_error_after_what_is_whole),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
