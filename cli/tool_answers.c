/* gavel tool compare-answers, gavel tool extract-answer. */
#include "cli/tool_answers.h"

#include <math.h>
#include <string.h>

#include "cli/command.h"
#include "filters/answers/outcome.h"
#include "filters/answers/rules.h"

/* ---- options ---- */

#define NAME(name, text) text,
static const char *const kind_names[] = {ANSWER_KINDS(NAME)};
static const char *const style_names[] = {EXTRACT_STYLES(NAME)};
#undef NAME
static const char *const percent_names[] = {"drop", "fraction", "either", "strict"};
static const char *const unit_names[] = {"optional", "required"};

static bool choose(const char *what, const char *name, const char *const *names, size_t n,
                   int *choice, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, names[i]) == 0) {
            *choice = (int)i;
            return true;
        }
    }
    return tool_no_such(what, name, names, n, e);
}

/* A kind is a checker, or the command. */
static bool check_kind(enum answer_kind kind, bool exec, struct err *e)
{
    if (kind == ANSWER_KIND_EXEC)
        return exec || err_set(e, ERR_USAGE, "the kind exec needs a command: give --exec");
    kind = kind == ANSWER_KIND_AUTO ? ANSWER_KIND_MATH : kind;
    return checker_find(answer_kind_name(kind)) ||
           err_set(e, ERR_USAGE, "this build has no checker for the kind %s",
                   answer_kind_name(kind));
}

static bool check_tolerance(const char *name, double value, double most, struct err *e)
{
    return (isfinite(value) && value >= 0 && value <= most) ||
           err_set(e, ERR_USAGE, "--%s must be a number between 0 and %g", name, most);
}

static bool check_exec(const struct answers_asked *a, struct err *e)
{
    if (a->exec_workers < 1 || a->exec_workers > 64)
        return err_set(e, ERR_USAGE, "--exec-workers must be between 1 and 64");
    if (!(a->exec_timeout >= 0.01 && a->exec_timeout <= 3600))
        return err_set(e, ERR_USAGE, "--exec-timeout must be between 0.01 and 3600 seconds");
    return !a->exec || slice_trim(slice_of(a->exec)).n ||
           err_set(e, ERR_USAGE, "--exec must be a command");
}

bool answers_way(const struct answers_asked *a, struct answers_way *way, struct err *e)
{
    int kind = ANSWER_KIND_AUTO, style = EXTRACT_AUTO;
    *way = (struct answers_way){.rules = answer_rules_default(), .extract = a->extract};
    struct answer_rules *rules = &way->rules;
    if (a->exec && !a->kind)
        kind = ANSWER_KIND_EXEC;
    if ((a->kind && !choose("kind", a->kind, kind_names, ANSWER_KIND_COUNT, &kind, e)) ||
        (a->style && !choose("style", a->style, style_names, EXTRACT_STYLE_COUNT, &style, e)) ||
        (a->percent &&
         !choose("rule for percent", a->percent, percent_names, 4, &rules->percent, e)) ||
        (a->units && !choose("rule for units", a->units, unit_names, 2, &rules->units, e)) ||
        !check_tolerance("tolerance", a->relative, 1, e) ||
        !check_tolerance("absolute", a->absolute, 1e15, e) || !check_exec(a, e))
        return false;
    way->kind = (enum answer_kind)kind;
    way->style = (enum extract_style)style;
    way->exec = a->exec != NULL;
    rules->relative = a->relative;
    rules->absolute = a->absolute;
    rules->ratios = a->ratios;
    rules->words = !a->digits_only;
    rules->fold_case = a->fold_case;
    return true;
}

/* ---- lines ---- */

/* A text of a line that must be there; a number stands for its digits. */
static bool need_text(const json *root, const char *key, struct slice *text, struct err *e)
{
    const json *node = json_get(root, key);
    if (!node || json_type(node) == JSON_NULL)
        return err_set(e, ERR_SYNTAX, "the key '%s' is missing", key);
    if (json_type(node) == JSON_NUMBER)
        *text = json_number_text(node);
    else if (!tool_string(root, key, text, e))
        return false;
    return true;
}

