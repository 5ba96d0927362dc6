#include "tests/lib/fake_teacher.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_CONNECTIONS 8192
#define MOST_REQUEST_BYTES 65536
#define DRIP_MS 5
#define STACK_BYTES (512 * 1024)

struct connection {
    struct fake_teacher *owner;
    pthread_t thread;
    int fd; /* -1: closed */
};

struct fake_teacher {
    const struct fake_script *scripts;
    size_t n_scripts;
    int listener, port;
    pthread_t acceptor;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    bool stopping;
    struct fake_counts counts;
    struct connection connections[MOST_CONNECTIONS];
    size_t n_connections;
    char last[MOST_REQUEST_BYTES];
};

static bool send_all(int fd, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t n = send(fd, text, left, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        text += n;
        left -= (size_t)n;
    }
    return true;
}

/* Reads what comes until the other side closes, or for at most timeout_ms. True: it is still there.
 */
static bool is_there(int fd, int timeout_ms)
{
    char ignored[4096];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int ready;
    do
        ready = poll(&p, 1, timeout_ms);
    while (ready < 0 && errno == EINTR);
    return ready == 0 || recv(fd, ignored, sizeof ignored, 0) > 0;
}

static void gather(struct fake_teacher *f, size_t n)
{
    pthread_mutex_lock(&f->lock);
    f->counts.gathered++;
    pthread_cond_broadcast(&f->changed);
    while (f->counts.gathered < n && !f->stopping)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static void reset(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static bool send_times(int fd, const char *text, size_t n)
{
    do
        if (!send_all(fd, text))
            return false;
    while (n-- > 1);
    return true;
}

/* False: the connection is to be closed. */
static bool step(struct connection *c, const struct fake_step *s)
{
    switch (s->act) {
    case FAKE_SEND:
        return send_times(c->fd, s->text, s->n);
    case FAKE_DRIP:
        while (send_all(c->fd, s->text) && is_there(c->fd, DRIP_MS))
            ;
        return false;
    case FAKE_STALL:
        while (is_there(c->fd, -1))
            ;
        return false;
    case FAKE_GATHER:
        gather(c->owner, s->n);
        return true;
    case FAKE_RESET:
        reset(c->fd);
        return false;
    case FAKE_CLOSE:
        return false;
    case FAKE_END:
        break;
    }
    return true;
}

static size_t body_length(const char *head)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line ? strtoul(line + 17, NULL, 10) : 0;
}

/* A whole request, or false when the connection ends. */
static bool read_request(int fd, char *text, size_t size)
{
    size_t n = 0;
    for (;;) {
        text[n] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        if (end && n >= (size_t)(end + 4 - text) + body_length(text))
            return true;
        ssize_t got = n + 1 < size ? recv(fd, text + n, size - 1 - n, 0) : 0;
        if (got <= 0)
            return false;
        n += (size_t)got;
    }
}

static const struct fake_script *find_script(const struct fake_teacher *f, const char *request)
{
    const char *path = strchr(request, '/');
    for (size_t i = 0; path && i < f->n_scripts; i++) {
        size_t n = strlen(f->scripts[i].name);
        if (strncmp(path + 1, f->scripts[i].name, n) == 0 && path[1 + n] == '/')
            return &f->scripts[i];
    }
    fprintf(stderr, "fake_teacher: no script for %.80s\n", request);
    abort();
}

static void count_request(struct fake_teacher *f, const char *request)
{
    pthread_mutex_lock(&f->lock);
    f->counts.requests++;
    if (strcmp(f->last, request) == 0)
        f->counts.repeated++;
    snprintf(f->last, sizeof f->last, "%s", request);
    pthread_mutex_unlock(&f->lock);
}

static bool answer(struct connection *c, const struct fake_script *script)
{
    for (size_t i = 0; i < 8 && script->steps[i].act != FAKE_END; i++)
        if (!step(c, &script->steps[i]))
            return false;
    return true;
}

static void *serve(void *context)
{
    struct connection *c = context;
    struct fake_teacher *f = c->owner;
    char *request = malloc(MOST_REQUEST_BYTES);
    assert(request);
    while (read_request(c->fd, request, MOST_REQUEST_BYTES)) {
        count_request(f, request);
        if (!answer(c, find_script(f, request)))
            break;
    }
    free(request);
    pthread_mutex_lock(&f->lock);
    close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static void add_connection(struct fake_teacher *f, int fd)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_mutex_lock(&f->lock);
    assert(f->n_connections < MOST_CONNECTIONS);
    struct connection *c = &f->connections[f->n_connections++];
    *c = (struct connection){.owner = f, .fd = fd};
    f->counts.connections++;
    if (f->stopping)
        shutdown(fd, SHUT_RDWR);
    int rc = pthread_create(&c->thread, &attr, serve, c);
    assert(rc == 0);
    pthread_mutex_unlock(&f->lock);
    pthread_attr_destroy(&attr);
}

static void *accept_all(void *context)
{
    struct fake_teacher *f = context;
    for (int fd; (fd = accept(f->listener, NULL, NULL)) >= 0;)
        add_connection(f, fd);
    return NULL;
}

struct fake_teacher *fake_teacher_start(const struct fake_script *scripts, size_t n)
{
    struct fake_teacher *f = calloc(1, sizeof *f);
    assert(f);
    f->scripts = scripts;
    f->n_scripts = n;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(f->listener >= 0);
    int rc = bind(f->listener, (struct sockaddr *)&address, sizeof address);
    assert(rc == 0);
    rc = listen(f->listener, 4096);
    assert(rc == 0);
    rc = getsockname(f->listener, (struct sockaddr *)&address, &length);
    assert(rc == 0);
    f->port = ntohs(address.sin_port);
    rc = pthread_create(&f->acceptor, NULL, accept_all, f);
    assert(rc == 0);
    return f;
}

void fake_teacher_stop(struct fake_teacher *f)
{
    pthread_mutex_lock(&f->lock);
    f->stopping = true;
    shutdown(f->listener, SHUT_RDWR);
    for (size_t i = 0; i < f->n_connections; i++)
        if (f->connections[i].fd >= 0)
            shutdown(f->connections[i].fd, SHUT_RDWR);
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->acceptor, NULL);
    for (size_t i = 0; i < f->n_connections; i++)
        pthread_join(f->connections[i].thread, NULL);
    close(f->listener);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

int fake_teacher_port(const struct fake_teacher *f)
{
    return f->port;
}

struct fake_counts fake_teacher_counts(struct fake_teacher *f)
{
    pthread_mutex_lock(&f->lock);
    struct fake_counts counts = f->counts;
    pthread_mutex_unlock(&f->lock);
    return counts;
}

void fake_teacher_request(struct fake_teacher *f, char *text, size_t size)
{
    pthread_mutex_lock(&f->lock);
    snprintf(text, size, "%s", f->last);
    pthread_mutex_unlock(&f->lock);
}
