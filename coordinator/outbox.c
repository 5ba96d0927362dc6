#include "coordinator/outbox.h"

#include <stdlib.h>

#include "base/log.h"

#define FRAME_MAX (512u * 1024 * 1024)
#define FRAME_SOON (1024u * 1024)
#define FRAME_KEPT (64u * 1024) /* memory that a peer keeps between two frames */

struct letter {
    uint32_t peer;
    struct buf frame;
    struct letter *next;
};

struct outbox {
    struct link *link;
    void (*gone)(void *context, uint32_t peer);
    void *context;
    struct letter *letters; /* the one used last is first */
};

struct outbox *outbox_new(struct link *link, void (*gone)(void *context, uint32_t peer),
                          void *context)
{
    struct outbox *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->link = link;
    o->gone = gone;
    o->context = context;
    return o;
}

static void free_letter(struct letter *l)
{
    buf_free(&l->frame);
    free(l);
}

void outbox_free(struct outbox *o)
{
    if (!o)
        return;
    while (o->letters) {
        struct letter *next = o->letters->next;
        free_letter(o->letters);
        o->letters = next;
    }
    free(o);
}

static enum link_sent send_letter(struct outbox *o, struct letter *l)
{
    struct err e;
    enum link_sent sent = LINK_FAILED;
    if (l->frame.failed)
        log_error("a frame of more than %u bytes was not sent", FRAME_MAX);
    else if ((sent = link_send(o->link, l->peer, buf_view(&l->frame), &e)) == LINK_FAILED)
        log_error("%s", e.text);
    if (sent == LINK_FULL)
        return sent;
    if (l->frame.cap > FRAME_KEPT)
        buf_free(&l->frame);
    else
        buf_clear(&l->frame);
    return sent;
}

struct buf *outbox_to(struct outbox *o, uint32_t peer)
{
    struct letter **at = &o->letters;
    while (*at && (*at)->peer != peer)
        at = &(*at)->next;
    struct letter *l = *at;
    if (l) {
        *at = l->next;
    } else {
        l = calloc(1, sizeof *l);
        if (!l)
            return NULL;
        l->peer = peer;
        buf_init(&l->frame, FRAME_MAX);
    }
    l->next = o->letters;
    o->letters = l;
    if (l->frame.n > FRAME_SOON)
        send_letter(o, l); /* a peer that has gone is noticed by the flush */
    return &l->frame;
}

void outbox_forget(struct outbox *o, uint32_t peer)
{
    for (struct letter **at = &o->letters; *at; at = &(*at)->next) {
        struct letter *l = *at;
        if (l->peer != peer)
            continue;
        *at = l->next;
        free_letter(l);
        link_forget(o->link, peer);
        return;
    }
}

bool outbox_flush(struct outbox *o)
{
    bool any = false;
    for (struct letter **at = &o->letters; *at;) {
        struct letter *l = *at;
        bool empty = l->frame.n == 0;
        enum link_sent sent = empty ? LINK_SENT : send_letter(o, l);
        any = any || (!empty && sent == LINK_SENT);
        if (sent != LINK_GONE) {
            at = &l->next;
            continue;
        }
        uint32_t peer = l->peer;
        *at = l->next;
        free_letter(l);
        link_forget(o->link, peer);
        o->gone(o->context, peer);
    }
    return any;
}
