#include "cli/trace_view.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/figure.h"
#include "cli/page.h"

#define LABEL_CHARS 200

const char trace_view_marks[] =
    "+ correct, - incorrect, = tie, ? no verdict, f rejected by a filter";

char trace_view_mark(enum outcome outcome, bool filtered)
{
    static const char marks[] = {
        [OUTCOME_CORRECT] = '+',
        [OUTCOME_INCORRECT] = '-',
        [OUTCOME_TIE] = '=',
        [OUTCOME_NO_VERDICT] = '?',
    };
    return filtered ? 'f' : marks[outcome];
}

void trace_view_head(struct buf *out, const struct look_call *c)
{
    buf_addf(out, "-- %s, judgment %d", lane_name(c->lane), c->k);
    if (c->step)
        buf_addf(out, ", step %d", c->step);
    if (!c->last) {
        buf_str(out, "\n");
        return;
    }
    buf_addf(out, ": %s, ", outcome_name(c->outcome));
    if (c->verdict == VERDICT_A || c->verdict == VERDICT_B)
        buf_addf(out, "it %s (%s)", verdict_help(c->verdict), verdict_name(c->verdict));
    else
        buf_addf(out, "%s: %s", verdict_name(c->verdict), verdict_help(c->verdict));
    if (c->filter.n) {
        buf_str(out, "; rejected by the filter ");
        text_quote(out, c->filter, LABEL_CHARS);
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
    if (c->thought.n)
        buf_str(out, "   thought:\n");
    page_text(out, c->thought, 6, max_lines);
    buf_str(out, c->answer.n ? "   answer:\n" : "   answer: none\n");
    page_text(out, c->answer, 6, max_lines);
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
    jsonw_kstr(w, "order", lane_name(c->lane));
    jsonw_ki64(w, "rollout", c->k);
    jsonw_ki64(w, "step", c->step);
    jsonw_kbool(w, "last", c->last);
    jsonw_kstr(w, "verdict", c->last ? verdict_name(c->verdict) : "");
    jsonw_kstr(w, "outcome", c->last ? outcome_name(c->outcome) : "");
    jsonw_kslice(w, "filter", c->filter);
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
