/* outbox: one frame under construction per peer; all are sent at the end of a turn of the loop. */
#ifndef COORDINATOR_OUTBOX_H
#define COORDINATOR_OUTBOX_H

#include "base/link.h"

struct outbox;

/* outbox_new(link): NULL without memory. gone(context, peer) is called by outbox_flush for peers
 * that are no longer there. */
struct outbox *outbox_new(struct link *link, void (*gone)(void *context, uint32_t peer),
                          void *context);
void outbox_free(struct outbox *o);
/* outbox_to(o, peer): the frame to append messages to; valid until the next call on o. NULL without
 * memory. */
struct buf *outbox_to(struct outbox *o, uint32_t peer);
/* outbox_forget(o, peer): it is gone: what was meant for it is dropped. */
void outbox_forget(struct outbox *o, uint32_t peer);
/* outbox_flush(o): sends every frame that is not empty; what does not fit into a pipe now waits.
 * True: something was sent. */
bool outbox_flush(struct outbox *o);

#endif
