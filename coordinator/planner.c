#include "coordinator/planner_private.h"

#include <assert.h>
#include <stdlib.h>

#define SALT_CALIBRATION 0x63616c6962ull

struct planner *planner_new(const struct project *p, const struct seats *seats)
{
    assert(seats->n >= 1 && seats->all[0].kind == SEAT_TEACHER);
    struct planner *planner = calloc(1, sizeof *planner);
    if (!planner)
        return NULL;
    planner->project = p;
    planner->seats = seats;
    planner->evaluate = p->purpose == PURPOSE_EVALUATE;
    planner->mean = p->accept.rule == RULE_MEAN_SCORE;
    planner->full = planner->evaluate || planner->mean || p->accept.stop == STOP_FULL;
    planner->adaptive = !planner->full && p->accept.stop == STOP_ADAPTIVE;
    bool pointwise = !p->judge.mix.n && p->judge.format == FORMAT_POINTWISE;
    if (contest_plan(planner, 0, project_bar(p, TRUST_VERIFIED), 0, pointwise) >= 0)
        return planner;
    free(planner);
    return NULL;
}

void planner_free(struct planner *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->n_plans; i++)
        stopping_free(p->plans[i].stopping);
    free(p);
}

struct planner_news planner_news_of(enum verdict v, int score_a, int score_b, enum lane lane,
                                    bool filtered)
{
    struct planner_news news = {.score = PLANNER_NO_SCORE};
    if (lane == LANE_CHOSEN_ONLY || lane == LANE_REJECTED_ONLY) {
        news.correct = v == VERDICT_SCORE && score_a != SCORE_NONE && !filtered;
        news.score = news.correct ? score_a : PLANNER_NO_SCORE;
        return news;
    }
    news.correct = outcome_of(v, lane) == OUTCOME_CORRECT && !filtered;
    if (score_a != SCORE_NONE && score_b != SCORE_NONE && !filtered)
        news.score = lane_gold(lane) == VERDICT_A ? score_a - score_b : score_b - score_a;
    return news;
}

void planner_begin(struct planner *p, struct subject *s, const struct planner_pair *pair)
{
    struct project_bar bar = project_bar(p->project, pair->trust);
    *s = (struct subject){.id = pair->id,
                          .row = pair->row,
                          .trust = pair->trust,
                          .domain = pair->domain,
                          .source = pair->source,
                          .format = wording_format(p->project, &pair->id),
                          .k = (uint8_t)bar.k,
                          .n = (uint8_t)bar.n};
    s->pointwise = s->format == FORMAT_POINTWISE;
    s->full = p->full || id_share(&pair->id, SALT_CALIBRATION) < p->project->calibration;
    int plan = contest_plan(p, 0, bar, pair->domain, s->pointwise);
    s->plan = (uint8_t)(plan < 0 ? PLANNER_NO_PLAN : plan);
}

/* Lanes are the two halves of whatever is judged. */
static int half_of(int lane)
{
    return lane % PLANNER_LANES;
}

static bool fits(const struct planner *p, const struct subject *s, int seat, int lane, int k)
{
    bool pointwise = lane == LANE_CHOSEN_ONLY || lane == LANE_REJECTED_ONLY;
    return seat >= 0 && (size_t)seat < p->seats->n && lane >= 0 && lane < LANE_COUNT &&
           pointwise == s->pointwise && k >= 0 && k < CALL_MAX_K;
}

/* A rollout beyond the n that the rules look at: asked for under wider rules, or come by itself
 * when the order was full. */
static bool is_beyond(const struct planner *p, const struct subject *s, int seat, int half, int k)
{
    const struct contest *c = &s->contests[seat];
    int64_t n = contest_bar(p, s, seat).n;
    return (k >= n || contest_has(s, c, half, n)) && !contest_pairs_up(s, c, half, k);
}

/* A pair that is in its second pass counts as hinted from then on: else all that fail at once would
 * find room in the share. */
static void count_hinting(struct planner *p, struct subject *s, int seat)
{
    if (s->hinting || p->seats->all[seat].kind != SEAT_HINTED)
        return;
    s->hinting = true;
    p->hinting++;
}

void planner_left(struct planner *p, struct subject *s)
{
    p->hinting -= s->hinting;
    s->hinting = false;
}

