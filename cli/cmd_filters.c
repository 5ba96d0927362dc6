/* gavel filters: which there are, and their options. */
#include "base/jsonw.h"
#include "cli/command.h"
#include "cli/page.h"
#include "cli/table.h"
#include "filters/filter.h"

static const char *scope_name(enum filter_scope scope)
{
    return scope == FILTER_ROLLOUT ? "rollout" : "corpus";
}

static void write_options(const struct filter *f, struct buf *out)
{
    static const struct table_column columns[] = {
        {NULL, false}, {NULL, false}, {NULL, false}, {NULL, false}};
    struct table t;
    table_init(&t, columns, 4);
    for (const struct filter_option *o = f->options; o && o->name; o++) {
        table_cell(&t, slice_of(o->name));
        table_cellf(&t, "default %.10g", o->fallback);
        table_cellf(&t, "%.10g to %.10g", o->min, o->max);
        table_cell(&t, slice_of(o->help));
    }
    table_write(&t, out, 4);
    table_free(&t);
}

static void write_text(struct buf *out)
{
    buf_str(out, "In a project file: filters: [length, {repetition: {OPTION: VALUE}}]; [] for "
                 "none.\nrollout: looks at one trace; corpus: at all accepted pairs together.\n");
    for (size_t i = 0; filter_table[i]; i++) {
        const struct filter *f = filter_table[i];
        buf_addf(out, "\n%s (%s): %s\n", f->name, scope_name(f->scope), f->help);
        write_options(f, out);
    }
}

static void write_json(struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    jsonw_list(&w);
    for (size_t i = 0; filter_table[i]; i++) {
        const struct filter *f = filter_table[i];
        jsonw_object(&w);
        jsonw_kstr(&w, "name", f->name);
        jsonw_kstr(&w, "scope", scope_name(f->scope));
        jsonw_kstr(&w, "help", f->help);
        jsonw_key(&w, "options");
        jsonw_list(&w);
        for (const struct filter_option *o = f->options; o && o->name; o++) {
            jsonw_object(&w);
            jsonw_kstr(&w, "name", o->name);
            jsonw_kdouble(&w, "default", o->fallback);
            jsonw_kdouble(&w, "min", o->min);
            jsonw_kdouble(&w, "max", o->max);
            jsonw_kstr(&w, "help", o->help);
            jsonw_end_object(&w);
        }
        jsonw_end_list(&w);
        jsonw_end_object(&w);
    }
    jsonw_end_list(&w);
    buf_char(out, '\n');
}

int cmd_filters(int argc, char **argv)
{
    bool as_json = false;
    const struct args_row rows[] = {
        {"json", 0, ARGS_FLAG, &as_json, NULL, "a JSON list of objects"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel filters [--json]",
        .about = "The filters a project file may name under `filters:`, with their options.",
        .rows = rows,
    };
    char **operands;
    int n, exit_status;
    struct buf out;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    buf_init(&out, PAGE_MAX);
    if (as_json)
        write_json(&out);
    else
        write_text(&out);
    return page_end(&out, EXIT_COMPLETE);
}
