#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "tests/lib/scratch.h"

static char captured[64 * 1024];

/* Runs `act` with stderr going to a file, and reads the file. */
static const char *capture(void (*act)(void))
{
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    int fd = open(scratch_path("stderr"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(saved >= 0 && fd >= 0);
    dup2(fd, STDERR_FILENO);
    act();
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = pread(fd, captured, sizeof(captured) - 1, 0);
    close(fd);
    assert_true(n >= 0);
    captured[n] = '\0';
    return captured;
}

/* The line without its time stamp, whose form is checked. */
static const char *after_time(const char *line)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ ";
    for (size_t i = 0; i < sizeof(form) - 1; i++) {
        if (form[i] == 'd')
            assert_in_range(line[i], '0', '9');
        else
            assert_int_equal(line[i], form[i]);
    }
    return line + sizeof(form) - 1;
}

static void say_two(void)
{
    log_info("%s", "hello");
    log_debug("%s", "not shown at this level");
}

static void a_line_has_time_name_and_level(void **state)
{
    (void)state;
    log_setup("coordinator", LOG_INFO);
    assert_string_equal(after_time(capture(say_two)), "coordinator info: hello\n");
}

static void say_hostile(void)
{
    log_error("%s", "a\n2026-01-01T00:00:00Z coordinator info: forged\x1b[2J\xFF");
}

static void an_event_is_one_line_whatever_it_holds(void **state)
{
    (void)state;
    log_setup("w", LOG_ERROR);
    const char *line = capture(say_hostile);
    assert_string_equal(
        after_time(line),
        "w error: a\\n2026-01-01T00:00:00Z coordinator info: forged\\u001b[2J\\xff\n");
}

static void say_secrets(void)
{
    log_warn("%s", "sk-abcdef|sk-abc|sk-abcdefsk-abc|xsk-ab");
    log_warn("%s", "overlapping: aXYXYb");
}

static void secrets_are_replaced_longest_first(void **state)
{
    (void)state;
    log_setup("w", LOG_WARN);
    secret_register("sk-abc");
    secret_register("sk-abcdef");
    secret_register("sk-abc");
    secret_register("aXYX");
    secret_register("YXYb");
    secret_register("abc"); /* too short */
    capture(say_secrets);
    char *second = strchr(captured, '\n') + 1;
    assert_string_equal(after_time(second), "w warning: overlapping: [secret]\n");
    *second = '\0';
    assert_string_equal(after_time(captured),
                        "w warning: [secret]|[secret]|[secret][secret]|xsk-ab\n");
}

static void redact_overwrites_in_place(void **state)
{
    (void)state;
    char text[] = "key=sk-abcdef, aXYXYb, abc";
    secret_redact(text, sizeof(text) - 1);
    assert_string_equal(text, "key=*********, ******, abc");
    char part[] = "sk-abcdef";
    secret_redact(part, 5); /* what lies behind the end is not looked at */
    assert_string_equal(part, "sk-abcdef");
}

static size_t padding;

static void say_long(void)
{
    static char text[20000];
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text + padding, "sk-abcdef", 9);
    log_warn("%s", text);
}

static void a_cut_never_leaves_half_a_secret(void **state)
{
    (void)state;
    log_setup("w", LOG_WARN);
    for (padding = 16384 - 12; padding < 16384; padding++) {
        const char *line = capture(say_long);
        assert_null(strstr(line, "sk-a"));
        assert_int_equal(strcspn(line, "\n"), strlen(line) - 1);
        assert_int_equal(text_utf8_error(slice_of(line)), SIZE_MAX);
    }
}

static void count_call(void *context)
{
    ++*(int *)context;
}

static void the_hook_runs_before_lines_that_are_written(void **state)
{
    (void)state;
    log_setup("w", LOG_INFO);
    int calls = 0;
    log_hook(count_call, &calls);
    capture(say_two); /* one is below the level */
    assert_int_equal(calls, 1);
    log_hook(NULL, NULL);
    capture(say_two);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_name_and_level),
        cmocka_unit_test(an_event_is_one_line_whatever_it_holds),
        cmocka_unit_test(secrets_are_replaced_longest_first),
        cmocka_unit_test(redact_overwrites_in_place),
        cmocka_unit_test(a_cut_never_leaves_half_a_secret),
        cmocka_unit_test(the_hook_runs_before_lines_that_are_written),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
