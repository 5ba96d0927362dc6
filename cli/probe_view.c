#include "cli/probe_view.h"

#include "base/text.h"
#include "cli/figure.h"

static void add_answer(struct buf *out, const struct probe *p)
{
    buf_str(out, "answered in ");
    figure_duration(out, p->latency_ms);
    buf_addf(out, " as %s; %lld prompt and %lld completion tokens", p->model[0] ? p->model : "?",
             (long long)p->prompt_tokens, (long long)p->completion_tokens);
    if (p->ability.thought_field != THOUGHT_ABSENT)
        buf_addf(out, "; the thought is in %s", thought_field_name(p->ability.thought_field));
    else if (p->reasoning_tokens)
        buf_addf(out, "; %lld tokens of a thought that it does not show",
                 (long long)p->reasoning_tokens);
    else
        buf_str(out, "; no thought in this short answer");
    if (p->finish != FINISH_STOP)
        buf_addf(out, "; finish_reason %s (the probe's answers are kept short)",
                 finish_name(p->finish));
    buf_char(out, '\n');
}

static void add_continuation(struct buf *out, const struct project_endpoint *endpoint,
                             const struct ability *a)
{
    static const char *const ways[CONTINUATION_COUNT] = {
        [CONTINUATION_TRAILING] = "when the last message is the assistant's",
        [CONTINUATION_FLAG] = "with continue_final_message",
        [CONTINUATION_PREFIX] = "with \"prefix\": true",
    };
    if (a->continuation == CONTINUATION_AUTO)
        return;
    if (ways[a->continuation])
        buf_addf(out, "    it goes on with an unfinished answer %s%s", ways[a->continuation],
                 a->echoes ? ", which it repeats" : "");
    else
        buf_str(out, "    it was not seen to go on with an unfinished answer");
    if (endpoint->continuation != CONTINUATION_AUTO &&
        endpoint->continuation != (int)a->continuation)
        buf_addf(out,
                 "; the project says `continuation: %s`, and that is what is done: make it `auto` "
                 "unless you know better",
                 continuation_name((enum continuation)endpoint->continuation));
    else if (!ways[a->continuation])
        buf_str(out, ": reflection asks in a further turn");
    buf_char(out, '\n');
}

static const char *word_of(enum known known, const char *yes, const char *no, const char *unknown)
{
    return known == YES ? yes : known == NO ? no : unknown;
}

static void add_ability(struct buf *out, const struct probe *p)
{
    const struct ability *a = &p->ability;
    buf_addf(out, "    seed %s; n: 2 %s",
             word_of(a->seed, "repeats the text", "does not repeat the text", "not known"),
             a->n_choices >= 2 ? "choices"
             : p->one_only     ? "does not work"
                               : "not known");
    if (a->n_choices >= 2)
        buf_str(out, word_of(a->counts_all, ", usage counts both", ", usage counts only one", ""));
    buf_addf(out, "; logprobs %s\n    usage %s, when streaming %s; context ",
             word_of(a->logprobs, "there", "not there", "not known"),
             word_of(a->usage, "there", "missing: budgets and costs count no tokens", "not known"),
             word_of(a->stream_usage, "there", "missing", "not known"));
    if (a->context) {
        figure_count(out, a->context);
        buf_str(out, " tokens\n");
    } else
        buf_str(out, "not told\n");
}

void probe_view_text(struct buf *out, const struct project_endpoint *endpoint,
                     const struct probe *p)
{
    buf_addf(out, "  %s, model %s\n    ", endpoint->url, endpoint->model);
    if (p->n_models)
        buf_addf(out, "it lists %lld model%s%s: %s\n    ", (long long)p->n_models,
                 p->n_models == 1 ? "" : "s", p->model_listed ? "" : ", not this one", p->models);
    if (p->ok) {
        add_answer(out, p);
        add_continuation(out, endpoint, &p->ability);
        add_ability(out, p);
        return;
    }
    buf_addf(out, "does not answer: %s", failure_name(p->failure));
    if (p->http_status)
        buf_addf(out, " (HTTP %d)", p->http_status);
    buf_str(out, ": ");
    text_quote(out, slice_of(p->message), 400);
    const char *advice = failure_advice(p->failure);
    buf_addf(out, "%s%s\n", *advice ? "; " : "", advice);
}

void probe_view_json(struct jsonw *w, const struct project_endpoint *endpoint,
                     const struct probe *p)
{
    jsonw_object(w);
    jsonw_kstr(w, "url", endpoint->url);
    jsonw_kstr(w, "model", endpoint->model);
    jsonw_kbool(w, "answers", p->ok);
    jsonw_kstr(w, "failure", p->ok ? "" : failure_name(p->failure));
    jsonw_kstr(w, "message", p->message);
    jsonw_ki64(w, "http_status", p->http_status);
    jsonw_kstr(w, "served_model", p->model);
    jsonw_ki64(w, "models_listed", p->n_models);
    jsonw_kbool(w, "model_is_listed", p->model_listed);
    jsonw_kstr(w, "finish_reason", p->ok ? finish_name(p->finish) : "");
    jsonw_kstr(w, "thought_field", thought_field_name(p->ability.thought_field));
    jsonw_ki64(w, "latency_ms", p->latency_ms);
    jsonw_ki64(w, "prompt_tokens", p->prompt_tokens);
    jsonw_ki64(w, "completion_tokens", p->completion_tokens);
    jsonw_ki64(w, "reasoning_tokens", p->reasoning_tokens);
    jsonw_key(w, "ability");
    ability_write(w, &p->ability);
    jsonw_end_object(w);
}
