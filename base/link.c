#include "base/link.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <zmq.h>

#define HASH_NONFATAL_OOM 1 /* uthash would call exit() */
#include <uthash.h>

#include "base/log.h"

#define OUR_ROUTING_ID 16
#define MOST_PEERS 65536
#define LINGER_MS 1000
#define HIGH_WATER_MARK 100000
#define RECONNECT_MS 100
#define RECONNECT_MAX_MS 2000
#define HEARTBEAT_MS 10000
#define HEARTBEAT_TIMEOUT_MS 30000
#define SMALLEST_MAX_MESSAGE 1024 /* the handshake's own messages must pass */

struct peer {
    uint32_t number;
    size_t id_n;
    UT_hash_handle hh; /* by routing id */
    uint8_t id[];
};

struct link {
    void *context;
    void *socket;
    bool hub;
    int fd;
    size_t max_frame;
    zmq_msg_t frame; /* what link_recv gave last */
    char endpoint[256];
    struct peer *by_id;
    struct peer **by_number; /* [0, n_numbers); NULL: free. Place 0 is never used */
    size_t n_numbers;
    size_t cap_numbers;
    uint32_t *free_numbers; /* a stack, as large as by_number */
    size_t n_free;
    bool refused_peers; /* said once in the log */
};

static bool fail(struct err *e, const char *what, const char *endpoint)
{
    int sys = errno;
    enum err_code code = sys == EADDRINUSE ? ERR_BUSY : ERR_IO;
    return err_set_at(e, code, sys, __FILE__, __LINE__, "cannot %s %s: %s", what, endpoint,
                      zmq_strerror(sys));
}

static bool set_int(struct link *l, int option, int value)
{
    return zmq_setsockopt(l->socket, option, &value, sizeof(value)) == 0;
}

/* With IPv6 on, ZeroMQ takes the first address of a name, and "localhost" would often mean ::1
 * where nobody listens. So: on for a literal and for every interface, else only for names without
 * IPv4. */
static bool wants_ipv6(const char *endpoint)
{
    if (strncmp(endpoint, "tcp://", 6) != 0)
        return false;
    char host[256];
    snprintf(host, sizeof(host), "%s", endpoint + 6);
    char *colon = strrchr(host, ':');
    if (colon)
        *colon = '\0';
    if (host[0] == '[' || host[0] == '*')
        return true;
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return true;
    freeaddrinfo(found);
    return false;
}

