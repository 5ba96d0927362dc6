#include "cli/sim_teacher/conn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/sim_teacher/completion.h"
#include "cli/sim_teacher/reply.h"
#include "cli/sim_teacher/route.h"

#define IDLE_MS (5 * 60 * 1000)
#define LINGER_MS 2000

enum state { READING, QUEUED, GENERATING, HUNG, SENDING, PAUSED, LINGERING, CLOSED };

/* In the order of the enum. */
/* clang-format off */
static const struct sm_row states[] = {
    {"reading", SM_TO(QUEUED) | SM_TO(GENERATING) | SM_TO(HUNG) | SM_TO(SENDING) | SM_TO(CLOSED)},
    {"queued", SM_TO(GENERATING) | SM_TO(CLOSED)},
    {"generating", SM_TO(SENDING) | SM_TO(CLOSED)},
    {"hung", SM_TO(CLOSED)},
    {"sending", SM_TO(READING) | SM_TO(PAUSED) | SM_TO(LINGERING) | SM_TO(CLOSED)},
    {"paused", SM_TO(SENDING) | SM_TO(CLOSED)},
    {"lingering", SM_TO(CLOSED)},
    {"closed", 0},
};
/* clang-format on */

struct conn *conn_of(struct ticket *t)
{
    return (struct conn *)(void *)t;
}

bool conn_is_closed(const struct conn *c)
{
    return c->state.state == CLOSED;
}

bool conn_init(struct conn *c, struct desk *d, int fd)
{
    *c = (struct conn){.desk = d, .fd = fd};
    heap_node_init(&c->ticket.deadline);
    sm_init(&c->state, states, READING);
    http_begin(&c->request);
    buf_init(&c->rest, DESK_SCRATCH);
    buf_init(&c->out, COMPLETION_MAX);
    stats_connected(&d->stats);
    return desk_set(d, &c->ticket, IDLE_MS);
}

static void end_judgment(struct conn *c, bool written)
{
    stats_end(&c->desk->stats, c->judgment, written, c->desk->now_ms);
    judgment_free(c->judgment);
}

/* A completion is over, served or not; the next in line moves up. */
static void end_completion(struct conn *c, bool written)
{
    if (c->judgment)
        end_judgment(c, written);
    free(c->judgment);
    c->judgment = NULL;
    desk_leave(c->desk, &c->ticket);
}

void conn_free(struct conn *c)
{
    end_completion(c, false);
    http_end(&c->request);
    buf_free(&c->rest);
    buf_free(&c->out);
    stats_disconnected(&c->desk->stats);
}

static void close_now(struct conn *c)
{
    end_completion(c, false);
    sm_move(&c->state, CLOSED);
}

static void set_deadline(struct conn *c, int64_t after_ms)
{
    if (!desk_set(c->desk, &c->ticket, after_ms))
        close_now(c);
}

static void start_sending(struct conn *c, struct delivery d)
{
    sm_move(&c->state, SENDING);
    c->delivery = d;
    c->sent = 0;
    c->allowed = d.piece < d.until ? d.piece : d.until;
    set_deadline(c, IDLE_MS);
}

static void send_all(struct conn *c)
{
    start_sending(c, delivery_plain(c->out.n, !c->keep_alive));
}

static void send_error(struct conn *c, int status, const char *type, const char *message)
{
    struct reply r = {.status = status, .keep_alive = c->keep_alive, .retry_after = status == 429};
    reply_error(&c->out, &r, type, message);
    send_all(c);
}

/* The answer is made only now: thousands wait, and what waits should be small. */
static void answer(struct conn *c)
{
    struct judgment *j = c->judgment;
    struct completion_setting s = {.created = c->desk->wall_s,
                                   .keep_alive = c->keep_alive && !(c->http10 && j->stream),
                                   .http10 = c->http10};
    size_t head = completion_write(j, c->desk->character, &s, &c->out);
    if (c->out.failed) {
        close_now(c);
        return;
    }
    start_sending(c, delivery_plan(j, c->desk->character, head, c->out.n, s.keep_alive));
}

static void generate(struct conn *c)
{
    int64_t wait = delivery_wait_ms(c->judgment);
    sm_move(&c->state, GENERATING);
    if (wait > 0)
        set_deadline(c, wait);
    else
        answer(c);
}

static void fail(struct conn *c, enum fault fault)
{
    if (fault == FAULT_HANG)
        sm_move(&c->state, HUNG);
    else if (fault == FAULT_429)
        send_error(c, 429, "RateLimitError", "too many requests; please slow down");
    else if (fault == FAULT_500)
        send_error(c, 500, "InternalServerError", "something broke inside the engine");
    else
        send_error(c, 503, "ServiceUnavailableError", "the request queue is full");
}

static void start_completion(struct conn *c)
{
    struct desk *d = c->desk;
    struct refusal why;
    struct judgment *j = malloc(sizeof *j);
    if (!j) {
        send_error(c, 503, "ServiceUnavailableError", "no memory for another request");
        return;
    }
    bool understood = judgment_read(j, d->character, buf_view(&c->request.body), &d->arena, &why);
    arena_reset(&d->arena);
    if (!understood) {
        judgment_free(j);
        free(j);
        send_error(c, why.status, why.type, why.message);
        return;
    }
    uint32_t seen = stats_begin(&d->stats, j, buf_view(&c->request.body));
    judgment_decide(j, d->character, seen);
    c->judgment = j;
    desk_unset(d, &c->ticket);
    if (faults_refuses(j->fault))
        fail(c, j->fault);
    else if (desk_enter(d, &c->ticket))
        generate(c);
    else
        sm_move(&c->state, QUEUED);
}

