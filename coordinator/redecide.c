#include "coordinator/redecide.h"

#include "base/clock.h"
#include "coordinator/exhibit.h"
#include "coordinator/planner.h"
#include "coordinator/quota.h"

enum { CHUNK = 256, TEXT_MAX = 512 * 1024 * 1024 };

/* Filters over stored rollouts */

/* The pair as it was shown, read back from the store. */
static bool read_shown(const struct ledger_text_row *row, struct judge_task *task,
                       struct arena *arena, struct err *e)
{
    *task = (struct judge_task){
        .reference = row->reference, .rubric = row->rubric, .language = row->language};
    if (row->kind == SEAT_HINTED)
        task->hint = lane_gold((enum lane)row->lane) == VERDICT_A ? 'A' : 'B';
    return chat_parse(row->prompt, &task->prompt, arena, e) &&
           chat_parse(row->answer_a, &task->answer_a, arena, e) &&
           (!row->answer_b.n || chat_parse(row->answer_b, &task->answer_b, arena, e));
}

/* *name: the filter that rejects the rollout now; "" for none. */
static bool filter_of(const struct chain *chain, const struct ledger_text_row *row,
                      const char **name, struct arena *arena, struct err *e)
{
    struct segment segments[HISTORY_MAX_SEGMENTS];
    struct trace trace = {.thought = row->thought, .answer = row->answer, .finish = row->finish};
    struct judge_task task;
    struct filter_view view = {
        .trace = &trace, .task = &task, .verdict = row->verdict, .segments = segments};
    *name = "";
    if (!verdict_is_filtered(row->verdict) || row->kind == SEAT_CHECKER)
        return true;
    if (!read_shown(row, &task, arena, e) ||
        !segments_read(row->segments, segments, &view.n_segments, e))
        return false;
    const char *rejected_by = chain_reject(chain, &view);
    *name = rejected_by ? rejected_by : "";
    return true;
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
        const char *name;
        ok = filter_of(r->chain, &rows[i], &name, &arena, e);
        if (!ok)
            break;
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

/* The row of the recipe that this seat's rollouts of a pair are under; 0: it has none. Pairs that
 * were decided under an older recipe were judged by the seats of that time: the i-th of a kind then
 * stands for the i-th now. */
static int64_t recipe_of(const struct redecide *r, const struct ledger_seats *then, size_t seat)
{
    size_t before = 0;
    if (seat == 0)
        return then->recipes[0];
    for (size_t i = 0; i < seat; i++)
        before += r->seats->all[i].kind == r->seats->all[seat].kind;
    for (size_t i = 0; i < then->n; i++)
        if (then->kinds[i] == r->seats->all[seat].kind && before-- == 0)
            return then->recipes[i];
    return 0;
}

static bool tally(struct planner *p, const struct redecide *r, const struct ledger_decided *d,
                  struct subject *s, struct err *e)
{
    struct ledger_rollout known[PLANNER_LANES * CALL_MAX_K];
    struct ledger_seats then;
    const struct planner_pair pair = {d->pair.id, d->pair.row, d->pair.trust, d->pair.domain,
                                      d->pair.source};
    if (!ledger_seats(r->store, d->run, d->recipe, &then, e))
        return false;
    planner_begin(p, s, &pair);
    for (size_t seat = 0; seat < r->seats->n; seat++) {
        size_t n = 0, max = sizeof known / sizeof known[0];
        int64_t recipe = recipe_of(r, &then, seat);
        if (recipe && !ledger_rollouts(r->store, d->pair.row, recipe, known, max, &n, e))
            return false;
        /* A pair keeps the format in which it was judged, whatever the project says now. */
        if (seat == 0 && n > 0)
            s->pointwise = known[0].lane >= LANE_CHOSEN_ONLY;
        for (size_t i = 0; i < n; i++)
            planner_recall(p, s, (int)seat, known[i].lane, known[i].k,
                           planner_news_of(known[i].verdict, known[i].score_a, known[i].score_b,
                                           (enum lane)known[i].lane, known[i].filtered));
    }
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
    const struct ledger_decision decision = {.pair = d->pair.row,
                                             .recipe = d->recipe,
                                             .rules = r->rules,
                                             .run = r->run,
                                             .state = state,
                                             .reason = reason,
                                             .detail = detail};
    return ledger_decide(r->store, &decision, clock_wall_ms(), e);
}

/* What its rollouts make of a pair. Students are waited for only by those that were not decided
 * without them; and no pair enters that is one too many of its kind: the next run says so. */
static enum pair_state fate_of(struct planner *p, struct quota *q, const struct ledger_decided *d,
                               const struct subject *s, enum reason *reason)
{
    enum pair_state state = planner_verdict(p, s, d->state == STATE_OPEN, reason);
    bool was_in = d->state == STATE_ACCEPTED, out = d->reason == REASON_CORPUS_FILTER;
    if (was_in && state != STATE_ACCEPTED)
        quota_leave(q, s);
    if (was_in || out || state != STATE_ACCEPTED || quota_take(q, s))
        return state;
    *reason = REASON_NONE;
    return STATE_OPEN;
}

static bool decide_chunk(const struct redecide *r, struct planner *p, struct quota *q,
                         uint64_t *after, struct redecide_report *report, bool *more, struct err *e)
{
    struct ledger_decided decided[CHUNK];
    size_t n;
    if (!ledger_judged_after(r->store, r->recipes[0], *after, decided, CHUNK, &n, e) ||
        !store_begin(r->store, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct subject s;
        enum reason reason;
        *after = decided[i].pair.row;
        report->pairs++;
        if (decided[i].reason == REASON_LABEL_WITHDRAWN)
            continue; /* whatever its rollouts say */
        if (!tally(p, r, &decided[i], &s, e))
            goto fail;
        enum pair_state state = fate_of(p, q, &decided[i], &s, &reason);
        planner_left(p, &s);
        if (reason == REASON_HINTED)
            planner_decided(p, state, reason, 1);
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

/* The reason for which the pair is accepted as far as its rollouts go. */
static bool reason_of(struct planner *p, const struct redecide *r, const struct ledger_decided *d,
                      enum reason *reason, struct err *e)
{
    struct subject s;
    *reason = d->reason;
    if (d->reason != REASON_CORPUS_FILTER)
        return true;
    if (!tally(p, r, d, &s, e))
        return false;
    planner_verdict(p, &s, false, reason);
    planner_left(p, &s);
    if (*reason != REASON_HINTED)
        *reason = REASON_ACCEPTED;
    return true;
}

static bool show_pair(const struct redecide *r, struct corpus *c, const struct ledger_decided *d,
                      bool hinted, const char **rejected_by, struct err *e)
{
    struct arena arena;
    struct filter_item item;
    arena_init(&arena, TEXT_MAX);
    *rejected_by = NULL;
    bool ok = exhibit_read(r->store, r->project, d, hinted, &item, &arena, e);
    if (ok)
        *rejected_by = corpus_reject(c, &item);
    arena_free(&arena);
    return ok;
}

static bool corpus_chunk(const struct redecide *r, struct planner *p, struct corpus *c,
                         uint64_t *after, struct redecide_report *report, bool *more, struct err *e)
{
    struct ledger_decided decided[CHUNK];
    size_t n;
    if (!ledger_judged_after(r->store, r->recipes[0], *after, decided, CHUNK, &n, e) ||
        !store_begin(r->store, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *name;
        enum reason reason;
        *after = decided[i].pair.row;
        if (decided[i].state != STATE_ACCEPTED && decided[i].reason != REASON_CORPUS_FILTER)
            continue;
        if (!reason_of(p, r, &decided[i], &reason, e) ||
            !show_pair(r, c, &decided[i], reason == REASON_HINTED, &name, e) ||
            !move(r, &decided[i], name ? STATE_REJECTED : STATE_ACCEPTED,
                  name ? REASON_CORPUS_FILTER : reason, name ? name : "", report, e)) {
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
    struct planner *p = planner_new(r->project, r->seats);
    if (!p)
        return err_set(e, ERR_NOMEM, "out of memory");
    /* Whether the share of hinted pairs has room was asked when they were decided. */
    planner_decided(p, STATE_ACCEPTED, REASON_ACCEPTED, UINT32_MAX);
    if (!open_corpus(&c, r->chain, e)) {
        planner_free(p);
        return false;
    }
    bool ok = true, more = true;
    uint64_t after = 0;
    while (ok && more)
        ok = corpus_chunk(r, p, &c, &after, report, &more, e);
    close_corpus(&c);
    planner_free(p);
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

static bool count_chunk(const struct redecide *r, struct planner *p, uint64_t *after, bool *more,
                        struct err *e)
{
    struct ledger_decided decided[CHUNK];
    size_t n;
    if (!ledger_judged_after(r->store, r->recipes[0], *after, decided, CHUNK, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct subject s;
        enum reason reason;
        *after = decided[i].pair.row;
        if (decided[i].reason == REASON_LABEL_WITHDRAWN)
            continue;
        if (!tally(p, r, &decided[i], &s, e))
            return false;
        if (planner_verdict(p, &s, false, &reason) == STATE_ACCEPTED && reason != REASON_HINTED)
            planner_decided(p, STATE_ACCEPTED, reason, 1);
        planner_left(p, &s);
    }
    *more = n == CHUNK;
    return true;
}

/* Of how many pairs that need no hint the hinted ones may be a share. */
static bool count_plain(const struct redecide *r, struct planner *p, struct err *e)
{
    bool hinted = false, more = true;
    uint64_t row = 0;
    for (size_t i = 0; i < r->seats->n; i++)
        hinted = hinted || r->seats->all[i].kind == SEAT_HINTED;
    while (hinted && more && !is_stopped(r))
        if (!count_chunk(r, p, &row, &more, e))
            return false;
    return true;
}

static void recall_accepted(void *context, const struct ledger_accepted *a)
{
    quota_recall(context, a->trust, a->domain, a->source, a->pass, a->n);
}

bool redecide_all(const struct redecide *r, struct redecide_report *report, struct err *e)
{
    struct quota quota;
    quota_init(&quota, r->project);
    struct planner *p = planner_new(r->project, r->seats);
    if (!p)
        return err_set(e, ERR_NOMEM, "out of memory");
    bool ok = !r->project->quotas.n || ledger_accepted(r->store, recall_accepted, &quota, e);
    bool more = true, stopped = false;
    int64_t call = 0;
    uint64_t row = 0;
    while (ok && more && !(stopped = is_stopped(r)))
        ok = refilter_chunk(r, &call, report, &more, e);
    more = true;
    ok = ok && (stopped || count_plain(r, p, e));
    while (ok && more && !stopped && !(stopped = is_stopped(r)))
        ok = decide_chunk(r, p, &quota, &row, report, &more, e);
    planner_free(p);
    return ok && (stopped || (redecide_corpus(r, report, e) && mark_done(r, e)));
}
