#include "cli/probe.h"

#include <stdio.h>

#include "base/text.h"
#include "cli/figure.h"
#include "cli/questions.h"
#include "judges/trace.h"
#include "worker/teacher/models.h"

#define MOST_TOKENS 512
#define MOST_SECONDS 120.0

static void copy(char *to, size_t n, struct slice text)
{
    struct buf quoted;
    buf_init(&quoted, n - 1);
    text_quote(&quoted, slice_sub(text, 0, (n - 1) / 8), 0);
    snprintf(to, n, "%s", buf_cstr(&quoted));
    buf_free(&quoted);
}

static void on_answer(void *context, size_t i, const struct teacher_answer *a)
{
    struct probe *p = &((struct probe *)context)[i];
    struct trace trace = trace_split(a->content, a->reasoning, a->field, a->finish);
    *p = (struct probe){
        .ok = a->ok,
        .failure = a->failure,
        .http_status = a->http_status,
        .latency_ms = a->latency_ms,
    };
    if (!a->ok) {
        snprintf(p->message, sizeof p->message, SLICE_FMT, SLICE_ARG(a->message));
        return;
    }
    copy(p->model, sizeof p->model, a->model);
    p->finish = a->finish;
    p->thought_field = trace.field;
    p->empty = trace.answer.n == 0;
    p->prompt_tokens = a->prompt_tokens;
    p->completion_tokens = a->completion_tokens;
    p->reasoning_tokens = a->reasoning_tokens;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* The project with shorter patience and answers, for this one question. */
static struct project hurried(const struct project *p)
{
    struct project copied = *p;
    copied.deadlines.total = least(p->deadlines.total, MOST_SECONDS);
    if (p->generation.max_tokens > MOST_TOKENS)
        copied.generation.max_tokens = MOST_TOKENS;
    return copied;
}

/* Only a hint: a server without a list may serve well. */
static void list_models(const struct project *p, size_t i, struct probe *probe)
{
    struct models models;
    struct err ignored;
    bool reached = probe->ok || probe->http_status;
    if (!reached)
        return;
    if (models_ask(&models, p, i, &ignored)) {
        probe->n_models = models.n;
        probe->model_listed = models.has_ours;
        snprintf(probe->models, sizeof probe->models, "%s", buf_cstr(&models.names));
    }
    models_free(&models);
}

bool probe_all(const struct project *p, struct probe *probes, struct err *e)
{
    struct message message = {S("user"), S("Reply with the single word: ready")};
    struct question questions[ENDPOINT_MAX];
    struct project asked = hurried(p);
    for (size_t i = 0; i < p->endpoints.n; i++)
        questions[i] = (struct question){.endpoint = i, .chat = {&message, 1}, .seed = 1};
    if (!questions_ask(&asked, questions, p->endpoints.n, on_answer, probes, e))
        return false;
    for (size_t i = 0; i < p->endpoints.n; i++)
        list_models(p, i, &probes[i]);
    return true;
}

static void add_answer(struct buf *out, const struct probe *p)
{
    buf_str(out, "answered in ");
    figure_duration(out, p->latency_ms);
    buf_addf(out, " as %s; %lld prompt and %lld completion tokens", p->model[0] ? p->model : "?",
             (long long)p->prompt_tokens, (long long)p->completion_tokens);
    if (p->thought_field != THOUGHT_ABSENT)
        buf_addf(out, "; the thought is in %s", thought_field_name(p->thought_field));
    else
        buf_str(out, "; no thought in this short answer");
    if (p->finish != FINISH_STOP)
        buf_addf(out, "; finish_reason %s (this probe allows %d tokens)", finish_name(p->finish),
                 MOST_TOKENS);
    if (p->completion_tokens == 0)
        buf_str(out, "; the server does not report tokens: budgets and costs will count none");
    buf_char(out, '\n');
}

void probe_text(struct buf *out, const struct project_endpoint *endpoint, const struct probe *p)
{
    buf_addf(out, "  %s, model %s\n    ", endpoint->url, endpoint->model);
    if (p->n_models)
        buf_addf(out, "it lists %lld model%s%s: %s\n    ", (long long)p->n_models,
                 p->n_models == 1 ? "" : "s", p->model_listed ? "" : ", not this one", p->models);
    if (p->ok) {
        add_answer(out, p);
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

void probe_json(struct jsonw *w, const struct project_endpoint *endpoint, const struct probe *p)
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
    jsonw_kstr(w, "thought_field", thought_field_name(p->thought_field));
    jsonw_ki64(w, "latency_ms", p->latency_ms);
    jsonw_ki64(w, "prompt_tokens", p->prompt_tokens);
    jsonw_ki64(w, "completion_tokens", p->completion_tokens);
    jsonw_ki64(w, "reasoning_tokens", p->reasoning_tokens);
    jsonw_end_object(w);
}