static bool read_kind(const json *root, enum answer_kind *kind, struct err *e)
{
    struct slice name = {0};
    if (!tool_string(root, "kind", &name, e))
        return false;
    return name.n == 0 || answer_kind_parse(name, kind) ||
           err_set(e, ERR_SYNTAX, "'kind' must be math, number, choice, text, regex or exec");
}

static bool read_object(const json *root, const char *keys, struct err *e)
{
    return json_type(root) == JSON_OBJECT ||
           err_set(e, ERR_SYNTAX, "a line must be an object with %s, not %s", keys,
                   json_type_name(json_type(root)));
}

/* Text that a model wrote, with what its server said about it. */
static bool read_extracted(const struct answers_way *way, const json *root, enum answer_kind kind,
                           struct slice text, struct extracted *x, struct err *e)
{
    struct slice reasoning = {0}, name = {0};
    enum finish finish = FINISH_STOP;
    const struct extract_how how = extract_how(kind, way->style, &way->rules);
    if (!tool_string(root, "reasoning", &reasoning, e) ||
        !tool_string(root, "finish_reason", &name, e))
        return false;
    if (name.n && !finish_parse(name, &finish))
        return err_set(e, ERR_SYNTAX,
                       "'finish_reason' must be stop, length, content_filter or tool_calls");
    *x = extract_answer(&how, text, reasoning, finish);
    return true;
}

static bool check_gold(const struct comparison *c, struct err *e)
{
    const struct checker *checker = checker_find(answer_kind_name(c->kind));
    bool ok = checker ? checker->check_gold(c->gold, e) : outcome_check_text(c->gold, e);
    return ok || err_wrap(e, "the gold");
}

bool comparison_read(const struct answers_way *way, struct slice line, struct comparison *c,
                     struct err *e)
{
    *c = (struct comparison){.kind = way->kind, .root = json_parse(line, JSON_ANSWER, e)};
    if (!c->root || !read_object(c->root, "the keys 'gold' and 'candidate'", e) ||
        !need_text(c->root, "gold", &c->gold, e) ||
        !need_text(c->root, "candidate", &c->candidate, e) ||
        !tool_string(c->root, "prompt", &c->prompt, e))
        return false;
    if (way->kind == ANSWER_KIND_AUTO && !read_kind(c->root, &c->kind, e))
        return false;
    if (c->kind == ANSWER_KIND_AUTO)
        c->kind = ANSWER_KIND_MATH;
    if (!check_kind(c->kind, way->exec, e) || !check_gold(c, e))
        return false;
    if (way->extract && !read_extracted(way, c->root, c->kind, c->candidate, &c->from, e))
        return false;
    if (way->extract)
        c->candidate = c->from.answer;
    return true;
}

void comparison_free(struct comparison *c)
{
    json_free(c->root);
    c->root = NULL;
}

bool comparison_settled(const struct answers_way *way, const struct comparison *c,
                        struct answer_result *r)
{
    if (way->extract && c->from.reason != ANSWER_FOUND) {
        outcome_all(r, ANSWER_UNKNOWN, "%s: %s", extract_reason_name(c->from.reason),
                    extract_reason_help(c->from.reason));
        return true;
    }
    if (c->kind == ANSWER_KIND_EXEC)
        return outcome_without_look(c->gold, c->candidate, r);
    checker_find(answer_kind_name(c->kind))->compare(&way->rules, c->gold, c->candidate, r);
    return true;
}

static void write_result(struct jsonw *w, const struct answer_result *r)
{
    jsonw_kstr(w, "verdict", answer_verdict_name(r->verdict));
    jsonw_kstr(w, "strict", answer_verdict_name(r->strict));
    jsonw_kstr(w, "lenient", answer_verdict_name(r->lenient));
    jsonw_kstr(w, "why", r->why);
}

