#include "coordinator/exports/release.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "coordinator/changes.h"
#include "coordinator/exports/card.h"
#include "coordinator/exports/choice.h"
#include "coordinator/exports/prompts.h"
#include "coordinator/exports/row.h"
#include "coordinator/exports/shards.h"
#include "coordinator/exports/shelf.h"
#include "coordinator/exports/transcript.h"
#include "coordinator/exports/verify.h"
#include "judges/seat.h"

#define FORMATS_MAX 16
#define PAIR_BYTES_MAX ((size_t)1 << 30)
#define RULES_BYTES_MAX ((size_t)1 << 20)
#define SETS_BYTES_MAX ((size_t)1 << 20)

/* A release while it is being made. */
struct making {
    struct store *store;
    const struct project *project;
    const char *teacher;
    const struct exporter *exporters[FORMATS_MAX];
    size_t n_exporters;
    struct shards *shards[FORMATS_MAX][SPLIT_MAX];
    struct shelf shelf;
    struct release_view *view;
    struct manifest manifest;
    struct arena pair_arena; /* for the time of one pair */
    struct arena set_arena;  /* names of evaluation sets */
    struct transcript transcript;
    struct buf line, seats;
    int64_t eval_rows;
};

/* Where the rows of one pair and format go. */
struct outlet {
    struct shards *shards;
    int64_t rows;
};

static bool take_row(void *context, struct slice row, struct err *e)
{
    struct outlet *o = context;
    o->rows++;
    return shards_add(o->shards, row, e);
}

static bool find_exporters(struct making *m, struct err *e)
{
    const char *const *names = m->project->export.formats.items;
    for (size_t i = 0; i < m->project->export.formats.n; i++) {
        const struct exporter *x = exporter_find(names[i]);
        if (!x)
            return err_set(e, ERR_USAGE, "export.formats: there is no format '%s'", names[i]);
        for (size_t j = 0; j < m->n_exporters; j++)
            if (m->exporters[j] == x)
                return err_set(e, ERR_USAGE, "export.formats: '%s' is named twice", names[i]);
        assert(m->n_exporters < FORMATS_MAX);
        m->exporters[m->n_exporters++] = x;
    }
    return true;
}

static bool make_shards(struct making *m, struct err *e)
{
    const struct project_export *x = &m->project->export;
    const struct conf_share *splits = x->split.items;
    for (size_t f = 0; f < m->n_exporters; f++)
        for (size_t i = 0; i < x->split.n; i++) {
            m->shards[f][i] = shards_new(m->shelf.making, m->exporters[f]->name, splits[i].name,
                                         (enum outfile_kind)x->compress, x->shard_rows, e);
            if (!m->shards[f][i])
                return false;
        }
    return true;
}

/* The side of a family of pairs depends on nothing but itself, so that it is the same in every
 * store and release as long as the shares are. */
static size_t split_of(const struct project *p, uint64_t split_key)
{
    struct hash h;
    hash_init(&h, "split");
    hash_u64(&h, split_key);
    struct id id = hash_id(&h);
    double at = id_share(&id, 0), end = 0;
    const struct conf_share *splits = p->export.split.items;
    size_t last = 0;
    for (size_t i = 0; i < p->export.split.n; i++) {
        if (splits[i].value <= 0)
            continue;
        last = i;
        end += splits[i].value;
        if (at < end)
            break;
    }
    return last;
}

static bool is_trusted(const struct project *p, enum trust trust)
{
    const char *const *names = p->export.trust.items;
    for (size_t i = 0; i < p->export.trust.n; i++)
        if (strcmp(names[i], trust_name(trust)) == 0)
            return true;
    return false;
}