static void take_request(struct conn *c)
{
    c->keep_alive = c->request.keep_alive;
    c->http10 = c->request.http10;
    enum route route = route_request(&c->request, c->desk->character, &c->desk->stats,
                                     c->desk->wall_s, &c->out);
    if (route == ROUTE_COMPLETION)
        start_completion(c);
    else
        send_all(c);
    http_end(&c->request);
    http_begin(&c->request);
    c->continued = false;
}

/* A client that waits for permission to send its body gets it; the few bytes always fit. */
static void say_continue(struct conn *c)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const struct http_request *r = &c->request;
    if (c->continued || !r->expects_continue || r->stage == HTTP_HEAD || r->body.n)
        return;
    c->continued = true;
    if (send(c->fd, text, sizeof text - 1, MSG_NOSIGNAL) != (ssize_t)sizeof text - 1)
        close_now(c);
}

static void feed(struct conn *c, struct slice bytes, size_t *used)
{
    *used = http_feed(&c->request, bytes);
    if (c->request.stage == HTTP_DONE) {
        take_request(c);
    } else if (c->request.stage == HTTP_BAD) {
        c->keep_alive = false;
        send_error(c, c->request.status, "BadRequestError", c->request.problem);
    } else {
        set_deadline(c, IDLE_MS);
        if (!conn_is_closed(c))
            say_continue(c);
    }
}

static void feed_rest(struct conn *c)
{
    size_t used;
    feed(c, slice_from(buf_view(&c->rest), c->rest_at), &used);
    c->rest_at += used;
    if (c->rest_at == c->rest.n) {
        buf_free(&c->rest);
        c->rest_at = 0;
    }
}

/* receive(c): bytes into the desk's scratch; 0: none for now, or the connection is closed. After a
 * short read the socket is empty, unless what follows is the end of the stream. */
static size_t receive(struct conn *c)
{
    while (c->readable) {
        ssize_t n = recv(c->fd, c->desk->scratch, DESK_SCRATCH, 0);
        if (n > 0) {
            c->readable = c->left || n == (ssize_t)DESK_SCRATCH;
            return (size_t)n;
        }
        if (n < 0 && errno == EINTR)
            continue;
        c->readable = false;
        if (n == 0 || errno != EAGAIN)
            close_now(c);
    }
    return 0;
}

static bool read_more(struct conn *c)
{
    if (c->rest.n) {
        feed_rest(c);
        return true;
    }
    size_t n = receive(c), used;
    if (n == 0)
        return false;
    feed(c, (struct slice){c->desk->scratch, n}, &used);
    buf_add(&c->rest, c->desk->scratch + used, n - used);
    if (c->rest.failed && !conn_is_closed(c))
        close_now(c);
    return true;
}

static void end_answer(struct conn *c)
{
    struct delivery d = c->delivery;
    end_completion(c, c->sent == c->out.n);
    buf_free(&c->out);
    if (d.reset) {
        const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        sm_move(&c->state, CLOSED);
    } else if (d.close) {
        shutdown(c->fd, SHUT_WR);
        sm_move(&c->state, LINGERING);
        set_deadline(c, LINGER_MS);
    } else {
        sm_move(&c->state, READING);
        set_deadline(c, IDLE_MS);
    }
}

static bool send_more(struct conn *c)
{
    while (c->sent < c->allowed) {
        ssize_t n = send(c->fd, c->out.p + c->sent, c->allowed - c->sent, MSG_NOSIGNAL);
        if (n >= 0) {
            c->sent += (size_t)n;
        } else if (errno == EAGAIN) {
            return false;
        } else if (errno != EINTR) {
            close_now(c);
            return false;
        }
    }
    if (c->allowed == c->delivery.until) {
        end_answer(c);
    } else {
        sm_move(&c->state, PAUSED);
        set_deadline(c, c->delivery.interval_ms);
    }
    return true;
}

/* Closing with unread bytes would reset the connection and could tear the answer out of the
 * client's hands. */
static bool linger(struct conn *c)
{
    return receive(c) > 0;
}

/* step(c): does what can be done now; false: something must happen first. */
static bool step(struct conn *c)
{
    switch ((enum state)c->state.state) {
    case READING:
        return read_more(c);
    case SENDING:
        return send_more(c);
    case LINGERING:
        return linger(c);
    case QUEUED:
    case GENERATING:
    case HUNG:
    case PAUSED:
        if (c->left)
            close_now(c);
        return false;
    case CLOSED:
        break;
    }
    return false;
}

static void advance(struct conn *c)
{
    while (step(c)) {
    }
}

void conn_event(struct conn *c, uint32_t epoll_events)
{
    if (epoll_events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        c->left = true;
    if (c->left || (epoll_events & EPOLLIN))
        c->readable = true;
    advance(c);
}

void conn_due(struct conn *c)
{
    switch ((enum state)c->state.state) {
    case QUEUED:
        generate(c);
        break;
    case GENERATING:
        answer(c);
        break;
    case PAUSED:
        c->allowed += c->delivery.piece;
        if (c->allowed > c->delivery.until)
            c->allowed = c->delivery.until;
        sm_move(&c->state, SENDING);
        set_deadline(c, IDLE_MS);
        break;
    case READING: /* idle for too long */
    case SENDING:
    case LINGERING:
        close_now(c);
        break;
    case HUNG:
    case CLOSED:
        assert(c->ticket.generating); /* never: these states have no deadline */
    }
    advance(c);
}
