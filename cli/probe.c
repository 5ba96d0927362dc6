#include "cli/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/probe_reading.h"
#include "cli/questions.h"
#include "judges/trace.h"
#include "worker/teacher/models.h"

#define MOST_TOKENS 512 /* of the first answer: room for a short thought */
#define PREFILL_TOKENS 12
#define SEED_TOKENS 24
#define CHOICE_TOKENS 8
#define MOST_SECONDS 120.0 /* of the first call of an endpoint, which may have to load a model */
#define OTHER_SECONDS 60.0 /* of those after it */
#define LIST_SECONDS 10L
#define SAID_BYTES 8192

/* One kind a question. */
enum kind {
    KIND_PLAIN,
    KIND_TRAILING, /* three ways to ask that an answer be gone on with */
    KIND_FLAG,
    KIND_PREFIX,
    KIND_SEED_ONCE,
    KIND_SEED_AGAIN,
    KIND_SEED_OTHER,
    KIND_TWO,
    KIND_STREAM, /* as PLAIN, but streamed if the project does not stream, and not if it does */
    KIND_COUNT
};
#define BIT(kind) (1u << (kind))
#define ALL_SEEDS (BIT(KIND_SEED_ONCE) | BIT(KIND_SEED_AGAIN) | BIT(KIND_SEED_OTHER))
#define ALL_WAYS (BIT(KIND_TRAILING) | BIT(KIND_FLAG) | BIT(KIND_PREFIX))

/* What one endpoint was asked, and what it said. */
struct findings {
    unsigned wanted; /* bits of kinds that are still to be asked */
    unsigned asked;
    unsigned continues; /* of the three ways */
    bool echoes[KIND_COUNT];
    struct buf said[3];
    bool has_said[3];
    enum known usage[2]; /* [1]: of a stream */
};

struct inquiry {
    const struct project *project;
    struct probe *probes;
    struct findings of[ENDPOINT_MAX];
    struct question questions[ENDPOINT_MAX * KIND_COUNT];
    struct message messages[ENDPOINT_MAX * KIND_COUNT][2]; /* of the questions */
    enum kind kinds[ENDPOINT_MAX * KIND_COUNT];            /* likewise */
    size_t n;
};

/* ---- questions ---- */

static const char plain_text[] = "Reply with the single word: ready";

static struct chat say(struct message *m, const char *user)
{
    m[0] = (struct message){S("user"), slice_of(user)};
    return (struct chat){m, 1};
}

/* The beginning of an answer that is to be gone on with. */
static struct chat prefilled(struct message *m)
{
    struct chat chat = say(m, probe_reading_count);
    m[1] = (struct message){S("assistant"), slice_of(probe_reading_prefill)};
    chat.n = 2;
    return chat;
}

static struct question question_of(size_t endpoint, enum kind kind, struct message *m)
{
    static const enum continuation ways[] = {CONTINUATION_TRAILING, CONTINUATION_FLAG,
                                             CONTINUATION_PREFIX};
    struct question q = {.endpoint = endpoint, .shape = {.seed = 1}};
    if (BIT(kind) & ALL_WAYS) {
        q.chat = prefilled(m);
        q.shape.how = ways[kind - KIND_TRAILING];
        q.shape.max_tokens = PREFILL_TOKENS;
    } else if (BIT(kind) & ALL_SEEDS) {
        q.chat = say(m, "Write twelve random words, with blanks between them.");
        q.shape.seed = kind == KIND_SEED_OTHER ? 2 : 1;
        q.shape.max_tokens = SEED_TOKENS;
    } else if (kind == KIND_TWO) {
        q.chat = say(m, "Write the numbers from one to a hundred as English words.");
        q.shape.n = 2;
        q.shape.max_tokens = CHOICE_TOKENS;
    } else
        q.chat = say(m, plain_text);
    return q;
}

/* ---- answers ---- */

static void copy(char *to, size_t n, struct slice text)
{
    struct buf quoted;
    buf_init(&quoted, n - 1);
    text_quote(&quoted, slice_sub(text, 0, (n - 1) / 8), 0);
    snprintf(to, n, "%s", buf_cstr(&quoted));
    buf_free(&quoted);
}

