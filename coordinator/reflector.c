#include "coordinator/reflector.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "judges/history.h"

#define SALT_CUE 0x6375655F64726177u

/* So many finished rollouts of each kind make rates worth steering by. */
#define ENOUGH_PLAIN 20
#define ENOUGH_CUED 20

struct reflector {
    const struct project *project;
    struct flip_counts counts;
};

struct reflector *reflector_new(const struct project *p)
{
    struct reflector *r = calloc(1, sizeof *r);
    if (r)
        r->project = p;
    return r;
}

void reflector_free(struct reflector *r)
{
    free(r);
}

struct id reflector_rollout(const struct id *subject, const struct id *recipe, struct call_key key)
{
    struct hash h;
    hash_init(&h, "rollout");
    hash_field(&h, (struct slice){(const char *)subject->b, ID_BYTES});
    hash_field(&h, (struct slice){(const char *)recipe->b, ID_BYTES});
    hash_u64(&h, key.lane);
    hash_u64(&h, key.k);
    return hash_id(&h);
}

static bool is_pairwise(struct call_key key)
{
    return key.lane == LANE_CHOSEN_FIRST || key.lane == LANE_REJECTED_FIRST;
}

/* Half a pointwise judgment is neither right nor wrong. */
static enum outcome outcome_in(enum verdict v, struct call_key key)
{
    if (is_pairwise(key))
        return outcome_of(v, (enum lane)key.lane);
    return v == VERDICT_SCORE ? OUTCOME_PENDING : OUTCOME_NO_VERDICT;
}

/* Cues that the rollout was given so far. */
static int cues_given(struct call_key key, const struct call_result *result)
{
    struct segment s[HISTORY_MAX_SEGMENTS];
    struct err e;
    size_t n;
    int cues = 0;
    if (key.step == 0)
        return 0;
    /* Of a rollout taken up again only numbers are known. */
    if (!segments_read(result->segments, s, &n, &e) || n == 0)
        return key.step;
    for (size_t i = 0; i < n; i++)
        cues += s[i].origin == ORIGIN_CUE;
    return cues;
}

static uint64_t sum(const uint64_t counts[OUTCOME_COUNT])
{
    uint64_t total = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        total += i == OUTCOME_PENDING ? 0 : counts[i];
    return total;
}

static double rate(uint64_t hits, uint64_t of)
{
    return ((double)hits + 1) / ((double)of + 2);
}

/* Shares of the kinds wanted among the correct traces; uncued and cued add up to 1. */
struct wanted {
    double uncued, cued;
    double right_to_right, wrong_to_right; /* both 0: `cued` says both */
};

static double share_of(const struct conf_list *shares, const char *name)
{
    const struct conf_share *all = shares->items;
    for (size_t i = 0; i < shares->n; i++)
        if (strcmp(all[i].name, name) == 0)
            return all[i].value;
    return 0;
}

