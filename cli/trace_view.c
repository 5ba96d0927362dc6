#include "cli/trace_view.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/figure.h"
#include "cli/segment_view.h"

#define LABEL_CHARS 200

char trace_view_mark(enum outcome outcome, bool filtered)
{
    static const char marks[OUTCOME_COUNT] = {
        [OUTCOME_CORRECT] = '+',    [OUTCOME_INCORRECT] = '-', [OUTCOME_TIE] = '=',
        [OUTCOME_NO_VERDICT] = '?', [OUTCOME_PENDING] = '.',
    };
    return filtered ? 'f' : marks[outcome];
}

/* Points; the scores are exact hundredths. */
static void add_scores(struct buf *out, const struct look_call *c)
{
    if (c->score_a == SCORE_NONE)
        return;
    if (c->score_b == SCORE_NONE)
        buf_addf(out, "; score %g", c->score_a / 100.0);
    else
        buf_addf(out, "; scores %g (A) and %g (B)", c->score_a / 100.0, c->score_b / 100.0);
}

static void add_verdict(struct buf *out, enum verdict v)
{
    if (v == VERDICT_A || v == VERDICT_B)
        buf_addf(out, "it %s (%s)", verdict_help(v), verdict_name(v));
    else
        buf_addf(out, "%s: %s", verdict_name(v), verdict_help(v));
}

static void add_end(struct buf *out, const struct look_call *c)
{
    buf_addf(out, ": %s, ", outcome_name(c->outcome));
    if (c->kind == SEAT_CHECKER && (c->verdict == VERDICT_A || c->verdict == VERDICT_B))
        buf_addf(out, "the critique speaks for %s", verdict_name(c->verdict));
    else
        add_verdict(out, c->verdict);
    add_scores(out, c);
    if (c->cues) {
        buf_addf(out, "; after %d cue%s, before which ", c->cues, c->cues == 1 ? "" : "s");
        add_verdict(out, c->first);
    }
    if (c->filter.n) {
        buf_str(out, "; rejected by the filter ");
        text_quote(out, c->filter, LABEL_CHARS);
    }
}

void trace_view_head(struct buf *out, const struct look_call *c)
{
    buf_addf(out, "-- %s, judgment %d", lane_name(c->lane), c->k);
    if (c->kind != SEAT_TEACHER)
        buf_addf(out, " of the %s", seat_kind_name(c->kind));
    if (c->step)
        buf_addf(out, ", step %d (%s)", c->step, ask_name(c->ask));
    if (c->last)
        add_end(out, c);
    else {
        buf_str(out, ": goes on after ");
        add_verdict(out, c->verdict);
        add_scores(out, c);
    }
    buf_char(out, '\n');
}

static void add_tokens(struct buf *out, const struct look_call *c)
{
    figure_count(out, c->prompt_tokens);
    buf_str(out, " prompt tokens");
    if (c->cached_tokens) {
        buf_str(out, " (");
        figure_count(out, c->cached_tokens);
        buf_str(out, " cached)");
    }
    buf_str(out, ", ");
    figure_count(out, c->completion_tokens);
    buf_str(out, " completion tokens");
    if (c->reasoning_tokens) {
        buf_str(out, " (");
        figure_count(out, c->reasoning_tokens);
        buf_str(out, " of reasoning)");
    }
}

void trace_view_call(struct buf *out, const struct look_call *c, int64_t seed)
{
    char iso[24];
    buf_str(out, "   ");
    text_quote(out, c->model.n ? c->model : c->asked_model, LABEL_CHARS);
    buf_str(out, " at ");
    text_quote(out, c->url, LABEL_CHARS);
    buf_addf(out, ", HTTP %d, finish %s", c->http_status, finish_name(c->finish));
    if (c->thought_field != THOUGHT_ABSENT)
        buf_addf(out, ", thought in %s", thought_field_name(c->thought_field));
    buf_str(out, "\n   ");
    add_tokens(out, c);
    buf_str(out, "; ");
    figure_duration(out, c->latency_ms);
    buf_str(out, " (first byte after ");
    figure_duration(out, c->first_byte_ms);
    buf_str(out, ")\n");
    if (seed >= 0)
        buf_addf(out, "   request seed %lld", (long long)seed);
    if (c->request_id.n) {
        buf_str(out, seed >= 0 ? ", request id " : "   request id ");
        text_quote(out, c->request_id, LABEL_CHARS);
    }
    if (c->finished_ms) {
        clock_iso(c->finished_ms, iso);
        buf_addf(out, "%s%s", seed >= 0 || c->request_id.n ? ", " : "   ", iso);
    }
    if (seed >= 0 || c->request_id.n || c->finished_ms)
        buf_char(out, '\n');
}

