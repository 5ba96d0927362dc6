/* gavel show: everything about one pair, or about a seed whose pairs are to be built. */
#include "base/text.h"
#include "cli/build_view.h"
#include "cli/command.h"
#include "cli/marks.h"
#include "cli/page.h"
#include "cli/pair_view.h"
#include "cli/reading.h"
#include "cli/trace_view.h"

#define HITS_MAX 20

struct show {
    struct opening opening;
    struct look_pair pair;
    struct look_seed seed; /* row 0: the pair's is not one that was built */
    bool is_seed;          /* it has no pair: the seed is shown */
    struct table samples;
    bool json, brief;
    struct buf out;
    struct jsonw w;
    struct marks marks;
};

/* ---- which pair ---- */

static bool none_found(struct slice text, struct err *e)
{
    struct buf quoted;
    buf_init(&quoted, 1024);
    text_quote(&quoted, text, 60);
    err_set(e, ERR_USAGE,
            "there is no pair and no seed '%s' in the store; give a pair id, its first 6 digits or "
            "more, or the id of its seed (`gavel sample` shows some)",
            buf_cstr(&quoted));
    buf_free(&quoted);
    return false;
}

static bool many_found(const struct ledger_pair *hits, size_t n, struct err *e)
{
    struct buf list;
    char hex[ID_HEX];
    buf_init(&list, 4096);
    for (size_t i = 0; i < n && i < 8; i++) {
        id_hex(&hits[i].id, hex);
        buf_addf(&list, "%s%s", i ? ", " : "", hex);
    }
    err_set(e, ERR_USAGE, "that is more than one pair: %s%s; give one of these ids",
            buf_cstr(&list), n > 8 ? " and more" : "");
    buf_free(&list);
    return false;
}

static bool find_seed(struct show *s, const char *text, struct err *e)
{
    uint64_t rows[2];
    size_t n;
    struct store *store = s->opening.store;
    if (!look_find_seeds(store, slice_of(text), rows, 2, &n, e))
        return false;
    if (n == 0)
        return none_found(slice_of(text), e);
    if (n > 1)
        return err_set(e, ERR_USAGE, "that is more than one seed; give more digits of its id");
    s->is_seed = true;
    return look_seed(store, rows[0], &s->seed, &s->opening.arena, e);
}

/* The pair, or a seed that has none (yet). */
static bool find_subject(struct show *s, const char *text, struct err *e)
{
    struct ledger_pair hits[HITS_MAX];
    size_t n;
    uint64_t seed;
    struct store *store = s->opening.store;
    if (!look_find(store, slice_of(text), hits, HITS_MAX, &n, e))
        return false;
    if (n == 0)
        return find_seed(s, text, e);
    if (n > 1)
        return many_found(hits, n, e);
    return look_pair(store, hits[0].row, &s->pair, &s->opening.arena, e) &&
           look_seed_of(store, hits[0].row, &seed, e) &&
           look_seed(store, seed, &s->seed, &s->opening.arena, e);
}

/* ---- what is shown ---- */

static size_t max_lines(const struct show *s)
{
    return s->brief ? TRACE_BRIEF_LINES : 0;
}

static bool collect_mark(void *context, const struct look_call *c)
{
    struct show *s = context;
    marks_add(&s->marks, c);
    return true;
}

static void add_decision(void *context, const struct look_decision *d)
{
    struct show *s = context;
    if (s->json)
        pair_view_decision_json(&s->w, d);
    else
        pair_view_decision(&s->out, d);
}

static bool add_call(void *context, const struct look_call *c)
{
    struct show *s = context;
    int64_t seed = trace_view_seed(s->opening.store, &s->pair.id, c);
    if (s->json) {
        trace_view_json(&s->w, c, seed);
        return true;
    }
    buf_char(&s->out, '\n');
    trace_view_head(&s->out, c);
    trace_view_call(&s->out, c, seed);
    /* The last call holds the whole trace. */
    if (c->last || !c->finished)
        trace_view_text(&s->out, c, max_lines(s));
    return true;
}

static void add_marks(struct show *s)
{
    buf_str(&s->out, "\n== judgments\n");
    marks_text(&s->marks, &s->out);
    buf_addf(&s->out, "   (%s)\n", marks_legend);
}

/* ---- answers that were sampled ---- */

static bool add_sample_row(void *context, const struct look_sample *x)
{
    struct show *s = context;
    build_view_row(&s->samples, x);
    return true;
}

static bool add_sample_text(void *context, const struct look_sample *x)
{
    struct show *s = context;
    build_view_text(&s->out, x, max_lines(s));
    return true;
}

static bool add_sample_json(void *context, const struct look_sample *x)
{
    struct show *s = context;
    build_view_sample_json(&s->w, x);
    return true;
}

