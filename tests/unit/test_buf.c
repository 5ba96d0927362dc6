#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"

static void additions_append_and_end_in_nul(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    assert_string_equal(buf_cstr(&b), "");
    buf_str(&b, "a");
    buf_char(&b, '\0');
    buf_slice(&b, S("bc"));
    buf_addf(&b, "<%d|%s>", -5, "x");
    assert_true(slice_eq(buf_view(&b), S("a\0bc<-5|x>")));
    assert_int_equal(b.p[b.n], '\0');
    buf_clear(&b);
    assert_string_equal(buf_cstr(&b), "");
    buf_free(&b);
    assert_null(b.p);
}

static void numbers_are_written_in_full(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_u64(&b, 0);
    buf_char(&b, ' ');
    buf_u64(&b, UINT64_MAX);
    buf_char(&b, ' ');
    buf_i64(&b, INT64_MIN);
    buf_char(&b, ' ');
    buf_i64(&b, -1);
    assert_string_equal(buf_cstr(&b), "0 18446744073709551615 -9223372036854775808 -1");
    buf_free(&b);
}

static void the_maximum_can_be_reached_but_not_passed(void **state)
{
    (void)state;
    struct err e;
    struct buf b;
    buf_init(&b, 200);
    for (int i = 0; i < 200; i++)
        buf_char(&b, 'x');
    assert_true(buf_ok(&b, "the row", &e));
    assert_int_equal(b.n, 200);
    buf_char(&b, 'y');
    assert_false(buf_ok(&b, "the row", &e));
    assert_int_equal(e.code, ERR_LIMIT);
    assert_string_equal(e.text, "the row is larger than the maximum of 200 bytes");
    buf_free(&b);
}

static void failure_sticks_until_cleared(void **state)
{
    (void)state;
    struct err e;
    struct buf b;
    buf_init(&b, 4);
    buf_str(&b, "abc");
    buf_str(&b, "too long");
    buf_str(&b, "d"); /* would fit, but a hole must not go unnoticed */
    assert_string_equal(buf_cstr(&b), "abc");
    assert_false(buf_ok(&b, "b", &e));
    buf_clear(&b);
    buf_str(&b, "d");
    assert_true(buf_ok(&b, "b", &e));
    assert_string_equal(buf_cstr(&b), "d");
    buf_free(&b);
}

static void long_formats_fit(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (size_t n = 120; n < 140; n++) { /* around the size of the small buffer */
        struct buf b;
        buf_init(&b, 2000);
        buf_addf(&b, "%.*s!", (int)n, text);
        assert_int_equal(b.n, n + 1);
        assert_int_equal(b.p[n], '!');
        assert_int_equal(b.p[n + 1], '\0');
        buf_free(&b);
    }
}

static void space_is_writable_and_counts_when_used(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    char *space = buf_space(&b, 100);
    assert_non_null(space);
    memset(space, 'z', 100);
    b.n += 40;
    assert_null(buf_space(&b, 61));
    assert_true(b.failed);
    assert_null(buf_space(&b, 1));
    assert_int_equal(buf_view(&b).n, 40);
    buf_free(&b);
    buf_init(&b, 100);
    assert_null(buf_space(&b, SIZE_MAX));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions_append_and_end_in_nul),
        cmocka_unit_test(numbers_are_written_in_full),
        cmocka_unit_test(the_maximum_can_be_reached_but_not_passed),
        cmocka_unit_test(failure_sticks_until_cleared),
        cmocka_unit_test(long_formats_fit),
        cmocka_unit_test(space_is_writable_and_counts_when_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
