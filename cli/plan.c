#include "cli/plan.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/records.h"
#include "base/text.h"
#include "cli/figure.h"
#include "cli/table.h"
#include "coordinator/imports/seed_files.h"
#include "coordinator/imports/seed_reader.h"
#include "coordinator/store/look.h"
#include "coordinator/store/look_build.h"

#define COUNT_BYTES ((int64_t)64 << 20) /* of a seed file; the rest is estimated */
#define RECENT_CALLS 1000
#define DECIDED_MIN 20  /* pairs, or prompts, from which calls of each are taken */
#define SORTED_MAX 1000 /* records of a file that are looked at: is there a pair in them? */

/* Assumed while the store has no calls; said where they are used. */
#define ASSUMED_RIGHT 0.8
#define ASSUMED_SOLVED 0.5       /* answers to a prompt with a known answer that are right */
#define ASSUMED_USABLE 0.8       /* changed prompts that can be used */
#define ASSUMED_PROMPT_EXTRA 350 /* tokens: instructions and template */
#define BYTES_PER_TOKEN 4
#define ASSUMED_COMPLETION 1500
#define ASSUMED_TOKENS_PER_S 40

/* ---- seed files ---- */

static bool count_lines(struct plan_file *f, const struct seed_file *source, const struct stat *st,
                        int64_t max_line, struct err *e)
{
    struct records *records = records_open(source->path, (size_t)max_line, e);
    enum records_got got = RECORDS_END;
    struct slice record;
    if (!records)
        return false;
    while (f->bytes < COUNT_BYTES && (got = records_next(records, &record, e)) != RECORDS_END &&
           got != RECORDS_ERROR) {
        f->bytes += (int64_t)record.n + 1;
        f->lines++;
    }
    records_close(records);
    if (got == RECORDS_ERROR)
        return false;
    f->exact = got == RECORDS_END;
    if (!f->exact && st->st_size > f->bytes)
        f->lines = (int64_t)((double)f->lines * (double)st->st_size / (double)f->bytes);
    return true;
}

/* What kinds of records the file begins with. */
static bool sort_records(struct plan_file *f, const struct seed_file *source, int64_t max_line,
                         struct err *e)
{
    struct seed_reader *reader = seed_reader_open(source->path, &source->how, (size_t)max_line, e);
    struct seed_reading got;
    enum seed_got kind = SEED_END;
    double n = 0, paired = 0, known = 0, open = 0;
    while (reader && n < SORTED_MAX && (kind = seed_reader_next(reader, &got, e)) != SEED_END &&
           kind != SEED_ERROR) {
        if (kind != SEED_RECORD)
            continue;
        n++;
        paired += got.record->n_pairs > 0;
        known += got.record->reason == SEED_ANSWER_ONLY;
        open += got.record->reason == SEED_PROMPT_ONLY;
    }
    bool ok = reader && kind != SEED_ERROR;
    seed_reader_close(reader);
    f->paired = n > 0 ? paired / n : 1;
    f->known = n > 0 ? known / n : 0;
    f->open = n > 0 ? open / n : 0;
    return ok;
}

