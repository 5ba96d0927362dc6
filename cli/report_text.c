/* The report for people. */
#include <stdio.h>

#include "base/text.h"
#include "cli/blind_view.h"
#include "cli/figure.h"
#include "cli/page.h"
#include "cli/report_parts.h"
#include "cli/wilson.h"

#define BAD_LINES 5 /* shown of the quarantine */
#define LABEL_CHARS 100

static const struct table_column funnel_columns[] = {
    {NULL, false}, {NULL, true}, {NULL, true}, {NULL, false}};

static void funnel_row(struct table *t, const char *name, int64_t n, int64_t whole,
                       const char *help)
{
    table_cell(t, slice_of(name));
    table_count(t, n);
    if (whole)
        table_percent(t, (double)n, (double)whole);
    else
        table_cell(t, S(""));
    table_cell(t, slice_of(help));
}

static void write_funnel(struct report *r)
{
    struct table t;
    int64_t pairs = report_count(r, "pairs.total"),
            without = report_count(r, "seeds.total") - report_count(r, "seeds.pairs");
    table_init(&t, funnel_columns, 4);
    funnel_row(&t, "seeds", report_count(r, "seeds.total"), 0, "");
    if (report_count(r, "seeds.invalid"))
        funnel_row(&t, "  bad lines", report_count(r, "seeds.invalid"), 0,
                   "in quarantine, not judged");
    if (without)
        funnel_row(&t, "  without a pair", without, 0,
                   "their pairs are built, or they are kept without");
    funnel_row(&t, "pairs", pairs, 0, "");
    funnel_row(&t, "  decided", report_decided(r), pairs, "");
    for (int state = STATE_ACCEPTED; state < STATE_COUNT; state++) {
        char counter[64], prefix[64], name[80];
        snprintf(counter, sizeof counter, "pairs.%s", state_name((enum pair_state)state));
        snprintf(prefix, sizeof prefix, "reason.%s.", state_name((enum pair_state)state));
        if (state == STATE_DEFERRED && !report_count(r, counter))
            continue;
        snprintf(name, sizeof name, "%s%s", state == STATE_DEFERRED ? "  " : "    ",
                 state_name((enum pair_state)state));
        funnel_row(&t, name, report_count(r, counter), pairs,
                   state == STATE_DEFERRED   ? "taken up again by the next run"
                   : state == STATE_ACCEPTED ? reason_help(REASON_ACCEPTED)
                                             : "");
        for (int i = REASON_ACCEPTED + 1; i < REASON_COUNT; i++) {
            int64_t n = counts_of2(&r->counts, prefix, reason_name((enum reason)i));
            snprintf(name, sizeof name, "      %s", reason_name((enum reason)i));
            if (n)
                funnel_row(&t, name, n, pairs, reason_help((enum reason)i));
        }
    }
    if (report_count(r, "pairs.open"))
        funnel_row(&t, "  open", report_count(r, "pairs.open"), pairs, "not decided yet");
    table_write(&t, &r->out, 0);
    table_free(&t);
}

void report_text_share(struct table *t, double share, int64_t n)
{
    struct wilson w = wilson_interval(share, (double)n);
    if (n)
        table_cellf(t, "%.1f %% (%.1f to %.1f)", 100 * share, 100 * w.low, 100 * w.high);
    else
        table_cell(t, S("-"));
}

static void verdict_row(struct report *r, struct table *t, enum verdict v)
{
    int64_t n = 0;
    for (int i = 0; i < REPORT_ORDERS; i++)
        n += report_verdicts(r, report_order(i), v);
    if (!n)
        return;
    table_cellf(t, "  %s", verdict_help(v));
    for (int i = 0; i < REPORT_ORDERS; i++)
        table_count(t, report_verdicts(r, report_order(i), v));
    table_cellf(t, "%s", verdict_name(v));
}

