/* gavel status: how far it is, from counters alone, so that it is quick however large the store. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/counts.h"
#include "cli/figure.h"
#include "cli/page.h"
#include "cli/reading.h"
#include "cli/run_state.h"
#include "cli/table.h"

#define WORKERS_MAX 1024
#define GROUP_MAX 5
#define NANO 1e9

struct status {
    struct opening opening;
    struct counts counts;
    struct look_run run;
    struct ledger_worker workers[WORKERS_MAX];
    size_t n_workers;
    bool running;
    char holder[256];
    const char *state;
};

/* ---- reading ---- */

static void add_worker(void *context, const struct ledger_worker *worker)
{
    struct status *s = context;
    if (s->n_workers == WORKERS_MAX)
        return;
    struct ledger_worker *w = &s->workers[s->n_workers++];
    *w = *worker;
    w->host = arena_str(&s->opening.arena, slice_of(worker->host));
    if (!w->host)
        w->host = "";
}

static bool read_store(struct status *s, struct err *e)
{
    struct store *store = s->opening.store;
    struct arena *arena = &s->opening.arena;
    if (!counts_read(&s->counts, store, arena, e))
        return false;
    if (store && (!look_run(store, &s->run, arena, e) ||
                  (s->running && !look_workers(store, add_worker, s, e))))
        return false;
    s->state = run_state(s->running, &s->run);
    return true;
}

static bool read_status(struct status *s, const char *path, const struct args_strings *sets,
                        struct err *e)
{
    if (!reading_open(&s->opening, path, sets, e) && e->code != ERR_NOTFOUND)
        return false;
    if (!s->opening.store_path)
        return false;
    s->running = store_holder(s->opening.store_path, s->holder, sizeof s->holder);
    return read_store(s, e);
}

/* What is only true while a run works. */
static int64_t live_count(const struct status *s, const char *name)
{
    return s->running ? counts_of2(&s->counts, "live.", name) : 0;
}

/* ---- JSON ---- */

static void json_group(struct jsonw *w, const struct status *s, const char *group,
                       const char *const *keys)
{
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%s.", group);
    jsonw_key(w, group);
    jsonw_object(w);
    for (; *keys; keys++)
        jsonw_ki64(w, *keys,
                   strcmp(*keys, "in_flight") == 0 ? live_count(s, *keys)
                                                   : counts_of2(&s->counts, prefix, *keys));
    jsonw_end_object(w);
}

static void json_worker(struct jsonw *w, const struct ledger_worker *worker)
{
    char iso[24];
    jsonw_object(w);
    jsonw_kstr(w, "uid", worker->uid);
    jsonw_kstr(w, "host", worker->host);
    jsonw_ki64(w, "pid", worker->pid);
    jsonw_kbool(w, "local", worker->local);
    jsonw_ki64(w, "slots", worker->slots);
    jsonw_ki64(w, "in_flight", worker->in_flight);
    jsonw_ki64(w, "done", (int64_t)worker->done);
    clock_iso(worker->connected_ms, iso);
    jsonw_kstr(w, "connected", iso);
    clock_iso(worker->seen_ms, iso);
    jsonw_kstr(w, "seen", iso);
    jsonw_end_object(w);
}

static void write_json(const struct status *s, struct buf *out)
{
    static const char *const seeds[] = {"total", "pairs", "invalid", 0};
    static const char *const builds[] = {"open", "built", "failed", "deferred", "pairs", 0};
    static const char *const pairs[] = {"total", "open", "accepted", "rejected", "deferred", 0};
    static const char *const rollouts[] = {"total", "correct", "incorrect", "tie", "no_verdict", 0};
    static const char *const calls[] = {"done", "in_flight", "retries", "failed", 0};
    static const char *const tokens[] = {"prompt", "completion", "reasoning", 0};
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    jsonw_kstr(&w, "state", s->state);
    json_group(&w, s, "seeds", seeds);
    json_group(&w, s, "builds", builds);
    json_group(&w, s, "pairs", pairs);
    json_group(&w, s, "rollouts", rollouts);
    json_group(&w, s, "calls", calls);
    json_group(&w, s, "tokens", tokens);
    jsonw_kdouble(&w, "cost_usd", (double)counts_of(&s->counts, "cost.nano_usd") / NANO);
    jsonw_key(&w, "workers");
    jsonw_list(&w);
    for (size_t i = 0; i < s->n_workers; i++)
        json_worker(&w, &s->workers[i]);
    jsonw_end_list(&w);
    jsonw_end_object(&w);
    buf_char(out, '\n');
}

/* ---- for people ---- */

static void add_time(struct buf *out, const char *what, int64_t wall_ms)
{
    char iso[24];
    if (!wall_ms)
        return;
    clock_iso(wall_ms, iso);
    buf_addf(out, ", %s %s", what, iso);
}