static bool is_imported(const struct look_file *known, const struct seed_file *source,
                        const struct stat *st)
{
    return known->size == st->st_size && known->inode == (int64_t)st->st_ino &&
           known->mtime_ns == (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec &&
           strcmp(known->options, source->options) == 0;
}

static bool read_file(struct plan_file *f, const struct seed_file *source, struct opening *o,
                      struct err *e)
{
    struct stat st;
    struct look_file known;
    *f = (struct plan_file){.name = source->name};
    if (strcmp(source->path, "-") == 0 || stat(source->path, &st) != 0 || !S_ISREG(st.st_mode)) {
        f->unknown = true;
        return true;
    }
    int got = o->store ? look_file(o->store, source->name, &known, e) : 0;
    if (got < 0)
        return false;
    if (got == 1 && is_imported(&known, source, &st)) {
        f->imported = f->exact = true;
        f->lines = known.lines;
        return true;
    }
    int64_t line = o->project.limits.line_bytes;
    return (count_lines(f, source, &st, line, e) && sort_records(f, source, line, e)) ||
           err_wrap(e, "%s", source->name);
}

static bool read_files(struct plan *plan, struct opening *o, struct err *e)
{
    struct seed_files list;
    if (!seed_files_list(&list, &o->project, NULL, 0, &o->arena, e))
        return false;
    plan->n_files = list.n;
    plan->exact = true;
    plan->files = arena_alloc(&o->arena, (list.n + 1) * sizeof *plan->files);
    if (!plan->files)
        return err_set(e, ERR_NOMEM, "out of memory for %zu seed files", list.n);
    for (size_t i = 0; i < list.n; i++) {
        struct plan_file *f = &plan->files[i];
        if (!read_file(f, &list.files[i], o, e))
            return false;
        plan->new_lines += f->imported ? 0 : f->lines;
        plan->exact = plan->exact && f->exact;
    }
    return true;
}

/* ---- forecast ---- */

static double mean_bytes(const struct plan *plan)
{
    double bytes = 0, lines = 0;
    for (size_t i = 0; i < plan->n_files; i++) {
        bytes += plan->files[i].exact ? (double)plan->files[i].bytes : 0;
        lines += plan->files[i].exact && plan->files[i].bytes ? (double)plan->files[i].lines : 0;
    }
    return lines > 0 ? bytes / lines : 2000;
}

/* The bar of the seeds' trust when they all say the same, else the one without a class. */
static struct project_bar usual_bar(const struct project *p)
{
    const struct project_seeds *seeds = p->seeds.items;
    struct project without = *p;
    enum trust trust = TRUST_SYNTHETIC, other;
    bool same = p->seeds.n > 0 && trust_parse(slice_of(seeds[0].trust), &trust);
    for (size_t i = 1; same && i < p->seeds.n; i++)
        same = trust_parse(slice_of(seeds[i].trust), &other) && other == trust;
    without.accept.verified = without.accept.human = without.accept
                                                         .synthetic = (struct project_bar){0, 0};
    return same ? project_bar(p, trust) : project_bar(&without, TRUST_SYNTHETIC);
}

static void measure_calls(struct plan *plan)
{
    struct forecast_calls *c = &plan->basis.per_pair;
    double decided = (double)plan->decided;
    *c = (struct forecast_calls){0};
    for (int kind = 0; kind < SEAT_KIND_COUNT; kind++) {
        if (kind == SEAT_GENERATOR)
            continue; /* its calls are counted by prompt */
        c->kinds[kind] = (double)counts_of2(&plan->counts, "calls.kind.",
                                            seat_kind_name((enum seat_kind)kind)) /
                         decided;
        c->total += c->kinds[kind];
    }
}

static bool read_basis(struct plan *plan, const struct opening *o, struct err *e)
{
    const struct project *p = &o->project;
    struct forecast_basis *b = &plan->basis;
    struct look_means means = {0};
    if (o->store && !look_recent_calls(o->store, RECENT_CALLS, &means, e))
        return false;
    plan->decided = counts_of(&plan->counts, "pairs.accepted") +
                    counts_of(&plan->counts, "pairs.rejected");
    if (plan->decided < DECIDED_MIN)
        plan->decided = 0;
    plan->calls_seen = means.calls;
    if (plan->decided)
        measure_calls(plan);
    else
        forecast_pair(p, &o->seats, usual_bar(p), ASSUMED_RIGHT, &b->per_pair);
    b->prompt_tokens = means.calls ? means.prompt_tokens
                                   : mean_bytes(plan) / BYTES_PER_TOKEN + ASSUMED_PROMPT_EXTRA;
    b->completion_tokens = means.calls ? means.completion_tokens
                                       : fmin(ASSUMED_COMPLETION, (double)p->generation.max_tokens);
    b->latency_ms = means.calls ? means.latency_ms
                                : 1000 * b->completion_tokens / ASSUMED_TOKENS_PER_S;
    b->in_flight = forecast_in_flight(p);
    return true;
}

/* ---- building ---- */

/* That a run would build, of the store and of lines that are not imported yet. */
static void count_builds(struct plan *plan, const struct opening *o, double known_share)
{
    struct plan_builds *b = &plan->builds;
    const struct project_build *wanted = &o->project.build;
    double stored = (double)(counts_of(&plan->counts, "builds.open") +
                             counts_of(&plan->counts, "builds.deferred"));
    b->known = stored * known_share;
    b->open = stored - b->known;
    for (size_t i = 0; i < plan->n_files; i++) {
        const struct plan_file *f = &plan->files[i];
        double lines = f->imported ? 0 : (double)f->lines;
        b->known += lines * f->known;
        b->open += lines * f->open;
    }
    b->known = wanted->verifiable ? b->known : 0;
    b->open = wanted->open ? b->open : 0;
    b->seeds = b->known + b->open;
}

static void forecast_builds(struct plan *plan, const struct opening *o, double known_share)
{
    struct plan_builds *b = &plan->builds;
    double ended = (double)(counts_of(&plan->counts, "builds.built") +
                            counts_of(&plan->counts, "builds.failed"));
    if (seats_generator(&o->seats) < 0)
        return;
    count_builds(plan, o, known_share);
    b->measured = ended >= DECIDED_MIN;
    if (b->measured) {
        b->calls = b->seeds * (double)counts_of(&plan->counts, "samples.total") / ended;
        b->pairs = b->seeds * (double)counts_of(&plan->counts, "builds.pairs") / ended;
        return;
    }
    struct forecast_build known = forecast_build(&o->project, true, ASSUMED_SOLVED);
    struct forecast_build open = forecast_build(&o->project, false, ASSUMED_USABLE);
    b->calls = b->known * known.calls + b->open * open.calls;
    b->pairs = b->known * known.pairs + b->open * open.pairs;
}

static double paired_lines(const struct plan *plan)
{
    double n = 0;
    for (size_t i = 0; i < plan->n_files; i++)
        n += plan->files[i].imported ? 0 : (double)plan->files[i].lines * plan->files[i].paired;
    return n;
}

bool plan_read(struct plan *plan, struct opening *o, struct err *e)
{
    *plan = (struct plan){.has_store = o->store != NULL};
    double known_share = 0;
    if (!counts_read(&plan->counts, o->store, &o->arena, e) || !read_files(plan, o, e) ||
        !read_basis(plan, o, e) || (o->store && !look_known_share(o->store, &known_share, e)))
        return false;
    forecast_builds(plan, o, known_share);
    plan->basis.build_calls = plan->builds.calls;
    plan->pairs = counts_of(&plan->counts, "pairs.open") +
                  counts_of(&plan->counts, "pairs.deferred") +
                  (int64_t)(paired_lines(plan) + plan->builds.pairs + 0.5);
    plan->forecast = forecast_of(&o->project, &o->seats, (double)plan->pairs, &plan->basis);
    return true;
}

/* ---- for people ---- */

static void add_files(struct buf *out, const struct plan *plan)
{
    static const struct table_column columns[] = {{NULL, false}, {NULL, true}, {NULL, false}};
    struct table t;
    table_init(&t, columns, 3);
    for (size_t i = 0; i < plan->n_files; i++) {
        const struct plan_file *f = &plan->files[i];
        table_cell(&t, slice_of(f->name));
        if (f->unknown)
            table_cell(&t, S("?"));
        else
            table_count(&t, f->lines);
        table_cellf(&t, "lines, %s%s", f->imported ? "imported already" : "to be imported",
                    f->exact || f->unknown ? "" : " (estimated)");
    }
    buf_str(out, plan->n_files ? "\nseeds\n" : "\nseeds: the project names none\n");
    table_write(&t, out, 2);
    table_free(&t);
}

static void add_store(struct buf *out, const struct plan *plan)
{
    static const char *const states[] = {"accepted", "rejected", "deferred", "open"};
    if (!plan->has_store) {
        buf_str(out, "\nstore: not there yet, the run makes it\n");
        return;
    }
    buf_str(out, "\nstore: ");
    figure_count(out, counts_of(&plan->counts, "pairs.total"));
    buf_str(out, " pairs");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        buf_str(out, i ? ", " : ": ");
        figure_count(out, counts_of2(&plan->counts, "pairs.", states[i]));
        buf_addf(out, " %s", states[i]);
    }
    buf_char(out, '\n');
}

