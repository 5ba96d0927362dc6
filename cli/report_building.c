/* The part of the report about pairs that are built: what the sampled answers are worth, why seeds
 * gave no pair, and how related changed prompts are to the original ones. */
#include <stdio.h>

#include "cli/report_parts.h"

#define TENTHS 10

static bool is_building(const struct report *r)
{
    size_t at = 0;
    const char *rest;
    return counts_next(&r->counts, "builds.", &at, &rest) != NULL;
}

/* each_mark(r, fn): every worth that some sample has. */
static void each_mark(struct report *r,
                      void (*fn)(struct report *r, struct table *t, enum sample_mark mark,
                                 int64_t n),
                      struct table *t)
{
    for (int m = 0; m < MARK_COUNT; m++) {
        int64_t n = counts_of2(&r->counts, "samples.", mark_name((enum sample_mark)m));
        if (n)
            fn(r, t, (enum sample_mark)m, n);
    }
}

static void mark_row(struct report *r, struct table *t, enum sample_mark mark, int64_t n)
{
    table_cellf(t, "  %s", mark_name(mark));
    table_count(t, n);
    table_percent(t, (double)n, (double)report_count(r, "samples.total"));
    table_cell(t, slice_of(mark_help(mark)));
}

static void write_marks(struct report *r)
{
    static const struct table_column columns[] = {
        {"answers sampled", false}, {"", true}, {"share", true}, {"", false}};
    struct table t;
    table_init(&t, columns, 4);
    each_mark(r, mark_row, &t);
    if (t.n_cells)
        buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

static void write_reasons(struct report *r)
{
    static const struct table_column columns[] = {
        {"prompts without a pair", false}, {"", true}, {"", false}};
    struct table t;
    table_init(&t, columns, 3);
    for (int i = BUILD_REASON_NONE + 1; i < BUILD_REASON_COUNT; i++) {
        enum build_reason reason = (enum build_reason)i;
        int64_t n = counts_of2(&r->counts, "builds.reason.", build_reason_name(reason));
        if (!n)
            continue;
        table_cellf(&t, "  %s", build_reason_name(reason));
        table_count(&t, n);
        table_cell(&t, slice_of(build_reason_help(reason)));
    }
    if (report_count(r, "builds.open")) {
        table_cell(&t, S("  open"));
        table_count(&t, report_count(r, "builds.open"));
        table_cell(&t, S("not built yet"));
    }
    if (t.n_cells)
        buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

/* overlaps(r, what, counts): in tenths; returns their sum. */
static int64_t overlaps(const struct report *r, const char *what, int64_t counts[TENTHS])
{
    int64_t sum = 0;
    char name[64];
    for (int i = 0; i < TENTHS; i++) {
        snprintf(name, sizeof name, "overlap.%s.%d", what, i);
        counts[i] = report_count(r, name);
        sum += counts[i];
    }
    return sum;
}

/* A judge that sees the worse answer off topic every time learns "off topic" and not judging. */
static void write_overlaps(struct report *r)
{
    static const char *const what[] = {"prompt", "answer"};
    static const char *const rows[] = {"  changed and original prompt", "  their answers"};
    static const struct table_column columns[] = {
        {"words shared, in %", false},
        {"0-9", true},
        {"-19", true},
        {"-29", true},
        {"-39", true},
        {"-49", true},
        {"-59", true},
        {"-69", true},
        {"-79", true},
        {"-89", true},
        {"-100", true},
    };
    struct table t;
    int64_t counts[TENTHS];
    table_init(&t, columns, 1 + TENTHS);
    for (int i = 0; i < 2; i++) {
        if (!overlaps(r, what[i], counts))
            continue;
        table_cell(&t, slice_of(rows[i]));
        for (int tenth = 0; tenth < TENTHS; tenth++)
            table_count(&t, counts[tenth]);
    }
    if (t.n_cells)
        buf_char(&r->out, '\n');
    table_write(&t, &r->out, 0);
    table_free(&t);
}

void report_building_text(struct report *r)
{
    if (!is_building(r))
        return;
    write_reasons(r);
    write_marks(r);
    write_overlaps(r);
}

static void json_overlaps(struct report *r, const char *key, const char *what)
{
    int64_t counts[TENTHS];
    overlaps(r, what, counts);
    jsonw_key(&r->w, key);
    jsonw_list(&r->w);
    for (int i = 0; i < TENTHS; i++)
        jsonw_i64(&r->w, counts[i]);
    jsonw_end_list(&r->w);
}

static void json_mark(struct report *r, struct table *t, enum sample_mark mark, int64_t n)
{
    (void)t;
    jsonw_ki64(&r->w, mark_name(mark), n);
}

void report_building_json(struct report *r)
{
    struct jsonw *w = &r->w;
    jsonw_key(w, "building");
    if (!is_building(r)) {
        jsonw_null(w);
        return;
    }
    jsonw_object(w);
    jsonw_ki64(w, "open", report_count(r, "builds.open"));
    jsonw_ki64(w, "pairs", report_count(r, "builds.pairs"));
    jsonw_key(w, "reasons");
    jsonw_object(w);
    for (int i = BUILD_REASON_NONE + 1; i < BUILD_REASON_COUNT; i++) {
        const char *name = build_reason_name((enum build_reason)i);
        if (counts_of2(&r->counts, "builds.reason.", name))
            jsonw_ki64(w, name, counts_of2(&r->counts, "builds.reason.", name));
    }
    jsonw_end_object(w);
    jsonw_key(w, "samples");
    jsonw_object(w);
    each_mark(r, json_mark, NULL);
    jsonw_end_object(w);
    json_overlaps(r, "prompt_overlap_tenths", "prompt");
    json_overlaps(r, "answer_overlap_tenths", "answer");
    jsonw_end_object(w);
}
