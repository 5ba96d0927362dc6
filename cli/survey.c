#include "cli/survey.h"

#include <string.h>

#include "coordinator/planner.h"
#include "judges/reflection.h"

#define PLAIN_MAX 500 /* thoughts looked at for reflections of their own */
#define OTHERS "(others)"

/* How one rollout stood after each of its cues. */
struct trail {
    uint8_t cues;
    enum verdict verdicts[CALL_MAX_STEP + 1];
    int scores[CALL_MAX_STEP + 1]; /* score_a */
};

struct reading {
    struct survey *survey;
    struct store *store;
    const struct look_run *run;
    struct arena *arena;
    struct planner *planner;
    bool evaluates;
    int64_t recipe; /* whose steps are wanted */
    struct trail trails[2][CALL_MAX_K];
    struct measure_pair pair;
    struct err *e;
    bool failed;
};

/* ---- one pair under one recipe ---- */

static int half_of(int lane)
{
    return lane % 2;
}

static bool is_pointwise(int lane)
{
    return lane == LANE_CHOSEN_ONLY || lane == LANE_REJECTED_ONLY;
}

static void take_step(void *context, const struct look_step *step)
{
    struct reading *r = context;
    struct trail *t = &r->trails[half_of(step->lane)][step->k];
    if (step->recipe != r->recipe)
        return;
    if (step->ask == ASK_CONTINUE && t->cues < CALL_MAX_STEP)
        t->cues++;
    t->verdicts[t->cues] = step->verdict; /* what closes a thought belongs to the cue before it */
    t->scores[t->cues] = step->score_a;
}

static int margin_of(const struct look_rollout *o)
{
    if (o->score_a == SCORE_NONE)
        return MEASURE_NO_SCORE;
    if (is_pointwise(o->lane))
        return o->score_a;
    if (o->score_b == SCORE_NONE)
        return MEASURE_NO_SCORE;
    return lane_gold((enum lane)o->lane) == VERDICT_A ? o->score_a - o->score_b
                                                      : o->score_b - o->score_a;
}

static void take_rollout(struct reading *r, const struct look_rollout *o)
{
    struct measure_half *half = &r->pair.halves[half_of(o->lane)];
    struct trail *t = &r->trails[half_of(o->lane)][o->k];
    *t = (struct trail){0};
    t->verdicts[0] = o->verdict;
    t->scores[0] = o->score_a;
    half->outcomes[o->k] = o->outcome;
    half->chose_a[o->k] = o->verdict == VERDICT_A;
    half->scores[o->k] = margin_of(o);
    r->pair.has_scores = r->pair.has_scores || half->scores[o->k] != MEASURE_NO_SCORE;
}

static enum outcome after_of(const struct reading *r, int half, int k, int cues)
{
    const struct trail *t = &r->trails[half][k], *other = &r->trails[1][k];
    if (r->pair.pointwise)
        return outcome_of_scores(t->scores[cues], other->scores[cues]);
    return outcome_of(t->verdicts[cues], half ? LANE_REJECTED_FIRST : LANE_CHOSEN_FIRST);
}

static void fill_cues(struct reading *r)
{
    for (int half = 0; half < (r->pair.pointwise ? 1 : 2); half++) {
        for (int k = 0; k < r->pair.n; k++) {
            struct measure_half *h = &r->pair.halves[half];
            int cues = r->trails[half][k].cues;
            if (r->pair.pointwise && r->trails[1][k].cues < cues)
                cues = r->trails[1][k].cues;
            h->cues[k] = (uint8_t)cues;
            for (int i = 0; i <= cues; i++)
                h->after[k][i] = after_of(r, half, k, i);
        }
    }
}

/* build(r, row, o, n): r->pair from the rollouts of one recipe; n = 0: not both halves have one. */
static void build(struct reading *r, uint64_t row, const struct look_rollout *o, size_t n)
{
    uint64_t done[2] = {0, 0};
    bool cued = false;
    r->pair.pointwise = is_pointwise(o[0].lane);
    r->pair.has_scores = false;
    memset(r->pair.halves, 0, sizeof r->pair.halves);
    for (size_t i = 0; i < n; i++) {
        if (is_pointwise(o[i].lane) != r->pair.pointwise)
            continue;
        take_rollout(r, &o[i]);
        done[half_of(o[i].lane)] |= (uint64_t)1 << o[i].k;
        cued = cued || o[i].cues > 0;
    }
    uint64_t both = done[0] & done[1];
    for (r->pair.n = 0; r->pair.n < CALL_MAX_K && both >> r->pair.n & 1;)
        r->pair.n++;
    r->recipe = o[0].recipe;
    if (cued && !look_steps(r->store, row, take_step, r, r->e))
        r->failed = true;
    fill_cues(r);
}

/* ---- where it belongs ---- */

static const char *keep_name(struct reading *r, struct slice name)
{
    const char *kept = arena_str(r->arena, name);
    return kept ? kept : "";
}

static struct survey_stratum *stratum_of(struct reading *r, struct slice domain)
{
    struct survey *v = r->survey;
    for (size_t i = 0; i < v->n_strata; i++)
        if (slice_is(domain, v->strata[i].domain))
            return &v->strata[i];
    if (v->n_strata == SURVEY_STRATA) {
        v->strata[SURVEY_STRATA - 1].domain = OTHERS;
        return &v->strata[SURVEY_STRATA - 1];
    }
    v->strata[v->n_strata].domain = keep_name(r, domain);
    return &v->strata[v->n_strata++];
}

