/* tally: how one lane of a pair stands. */
#ifndef COORDINATOR_TALLY_H
#define COORDINATOR_TALLY_H

#include <stdbool.h>
#include <stdint.h>

struct tally {
    uint8_t correct; /* rollouts that were correct and passed the filters */
    uint8_t missed;  /* all other finished rollouts */
    uint8_t flying;  /* calls that are out */
};

#endif
