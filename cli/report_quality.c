/* What reflection and reviews did, and how far the quotas are. */
#include "base/text.h"
#include "cli/figure.h"
#include "cli/report_parts.h"
#include "cli/wilson.h"

#define LABEL_CHARS 60
#define PAIR_MAX ((size_t)256 << 20)
#define SHORT_ID 12 /* digits: enough for `gavel show` */
#define SUSPECTS_TEXT 10
#define SUSPECTS_JSON 1000

/* ---- reflection ---- */

static void add_flip_share(struct buf *out, const char *name, const struct flips *f)
{
    uint64_t cued = kind_cued(f);
    struct wilson w = wilson_interval(kind_flip_share(f), (double)cued);
    buf_addf(out, "  %-24s", name);
    if (cued)
        buf_addf(out, "%.1f %% (%.1f to %.1f) of %llu\n", 100 * kind_flip_share(f), 100 * w.low,
                 100 * w.high, (unsigned long long)cued);
    else
        buf_str(out, "-\n");
}

static void add_fate(struct table *t, const char *name, uint64_t n, uint64_t whole,
                     const char *help)
{
    table_cellf(t, "  %s", name);
    table_count(t, (int64_t)n);
    table_percent(t, (double)n, (double)whole);
    table_cell(t, slice_of(help));
}

static void write_reflection(struct report *r)
{
    static const struct table_column columns[] = {
        {"judgments after a cue", false}, {"", true}, {"", true}, {"", false}};
    const struct flips *f = &r->flips;
    const struct survey *v = &r->survey;
    uint64_t cued = kind_cued(f);
    struct table t;
    if (!cued && !v->plain_reflecting)
        return;
    table_init(&t, columns, 4);
    add_fate(&t, "kept", f->kept, cued, "right, and right after it");
    add_fate(&t, "fixed", f->fixed, cued, "not right, and right after it");
    add_fate(&t, "broken", f->broken, cued, "right, and not right after it");
    add_fate(&t, "stuck", f->stuck, cued, "not right, and not right after it");
    buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
    buf_str(&r->out, "P(flip | cue): being right changed\n");
    add_flip_share(&r->out, "all judgments", f);
    add_flip_share(&r->out, "accepted pairs' traces", &r->accepted_flips);
    if (v->plain_seen)
        buf_addf(&r->out,
                 "natural: %lld of the %lld newest right traces without a cue reflect by "
                 "themselves\n",
                 (long long)v->plain_reflecting, (long long)v->plain_seen);
}

static void json_flips(struct jsonw *w, const char *key, const struct flips *f)
{
    jsonw_key(w, key);
    jsonw_object(w);
    jsonw_ki64(w, "cued", (int64_t)kind_cued(f));
    jsonw_ki64(w, "kept", (int64_t)f->kept);
    jsonw_ki64(w, "fixed", (int64_t)f->fixed);
    jsonw_ki64(w, "broken", (int64_t)f->broken);
    jsonw_ki64(w, "stuck", (int64_t)f->stuck);
    report_json_share(w, "flip", kind_flip_share(f), (int64_t)kind_cued(f));
    jsonw_end_object(w);
}

/* ---- reviews ---- */

static int64_t reviews(const struct report *r)
{
    int64_t n = 0;
    for (int o = 0; o < OUTCOME_COUNT; o++)
        n += report_reviews(r, (enum outcome)o);
    return n;
}

static int64_t disputed(const struct report *r)
{
    return report_count(r, "verdict.kind.checker.disputed");
}

static void write_reviews(struct report *r)
{
    int64_t all = reviews(r), stand = report_reviews(r, OUTCOME_CORRECT);
    if (!all)
        return;
    buf_str(&r->out, "\nreviews by the checker: ");
    figure_count(&r->out, all);
    buf_str(&r->out, "; traces that stood: ");
    figure_count(&r->out, stand);
    buf_str(&r->out, " (");
    figure_percent(&r->out, (double)stand, (double)all);
    buf_str(&r->out, "), a claim found wrong: ");
    figure_count(&r->out, disputed(r));
    buf_str(&r->out, ", the verdict not recovered: ");
    figure_count(&r->out, all - stand - disputed(r));
    buf_char(&r->out, '\n');
}

/* ---- quotas ---- */

static void write_quotas(struct report *r)
{
    static const struct table_column columns[] = {{"quota", false},   {"domain", false},
                                                  {"source", false},  {"trust", false},
                                                  {"accepted", true}, {"enough", true}};
    const struct conf_list *list = &r->opening.project.quotas;
    const struct project_quota *all = list->items;
    struct table t;
    if (!list->n)
        return;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < list->n; i++) {
        if (all[i].pass_from > 0 || all[i].pass_to < 1)
            table_cellf(&t, "  right in %.0f to %.0f %%", 100 * all[i].pass_from,
                        100 * all[i].pass_to);
        else
            table_cellf(&t, "  %zu", i + 1);
        table_cell(&t, slice_of(all[i].domain[0] ? all[i].domain : "any"));
        table_cell(&t, slice_of(all[i].source[0] ? all[i].source : "any"));
        table_cell(&t, slice_of(all[i].trust[0] ? all[i].trust : "any"));
        table_count(&t, r->quota.accepted[i]);
        table_count(&t, all[i].accepted);
    }
    buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