/* note_eval_set(m, name, e): enters the name in the sorted list, once. */
static bool note_eval_set(struct making *m, struct slice name, struct err *e)
{
    struct manifest *mf = &m->manifest;
    size_t at = 0;
    while (at < mf->n_eval_sets && slice_cmp(slice_of(mf->eval_sets[at]), name) < 0)
        at++;
    if (at < mf->n_eval_sets && slice_is(name, mf->eval_sets[at]))
        return true;
    char *copy = arena_str(&m->set_arena, name);
    if (mf->n_eval_sets == MANIFEST_EVAL_SETS_MAX || !copy)
        return err_set(e, ERR_LIMIT, "the pairs name more than %d evaluation sets",
                       MANIFEST_EVAL_SETS_MAX);
    memmove(&mf->eval_sets[at + 1], &mf->eval_sets[at],
            (mf->n_eval_sets - at) * sizeof *mf->eval_sets);
    mf->eval_sets[at] = copy;
    mf->n_eval_sets++;
    return true;
}

static void count_pair(struct manifest_counts *c, const struct release_pair *p)
{
    c->pairs[p->state]++;
    c->reasons[p->reason]++;
    for (size_t i = 0; i < p->n_rollouts; i++) {
        c->rollouts[p->rollouts[i].outcome]++;
        c->filtered += p->rollouts[i].filter.n > 0;
        if (!p->rollouts[i].hinted)
            kind_count(&c->all, &p->rollouts[i]);
    }
}

/* One of the pairs that may leave. */
static void count_item(struct manifest_counts *c, const struct export_item *item)
{
    c->incomplete += item->pair->state == STATE_ACCEPTED && !choice_accepted(item);
    c->formats[item->format]++;
    for (int half = 0; half < EXPORT_HALVES; half++) {
        c->orders++;
        c->stopped += choice_stopped(item, half);
    }
}

static bool write_pair(struct making *m, const struct release_pair *p, struct err *e)
{
    const struct conf_share *splits = m->project->export.split.items;
    size_t split = split_of(m->project, p->split_key);
    struct export_item item = {
        .project = m->project,
        .pair = p,
        .split = splits[split].name,
        .teacher = m->teacher,
        .tally = &m->manifest.counts.sft,
        .transcript = &m->transcript,
        .line = &m->line,
    };
    arena_reset(&m->pair_arena);
    if (!prompts_render(&item, &m->pair_arena, e))
        return false;
    count_item(&m->manifest.counts, &item);
    int64_t rows = 0;
    for (size_t f = 0; f < m->n_exporters; f++) {
        struct outlet outlet = {.shards = m->shards[f][split]};
        if (!m->exporters[f]->rows(&item, take_row, &outlet, e))
            return false;
        rows += outlet.rows;
    }
    if (rows == 0 || p->eval_set.n == 0)
        return true;
    m->eval_rows += rows;
    return note_eval_set(m, p->eval_set, e);
}

static bool write_pairs(struct making *m, struct err *e)
{
    struct release_pair pair;
    int got;
    while ((got = release_view_next(m->view, &pair, e)) == 1) {
        count_pair(&m->manifest.counts, &pair);
        if (!is_trusted(m->project, pair.trust)) {
            m->manifest.counts.untrusted++;
            continue;
        }
        if (pair.reason == REASON_LABEL_WITHDRAWN)
            continue; /* not even for RL: nobody knows the better answer */
        char id[ID_HEX];
        id_hex(&pair.id, id);
        if (!write_pair(m, &pair, e))
            return err_wrap(e, "pair %s", id);
    }
    return got == 0;
}

static bool finish_shards(struct making *m, struct err *e)
{
    for (size_t f = 0; f < m->n_exporters; f++)
        for (size_t i = 0; i < m->project->export.split.n; i++)
            if (!shards_finish(m->shards[f][i], &m->manifest, e))
                return false;
    manifest_seal(&m->manifest);
    return true;
}

static void take_seed_counter(void *context, const char *name, int64_t value)
{
    struct manifest_counts *c = context;
    if (c->n_seeds == MANIFEST_SEEDS_MAX)
        return;
    snprintf(c->seeds[c->n_seeds].name, sizeof c->seeds[0].name, "%s", name + strlen("seeds."));
    c->seeds[c->n_seeds++].value = value;
}

