#include "coordinator/redecide.h"

#include "base/clock.h"
#include "coordinator/planner.h"
#include "judges/trace.h"

enum { CHUNK = 256, TEXT_MAX = 512 * 1024 * 1024 };

/* Filters over stored rollouts */

static const char *filter_of(const struct chain *chain, const struct ledger_text_row *row)
{
    if (row->verdict != VERDICT_A && row->verdict != VERDICT_B)
        return "";
    struct trace t = {.thought = row->thought, .answer = row->answer, .finish = row->finish};
    const char *name = chain_reject(chain, &t);
    return name ? name : "";
}

static bool refilter_chunk(const struct redecide *r, int64_t *after, struct redecide_report *report,
                           bool *more, struct err *e)
{
    struct ledger_text_row rows[CHUNK];
    struct arena arena;
    size_t n = 0;
    arena_init(&arena, TEXT_MAX);
    bool ok = ledger_text_rows(r->store, *after, rows, CHUNK, &n, &arena, e) &&
              store_begin(r->store, e);
    if (!ok) {
        arena_free(&arena);
        return false;
    }
    for (size_t i = 0; ok && i < n; i++) {
        const char *name = filter_of(r->chain, &rows[i]);
        *after = rows[i].call;
        report->rollouts++;
        if (slice_is(rows[i].filter, name))
            continue;
        report->refiltered++;
        ok = ledger_set_filter(r->store, &rows[i], name, e);
    }
    *more = n == CHUNK;
    arena_free(&arena);
    if (ok)
        return store_commit(r->store, e);
    store_rollback(r->store);
    return false;
}

/* Acceptance */

static bool tally(struct planner *p, const struct redecide *r, const struct ledger_decided *d,
                  struct subject *s, struct err *e)
{
    struct ledger_rollout known[PLANNER_LANES * CALL_MAX_K];
    size_t n;
    if (!ledger_rollouts(r->store, d->row, d->recipe, known, sizeof known / sizeof known[0], &n, e))
        return false;
    planner_begin(p, s, &d->id, d->row);
    for (size_t i = 0; i < n; i++)
        if (known[i].lane < PLANNER_LANES && known[i].k < CALL_MAX_K)
            planner_recall(p, s, known[i].lane, known[i].k,
                           known[i].outcome == OUTCOME_CORRECT && !known[i].filtered);
    return true;
}

static bool move(const struct redecide *r, const struct ledger_decided *d, enum pair_state state,
                 enum reason reason, const char *detail, struct redecide_report *report,
                 struct err *e)
{
    if (state == d->state && reason == d->reason)
        return true;
    if (state != d->state)
        report->moved[d->state][state]++;
    const struct ledger_decision decision = {.pair = d->row,
                                             .recipe = d->recipe,
                                             .rules = r->rules,
                                             .run = r->run,
                                             .state = state,
                                             .reason = reason,
                                             .detail = detail};
    return ledger_decide(r->store, &decision, clock_wall_ms(), e);
}

