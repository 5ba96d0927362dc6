/*
 * sm: a state machine as a table. Each row names a state and the states it may go to; every change
 * goes through sm_move, which asserts that the edge is legal. After canonical/raft's lib/sm.h.
 */
#ifndef BASE_SM_H
#define BASE_SM_H

#include <stdint.h>

struct sm_row {
    const char *name;
    uint32_t next; /* SM_TO(a) | SM_TO(b): states that may follow */
};

#define SM_TO(state) (1u << (state))

struct sm {
    const struct sm_row *rows;
    int state;
};

void sm_init(struct sm *m, const struct sm_row *rows, int first);
/* sm_move(m, to): asserts that the edge is in the table. */
void sm_move(struct sm *m, int to);
const char *sm_name(const struct sm *m);

#endif
