#include "base/sm.h"

#include <assert.h>

#define MOST_STATES 32

void sm_init(struct sm *m, const struct sm_row *rows, int first)
{
    assert(first >= 0 && first < MOST_STATES);
    *m = (struct sm){rows, first};
}

void sm_move(struct sm *m, int to)
{
    assert(to >= 0 && to < MOST_STATES);
    assert(m->rows[m->state].next & SM_TO(to));
    m->state = to;
}

const char *sm_name(const struct sm *m)
{
    return m->rows[m->state].name;
}
