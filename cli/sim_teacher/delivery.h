/* delivery: how the bytes of an answer leave: how many, in how many pieces, and how it ends. Pure.
 */
#ifndef SIM_TEACHER_DELIVERY_H
#define SIM_TEACHER_DELIVERY_H

#include "cli/sim_teacher/judgment.h"

struct delivery {
    size_t until;        /* bytes that go out before the connection ends or is free again */
    size_t piece;        /* bytes of each piece; the first goes at once */
    int64_t interval_ms; /* between pieces */
    bool close;          /* afterwards */
    bool reset;          /* by RST instead of FIN */
};

/* delivery_plain(total, close): all at once. */
struct delivery delivery_plain(size_t total, bool close);
/* delivery_plan(j, c, head, total, keep_alive): of an answer of `total` bytes, `head` of them its
 * head. */
struct delivery delivery_plan(const struct judgment *j, const struct character *c, size_t head,
                              size_t total, bool keep_alive);
/* delivery_wait_ms(j): from the beginning of the generation to the first piece. */
int64_t delivery_wait_ms(const struct judgment *j);

#endif
