#include "cli/tool.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/page.h"

#define FLUSH_BYTES ((size_t)64 << 10)

bool tool_no_such(const char *what, const char *name, const char *const *names, size_t n,
                  struct err *e)
{
    struct buf list;
    buf_init(&list, 4096);
    for (size_t i = 0; i < n; i++)
        buf_addf(&list, "%s%s", i ? ", " : "", names[i]);
    const char *near = text_nearest(slice_of(name), names, n);
    err_set(e, ERR_USAGE, "there is no %s '%.60s'%s%s%s; there are: %s", what, name,
            near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "", buf_cstr(&list));
    buf_free(&list);
    return false;
}

bool tool_string(const json *root, const char *key, struct slice *text, struct err *e)
{
    const json *node = json_get(root, key);
    if (!node || json_type(node) == JSON_NULL)
        return true;
    if (json_type(node) != JSON_STRING)
        return err_set(e, ERR_SYNTAX, "'%s' must be a string, not %s", key,
                       json_type_name(json_type(node)));
    *text = json_string(node);
    return true;
}

void tool_too_long(struct err *e)
{
    err_set(e, ERR_LIMIT, "the line is longer than %zu bytes", TOOL_LINE_MAX);
}

static bool run_lines(const struct tool_part *part, struct lines *lines, struct buf *out,
                      struct err *e)
{
    for (;;) {
        struct slice line;
        struct err why;
        switch (lines_next(lines, &line, e)) {
        case LINES_LINE:
            part->line(part->context, line, out);
            break;
        case LINES_LONG:
            tool_too_long(&why);
            part->refuse(&why, out);
            break;
        case LINES_END:
            return true;
        case LINES_ERROR:
            return false;
        }
        if (out->n > FLUSH_BYTES && !page_flush(out, e))
            return false;
    }
}

int tool_run(const struct tool_part *part)
{
    struct err e;
    struct buf out;
    struct lines *lines = lines_open("-", TOOL_LINE_MAX, &e);
    if (!lines)
        return command_fail(&e);
    buf_init(&out, PAGE_MAX);
    bool ok = run_lines(part, lines, &out, &e);
    lines_close(lines);
    int exit_status = page_end(&out, EXIT_COMPLETE);
    return ok ? exit_status : command_fail(&e);
}
