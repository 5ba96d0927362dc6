/* gavel preview: judges a few pairs and shows what comes of it; stores nothing. */
#include "base/text.h"
#include "cli/command.h"
#include "cli/first_pairs.h"
#include "cli/opening.h"
#include "cli/page.h"
#include "cli/questions.h"
#include "cli/trace_view.h"
#include "worker/worker.h"

#define PAIRS_MAX 1000
#define MEMORY ((size_t)1 << 30)
#define ORDERS 2

/* One judgment: what became of the call. */
struct judgment {
    bool answered, lost; /* lost: answered, but out of memory for the text */
    struct look_call call;
    enum failure failure;
    int http_status;
    const char *message;
};

struct preview {
    struct opening opening;
    struct arena arena;
    struct first_pairs first;
    struct question *questions; /* two for each pair, in the order of lanes */
    struct judgment *judgments;
    struct id recipe;
    size_t answers;
    size_t max_lines; /* of each text; 0: all */
    struct buf out;
};

/* ---- asking ---- */

static bool render(struct preview *p, const struct first_pair *pair, enum lane lane,
                   struct chat *chat, struct err *e)
{
    bool chosen_first = lane == LANE_CHOSEN_FIRST;
    const struct judge_task task = {
        .prompt = pair->prompt,
        .answer_a = chosen_first ? pair->chosen : pair->rejected,
        .answer_b = chosen_first ? pair->rejected : pair->chosen,
    };
    return p->opening.judge->render(&task, chat, &p->arena, e) ||
           err_wrap(e, "%s:%lld", pair->file, (long long)pair->line);
}

/* The same request, seed included, that a run would make for its first judgments. */
static bool make_questions(struct preview *p, struct err *e)
{
    const struct project *project = &p->opening.project;
    size_t n = p->first.n * ORDERS, teacher = 0;
    const struct project_endpoint *endpoints = project->endpoints.items;
    while (&endpoints[teacher] != project_teacher(project))
        teacher++;
    p->questions = arena_alloc(&p->arena, n * sizeof *p->questions);
    p->judgments = arena_alloc(&p->arena, n * sizeof *p->judgments);
    if (!p->questions || !p->judgments)
        return err_set(e, ERR_NOMEM, "out of memory for %zu judgments", n);
    for (size_t i = 0; i < n; i++) {
        const struct first_pair *pair = &p->first.pairs[i / ORDERS];
        enum lane lane = (enum lane)(i % ORDERS);
        struct id id = call_id(&pair->id, &p->recipe, (struct call_key){.lane = (uint8_t)lane});
        p->questions[i] = (struct question){.endpoint = teacher,
                                            .seed = call_seed(&id, (uint64_t)project->rng_seed)};
        if (!render(p, pair, lane, &p->questions[i].chat, e))
            return false;
    }
    return true;
}

static bool find_recipe(struct preview *p, struct err *e)
{
    struct buf text;
    buf_init(&text, MEMORY);
    project_recipe_text(&p->opening.project, p->opening.judge->prompt_id, &text);
    bool ok = buf_ok(&text, "the recipe", e);
    p->recipe = project_fingerprint("recipe", buf_view(&text));
    buf_free(&text);
    return ok;
}

static struct slice keep(struct preview *p, struct slice text)
{
    return arena_dup(&p->arena, text);
}

static void on_answer(void *context, size_t i, const struct teacher_answer *answer)
{
    struct preview *p = context;
    struct judgment *j = &p->judgments[i];
    struct call_result r;
    enum lane lane = (enum lane)(i % ORDERS);
    if (!answer->ok) {
        j->failure = answer->failure;
        j->http_status = answer->http_status;
        j->message = arena_str(&p->arena, answer->message);
        return;
    }
    worker_judge(p->opening.judge, &p->opening.chain, answer, &r);
    j->answered = true;
    j->call = (struct look_call){
        .lane = lane,
        .last = true,
        .verdict = r.verdict,
        .outcome = outcome_of(r.verdict, lane),
        .filter = r.filter,
        .thought = keep(p, r.thought),
        .answer = keep(p, r.answer),
        .url = slice_of(project_teacher(&p->opening.project)->url),
        .asked_model = slice_of(project_teacher(&p->opening.project)->model),
        .model = keep(p, r.model),
        .request_id = keep(p, r.request_id),
        .http_status = r.http_status,
        .finish = r.finish,
        .thought_field = r.thought_field,
        .prompt_tokens = r.prompt_tokens,
        .completion_tokens = r.completion_tokens,
        .reasoning_tokens = r.reasoning_tokens,
        .cached_tokens = r.cached_tokens,
        .latency_ms = r.latency_ms,
        .first_byte_ms = r.first_byte_ms,
    };
    j->lost = !j->call.thought.p || !j->call.answer.p || !j->call.model.p || !j->call.request_id.p;
    p->answers++;
}

/* ---- showing ---- */

static void add_request(struct preview *p, const struct chat *chat)
{
    buf_str(&p->out, "== the request, chosen answer first (in the other order A and B change "
                     "places)\n");
    for (size_t i = 0; i < chat->n; i++) {
        buf_str(&p->out, "   [");
        text_quote(&p->out, chat->messages[i].role, 40);
        buf_str(&p->out, "]\n");
        page_text(&p->out, chat->messages[i].content, 6, p->max_lines);
    }
}