void answers_write(const struct answer_result *r, const struct slice *extracted, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    write_result(&w, r);
    if (extracted)
        jsonw_kslice(&w, "extracted", *extracted);
    jsonw_end_object(&w);
    buf_char(out, '\n');
}

void answers_refuse(const struct err *e, struct buf *out)
{
    struct answer_result r;
    struct jsonw w = jsonw_to(out);
    outcome_all(&r, ANSWER_UNKNOWN, "no comparison was made");
    jsonw_object(&w);
    write_result(&w, &r);
    jsonw_kstr(&w, "error", e->text);
    jsonw_end_object(&w);
    buf_char(out, '\n');
}

static void refuse_text(const struct err *e, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    jsonw_kstr(&w, "error", e->text);
    jsonw_end_object(&w);
    buf_char(out, '\n');
}

static void compare_line(void *context, struct slice line, struct buf *out)
{
    const struct answers_way *way = context;
    struct comparison c;
    struct answer_result r;
    struct err e;
    if (!comparison_read(way, line, &c, &e)) {
        answers_refuse(&e, out);
    } else {
        comparison_settled(way, &c, &r); /* without a command all is */
        answers_write(&r, c.from.reason == ANSWER_FOUND && way->extract ? &c.candidate : NULL, out);
    }
    comparison_free(&c);
}

static void write_extracted(const struct extracted *x, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    if (x->reason == ANSWER_FOUND) {
        jsonw_kslice(&w, "answer", x->answer);
    } else {
        jsonw_kstr(&w, "reason", extract_reason_name(x->reason));
        jsonw_kstr(&w, "why", extract_reason_help(x->reason));
    }
    jsonw_end_object(&w);
    buf_char(out, '\n');
}

static void extract_line(void *context, struct slice line, struct buf *out)
{
    const struct answers_way *way = context;
    struct extracted x;
    struct slice text = {0};
    struct err e;
    enum answer_kind kind = way->kind;
    json *root = json_parse(line, JSON_ANSWER, &e);
    bool ok = root && read_object(root, "the key 'text'", &e) &&
              need_text(root, "text", &text, &e) &&
              (kind != ANSWER_KIND_AUTO || read_kind(root, &kind, &e)) &&
              read_extracted(way, root, kind, text, &x, &e);
    if (ok)
        write_extracted(&x, out);
    else
        refuse_text(&e, out);
    json_free(root);
}

/* ---- the commands ---- */