bool planner_recall(struct planner *p, struct subject *s, int seat, int lane, int k,
                    struct planner_news news)
{
    if (!fits(p, s, seat, lane, k))
        return false;
    int half = half_of(lane);
    struct contest *c = &s->contests[seat];
    bool full = contest_has(s, c, half, contest_bar(p, s, seat).n);
    if (c->taken[half] >> k & 1 || (full && !contest_pairs_up(s, c, half, k)))
        return false;
    contest_take(c, half, k);
    count_hinting(p, s, seat);
    contest_count(p, s, seat, half, k, news);
    return true;
}

bool planner_adopt(struct planner *p, struct subject *s, int seat, int lane, int k)
{
    if (!fits(p, s, seat, lane, k))
        return false;
    int half = half_of(lane);
    struct contest *c = &s->contests[seat];
    bool within = k < contest_bar(p, s, seat).n || contest_pairs_up(s, c, half, k);
    if (c->taken[half] >> k & 1 || !within)
        return false;
    contest_take(c, half, k);
    count_hinting(p, s, seat);
    return true;
}

bool planner_done(struct planner *p, struct subject *s, int seat, int lane, int k,
                  struct planner_news news)
{
    if (!fits(p, s, seat, lane, k))
        return false;
    int half = half_of(lane);
    struct contest *c = &s->contests[seat];
    uint64_t bit = (uint64_t)1 << k;
    if (c->done[half] & bit)
        return false;
    bool out = c->taken[half] & bit;
    if (is_beyond(p, s, seat, half, k)) {
        c->done[half] |= out ? bit : 0;
        c->beyond[half] |= out ? bit : 0;
        return out;
    }
    contest_take(c, half, k);
    count_hinting(p, s, seat);
    contest_count(p, s, seat, half, k, news);
    return true;
}

void planner_excuse(struct planner *p, struct subject *s, int seat)
{
    assert(p->seats->all[seat].kind == SEAT_STUDENT);
    s->contests[seat].excused = true;
}

/* Gates */

static bool awaits(const struct planner *p, const struct subject *s, int student)
{
    return p->seats->all[student].kind == SEAT_STUDENT && !s->contests[student].excused &&
           !contest_is_full(p, s, student);
}

static enum gate students(const struct planner *p, const struct subject *s)
{
    for (size_t i = 1; i < p->seats->n; i++)
        if (awaits(p, s, (int)i))
            return GATE_OPEN;
    return GATE_PASSED;
}

static int seat_of(const struct planner *p, enum seat_kind kind)
{
    for (size_t i = 1; i < p->seats->n; i++)
        if (p->seats->all[i].kind == kind)
            return (int)i;
    return -1;
}

/* At most a share of the accepted pairs: whether one more would still be within it. */
static bool has_room(const struct planner *p, uint64_t under_way)
{
    return (double)(p->hinted + under_way + 1) <=
           p->project->hint.share * (double)(p->accepted + under_way + 1);
}

/* Where a pair stands: the seat whose rollouts it waits for, or its fate. */
struct standing {
    int seat; /* -1: for no teacher or checker */
    enum pair_state state;
    enum reason reason;
};

/* again: a second pass may begin. */
static struct standing failed(const struct planner *p, const struct subject *s, bool again)
{
    int seat = seat_of(p, SEAT_HINTED);
    struct standing lost = {-1, STATE_REJECTED, contest_reason(p, s, 0)};
    if (seat < 0 || s->pointwise || !(s->hinting || (again && has_room(p, p->hinting))))
        return lost;
    enum gate g = contest_gate(p, s, seat);
    if (g == GATE_OPEN)
        return (struct standing){seat, STATE_OPEN, REASON_NONE};
    /* One that began within the share ends within it, unless the rules have changed since. */
    return g == GATE_PASSED && has_room(p, 0) ? (struct standing){-1, STATE_ACCEPTED, REASON_HINTED}
                                              : lost;
}

