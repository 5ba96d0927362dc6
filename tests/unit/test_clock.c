#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void iso_is_utc_to_the_second(void **state)
{
    (void)state;
    static const struct {
        int64_t wall_ms;
        const char *expected, *why;
    } rows[] = {
        {0,             "1970-01-01T00:00:00Z", "the epoch"                        },
        {1795334400000, "2026-11-22T08:00:00Z", "a whole second"                   },
        {1795334400999, "2026-11-22T08:00:00Z", "milliseconds are cut, not rounded"},
        {-1,            "1969-12-31T23:59:59Z", "before the epoch as well"         },
        {951782400000,  "2000-02-29T00:00:00Z", "a leap day"                       },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[24];
        clock_iso(rows[i].wall_ms, out);
        assert_string_equal(out, rows[i].expected);
    }
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    (void)state;
    int64_t last = clock_ms();
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_ms();
        assert_true(now >= last);
        last = now;
    }
    assert_true(clock_wall_ms() > 1700000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso_is_utc_to_the_second),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
