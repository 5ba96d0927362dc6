#include "cli/terms_view.h"

#include "cli/table.h"

/* ---- formats ---- */

/* share_of(p, format): of the pairs, 0 to 1. */
static double share_of(const struct project *p, enum format format)
{
    const struct conf_share *mix = p->judge.mix.items;
    double all = 0, own = 0;
    for (size_t i = 0; i < p->judge.mix.n; i++) {
        all += mix[i].value;
        own += slice_is(slice_of(mix[i].name), format_name(format)) ? mix[i].value : 0;
    }
    if (all > 0)
        return own / all;
    return p->judge.format == (int)format ? 1 : 0;
}

static void add_formats(struct buf *out, const struct project *p)
{
    const char *between = "";
    for (int f = 0; f < FORMAT_COUNT; f++) {
        double share = share_of(p, (enum format)f);
        if (share <= 0)
            continue;
        buf_addf(out, "%s%s", between, format_name((enum format)f));
        if (share < 1)
            buf_addf(out, " %.0f %%", 100 * share);
        between = ", ";
    }
    if (p->judge.templates.n)
        buf_addf(out, "; %zu prompt%s of your own", p->judge.templates.n,
                 p->judge.templates.n == 1 ? "" : "s");
    if (p->judge.nonce)
        buf_str(out, "; tags carry a mark");
}

/* ---- rules ---- */

static void add_bar(struct buf *out, const struct project *p, struct project_bar bar)
{
    if (p->accept.rule == RULE_MEAN_SCORE)
        buf_addf(out, "mean score of %lld ahead by %g points", (long long)bar.n, p->accept.margin);
    else
        buf_addf(out, "%lld of %lld right", (long long)bar.k, (long long)bar.n);
}

static bool is_same_bar(struct project_bar a, struct project_bar b)
{
    return a.k == b.k && a.n == b.n;
}

static void add_rule(struct buf *out, const struct project *p)
{
    static const char *const stops[] = {
        [STOP_EARLY] = "no call that can no longer matter",
        [STOP_FULL] = "all of them drawn",
        [STOP_ADAPTIVE] = "no call that is not worth it",
    };
    struct project_bar verified = project_bar(p, TRUST_VERIFIED);
    bool same = true;
    for (int t = 0; t < TRUST_COUNT; t++)
        same = same && is_same_bar(project_bar(p, (enum trust)t), verified);
    if (p->purpose == PURPOSE_EVALUATE) {
        buf_addf(out, "none: a run that only measures, %lld judgments in each order",
                 (long long)verified.n);
        return;
    }
    for (int t = TRUST_COUNT; t-- > 0 && !same;) {
        add_bar(out, p, project_bar(p, (enum trust)t));
        buf_addf(out, " (%s), ", trust_name((enum trust)t));
    }
    if (same) {
        add_bar(out, p, verified);
        buf_str(out, ", ");
    }
    bool full = p->accept.rule == RULE_MEAN_SCORE;
    buf_addf(out, "in each order; %s", stops[full ? STOP_FULL : p->accept.stop]);
}

/* ---- reflection ---- */

static void add_reflection(struct buf *out, const struct project *p)
{
    const struct project_reflection *r = &p->reflection;
    static const char *const modes[] = {
        [REFLECT_NONE] = "none",
        [REFLECT_NATURAL] = "natural: only traces that reflect by themselves",
        [REFLECT_WAIT] = "wait: every judgment is made to go on",
        [REFLECT_WRONG_TO_RIGHT] = "wrong_to_right: wrong judgments are made to go on",
        [REFLECT_RIGHT_TO_RIGHT] = "right_to_right: right judgments are made to go on",
        [REFLECT_MIXED] = "mixed: some judgments are made to go on, whatever they say",
    };
    buf_str(out, modes[r->mode]);
    if (r->mode > REFLECT_NATURAL)
        buf_addf(out, "; at most %lld cue%s, %s", (long long)r->rounds, r->rounds == 1 ? "" : "s",
                 r->cues.n ? "of your own" : "built in");
}

