/* One seat's rollouts of one pair: how it stands, and what to ask for next. */
#include "coordinator/planner_private.h"

#include <assert.h>

#define DOMAINS_MAX 4 /* strata of one bar with evidence of their own */

static int count_bits(uint64_t mask)
{
    return __builtin_popcountll(mask);
}

static bool is_even(const struct tally *t)
{
    return t->flying == 0;
}

static uint64_t looked(const struct contest *c, int half)
{
    return c->done[half] & ~c->beyond[half];
}

int contest_done(const struct contest *c, int half)
{
    return count_bits(looked(c, half));
}

bool contest_pairs_up(const struct subject *s, const struct contest *c, int half, int k)
{
    return s->pointwise && (looked(c, !half) >> k & 1);
}

bool contest_has(const struct subject *s, const struct contest *c, int half, int64_t n)
{
    uint64_t counted = looked(c, half) | (s->pointwise ? looked(c, !half) : 0);
    return count_bits(counted) >= n;
}

void contest_take(struct contest *c, int half, int k)
{
    c->taken[half] |= (uint64_t)1 << k;
}

/* Plans */

static int find_plan(const struct planner *p, int seat, struct project_bar bar, uint64_t domain,
                     bool pointwise, int *alike)
{
    int found = -1;
    *alike = 0;
    for (int i = 0; i < p->n_plans; i++) {
        const struct plan *plan = &p->plans[i];
        if (plan->seat != seat || plan->k != bar.k || plan->n != bar.n ||
            plan->pointwise != pointwise)
            continue;
        ++*alike;
        if (found < 0 || plan->domain == domain)
            found = i;
        if (plan->domain == domain)
            *alike = DOMAINS_MAX;
    }
    return found;
}

int contest_plan(struct planner *p, int seat, struct project_bar bar, uint64_t domain,
                 bool pointwise)
{
    int alike;
    if (!p->adaptive)
        domain = 0;
    int found = find_plan(p, seat, bar, domain, pointwise, &alike);
    if (found >= 0 && (alike >= DOMAINS_MAX || p->n_plans == PLANNER_PLANS))
        return found;
    if (p->n_plans == PLANNER_PLANS)
        return -1;
    struct plan *plan = &p->plans[p->n_plans];
    *plan = (struct plan){
        .seat = seat, .k = (int)bar.k, .n = (int)bar.n, .domain = domain, .pointwise = pointwise};
    plan->stopping = bar.k ? stopping_new(plan->k, plan->n) : NULL;
    if (bar.k && !plan->stopping)
        return found;
    if (plan->stopping && p->adaptive && seat == 0)
        stopping_adaptive(plan->stopping, p->project->accept.loss);
    return p->n_plans++;
}

struct project_bar contest_bar(const struct planner *p, const struct subject *s, int seat)
{
    const struct seat *at = &p->seats->all[seat];
    if (at->kind == SEAT_HINTED)
        return (struct project_bar){p->project->hint.k, p->project->hint.n};
    if (at->kind == SEAT_STUDENT)
        return (struct project_bar){0, at->n};
    if (at->kind == SEAT_CHECKER)
        return (struct project_bar){1, CALL_MAX_K};
    return (struct project_bar){s->k, s->n};
}

/* What was learned about such pairs; NULL: nothing is (mean scores; no memory). */
static struct stopping *stopping_of(struct planner *p, const struct subject *s, int seat)
{
    int plan = seat == 0 ? s->plan
                         : contest_plan(p, seat, contest_bar(p, s, seat), 0, s->pointwise);
    return plan < 0 || plan == PLANNER_NO_PLAN ? NULL : p->plans[plan].stopping;
}

/* Standing */

static uint64_t half_failed(const struct contest *c, int half)
{
    return looked(c, half) & ~c->right[half];
}

/* Every rollout is wanted, whatever the others say: rates and means are taken of all of them. */
static bool is_in_full(const struct planner *p, const struct subject *s, int seat)
{
    enum seat_kind kind = p->seats->all[seat].kind;
    bool all = s->full || contest_bar(p, s, seat).k == 0;
    return kind == SEAT_STUDENT || (all && kind <= SEAT_SECOND);
}

/* A pointwise judgment is one of both answers under the same k; a half without a score seals it. */
static uint64_t matched(const struct contest *c)
{
    return (c->right[0] & c->right[1]) | half_failed(c, 0) | half_failed(c, 1);
}

/* Judgments that one answer at least was asked for, and that count. */
static uint64_t begun_of(const struct contest *c)
{
    return (c->taken[0] | c->taken[1]) & ~(c->beyond[0] | c->beyond[1]);
}

static uint64_t matched_right(const struct contest *c)
{
    uint64_t both = c->right[0] & c->right[1], right = 0;
    for (uint64_t rest = both; rest; rest &= rest - 1) {
        int k = __builtin_ctzll(rest);
        right |= (uint64_t)(c->scores[0][k] > c->scores[1][k]) << k;
    }
    return right;
}