/* What the proportions leave needs no cue, nor does a trace that reflects by itself. */
static struct wanted wanted_of(const struct project_reflection *r)
{
    struct wanted w = {.uncued = 1 - r->share, .cued = r->share};
    if (r->proportions.n == 0)
        return w;
    w.right_to_right = share_of(&r->proportions, "right_to_right");
    w.wrong_to_right = share_of(&r->proportions, "wrong_to_right");
    w.cued = w.right_to_right + w.wrong_to_right;
    w.uncued = w.cued < 1 - 1e-9 ? 1 - w.cued : 0;
    return w;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* What a cue brings of the scarcest wanted kind, as a share of what is wanted of it. */
static double worth_of_cue(const struct flip_counts *c, const struct wanted *w, uint64_t cued)
{
    uint64_t kept = c->cued[OUTCOME_CORRECT][OUTCOME_CORRECT];
    uint64_t fixed = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        fixed += i == OUTCOME_CORRECT ? 0 : c->cued[i][OUTCOME_CORRECT];
    if (w->right_to_right + w->wrong_to_right <= 0)
        return rate(kept + fixed, cued) / w->cued;
    double worth = 1e9;
    if (w->right_to_right > 0)
        worth = rate(kept, cued) / w->right_to_right;
    return w->wrong_to_right > 0 ? least(worth, rate(fixed, cued) / w->wrong_to_right) : worth;
}

static double measured_share(const struct flip_counts *c)
{
    uint64_t cued = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        cued += c->cued[i][OUTCOME_CORRECT];
    return ((double)cued + 1) / ((double)cued + (double)c->plain[OUTCOME_CORRECT] + 2);
}

static double within(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/*
 * The probability of a cue that makes the wanted shares come out among correct rollouts: with p
 * cued, plain correct ones come at (1-p) * rate, cued ones at p * theirs, and both must stand to
 * each other as wanted. To that the present lack is added, so that a bad beginning is made up for.
 */
static double cue_probability(const struct reflector *r)
{
    const struct flip_counts *c = &r->counts;
    struct wanted w = wanted_of(&r->project->reflection);
    uint64_t plain = sum(c->plain), cued = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        cued += i == OUTCOME_PENDING ? 0 : sum(c->cued[i]);
    if (w.cued <= 0 || w.uncued <= 0)
        return w.cued > 0;
    if (plain < ENOUGH_PLAIN || cued < ENOUGH_CUED)
        return w.cued;
    double of_plain = rate(c->plain[OUTCOME_CORRECT], plain) / w.uncued;
    double p = of_plain / (of_plain + worth_of_cue(c, &w, cued));
    p += w.cued - measured_share(c);
    return within(p, w.cued / 4, 1 - w.uncued / 4);
}

static bool is_judgment(enum verdict v)
{
    return v == VERDICT_A || v == VERDICT_B || v == VERDICT_TIE || v == VERDICT_SCORE;
}

/* Every cue is drawn for on its own; the label has no say. */
static bool is_drawn(const struct reflector *r, const struct id *rollout, int cues)
{
    return id_share(rollout, SALT_CUE + (uint64_t)cues) < cue_probability(r);
}

static bool wants_cue(const struct reflector *r, const struct id *rollout, struct call_key key,
                      const struct call_result *result)
{
    const struct project_reflection *set = &r->project->reflection;
    enum outcome outcome = outcome_in(result->verdict, key);
    int cues = cues_given(key, result);
    bool more = cues < set->rounds;
    if (!is_judgment(result->verdict) || result->thought.n == 0)
        return false;
    if (set->max_tokens > 0 && result->trace_tokens >= set->max_tokens)
        return false;
    switch (set->mode) {
    case REFLECT_WAIT:
        return more || result->trace_tokens < set->min_tokens;
    case REFLECT_WRONG_TO_RIGHT:
        return more && (outcome == OUTCOME_INCORRECT || outcome == OUTCOME_TIE ||
                        (outcome == OUTCOME_PENDING && is_drawn(r, rollout, cues)));
    case REFLECT_RIGHT_TO_RIGHT:
        return more && (outcome == OUTCOME_CORRECT ||
                        (outcome == OUTCOME_PENDING && is_drawn(r, rollout, cues)));
    case REFLECT_MIXED:
        return more && is_drawn(r, rollout, cues);
    default:
        return false;
    }
}

/* The token limit cut the thought off: it is closed, once, and the answer asked for. One that was
 * to be judged again without its hint was closed already. */
static bool wants_close(const struct reflector *r, const struct call_result *result)
{
    return r->project->reflection.mode != REFLECT_NONE && result->finish == FINISH_LENGTH &&
           result->thought.n > 0 && result->answer.n == 0 && result->ask != ASK_CLOSE &&
           result->ask != ASK_RECHECK;
}

static bool is_right(struct call_key key, const struct call_result *result)
{
    return is_pairwise(key) ? outcome_in(result->verdict, key) == OUTCOME_CORRECT
                            : result->verdict == VERDICT_SCORE;
}

bool reflector_after(const struct reflector *r, enum seat_kind kind, const struct id *rollout,
                     struct call_key key, const struct call_result *result, enum ask *ask)
{
    if (kind == SEAT_CHECKER || kind == SEAT_STUDENT || key.step + 1 >= CALL_MAX_STEP)
        return false;
    if (wants_close(r, result)) {
        *ask = ASK_CLOSE;
        return true;
    }
    if (kind == SEAT_HINTED) {
        *ask = ASK_RECHECK;
        return result->ask != ASK_RECHECK && is_right(key, result);
    }
    *ask = ASK_CONTINUE;
    return wants_cue(r, rollout, key, result);
}

void reflector_finished(struct reflector *r, struct call_key key, const struct call_result *result)
{
    enum outcome first = outcome_in(result->first, key), last = outcome_in(result->verdict, key);
    if (cues_given(key, result) > 0)
        r->counts.cued[first][last]++;
    else
        r->counts.plain[last]++;
}

const struct flip_counts *reflector_counts(const struct reflector *r)
{
    return &r->counts;
}

void reflector_set_counts(struct reflector *r, const struct flip_counts *counts)
{
    r->counts = *counts;
}