static void write_orders(struct report *r)
{
    if (!report_rollouts(r, LANE_CHOSEN_FIRST) && !report_rollouts(r, LANE_REJECTED_FIRST) &&
        report_rollouts(r, LANE_CHOSEN_ONLY))
        return;
    static const struct table_column columns[] = {
        {"judgments", false}, {"chosen first", true}, {"rejected first", true}, {"", false}};
    struct table t;
    table_init(&t, columns, 4);
    table_cell(&t, S("all"));
    for (int i = 0; i < REPORT_ORDERS; i++)
        table_count(&t, report_rollouts(r, report_order(i)));
    table_cell(&t, S(""));
    for (int v = 0; v < VERDICT_COUNT; v++)
        verdict_row(r, &t, (enum verdict)v);
    table_cell(&t, S("right"));
    for (int i = 0; i < REPORT_ORDERS; i++)
        report_text_share(&t,
                          report_ratio(report_outcomes(r, report_order(i), OUTCOME_CORRECT),
                                       report_rollouts(r, report_order(i))),
                          report_rollouts(r, report_order(i)));
    table_cell(&t, S("95 % interval"));
    table_cell(&t, S("chose A, of A and B"));
    for (int i = 0; i < REPORT_ORDERS; i++) {
        int64_t a = report_verdicts(r, report_order(i), VERDICT_A),
                b = report_verdicts(r, report_order(i), VERDICT_B);
        report_text_share(&t, report_ratio(a, a + b), a + b);
    }
    table_cell(&t, S(""));
    buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

/* Judgments of one answer alone. */
static void write_halves(struct report *r)
{
    static const struct table_column columns[] = {
        {"answers judged alone", false}, {"chosen", true}, {"rejected", true}, {"", false}};
    struct table t;
    int64_t chosen = report_rollouts(r, LANE_CHOSEN_ONLY);
    int64_t rejected = report_rollouts(r, LANE_REJECTED_ONLY);
    if (!chosen && !rejected)
        return;
    table_init(&t, columns, 4);
    table_cell(&t, S("all"));
    table_count(&t, chosen);
    table_count(&t, rejected);
    table_cell(&t, S(""));
    for (int v = 0; v < VERDICT_COUNT; v++) {
        int64_t a = report_verdicts(r, LANE_CHOSEN_ONLY, (enum verdict)v);
        int64_t b = report_verdicts(r, LANE_REJECTED_ONLY, (enum verdict)v);
        if (!a && !b)
            continue;
        table_cellf(&t, "  %s", verdict_help((enum verdict)v));
        table_count(&t, a);
        table_count(&t, b);
        table_cell(&t, slice_of(verdict_name((enum verdict)v)));
    }
    buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

static void seat_row(struct report *r, struct table *t, enum seat_kind kind)
{
    const char *name = seat_kind_name(kind);
    char tokens[64], rollouts[64];
    struct buf cost;
    snprintf(tokens, sizeof tokens, "tokens.kind.%s.", name);
    snprintf(rollouts, sizeof rollouts, "rollouts.kind.%s.", name);
    int64_t judgments = 0;
    for (int o = 0; o < OUTCOME_COUNT; o++)
        judgments += counts_of2(&r->counts, rollouts, outcome_name((enum outcome)o));
    table_cell(t, slice_of(name));
    table_count(t, counts_of2(&r->counts, "calls.kind.", name));
    table_count(t, judgments);
    table_percent(t, (double)counts_of2(&r->counts, rollouts, outcome_name(OUTCOME_CORRECT)),
                  (double)judgments);
    table_count(t, counts_of2(&r->counts, tokens, "prompt"));
    table_count(t, counts_of2(&r->counts, tokens, "completion"));
    buf_init(&cost, 64);
    figure_dollars(&cost, counts_of2(&r->counts, "cost.kind.", name));
    table_cell(t, buf_view(&cost));
    buf_free(&cost);
}

/* What each kind of judge took; of one teacher alone the lines below say it. */
static void write_seats(struct report *r)
{
    static const struct table_column columns[] = {{"who was asked", false},
                                                  {"calls", true},
                                                  {"judgments", true},
                                                  {"right", true},
                                                  {"prompt tokens", true},
                                                  {"completion tokens", true},
                                                  {"cost", true}};
    struct table t;
    int64_t teachers = counts_of2(&r->counts, "calls.kind.", seat_kind_name(SEAT_TEACHER));
    if (report_count(r, "calls.done") == teachers)
        return;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (int kind = 0; kind < SEAT_KIND_COUNT; kind++)
        if (counts_of2(&r->counts, "calls.kind.", seat_kind_name((enum seat_kind)kind)))
            seat_row(r, &t, (enum seat_kind)kind);
    buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

static void write_named(struct report *r, const char *head, const char *prefix)
{
    const struct table_column columns[] = {{head, false}, {"", true}};
    const struct counts_item *item;
    const char *name;
    struct table t;
    table_init(&t, columns, 2);
    for (size_t at = 0; (item = counts_next(&r->counts, prefix, &at, &name)) != NULL;) {
        table_cellf(&t, "  %s", name);
        table_count(&t, item->value);
    }
    if (t.n_cells)
        buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

static void write_cost(struct report *r)
{
    struct buf *out = &r->out;
    int64_t calls = report_count(r, "calls.done"), accepted = report_count(r, "pairs.accepted");
    buf_str(out, "\ncalls   ");
    figure_count(out, calls);
    buf_addf(out, ", %lld retries", (long long)report_count(r, "calls.retries"));
    if (report_decided(r))
        buf_addf(out, "; %.2f per decided pair", report_ratio(calls, report_decided(r)));
    if (accepted)
        buf_addf(out, ", %.2f per accepted pair", report_ratio(calls, accepted));
    buf_str(out, "\ntokens  ");
    figure_count(out, report_count(r, "tokens.prompt"));
    buf_str(out, " prompt, ");
    figure_count(out, report_count(r, "tokens.completion"));
    buf_str(out, " completion");
    if (report_count(r, "tokens.reasoning")) {
        buf_str(out, ", of them ");
        figure_count(out, report_count(r, "tokens.reasoning"));
        buf_str(out, " reasoning");
    }
    if (calls)
        buf_addf(out, "; %.0f completion tokens per call",
                 report_ratio(report_count(r, "tokens.completion"), calls));
    buf_char(out, '\n');
    if (!report_count(r, "cost.nano_usd"))
        return;
    buf_str(out, "cost    ");
    figure_dollars(out, report_count(r, "cost.nano_usd"));
    if (accepted) {
        buf_str(out, "; ");
        figure_dollars(out, report_count(r, "cost.nano_usd") / accepted);
        buf_str(out, " per accepted pair");
    }
    buf_char(out, '\n');
}

static void add_bad_line(void *context, const struct look_bad_line *line)
{
    struct report *r = context;
    buf_str(&r->out, "  ");
    text_quote(&r->out, line->file, LABEL_CHARS);
    buf_addf(&r->out, ":%lld: ", (long long)line->line);
    text_quote(&r->out, line->reason, 2 * LABEL_CHARS);
    buf_char(&r->out, '\n');
}

static bool write_quarantine(struct report *r, struct err *e)
{
    int64_t n = report_count(r, "seeds.invalid");
    if (!n)
        return true;
    buf_addf(&r->out, "\nbad lines%s (table `quarantine` of the store has all)\n",
             n > BAD_LINES ? ", the first ones" : "");
    return look_quarantine(r->opening.store, BAD_LINES, add_bad_line, r, e);
}

static bool write_blind(struct report *r, struct err *e)
{
    struct buf text;
    buf_init(&text, PAGE_MAX);
    bool ok = blind_view_text(r->opening.store, (uint64_t)r->opening.project.rng_seed, &text, e) &&
              buf_ok(&text, "the report", e);
    if (ok && text.n) {
        buf_char(&r->out, '\n');
        buf_slice(&r->out, buf_view(&text));
    }
    buf_free(&text);
    return ok;
}

bool report_text(struct report *r, struct err *e)
{
    text_quote(&r->out, slice_of(r->opening.project.name), LABEL_CHARS);
    buf_addf(&r->out, ": %s\n\n", r->state);
    write_funnel(r);
    report_building_text(r);
    write_orders(r);
    write_halves(r);
    report_measure_text(r);
    write_named(r, "judgments rejected by a filter", "filter.");
    if (!report_quality_text(r, e))
        return false;
    write_named(r, "failed calls", "failure.");
    write_seats(r);
    write_cost(r);
    return write_blind(r, e) && write_quarantine(r, e);
}
