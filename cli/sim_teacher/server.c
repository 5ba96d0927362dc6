#include "cli/sim_teacher/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/sim_teacher/conn.h"

#define BACKLOG 4096
#define SPARE_FDS 32 /* for everything that is no connection */

struct client {
    struct conn conn; /* first: see client_of */
    struct server *server;
    LIST_ENTRY(client) link;
};

struct server {
    struct desk desk;
    LIST_HEAD(, client) clients;
    struct loop *loop;
    int listener;
    size_t max_connections;
    size_t n_connections;
    bool accepting;
    bool over;
    bool failed; /* e says why */
    struct err *e;
};

static struct client *client_of(struct conn *c)
{
    return (struct client *)(void *)c;
}

/* Also at each event: the wait for it may have been long. */
static void read_clock(struct server *s)
{
    s->desk.now_ms = clock_ms();
    s->desk.wall_s = clock_wall_ms() / 1000;
}

static void on_listener(void *context, uint32_t events);

/* accept_more(s, on): at the limit of open files the listener is left alone: the kernel's backlog
 * waits. */
static void accept_more(struct server *s, bool on)
{
    if (s->accepting == on)
        return;
    s->accepting = on;
    if (!on)
        loop_forget(s->loop, s->listener);
    else if (!loop_watch(s->loop, s->listener, EPOLLIN, on_listener, s, s->e))
        s->failed = s->over = true;
}

static void reap(struct client *client)
{
    struct server *s = client->server;
    int fd = client->conn.fd;
    LIST_REMOVE(client, link);
    conn_free(&client->conn);
    loop_forget(s->loop, fd);
    close(fd);
    free(client);
    s->n_connections--;
    accept_more(s, true);
}

static void on_client(void *context, uint32_t events)
{
    struct client *client = context;
    read_clock(client->server);
    conn_event(&client->conn, events);
    if (conn_is_closed(&client->conn))
        reap(client);
}

static void welcome(struct server *s, int fd)
{
    const int yes = 1;
    struct err e;
    struct client *client = malloc(sizeof *client);
    if (!client) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    client->server = s;
    LIST_INSERT_HEAD(&s->clients, client, link);
    s->n_connections++;
    if (!conn_init(&client->conn, &s->desk, fd) ||
        !loop_watch(s->loop, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, on_client, client, &e))
        reap(client);
}

static void on_listener(void *context, uint32_t events)
{
    struct server *s = context;
    (void)events;
    read_clock(s);
    while (s->n_connections < s->max_connections) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            welcome(s, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            accept_more(s, s->n_connections == 0);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
    accept_more(s, false);
}

static void on_signal(void *context, int number)
{
    (void)number;
    ((struct server *)context)->over = true;
}

static void run_deadlines(struct server *s)
{
    struct ticket *t;
    while ((t = desk_due(&s->desk)) != NULL) {
        struct client *client = client_of(conn_of(t));
        conn_due(&client->conn);
        if (conn_is_closed(&client->conn))
            reap(client);
    }
}

static bool turn(struct server *s)
{
    while (!s->over) {
        if (!loop_turn(s->loop, desk_wait_ms(&s->desk), s->e))
            return false;
        read_clock(s);
        run_deadlines(s);
    }
    return !s->failed;
}

/* As many connections as the system lets this process have. */
static void raise_limit(struct server *s)
{
    struct rlimit limit;
    s->max_connections = 1024 - SPARE_FDS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 2 * SPARE_FDS)
        s->max_connections = limit.rlim_cur - SPARE_FDS;
    if (s->max_connections > 1000000)
        s->max_connections = 1000000;
}

static int bind_first(const struct addrinfo *found)
{
    for (const struct addrinfo *a = found; a; a = a->ai_next) {
        const int yes = 1;
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
            return fd;
        int reason = errno;
        close(fd);
        errno = reason;
    }
    return -1;
}

static bool split_address(const char *text, char host[256], char port[8], struct err *e)
{
    struct slice s = slice_of(text);
    size_t colon = slice_rfind(s, S(":"));
    struct slice name = slice_sub(s, 0, colon);
    int64_t number;
    if (slice_starts(name, S("[")) && slice_ends(name, S("]")))
        name = slice_sub(name, 1, name.n - 2);
    if (colon == SIZE_MAX || name.n == 0 || name.n > 255 ||
        !slice_i64(slice_from(s, colon + 1), &number) || number < 0 || number > 65535)
        return err_set(e, ERR_USAGE, "--listen needs HOST:PORT such as 127.0.0.1:8000, not '%s'",
                       text);
    snprintf(host, 256, SLICE_FMT, SLICE_ARG(name));
    snprintf(port, 8, "%d", (int)number);
    return true;
}

static bool announce(int fd, struct err *e)
{
    struct sockaddr_storage bound;
    socklen_t n = sizeof bound;
    char host[128], port[16];
    if (getsockname(fd, (struct sockaddr *)&bound, &n) != 0 ||
        getnameinfo((struct sockaddr *)&bound, n, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return err_sys(e, "cannot tell the address that was bound");
    printf(strchr(host, ':') ? "listening on [%s]:%s\n" : "listening on %s:%s\n", host, port);
    return fflush(stdout) == 0 || err_sys(e, "cannot write to standard output");
}

static bool open_listener(struct server *s, const char *address, struct err *e)
{
    char host[256], port[8];
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    if (!split_address(address, host, port, e))
        return false;
    int rc = getaddrinfo(host, port, &hints, &found);
    if (rc != 0)
        return err_set(e, ERR_USAGE, "--listen %s: %s", address, gai_strerror(rc));
    s->listener = bind_first(found);
    freeaddrinfo(found);
    if (s->listener < 0)
        return err_sys(e, "--listen %s: cannot listen there", address);
    accept_more(s, true);
    return !s->failed;
}

static bool open_all(struct server *s, const struct server_options *o, struct err *e)
{
    const int signals[] = {SIGTERM, SIGINT};
    raise_limit(s);
    read_clock(s);
    s->loop = loop_new(e);
    return s->loop && stats_open(&s->desk.stats, o->log, s->desk.now_ms, e) &&
           loop_signals(s->loop, signals, 2, on_signal, s, e) && open_listener(s, o->listen, e) &&
           announce(s->listener, e);
}

static void close_all(struct server *s)
{
    struct client *client;
    s->accepting = true; /* the listener is of no interest any more */
    while ((client = LIST_FIRST(&s->clients)) != NULL)
        reap(client);
    if (s->listener >= 0)
        close(s->listener);
    stats_close(&s->desk.stats);
    desk_free(&s->desk);
    loop_free(s->loop);
}

bool server_run(const struct server_options *o, struct err *e)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(e, ERR_NOMEM, "out of memory for the server");
    desk_init(&s->desk, o->character, o->capacity);
    LIST_INIT(&s->clients);
    s->desk.stats.log = -1;
    s->listener = -1;
    s->e = e;
    bool ok = open_all(s, o, e) && turn(s);
    close_all(s);
    free(s);
    return ok;
}
