/* gavel tool: one part on its own: JSONL in, JSONL out, one line for each line, in order. */
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/lines.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/page.h"
#include "judges/judge.h"

#define LINE_MAX_BYTES ((size_t)64 << 20)
#define FLUSH_BYTES ((size_t)64 << 10)
#define JUDGES_MAX 64

/* ---- parse ---- */

struct question {
    struct slice text, reasoning;
    enum finish finish;
};

static bool read_string(const json *root, const char *key, struct slice *text, struct err *e)
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

static bool read_question(const json *root, struct question *q, struct err *e)
{
    struct slice finish = {0};
    *q = (struct question){.finish = FINISH_STOP};
    if (json_type(root) != JSON_OBJECT)
        return err_set(e, ERR_SYNTAX, "a line must be an object with the key 'text', not %s",
                       json_type_name(json_type(root)));
    const json *text = json_get(root, "text");
    if (!text || json_type(text) == JSON_NULL)
        return err_set(e, ERR_SYNTAX, "the key 'text' is missing");
    if (!read_string(root, "text", &q->text, e) ||
        !read_string(root, "reasoning", &q->reasoning, e) ||
        !read_string(root, "finish_reason", &finish, e))
        return false;
    return finish.n == 0 || finish_parse(finish, &q->finish) ||
           err_set(e, ERR_SYNTAX,
                   "'finish_reason' must be stop, length, content_filter or tool_calls");
}

static void write_verdict(const struct judge *judge, const struct question *q, struct jsonw *w)
{
    struct trace trace = trace_split(
        q->text, q->reasoning, q->reasoning.n ? THOUGHT_REASONING : THOUGHT_ABSENT, q->finish);
    jsonw_object(w);
    jsonw_kstr(w, "outcome", verdict_name(judge->parse(&trace)));
    jsonw_ki64(w, "thought_chars", (int64_t)text_chars(trace.thought));
    jsonw_end_object(w);
}

static void write_error(const struct err *e, struct jsonw *w)
{
    jsonw_object(w);
    jsonw_kstr(w, "outcome", "error");
    jsonw_kstr(w, "error", e->text);
    jsonw_end_object(w);
}

static void parse_line(const struct judge *judge, struct slice line, struct buf *out)
{
    struct err e;
    struct question q;
    struct jsonw w = jsonw_to(out);
    json *root = json_parse(line, JSON_STRICT, &e);
    if (root && read_question(root, &q, &e))
        write_verdict(judge, &q, &w);
    else
        write_error(&e, &w);
    json_free(root);
    buf_char(out, '\n');
}

static bool parse_lines(const struct judge *judge, struct lines *lines, struct buf *out,
                        struct err *e)
{
    for (;;) {
        struct slice line;
        struct err why;
        struct jsonw w = jsonw_to(out);
        switch (lines_next(lines, &line, e)) {
        case LINES_LINE:
            parse_line(judge, line, out);
            break;
        case LINES_LONG:
            err_set(&why, ERR_LIMIT, "the line is longer than %zu bytes", LINE_MAX_BYTES);
            write_error(&why, &w);
            buf_char(out, '\n');
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

static const struct judge *find_judge(const char *name, struct err *e)
{
    const char *names[JUDGES_MAX];
    size_t n = 0;
    const struct judge *judge = name ? judge_find(name) : NULL;
    if (judge)
        return judge;
    struct buf list;
    buf_init(&list, 4096);
    for (; judge_table[n] && n < JUDGES_MAX; n++) {
        names[n] = judge_table[n]->name;
        buf_addf(&list, "%s%s", n ? ", " : "", names[n]);
    }
    if (!name)
        err_set(e, ERR_USAGE, "give --judge; there are: %s", buf_cstr(&list));
    else {
        const char *near = text_nearest(slice_of(name), names, n);
        err_set(e, ERR_USAGE, "there is no judge format '%.60s'%s%s%s; there are: %s", name,
                near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "",
                buf_cstr(&list));
    }
    buf_free(&list);
    return NULL;
}

static int tool_parse(const char *name)
{
    struct err e;
    struct buf out;
    const struct judge *judge = find_judge(name, &e);
    struct lines *lines = judge ? lines_open("-", LINE_MAX_BYTES, &e) : NULL;
    if (!lines)
        return command_fail(&e);
    buf_init(&out, PAGE_MAX);
    bool ok = parse_lines(judge, lines, &out, &e);
    lines_close(lines);
    int exit_status = page_end(&out, EXIT_COMPLETE);
    return ok ? exit_status : command_fail(&e);
}

/* ---- the command ---- */

static int later(const char *what)
{
    struct err e;
    err_set(&e, ERR_USAGE, "%s is not part of this version; it comes later", what);
    return command_fail(&e);
}

static int unknown(const char *name)
{
    static const char *const names[] = {"parse", "compare-answers"};
    struct err e;
    const char *near = text_nearest(slice_of(name), names, 2);
    err_set(&e, ERR_USAGE, "gavel tool has no part '%.60s'%s%s%s; `gavel tool --help` lists them",
            name, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    return command_fail(&e);
}

int cmd_tool(int argc, char **argv)
{
    const char *judge = NULL, *compat = NULL;
    const struct args_row rows[] = {
        {"judge", 0, ARGS_STRING, &judge, "F", "judge format, e.g. verdict"},
        {"compat", 0, ARGS_STRING, &compat, "NAME", "another program's rules; comes later"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel tool parse --judge F",
        .about = "One part on its own: a line of JSON on standard output for each line on "
                 "standard input, in order.\n\n"
                 "parse: {\"text\": ..., \"finish_reason\": \"stop\", \"reasoning\": ...} (the "
                 "last two may be left out)\n       gives {\"outcome\": \"A\", \"B\", \"tie\" or "
                 "the reason why there is no verdict, \"thought_chars\": N};\n       a bad line "
                 "gives {\"outcome\": \"error\", \"error\": ...}.\n"
                 "compare-answers: comes later.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, exit_status;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    if (strcmp(operands[0], "compare-answers") == 0)
        return later("compare-answers");
    if (strcmp(operands[0], "parse") != 0)
        return unknown(operands[0]);
    return compat ? later("--compat") : tool_parse(judge);
}