static void take_failure(struct probe *p, enum kind kind, const struct teacher_answer *a)
{
    int64_t context = probe_reading_context(a->message);
    if (a->failure == FAILURE_CONTEXT && context && !p->ability.context)
        p->ability.context = context;
    if (kind == KIND_TWO)
        p->one_only = failure_class_of(a->failure) == FAILURE_REJECT;
    if (p->ok)
        return;
    p->failure = a->failure;
    p->http_status = a->http_status;
    snprintf(p->message, sizeof p->message, SLICE_FMT, SLICE_ARG(a->message));
}

/* The first answer is the one that is told of. */
static void take_answer(struct probe *p, const struct teacher_answer *a)
{
    struct trace trace = trace_split(a->content, a->reasoning, a->field, a->finish);
    if (p->ability.thought_field == THOUGHT_ABSENT)
        p->ability.thought_field = trace.field;
    if (p->ok)
        return;
    p->ok = p->ability.answers = true;
    p->http_status = a->http_status;
    p->message[0] = '\0';
    copy(p->model, sizeof p->model, a->model);
    p->finish = a->finish;
    p->latency_ms = a->latency_ms;
    p->prompt_tokens = a->prompt_tokens;
    p->completion_tokens = a->completion_tokens;
    p->reasoning_tokens = a->reasoning_tokens;
}

static void keep_said(struct findings *f, int at, const struct teacher_answer *a)
{
    buf_init(&f->said[at], SAID_BYTES);
    buf_slice(&f->said[at], a->reasoning);
    buf_slice(&f->said[at], a->content);
    f->has_said[at] = !f->said[at].failed;
}

static void take_finding(struct inquiry *inquiry, struct findings *f, struct probe *p,
                         enum kind kind, const struct teacher_answer *a)
{
    bool streamed = inquiry->project->generation.stream == (kind != KIND_STREAM);
    if (a->completion_tokens > 0)
        f->usage[streamed] = YES;
    else if (f->usage[streamed] == UNKNOWN && !(BIT(kind) & ALL_WAYS)) /* whose rest may be empty */
        f->usage[streamed] = NO;
    if (BIT(kind) & ALL_WAYS && probe_reading_continues(a, &f->echoes[kind]))
        f->continues |= BIT(kind);
    else if (BIT(kind) & ALL_SEEDS)
        keep_said(f, (int)(kind - KIND_SEED_ONCE), a);
    else if (kind == KIND_TWO) {
        p->ability.n_choices = 1 + (int)a->n_more;
        p->one_only = a->n_more == 0;
        p->ability.counts_all = probe_reading_counts_all(a, CHOICE_TOKENS);
    }
}

static void take_any(void *context, size_t i, const struct teacher_answer *a)
{
    struct inquiry *inquiry = context;
    size_t endpoint = inquiry->questions[i].endpoint;
    struct probe *p = &inquiry->probes[endpoint];
    p->asked = true;
    if (!a->ok) {
        take_failure(p, inquiry->kinds[i], a);
        return;
    }
    take_answer(p, a);
    take_finding(inquiry, &inquiry->of[endpoint], p, inquiry->kinds[i], a);
}

/* ---- rounds ---- */

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* The project with shorter patience and answers. */
static struct project hurried(const struct project *p, double seconds)
{
    struct project copied = *p;
    copied.deadlines.total = least(p->deadlines.total, seconds);
    if (p->generation.max_tokens > MOST_TOKENS)
        copied.generation.max_tokens = MOST_TOKENS;
    return copied;
}

static void add_question(struct inquiry *a, size_t endpoint, enum kind kind)
{
    a->questions[a->n] = question_of(endpoint, kind, a->messages[a->n]);
    a->kinds[a->n++] = kind;
    a->of[endpoint].wanted &= ~BIT(kind);
    a->of[endpoint].asked |= BIT(kind);
}

static bool ask(struct inquiry *a, const struct project *p, struct err *e)
{
    size_t n = a->n;
    a->n = 0;
    return n == 0 || questions_ask(p, a->questions, n, take_any, a, e);
}

/* One question each: one that does not answer costs no more. */
static bool ask_first(struct inquiry *a, struct err *e)
{
    struct project p = hurried(a->project, MOST_SECONDS);
    for (size_t i = 0; i < p.endpoints.n; i++) {
        int kind = 0;
        while (kind < KIND_COUNT && !(a->of[i].wanted & BIT(kind)))
            kind++;
        if (kind < KIND_COUNT)
            add_question(a, i, (enum kind)kind);
    }
    return ask(a, &p, e);
}

/* A server that refused the first question may serve others. */
static bool is_there(const struct probe *p)
{
    return p->ok || (p->http_status && failure_class_of(p->failure) == FAILURE_REJECT);
}

