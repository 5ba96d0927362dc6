/* gavel sample: some pairs that were decided for one reason, or have a judgment of one kind. */
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/marks.h"
#include "cli/page.h"
#include "cli/pair_view.h"
#include "cli/reading.h"
#include "cli/suspects.h"
#include "cli/table.h"
#include "cli/trace_view.h"

#define SAMPLE_MAX 10000
#define NAMES_MAX 128
#define EXCERPT_CHARS 60
#define SHORT_ID 12 /* digits: enough for `gavel show` */
#define SUSPECT "suspect_label"

struct sample {
    struct opening opening;
    struct look_wanted wanted;
    bool suspect;   /* pairs whose label is suspect are wanted instead */
    int64_t recipe; /* of the newest run's teacher */
    const char *reason;
    int64_t max;
    bool json, full;
    struct ledger_pair *pairs;
    size_t n;
    int64_t total;
    struct look_pair pair; /* the one being shown */
    struct arena pair_arena;
    struct buf out;
    struct jsonw w;
    struct table table;
    struct marks marks;
    struct suspects suspects;
    int best; /* how well the trace that is shown fits what is asked for; see fit() */
    int64_t best_recipe;
    enum lane best_lane;
    int best_k;
};

/* ---- what is wanted ---- */

/* One row a word that --reason takes. The first of a name wins. */
static size_t list_words(struct look_wanted *wanted, const char **names)
{
    size_t n = 0;
    for (int i = 0; i < STATE_COUNT; i++, n++) {
        wanted[n] = (struct look_wanted){LOOK_STATE, i, NULL};
        names[n] = state_name((enum pair_state)i);
    }
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++, n++) {
        wanted[n] = (struct look_wanted){LOOK_REASON, i, NULL};
        names[n] = reason_name((enum reason)i);
    }
    for (int i = 0; i < VERDICT_COUNT; i++, n++) {
        wanted[n] = (struct look_wanted){LOOK_VERDICT, i, NULL};
        names[n] = verdict_name((enum verdict)i);
    }
    for (int i = 0; i < OUTCOME_COUNT; i++, n++) {
        wanted[n] = (struct look_wanted){LOOK_OUTCOME, i, NULL};
        names[n] = outcome_name((enum outcome)i);
    }
    for (size_t i = 0; filter_table[i] && n + 1 < NAMES_MAX; i++, n++) {
        wanted[n] = (struct look_wanted){LOOK_FILTER, 0, filter_table[i]->name};
        names[n] = filter_table[i]->name;
    }
    names[n++] = SUSPECT;
    return n;
}

static bool is_repeated(const char *const *names, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(names[i], names[at]) == 0)
            return true;
    return false;
}

static bool unknown_reason(const char *reason, const char *const *names, size_t n, struct err *e)
{
    struct buf list, quoted;
    const char *near = text_nearest(slice_of(reason), names, n);
    buf_init(&list, 8192);
    buf_init(&quoted, 1024);
    text_quote(&quoted, slice_of(reason), 60);
    for (size_t i = 0; i < n; i++)
        if (!is_repeated(names, i))
            buf_addf(&list, "%s%s", i ? ", " : "", names[i]);
    err_set(e, ERR_USAGE, "--reason: '%s' is none%s%s%s; there are %s", buf_cstr(&quoted),
            near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "", buf_cstr(&list));
    buf_free(&list);
    buf_free(&quoted);
    return false;
}

static bool parse_reason(struct sample *s, struct err *e)
{
    struct look_wanted wanted[NAMES_MAX] = {0};
    const char *names[NAMES_MAX];
    if (!s->reason)
        return err_set(e, ERR_USAGE,
                       "give --reason: accepted, inconsistent, failed_both, "
                       "deferred, truncated ...");
    size_t n = list_words(wanted, names);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(s->reason, names[i]) == 0) {
            s->suspect = strcmp(names[i], SUSPECT) == 0;
            s->wanted = wanted[i];
            return true;
        }
    }
    return unknown_reason(s->reason, names, n, e);
}

/* ---- one trace that shows it ---- */

static bool is_good(const struct look_call *c)
{
    return c->outcome == OUTCOME_CORRECT && c->filter.n == 0;
}

/* 2: a trace of what is asked for, 1: some trace of the recipe that decided, 0: of another. What is
 * asked for of judgments may stand in those of any judge. */
