/*
 * probe: whether an endpoint answers, and what it can do, found out by at most ten small calls
 * before money is spent. An endpoint that does not answer costs one call.
 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "schemas/ability.h"
#include "schemas/project.h"

struct probe {
    bool asked;
    bool ok; /* it answered something */
    enum failure failure;
    char message[512]; /* not ok: what the server or the connection said */
    char model[256];   /* as the server names it */
    enum finish finish;
    int http_status;
    int64_t latency_ms, prompt_tokens, completion_tokens, reasoning_tokens;
    int64_t n_models;  /* in the server's own list; 0: it has none */
    bool model_listed; /* ours is among them */
    char models[512];  /* the first names */
    bool one_only;     /* a request for two choices was refused or brought one */
    struct ability ability;
};

/* probe_all(project, probes, e): asks each endpoint for all that is in struct ability; `probes` has
 * one for each. False: nothing could be asked, e.g. because a key is missing. */
bool probe_all(const struct project *p, struct probe *probes, struct err *e);
/* probe_needed(project, probes, e): the same with only those calls whose answers the project's
 * settings depend on; for most projects few, for some none. For the beginning of a run. */
bool probe_needed(const struct project *p, struct probe *probes, struct err *e);
/* probe_settle(project, probes, e): `continuation: auto` becomes what was found (what is not known
 * becomes `turn`). ERR_USAGE, naming key and endpoint, when an endpoint that answered cannot serve
 * what the project asks for. One that did not answer is no error: a run waits for it. */
bool probe_settle(struct project *p, const struct probe *probes, struct err *e);
/* probe_abilities(project, probes, out): [{"url","model",…ability},…] of those asked; nothing when
 * none was. */
void probe_abilities(const struct project *p, const struct probe *probes, struct buf *out);

#endif
