#include "coordinator/exports/choice.h"

#include <stdlib.h>
#include <string.h>

#include "coordinator/keep.h"
#include "judges/history.h"

/* A rollout and its place in the ranking: the smallest goes first. */
struct ranked {
    uint64_t rank;
    const struct release_rollout *rollout;
};

static bool is_pointwise(const struct export_item *item)
{
    return item->format == FORMAT_POINTWISE;
}

/* The other half of a pointwise judgment; NULL when there is none. */
static const struct release_rollout *other_half(const struct export_item *item,
                                                const struct release_rollout *r)
{
    for (size_t i = 0; i < item->pair->n_rollouts; i++) {
        const struct release_rollout *o = &item->pair->rollouts[i];
        if (o->lane != r->lane && o->k == r->k && o->format == r->format && o->hinted == r->hinted)
            return o;
    }
    return NULL;
}

/* Of this half, and no filter rejected it (pointwise: nor its other half). */
static bool is_sound(const struct export_item *item, const struct release_rollout *r, int half,
                     enum outcome outcome)
{
    if (r->lane != item->lanes[half] || r->format != item->format || r->outcome != outcome ||
        r->filter.n)
        return false;
    const struct release_rollout *o = is_pointwise(item) ? other_half(item, r) : NULL;
    return !is_pointwise(item) || (o && o->filter.n == 0);
}

/* Right after one of its steps, and not after a later one. */
static bool wavers(const struct release_rollout *r)
{
    struct segment s[HISTORY_MAX_SEGMENTS];
    struct err ignored; /* told when the trace is made */
    size_t n = 0;
    bool right = false;
    if (r->cues < 2 || !segments_read(r->segments, s, &n, &ignored))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s[i].origin != ORIGIN_TEACHER)
            continue;
        if (right && outcome_of(s[i].verdict, r->lane) != OUTCOME_CORRECT)
            return true;
        right = right || outcome_of(s[i].verdict, r->lane) == OUTCOME_CORRECT;
    }
    return false;
}

static bool was_reviewed(const struct release_pair *pair, bool hinted)
{
    for (size_t i = 0; i < pair->n_rollouts; i++)
        if (pair->rollouts[i].hinted == hinted && pair->rollouts[i].check == RELEASE_CHECKED)
            return true;
    return false;
}

/* all_of(item, half, outcome, all): every trace of the half that may leave as correct or incorrect
 * one; how many. */
static size_t all_of(const struct export_item *item, int half, enum outcome outcome,
                     const struct release_rollout *all[LANE_COUNT * CALL_MAX_K])
{
    const struct release_pair *p = item->pair;
    bool correct = outcome == OUTCOME_CORRECT;
    bool hinted = correct && p->reason == REASON_HINTED;
    bool reviewed = correct && was_reviewed(p, hinted);
    size_t n = 0;
    for (size_t i = 0; i < p->n_rollouts && n < LANE_COUNT * CALL_MAX_K; i++) {
        const struct release_rollout *r = &p->rollouts[i];
        if (!is_sound(item, r, half, outcome) || r->hinted != hinted)
            continue;
        if (correct && ((reviewed && r->check != RELEASE_CHECKED) || r->check == RELEASE_DISPUTED ||
                        wavers(r)))
            continue;
        all[n++] = r;
    }
    return n;
}

bool choice_accepted(const struct export_item *item)
{
    const struct release_rollout *all[LANE_COUNT * CALL_MAX_K];
    return item->pair->state == STATE_ACCEPTED && all_of(item, 0, OUTCOME_CORRECT, all) > 0 &&
           all_of(item, 1, OUTCOME_CORRECT, all) > 0;
}

int choice_n(const struct export_item *item, int half)
{
    int n = 0;
    for (size_t i = 0; i < item->pair->n_rollouts; i++)
        n += item->pair->rollouts[i].lane == item->lanes[half] && !item->pair->rollouts[i].hinted;
    return n;
}

int choice_n_correct(const struct export_item *item, int half)
{
    int n = 0;
    for (size_t i = 0; i < item->pair->n_rollouts; i++) {
        const struct release_rollout *r = &item->pair->rollouts[i];
        n += !r->hinted && is_sound(item, r, half, OUTCOME_CORRECT);
    }
    return n;
}

bool choice_stopped(const struct export_item *item, int half)
{
    return choice_n(item, half) < project_bar(item->project, item->pair->trust).n;
}

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->rollout->k - y->rollout->k;
}