/* The release that this one follows. One made anew under the same name keeps its own. */
static void find_parent(struct making *m)
{
    struct manifest old;
    struct err ignored;
    char path[SHELF_PATH_MAX];
    snprintf(m->manifest.parent, RELEASE_NAME, "%.16s", m->shelf.current);
    if (strcmp(m->manifest.release, m->shelf.current) != 0)
        return;
    manifest_init(&old);
    if (!shelf_path(&m->shelf, m->shelf.current, path, &ignored) ||
        !manifest_read(&old, path, &ignored))
        old.parent[0] = 0;
    memcpy(m->manifest.parent, old.parent, RELEASE_NAME);
    manifest_free(&old);
}

static bool write_text(struct making *m, const char *name, const struct buf *text, struct err *e)
{
    char path[SHELF_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", m->shelf.making, name);
    return buf_ok(text, name, e) && files_write(path, buf_view(text), e);
}

static bool write_papers(struct making *m, struct err *e)
{
    struct buf manifest, card;
    buf_init(&manifest, MANIFEST_BYTES_MAX);
    buf_init(&card, CARD_BYTES_MAX);
    manifest_write(&m->manifest, &manifest);
    card_write(&(struct card){&m->manifest, m->teacher, m->eval_rows}, &card);
    bool ok = write_text(m, "README.md", &card, e) && write_text(m, "manifest.json", &manifest, e);
    buf_free(&card);
    buf_free(&manifest);
    return ok;
}

/* Whether the finished release of this name still is what it was when it was written. */
static bool is_intact(const struct making *m, const char *folder)
{
    struct err ignored;
    struct manifest old;
    manifest_init(&old);
    bool ok = manifest_read(&old, folder, &ignored) &&
              strcmp(old.release, m->manifest.release) == 0 && old.n_files == m->manifest.n_files;
    manifest_free(&old);
    for (size_t i = 0; ok && i < m->manifest.n_files; i++)
        ok = manifest_file_intact(folder, &m->manifest.files[i], &ignored);
    return ok;
}

static bool put_in_place(struct making *m, struct release_report *report, struct err *e)
{
    const char *name = m->manifest.release;
    if (!shelf_path(&m->shelf, name, report->path, e))
        return false;
    bool known = shelf_has(&m->shelf, name) && is_intact(m, report->path);
    report->unchanged = known && strcmp(m->shelf.current, name) == 0;
    if (report->unchanged)
        return true;
    return (known || shelf_finish(&m->shelf, name, e)) && shelf_show(&m->shelf, name, e);
}

/* The decisions of a store are under the rules of its last run or refilter, whatever the project
 * says by now; only what is kept of each order is the exporters' affair. */
static void warn_of_other_rules(const struct making *m)
{
    struct buf now, changes, others;
    buf_init(&now, RULES_BYTES_MAX);
    buf_init(&changes, RULES_BYTES_MAX);
    buf_init(&others, RULES_BYTES_MAX);
    project_rules_text(m->project, &now);
    changes_write(m->manifest.terms.rules_text, buf_view(&now), &changes);
    for (struct slice rest = buf_view(&changes); rest.n;) {
        struct slice change = slice_sub(rest, 0, slice_find(rest, S("; ")));
        rest = slice_from(rest, change.n < rest.n ? change.n + 2 : rest.n);
        if (!slice_starts(change, S("accept.keep")))
            buf_addf(&others, "%s" SLICE_FMT, others.n ? "; " : "", SLICE_ARG(change));
    }
    if (others.n)
        log_warn("the project's rules have changed since the pairs were decided (%s): `gavel "
                 "refilter` or `gavel run` decides again",
                 buf_cstr(&others));
    buf_free(&now);
    buf_free(&changes);
    buf_free(&others);
}

/* The project's seats are the release's when its teacher's recipe is the one in force. */
static void note_seats(struct making *m)
{
    struct seats seats;
    struct err ignored;
    if (!seats_build(&seats, m->project, &ignored) ||
        !id_eq(&seats.all[0].recipe, &m->manifest.terms.recipe))
        return;
    seats_text(&seats, &m->seats);
    if (buf_ok(&m->seats, "the seats", &ignored))
        m->manifest.seats = buf_cstr(&m->seats);
}

static bool passes_gates(struct making *m, struct release_report *report, struct err *e)
{
    struct flips sft = kind_flips(&m->manifest.counts.sft.flips);
    struct flips all = kind_flips(&m->manifest.counts.all);
    m->manifest.flip_gap = m->project->reflection.flip_gap;
    report->gate = !kind_gate(&sft, &all, m->manifest.flip_gap, e);
    return !report->gate;
}

static bool make(struct making *m, const char *dir, struct release_report *report, struct err *e)
{
    if (!find_exporters(m, e) || !shelf_open(&m->shelf, dir, e) || !make_shards(m, e))
        return false;
    m->view = release_view_open(m->store, e);
    if (!m->view || !write_pairs(m, e) || !finish_shards(m, e) ||
        !store_counters(m->store, "seeds.", take_seed_counter, &m->manifest.counts, e))
        return false;
    m->manifest.terms = *release_view_terms(m->view);
    warn_of_other_rules(m);
    note_seats(m);
    find_parent(m);
    if (!passes_gates(m, report, e) || !write_papers(m, e) || !put_in_place(m, report, e))
        return false;
    report->files = (int64_t)m->manifest.n_files;
    report->rows = manifest_rows(&m->manifest, NULL, NULL);
    report->eval_rows = m->eval_rows;
    if (m->manifest.counts.incomplete)
        log_warn("%lld accepted pairs left no rows: an order has no correct trace that filters and "
                 "checker let pass; if filters were being changed meanwhile, export again",
                 (long long)m->manifest.counts.incomplete);
    return true;
}

static void clean_up(struct making *m)
{
    for (size_t f = 0; f < m->n_exporters; f++)
        for (size_t i = 0; i < SPLIT_MAX; i++)
            shards_free(m->shards[f][i]);
    release_view_close(m->view);
    manifest_free(&m->manifest);
    shelf_close(&m->shelf);
    arena_free(&m->pair_arena);
    arena_free(&m->set_arena);
    buf_free(&m->line);
    buf_free(&m->seats);
    transcript_free(&m->transcript);
}

bool release_check(const struct project *p, struct err *e)
{
    struct arena paths;
    if (!p->export.dir[0])
        return true;
    arena_init(&paths, 64 * 1024);
    const char *dir = project_path(p, &paths, p->export.dir);
    bool ok = dir ? shelf_check(dir, e) : err_set(e, ERR_NOMEM, "out of memory");
    arena_free(&paths);
    return ok || err_wrap(e, "export.dir");
}

bool release_write(struct store *s, const struct project *p, const char *dir,
                   struct release_report *report, struct err *e)
{
    struct arena paths;
    *report = (struct release_report){0};
    if (p->purpose == PURPOSE_EVALUATE)
        return err_set(e, ERR_USAGE,
                       "%s says `purpose: evaluate`: such a project measures judges and exports "
                       "nothing; `gavel report` shows what it measured",
                       p->file);
    arena_init(&paths, 64 * 1024);
    if (!dir && p->export.dir[0])
        dir = project_path(p, &paths, p->export.dir);
    struct making *m = calloc(1, sizeof *m);
    if (!m || !dir) {
        free(m);
        arena_free(&paths);
        return m ? err_set(e, ERR_USAGE, "no folder to export to: give --out or export.dir")
                 : err_set(e, ERR_NOMEM, "out of memory for an export");
    }
    m->store = s;
    m->project = p;
    m->teacher = project_teacher(p)->model;
    m->shelf.lock_fd = -1;
    manifest_init(&m->manifest);
    m->manifest.name = p->name;
    arena_init(&m->pair_arena, PAIR_BYTES_MAX);
    arena_init(&m->set_arena, SETS_BYTES_MAX);
    buf_init(&m->line, ROW_BYTES_MAX);
    buf_init(&m->seats, RULES_BYTES_MAX);
    transcript_init(&m->transcript);
    bool ok = make(m, dir, report, e) ||
              err_wrap(e, "the export to %s was not finished; nothing there has changed", dir);
    clean_up(m);
    free(m);
    arena_free(&paths);
    return ok;
}

bool release_verify(const char *dir, void (*problem)(void *context, const char *sentence),
                    void *context, int64_t *problems, struct err *e)
{
    return verify_release(dir, problem, context, problems, e);
}