static bool ask_others(struct inquiry *a, struct err *e)
{
    struct project p = hurried(a->project, OTHER_SECONDS);
    for (size_t i = 0; i < p.endpoints.n; i++) {
        if (a->of[i].continues) /* one way is enough */
            a->of[i].wanted &= ~ALL_WAYS;
        for (int kind = 0; is_there(&a->probes[i]) && kind < KIND_STREAM; kind++)
            if (a->of[i].wanted & BIT(kind))
                add_question(a, i, (enum kind)kind);
    }
    if (!ask(a, &p, e))
        return false;
    p.generation.stream = !p.generation.stream;
    for (size_t i = 0; i < p.endpoints.n; i++)
        if (is_there(&a->probes[i]) && a->of[i].wanted & BIT(KIND_STREAM))
            add_question(a, i, KIND_STREAM);
    return ask(a, &p, e);
}

/* ---- what is no call ---- */

static void take_models(const struct project *p, size_t endpoint, const struct raw *raw,
                        struct probe *probe)
{
    const struct project_endpoint *all = p->endpoints.items;
    struct models models;
    struct err ignored; /* only a hint: a server without a list may serve well */
    if (models_take(&models, raw, all[endpoint].model, &ignored)) {
        probe->n_models = models.n;
        probe->model_listed = models.has_ours;
        if (models.context)
            probe->ability.context = models.context;
        snprintf(probe->models, sizeof probe->models, "%s", buf_cstr(&models.names));
    }
    models_free(&models);
}

static void take_raw(const struct project *p, const struct raw *raw, struct probe *probe)
{
    if (raw->place == RAW_MODELS)
        take_models(p, raw->endpoint, raw, probe);
    else if (raw->place == RAW_CHAT && raw->status == 200)
        probe->ability.logprobs = probe_reading_logprobs(buf_view(&raw->answer));
    else if (raw->place == RAW_CHAT && raw->status / 100 == 4)
        probe->ability.logprobs = NO;
    else if (raw->place == RAW_PROPS && raw->status == 200 && !probe->ability.context)
        probe->ability.context = probe_reading_props(buf_view(&raw->answer));
}

static bool write_logprobs(struct buf *body, const struct project_endpoint *endpoint, struct err *e)
{
    struct message message;
    const struct chat chat = say(&message, plain_text);
    const struct request_shape shape = {.seed = 1, .max_tokens = 1};
    const struct project_generation plain = {.send_seed = false};
    json *extra = NULL;
    if (!request_extra(S("{\"logprobs\":true,\"top_logprobs\":1}"), &extra, e))
        return false;
    request_write(body, &plain, extra, endpoint->model, &chat, &shape);
    json_free(extra);
    return buf_ok(body, "a request", e);
}

/* ask_raw(a, logprobs, e): lists, properties and (once) probabilities of all that are there. */
static bool ask_raw(struct inquiry *a, bool logprobs, struct err *e)
{
    const struct project *p = a->project;
    struct raw *asks = calloc(3 * ENDPOINT_MAX, sizeof *asks);
    struct buf bodies[ENDPOINT_MAX];
    const struct project_endpoint *endpoints = p->endpoints.items;
    size_t n = 0;
    bool ok = asks || err_set(e, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < p->endpoints.n; i++) {
        buf_init(&bodies[i], 1 << 16);
        if (!ok || !a->probes[i].asked || !is_there(&a->probes[i]))
            continue;
        asks[n++] = (struct raw){.endpoint = i, .place = RAW_MODELS};
        asks[n++] = (struct raw){.endpoint = i, .place = RAW_PROPS};
        if (logprobs && (ok = write_logprobs(&bodies[i], &endpoints[i], e)))
            asks[n++] = (struct raw){
                .endpoint = i, .place = RAW_CHAT, .body = buf_view(&bodies[i])};
    }
    ok = ok && (n == 0 || raw_ask(p, asks, n, LIST_SECONDS, e));
    for (size_t i = 0; ok && i < n; i++)
        take_raw(p, &asks[i], &a->probes[asks[i].endpoint]);
    raw_free(asks, ok ? n : 0);
    for (size_t i = 0; i < p->endpoints.n; i++)
        buf_free(&bodies[i]);
    free(asks);
    return ok;
}

/* ---- conclusions ---- */