static struct standing passed(const struct planner *p, const struct subject *s)
{
    for (int i = 1; i < (int)p->seats->n; i++) {
        enum seat_kind kind = p->seats->all[i].kind;
        if (kind != SEAT_SECOND && kind != SEAT_CHECKER)
            continue;
        enum gate g = kind == SEAT_CHECKER ? contest_check(s, i) : contest_gate(p, s, i);
        if (g == GATE_OPEN)
            return (struct standing){i, STATE_OPEN, REASON_NONE};
        if (g == GATE_FAILED)
            return (struct standing){-1, STATE_REJECTED,
                                     kind == SEAT_CHECKER ? REASON_UNCHECKED : REASON_DISAGREED};
    }
    return (struct standing){-1, STATE_ACCEPTED, REASON_ACCEPTED};
}

/* Every teacher in full, then what the rules would say of the first. */
static struct standing measured(const struct planner *p, const struct subject *s)
{
    for (int i = 0; i < (int)p->seats->n; i++)
        if (p->seats->all[i].kind <= SEAT_SECOND && !contest_is_full(p, s, i))
            return (struct standing){i, STATE_OPEN, REASON_NONE};
    if (contest_gate(p, s, 0) == GATE_PASSED)
        return (struct standing){-1, STATE_ACCEPTED, REASON_ACCEPTED};
    return (struct standing){-1, STATE_REJECTED, contest_reason(p, s, 0)};
}

static struct standing stand(struct planner *p, const struct subject *s, bool again)
{
    if (p->evaluate)
        return measured(p, s);
    enum gate g = contest_gate(p, s, 0);
    if (g == GATE_FAILED)
        return failed(p, s, again);
    if (g == GATE_PASSED)
        return passed(p, s);
    if (p->adaptive && !s->full && contest_give_up(p, s))
        return (struct standing){-1, STATE_DEFERRED, REASON_STOPPED};
    return (struct standing){0, STATE_OPEN, REASON_NONE};
}

static enum pair_state state_of(struct planner *p, const struct subject *s, bool again,
                                bool with_students, enum reason *reason)
{
    struct standing at = stand(p, s, again);
    *reason = REASON_NONE;
    if (at.state == STATE_OPEN || (with_students && students(p, s) == GATE_OPEN))
        return STATE_OPEN;
    *reason = at.reason;
    return at.state;
}

enum pair_state planner_verdict(struct planner *p, const struct subject *s, bool with_students,
                                enum reason *reason)
{
    return state_of(p, s, false, with_students, reason);
}

enum pair_state planner_fate(struct planner *p, const struct subject *s, enum reason *reason)
{
    return state_of(p, s, true, true, reason);
}

/* Wishes */

static bool wish_of(struct planner *p, struct subject *s, int seat, struct planner_wish *w)
{
    int half, k;
    bool known = s->contests[0].done[0] | s->contests[0].done[1];
    bool any = p->seats->all[seat].kind == SEAT_CHECKER ? contest_next_check(s, seat, &half, &k)
                                                        : contest_next(p, s, seat, &half, &k);
    if (!any)
        return false;
    w->seat = seat;
    w->lane = s->pointwise ? LANE_CHOSEN_ONLY + half : half;
    w->k = k;
    w->band = p->adaptive && known ? contest_band(p, s) : known ? 0 : 1;
    contest_take(&s->contests[seat], half, k);
    count_hinting(p, s, seat);
    return true;
}

bool planner_next(struct planner *p, struct subject *s, struct planner_wish *wish)
{
    struct standing at = stand(p, s, true);
    if (p->evaluate) {
        for (int i = 0; i < (int)p->seats->n; i++)
            if (p->seats->all[i].kind <= SEAT_SECOND && wish_of(p, s, i, wish))
                return true;
    } else if (at.seat >= 0 && wish_of(p, s, at.seat, wish)) {
        return true;
    }
    for (int i = 1; i < (int)p->seats->n; i++)
        if (awaits(p, s, i) && wish_of(p, s, i, wish))
            return true;
    return false;
}

void planner_decided(struct planner *p, enum pair_state state, enum reason reason, uint64_t n)
{
    if (state != STATE_ACCEPTED)
        return;
    p->accepted += n;
    if (reason == REASON_HINTED)
        p->hinted += n;
}

uint64_t planner_window(const struct planner *p)
{
    if (p->full)
        return UINT64_MAX;
    /* The plan that has seen most speaks for all. */
    uint64_t most = 0;
    for (int i = 0; i < p->n_plans; i++) {
        uint64_t window = p->plans[i].stopping ? stopping_window(p->plans[i].stopping) : 0;
        most = window > most ? window : most;
    }
    return most;
}
