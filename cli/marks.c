#include "cli/marks.h"

#include "base/text.h"
#include "cli/table.h"
#include "cli/trace_view.h"

#define SIGNS_MAX 4096

const char marks_legend[] =
    "+ correct, - incorrect, = tie, ? no verdict, . one half alone, f rejected "
    "by a filter; ' after a cue";

static struct marks_row *row_of(struct marks *m, const struct look_call *c)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->rows[i].recipe == c->recipe)
            return &m->rows[i];
    if (m->n == MARKS_ROWS)
        return NULL;
    struct marks_row *row = &m->rows[m->n++];
    struct buf model;
    *row = (struct marks_row){.recipe = c->recipe, .kind = c->kind};
    buf_init(&model, 1024);
    text_quote(&model, c->asked_model, 0);
    struct slice shown = slice_sub(buf_view(&model), 0, sizeof row->model - 1);
    for (size_t i = 0; i < shown.n; i++)
        row->model[i] = shown.p[i];
    buf_free(&model);
    for (int lane = 0; lane < LANE_COUNT; lane++)
        buf_init(&row->lanes[lane], SIGNS_MAX);
    return row;
}

void marks_add(struct marks *m, const struct look_call *c)
{
    struct marks_row *row = c->last ? row_of(m, c) : NULL;
    if (!row)
        return;
    buf_char(&row->lanes[c->lane], trace_view_mark(c->outcome, c->filter.n > 0));
    if (c->cues)
        buf_char(&row->lanes[c->lane], '\'');
}

void marks_of(const struct marks *m, int64_t recipe, int half, struct buf *out)
{
    for (size_t i = 0; i < m->n; i++)
        for (int lane = half; m->rows[i].recipe == recipe && lane < LANE_COUNT; lane += 2)
            buf_slice(out, buf_view(&m->rows[i].lanes[lane]));
}

void marks_text(const struct marks *m, struct buf *out)
{
    static const struct table_column columns[] = {
        {NULL, false}, {NULL, false}, {NULL, false}, {NULL, false}};
    struct table t;
    table_init(&t, columns, 4);
    for (size_t i = 0; i < m->n; i++) {
        for (int lane = 0; lane < LANE_COUNT; lane++) {
            if (!m->rows[i].lanes[lane].n)
                continue;
            table_cell(&t, slice_of(seat_kind_name(m->rows[i].kind)));
            table_cell(&t, slice_of(m->rows[i].model));
            table_cell(&t, slice_of(lane_name((enum lane)lane)));
            table_cell(&t, buf_view(&m->rows[i].lanes[lane]));
        }
    }
    table_write(&t, out, 3);
    table_free(&t);
}

void marks_clear(struct marks *m)
{
    for (size_t i = 0; i < m->n; i++)
        for (int lane = 0; lane < LANE_COUNT; lane++)
            buf_free(&m->rows[i].lanes[lane]);
    m->n = 0;
}
