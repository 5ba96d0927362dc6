/* figure: numbers as people read them. Whatever the locale; never used in --json. */
#ifndef CLI_FIGURE_H
#define CLI_FIGURE_H

#include "base/buf.h"

/* figure_count(out, n): "12,345". */
void figure_count(struct buf *out, int64_t n);
/* figure_short(out, n): three digits and a letter: "950", "12.3 k", "4.56 M". n >= 0. */
void figure_short(struct buf *out, double n);
/* figure_percent(out, part, whole): "68.5 %"; "-" when whole is 0. */
void figure_percent(struct buf *out, double part, double whole);
/* figure_duration(out, ms): "3.2 s", "41 s", "12 min 5 s", "3 h 12 min", "2 d 3 h". */
void figure_duration(struct buf *out, int64_t ms);
/* figure_dollars(out, nano_usd): "$1,234.56"; small sums with four digits after the point. */
void figure_dollars(struct buf *out, int64_t nano_usd);

#endif