static void write_state(const struct status *s, struct buf *out)
{
    text_quote(out, slice_of(s->opening.project.name), 100);
    buf_addf(out, ": %s", s->state);
    if (s->running)
        buf_addf(out, ", by %s", s->holder);
    else if (s->run.run) {
        add_time(out, s->run.ended_ms ? "ended" : "begun",
                 s->run.ended_ms ? s->run.ended_ms : s->run.started_ms);
        if (s->run.ending.n && s->run.exit_status != EXIT_COMPLETE) {
            buf_str(out, ": ");
            text_quote(out, s->run.ending, 500);
        }
    } else
        buf_str(out, "; `gavel run` begins the work");
    buf_str(out, "\n\n");
}

static const char *word_of(const char *group, const char *key)
{
    static const struct {
        const char *key, *word;
    } words[] = {
        {"no_verdict", "no verdict"}, {"in_flight", "in flight"}, {"invalid", "bad lines"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(key, words[i].key) == 0)
            return words[i].word;
    return strcmp(group, "seeds") == 0 && strcmp(key, "pairs") == 0 ? "with a pair" : key;
}

/* A row of the table of counts: pairs of number and word after its head. */
static void add_counts(struct table *t, const struct status *s, const char *group,
                       const char *const keys[GROUP_MAX])
{
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%s.", group);
    table_cell(t, slice_of(group));
    for (size_t i = 0; i < GROUP_MAX; i++) {
        if (!keys[i]) {
            table_cell(t, S(""));
            table_cell(t, S(""));
            continue;
        }
        bool live = strcmp(keys[i], "in_flight") == 0 || strcmp(keys[i], "waiting") == 0;
        table_count(t, live ? live_count(s, keys[i]) : counts_of2(&s->counts, prefix, keys[i]));
        table_cell(t, slice_of(word_of(group, keys[i])));
    }
}

/* Whether there are prompts that came without a pair. */
static bool has_builds(const struct status *s)
{
    size_t at = 0;
    const char *rest;
    return counts_next(&s->counts, "builds.", &at, &rest) != NULL;
}

static void write_counts(const struct status *s, struct buf *out)
{
    static const struct table_column columns[] = {
        {NULL, false}, {NULL, true}, {NULL, false}, {NULL, true}, {NULL, false}, {NULL, true},
        {NULL, false}, {NULL, true}, {NULL, false}, {NULL, true}, {NULL, false},
    };
    static const struct {
        const char *group, *keys[GROUP_MAX];
    } groups[] = {
        {"seeds", {"total", "pairs", "invalid"}},
        {"builds", {"built", "failed", "deferred", "open"}},
        {"pairs", {"total", "accepted", "rejected", "deferred", "open"}},
        {"rollouts", {"total", "correct", "incorrect", "tie", "no_verdict"}},
        {"calls", {"done", "in_flight", "waiting", "retries", "failed"}},
        {"tokens", {"prompt", "completion", "reasoning", "cached"}},
    };
    struct table t;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (strcmp(groups[i].group, "builds") != 0 || has_builds(s))
            add_counts(&t, s, groups[i].group, groups[i].keys);
    table_write(&t, out, 0);
    table_free(&t);
    if (counts_of(&s->counts, "cost.nano_usd")) {
        buf_str(out, "cost      ");
        figure_dollars(out, counts_of(&s->counts, "cost.nano_usd"));
        buf_char(out, '\n');
    }
}

/* Who was asked, when it is not one teacher alone. */
static void write_kinds(const struct status *s, struct buf *out)
{
    const char *between = "asked     ";
    const char *teacher = seat_kind_name(SEAT_TEACHER);
    if (counts_of2(&s->counts, "calls.kind.", teacher) == counts_of(&s->counts, "calls.done"))
        return;
    for (int kind = 0; kind < SEAT_KIND_COUNT; kind++) {
        const char *name = seat_kind_name((enum seat_kind)kind);
        int64_t calls = counts_of2(&s->counts, "calls.kind.", name);
        if (!calls)
            continue;
        buf_addf(out, "%s%s ", between, name);
        figure_count(out, calls);
        between = ", ";
    }
    buf_str(out, " calls\n");
}

static void add_reasons(struct table *t, const struct status *s, enum pair_state state)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "reason.%s.", state_name(state));
    for (int r = REASON_NONE + 1; r < REASON_COUNT; r++) {
        const char *name = reason_name((enum reason)r);
        int64_t n = counts_of2(&s->counts, prefix, name);
        if (!n)
            continue;
        table_cell(t, slice_of(state_name(state)));
        table_count(t, n);
        table_percent(t, (double)n, (double)counts_of(&s->counts, "pairs.total"));
        table_cell(t, slice_of(state == STATE_ACCEPTED ? "" : name));
        table_cell(t, slice_of(reason_help((enum reason)r)));
    }
}

