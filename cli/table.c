#include "cli/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/figure.h"

#define CELLS_MAX ((size_t)64 << 20)
#define GAP 2

void table_init(struct table *t, const struct table_column *columns, size_t n)
{
    assert(n > 0 && n <= TABLE_MAX_COLUMNS);
    *t = (struct table){.columns = columns, .n_columns = n};
    buf_init(&t->cells, CELLS_MAX);
}

void table_free(struct table *t)
{
    buf_free(&t->cells);
}

static void end_cell(struct table *t)
{
    buf_char(&t->cells, '\0');
    t->n_cells++;
}

void table_cell(struct table *t, struct slice text)
{
    text_quote(&t->cells, text, 0);
    end_cell(t);
}

void table_cellf(struct table *t, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    table_cell(t, slice_of(text));
}

void table_count(struct table *t, int64_t n)
{
    figure_count(&t->cells, n);
    end_cell(t);
}

void table_percent(struct table *t, double part, double whole)
{
    figure_percent(&t->cells, part, whole);
    end_cell(t);
}

static void add_cell(struct buf *out, struct slice text, size_t width, bool right, bool last)
{
    size_t chars = text_chars(text), pad = width > chars ? width - chars : 0;
    for (size_t i = 0; right && i < pad; i++)
        buf_char(out, ' ');
    buf_slice(out, text);
    for (size_t i = 0; !last && i < (right ? 0 : pad) + GAP; i++)
        buf_char(out, ' ');
}

/* Spaces that end a line would only make it wrap. */
static void end_row(struct buf *out)
{
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    buf_char(out, '\n');
}

static void add_row(const struct table *t, struct buf *out, size_t indent, const size_t *widths,
                    const char *const *cells)
{
    for (size_t i = 0; i < indent; i++)
        buf_char(out, ' ');
    for (size_t c = 0; c < t->n_columns; c++)
        add_cell(out, slice_of(cells[c]), widths[c], t->columns[c].right, c + 1 == t->n_columns);
    end_row(out);
}

static const char *next_row(const struct table *t, const char *at, const char **cells)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        cells[c] = at;
        at += strlen(at) + 1;
    }
    return at;
}

static void widen(const struct table *t, size_t *widths, const char *const *cells)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        size_t chars = text_chars(slice_of(cells[c]));
        widths[c] = chars > widths[c] ? chars : widths[c];
    }
}

void table_write(const struct table *t, struct buf *out, size_t indent)
{
    const char *cells[TABLE_MAX_COLUMNS], *heads[TABLE_MAX_COLUMNS];
    size_t widths[TABLE_MAX_COLUMNS] = {0}, rows = t->n_cells / t->n_columns;
    bool headed = false;
    assert(t->n_cells % t->n_columns == 0);
    if (!rows || t->cells.failed)
        return;
    for (size_t c = 0; c < t->n_columns; c++) {
        heads[c] = t->columns[c].head ? t->columns[c].head : "";
        headed = headed || t->columns[c].head;
    }
    if (headed)
        widen(t, widths, heads);
    const char *at = t->cells.p;
    for (size_t i = 0; i < rows; i++) {
        at = next_row(t, at, cells);
        widen(t, widths, cells);
    }
    if (headed)
        add_row(t, out, indent, widths, heads);
    at = t->cells.p;
    for (size_t i = 0; i < rows; i++) {
        at = next_row(t, at, cells);
        add_row(t, out, indent, widths, cells);
    }
}