static int fit(const struct sample *s, const struct look_call *c)
{
    const struct look_wanted *w = &s->wanted;
    bool good = s->pair.state == STATE_ACCEPTED ? is_good(c) : !is_good(c);
    if (s->suspect)
        good = c->outcome == OUTCOME_INCORRECT;
    else if (w->what == LOOK_VERDICT)
        good = (int)c->verdict == w->code;
    else if (w->what == LOOK_OUTCOME)
        good = (int)c->outcome == w->code;
    else if (w->what == LOOK_FILTER)
        good = slice_is(c->filter, w->filter) || s->pair.reason == REASON_CORPUS_FILTER;
    bool decided = c->recipe == s->pair.recipe;
    return good && (decided || w->what >= LOOK_VERDICT) ? 2 : decided;
}

static bool choose_trace(void *context, const struct look_call *c)
{
    struct sample *s = context;
    int how = c->last ? fit(s, c) : -1;
    if (how > s->best) {
        s->best = how;
        s->best_recipe = c->recipe;
        s->best_lane = c->lane;
        s->best_k = c->k;
    }
    return true;
}

static bool show_trace(void *context, const struct look_call *c)
{
    struct sample *s = context;
    if (c->recipe != s->best_recipe || c->lane != s->best_lane || c->k != s->best_k)
        return true;
    buf_str(&s->out, "\n");
    trace_view_head(&s->out, c);
    trace_view_call(&s->out, c, trace_view_seed(s->opening.store, &s->pair.id, c));
    trace_view_text(&s->out, c, 0);
    return true;
}

static bool add_full(struct sample *s, struct err *e)
{
    struct store *store = s->opening.store;
    s->best = -1;
    if (s->out.n)
        buf_str(&s->out, "\n\n");
    pair_view_head(&s->out, &s->pair);
    pair_view_texts(&s->out, &s->pair, 0);
    return look_calls(store, s->pair.row, choose_trace, s, e) &&
           (s->best < 0 || look_calls(store, s->pair.row, show_trace, s, e));
}

/* ---- a list ---- */

static bool collect_mark(void *context, const struct look_call *c)
{
    struct sample *s = context;
    marks_add(&s->marks, c);
    return true;
}

static bool add_row(struct sample *s, struct err *e)
{
    const struct look_pair *p = &s->pair;
    char hex[ID_HEX];
    struct buf excerpt, signs;
    marks_clear(&s->marks);
    if (!look_calls(s->opening.store, p->row, collect_mark, s, e))
        return false;
    id_hex(&p->id, hex);
    buf_init(&signs, 4096);
    buf_init(&excerpt, 4096);
    page_excerpt(&excerpt, p->prompt, EXCERPT_CHARS);
    table_cell(&s->table, (struct slice){hex, SHORT_ID});
    table_cell(&s->table, p->name);
    table_cellf(&s->table, "%s%s%s", state_name(p->state), p->state > STATE_ACCEPTED ? ": " : "",
                p->state > STATE_ACCEPTED ? reason_name(p->reason) : "");
    for (int half = 0; half < 2; half++) {
        buf_clear(&signs);
        marks_of(&s->marks, p->recipe, half, &signs);
        table_cell(&s->table, buf_view(&signs));
    }
    buf_free(&signs);
    table_cell(&s->table, buf_view(&excerpt));
    buf_free(&excerpt);
    return true;
}

static bool add_json_call(void *context, const struct look_call *c)
{
    struct sample *s = context;
    trace_view_json(&s->w, c, trace_view_seed(s->opening.store, &s->pair.id, c));
    return true;
}

static bool add_json(struct sample *s, struct err *e)
{
    jsonw_object(&s->w);
    pair_view_json(&s->w, &s->pair);
    jsonw_key(&s->w, "calls");
    jsonw_list(&s->w);
    bool ok = look_calls(s->opening.store, s->pair.row, add_json_call, s, e);
    jsonw_end_list(&s->w);
    jsonw_end_object(&s->w);
    return ok;
}

static bool add_pairs(struct sample *s, struct err *e)
{
    for (size_t i = 0; i < s->n; i++) {
        arena_reset(&s->pair_arena);
        if (!look_pair(s->opening.store, s->pairs[i].row, &s->pair, &s->pair_arena, e) ||
            !(s->json   ? add_json(s, e)
              : s->full ? add_full(s, e)
                        : add_row(s, e)))
            return false;
    }
    return true;
}

static bool write_json(struct sample *s, struct err *e)
{
    s->w = jsonw_to(&s->out);
    jsonw_object(&s->w);
    jsonw_kstr(&s->w, "reason", s->reason);
    jsonw_ki64(&s->w, "total", s->total);
    jsonw_key(&s->w, "pairs");
    jsonw_list(&s->w);
    bool ok = add_pairs(s, e);
    jsonw_end_list(&s->w);
    jsonw_end_object(&s->w);
    buf_char(&s->out, '\n');
    return ok;
}

