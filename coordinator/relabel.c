#include "coordinator/relabel.h"

#include "base/clock.h"
#include "coordinator/checking.h"
#include "coordinator/store/ledger.h"
#include "judges/generation.h"

enum { CHUNK = 64 };

bool relabel_rules(const struct project *p, struct id *id, struct err *e)
{
    struct buf text;
    buf_init(&text, 1024 * 1024);
    project_building_text(p, &text);
    bool ok = buf_ok(&text, "the rules of building", e);
    *id = project_fingerprint("building", buf_view(&text));
    buf_free(&text);
    return ok;
}

/* One seed that is looked at again. */
struct looking {
    const struct relabel *r;
    struct id rules;
    int64_t recipe; /* the generator's; 0: nothing is sampled any more */
    const struct builder_seed *seed;
    struct arena arena;
    struct samples_task task;
    struct samples_sample *samples;
    size_t n;
    struct building building;
    bool commanded;
};

/* False: only the command can tell. */
static bool check(struct looking *l, size_t at, struct samples_check *out)
{
    const struct samples_sample *x = &l->samples[at];
    char nonce[NONCE_BYTES + 1];
    bool modified = x->lane == LANE_MODIFIED;
    struct slice baseline = modified ? checking_baseline(l->samples, at) : S("");
    const struct checking c = checking_of(l->r->project, l->seed, &l->task, x, baseline, nonce);
    return checking_look(&c, out, &l->arena);
}

static bool check_samples(struct looking *l, struct relabel_report *report, struct err *e)
{
    for (size_t i = 0; i < l->n && !l->commanded; i++) {
        struct samples_sample *x = &l->samples[i];
        const struct call_key key = {
            .row = l->seed->row, .lane = (uint8_t)x->lane, .k = (uint8_t)x->k};
        struct samples_check now;
        if (!check(l, i, &now)) {
            l->commanded = true;
            return true;
        }
        if (now.mark == MARK_UNCHECKED)
            return err_set(e, ERR_NOMEM, "out of memory for the samples of a seed");
        report->samples++;
        report->changed += now.mark != x->mark;
        x->mark = now.mark;
        if (!samples_set_check(l->r->store, x->recipe, key, &l->rules, &now, e))
            return false;
        builder_recall(&l->building, x->lane, x->k, checking_mark(l->r->project, l->r->seats, x),
                       x->recipe == l->recipe);
    }
    return true;
}

static bool read_seed(struct looking *l, const struct builder_seed *seed, struct err *e)
{
    l->seed = seed;
    l->commanded = false;
    arena_reset(&l->arena);
    builder_begin(&l->building, seed);
    l->samples = arena_alloc(&l->arena, SAMPLES_MAX * sizeof *l->samples);
    if (!l->samples)
        return err_set(e, ERR_NOMEM, "out of memory for the samples of a seed");
    return samples_task(l->r->store, seed->row, &l->task, &l->arena, e) &&
           samples_read(l->r->store, seed->row, NULL, l->recipe, l->samples, SAMPLES_MAX, &l->n,
                        &l->arena, e);
}

/* It has a pair, or gets one, or nothing more is to be asked for it; else it stays open. */
static bool end_seed(struct looking *l, struct relabel_report *report, struct err *e)
{
    const struct relabel *r = l->r;
    struct samples_made labels = {0}, made = {0};
    struct samples_end end = {.project = r->project,
                              .seats = r->seats,
                              .run = r->run,
                              .seed = l->seed->row,
                              .id = l->seed->id,
                              .known = l->seed->known,
                              .rules = l->rules,
                              .recipe = l->recipe,
                              .detail = "",
                              .wall_ms = clock_wall_ms()};
    if (!samples_relabel(r->store, &end, &labels, &l->arena, e))
        return false;
    report->withdrawn += labels.withdrawn;
    report->returned += labels.returned;
    struct err why;
    if (l->seed->known && !checking_gold(r->project, l->task.answer, l->task.answer_kind, &why)) {
        end.reason = BUILD_REASON_BAD_ANSWER;
        end.detail = why.text;
    } else if (!labels.holding && l->recipe && !builder_is_over(r->project, &l->building)) {
        report->wanting++;
        return samples_set_rules(r->store, l->seed->row, &l->rules, e);
    }
    if (!samples_end(r->store, &end, &made, &l->arena, e))
        return false;
    report->pairs += made.pairs;
    return true;
}

static bool look_again(struct looking *l, const struct builder_seed *seed,
                       struct relabel_report *report, struct err *e)
{
    if (!read_seed(l, seed, e) || !check_samples(l, report, e))
        return false;
    report->seeds++;
    report->commanded += l->commanded;
    if (l->commanded && !l->r->running)
        return true;
    return samples_reopen_one(l->r->store, seed->row, e) &&
           (l->commanded || end_seed(l, report, e));
}

static bool chunk(struct looking *l, uint64_t *after, bool *more, struct relabel_report *report,
                  struct err *e)
{
    struct store *s = l->r->store;
    struct builder_seed seeds[CHUNK];
    size_t n;
    if (!samples_outdated(s, &l->rules, *after, seeds, CHUNK, &n, e) || !store_begin(s, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        *after = seeds[i].row;
        if (!look_again(l, &seeds[i], report, e)) {
            store_rollback(s);
            return false;
        }
    }
    *more = n == CHUNK;
    return store_commit(s, e);
}

static bool mark_done(const struct looking *l, int64_t number, struct err *e)
{
    struct store *s = l->r->store;
    if (!store_begin(s, e))
        return false;
    if (ledger_set_live(s, RELABEL_COUNTER, number, e))
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

bool relabel_all(const struct relabel *r, struct relabel_report *report, struct err *e)
{
    struct looking *l = &(struct looking){.r = r};
    int generator = seats_generator(r->seats);
    bool ok = relabel_rules(r->project, &l->rules, e), more = true, stopped = false;
    int64_t number = (int64_t)(id_u64(&l->rules, 0) >> 1);
    if (!ok || r->project->purpose == PURPOSE_EVALUATE ||
        store_counter(r->store, RELABEL_COUNTER) == number)
        return ok;
    l->recipe = generator < 0 ? 0 : r->run->recipes[generator];
    arena_init(&l->arena, SAMPLES_MEMORY);
    uint64_t after = 0;
    while (ok && more && !(stopped = r->stop && r->stop(r->context)))
        ok = chunk(l, &after, &more, report, e);
    arena_free(&l->arena);
    bool left = stopped || (report->commanded && !r->running);
    return ok && (left || mark_done(l, number, e));
}
