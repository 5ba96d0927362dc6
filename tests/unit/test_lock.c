/* Who may write a store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coordinator/store/lock.h"
#include "tests/lib/scratch.h"

static void a_second_holder_is_refused_and_told_who_the_first_is(void **state)
{
    (void)state;
    const char *path = scratch_path("held.db");
    char text[256], process[64];
    struct err e;
    int fd = lock_take(path, &e);
    assert_true(fd >= 0);
    assert_int_equal(lock_take(path, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    snprintf(process, sizeof process, "process %ld on ", (long)getpid());
    assert_non_null(strstr(e.text, process));
    assert_true(lock_holder(path, text, sizeof text));
    assert_non_null(strstr(text, process));
    close(fd);
    assert_false(lock_holder(path, text, sizeof text));
}

/* A run that is killed in the moment when it starts a worker: until that one executes its program
 * it holds all that the run held. */
static void a_child_that_has_not_executed_its_program_yet_is_waited_for(void **state)
{
    (void)state;
    const char *path = scratch_path("forked.db");
    struct err e;
    int fd = lock_take(path, &e);
    assert_true(fd >= 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        usleep(50 * 1000);
        _exit(0);
    }
    close(fd);
    fd = lock_take(path, &e);
    if (fd < 0)
        fail_msg("%s", e.text);
    close(fd);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_holder_is_refused_and_told_who_the_first_is),
        cmocka_unit_test(a_child_that_has_not_executed_its_program_yet_is_waited_for),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