static bool add_samples(struct show *s, bool texts, struct err *e)
{
    struct store *store = s->opening.store;
    if (s->seed.state == BUILD_NONE)
        return true;
    build_view_table(&s->samples);
    bool ok = look_samples(store, s->seed.row, add_sample_row, s, e);
    buf_addf(&s->out, "\n== answers sampled for it%s\n", s->samples.n_cells ? "" : ": none yet");
    table_write(&s->samples, &s->out, 3);
    table_free(&s->samples);
    return ok && (!texts || look_samples(store, s->seed.row, add_sample_text, s, e));
}

static bool samples_json(struct show *s, struct err *e)
{
    jsonw_key(&s->w, "samples");
    jsonw_list(&s->w);
    bool ok = s->seed.state == BUILD_NONE ||
              look_samples(s->opening.store, s->seed.row, add_sample_json, s, e);
    jsonw_end_list(&s->w);
    return ok;
}

static bool show_seed(struct show *s, struct err *e)
{
    if (!s->json) {
        build_view_head(&s->out, &s->seed);
        buf_str(&s->out, "\n== prompt\n");
        page_chat(&s->out, s->seed.prompt, 3, max_lines(s));
        return add_samples(s, true, e);
    }
    s->w = jsonw_to(&s->out);
    jsonw_object(&s->w);
    build_view_json(&s->w, &s->seed);
    bool ok = samples_json(s, e);
    jsonw_end_object(&s->w);
    buf_char(&s->out, '\n');
    return ok;
}

static bool show_text(struct show *s, struct err *e)
{
    struct store *store = s->opening.store;
    pair_view_head(&s->out, &s->pair);
    pair_view_texts(&s->out, &s->pair, max_lines(s));
    if (!add_samples(s, false, e))
        return false;
    buf_str(&s->out, "\n== decisions\n");
    size_t before = s->out.n;
    if (!look_decisions(store, s->pair.row, add_decision, s, e) ||
        !look_calls(store, s->pair.row, collect_mark, s, e))
        return false;
    if (s->out.n == before)
        buf_str(&s->out, "   none yet\n");
    add_marks(s);
    return look_calls(store, s->pair.row, add_call, s, e);
}

static bool show_json(struct show *s, struct err *e)
{
    struct store *store = s->opening.store;
    s->w = jsonw_to(&s->out);
    jsonw_object(&s->w);
    pair_view_json(&s->w, &s->pair);
    jsonw_key(&s->w, "decisions");
    jsonw_list(&s->w);
    bool ok = look_decisions(store, s->pair.row, add_decision, s, e);
    jsonw_end_list(&s->w);
    ok = ok && samples_json(s, e);
    jsonw_key(&s->w, "calls");
    jsonw_list(&s->w);
    ok = ok && look_calls(store, s->pair.row, add_call, s, e);
    jsonw_end_list(&s->w);
    jsonw_end_object(&s->w);
    buf_char(&s->out, '\n');
    return ok;
}

static bool show(struct show *s, const char *path, const struct args_strings *sets,
                 const char *text, struct err *e)
{
    if (!reading_open(&s->opening, path, sets, e) || !look_begin(s->opening.store, e))
        return false;
    bool ok = find_subject(s, text, e) && (s->is_seed ? show_seed(s, e)
                                           : s->json  ? show_json(s, e)
                                                      : show_text(s, e));
    look_end(s->opening.store);
    return ok;
}

int cmd_show(int argc, char **argv)
{
    static struct show s;
    struct args_strings sets = {0};
    const struct args_row rows[] = {
        {"json", 0, ARGS_FLAG, &s.json, NULL, "one JSON object"},
        {"brief", 'b', ARGS_FLAG, &s.brief, NULL, "only the first lines of each text"},
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel show PROJECT ID [--brief] [--json]",
        .about = "Everything about one pair: seed, prompt, both answers, label, the answers it was "
                 "built of, decisions, all\njudgments of all judges with their traces and calls; "
                 "or about a seed that has no pair (yet). ID is the pair's\nid or the seed's, "
                 "the first 6 digits or more, or the seed's own name.",
        .rows = rows,
        .min_operands = 2,
        .max_operands = 2,
    };
    char **operands;
    int n, exit_status;
    struct err e;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    buf_init(&s.out, PAGE_MAX);
    bool ok = show(&s, operands[0], &sets, operands[1], &e);
    exit_status = ok ? EXIT_COMPLETE : command_fail(&e);
    if (!ok)
        buf_clear(&s.out);
    marks_clear(&s.marks);
    opening_close(&s.opening);
    return page_end(&s.out, exit_status);
}