void trace_view_text(struct buf *out, const struct look_call *c, size_t max_lines)
{
    segment_view_text(out, c->thought, c->answer, c->segments, max_lines);
}

static void add_score(struct jsonw *w, const char *key, int score)
{
    jsonw_key(w, key);
    if (score == SCORE_NONE)
        jsonw_null(w);
    else
        jsonw_double(w, score / 100.0);
}

static void add_judgment(struct jsonw *w, const struct look_call *c)
{
    jsonw_kstr(w, "seat", seat_kind_name(c->kind));
    jsonw_kstr(w, "order", lane_name(c->lane));
    jsonw_ki64(w, "rollout", c->k);
    jsonw_ki64(w, "step", c->step);
    jsonw_kstr(w, "ask", ask_name(c->ask));
    jsonw_kstr(w, "judge_format", format_name(c->format));
    jsonw_kbool(w, "last", c->last);
    jsonw_kstr(w, "verdict", verdict_name(c->verdict));
    jsonw_kstr(w, "outcome", c->last ? outcome_name(c->outcome) : "");
    jsonw_kstr(w, "first_verdict", c->last ? verdict_name(c->first) : "");
    jsonw_ki64(w, "cues", c->last ? c->cues : 0);
    add_score(w, "score_a", c->score_a);
    add_score(w, "score_b", c->score_b);
    jsonw_kslice(w, "filter", c->filter);
}

static void add_numbers(struct jsonw *w, const struct look_call *c)
{
    jsonw_ki64(w, "http_status", c->http_status);
    jsonw_kstr(w, "finish_reason", finish_name(c->finish));
    jsonw_kstr(w, "thought_field", thought_field_name(c->thought_field));
    jsonw_ki64(w, "prompt_tokens", c->prompt_tokens);
    jsonw_ki64(w, "completion_tokens", c->completion_tokens);
    jsonw_ki64(w, "reasoning_tokens", c->reasoning_tokens);
    jsonw_ki64(w, "cached_tokens", c->cached_tokens);
    jsonw_ki64(w, "latency_ms", c->latency_ms);
    jsonw_ki64(w, "first_byte_ms", c->first_byte_ms);
    jsonw_ki64(w, "finished_ms", c->finished_ms);
}

void trace_view_json(struct jsonw *w, const struct look_call *c, int64_t seed)
{
    char hex[ID_HEX];
    jsonw_object(w);
    add_judgment(w, c);
    id_hex(&c->recipe_id, hex);
    jsonw_kstr(w, "recipe", hex);
    jsonw_ki64(w, "run", c->run);
    jsonw_kslice(w, "endpoint", c->url);
    jsonw_kslice(w, "model", c->model.n ? c->model : c->asked_model);
    jsonw_kslice(w, "request_id", c->request_id);
    jsonw_key(w, "seed");
    if (seed >= 0)
        jsonw_i64(w, seed);
    else
        jsonw_null(w);
    add_numbers(w, c);
    jsonw_kslice(w, "thought", c->thought);
    jsonw_kslice(w, "answer", c->answer);
    jsonw_key(w, "segments");
    if (c->segments.n)
        jsonw_raw(w, c->segments);
    else
        jsonw_null(w);
    jsonw_end_object(w);
}

int64_t trace_view_seed(struct store *s, const struct id *pair, const struct look_call *c)
{
    const struct call_key key = {
        .lane = (uint8_t)c->lane, .k = (uint8_t)c->k, .step = (uint8_t)c->step};
    int64_t rng_seed;
    if (!look_rng_seed(s, c->run, &rng_seed))
        return -1;
    struct id id = call_id(pair, &c->recipe_id, key);
    return call_seed(&id, (uint64_t)rng_seed);
}
