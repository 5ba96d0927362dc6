/*
 * link: frames over ZeroMQ (zmq.h is included in link.c alone, and later in the key generator).
 * A hub (ROUTER) knows its peers by small numbers; a spoke (DEALER) talks to one hub. Frames are
 * opaque bytes. Nothing is dropped silently: a full pipe or a vanished peer is an answer. Flow is
 * limited by credit above this layer; the high-water mark is only a net.
 */
#ifndef BASE_LINK_H
#define BASE_LINK_H

#include "base/buf.h"

struct link;

enum link_sent { LINK_SENT, LINK_FULL, LINK_GONE, LINK_FAILED };
enum link_got { LINK_FRAME, LINK_NOTHING, LINK_ERROR };

/* link_bind(endpoint, max_frame, e): a hub on "ipc://…" or "tcp://host:port" (port * : any free
 * one). */
struct link *link_bind(const char *endpoint, size_t max_frame, struct err *e);
/* link_connect(endpoint, max_frame, e): a spoke; connecting goes on in the background for ever. */
struct link *link_connect(const char *endpoint, size_t max_frame, struct err *e);
void link_close(struct link *l); /* waits at most one second for what is unsent */
/* link_endpoint(l): where a hub really listens. */
const char *link_endpoint(const struct link *l);
/* link_fd(l): readable when something *may* have happened. Call link_recv until LINK_NOTHING, also
 * after sending: ZeroMQ signals edges, not levels. */
int link_fd(const struct link *l);
/* link_send(l, peer, frame, e): peer is ignored by a spoke. LINK_FULL: not taken, try again later (a
 * spoke without a connection is full, so that nothing piles up for a hub that is away);
 * LINK_GONE: that peer is not connected; e is set for LINK_FAILED alone, also for a frame over the
 * maximum. */
enum link_sent link_send(struct link *l, uint32_t peer, struct slice frame, struct err *e);
/* link_recv(l, peer, frame, e): *frame is valid until the next link_recv or link_close. A hub
 * numbers its peers from 1 as their first frames come; for a spoke *peer is 0. */
enum link_got link_recv(struct link *l, uint32_t *peer, struct slice *frame, struct err *e);
/* link_forget(l, peer): the number may be used again for another peer. */
void link_forget(struct link *l, uint32_t peer);

#endif
