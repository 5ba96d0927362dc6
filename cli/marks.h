/* marks: the judgments of one pair at a glance, one sign each, by who judged and in which order. */
#ifndef CLI_MARKS_H
#define CLI_MARKS_H

#include "base/buf.h"
#include "coordinator/store/look.h"

#define MARKS_ROWS 64

struct marks_row {
    int64_t recipe;
    enum seat_kind kind;
    char model[64];
    struct buf lanes[LANE_COUNT];
};

struct marks {
    struct marks_row rows[MARKS_ROWS]; /* judges beyond these are left out */
    size_t n;
};

/* What the signs (trace_view_mark) mean, in one line. */
extern const char marks_legend[];

/* marks_add(m, call): calls that end no judgment are passed over. */
void marks_add(struct marks *m, const struct look_call *call);
/* marks_of(m, recipe, half, out): the signs of one order (0: chosen first or alone) under a recipe.
 */
void marks_of(const struct marks *m, int64_t recipe, int half, struct buf *out);
/* marks_text(m, out): a line for each judge and order. */
void marks_text(const struct marks *m, struct buf *out);
void marks_clear(struct marks *m);

#endif
