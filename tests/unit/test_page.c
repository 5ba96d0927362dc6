#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The command is no library: its pure parts are compiled into their tests. */
#include "cli/command.c"
#include "cli/figure.c"
#include "cli/page.c"
#include "cli/table.c"

static void numbers_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *text;
    } counts[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {1234567, "1,234,567"},
        {-45000, "-45,000"},
        {INT64_MIN, "-9,223,372,036,854,775,808"},
    };
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        buf_clear(&out);
        figure_count(&out, counts[i].n);
        assert_string_equal(buf_cstr(&out), counts[i].text);
    }
    buf_free(&out);
}

static void short_numbers_keep_three_digits(void **state)
{
    (void)state;
    static const struct {
        double n;
        const char *text;
    } rows[] = {
        {0, "0"},          {7, "7"},          {950, "950"},        {2.5, "2.50"},    {999.4, "999"},
        {999.6, "1.00 k"}, {12345, "12.3 k"}, {4560000, "4.56 M"}, {1e12, "1.00 T"},
    };
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_clear(&out);
        figure_short(&out, rows[i].n);
        assert_string_equal(buf_cstr(&out), rows[i].text);
    }
    buf_free(&out);
}

static void durations_name_two_units_at_most(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "0.0 s"},           {3200, "3.2 s"},          {41000, "41 s"},
        {725000, "12 min 5 s"}, {11520000, "3 h 12 min"}, {183600000, "2 d 3 h"},
    };
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_clear(&out);
        figure_duration(&out, rows[i].ms);
        assert_string_equal(buf_cstr(&out), rows[i].text);
    }
    buf_free(&out);
}

static void small_sums_keep_their_digits(void **state)
{
    (void)state;
    static const struct {
        int64_t nano;
        const char *text;
    } rows[] = {
        {0, "$0.0000"},        {1234567, "$0.0012"},         {999999999, "$1.0000"},
        {1500000000, "$1.50"}, {1234567890000, "$1,234.57"},
    };
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_clear(&out);
        figure_dollars(&out, rows[i].nano);
        assert_string_equal(buf_cstr(&out), rows[i].text);
    }
    buf_free(&out);
}

static void a_share_of_nothing_is_no_number(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 256);
    figure_percent(&out, 0, 0);
    figure_percent(&out, 2, 3);
    assert_string_equal(buf_cstr(&out), "-66.7 %");
    buf_free(&out);
}

static void line_breaks_stay_and_everything_else_is_made_safe(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown, *why;
    } rows[] = {
        {"", "", "nothing is nothing"},
        {"one", "  one\n", "a last line break is added"},
        {"one\n", "  one\n", "and not doubled"},
        {"one\r\ntwo", "  one\n  two\n", "DOS line ends"},
        {"a\n\nb", "  a\n\n  b\n", "an empty line has no blanks"},
        {"a\tb", "  a    b\n", "tabs cannot misalign"},
        {"a\033[2Jb", "  a\\u001b[2Jb\n", "escape sequences are shown"},
        {"x\rfaked", "  x\\rfaked\n", "a lone return cannot overwrite the line"},
        {"\xE2\x80\xAE"
         "evil",
         "  \\u202eevil\n", "text cannot be turned around"},
        {"\xFF", "  \\xff\n", "bytes that are no text"},
    };
    struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_clear(&out);
        page_text(&out, slice_of(rows[i].text), 2, 0);
        if (strcmp(buf_cstr(&out), rows[i].shown) != 0)
            fail_msg("%s: '%s'", rows[i].why, buf_cstr(&out));
    }
    buf_free(&out);
}

static void what_is_cut_is_counted(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    page_text(&out, S("1\n2\n3\n4\n5"), 1, 2);
    assert_string_equal(buf_cstr(&out), " 1\n 2\n ... 3 more lines\n");
    buf_clear(&out);
    page_text(&out, S("1\n2\n3\n"), 0, 2);
    assert_string_equal(buf_cstr(&out), "1\n2\n... 1 more line\n");
    buf_clear(&out);
    page_text(&out, S("1\n2\n"), 0, 2);
    assert_string_equal(buf_cstr(&out), "1\n2\n");
    buf_free(&out);
}

static void roles_are_named_when_there_are_several_messages(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    page_chat(&out, S("[{\"role\":\"user\",\"content\":\"one\"}]"), 1, 0);
    assert_string_equal(buf_cstr(&out), " one\n");
    buf_clear(&out);
    page_chat(&out,
              S("[{\"role\":\"system\",\"content\":\"be\\nkind\"},{\"role\":\"user\","
                "\"content\":\"hi\"}]"),
              1, 0);
    assert_string_equal(buf_cstr(&out), " [system]\n be\n kind\n [user]\n hi\n");
    buf_clear(&out);
    page_chat(&out, S("no json"), 1, 0);
    assert_string_equal(buf_cstr(&out), " no json\n");
    buf_free(&out);
}

static void an_excerpt_is_one_line_of_the_last_message(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    page_excerpt(&out,
                 S("[{\"role\":\"user\",\"content\":\"first\"},{\"role\":\"user\",\"content\":"
                   "\"a\\nb\"}]"),
                 10);
    assert_string_equal(buf_cstr(&out), "a\\nb");
    buf_free(&out);
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    (void)state;
    static const struct table_column columns[] = {{"name", false}, {"n", true}, {"", false}};
    struct table t;
    struct buf out;
    buf_init(&out, 4096);
    table_init(&t, columns, 3);
    table_cell(&t, S("ä"));
    table_count(&t, 12345);
    table_cell(&t, S("x"));
    table_cellf(&t, "%s", "longer");
    table_count(&t, 7);
    table_cell(&t, S(""));
    table_write(&t, &out, 1);
    assert_string_equal(buf_cstr(&out), " name         n\n"
                                        " ä       12,345  x\n"
                                        " longer       7\n");
    table_free(&t);
    buf_free(&out);
}

static void a_table_without_cells_or_heads_writes_none(void **state)
{
    (void)state;
    static const struct table_column headed[] = {{"head", false}};
    static const struct table_column plain[] = {{NULL, false}};
    struct table t;
    struct buf out;
    buf_init(&out, 4096);
    table_init(&t, headed, 1);
    table_write(&t, &out, 0);
    assert_int_equal(out.n, 0);
    table_free(&t);
    table_init(&t, plain, 1);
    table_cell(&t, S("a\nb"));
    table_write(&t, &out, 0);
    assert_string_equal(buf_cstr(&out), "a\\nb\n");
    table_free(&t);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_as_people_write_them),
        cmocka_unit_test(short_numbers_keep_three_digits),
        cmocka_unit_test(durations_name_two_units_at_most),
        cmocka_unit_test(small_sums_keep_their_digits),
        cmocka_unit_test(a_share_of_nothing_is_no_number),
        cmocka_unit_test(line_breaks_stay_and_everything_else_is_made_safe),
        cmocka_unit_test(what_is_cut_is_counted),
        cmocka_unit_test(roles_are_named_when_there_are_several_messages),
        cmocka_unit_test(an_excerpt_is_one_line_of_the_last_message),
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(a_table_without_cells_or_heads_writes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
