#include "cli/report.h"

#include <assert.h>
#include <stdio.h>

#include "cli/reading.h"
#include "cli/run_state.h"

enum lane report_order(int i)
{
    assert(i >= 0 && i < REPORT_ORDERS);
    return i == 0 ? LANE_CHOSEN_FIRST : LANE_REJECTED_FIRST;
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

int64_t report_outcomes(const struct report *r, enum lane order, enum outcome outcome)
{
    int64_t n = 0;
    for (int v = 0; v < VERDICT_COUNT; v++)
        if (outcome_of((enum verdict)v, order) == outcome)
            n += report_verdicts(r, order, (enum verdict)v);
    return n;
}

double report_ratio(int64_t part, int64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

bool report_read(struct report *r, const char *path, const struct args_strings *sets, struct err *e)
{
    char holder[256];
    struct opening *o = &r->opening;
    if (!reading_open(o, path, sets, e) || !counts_read(&r->counts, o->store, &o->arena, e) ||
        !look_run(o->store, &r->run, &o->arena, e) ||
        !calibration_read(&r->calibration, o->store, &r->run, e))
        return false;
    r->state = run_state(store_holder(o->store_path, holder, sizeof holder), &r->run);
    return true;
}
