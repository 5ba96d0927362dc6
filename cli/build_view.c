#include "cli/build_view.h"

#include "base/text.h"
#include "cli/page.h"
#include "cli/pair_view.h"

#define CELL_CHARS 40

void build_view_head(struct buf *out, const struct look_seed *seed)
{
    char hex[ID_HEX];
    id_hex(&seed->id, hex);
    buf_addf(out, "%-10s %s\n", "seed", hex);
    pair_view_label(out, "name", seed->name);
    buf_addf(out, "%-10s ", "from");
    text_quote(out, seed->file, PAIR_VIEW_LABEL_CHARS);
    buf_addf(out, ":%lld, read as " SLICE_FMT "\n", (long long)seed->line,
             SLICE_ARG(seed->importer));
    buf_addf(out, "%-10s %s", "building", build_name(seed->state));
    if (seed->reason != BUILD_REASON_NONE)
        buf_addf(out, ": %s (%s)", build_reason_name(seed->reason),
                 build_reason_help(seed->reason));
    buf_addf(out, ", %lld pair%s\n", (long long)seed->pairs, seed->pairs == 1 ? "" : "s");
    pair_view_label(out, "because", seed->detail);
    pair_view_label(out, "source", seed->source);
    pair_view_label(out, "answer", seed->answer);
    pair_view_label(out, "kind", seed->answer_kind);
}

void build_view_table(struct table *t)
{
    static const struct table_column columns[] = {
        {"sample", true},    {"", false},      {"k", true},       {"by", false},
        {"worth", false},    {"final", false}, {"strict", false}, {"lenient", false},
        {"in pairs", false}, {"why", false},
    };
    table_init(t, columns, sizeof columns / sizeof columns[0]);
}

static const char *place_of(const struct look_sample *x)
{
    return x->chosen && x->rejected ? "both" : x->chosen ? "chosen" : x->rejected ? "rejected" : "";
}

static bool is_compared(const struct look_sample *x)
{
    return x->mark == MARK_RIGHT || x->mark == MARK_WRONG || x->mark == MARK_UNSURE;
}

void build_view_row(struct table *t, const struct look_sample *x)
{
    table_cellf(t, "%lld", (long long)x->row);
    table_cell(t, slice_of(lane_name(x->lane)));
    table_cellf(t, "%d", x->k);
    table_cell(t, slice_sub(x->model, 0, CELL_CHARS));
    table_cell(t, slice_of(mark_name(x->mark)));
    table_cell(t, slice_sub(x->final, 0, CELL_CHARS));
    table_cell(t, slice_of(is_compared(x) ? answer_verdict_name(x->strict) : ""));
    table_cell(t, slice_of(is_compared(x) ? answer_verdict_name(x->lenient) : ""));
    table_cell(t, slice_of(place_of(x)));
    table_cell(t, x->why);
}

void build_view_text(struct buf *out, const struct look_sample *x, size_t max_lines)
{
    buf_addf(out, "\n== sample %lld: %s %d, %s (%s)\n", (long long)x->row, lane_name(x->lane), x->k,
             mark_name(x->mark), mark_help(x->mark));
    buf_addf(out, "   finish %s, %lld + %lld tokens, %lld ms\n", finish_name(x->finish),
             (long long)x->prompt_tokens, (long long)x->completion_tokens,
             (long long)x->latency_ms);
    if (x->thought.n) {
        buf_str(out, "   <think>\n");
        page_text(out, x->thought, 3, max_lines);
        buf_str(out, "   </think>\n");
    }
    page_text(out, x->answer, 3, max_lines);
}

void build_view_json(struct jsonw *w, const struct look_seed *seed)
{
    char hex[ID_HEX];
    id_hex(&seed->id, hex);
    jsonw_kstr(w, "seed_id", hex);
    jsonw_kslice(w, "name", seed->name);
    jsonw_kslice(w, "file", seed->file);
    jsonw_ki64(w, "line", seed->line);
    jsonw_kslice(w, "source", seed->source);
    jsonw_kstr(w, "building", build_name(seed->state));
    jsonw_kstr(w, "reason", build_reason_name(seed->reason));
    jsonw_kslice(w, "detail", seed->detail);
    jsonw_ki64(w, "pairs", seed->pairs);
    jsonw_kslice(w, "answer", seed->answer);
    jsonw_kslice(w, "answer_kind", seed->answer_kind);
    jsonw_key(w, "prompt");
    jsonw_raw(w, seed->prompt);
}

static void add_share(struct jsonw *w, const char *key, double share)
{
    jsonw_key(w, key);
    if (share < 0)
        jsonw_null(w);
    else
        jsonw_double(w, share);
}

void build_view_sample_json(struct jsonw *w, const struct look_sample *x)
{
    jsonw_object(w);
    jsonw_ki64(w, "sample", x->row);
    jsonw_kstr(w, "lane", lane_name(x->lane));
    jsonw_ki64(w, "k", x->k);
    jsonw_kslice(w, "model", x->model);
    jsonw_kstr(w, "mark", mark_name(x->mark));
    jsonw_kslice(w, "final", x->final);
    jsonw_kstr(w, "strict", answer_verdict_name(x->strict));
    jsonw_kstr(w, "lenient", answer_verdict_name(x->lenient));
    jsonw_kslice(w, "why", x->why);
    add_share(w, "prompt_overlap", x->prompt_overlap);
    add_share(w, "answer_overlap", x->answer_overlap);
    jsonw_ki64(w, "chosen_in", (int64_t)x->chosen);
    jsonw_ki64(w, "rejected_in", (int64_t)x->rejected);
    jsonw_kstr(w, "finish", finish_name(x->finish));
    jsonw_ki64(w, "prompt_tokens", x->prompt_tokens);
    jsonw_ki64(w, "completion_tokens", x->completion_tokens);
    jsonw_kslice(w, "thought", x->thought);
    jsonw_kslice(w, "answer", x->answer);
    jsonw_end_object(w);
}
