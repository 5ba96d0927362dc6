/* How good each judge is: on the pairs that are drawn in full, by domain, and on each set. */
#include <stdio.h>

#include "cli/report_parts.h"
#include "cli/wilson.h"

#define SETS_SHOWN 40
#define CURVES_SHOWN 12

static double mean(double sum, int64_t n)
{
    return n ? sum / (double)n : 0;
}

/* Of both orders together. */
static double right_of(const struct measure_point *p)
{
    return mean((p->right[0] + p->right[1]) / 2, p->pairs);
}

/* ---- the teacher, for people ---- */

static void stratum_row(struct table *t, const char *name, const struct measure *m)
{
    if (!m->pairs)
        return;
    table_cellf(t, "%s%s", name, m->pointwise ? " (answers alone)" : "");
    table_count(t, m->pairs);
    report_text_share(t, mean(m->right[0], m->pairs), m->pairs);
    if (m->pointwise)
        table_cell(t, S(""));
    else
        report_text_share(t, mean(m->right[1], m->pairs), m->pairs);
    report_text_share(t, mean(m->both_right, m->pairs), m->pairs);
}

static void write_strata(struct report *r)
{
    static const struct table_column columns[] = {{"pairs drawn in full", false},
                                                  {"pairs", true},
                                                  {"right, chosen first", true},
                                                  {"right, rejected first", true},
                                                  {"right in both", true}};
    const struct survey *v = &r->survey;
    struct table t;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (int form = 0; form < 2; form++)
        stratum_row(&t, "all", &v->all[form]);
    for (size_t i = 0; v->n_strata > 1 && i < v->n_strata; i++)
        for (int form = 0; form < 2; form++) {
            char name[120];
            snprintf(name, sizeof name, "  %.100s",
                     v->strata[i].domain[0] ? v->strata[i].domain : "(no domain)");
            stratum_row(&t, name, &v->strata[i].measure[form]);
        }
    buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

static void write_bias(struct report *r)
{
    const struct measure *m = &r->survey.all[0];
    if (!m->choosing[0] || !m->choosing[1])
        return;
    double bias = (mean(m->chose_a[0], m->choosing[0]) + mean(m->chose_a[1], m->choosing[1])) / 2 -
                  0.5;
    buf_addf(&r->out, "position bias  %+.1f points towards the answer shown first\n", 100 * bias);
}

/* ---- all judges, for people ---- */

static void set_cells(struct table *t, const struct survey *v, const struct survey_set *set)
{
    const struct look_seat *seat = &v->seats[set->seat];
    table_cellf(t, "%s %.*s", seat_kind_name(seat->kind), SLICE_ARG(seat->model));
    table_cellf(t, "%s%s%s", set->name[0] ? set->name : "(no source)",
                set->evaluation ? " (evaluation)" : "",
                set->measure.pointwise ? " (answers alone)" : "");
}

static void write_sets(struct report *r)
{
    static const struct table_column columns[] = {
        {"measured", false},     {"on", false},   {"pairs", true}, {"right", true},
        {"right in both", true}, {"flips", true}, {"ties", true},  {"no verdict", true}};
    const struct survey *v = &r->survey;
    struct table t;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < v->n_sets && i < SETS_SHOWN; i++) {
        const struct measure *m = &v->sets[i].measure;
        set_cells(&t, v, &v->sets[i]);
        table_count(&t, m->pairs);
        report_text_share(&t, mean((m->right[0] + m->right[1]) / 2, m->pairs), m->pairs);
        report_text_share(&t, mean(m->both_right, m->pairs), m->pairs);
        table_percent(&t, m->flip, (double)m->pairs);
        table_percent(&t, m->any_tie, (double)m->pairs);
        table_percent(&t, m->any_none, (double)m->pairs);
    }
    buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
    if (v->n_sets > SETS_SHOWN)
        buf_addf(&r->out, "and %zu more; --json has them\n", v->n_sets - SETS_SHOWN);
}