static void add_filters(struct buf *out, const struct chain *chain)
{
    for (size_t i = 0; i < chain->n; i++)
        buf_addf(out, "%s%s", i ? ", " : "", chain->links[i].filter->name);
    buf_str(out, chain->n ? "" : "none");
}

/* ---- seats ---- */

static int endpoints_of(const struct seat *seat)
{
    int n = 0;
    for (uint64_t rest = seat->endpoints; rest; rest &= rest - 1)
        n++;
    return n;
}

static const char *task_of(enum seat_kind kind)
{
    static const char *const tasks[SEAT_KIND_COUNT] = {
        [SEAT_TEACHER] = "judges",
        [SEAT_SECOND] = "must agree",
        [SEAT_HINTED] = "judges failed pairs once more, told who wins",
        [SEAT_CHECKER] = "reviews traces",
        [SEAT_STUDENT] = "is measured, decides nothing",
        [SEAT_GENERATOR] = "writes the answers that pairs are built of",
    };
    return tasks[kind];
}

static void add_seats(struct buf *out, const struct seats *seats)
{
    static const struct table_column columns[] = {
        {NULL, false}, {NULL, false}, {NULL, false}, {NULL, false}};
    struct table t;
    table_init(&t, columns, 4);
    for (size_t i = 0; i < seats->n; i++) {
        const struct seat *s = &seats->all[i];
        int n = endpoints_of(s);
        table_cell(&t, slice_of(seat_kind_name(s->kind)));
        table_cell(&t, slice_of(s->model));
        table_cellf(&t, "%d endpoint%s", n, n == 1 ? "" : "s");
        table_cell(&t, slice_of(task_of(s->kind)));
    }
    table_write(&t, out, 2);
    table_free(&t);
}

void terms_view_text(struct buf *out, const struct project *p, const struct seats *seats,
                     const struct chain *chain)
{
    buf_str(out, "\njudge       ");
    add_formats(out, p);
    buf_str(out, "\naccepted    ");
    add_rule(out, p);
    buf_str(out, "\nreflection  ");
    add_reflection(out, p);
    buf_str(out, "\nfilters     ");
    add_filters(out, chain);
    buf_str(out, "\n\nseats\n");
    add_seats(out, seats);
}

/* ---- JSON ---- */

static void json_bars(struct jsonw *w, const struct project *p)
{
    jsonw_key(w, "accepted");
    jsonw_object(w);
    for (int t = TRUST_COUNT; t-- > 0;) {
        struct project_bar bar = project_bar(p, (enum trust)t);
        jsonw_key(w, trust_name((enum trust)t));
        jsonw_object(w);
        jsonw_ki64(w, "k", bar.k);
        jsonw_ki64(w, "n", bar.n);
        jsonw_end_object(w);
    }
    jsonw_end_object(w);
}

static void json_seats(struct jsonw *w, const struct seats *seats)
{
    jsonw_key(w, "seats");
    jsonw_list(w);
    for (size_t i = 0; i < seats->n; i++) {
        char hex[ID_HEX];
        id_hex(&seats->all[i].recipe, hex);
        jsonw_object(w);
        jsonw_kstr(w, "kind", seat_kind_name(seats->all[i].kind));
        jsonw_kstr(w, "model", seats->all[i].model);
        jsonw_ki64(w, "endpoints", endpoints_of(&seats->all[i]));
        jsonw_kstr(w, "recipe", hex);
        jsonw_end_object(w);
    }
    jsonw_end_list(w);
}

void terms_view_json(struct jsonw *w, const struct project *p, const struct seats *seats,
                     const struct chain *chain)
{
    jsonw_key(w, "formats");
    jsonw_object(w);
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (share_of(p, (enum format)f) > 0)
            jsonw_kdouble(w, format_name((enum format)f), share_of(p, (enum format)f));
    jsonw_end_object(w);
    json_bars(w, p);
    jsonw_key(w, "filters");
    jsonw_list(w);
    for (size_t i = 0; i < chain->n; i++)
        jsonw_string(w, slice_of(chain->links[i].filter->name));
    jsonw_end_list(w);
    json_seats(w, seats);
}