static bool decide_chunk(const struct redecide *r, struct planner *p, uint64_t *after,
                         struct redecide_report *report, bool *more, struct err *e)
{
    struct ledger_decided decided[CHUNK];
    size_t n;
    if (!ledger_judged_after(r->store, r->recipe, *after, decided, CHUNK, &n, e) ||
        !store_begin(r->store, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct subject s;
        enum reason reason;
        *after = decided[i].row;
        report->pairs++;
        if (!tally(p, r, &decided[i], &s, e))
            goto fail;
        enum pair_state state = planner_fate(p, &s, &reason);
        /* A pair that a corpus filter took out is accepted as far as its rollouts go. */
        bool out = decided[i].reason == REASON_CORPUS_FILTER && state == STATE_ACCEPTED;
        if (!out && !move(r, &decided[i], state, reason, "", report, e))
            goto fail;
    }
    *more = n == CHUNK;
    return store_commit(r->store, e);
fail:
    store_rollback(r->store);
    return false;
}

/* Corpus filters */

struct corpus {
    const struct chain_link *links[CHAIN_MAX];
    void *states[CHAIN_MAX];
    size_t n;
};

static void close_corpus(struct corpus *c)
{
    for (size_t i = 0; i < c->n; i++)
        c->links[i]->filter->close(c->states[i]);
}

static bool open_corpus(struct corpus *c, const struct chain *chain, struct err *e)
{
    c->n = 0;
    for (size_t i = 0; i < chain->n; i++) {
        if (chain->links[i].filter->scope != FILTER_CORPUS)
            continue;
        c->links[c->n] = &chain->links[i];
        c->states[c->n] = chain->links[i].filter->open(chain->links[i].settings);
        if (!c->states[c->n]) {
            close_corpus(c);
            return err_set(e, ERR_NOMEM, "out of memory");
        }
        c->n++;
    }
    return true;
}

static const char *corpus_reject(struct corpus *c, const struct filter_item *item)
{
    for (size_t i = 0; i < c->n; i++)
        if (!c->links[i]->filter->admit(c->states[i], item))
            return c->links[i]->filter->name;
    return NULL;
}

/* The trace a pair is known by: its first correct one, in the order with the chosen answer first.
 */
static bool show_pair(const struct redecide *r, struct corpus *c, const struct ledger_decided *d,
                      const char **rejected_by, struct err *e)
{
    struct arena arena;
    struct filter_item item = {.pair = d->id};
    arena_init(&arena, TEXT_MAX);
    bool ok = ledger_first_correct(r->store, d->row, d->recipe, &item.thought, &item.answer, &arena,
                                   e);
    *rejected_by = ok ? corpus_reject(c, &item) : NULL;
    arena_free(&arena);
    return ok;
}

static bool corpus_chunk(const struct redecide *r, struct corpus *c, uint64_t *after,
                         struct redecide_report *report, bool *more, struct err *e)
{
    struct ledger_decided decided[CHUNK];
    size_t n;
    if (!ledger_judged_after(r->store, r->recipe, *after, decided, CHUNK, &n, e) ||
        !store_begin(r->store, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *name;
        *after = decided[i].row;
        if (decided[i].state != STATE_ACCEPTED && decided[i].reason != REASON_CORPUS_FILTER)
            continue;
        if (!show_pair(r, c, &decided[i], &name, e) ||
            !move(r, &decided[i], name ? STATE_REJECTED : STATE_ACCEPTED,
                  name ? REASON_CORPUS_FILTER : REASON_ACCEPTED, name ? name : "", report, e)) {
            store_rollback(r->store);
            return false;
        }
    }
    *more = n == CHUNK;
    return store_commit(r->store, e);
}

bool redecide_corpus(const struct redecide *r, struct redecide_report *report, struct err *e)
{
    struct corpus c;
    if (!chain_has_corpus(r->chain) && !store_counter(r->store, "reason.rejected.corpus_filter"))
        return true;
    if (!open_corpus(&c, r->chain, e))
        return false;
    bool ok = true, more = true;
    uint64_t after = 0;
    while (ok && more)
        ok = corpus_chunk(r, &c, &after, report, &more, e);
    close_corpus(&c);
    return ok;
}

static bool mark_done(const struct redecide *r, struct err *e)
{
    if (!store_begin(r->store, e))
        return false;
    if (ledger_set_live(r->store, REDECIDE_COUNTER, r->rules, e))
        return store_commit(r->store, e);
    store_rollback(r->store);
    return false;
}

static bool is_stopped(const struct redecide *r)
{
    return r->stop && r->stop(r->context);
}

bool redecide_all(const struct redecide *r, struct redecide_report *report, struct err *e)
{
    struct planner *p = planner_new(&r->project->accept, r->project->calibration);
    if (!p)
        return err_set(e, ERR_NOMEM, "out of memory");
    bool ok = true, more = true, stopped = false;
    int64_t call = 0;
    uint64_t row = 0;
    while (ok && more && !(stopped = is_stopped(r)))
        ok = refilter_chunk(r, &call, report, &more, e);
    more = true;
    while (ok && more && !stopped && !(stopped = is_stopped(r)))
        ok = decide_chunk(r, p, &row, report, &more, e);
    planner_free(p);
    return ok && (stopped || (redecide_corpus(r, report, e) && mark_done(r, e)));
}