static void add_judgment(struct preview *p, size_t i)
{
    const struct judgment *j = &p->judgments[i];
    buf_char(&p->out, '\n');
    if (!j->answered || j->lost) {
        buf_addf(&p->out, "-- %s: no answer: ", lane_name((enum lane)(i % ORDERS)));
        buf_str(&p->out, j->lost ? "out of memory" : failure_name(j->failure));
        if (j->http_status)
            buf_addf(&p->out, " (HTTP %d)", j->http_status);
        buf_str(&p->out, ": ");
        text_quote(&p->out, slice_of(j->message), 0);
        buf_char(&p->out, '\n');
        return;
    }
    trace_view_head(&p->out, &j->call);
    trace_view_call(&p->out, &j->call, p->questions[i].seed);
    trace_view_text(&p->out, &j->call, p->max_lines);
}

static char mark_of(const struct judgment *j)
{
    return j->answered ? trace_view_mark(j->call.outcome, j->call.filter.n > 0) : '!';
}

static void add_pair(struct preview *p, size_t i)
{
    const struct first_pair *pair = &p->first.pairs[i];
    char hex[ID_HEX];
    id_hex(&pair->id, hex);
    buf_addf(&p->out, "\n######## pair %zu of %zu: %s", i + 1, p->first.n, hex);
    buf_str(&p->out, pair->name.n ? ", seed " : "");
    text_quote(&p->out, pair->name, 100);
    buf_str(&p->out, ", ");
    text_quote(&p->out, slice_of(pair->file), 200);
    buf_addf(&p->out, ":%lld, label %s\n\n", (long long)pair->line, trust_name(pair->trust));
    add_request(p, &p->questions[i * ORDERS].chat);
    for (size_t lane = 0; lane < ORDERS; lane++)
        add_judgment(p, i * ORDERS + lane);
}

static void add_summary(struct preview *p)
{
    size_t marks[256] = {0};
    for (size_t i = 0; i < p->first.n * ORDERS; i++)
        marks[(unsigned char)mark_of(&p->judgments[i])]++;
    buf_addf(&p->out,
             "\n%zu judgments of %zu pairs: %zu correct, %zu incorrect, %zu ties, %zu without a "
             "verdict, %zu rejected by a filter, %zu without an answer. Nothing was stored.\n",
             p->first.n * ORDERS, p->first.n, marks['+'], marks['-'], marks['='], marks['?'],
             marks['f'], marks['!']);
    if (p->first.bad) {
        buf_addf(&p->out, "%lld bad lines were passed over; the first: ", (long long)p->first.bad);
        text_quote(&p->out, slice_of(p->first.first_bad), 0);
        buf_char(&p->out, '\n');
    }
    if (p->first.without_pair)
        buf_addf(&p->out, "%lld seeds without a pair were passed over.\n",
                 (long long)p->first.without_pair);
}

static bool preview(struct preview *p, const char *path, const struct args_strings *sets,
                    size_t max, struct err *e)
{
    const struct project *project = &p->opening.project;
    if (!opening_project(&p->opening, path, sets, e) || !find_recipe(p, e) ||
        !first_pairs_read(&p->first, project, max, &p->arena, e))
        return false;
    if (p->first.n == 0)
        return err_set(e, ERR_USAGE, "there is no pair in the seeds%s%s",
                       p->first.bad ? "; the first bad line: " : "", p->first.first_bad);
    if (!make_questions(p, e) ||
        !questions_ask(project, p->questions, p->first.n * ORDERS, on_answer, p, e))
        return false;
    for (size_t i = 0; i < p->first.n; i++)
        add_pair(p, i);
    add_summary(p);
    return true;
}

static int run(struct preview *p, const char *path, const struct args_strings *sets, size_t max)
{
    struct err e;
    arena_init(&p->arena, MEMORY);
    buf_init(&p->out, PAGE_MAX);
    bool ok = preview(p, path, sets, max, &e);
    int exit_status = ok ? EXIT_COMPLETE : command_fail(&e);
    if (!ok)
        buf_clear(&p->out);
    arena_free(&p->arena);
    opening_close(&p->opening);
    exit_status = page_end(&p->out, exit_status);
    if (exit_status != EXIT_COMPLETE || p->answers)
        return exit_status;
    err_set(&e, ERR_IO, "the teacher answered nothing; `gavel check` may say why");
    command_fail(&e);
    return EXIT_STOPPED;
}

int cmd_preview(int argc, char **argv)
{
    static struct preview p;
    int64_t max = 5;
    bool brief = false;
    struct args_strings sets = {0};
    const struct args_row rows[] = {
        {"number", 'n', ARGS_INT, &max, "N", "how many pairs (5)"},
        {"brief", 'b', ARGS_FLAG, &brief, NULL, "only the first lines of each text"},
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel preview PROJECT [-n 5] [--brief] [--set KEY=VALUE]...",
        .about = "Judges the first pairs of the seeds once in each order and shows request, "
                 "traces, verdicts and filters.\nNothing is stored, and the calls are not "
                 "repeated when one fails. Exit status 3: the teacher answered nothing.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, exit_status;
    struct err e;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    if (max < 1 || max > PAIRS_MAX) {
        err_set(&e, ERR_USAGE, "-n must lie between 1 and %d", PAIRS_MAX);
        return command_fail(&e);
    }
    p.max_lines = brief ? TRACE_BRIEF_LINES : 0;
    return run(&p, operands[0], &sets, (size_t)max);
}
