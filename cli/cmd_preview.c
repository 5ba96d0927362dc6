/* gavel preview: judges a few pairs and shows what comes of it; stores nothing. */
#include "base/text.h"
#include "cli/command.h"
#include "cli/first_pairs.h"
#include "cli/opening.h"
#include "cli/page.h"
#include "cli/probe.h"
#include "cli/rehearsal.h"
#include "cli/trace_view.h"

#define PAIRS_MAX 1000
#define MEMORY ((size_t)1 << 30)

struct preview {
    struct opening opening;
    struct arena arena;
    struct first_pairs first;
    struct rehearsal rehearsal;
    struct probe probes[ENDPOINT_MAX];
    size_t max_lines; /* of each text; 0: all */
    struct buf out;
};

static void add_request(struct preview *p, const struct rehearsal_rollout *o)
{
    const struct chat *chat = &o->request;
    buf_str(&p->out, o->lane == LANE_CHOSEN_ONLY
                         ? "== the request for the chosen answer (the rejected one has its own)\n"
                         : "== the request, chosen answer first (in the other order A and B "
                           "change places)\n");
    for (size_t i = 0; i < chat->n; i++) {
        buf_str(&p->out, "   [");
        text_quote(&p->out, chat->messages[i].role, 40);
        buf_str(&p->out, "]\n");
        page_text(&p->out, chat->messages[i].content, 6, p->max_lines);
    }
}

static int cues_of(const struct rehearsal_rollout *o)
{
    int cues = 0;
    for (size_t i = 0; i < o->n_calls; i++)
        cues += o->calls[i].ask == ASK_CONTINUE;
    return cues;
}

/* A call as it would be looked at in a store. */
static struct look_call look_of(const struct preview *p, const struct rehearsal_rollout *o,
                                size_t i)
{
    const struct call_result *r = &o->calls[i].result;
    const struct project_endpoint *teacher = project_teacher(&p->opening.project);
    bool last = i + 1 == o->n_calls;
    return (struct look_call){
        .kind = SEAT_TEACHER,
        .lane = o->lane,
        .step = (int)i,
        .ask = r->ask,
        .format = r->format,
        .finished = o->answered,
        .last = last,
        .verdict = r->verdict,
        .outcome = o->outcome,
        .first = r->first,
        .cues = last ? cues_of(o) : 0,
        .score_a = r->score_a,
        .score_b = r->score_b,
        .filter = r->filter,
        .thought = r->thought,
        .answer = r->answer,
        .segments = r->segments,
        .url = slice_of(teacher->url),
        .asked_model = slice_of(teacher->model),
        .model = r->model,
        .request_id = r->request_id,
        .http_status = r->http_status,
        .finish = r->finish,
        .thought_field = r->thought_field,
        .prompt_tokens = r->prompt_tokens,
        .completion_tokens = r->completion_tokens,
        .reasoning_tokens = r->reasoning_tokens,
        .cached_tokens = r->cached_tokens,
        .latency_ms = r->latency_ms,
        .first_byte_ms = r->first_byte_ms,
    };
}

static void add_failure(struct buf *out, const struct rehearsal_rollout *o, size_t i)
{
    const struct rehearsal_call *call = &o->calls[i];
    buf_addf(out, "-- %s, step %zu (%s): no answer: %s", lane_name(o->lane), i, ask_name(call->ask),
             failure_name(call->failure));
    if (call->http_status)
        buf_addf(out, " (HTTP %d)", call->http_status);
    buf_str(out, ": ");
    text_quote(out, slice_of(call->message), 0);
    buf_char(out, '\n');
}

/* Of a rollout of several calls only the last shows the texts: all of it is there, cues set off. */
static void add_rollout(struct preview *p, const struct rehearsal_rollout *o)
{
    for (size_t i = 0; i < o->n_calls; i++) {
        buf_char(&p->out, '\n');
        if (!o->calls[i].answered) {
            add_failure(&p->out, o, i);
            continue;
        }
        struct look_call call = look_of(p, o, i);
        trace_view_head(&p->out, &call);
        trace_view_call(&p->out, &call, o->calls[i].seed);
        if (call.last || !o->calls[i + 1].answered)
            trace_view_text(&p->out, &call, p->max_lines);
    }
}

static char mark_of(const struct rehearsal_rollout *o)
{
    bool filtered = o->calls[o->n_calls - 1].result.filter.n > 0;
    return o->answered ? trace_view_mark(o->outcome, filtered) : '!';
}