static void curve_row(struct table *t, const struct survey *v, const struct survey_set *set, int i)
{
    const struct measure_point *vote = &set->measure.majority[i], *score = &set->measure.mean[i];
    set_cells(t, v, set);
    table_cellf(t, "%d", 1 << i);
    table_count(t, vote->pairs);
    report_text_share(t, right_of(vote), vote->pairs);
    report_text_share(t, mean(vote->both, vote->pairs), vote->pairs);
    report_text_share(t, right_of(score), score->pairs);
    report_text_share(t, mean(score->both, score->pairs), score->pairs);
}

static void write_curves(struct report *r)
{
    static const struct table_column columns[] = {{"several judgments", false},
                                                  {"on", false},
                                                  {"N", true},
                                                  {"pairs", true},
                                                  {"SC@N right", true},
                                                  {"in both", true},
                                                  {"Mean@N right", true},
                                                  {"in both", true}};
    const struct survey *v = &r->survey;
    struct table t;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < v->n_sets && i < CURVES_SHOWN; i++)
        for (int n = 0; v->sets[i].measure.majority[1].pairs && n < MEASURE_POWERS; n++)
            if (v->sets[i].measure.majority[n].pairs)
                curve_row(&t, v, &v->sets[i], n);
    bool any = t.n_cells > 0;
    if (any)
        buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
    if (any)
        buf_str(&r->out,
                "SC@N: majority of N verdicts in each order, exact over all choices of N, as many "
                "of each count half, none of\neither nothing; Mean@N: mean of N scores, over "
                "blocks of N, equal means are not right\n");
}

static void wait_row(struct table *t, const struct survey *v, const struct survey_set *set,
                     int cues)
{
    const struct measure_wait *w = &set->measure.waits[cues];
    int64_t n = w->pairs[0] + w->pairs[1];
    set_cells(t, v, set);
    table_cellf(t, "%d", cues);
    table_count(t, w->pairs[0] > w->pairs[1] ? w->pairs[0] : w->pairs[1]);
    report_text_share(t, mean(w->now[0] + w->now[1], n), n / 2 ? n / 2 : n);
    table_percent(t, w->before[0] + w->before[1], (double)n);
    report_text_share(t, mean(w->now_both, w->pairs_both), w->pairs_both);
    table_percent(t, w->before_both, (double)w->pairs_both);
}

