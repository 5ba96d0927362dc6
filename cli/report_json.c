/* The report for programs. */
#include <stdio.h>

#include "cli/blind_view.h"
#include "cli/report_parts.h"
#include "cli/wilson.h"

#define NANO 1e9

static void add_count(struct report *r, const char *key, const char *name)
{
    jsonw_ki64(&r->w, key, report_count(r, name));
}

static void add_funnel(struct report *r)
{
    jsonw_key(&r->w, "funnel");
    jsonw_object(&r->w);
    add_count(r, "seeds", "seeds.total");
    add_count(r, "invalid_lines", "seeds.invalid");
    add_count(r, "seeds_with_pair", "seeds.pairs");
    add_count(r, "pairs", "pairs.total");
    jsonw_ki64(&r->w, "decided", report_decided(r));
    add_count(r, "accepted", "pairs.accepted");
    add_count(r, "rejected", "pairs.rejected");
    add_count(r, "deferred", "pairs.deferred");
    add_count(r, "open", "pairs.open");
    jsonw_end_object(&r->w);
}

/* each_reason(r, fn): every reason that decided a pair. */
static void each_reason(struct report *r, void (*fn)(struct report *r, enum pair_state state,
                                                     enum reason reason, int64_t pairs))
{
    for (int state = STATE_ACCEPTED; state < STATE_COUNT; state++) {
        char prefix[64];
        snprintf(prefix, sizeof prefix, "reason.%s.", state_name((enum pair_state)state));
        for (int reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
            int64_t n = counts_of2(&r->counts, prefix, reason_name((enum reason)reason));
            if (n)
                fn(r, (enum pair_state)state, (enum reason)reason, n);
        }
    }
}

static void add_reason(struct report *r, enum pair_state state, enum reason reason, int64_t pairs)
{
    jsonw_object(&r->w);
    jsonw_kstr(&r->w, "state", state_name(state));
    jsonw_kstr(&r->w, "reason", reason_name(reason));
    jsonw_kstr(&r->w, "help", reason_help(reason));
    jsonw_ki64(&r->w, "pairs", pairs);
    jsonw_end_object(&r->w);
}

void report_json_share(struct jsonw *w, const char *key, double share, int64_t n)
{
    char interval[80];
    struct wilson low_high = wilson_interval(share, (double)n);
    snprintf(interval, sizeof interval, "%s_interval", key);
    jsonw_key(w, key);
    if (n)
        jsonw_double(w, share);
    else
        jsonw_null(w);
    jsonw_key(w, interval);
    jsonw_list(w);
    jsonw_double(w, low_high.low);
    jsonw_double(w, low_high.high);
    jsonw_end_list(w);
}

static void add_order(struct report *r, enum lane order)
{
    int64_t n = report_rollouts(r, order), correct = report_outcomes(r, order, OUTCOME_CORRECT);
    int64_t a = report_verdicts(r, order, VERDICT_A), b = report_verdicts(r, order, VERDICT_B);
    jsonw_key(&r->w, lane_name(order));
    jsonw_object(&r->w);
    jsonw_ki64(&r->w, "rollouts", n);
    for (int o = 0; o < OUTCOME_COUNT; o++)
        jsonw_ki64(&r->w, outcome_name((enum outcome)o),
                   report_outcomes(r, order, (enum outcome)o));
    report_json_share(&r->w, "accuracy", report_ratio(correct, n), n);
    report_json_share(&r->w, "share_a", report_ratio(a, a + b), a + b);
    jsonw_key(&r->w, "verdicts");
    jsonw_object(&r->w);
    for (int v = 0; v < VERDICT_COUNT; v++)
        jsonw_ki64(&r->w, verdict_name((enum verdict)v),
                   report_verdicts(r, order, (enum verdict)v));
    jsonw_end_object(&r->w);
    jsonw_end_object(&r->w);
}

static void add_seats(struct report *r)
{
    jsonw_key(&r->w, "judges");
    jsonw_object(&r->w);
    for (int kind = 0; kind < SEAT_KIND_COUNT; kind++) {
        const char *name = seat_kind_name((enum seat_kind)kind);
        char prefix[64];
        if (!counts_of2(&r->counts, "calls.kind.", name))
            continue;
        jsonw_key(&r->w, name);
        jsonw_object(&r->w);
        jsonw_ki64(&r->w, "calls", counts_of2(&r->counts, "calls.kind.", name));
        snprintf(prefix, sizeof prefix, "tokens.kind.%s.", name);
        jsonw_ki64(&r->w, "prompt_tokens", counts_of2(&r->counts, prefix, "prompt"));
        jsonw_ki64(&r->w, "completion_tokens", counts_of2(&r->counts, prefix, "completion"));
        jsonw_kdouble(&r->w, "cost_usd", (double)counts_of2(&r->counts, "cost.kind.", name) / NANO);
        snprintf(prefix, sizeof prefix, "rollouts.kind.%s.", name);
        for (int o = 0; o < OUTCOME_COUNT; o++)
            jsonw_ki64(&r->w, outcome_name((enum outcome)o),
                       counts_of2(&r->counts, prefix, outcome_name((enum outcome)o)));
        jsonw_end_object(&r->w);
    }
    jsonw_end_object(&r->w);
}

static void add_named(struct report *r, const char *key, const char *prefix)
{
    const struct counts_item *item;
    const char *name;
    jsonw_key(&r->w, key);
    jsonw_object(&r->w);
    for (size_t at = 0; (item = counts_next(&r->counts, prefix, &at, &name)) != NULL;)
        jsonw_ki64(&r->w, name, item->value);
    jsonw_end_object(&r->w);
}

static void add_per_pair(struct report *r, const char *key, int64_t pairs)
{
    jsonw_key(&r->w, key);
    if (pairs)
        jsonw_double(&r->w, report_ratio(report_count(r, "calls.done"), pairs));
    else
        jsonw_null(&r->w);
}

bool report_json(struct report *r, struct err *e)
{
    struct jsonw *w = &r->w;
    *w = jsonw_to(&r->out);
    jsonw_object(w);
    jsonw_kstr(w, "name", r->opening.project.name);
    jsonw_kstr(w, "state", r->state);
    add_funnel(r);
    jsonw_key(w, "reasons");
    jsonw_list(w);
    each_reason(r, add_reason);
    jsonw_end_list(w);
    jsonw_key(w, "orders");
    jsonw_object(w);
    for (int i = 0; i < LANE_COUNT; i++)
        if (i < REPORT_ORDERS || report_rollouts(r, report_order(i)))
            add_order(r, report_order(i));
    jsonw_end_object(w);
    report_building_json(r);
    report_measure_json(r);
    add_seats(r);
    if (!report_quality_json(r, e))
        return false;
    add_named(r, "filters", "filter.");
    add_named(r, "failures", "failure.");
    jsonw_key(w, "calls");
    jsonw_object(w);
    add_count(r, "done", "calls.done");
    add_count(r, "retries", "calls.retries");
    add_count(r, "failed", "calls.failed");
    add_per_pair(r, "per_decided_pair", report_decided(r));
    add_per_pair(r, "per_accepted_pair", report_count(r, "pairs.accepted"));
    jsonw_end_object(w);
    add_named(r, "tokens", "tokens.");
    jsonw_kdouble(w, "cost_usd", (double)report_count(r, "cost.nano_usd") / NANO);
    jsonw_key(w, "prompt_blind");
    if (!blind_view_json(r->opening.store, (uint64_t)r->opening.project.rng_seed, w, e))
        return false;
    jsonw_end_object(w);
    buf_char(&r->out, '\n');
    return true;
}
