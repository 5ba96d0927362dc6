/* gavel tool: one part on its own: JSONL in, JSONL out, one line for each line, in order. */
#include <string.h>

#include "base/jsonw.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/tool.h"
#include "judges/compat.h"
#include "judges/judge.h"
#include "judges/nonce.h"

#define NAMES_MAX 64

/* ---- parse ---- */

struct question {
    struct slice text, reasoning;
    enum finish finish;
};

/* How texts are read: by a format of ours, or as another program does. */
struct reader {
    const struct judge *judge;
    const struct compat *compat; /* NULL: by the format */
    struct slice nonce;
};

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
    if (!tool_string(root, "text", &q->text, e) ||
        !tool_string(root, "reasoning", &q->reasoning, e) ||
        !tool_string(root, "finish_reason", &finish, e))
        return false;
    return finish.n == 0 || finish_parse(finish, &q->finish) ||
           err_set(e, ERR_SYNTAX,
                   "'finish_reason' must be stop, length, content_filter or tool_calls");
}

/* Hundredths as the number they stand for. */
static void write_score(struct jsonw *w, const char *key, int score)
{
    if (score != SCORE_NONE)
        jsonw_kdouble(w, key, score / 100.0);
}

static void write_verdict(const struct reader *r, const struct question *q, struct jsonw *w)
{
    struct trace trace = trace_split(
        q->text, q->reasoning, q->reasoning.n ? THOUGHT_REASONING : THOUGHT_ABSENT, q->finish);
    struct judge_reading reading = r->judge->parse(&trace, r->nonce);
    jsonw_object(w);
    jsonw_kstr(w, "outcome", verdict_name(reading.verdict));
    write_score(w, r->judge->pointwise ? "score" : "score_a", reading.score_a);
    write_score(w, "score_b", reading.score_b);
    jsonw_ki64(w, "thought_chars", (int64_t)text_chars(trace.thought));
    jsonw_end_object(w);
}

/* Those programs look at the whole text and know of nothing else. */
static void write_compat(const struct compat *compat, const struct question *q, struct jsonw *w)
{
    jsonw_object(w);
    jsonw_kstr(w, "outcome", verdict_name(compat->read(q->text)));
    jsonw_end_object(w);
}

static void write_error(const struct err *e, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    jsonw_kstr(&w, "outcome", "error");
    jsonw_kstr(&w, "error", e->text);
    jsonw_end_object(&w);
    buf_char(out, '\n');
}

static void parse_line(void *context, struct slice line, struct buf *out)
{
    const struct reader *reader = context;
    struct err e;
    struct question q;
    struct jsonw w = jsonw_to(out);
    json *root = json_parse(line, JSON_ANSWER, &e);
    bool ok = root && read_question(root, &q, &e);
    if (!ok)
        write_error(&e, out);
    else if (reader->compat)
        write_compat(reader->compat, &q, &w);
    else
        write_verdict(reader, &q, &w);
    json_free(root);
    if (ok)
        buf_char(out, '\n');
}

static bool find_judge(const char *name, const struct judge **judge, struct err *e)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    *judge = judge_find(name);
    if (*judge)
        return true;
    for (; judge_table[n] && n < NAMES_MAX; n++)
        names[n] = judge_table[n]->name;
    return tool_no_such("judge format", name, names, n, e);
}

static bool find_compat(const char *name, const struct compat **compat, struct err *e)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    *compat = compat_find(name);
    if (*compat)
        return true;
    for (; compat_table[n].name && n < NAMES_MAX; n++)
        names[n] = compat_table[n].name;
    return tool_no_such("program to imitate", name, names, n, e);
}

/* What a nonce is made of: a mark as long as ours at most, that breaks no tag. */
static bool check_nonce(struct slice nonce, struct err *e)
{
    bool ok = nonce.n <= NONCE_BYTES;
    for (size_t i = 0; ok && i < nonce.n; i++)
        ok = nonce.p[i] > ' ' && nonce.p[i] < 0x7f && !strchr("<>[]{}/", nonce.p[i]);
    return ok || err_set(e, ERR_USAGE,
                         "--nonce must be the mark as it stands in the tags, e.g. _k3f9b2d: at "
                         "most %d characters",
                         NONCE_BYTES);
}

struct asked {
    const char *judge, *compat, *nonce;
};

static bool find_reader(const struct asked *asked, struct reader *r, struct err *e)
{
    *r = (struct reader){.nonce = slice_of(asked->nonce ? asked->nonce : "")};
    if (!asked->judge && !asked->compat)
        return err_set(e, ERR_USAGE, "give --judge, e.g. --judge verdict, or --compat");
    return (!asked->judge || find_judge(asked->judge, &r->judge, e)) &&
           (!asked->compat || find_compat(asked->compat, &r->compat, e)) &&
           check_nonce(r->nonce, e);
}

static int tool_parse(const struct asked *asked)
{
    struct err e;
    struct reader reader;
    if (!find_reader(asked, &reader, &e))
        return command_fail(&e);
    const struct tool_part part = {parse_line, write_error, &reader};
    return tool_run(&part);
}

/* ---- the command ---- */

static int unknown(const char *name)
{
    static const char *const names[] = {"parse", "compare-answers", "extract-answer"};
    struct err e;
    const char *near = text_nearest(slice_of(name), names, 3);
    err_set(&e, ERR_USAGE, "gavel tool has no part '%.60s'%s%s%s; `gavel tool --help` lists them",
            name, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
    return command_fail(&e);
}

int cmd_tool(int argc, char **argv)
{
    struct asked asked = {0};
    const struct args_row rows[] = {
        {"judge", 0, ARGS_STRING, &asked.judge, "F",
         "verdict, scores, scores_verdict, pointwise or plan"},
        {"compat", 0, ARGS_STRING, &asked.compat, "NAME",
         "as another program reads it: rewardbench, ste, rm-r1, judgebench or mt-bench"},
        {"nonce", 0, ARGS_STRING, &asked.nonce, "N", "the mark that the tags carry, e.g. _k3f9b2d"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel tool parse --judge F [--compat NAME] [--nonce N]\n"
                 "       gavel tool compare-answers --help\n"
                 "       gavel tool extract-answer --help",
        .about = "One part on its own: a line of JSON on standard output for each line on "
                 "standard input, in order.\n\n"
                 "parse: {\"text\": ..., \"finish_reason\": \"stop\", \"reasoning\": ...} (the "
                 "last two may be left out)\n       gives {\"outcome\": \"A\", \"B\", \"tie\", "
                 "\"score\" or the reason why there is no verdict,\n       \"score_a\", "
                 "\"score_b\" or \"score\" when there are any, \"thought_chars\": N};\n       a "
                 "bad line gives {\"outcome\": \"error\", \"error\": ...}.\n"
                 "compare-answers: {\"gold\": ..., \"candidate\": ...} gives the verdict on the "
                 "candidate;\nextract-answer: {\"text\": ...} gives its final answer. Both have "
                 "options of their own.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, exit_status;
    if (argc > 1 && strcmp(argv[1], "compare-answers") == 0)
        return tool_compare_answers(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "extract-answer") == 0)
        return tool_extract_answer(argc - 1, argv + 1);
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    return strcmp(operands[0], "parse") == 0 ? tool_parse(&asked) : unknown(operands[0]);
}