struct tallies {
    struct tally a, b;
};

static struct tally tally_of(uint64_t right, uint64_t looked_at, uint64_t out)
{
    return (struct tally){(uint8_t)count_bits(right & looked_at),
                          (uint8_t)count_bits(looked_at & ~right), (uint8_t)count_bits(out)};
}

/* Both orders; for pointwise ones one order, and the other as if it had passed. */
static struct tallies tallies_of(const struct planner *p, const struct subject *s, int seat)
{
    const struct contest *c = &s->contests[seat];
    if (s->pointwise) {
        uint64_t done = matched(c), begun = begun_of(c);
        return (struct tallies){tally_of(matched_right(c), done, begun & ~done),
                                {(uint8_t)contest_bar(p, s, seat).k, 0, 0}};
    }
    return (struct tallies){tally_of(c->right[0], looked(c, 0), c->taken[0] & ~c->done[0]),
                            tally_of(c->right[1], looked(c, 1), c->taken[1] & ~c->done[1])};
}

static int finished(const struct tally *t)
{
    return t->correct + t->missed;
}

bool contest_is_full(const struct planner *p, const struct subject *s, int seat)
{
    const struct contest *c = &s->contests[seat];
    int64_t n = contest_bar(p, s, seat).n;
    if (s->pointwise)
        return count_bits(looked(c, 0) & looked(c, 1)) >= n;
    return contest_done(c, 0) >= n && contest_done(c, 1) >= n;
}

static bool has_passed(struct project_bar bar, const struct tally *t)
{
    return t->correct >= bar.k;
}

static bool has_failed(struct project_bar bar, const struct tally *t)
{
    return t->missed >= bar.n - bar.k + 1;
}

/* Sum and count of what has a score: by half; pairwise: margins, pointwise: scores. */
static bool mean_of(const struct contest *c, int half, int64_t n, double *mean)
{
    int64_t sum = 0, with = 0;
    for (uint64_t rest = looked(c, half); rest; rest &= rest - 1) {
        int score = c->scores[half][__builtin_ctzll(rest)];
        if (score == PLANNER_NO_SCORE)
            continue;
        sum += score;
        with++;
    }
    *mean = with ? (double)sum / (double)with / 100 : 0;
    return 2 * with >= n;
}

/* At least half of the rollouts must have scores: a mean of one is none. */
static enum gate mean_gate(const struct planner *p, const struct subject *s, int seat)
{
    const struct contest *c = &s->contests[seat];
    double a, b, margin = p->project->accept.margin - 1e-9;
    int64_t n = contest_bar(p, s, seat).n;
    bool enough = mean_of(c, 0, n, &a), enough_too = mean_of(c, 1, n, &b);
    bool ahead = s->pointwise ? a - b >= margin : a >= margin && b >= margin;
    return enough && enough_too && ahead ? GATE_PASSED : GATE_FAILED;
}

enum gate contest_gate(const struct planner *p, const struct subject *s, int seat)
{
    struct tallies t = tallies_of(p, s, seat);
    struct project_bar bar = contest_bar(p, s, seat);
    if (is_in_full(p, s, seat) && !contest_is_full(p, s, seat))
        return GATE_OPEN;
    if (bar.k == 0)
        return mean_gate(p, s, seat);
    if (has_passed(bar, &t.a) && has_passed(bar, &t.b))
        return GATE_PASSED;
    return has_failed(bar, &t.a) || has_failed(bar, &t.b) ? GATE_FAILED : GATE_OPEN;
}

enum reason contest_reason(const struct planner *p, const struct subject *s, int seat)
{
    struct tallies t = tallies_of(p, s, seat);
    struct project_bar bar = contest_bar(p, s, seat);
    if (bar.k == 0)
        return REASON_FAILED_MEAN;
    if (s->pointwise)
        return REASON_FAILED;
    bool a = has_failed(bar, &t.a), b = has_failed(bar, &t.b);
    return a && b                                           ? REASON_FAILED_BOTH
           : has_passed(bar, &t.a) || has_passed(bar, &t.b) ? REASON_INCONSISTENT
           : a                                              ? REASON_FAILED_CHOSEN_FIRST
                                                            : REASON_FAILED_REJECTED_FIRST;
}

void contest_count(struct planner *p, struct subject *s, int seat, int half, int k,
                   struct planner_news news)
{
    struct contest *c = &s->contests[seat];
    struct stopping *learns = p->seats->all[seat].kind == SEAT_CHECKER ||
                                      p->seats->all[seat].kind == SEAT_STUDENT
                                  ? NULL
                                  : stopping_of(p, s, seat);
    struct tallies before = tallies_of(p, s, seat);
    uint64_t bit = (uint64_t)1 << k;
    c->done[half] |= bit;
    c->right[half] |= news.correct ? bit : 0;
    c->scores[half][k] = (int16_t)news.score;
    if (!learns)
        return;
    if (!s->pointwise) {
        stopping_observe(learns, before.a, before.b, half, news.correct);
        return;
    }
    struct tallies now = tallies_of(p, s, seat);
    if (finished(&now.a) > finished(&before.a))
        stopping_observe(learns, before.a, before.b, 0, now.a.correct > before.a.correct);
}

