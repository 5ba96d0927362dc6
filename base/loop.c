#include "base/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EVENTS_PER_TURN 256
#define FIRST_ENTRIES 64

/* One for each fd number. The generation tells an event of this registration from one of an earlier
 * registration of the same number that still waits in the batch of the current turn. */
struct entry {
    loop_fd_fn *fn; /* NULL: not watched */
    void *context;
    uint32_t events;
    uint32_t generation;
};

struct loop {
    int epoll;
    int signals; /* signalfd, -1 when no signals are watched */
    loop_signal_fn *signal_fn;
    void *signal_context;
    struct entry *entries; /* by fd */
    size_t n_entries;
    uint32_t generation;
    bool turning;
    struct epoll_event batch[EVENTS_PER_TURN];
};

struct loop *loop_new(struct err *e)
{
    struct loop *l = calloc(1, sizeof(*l));
    if (!l) {
        err_set(e, ERR_NOMEM, "out of memory for the event loop");
        return NULL;
    }
    l->signals = -1;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0) {
        err_sys(e, "cannot create an epoll instance");
        free(l);
        return NULL;
    }
    return l;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    if (l->signals >= 0)
        close(l->signals);
    close(l->epoll);
    free(l->entries);
    free(l);
}

/* The array follows the largest fd, which the process's limit on open files bounds. */
static bool reserve(struct loop *l, size_t fd, struct err *e)
{
    if (fd < l->n_entries)
        return true;
    size_t n = l->n_entries ? l->n_entries : FIRST_ENTRIES;
    while (n <= fd)
        n *= 2;
    struct entry *entries = reallocarray(l->entries, n, sizeof(*entries));
    if (!entries)
        return err_set(e, ERR_NOMEM, "out of memory for watching %zu descriptors", n);
    for (size_t i = l->n_entries; i < n; i++)
        entries[i] = (struct entry){0};
    l->entries = entries;
    l->n_entries = n;
    return true;
}

static int control(struct loop *l, int operation, int fd, uint32_t events, uint32_t generation)
{
    struct epoll_event event = {
        .events = events,
        .data.u64 = (uint64_t)generation << 32 | (uint32_t)fd,
    };
    return epoll_ctl(l->epoll, operation, fd, &event);
}

static int add(struct loop *l, int fd, uint32_t events, uint32_t *generation)
{
    *generation = ++l->generation;
    int rc = control(l, EPOLL_CTL_ADD, fd, events, *generation);
    if (rc != 0 && errno == EEXIST)
        rc = control(l, EPOLL_CTL_MOD, fd, events, *generation);
    return rc;
}

bool loop_watch(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *context,
                struct err *e)
{
    assert(fd >= 0 && fn);
    if (!reserve(l, (size_t)fd, e))
        return false;
    struct entry *entry = &l->entries[fd];
    uint32_t generation = entry->generation;
    int rc;
    if (entry->fn) {
        rc = control(l, EPOLL_CTL_MOD, fd, events, generation);
        if (rc != 0 && errno == ENOENT) /* closed without loop_forget, and the number used again */
            rc = add(l, fd, events, &generation);
    } else {
        rc = add(l, fd, events, &generation);
    }
    if (rc != 0)
        return err_sys(e, "cannot watch file descriptor %d", fd);
    *entry = (struct entry){fn, context, events, generation};
    return true;
}

void loop_forget(struct loop *l, int fd)
{
    if (fd < 0 || (size_t)fd >= l->n_entries || !l->entries[fd].fn)
        return;
    /* The descriptor may be closed already; then epoll has forgotten it by itself. */
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, fd, NULL);
    l->entries[fd] = (struct entry){0};
}

static void on_signals(void *context, uint32_t events)
{
    (void)events;
    struct loop *l = context;
    struct signalfd_siginfo info;
    while (read(l->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        l->signal_fn(l->signal_context, (int)info.ssi_signo);
}

bool loop_signals(struct loop *l, const int *numbers, int n, loop_signal_fn *fn, void *context,
                  struct err *e)
{
    assert(l->signals < 0);
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < n; i++)
        sigaddset(&set, numbers[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return err_sys(e, "cannot block signals");
    l->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (l->signals < 0)
        return err_sys(e, "cannot create a signalfd");
    l->signal_fn = fn;
    l->signal_context = context;
    return loop_watch(l, l->signals, EPOLLIN, on_signals, l, e);
}

static void run_event(struct loop *l, const struct epoll_event *event)
{
    uint32_t fd = (uint32_t)event->data.u64;
    uint32_t generation = (uint32_t)(event->data.u64 >> 32);
    if (fd >= l->n_entries)
        return;
    struct entry entry = l->entries[fd]; /* a copy: the callback may watch and forget */
    uint32_t events = event->events & (entry.events | EPOLLERR | EPOLLHUP);
    if (entry.fn && entry.generation == generation && events != 0)
        entry.fn(entry.context, events);
}

bool loop_turn(struct loop *l, int64_t timeout_ms, struct err *e)
{
    assert(!l->turning);
    int timeout = timeout_ms > INT_MAX ? INT_MAX : timeout_ms < 0 ? -1 : (int)timeout_ms;
    int n = epoll_wait(l->epoll, l->batch, EVENTS_PER_TURN, timeout);
    if (n < 0)
        return errno == EINTR || err_sys(e, "cannot wait for events");
    l->turning = true;
    for (int i = 0; i < n; i++)
        run_event(l, &l->batch[i]);
    l->turning = false;
    return true;
}