int tool_compare_answers(int argc, char **argv)
{
    struct answers_asked a = {.exec_timeout = 10, .exec_workers = 2};
    const struct args_row rows[] = {
        {"kind", 0, ARGS_STRING, &a.kind, "K",
         "math, number, choice, text, regex (the gold is a pattern), exec; without it as each line "
         "says, else math"},
        {"percent", 0, ARGS_STRING, &a.percent, "P",
         "50% is 50 (drop, the default), 0.5 (fraction), either, or itself alone (strict)"},
        {"units", 0, ARGS_STRING, &a.units, "U",
         "a unit that one side lacks is overlooked (optional, the default) or counts (required)"},
        {"tolerance", 0, ARGS_DOUBLE, &a.relative, "T",
         "kind number: how far off, as a share of the gold; 0, the default: exactly"},
        {"absolute", 0, ARGS_DOUBLE, &a.absolute, "T",
         "kind number: or in all; the larger of the two counts"},
        {"ratios", 0, ARGS_FLAG, &a.ratios, NULL, "1:2 is 1/2"},
        {"digits-only", 0, ARGS_FLAG, &a.digits_only, NULL, "three is not 3"},
        {"fold-case", 0, ARGS_FLAG, &a.fold_case, NULL, "kind text: letter case does not count"},
        {"extract", 0, ARGS_FLAG, &a.extract, NULL,
         "the candidate is a whole text: its final answer counts (as extract-answer finds it)"},
        {"style", 0, ARGS_STRING, &a.style, "S",
         "for --extract: auto, boxed, hashes, answer_line or last_number"},
        {"exec", 0, ARGS_STRING, &a.exec, "CMD",
         "kind exec: your command, for /bin/sh -c: {\"id\", \"gold\", \"candidate\", \"prompt\"} "
         "in, {\"id\", \"verdict\", \"why\"} out, a line each"},
        {"exec-timeout", 0, ARGS_DOUBLE, &a.exec_timeout, "S",
         "seconds it has for one comparison, its start included; 10"},
        {"exec-workers", 0, ARGS_INT, &a.exec_workers, "N", "processes of it at once; 2"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel tool compare-answers [--kind K] [options] < pairs.jsonl",
        .about =
            "Is the candidate's final answer the known one? A line of JSON on standard output for "
            "each line on\nstandard input, in order.\n\n"
            "{\"gold\": \"1/2\", \"candidate\": \"0.5\"}   (and \"kind\"; \"prompt\" for --exec; "
            "\"reasoning\" and \"finish_reason\" for --extract)\n"
            "gives {\"verdict\": V, \"strict\": V, \"lenient\": V, \"why\": ...}, V being equal, "
            "different or unknown.\n`verdict` goes by the options; strict takes every difference "
            "of notation that may mean something\nfor a difference, lenient overlooks all of them. "
            "An answer is right when strict says equal, and\nwrong when lenient says different; "
            "anything else is no label. With --extract there is \"extracted\".\n"
            "A bad line, or a gold that is none of its kind, is unknown throughout, with "
            "{\"error\": ...} "
            "beside it.",
        .rows = rows,
    };
    struct answers_way way;
    struct err e;
    char **operands;
    int n, exit_status;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    if (!answers_way(&a, &way, &e) || !check_kind(way.kind, way.exec, &e))
        return command_fail(&e);
    const struct tool_part part = {compare_line, refuse_text, &way};
    return way.exec ? tool_exec(&way, &a) : tool_run(&part);
}

int tool_extract_answer(int argc, char **argv)
{
    struct answers_asked a = {.exec_timeout = 10, .exec_workers = 2};
    const struct args_row rows[] = {
        {"kind", 0, ARGS_STRING, &a.kind, "K",
         "math, number, choice, text, regex or exec: what may be an answer, and whether two say "
         "the same; without it as each line says, else math"},
        {"style", 0, ARGS_STRING, &a.style, "S",
         "auto (the default): a box, a last line #### x, a line Answer: x, a sentence \"the answer "
         "is x\", whichever is there; or one of boxed, hashes, answer_line; last_number: as auto, "
         "else the last number"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel tool extract-answer [--kind K] [--style S] < texts.jsonl",
        .about =
            "The final answer in a whole text. A line of JSON on standard output for each "
            "line on standard input,\nin order.\n\n"
            "{\"text\": ..., \"finish_reason\": \"stop\", \"reasoning\": ...} (the last two may "
            "be left out; \"kind\", too)\ngives {\"answer\": ...}, a piece of the text, or "
            "{\"reason\": R, \"why\": ...}, R being\n"
            "  no_answer    nothing says which the final answer is\n"
            "  conflicting  the text gives several that differ\n"
            "  malformed    a box that is not closed or is empty, or an answer over 64 KiB\n"
            "  truncated    the text was cut off, or its thought does not end.\n"
            "What stands in <think>...</think> never counts. A bad line gives {\"error\": ...} "
            "in its place.",
        .rows = rows,
    };
    struct answers_way way;
    struct err e;
    char **operands;
    int n, exit_status;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    if (!answers_way(&a, &way, &e))
        return command_fail(&e);
    const struct tool_part part = {extract_line, refuse_text, &way};
    return tool_run(&part);
}
