#include "worker/teacher/multi.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"

struct multi {
    CURLM *curl;
    struct loop *loop;
    size_t load;
    int64_t due;
};

/* What the loop gives back for a socket: it has to find the multi and the number. */
struct watch {
    struct multi *multi;
    curl_socket_t fd;
};

static void on_socket(void *context, uint32_t events)
{
    struct watch watch = *(struct watch *)context; /* curl may forget it on the way */
    int mask = 0;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP))
        mask |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        mask |= CURL_CSELECT_OUT;
    if (events & EPOLLERR)
        mask |= CURL_CSELECT_ERR;
    int running;
    curl_multi_socket_action(watch.multi->curl, watch.fd, mask, &running);
}

static void forget(struct multi *m, curl_socket_t fd, struct watch *watch)
{
    loop_forget(m->loop, fd);
    curl_multi_assign(m->curl, fd, NULL);
    free(watch);
}

/* A socket that cannot be watched is left to the deadlines: an error here would kill every transfer
 * of the multi handle. */
static int set_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
    (void)easy;
    struct multi *m = context;
    struct watch *watch = socket_context;
    struct err e;
    if (what == CURL_POLL_REMOVE) {
        forget(m, fd, watch);
        return 0;
    }
    if (!watch) {
        watch = malloc(sizeof *watch);
        if (!watch) {
            log_error("out of memory for watching a connection");
            return 0;
        }
        *watch = (struct watch){m, fd};
        curl_multi_assign(m->curl, fd, watch);
    }
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if (!loop_watch(m->loop, fd, events, on_socket, watch, &e))
        log_error("%s", e.text);
    return 0;
}

static int set_timer(CURLM *curl, long timeout_ms, void *context)
{
    (void)curl;
    struct multi *m = context;
    m->due = timeout_ms < 0 ? MULTI_NEVER : clock_ms() + timeout_ms;
    return 0;
}

struct multi *multi_new(struct loop *loop, struct err *e)
{
    struct multi *m = calloc(1, sizeof *m);
    CURLM *curl = curl_multi_init();
    if (!m || !curl) {
        free(m);
        curl_multi_cleanup(curl);
        err_set(e, ERR_NOMEM, "out of memory for connections");
        return NULL;
    }
    *m = (struct multi){.curl = curl, .loop = loop, .due = MULTI_NEVER};
    curl_multi_setopt(curl, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(curl, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(curl, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(curl, CURLMOPT_TIMERDATA, m);
    curl_multi_setopt(curl, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    /* Below the number of transfers curl would close connections only to open them again. */
    curl_multi_setopt(curl, CURLMOPT_MAXCONNECTS, (long)MULTI_CAPACITY + 16);
    return m;
}

void multi_free(struct multi *m)
{
    if (!m)
        return;
    assert(m->load == 0);
    curl_multi_cleanup(m->curl);
    free(m);
}

bool multi_add(struct multi *m, CURL *easy, struct err *e)
{
    CURLMcode code = curl_multi_add_handle(m->curl, easy);
    if (code != CURLM_OK)
        return err_set(e, code == CURLM_OUT_OF_MEMORY ? ERR_NOMEM : ERR_IO,
                       "cannot start a transfer: %s", curl_multi_strerror(code));
    m->load++;
    return true;
}

void multi_remove(struct multi *m, CURL *easy)
{
    assert(m->load > 0);
    CURLMcode code = curl_multi_remove_handle(m->curl, easy);
    assert(code == CURLM_OK); /* else we are within a callback of curl */
    m->load--;
}

size_t multi_load(const struct multi *m)
{
    return m->load;
}

int64_t multi_due(const struct multi *m)
{
    return m->due;
}

void multi_turn(struct multi *m, int64_t now)
{
    if (m->due > now)
        return;
    int running;
    m->due = MULTI_NEVER;
    curl_multi_socket_action(m->curl, CURL_SOCKET_TIMEOUT, 0, &running);
}

bool multi_next(struct multi *m, CURL **easy, CURLcode *code)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(m->curl, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        *easy = message->easy_handle;
        *code = message->data.result;
        return true;
    }
    return false;
}
