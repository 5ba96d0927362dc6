#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/text.h"

static void set_fills_code_text_and_place(void **state)
{
    (void)state;
    struct err e;
    assert_false(err_set(&e, ERR_LIMIT, "%s: %d is too much", "n", 7));
    assert_int_equal(e.code, ERR_LIMIT);
    assert_int_equal(e.sys, 0);
    assert_string_equal(e.text, "n: 7 is too much");
    assert_non_null(strstr(e.file, "test_err.c"));
    assert_true(e.line > 0);
}

static void sys_maps_errno_and_appends_its_text(void **state)
{
    (void)state;
    static const struct {
        int sys;
        enum err_code code;
        const char *why;
    } rows[] = {
        {ENOSPC, ERR_FULL,     "a full disk is said as such"},
        {EDQUOT, ERR_FULL,     "a quota is a full disk"     },
        {ENOENT, ERR_NOTFOUND, "a missing file"             },
        {ENOMEM, ERR_NOMEM,    "memory"                     },
        {EACCES, ERR_IO,       "everything else"            },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err e;
        errno = rows[i].sys;
        assert_false(err_sys(&e, "cannot open %s", "x"));
        assert_int_equal(e.code, rows[i].code);
        assert_int_equal(e.sys, rows[i].sys);
        char expected[256] = "cannot open x: ";
        strncat(expected, strerror(rows[i].sys), 200);
        assert_string_equal(e.text, expected);
    }
}

static void wrap_puts_context_before_and_keeps_the_code(void **state)
{
    (void)state;
    struct err e;
    err_set(&e, ERR_SYNTAX, "bad");
    assert_false(err_wrap(&e, "line %d", 3));
    assert_false(err_wrap(&e, "f.yaml"));
    assert_string_equal(e.text, "f.yaml: line 3: bad");
    assert_int_equal(e.code, ERR_SYNTAX);
}

static void set_may_quote_its_own_text(void **state)
{
    (void)state;
    struct err e;
    err_set(&e, ERR_IO, "inner");
    err_set(&e, ERR_USAGE, "outer (%s)", e.text);
    assert_string_equal(e.text, "outer (inner)");
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    char text[1200];
    for (size_t start = 0; start < 4; start++) { /* every phase of a four-byte character */
        memset(text, 'a', start);
        for (size_t at = start; at + 4 < sizeof(text); at += 4)
            memcpy(text + at, "\xF0\x9F\x98\x80", 5);
        struct err e;
        err_set(&e, ERR_IO, "%s", text);
        assert_true(strlen(e.text) >= sizeof(e.text) - 4);
        assert_int_equal(text_utf8_error(slice_of(e.text)), SIZE_MAX);
        err_wrap(&e, "context");
        assert_true(strlen(e.text) >= sizeof(e.text) - 4);
        assert_int_equal(text_utf8_error(slice_of(e.text)), SIZE_MAX);
        assert_int_equal(strncmp(e.text, "context: ", 9), 0);
    }
}

static void every_code_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_OK), "OK");
    assert_string_equal(err_name(ERR_PROTOCOL), "PROTOCOL");
    assert_string_equal(err_name((enum err_code)99), "UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_fills_code_text_and_place),
        cmocka_unit_test(sys_maps_errno_and_appends_its_text),
        cmocka_unit_test(wrap_puts_context_before_and_keeps_the_code),
        cmocka_unit_test(set_may_quote_its_own_text),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(every_code_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