static void json_quotas(struct report *r)
{
    const struct conf_list *list = &r->opening.project.quotas;
    const struct project_quota *all = list->items;
    struct jsonw *w = &r->w;
    jsonw_key(w, "quotas");
    jsonw_list(w);
    for (size_t i = 0; i < list->n; i++) {
        jsonw_object(w);
        jsonw_kstr(w, "domain", all[i].domain);
        jsonw_kstr(w, "source", all[i].source);
        jsonw_kstr(w, "trust", all[i].trust);
        jsonw_kdouble(w, "pass_from", all[i].pass_from);
        jsonw_kdouble(w, "pass_to", all[i].pass_to);
        jsonw_ki64(w, "accepted", r->quota.accepted[i]);
        jsonw_ki64(w, "enough", all[i].accepted);
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
}

/* ---- labels ---- */

/* Of both orders; pointwise ones are the same judgments. */
static struct suspicion_order sum_of(const struct suspect *s)
{
    struct suspicion_order sum = s->orders[0];
    if (!s->pointwise) {
        sum.correct += s->orders[1].correct;
        sum.incorrect += s->orders[1].incorrect;
    }
    return sum;
}

static bool suspect_row(struct report *r, struct table *t, const struct suspect *s, struct err *e)
{
    struct arena arena;
    struct look_pair pair;
    char hex[ID_HEX];
    arena_init(&arena, PAIR_MAX);
    bool ok = look_pair(r->opening.store, s->row, &pair, &arena, e);
    if (ok) {
        id_hex(&pair.id, hex);
        table_cellf(t, "  %.*s", SHORT_ID, hex);
        table_cell(t, pair.name);
        table_cellf(t, "%d", sum_of(s).correct);
        table_cellf(t, "%d", sum_of(s).incorrect);
        table_cellf(t, "%s", s->contradicted ? "both orders" : "one order");
        table_cellf(t, "%.0f %%", 100 * suspects_chance(s));
    }
    arena_free(&arena);
    return ok;
}

static bool write_suspects(struct report *r, struct err *e)
{
    static const struct table_column columns[] = {
        {"suspect labels", false},  {"seed", false},
        {"correct", true},          {"incorrect", true},
        {"contradicted by", false}, {"chance that it is wrong", true}};
    const struct suspects *s = &r->survey.suspects;
    struct table t;
    bool ok = true;
    if (!s->total)
        return true;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; ok && i < s->n && i < SUSPECTS_TEXT; i++)
        ok = suspect_row(r, &t, &s->all[i], e);
    buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
    figure_count(&r->out, s->total);
    buf_str(&r->out, " pairs whose judgments lean against their label, ");
    figure_count(&r->out, s->contradicted);
    buf_str(&r->out, " of them in both orders; `gavel sample --reason suspect_label` shows them\n");
    return ok;
}

static bool json_suspects(struct report *r, struct err *e)
{
    const struct suspects *s = &r->survey.suspects;
    struct jsonw *w = &r->w;
    struct ledger_pair pair;
    char hex[ID_HEX];
    jsonw_key(w, "suspect_labels");
    jsonw_object(w);
    jsonw_ki64(w, "total", s->total);
    jsonw_ki64(w, "contradicted_by_both_orders", s->contradicted);
    jsonw_key(w, "pairs");
    jsonw_list(w);
    for (size_t i = 0; i < s->n && i < SUSPECTS_JSON; i++) {
        size_t n;
        if (!look_pairs(r->opening.store, s->all[i].row - 1, &pair, 1, &n, e))
            return false;
        id_hex(&pair.id, hex);
        jsonw_object(w);
        jsonw_kstr(w, "pair_id", hex);
        jsonw_ki64(w, "correct", sum_of(&s->all[i]).correct);
        jsonw_ki64(w, "incorrect", sum_of(&s->all[i]).incorrect);
        jsonw_kbool(w, "both_orders", s->all[i].contradicted);
        jsonw_kdouble(w, "chance", suspects_chance(&s->all[i]));
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
    jsonw_end_object(w);
    return true;
}

bool report_quality_text(struct report *r, struct err *e)
{
    write_reflection(r);
    write_reviews(r);
    write_quotas(r);
    return write_suspects(r, e);
}

bool report_quality_json(struct report *r, struct err *e)
{
    struct jsonw *w = &r->w;
    jsonw_key(w, "reflection");
    jsonw_object(w);
    json_flips(w, "all", &r->flips);
    json_flips(w, "accepted", &r->accepted_flips);
    jsonw_ki64(w, "plain_looked_at", r->survey.plain_seen);
    jsonw_ki64(w, "natural", r->survey.plain_reflecting);
    jsonw_end_object(w);
    jsonw_key(w, "reviews");
    jsonw_object(w);
    jsonw_ki64(w, "all", reviews(r));
    jsonw_ki64(w, "stood", report_reviews(r, OUTCOME_CORRECT));
    jsonw_ki64(w, "disputed", disputed(r));
    jsonw_end_object(w);
    json_quotas(r);
    return json_suspects(r, e);
}
