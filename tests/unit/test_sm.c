#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sm.h"

enum { IDLE, BUSY, DONE };

static const struct sm_row rows[] = {
    [IDLE] = {"idle", SM_TO(BUSY)              },
    [BUSY] = {"busy", SM_TO(IDLE) | SM_TO(DONE)},
    [DONE] = {"done", 0                        },
};

static void legal_edges_are_taken(void **state)
{
    (void)state;
    struct sm m;
    sm_init(&m, rows, IDLE);
    assert_string_equal(sm_name(&m), "idle");
    sm_move(&m, BUSY);
    sm_move(&m, IDLE);
    sm_move(&m, BUSY);
    sm_move(&m, DONE);
    assert_string_equal(sm_name(&m), "done");
    assert_int_equal(m.state, DONE);
}

/* The assert ends the process, so the move is made in a child. */
static int signal_of_move(int from, int to)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        (void)!freopen("/dev/null", "w", stderr);
        struct sm m;
        sm_init(&m, rows, from);
        sm_move(&m, to);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void every_other_edge_aborts(void **state)
{
    (void)state;
    for (int from = IDLE; from <= DONE; from++)
        for (int to = IDLE; to <= DONE; to++) {
            int expected = rows[from].next & SM_TO(to) ? 0 : SIGABRT;
            assert_int_equal(signal_of_move(from, to), expected);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legal_edges_are_taken),
        cmocka_unit_test(every_other_edge_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
