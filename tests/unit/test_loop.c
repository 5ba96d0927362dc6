#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/loop.h"

static struct err e;

struct watcher {
    struct loop *loop;
    int fd;
    int calls;
    uint32_t events;
    int forget;  /* forget (and close) this descriptor when called; -1: none */
    int replace; /* put a fresh, quiet descriptor in its place */
};

static void on_event(void *context, uint32_t events)
{
    struct watcher *w = context;
    w->calls++;
    w->events = events;
    if (w->forget < 0)
        return;
    loop_forget(w->loop, w->forget);
    if (w->replace) {
        int fresh = eventfd(0, EFD_NONBLOCK);
        dup2(fresh, w->forget);
        close(fresh);
    }
}

static int ready_fd(void)
{
    int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void turn(struct loop *l)
{
    assert_true(loop_turn(l, 0, &e));
}

static void events_reach_their_watcher_until_forgotten(void **state)
{
    (void)state;
    struct loop *l = loop_new(&e);
    struct watcher w = {l, ready_fd(), 0, 0, -1, 0};
    assert_true(loop_watch(l, w.fd, EPOLLIN, on_event, &w, &e));
    turn(l);
    assert_int_equal(w.calls, 1);
    assert_int_equal(w.events, EPOLLIN);
    assert_true(loop_watch(l, w.fd, EPOLLOUT, on_event, &w, &e)); /* changes what is watched */
    turn(l);
    assert_int_equal(w.calls, 2);
    assert_int_equal(w.events, EPOLLOUT);
    loop_forget(l, w.fd);
    loop_forget(l, w.fd);
    loop_forget(l, 100000);
    loop_forget(l, -1);
    turn(l);
    assert_int_equal(w.calls, 2);
    close(w.fd);
    loop_free(l);
}

static void a_callback_may_forget_itself_or_another(void **state)
{
    (void)state;
    for (int replace = 0; replace < 2; replace++) {
        struct loop *l = loop_new(&e);
        struct watcher a = {l, ready_fd(), 0, 0, -1, replace};
        struct watcher b = {l, ready_fd(), 0, 0, -1, replace};
        a.forget = b.fd;
        b.forget = a.fd;
        assert_true(loop_watch(l, a.fd, EPOLLIN, on_event, &a, &e));
        assert_true(loop_watch(l, b.fd, EPOLLIN, on_event, &b, &e));
        turn(l);
        assert_int_equal(a.calls + b.calls, 1); /* the other was ready in the same turn */
        struct watcher *left = a.calls ? &a : &b;
        left->forget = left->fd;
        turn(l);
        assert_int_equal(left->calls, 2);
        turn(l);
        assert_int_equal(a.calls + b.calls, 2);
        close(a.fd);
        close(b.fd);
        loop_free(l);
    }
}

struct swap {
    struct loop *loop;
    int old;
    struct watcher *fresh;
};

/* Forgets a ready descriptor and watches a quiet one under the same number, within one turn. */
static void on_swap(void *context, uint32_t events)
{
    (void)events;
    struct swap *s = context;
    loop_forget(s->loop, s->old);
    int quiet = eventfd(0, EFD_NONBLOCK);
    dup2(quiet, s->old);
    close(quiet);
    assert_true(loop_watch(s->loop, s->old, EPOLLIN, on_event, s->fresh, &e));
}

static void an_old_event_never_reaches_the_new_owner_of_a_number(void **state)
{
    (void)state;
    struct loop *l = loop_new(&e);
    int first = ready_fd(), second = ready_fd();
    struct watcher fresh = {l, -1, 0, 0, -1, 0};
    struct swap on_first = {l, second, &fresh}, on_second = {l, first, &fresh};
    assert_true(loop_watch(l, first, EPOLLIN, on_swap, &on_first, &e));
    assert_true(loop_watch(l, second, EPOLLIN, on_swap, &on_second, &e));
    turn(l);
    assert_int_equal(fresh.calls, 0);
    close(first);
    close(second);
    loop_free(l);
}

static void a_number_closed_without_forget_can_be_watched_again(void **state)
{
    (void)state;
    struct loop *l = loop_new(&e);
    struct watcher old = {l, ready_fd(), 0, 0, -1, 0};
    assert_true(loop_watch(l, old.fd, EPOLLIN, on_event, &old, &e));
    close(old.fd);
    struct watcher new = {l, ready_fd(), 0, 0, -1, 0};
    assert_int_equal(new.fd, old.fd); /* the kernel gives the lowest free number */
    assert_true(loop_watch(l, new.fd, EPOLLIN, on_event, &new, &e));
    turn(l);
    assert_int_equal(old.calls, 0);
    assert_int_equal(new.calls, 1);
    close(new.fd);
    loop_free(l);
}

static void what_cannot_be_watched_is_an_error(void **state)
{
    (void)state;
    struct loop *l = loop_new(&e);
    struct watcher w = {l, 9999, 0, 0, -1, 0};
    assert_false(loop_watch(l, w.fd, EPOLLIN, on_event, &w, &e));
    assert_int_equal(e.code, ERR_IO);
    turn(l);
    assert_int_equal(w.calls, 0);
    loop_free(l);
}

static void on_test_signal(void *context, int signal_number)
{
    int *seen = context;
    seen[signal_number == SIGUSR2]++;
}

static void signals_arrive_as_events(void **state)
{
    (void)state;
    struct loop *l = loop_new(&e);
    int seen[2] = {0, 0};
    const int numbers[] = {SIGUSR1, SIGUSR2};
    assert_true(loop_signals(l, numbers, 2, on_test_signal, seen, &e));
    raise(SIGUSR1);
    raise(SIGUSR2);
    turn(l);
    assert_int_equal(seen[0], 1);
    assert_int_equal(seen[1], 1);
    turn(l);
    assert_int_equal(seen[0] + seen[1], 2);
    loop_free(l);
}

static void many_descriptors_are_all_served(void **state)
{
    (void)state;
    enum { MOST = 16000 };
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    int n = limit.rlim_cur < MOST + 100 ? (int)limit.rlim_cur / 2 : MOST;
    static struct watcher watchers[MOST];
    struct loop *l = loop_new(&e);
    for (int i = 0; i < n; i++) {
        watchers[i] = (struct watcher){l, ready_fd(), 0, 0, -1, 0};
        watchers[i].forget = watchers[i].fd; /* once each */
        assert_true(loop_watch(l, watchers[i].fd, EPOLLIN, on_event, &watchers[i], &e));
    }
    for (int i = 0; i < n / 256 + 1; i++)
        turn(l);
    for (int i = 0; i < n; i++) {
        assert_int_equal(watchers[i].calls, 1);
        close(watchers[i].fd);
    }
    loop_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_reach_their_watcher_until_forgotten),
        cmocka_unit_test(a_callback_may_forget_itself_or_another),
        cmocka_unit_test(an_old_event_never_reaches_the_new_owner_of_a_number),
        cmocka_unit_test(a_number_closed_without_forget_can_be_watched_again),
        cmocka_unit_test(what_cannot_be_watched_is_an_error),
        cmocka_unit_test(signals_arrive_as_events),
        cmocka_unit_test(many_descriptors_are_all_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
