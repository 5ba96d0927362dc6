/* clock: the only place that asks the system for the time. Pure cores get `now` as an argument. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* clock_ms(): monotonic milliseconds. */
int64_t clock_ms(void);
/* clock_wall_ms(): milliseconds since the epoch. */
int64_t clock_wall_ms(void);
/* clock_iso(wall_ms, out): "2026-11-22T08:00:00Z". */
void clock_iso(int64_t wall_ms, char out[24]);

/* clock_sooner(a, b): the shorter of two waits in milliseconds, where -1 is for ever. Pure. */
int64_t clock_sooner(int64_t a, int64_t b);

#endif