static bool write_table(struct sample *s, struct err *e)
{
    static const struct table_column columns[] = {
        {"pair", false},         {"seed", false},           {"decided", false},
        {"chosen first", false}, {"rejected first", false}, {"prompt", false}};
    table_init(&s->table, columns, sizeof columns / sizeof columns[0]);
    bool ok = add_pairs(s, e);
    table_write(&s->table, &s->out, 0);
    table_free(&s->table);
    buf_addf(&s->out,
             "\n%zu of %lld pairs; judgments: %s.\n`gavel show PROJECT PAIR` shows all "
             "of one.\n",
             s->n, (long long)s->total, marks_legend);
    return ok;
}

static bool take_judged(void *context, const struct look_judged *j)
{
    struct sample *s = context;
    suspects_add(&s->suspects, j, s->recipe);
    return true;
}

/* The most suspect ones first. */
static bool find_suspects(struct sample *s, struct err *e)
{
    struct look_run run;
    struct opening *o = &s->opening;
    if (!look_run(o->store, &run, &o->arena, e))
        return false;
    s->recipe = run.recipe;
    bool ok = look_judged(o->store, take_judged, s, e) && suspects_rank(&s->suspects, e);
    s->total = s->suspects.total;
    for (size_t i = 0; ok && i < s->suspects.n && s->n < (size_t)s->max; i++)
        s->pairs[s->n++].row = s->suspects.all[i].row;
    suspects_free(&s->suspects);
    return ok;
}

static bool find(struct sample *s, struct err *e)
{
    struct opening *o = &s->opening;
    return s->suspect ? find_suspects(s, e)
                      : look_sample(o->store, &s->wanted, (uint64_t)o->project.rng_seed, s->pairs,
                                    (size_t)s->max, &s->n, &s->total, e);
}

static bool sample(struct sample *s, const char *path, const struct args_strings *sets,
                   struct err *e)
{
    struct opening *o = &s->opening;
    if (!reading_open(o, path, sets, e))
        return false;
    s->pairs = arena_alloc(&o->arena, (size_t)s->max * sizeof *s->pairs);
    if (!s->pairs)
        return err_set(e, ERR_NOMEM, "out of memory");
    if (!find(s, e))
        return false;
    if (s->json)
        return write_json(s, e);
    if (s->n == 0) {
        buf_addf(&s->out, "no pair so far: %s\n", s->reason);
        return true;
    }
    s->full = s->full || s->max == 1;
    return s->full ? add_pairs(s, e) : write_table(s, e);
}

static int run(struct sample *s, const char *path, const struct args_strings *sets)
{
    struct err e;
    buf_init(&s->out, PAGE_MAX);
    arena_init(&s->pair_arena, PAGE_MAX);
    bool ok = sample(s, path, sets, &e);
    int exit_status = ok ? EXIT_COMPLETE : command_fail(&e);
    if (!ok)
        buf_clear(&s->out);
    marks_clear(&s->marks);
    arena_free(&s->pair_arena);
    opening_close(&s->opening);
    return page_end(&s->out, exit_status);
}

int cmd_sample(int argc, char **argv)
{
    static struct sample s = {.max = 20};
    struct args_strings sets = {0};
    const struct args_row rows[] = {
        {"reason", 'r', ARGS_STRING, &s.reason, "R",
         "state or reason of the decision, verdict or outcome of a judgment, or a filter"},
        {"number", 'n', ARGS_INT, &s.max, "N", "how many pairs (20)"},
        {"full", 0, ARGS_FLAG, &s.full, NULL, "each pair with one trace in full, as with -n 1"},
        {"json", 0, ARGS_FLAG, &s.json, NULL, "one JSON object with everything about each pair"},
        {"set", 0, ARGS_STRINGS, &sets, "KEY=VALUE", "override a key of the project file"},
        {0},
    };
    const struct args_command command = {
        .usage = "gavel sample PROJECT --reason R [-n 20] [--full] [--json]",
        .about = "Some pairs of one kind, drawn by a hash of their ids: always the same ones. "
                 "With -n 1 the pair\nand one trace that shows the reason in full.\n\n"
                 "R: accepted, rejected, deferred, open; inconsistent, failed_both ...; truncated, "
                 "refused, no_verdict ...;\ncorrect, incorrect, tie; or the name of a filter.",
        .rows = rows,
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int n, exit_status;
    struct err e;
    if (!command_args(&command, argc, argv, &operands, &n, &exit_status))
        return exit_status;
    if (s.max < 1 || s.max > SAMPLE_MAX) {
        err_set(&e, ERR_USAGE, "-n must lie between 1 and %d", SAMPLE_MAX);
        return command_fail(&e);
    }
    if (!parse_reason(&s, &e))
        return command_fail(&e);
    return run(&s, operands[0], &sets);
}