static void write_waits(struct report *r)
{
    static const struct table_column columns[] = {
        {"after cues", false}, {"on", false},         {"cues", true},    {"pairs", true},
        {"right", true},       {"same before", true}, {"in both", true}, {"same before", true}};
    const struct survey *v = &r->survey;
    struct table t;
    table_init(&t, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < v->n_sets && i < CURVES_SHOWN; i++) {
        const struct measure_wait *waits = v->sets[i].measure.waits;
        bool any = waits[1].pairs[0] + waits[1].pairs[1] > 0;
        for (int cues = 0; any && cues <= CALL_MAX_STEP; cues++)
            if (waits[cues].pairs[0] + waits[cues].pairs[1])
                wait_row(&t, v, &v->sets[i], cues);
    }
    if (t.n_cells)
        buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

void report_measure_text(struct report *r)
{
    const struct survey *v = &r->survey;
    if (v->all[0].pairs + v->all[1].pairs) {
        write_strata(r);
        write_bias(r);
        buf_str(&r->out,
                "(chosen by hash, so that early stopping does not skew it; intervals are 95 %, "
                "and count pairs)\n");
    }
    if (!v->n_sets)
        return;
    write_sets(r);
    write_curves(r);
    write_waits(r);
}

/* ---- JSON ---- */

static void json_measure(struct jsonw *w, const struct measure *m)
{
    jsonw_kstr(w, "form", m->pointwise ? "pointwise" : "pairwise");
    jsonw_ki64(w, "pairs", m->pairs);
    jsonw_ki64(w, "rollouts", m->rollouts);
    for (int i = 0; i < (m->pointwise ? 0 : 2); i++) {
        jsonw_key(w, lane_name(report_order(i)));
        jsonw_object(w);
        report_json_share(w, "accuracy", mean(m->right[i], m->pairs), m->pairs);
        report_json_share(w, "share_a", mean(m->chose_a[i], m->choosing[i]), m->choosing[i]);
        jsonw_kdouble(w, "tie", mean(m->tie[i], m->pairs));
        jsonw_kdouble(w, "no_verdict", mean(m->none[i], m->pairs));
        jsonw_end_object(w);
    }
    report_json_share(w, "accuracy", mean((m->right[0] + m->right[1]) / 2, m->pairs), m->pairs);
    report_json_share(w, "consistent_accuracy", mean(m->both_right, m->pairs), m->pairs);
    report_json_share(w, "flips", mean(m->flip, m->pairs), m->pairs);
    report_json_share(w, "ties", mean(m->any_tie, m->pairs), m->pairs);
    report_json_share(w, "no_verdict", mean(m->any_none, m->pairs), m->pairs);
}

static void json_points(struct jsonw *w, const char *key, const struct measure_point *points)
{
    jsonw_key(w, key);
    jsonw_list(w);
    for (int i = 0; i < MEASURE_POWERS; i++) {
        if (!points[i].pairs)
            continue;
        jsonw_object(w);
        jsonw_ki64(w, "n", 1 << i);
        jsonw_ki64(w, "pairs", points[i].pairs);
        report_json_share(w, "accuracy", right_of(&points[i]), points[i].pairs);
        report_json_share(w, "consistent_accuracy", mean(points[i].both, points[i].pairs),
                          points[i].pairs);
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
}

static void json_waits(struct jsonw *w, const struct measure *m)
{
    jsonw_key(w, "cues");
    jsonw_list(w);
    for (int cues = 0; cues <= CALL_MAX_STEP; cues++) {
        const struct measure_wait *wait = &m->waits[cues];
        if (!(wait->pairs[0] + wait->pairs[1]))
            continue;
        jsonw_object(w);
        jsonw_ki64(w, "cues", cues);
        for (int i = 0; i < (m->pointwise ? 1 : 2); i++) {
            jsonw_key(w, m->pointwise ? "pointwise" : lane_name(report_order(i)));
            jsonw_object(w);
            jsonw_ki64(w, "pairs", wait->pairs[i]);
            report_json_share(w, "accuracy", mean(wait->now[i], wait->pairs[i]), wait->pairs[i]);
            jsonw_kdouble(w, "accuracy_before", mean(wait->before[i], wait->pairs[i]));
            jsonw_end_object(w);
        }
        jsonw_ki64(w, "pairs_in_both", wait->pairs_both);
        report_json_share(w, "consistent_accuracy", mean(wait->now_both, wait->pairs_both),
                          wait->pairs_both);
        jsonw_kdouble(w, "consistent_accuracy_before", mean(wait->before_both, wait->pairs_both));
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
}

static void json_set(struct jsonw *w, const struct survey *v, const struct survey_set *set)
{
    const struct look_seat *seat = &v->seats[set->seat];
    char hex[ID_HEX];
    id_hex(&seat->id, hex);
    jsonw_object(w);
    jsonw_kstr(w, "judge", seat_kind_name(seat->kind));
    jsonw_kslice(w, "model", seat->model);
    jsonw_kstr(w, "recipe", hex);
    jsonw_kstr(w, "set", set->name);
    jsonw_kbool(w, "evaluation", set->evaluation);
    json_measure(w, &set->measure);
    json_points(w, "majority", set->measure.majority);
    json_points(w, "mean_score", set->measure.mean);
    json_waits(w, &set->measure);
    jsonw_end_object(w);
}

void report_measure_json(struct report *r)
{
    const struct survey *v = &r->survey;
    struct jsonw *w = &r->w;
    jsonw_key(w, "calibration");
    jsonw_object(w);
    json_measure(w, &v->all[v->all[0].pairs ? 0 : 1]);
    jsonw_key(w, "domains");
    jsonw_list(w);
    for (size_t i = 0; i < v->n_strata; i++)
        for (int form = 0; form < 2; form++) {
            if (!v->strata[i].measure[form].pairs)
                continue;
            jsonw_object(w);
            jsonw_kstr(w, "domain", v->strata[i].domain);
            json_measure(w, &v->strata[i].measure[form]);
            jsonw_end_object(w);
        }
    jsonw_end_list(w);
    jsonw_end_object(w);
    jsonw_key(w, "measured");
    jsonw_list(w);
    for (size_t i = 0; i < v->n_sets; i++)
        json_set(w, v, &v->sets[i]);
    jsonw_end_list(w);
}