bool contest_give_up(struct planner *p, const struct subject *s)
{
    struct stopping *known = stopping_of(p, s, 0);
    struct tallies t = tallies_of(p, s, 0);
    return known && is_even(&t.a) && is_even(&t.b) &&
           stopping_give_up(known, t.a, t.b, id_u64(&s->id, 0));
}

int contest_band(struct planner *p, const struct subject *s)
{
    static const double least[PLANNER_BANDS - 1] = {0.15, 0.08, 0.03};
    struct stopping *known = stopping_of(p, s, 0);
    struct tallies t = tallies_of(p, s, 0);
    double worth = known ? stopping_worth(known, t.a, t.b) : 1;
    int band = 0;
    while (band < PLANNER_BANDS - 1 && worth < least[band])
        band++;
    return band;
}

/* What next */

/* Whether this half has a rollout left that is neither finished nor out. */
static bool has_room(struct project_bar bar, const struct tally *t)
{
    return finished(t) + t->flying < bar.n;
}

/* The half in which a further judgment should begin; -1: none now. */
static int next_half(struct planner *p, const struct subject *s, int seat)
{
    struct tallies t = tallies_of(p, s, seat);
    struct project_bar bar = contest_bar(p, s, seat);
    const struct tally *tally[] = {&t.a, &t.b};
    int halves = s->pointwise ? 1 : PLANNER_LANES;
    bool all = s->full || bar.k == 0 || p->seats->all[seat].kind == SEAT_STUDENT;
    struct stopping *known = all ? NULL : stopping_of(p, s, seat);
    uint64_t tie = id_u64(&s->id, 0);
    for (int i = 0; i < halves; i++)
        if (has_room(bar, tally[i]) && (!known || stopping_surely(known, t.a, t.b, tie, i)))
            return i;
    /* Beyond what is surely needed, up to `speculate` calls of the order that is looked at first.
     */
    if (!known || t.a.flying + t.b.flying > p->project->accept.speculate)
        return -1;
    int lane = stopping_next(known, t.a, t.b, tie);
    for (int i = 0; i < halves; i++, lane = !lane)
        if (!has_passed(bar, tally[lane]) && has_room(bar, tally[lane]))
            return lane;
    return -1;
}

/* The other answer of a pointwise judgment that has begun. Where all are wanted, also of one that
 * is sealed: else those whose first half failed would be missing from every rate. */
static bool next_match(const struct contest *c, bool in_full, int *half, int *k)
{
    uint64_t lone = begun_of(c) & ~(c->taken[0] & c->taken[1]);
    if (!in_full)
        lone &= ~matched(c);
    if (!lone)
        return false;
    *k = __builtin_ctzll(lone);
    *half = c->taken[0] >> *k & 1;
    return true;
}

bool contest_next(struct planner *p, const struct subject *s, int seat, int *half, int *k)
{
    const struct contest *c = &s->contests[seat];
    if (s->pointwise && next_match(c, is_in_full(p, s, seat), half, k))
        return true;
    int at = next_half(p, s, seat);
    if (at < 0)
        return false;
    uint64_t taken = s->pointwise ? c->taken[0] | c->taken[1] : c->taken[at];
    assert(~taken);
    *half = at;
    *k = __builtin_ctzll(~taken);
    return true;
}

/* A trace that stood may have been taken by a filter since. */
static bool stands(const struct subject *s, int seat, int half)
{
    return s->contests[0].right[half] & s->contests[seat].right[half];
}

enum gate contest_check(const struct subject *s, int seat)
{
    const struct contest *teacher = &s->contests[0], *c = &s->contests[seat];
    if (s->pointwise)
        return GATE_PASSED; /* a checker compares; the project file says so */
    enum gate gate = GATE_PASSED;
    for (int half = 0; half < PLANNER_LANES; half++) {
        if (stands(s, seat, half))
            continue;
        if (!(teacher->right[half] & ~c->done[half]))
            return GATE_FAILED;
        gate = GATE_OPEN;
    }
    return gate;
}

bool contest_next_check(const struct subject *s, int seat, int *half, int *k)
{
    const struct contest *teacher = &s->contests[0], *c = &s->contests[seat];
    for (int i = 0; i < PLANNER_LANES; i++) {
        uint64_t left = teacher->right[i] & ~c->taken[i];
        bool out = c->taken[i] & ~c->done[i];
        if (stands(s, seat, i) || out || !left)
            continue;
        *half = i;
        *k = __builtin_ctzll(left);
        return true;
    }
    return false;
}