static void conclude(struct findings *f, struct probe *p)
{
    static const struct {
        enum kind kind;
        enum continuation how;
    } ways[] = {{KIND_TRAILING, CONTINUATION_TRAILING},
                {KIND_FLAG, CONTINUATION_FLAG},
                {KIND_PREFIX, CONTINUATION_PREFIX}};
    if (p->ok && f->asked & ALL_WAYS)
        p->ability.continuation = CONTINUATION_TURN;
    for (size_t i = sizeof ways / sizeof ways[0]; i-- > 0;) {
        if (!(f->continues & BIT(ways[i].kind)))
            continue;
        p->ability.continuation = ways[i].how;
        p->ability.echoes = f->echoes[ways[i].kind];
    }
    if (f->has_said[0] && f->has_said[1] && f->has_said[2])
        p->ability.seed = probe_reading_seed(buf_view(&f->said[0]), buf_view(&f->said[1]),
                                             buf_view(&f->said[2]));
    p->ability.usage = f->usage[0];
    p->ability.stream_usage = f->usage[1];
    for (size_t i = 0; i < sizeof f->said / sizeof f->said[0]; i++)
        buf_free(&f->said[i]);
}

static bool ask_everything(struct inquiry *a, bool logprobs, struct err *e)
{
    bool ok = ask_first(a, e) && ask_others(a, e) && ask_raw(a, logprobs, e);
    for (size_t i = 0; i < a->project->endpoints.n; i++)
        conclude(&a->of[i], &a->probes[i]);
    return ok;
}

static bool probe_with(const struct project *p, struct probe *probes, const unsigned *wanted,
                       bool logprobs, struct err *e)
{
    struct inquiry *a = calloc(1, sizeof *a);
    if (!a)
        return err_set(e, ERR_NOMEM, "out of memory");
    memset(probes, 0, p->endpoints.n * sizeof *probes);
    a->project = p;
    a->probes = probes;
    for (size_t i = 0; i < p->endpoints.n; i++)
        a->of[i].wanted = wanted[i];
    bool ok = ask_everything(a, logprobs, e);
    free(a);
    return ok;
}

bool probe_all(const struct project *p, struct probe *probes, struct err *e)
{
    unsigned wanted[ENDPOINT_MAX];
    bool draws = p->generation.send_seed &&
                 !(p->generation.temperature_given && p->generation.temperature <= 0);
    for (size_t i = 0; i < p->endpoints.n; i++)
        wanted[i] = BIT(KIND_PLAIN) | ALL_WAYS | (draws ? ALL_SEEDS : 0) | BIT(KIND_TWO) |
                    BIT(KIND_STREAM);
    return probe_with(p, probes, wanted, true, e);
}

/* Whether some rollout of this endpoint may have to be gone on with. */
static bool may_go_on(const struct project *p, const struct project_endpoint *endpoint)
{
    int mode = p->reflection.mode;
    return endpoint->role == ROLE_TEACHER && endpoint->continuation == CONTINUATION_AUTO &&
           ((mode != REFLECT_NONE && mode != REFLECT_NATURAL) || p->reflection.max_tokens > 0 ||
            p->hint.share > 0);
}

bool probe_needed(const struct project *p, struct probe *probes, struct err *e)
{
    const struct project_endpoint *all = p->endpoints.items;
    unsigned wanted[ENDPOINT_MAX];
    for (size_t i = 0; i < p->endpoints.n; i++) {
        wanted[i] = (may_go_on(p, &all[i]) ? ALL_WAYS : 0) |
                    (p->generation.per_request > 1 ? BIT(KIND_TWO) : 0);
        if (p->budget.tokens > 0)
            wanted[i] |= BIT(KIND_PLAIN);
    }
    return probe_with(p, probes, wanted, false, e);
}

void probe_abilities(const struct project *p, const struct probe *probes, struct buf *out)
{
    const struct project_endpoint *all = p->endpoints.items;
    struct jsonw w = jsonw_to(out);
    bool any = false;
    for (size_t i = 0; i < p->endpoints.n; i++)
        any = any || probes[i].asked;
    if (!any)
        return;
    jsonw_list(&w);
    for (size_t i = 0; i < p->endpoints.n; i++) {
        if (!probes[i].asked)
            continue;
        jsonw_object(&w);
        jsonw_kstr(&w, "url", all[i].url);
        jsonw_kstr(&w, "model", all[i].model);
        jsonw_key(&w, "ability");
        ability_write(&w, &probes[i].ability);
        jsonw_end_object(&w);
    }
    jsonw_end_list(&w);
}