static void add_pair(struct preview *p, size_t i)
{
    const struct first_pair *pair = &p->first.pairs[i];
    const struct rehearsal_rollout *rollouts = &p->rehearsal.rollouts[i * REHEARSAL_ORDERS];
    char hex[ID_HEX];
    id_hex(&pair->id, hex);
    buf_addf(&p->out, "\n######## pair %zu of %zu: %s", i + 1, p->first.n, hex);
    buf_str(&p->out, pair->name.n ? ", seed " : "");
    text_quote(&p->out, pair->name, 100);
    buf_str(&p->out, ", ");
    text_quote(&p->out, slice_of(pair->file), 200);
    buf_addf(&p->out, ":%lld, label %s, judged as %s\n\n", (long long)pair->line,
             trust_name(pair->trust), format_name(rollouts[0].judging.format));
    add_request(p, &rollouts[0]);
    for (size_t order = 0; order < REHEARSAL_ORDERS; order++)
        add_rollout(p, &rollouts[order]);
}

/* Who else would be asked in a run. */
static void add_others(struct preview *p)
{
    const struct seats *seats = &p->opening.seats;
    if (seats->n < 2)
        return;
    buf_str(&p->out, "A run would also ask:");
    for (size_t i = 1; i < seats->n; i++) {
        buf_addf(&p->out, "%s %s ", i > 1 ? "," : "", seat_kind_name(seats->all[i].kind));
        text_quote(&p->out, slice_of(seats->all[i].model), 200);
    }
    buf_str(&p->out, ".\n");
}

static void add_summary(struct preview *p)
{
    size_t marks[256] = {0}, calls = 0;
    for (size_t i = 0; i < p->rehearsal.n; i++) {
        marks[(unsigned char)mark_of(&p->rehearsal.rollouts[i])]++;
        calls += p->rehearsal.rollouts[i].n_calls;
    }
    buf_addf(&p->out,
             "\n%zu judgments of %zu pairs: %zu correct, %zu incorrect, %zu ties, %zu without a "
             "verdict, %zu rejected by a filter, %zu without an answer; %zu calls. Nothing was "
             "stored.\n",
             p->rehearsal.n, p->first.n, marks['+'], marks['-'], marks['='], marks['?'], marks['f'],
             marks['!'], calls);
    add_others(p);
    if (p->first.bad) {
        buf_addf(&p->out, "%lld bad lines were passed over; the first: ", (long long)p->first.bad);
        text_quote(&p->out, slice_of(p->first.first_bad), 0);
        buf_char(&p->out, '\n');
    }
    if (p->first.without_pair)
        buf_addf(&p->out,
                 "%lld seeds without a pair were passed over; a run builds theirs where it "
                 "can.\n",
                 (long long)p->first.without_pair);
}

/* As at the beginning of a run: how the endpoints go on with an answer must be known. */
static bool settle_endpoints(struct preview *p, struct err *e)
{
    struct project *project = &p->opening.project;
    return probe_needed(project, p->probes, e) && probe_settle(project, p->probes, e);
}

static bool no_pair(const struct preview *p, struct err *e)
{
    const char *bad = p->first.bad ? "; the first bad line: " : "";
    if (!p->first.without_pair)
        return err_set(e, ERR_USAGE, "there is no pair in the seeds%s%s", bad, p->first.first_bad);
    if (seats_generator(&p->opening.seats) < 0)
        return err_set(e, ERR_USAGE,
                       "none of the %lld seeds has a pair, and this project builds none (purpose, "
                       "build)%s%s",
                       (long long)p->first.without_pair, bad, p->first.first_bad);
    return err_set(e, ERR_USAGE,
                   "none of the %lld seeds has a pair yet: there is nothing to judge before a run "
                   "has built some; `gavel check` says what that takes, and `gavel run --set "
                   "budget.calls=50` makes a beginning%s%s",
                   (long long)p->first.without_pair, bad, p->first.first_bad);
}

static bool preview(struct preview *p, const char *path, const struct args_strings *sets,
                    size_t max, struct err *e)
{
    struct opening *o = &p->opening;
    if (!opening_project(o, path, sets, e) ||
        !first_pairs_read(&p->first, &o->project, max, &p->arena, e))
        return false;
    if (p->first.n == 0)
        return no_pair(p, e);
    p->rehearsal = (struct rehearsal){
        .project = &o->project, .seats = &o->seats, .chain = &o->chain};
    if (!settle_endpoints(p, e) ||
        !rehearsal_make(&p->rehearsal, p->first.pairs, p->first.n, &p->arena, e))
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
    if (exit_status != EXIT_COMPLETE || p->rehearsal.answers)
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
        .about = "Judges the first pairs of the seeds once in each order, reflection included, and "
                 "shows request, traces with\ntheir cues, verdicts and filters. Only the teacher "
                 "is asked. Nothing is stored, and a call that fails is not\nmade again. Exit "
                 "status 3: the teacher answered nothing.",
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
