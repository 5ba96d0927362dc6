#include "cli/report.h"

#include <assert.h>
#include <stdio.h>

#include "cli/reading.h"
#include "cli/run_state.h"

enum lane report_order(int i)
{
    assert(i >= 0 && i < LANE_COUNT);
    return (enum lane)i;
}

int64_t report_count(const struct report *r, const char *counter)
{
    return counts_of(&r->counts, counter);
}

int64_t report_decided(const struct report *r)
{
    return report_count(r, "pairs.accepted") + report_count(r, "pairs.rejected");
}

int64_t report_verdicts(const struct report *r, enum lane order, enum verdict v)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "verdict.%s.", lane_name(order));
    return counts_of2(&r->counts, prefix, verdict_name(v));
}

int64_t report_rollouts(const struct report *r, enum lane order)
{
    int64_t n = 0;
    for (int v = 0; v < VERDICT_COUNT; v++)
        n += report_verdicts(r, order, (enum verdict)v);
    return n;
}

/* An answer judged alone has no side. */
static enum outcome outcome_in(enum lane order, enum verdict v)
{
    bool alone = order == LANE_CHOSEN_ONLY || order == LANE_REJECTED_ONLY;
    return alone && (v == VERDICT_A || v == VERDICT_B) ? OUTCOME_NO_VERDICT : outcome_of(v, order);
}

int64_t report_outcomes(const struct report *r, enum lane order, enum outcome outcome)
{
    int64_t n = 0;
    for (int v = 0; v < VERDICT_COUNT; v++)
        if (outcome_in(order, (enum verdict)v) == outcome)
            n += report_verdicts(r, order, (enum verdict)v);
    return n;
}

double report_ratio(int64_t part, int64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

int64_t report_reviews(const struct report *r, enum outcome outcome)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "rollouts.kind.%s.", seat_kind_name(SEAT_CHECKER));
    return counts_of2(&r->counts, prefix, outcome_name(outcome));
}

static void take_accepted(void *context, const struct ledger_accepted *a)
{
    struct report *r = context;
    quota_recall(&r->quota, a->trust, a->domain, a->source, a->pass, a->n);
}

static bool read_flips(struct report *r, struct err *e)
{
    struct flip_counts counts = {0};
    if (r->run.run && !ledger_reflections(r->opening.store, r->run.recipe, &counts, e))
        return false;
    r->flips = kind_flips(&counts);
    r->accepted_flips = kind_flips(&r->survey.accepted_flips);
    return true;
}

bool report_read(struct report *r, const char *path, const struct args_strings *sets, struct err *e)
{
    char holder[256];
    struct opening *o = &r->opening;
    if (!reading_open(o, path, sets, e) || !counts_read(&r->counts, o->store, &o->arena, e) ||
        !look_run(o->store, &r->run, &o->arena, e) ||
        !survey_read(&r->survey, o->store, &r->run, &o->arena, e) || !read_flips(r, e))
        return false;
    quota_init(&r->quota, &o->project);
    if (!ledger_accepted(o->store, take_accepted, r, e))
        return false;
    r->state = run_state(store_holder(o->store_path, holder, sizeof holder), &r->run);
    return true;
}