static struct survey_set *set_of(struct reading *r, size_t seat, const struct look_judged *j)
{
    struct survey *v = r->survey;
    bool evaluation = j->eval_set.n > 0;
    struct slice name = evaluation ? j->eval_set : j->source;
    for (size_t i = 0; i < v->n_sets; i++) {
        struct survey_set *set = &v->sets[i];
        if (set->seat == seat && set->evaluation == evaluation && slice_is(name, set->name) &&
            set->measure.pointwise == r->pair.pointwise)
            return set;
    }
    if (v->n_sets == SURVEY_SETS)
        return NULL;
    struct survey_set *set = &v->sets[v->n_sets++];
    *set = (struct survey_set){.seat = seat, .name = keep_name(r, name), .evaluation = evaluation};
    set->measure.pointwise = r->pair.pointwise;
    return set;
}

static bool is_measured(const struct reading *r, enum seat_kind kind, bool full)
{
    return kind == SEAT_STUDENT || (kind == SEAT_TEACHER && full) ||
           (kind == SEAT_SECOND && r->evaluates);
}

static size_t seat_of(const struct survey *v, int64_t recipe)
{
    size_t i = 0;
    while (i < v->n_seats && v->seats[i].recipe != recipe)
        i++;
    return i;
}

static void add_flip(struct flip_counts *c, const struct look_rollout *o)
{
    if (o->cues == 0)
        c->plain[o->outcome]++;
    else
        c->cued[outcome_of(o->first, (enum lane)o->lane)][o->outcome]++;
}

static void add_flips(struct survey *v, const struct look_judged *j, const struct look_rollout *o,
                      size_t n)
{
    if (j->state != STATE_ACCEPTED || j->recipe != o[0].recipe)
        return;
    for (size_t i = 0; i < n; i++)
        if (o[i].outcome == OUTCOME_CORRECT && !o[i].filtered)
            add_flip(&v->accepted_flips, &o[i]);
}

/* ---- the pass ---- */

static void add_measures(struct reading *r, const struct look_judged *j, size_t seat)
{
    struct survey *v = r->survey;
    struct survey_set *set = set_of(r, seat, j);
    if (set)
        measure_add(&set->measure, &r->pair);
    if (v->seats[seat].recipe != r->run->recipe)
        return;
    measure_add(&v->all[r->pair.pointwise], &r->pair);
    measure_add(&stratum_of(r, j->domain)->measure[r->pair.pointwise], &r->pair);
}

static void add_recipe(struct reading *r, const struct look_judged *j, const struct look_rollout *o,
                       size_t n, bool full)
{
    struct survey *v = r->survey;
    size_t seat = seat_of(v, o[0].recipe);
    if (seat == v->n_seats)
        return;
    if (o[0].recipe == r->run->recipe)
        add_flips(v, j, o, n);
    if (!is_measured(r, v->seats[seat].kind, full))
        return;
    build(r, j->pair.row, o, n);
    if (r->pair.n > 0)
        add_measures(r, j, seat);
}

static bool take_pair(void *context, const struct look_judged *j)
{
    struct reading *r = context;
    struct subject subject;
    const struct planner_pair pair = {.id = j->pair.id,
                                      .row = j->pair.row,
                                      .trust = j->pair.trust,
                                      .domain = j->pair.domain,
                                      .source = j->pair.source};
    suspects_add(&r->survey->suspects, j, r->run->recipe);
    planner_begin(r->planner, &subject, &pair);
    for (size_t i = 0, n; i < j->n && !r->failed; i += n) {
        for (n = 1; i + n < j->n && j->rollouts[i + n].recipe == j->rollouts[i].recipe;)
            n++;
        add_recipe(r, j, &j->rollouts[i], n, subject.full);
    }
    return !r->failed;
}

static void take_thought(void *context, struct slice thought)
{
    struct survey *v = context;
    v->plain_seen++;
    v->plain_reflecting += reflection_found(thought) != SIZE_MAX;
}

static bool read_all(struct reading *r, const struct project *p, const struct seats *seats,
                     struct err *e)
{
    r->evaluates = p->purpose == PURPOSE_EVALUATE;
    r->planner = planner_new(p, seats);
    if (!r->planner)
        return err_set(e, ERR_NOMEM, "out of memory");
    bool ok = look_judged(r->store, take_pair, r, e) && !r->failed &&
              suspects_rank(&r->survey->suspects, e) &&
              look_plain_thoughts(r->store, r->run->recipe, PLAIN_MAX, take_thought, r->survey, e);
    planner_free(r->planner);
    return ok;
}

bool survey_read(struct survey *v, struct store *s, const struct look_run *run, struct arena *arena,
                 struct err *e)
{
    struct project project;
    struct seats seats;
    struct err ignored; /* a project of another version of the program: nothing to measure by */
    *v = (struct survey){0};
    if (run->run == 0)
        return true;
    struct reading *r = arena_alloc(arena, sizeof *r);
    v->sets = arena_alloc(arena, SURVEY_SETS * sizeof *v->sets);
    if (!r || !v->sets)
        return err_set(e, ERR_NOMEM, "out of memory");
    *r = (struct reading){.survey = v, .store = s, .run = run, .arena = arena, .e = e};
    if (!look_seats(s, v->seats, SURVEY_SEATS, &v->n_seats, arena, e))
        return false;
    if (!project_from_text(&project, arena, "the last run's project", run->project, &ignored) ||
        !seats_build(&seats, &project, &ignored))
        return true;
    return read_all(r, &project, &seats, e);
}