static void add_rounded(struct buf *out, double n)
{
    figure_count(out, (int64_t)(n + 0.5));
}

/* Who is asked how often, when it is not one teacher alone. */
static void add_kinds(struct buf *out, const struct forecast_calls *c)
{
    const char *between = "          ";
    if (c->cues <= 0 && c->total <= c->kinds[SEAT_TEACHER])
        return;
    for (int kind = 0; kind < SEAT_KIND_COUNT; kind++) {
        if (c->kinds[kind] <= 0)
            continue;
        buf_addf(out, "%s%.2f %s", between, c->kinds[kind], seat_kind_name((enum seat_kind)kind));
        between = ", ";
    }
    if (c->cues > 0)
        buf_addf(out, "; %.2f of them go on with a judgment", c->cues);
    buf_char(out, '\n');
}

static void add_builds(struct buf *out, const struct plan_builds *b)
{
    if (b->seeds <= 0)
        return;
    buf_str(out, "  built   ");
    add_rounded(out, b->pairs);
    buf_str(out, " of them, for ");
    add_rounded(out, b->seeds);
    buf_str(out, " prompts without a pair: ");
    add_rounded(out, b->calls);
    if (b->measured)
        buf_str(out, " answers of the generator, as for the prompts so far\n");
    else
        buf_addf(out,
                 " answers of the generator, if %.0f %% of its solutions are right and %.0f %% of "
                 "its changed prompts usable\n",
                 100 * ASSUMED_SOLVED, 100 * ASSUMED_USABLE);
}

