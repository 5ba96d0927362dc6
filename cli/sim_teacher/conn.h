/*
 * conn: one client's connection, a state machine:
 *
 *   READING -> QUEUED -> GENERATING -> SENDING <-> PAUSED     a completion
 *      ^  \------------> GENERATING       |
 *      |   \------------------------> SENDING                 anything answered at once
 *      |    \----> HUNG                   |
 *      +----------------------------------+-> LINGERING -> CLOSED
 *
 * One request at a time: what a client sends ahead is kept and read when its turn comes. A client
 * that closes its side while it waits has gone.
 */
#ifndef SIM_TEACHER_CONN_H
#define SIM_TEACHER_CONN_H

#include "base/sm.h"
#include "cli/sim_teacher/delivery.h"
#include "cli/sim_teacher/desk.h"
#include "cli/sim_teacher/http.h"

struct conn {
    struct ticket ticket; /* first: the desk's tickets are the connections */
    struct desk *desk;
    int fd;
    struct sm state;
    bool readable;   /* a read may bring something */
    bool left;       /* the client has closed its side */
    bool continued;  /* "100 Continue" has been said */
    bool http10;     /* of the request being answered */
    bool keep_alive; /* likewise */
    struct http_request request;
    struct buf rest;           /* what was read beyond the request */
    size_t rest_at;            /* where the unread part of it begins */
    struct judgment *judgment; /* NULL: no completion is being answered */
    struct buf out;
    struct delivery delivery;
    size_t sent, allowed; /* bytes of out; allowed: up to the end of the current piece */
};

/* conn_init(c, desk, fd): fd is non-blocking and stays the caller's. False: no memory. */
bool conn_init(struct conn *c, struct desk *d, int fd);
/* conn_free(c): a completion in progress counts as not served. */
void conn_free(struct conn *c);
/* conn_event(c, epoll_events): the descriptor is watched edge-triggered for EPOLLIN, EPOLLOUT and
 * EPOLLRDHUP. */
void conn_event(struct conn *c, uint32_t epoll_events);
/* conn_due(c): the deadline of its ticket has come. */
void conn_due(struct conn *c);
/* conn_is_closed(c): nothing more will happen; free it and close the descriptor. */
bool conn_is_closed(const struct conn *c);
/* conn_of(t): the connection whose ticket this is. */
struct conn *conn_of(struct ticket *t);

#endif
