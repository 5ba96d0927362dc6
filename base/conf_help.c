/* conf_help(): the rows for people. */
#include "base/conf_bound.h"

#define KEY_WIDTH 24
#define DEFAULT_WIDTH 20

static void help_limits(const struct conf_row *row, bool nested, struct buf *out)
{
    struct conf_bounds bounds = conf_bounds(row);
    if (row->type == CONF_ENUM) {
        for (size_t i = 0; row->names[i]; i++)
            buf_addf(out, "%s%s", i ? " | " : " (", row->names[i]);
        buf_char(out, ')');
    } else if (bounds.text[0]) {
        buf_addf(out, " (%s%s)", bounds.text, nested ? " items" : "");
    }
}

static void help_rows(const struct conf_row *rows, int indent, bool items, struct buf *out)
{
    for (const struct conf_row *row = rows; row->key; row++) {
        bool nested = row->type == CONF_SECTION || row->type == CONF_LIST;
        const char *dash = !items ? "" : row == rows ? "- " : "  ";
        int width = KEY_WIDTH - indent - (items ? 2 : 0);
        buf_addf(out, "%*s%s%-*s ", indent, "", dash, width > 0 ? width : 0, row->key);
        buf_addf(out, "%-*s ", DEFAULT_WIDTH, row->fallback && !nested ? row->fallback : "");
        buf_str(out, row->help ? row->help : "");
        help_limits(row, nested, out);
        buf_char(out, '\n');
        if (nested)
            help_rows(row->rows, indent + 2, row->type == CONF_LIST, out);
    }
}

void conf_help(const struct conf_row *rows, struct buf *out)
{
    help_rows(rows, 0, false, out);
}
