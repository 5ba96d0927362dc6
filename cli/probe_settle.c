/* A project judged by what its endpoints can do. */
#include <stdio.h>

#include "base/log.h"
#include "cli/probe.h"

static bool refuse(const struct project *p, size_t i, struct err *e, const char *key,
                   const char *what)
{
    const struct project_endpoint *all = p->endpoints.items;
    return err_set(e, ERR_USAGE, "%s: %s cannot be served by endpoints[%zu] (%s): %s", p->file, key,
                   i, all[i].url, what);
}

static bool check_context(const struct project *p, size_t i, const struct ability *a, struct err *e)
{
    char what[160];
    if (!a->context || p->generation.max_tokens < a->context)
        return true;
    snprintf(
        what, sizeof what,
        "its context is %lld tokens, prompt and answer together; set it to what is left beside "
        "the longest prompt",
        (long long)a->context);
    return refuse(p, i, e, "generation.max_tokens", what);
}

static bool check_choices(const struct project *p, size_t i, const struct probe *probe,
                          struct err *e)
{
    if (p->generation.per_request <= 1 || !probe->one_only)
        return true;
    return refuse(p, i, e, "generation.per_request",
                  probe->ability.n_choices == 0
                      ? "it refuses a request for two choices (`n`); set it to 1"
                      : "asked for two choices (`n`) it sends one; set it to 1");
}

static bool check_usage(const struct project *p, size_t i, const struct ability *a, struct err *e)
{
    enum known usage = p->generation.stream ? a->stream_usage : a->usage;
    if (!p->budget.tokens || usage != NO)
        return true;
    return refuse(p, i, e, "budget.tokens",
                  "it does not say how many tokens an answer took; set budget.calls or "
                  "budget.wall_s instead");
}

/* settle(endpoint, probe): a server that has not answered may be able to do better than what is
 * settled on, for as long as this run lasts. */
static void settle(struct project_endpoint *endpoint, const struct probe *probe)
{
    if (endpoint->continuation != CONTINUATION_AUTO)
        return;
    endpoint->continuation = (int)probe->ability.continuation;
    if (endpoint->continuation != CONTINUATION_AUTO)
        return;
    endpoint->continuation = CONTINUATION_TURN;
    if (probe->asked)
        log_warn("%s has not answered the probe: reflection will ask it in further turns; set its "
                 "`continuation`, or begin again when it answers",
                 endpoint->url);
}

bool probe_settle(struct project *p, const struct probe *probes, struct err *e)
{
    struct project_endpoint *all = p->endpoints.items;
    for (size_t i = 0; i < p->endpoints.n; i++) {
        const struct ability *a = &probes[i].ability;
        settle(&all[i], &probes[i]);
        if (!check_context(p, i, a, e) || !check_choices(p, i, &probes[i], e) ||
            !check_usage(p, i, a, e))
            return false;
    }
    return true;
}
