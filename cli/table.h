/* table: aligned columns for a terminal. Cells may hold any text; they are made safe. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/buf.h"

#define TABLE_MAX_COLUMNS 16

struct table_column {
    const char *head; /* NULL in all columns: no line of heads */
    bool right;       /* numbers */
};

struct table {
    const struct table_column *columns;
    size_t n_columns;
    struct buf cells; /* quoted, each ended by NUL */
    size_t n_cells;
};

/* table_init(t, columns, n): the columns must outlive the table. */
void table_init(struct table *t, const struct table_column *columns, size_t n);
void table_free(struct table *t);
/* One cell after the other, row by row. */
void table_cell(struct table *t, struct slice text);
void table_cellf(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* table_count(t, n): "12,345"; table_percent(t, part, whole): "12.3 %". */
void table_count(struct table *t, int64_t n);
void table_percent(struct table *t, double part, double whole);
/* table_write(t, out, indent): nothing when there is no cell; the last row must be complete. */
void table_write(const struct table *t, struct buf *out, size_t indent);

#endif