static void add_forecast(struct buf *out, const struct plan *plan)
{
    const struct forecast_basis *b = &plan->basis;
    const struct forecast *f = &plan->forecast;
    buf_str(out, "\nforecast for ");
    figure_count(out, plan->pairs);
    buf_addf(out, " pairs%s\n",
             plan->new_lines ? " (every new line counted as one)" : " that are not decided yet");
    add_builds(out, &plan->builds);
    buf_str(out, "  calls   ");
    add_rounded(out, f->calls);
    buf_addf(out, ": %.2f per pair%s, ", b->per_pair.total,
             plan->builds.seeds > 0 ? " beside those that build it" : "");
    if (plan->decided)
        buf_addf(out, "as in the %lld pairs decided so far\n", (long long)plan->decided);
    else
        buf_addf(out, "if %.0f %% of the judgments are right\n", 100 * ASSUMED_RIGHT);
    add_kinds(out, &b->per_pair);
    buf_str(out, "  tokens  ");
    add_rounded(out, f->prompt_tokens);
    buf_str(out, " prompt, ");
    add_rounded(out, f->completion_tokens);
    buf_str(out, " completion: ");
    add_rounded(out, b->prompt_tokens);
    buf_str(out, " and ");
    add_rounded(out, b->completion_tokens);
    buf_addf(out, " per call, %s\n", plan->calls_seen ? "as in the latest calls" : "assumed");
    if (f->cost_usd > 0) {
        buf_str(out, "  cost    ");
        figure_dollars(out, (int64_t)fmin(f->cost_usd * 1e9, 9e18));
        buf_char(out, '\n');
    }
    buf_str(out, "  time    ");
    figure_duration(out, (int64_t)fmin(f->seconds * 1000, 9e18));
    buf_str(out, ": ");
    figure_duration(out, (int64_t)b->latency_ms);
    buf_addf(out, " per call (%s), at most ",
             plan->calls_seen ? "as in the latest calls" : "assumed");
    add_rounded(out, b->in_flight);
    buf_str(out, " at once\n");
}

void plan_text(struct buf *out, const struct plan *plan)
{
    add_files(out, plan);
    add_store(out, plan);
    add_forecast(out, plan);
}

/* ---- JSON ---- */

void plan_json(struct jsonw *w, const struct plan *plan)
{
    const struct forecast *f = &plan->forecast;
    jsonw_key(w, "seeds");
    jsonw_list(w);
    for (size_t i = 0; i < plan->n_files; i++) {
        const struct plan_file *file = &plan->files[i];
        jsonw_object(w);
        jsonw_kstr(w, "file", file->name);
        jsonw_ki64(w, "lines", file->lines);
        jsonw_kbool(w, "exact", file->exact);
        jsonw_kbool(w, "imported", file->imported);
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
    jsonw_key(w, "forecast");
    jsonw_object(w);
    jsonw_ki64(w, "pairs", plan->pairs);
    jsonw_kdouble(w, "prompts_to_build", plan->builds.seeds);
    jsonw_kdouble(w, "pairs_built", plan->builds.pairs);
    jsonw_kdouble(w, "calls_to_build", plan->builds.calls);
    jsonw_kbool(w, "calls_to_build_measured", plan->builds.measured);
    jsonw_kdouble(w, "calls", f->calls);
    jsonw_kdouble(w, "calls_per_pair", plan->basis.per_pair.total);
    jsonw_kbool(w, "calls_per_pair_measured", plan->decided > 0);
    jsonw_key(w, "calls_per_pair_of");
    jsonw_object(w);
    for (int kind = 0; kind < SEAT_KIND_COUNT; kind++)
        jsonw_kdouble(w, seat_kind_name((enum seat_kind)kind), plan->basis.per_pair.kinds[kind]);
    jsonw_end_object(w);
    jsonw_kdouble(w, "prompt_tokens", f->prompt_tokens);
    jsonw_kdouble(w, "completion_tokens", f->completion_tokens);
    jsonw_kbool(w, "tokens_measured", plan->calls_seen > 0);
    jsonw_kdouble(w, "cost_usd", f->cost_usd);
    jsonw_kdouble(w, "seconds", f->seconds);
    jsonw_end_object(w);
}