static bool set_common(struct link *l, const char *endpoint)
{
    int64_t max = (int64_t)l->max_frame;
    if (max < SMALLEST_MAX_MESSAGE)
        max = SMALLEST_MAX_MESSAGE;
    if (zmq_setsockopt(l->socket, ZMQ_MAXMSGSIZE, &max, sizeof(max)) != 0)
        return false;
    bool ok = set_int(l, ZMQ_LINGER, LINGER_MS) && set_int(l, ZMQ_SNDHWM, HIGH_WATER_MARK) &&
              set_int(l, ZMQ_RCVHWM, HIGH_WATER_MARK) &&
              set_int(l, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
              set_int(l, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS) &&
              set_int(l, ZMQ_IPV6, wants_ipv6(endpoint));
    if (ok && strncmp(endpoint, "tcp://", 6) == 0)
        ok = set_int(l, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) &&
             set_int(l, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    return ok;
}

/* Handover: a spoke that reconnects before the hub has noticed that its old connection is dead
 * takes its own place instead of being ignored. */
static bool set_hub(struct link *l)
{
    return set_int(l, ZMQ_ROUTER_MANDATORY, 1) && set_int(l, ZMQ_ROUTER_HANDOVER, 1);
}

/* A new id for each process start, so that a hub never takes a restarted worker for the old one. */
static bool set_spoke(struct link *l)
{
    uint8_t id[OUR_ROUTING_ID];
    if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
        return false;
    id[0] |= 1; /* ids that begin with 0 are ZeroMQ's own */
    /* Without a connection a frame is LINK_FULL, rather than piling up for a hub that is away. */
    return set_int(l, ZMQ_IMMEDIATE, 1) &&
           zmq_setsockopt(l->socket, ZMQ_ROUTING_ID, id, sizeof(id)) == 0;
}

static bool open_socket(struct link *l, const char *endpoint, struct err *e)
{
    l->context = zmq_ctx_new();
    if (!l->context)
        return fail(e, "start ZeroMQ for", endpoint);
    l->socket = zmq_socket(l->context, l->hub ? ZMQ_ROUTER : ZMQ_DEALER);
    if (!l->socket)
        return fail(e, "create a socket for", endpoint);
    if (!set_common(l, endpoint) || !(l->hub ? set_hub(l) : set_spoke(l)))
        return fail(e, "set the options of", endpoint);
    if (l->hub && zmq_bind(l->socket, endpoint) != 0)
        return fail(e, "listen on", endpoint);
    if (!l->hub && zmq_connect(l->socket, endpoint) != 0)
        return fail(e, "connect to", endpoint);
    size_t n = sizeof(l->endpoint);
    if (zmq_getsockopt(l->socket, ZMQ_LAST_ENDPOINT, l->endpoint, &n) != 0)
        return fail(e, "ask for the address of", endpoint);
    n = sizeof(l->fd);
    if (zmq_getsockopt(l->socket, ZMQ_FD, &l->fd, &n) != 0)
        return fail(e, "ask for the descriptor of", endpoint);
    return true;
}

static struct link *open_link(const char *endpoint, size_t max_frame, bool hub, struct err *e)
{
    struct link *l = calloc(1, sizeof(*l));
    if (!l) {
        err_set(e, ERR_NOMEM, "out of memory for the link %s", endpoint);
        return NULL;
    }
    l->hub = hub;
    l->max_frame = max_frame;
    l->n_numbers = 1;
    zmq_msg_init(&l->frame);
    if (!open_socket(l, endpoint, e)) {
        link_close(l);
        return NULL;
    }
    return l;
}

struct link *link_bind(const char *endpoint, size_t max_frame, struct err *e)
{
    return open_link(endpoint, max_frame, true, e);
}

struct link *link_connect(const char *endpoint, size_t max_frame, struct err *e)
{
    return open_link(endpoint, max_frame, false, e);
}

void link_close(struct link *l)
{
    if (!l)
        return;
    zmq_msg_close(&l->frame);
    if (l->socket)
        zmq_close(l->socket);
    while (l->context && zmq_ctx_term(l->context) != 0 && errno == EINTR)
        continue;
    struct peer *peer, *next;
    HASH_ITER(hh, l->by_id, peer, next)
    {
        HASH_DEL(l->by_id, peer);
        free(peer);
    }
    free(l->by_number);
    free(l->free_numbers);
    free(l);
}

const char *link_endpoint(const struct link *l)
{
    return l->endpoint;
}

int link_fd(const struct link *l)
{
    return l->fd;
}

static struct peer *peer_of(const struct link *l, uint32_t number)
{
    return number < l->n_numbers && number > 0 ? l->by_number[number] : NULL;
}

static bool grow_numbers(struct link *l)
{
    size_t cap = l->cap_numbers ? l->cap_numbers * 2 : 64;
    struct peer **by_number = reallocarray(l->by_number, cap, sizeof(struct peer *));
    if (!by_number)
        return false;
    l->by_number = by_number;
    uint32_t *free_numbers = reallocarray(l->free_numbers, cap, sizeof(*free_numbers));
    if (!free_numbers)
        return false;
    l->free_numbers = free_numbers;
    l->cap_numbers = cap;
    return true;
}

static struct peer *add_peer(struct link *l, const void *id, size_t n)
{
    bool fresh = l->n_free == 0;
    if (fresh && l->n_numbers > MOST_PEERS)
        return NULL;
    if (fresh && l->n_numbers >= l->cap_numbers && !grow_numbers(l))
        return NULL;
    struct peer *peer = calloc(1, sizeof(*peer) + n);
    if (!peer)
        return NULL;
    peer->id_n = n;
    memcpy(peer->id, id, n);
    HASH_ADD(hh, l->by_id, id, n, peer);
    if (!peer->hh.tbl) {
        free(peer);
        return NULL;
    }
    peer->number = fresh ? (uint32_t)l->n_numbers++ : l->free_numbers[--l->n_free];
    l->by_number[peer->number] = peer;
    return peer;
}

static struct peer *find_or_add_peer(struct link *l, zmq_msg_t *id)
{
    struct peer *peer;
    HASH_FIND(hh, l->by_id, zmq_msg_data(id), zmq_msg_size(id), peer);
    if (!peer)
        peer = add_peer(l, zmq_msg_data(id), zmq_msg_size(id));
    if (!peer && !l->refused_peers) {
        l->refused_peers = true;
        log_warn("%s: no room for more than %zu peers; frames of further ones are ignored",
                 l->endpoint, l->n_numbers - 1);
    }
    return peer;
}

void link_forget(struct link *l, uint32_t number)
{
    struct peer *peer = peer_of(l, number);
    if (!peer)
        return;
    HASH_DEL(l->by_id, peer);
    l->by_number[number] = NULL;
    l->free_numbers[l->n_free++] = number;
    free(peer);
}

static enum link_sent send_part(struct link *l, const void *bytes, size_t n, int flags,
                                struct err *e)
{
    int rc;
    do {
        rc = zmq_send(l->socket, bytes, n, flags | ZMQ_DONTWAIT);
    } while (rc < 0 && errno == EINTR);
    if (rc >= 0)
        return LINK_SENT;
    if (errno == EAGAIN)
        return LINK_FULL;
    if (errno == EHOSTUNREACH)
        return LINK_GONE;
    fail(e, "send on", l->endpoint);
    return LINK_FAILED;
}

enum link_sent link_send(struct link *l, uint32_t peer, struct slice frame, struct err *e)
{
    if (frame.n > l->max_frame) {
        err_set(e, ERR_LIMIT, "a frame of %zu bytes is over the maximum of %zu on %s", frame.n,
                l->max_frame, l->endpoint);
        return LINK_FAILED;
    }
    if (l->hub) {
        const struct peer *to = peer_of(l, peer);
        if (!to)
            return LINK_GONE;
        enum link_sent sent = send_part(l, to->id, to->id_n, ZMQ_SNDMORE, e);
        if (sent != LINK_SENT)
            return sent;
    }
    return send_part(l, frame.n ? frame.p : "", frame.n, 0, e);
}

static enum link_got recv_part(struct link *l, zmq_msg_t *part, struct err *e)
{
    int rc;
    do {
        rc = zmq_msg_recv(part, l->socket, ZMQ_DONTWAIT);
    } while (rc < 0 && errno == EINTR);
    if (rc >= 0)
        return LINK_FRAME;
    if (errno == EAGAIN)
        return LINK_NOTHING;
    fail(e, "receive on", l->endpoint);
    return LINK_ERROR;
}

/* The parts of one message arrive together, so a part that has more is never followed by nothing.
 */
static enum link_got recv_message(struct link *l, zmq_msg_t *id, bool *single, struct err *e)
{
    if (l->hub) {
        enum link_got got = recv_part(l, id, e);
        if (got != LINK_FRAME)
            return got;
    }
    enum link_got got = recv_part(l, &l->frame, e);
    *single = true;
    while (got == LINK_FRAME && zmq_msg_more(&l->frame)) {
        *single = false;
        got = recv_part(l, &l->frame, e);
    }
    return got;
}

enum link_got link_recv(struct link *l, uint32_t *peer, struct slice *frame, struct err *e)
{
    zmq_msg_t id;
    zmq_msg_init(&id);
    enum link_got got;
    *peer = 0;
    for (;;) {
        bool single = false;
        got = recv_message(l, &id, &single, e);
        if (got != LINK_FRAME)
            break;
        /* What is not one frame of ours was sent by something that does not speak our protocol. */
        if (!single || zmq_msg_size(&l->frame) > l->max_frame)
            continue;
        const struct peer *from = l->hub ? find_or_add_peer(l, &id) : NULL;
        if (l->hub && !from)
            continue;
        *peer = from ? from->number : 0;
        *frame = (struct slice){zmq_msg_data(&l->frame), zmq_msg_size(&l->frame)};
        break;
    }
    zmq_msg_close(&id);
    return got;
}