static void write_reasons(const struct status *s, struct buf *out)
{
    static const struct table_column columns[] = {
        {"decided", false}, {"pairs", true}, {"share", true}, {"reason", false}, {"", false}};
    struct table t;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    add_reasons(&t, s, STATE_ACCEPTED);
    add_reasons(&t, s, STATE_REJECTED);
    add_reasons(&t, s, STATE_DEFERRED);
    if (t.n_cells)
        buf_char(out, '\n');
    table_write(&t, out, 0);
    table_free(&t);
}

/* What became of prompts that came without a pair. */
static void write_builds(const struct status *s, struct buf *out)
{
    static const struct table_column columns[] = {
        {"built", false}, {"seeds", true}, {"reason", false}};
    struct table t;
    table_init(&t, columns, 3);
    for (int r = BUILD_REASON_NONE + 1; r < BUILD_REASON_COUNT; r++) {
        int64_t n = counts_of2(&s->counts, "builds.reason.",
                               build_reason_name((enum build_reason)r));
        if (!n)
            continue;
        table_cell(&t, slice_of(build_reason_name((enum build_reason)r)));
        table_count(&t, n);
        table_cell(&t, slice_of(build_reason_help((enum build_reason)r)));
    }
    if (t.n_cells)
        buf_char(out, '\n');
    table_write(&t, out, 0);
    table_free(&t);
}

static void write_failures(const struct status *s, struct buf *out)
{
    static const struct table_column columns[] = {{"failed calls", false}, {"", true}};
    struct table t;
    const struct counts_item *item;
    const char *name;
    table_init(&t, columns, 2);
    for (size_t at = 0; (item = counts_next(&s->counts, "failure.", &at, &name)) != NULL;) {
        table_cell(&t, slice_of(name));
        table_count(&t, item->value);
    }
    if (t.n_cells)
        buf_char(out, '\n');
    table_write(&t, out, 0);
    table_free(&t);
}

static void write_workers(const struct status *s, struct buf *out)
{
    static const struct table_column columns[] = {
        {"worker", false},   {"process", true}, {"slots", true},
        {"in flight", true}, {"done", true},    {"last heard", false},
    };
    struct table t;
    char iso[24];
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < s->n_workers; i++) {
        const struct ledger_worker *w = &s->workers[i];
        table_cellf(&t, "%s%s", w->host, w->local ? " (local)" : "");
        table_cellf(&t, "%u", w->pid);
        table_count(&t, w->slots);
        table_count(&t, w->in_flight);
        table_count(&t, (int64_t)w->done);
        clock_iso(w->seen_ms, iso);
        table_cell(&t, slice_of(iso));
    }
    if (t.n_cells)
        buf_char(out, '\n');
    table_write(&t, out, 0);
    table_free(&t);
}

/* What would otherwise look like standing still. */
static void write_waiting(const struct status *s, struct buf *out)
{
    int64_t waiting = live_count(s, "waiting"), flying = live_count(s, "in_flight");
    if (s->running && s->run.run && !s->run.ended_ms && s->n_workers == 0)
        buf_str(out, "\nIt waits for a worker.\n");
    else if (waiting && !flying)
        buf_addf(out,
                 "\nIt waits: %lld calls failed and will be tried again; see the failures above.\n",
                 (long long)waiting);
    if (s->running || !counts_of(&s->counts, "pairs.deferred"))
        return;
    struct buf why;
    struct err ignored;
    buf_init(&why, PAGE_MAX);
    look_deferred(s->opening.store, &why, &ignored);
    buf_str(out,
            "\nDeferred pairs are taken up again by the next `gavel run`. One of them, because "
            "of ");
    text_quote(out, buf_view(&why), 500);
    buf_char(out, '\n');
    buf_free(&why);
}

static void write_text(const struct status *s, struct buf *out)
{
    write_state(s, out);
    write_counts(s, out);
    write_kinds(s, out);
    write_builds(s, out);
    write_reasons(s, out);
    write_failures(s, out);
    write_workers(s, out);
    write_waiting(s, out);
}

int cmd_status(int argc, char **argv)
{
    bool as_json = false;
    struct args_strings sets = {0};
    const struct args_row rows[] = {
        {"json", 0, ARGS_FLAG, &as_json, NULL, "one JSON object (schemas/status.schema.json)"},
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel status PROJECT [--json]",
        .about = "How far the work is: seeds, pairs, judgments, calls, tokens, workers. Reads "
                 "counters only, from another\nshell too while a run works.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    static struct status s;
    char **operands;
    int n, exit_status;
    struct err e;
    struct buf out;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    bool ok = read_status(&s, operands[0], &sets, &e);
    buf_init(&out, PAGE_MAX);
    if (ok && as_json)
        write_json(&s, &out);
    else if (ok)
        write_text(&s, &out);
    opening_close(&s.opening);
    exit_status = ok ? EXIT_COMPLETE : command_fail(&e);
    return page_end(&out, exit_status);
}