/* Pointwise the halves of one judgment stay together. */
static uint64_t rank_of(const struct export_item *item, const struct release_rollout *r)
{
    const struct release_rollout *o = is_pointwise(item) ? other_half(item, r) : NULL;
    uint64_t bytes = r->thought.n + r->answer.n + (o ? o->thought.n + o->answer.n : 0);
    enum lane lane = is_pointwise(item) ? item->lanes[0] : r->lane;
    return keep_rank(item->project, &item->pair->id, lane, r->k, bytes);
}

static size_t rank_all(const struct export_item *item, int half, enum outcome outcome,
                       const struct release_rollout *all[LANE_COUNT * CALL_MAX_K])
{
    struct ranked ranked[LANE_COUNT * CALL_MAX_K];
    size_t n = all_of(item, half, outcome, all);
    for (size_t i = 0; i < n; i++)
        ranked[i] = (struct ranked){rank_of(item, all[i]), all[i]};
    qsort(ranked, n, sizeof *ranked, by_rank);
    for (size_t i = 0; i < n; i++)
        all[i] = ranked[i].rollout;
    return n;
}

static size_t most_kept(const struct export_item *item, size_t n)
{
    size_t most = (size_t)item->project->accept.keep_per_order;
    most = most < CALL_MAX_K ? most : CALL_MAX_K;
    return n < most ? n : most;
}

static void keep(const struct export_item *item, enum outcome outcome, struct choice *c)
{
    const struct release_rollout *all[LANE_COUNT * CALL_MAX_K];
    for (int half = 0; half < EXPORT_HALVES; half++) {
        c->n[half] = most_kept(item, rank_all(item, half, outcome, all));
        memcpy(c->kept[half], all, c->n[half] * sizeof *all);
    }
}

void choice_correct(const struct export_item *item, struct choice *c)
{
    keep(item, OUTCOME_CORRECT, c);
}

void choice_incorrect(const struct export_item *item, struct choice *c)
{
    keep(item, OUTCOME_INCORRECT, c);
}

/* The share of exported traces that a kind should have; what the named ones leave is for those
 * without reflection. */
static double share_of(const struct project *p, enum kind kind)
{
    const struct conf_share *shares = p->reflection.proportions.items;
    double rest = 1;
    for (size_t i = 0; i < p->reflection.proportions.n; i++) {
        if (strcmp(shares[i].name, kind_name(kind)) == 0)
            return shares[i].value;
        rest -= shares[i].value;
    }
    return kind == KIND_PLAIN ? rest : 0;
}

/* most_missed(item, counts, kinds, n): of n candidates in the order of their ranks the first of the
 * kind that is furthest below its share. */
static size_t most_missed(const struct export_item *item, const int64_t counts[KIND_COUNT],
                          const enum kind *kinds, size_t n)
{
    double most = 0, total = 1;
    size_t best = 0;
    for (int kind = 0; kind < KIND_COUNT; kind++)
        total += (double)counts[kind];
    for (size_t i = 0; i < n; i++) {
        double missing = share_of(item->project, kinds[i]) * total - (double)counts[kinds[i]];
        if (i == 0 || missing > most) {
            most = missing;
            best = i;
        }
    }
    return best;
}

static void steer(const struct export_item *item, int half, int64_t counts[KIND_COUNT],
                  struct choice *c)
{
    const struct release_rollout *all[LANE_COUNT * CALL_MAX_K];
    enum kind kinds[LANE_COUNT * CALL_MAX_K];
    size_t n = rank_all(item, half, OUTCOME_CORRECT, all), most = most_kept(item, n);
    for (size_t i = 0; i < n; i++)
        kinds[i] = kind_of(all[i]);
    for (c->n[half] = 0; c->n[half] < most; n--) {
        size_t best = most_missed(item, counts, kinds, n);
        counts[kinds[best]]++;
        c->kept[half][c->n[half]++] = all[best];
        memmove(&all[best], &all[best + 1], (n - best - 1) * sizeof *all);
        memmove(&kinds[best], &kinds[best + 1], (n - best - 1) * sizeof *kinds);
    }
}

void choice_steered(const struct export_item *item, struct choice *c)
{
    int64_t counts[KIND_COUNT];
    if (item->project->reflection.proportions.n == 0) {
        choice_correct(item, c);
        return;
    }
    memcpy(counts, item->tally->kinds, sizeof counts);
    for (int half = 0; half < EXPORT_HALVES; half++) {
        if (half == 0 || !is_pointwise(item)) {
            steer(item, half, counts, c);
            continue;
        }
        c->n[half] = c->n[0];
        for (size_t i = 0; i < c->n[0]; i++)
            c->kept[half][i] = other_half(item, c->kept[0][i]);
    }
}
