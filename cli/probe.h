/* probe: whether an endpoint answers, and how. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "base/jsonw.h"
#include "schemas/project.h"

struct probe {
    bool ok;
    enum failure failure;
    char message[512]; /* not ok: what the server or the connection said */
    char model[256];   /* as the server names it */
    enum finish finish;
    enum thought_field thought_field; /* where the thought was, tags in the text included */
    bool empty;                       /* an answer without text */
    int http_status;
    int64_t latency_ms, prompt_tokens, completion_tokens, reasoning_tokens;
    int64_t n_models;  /* in the server's own list; 0: it has none */
    bool model_listed; /* ours is among them */
    char models[512];  /* the first names */
};

/* probe_all(project, probes, e): asks each endpoint for its models and for one tiny chat
 * completion; `probes` has one for each. False: nothing could be asked, e.g. because a key is
 * missing. */
bool probe_all(const struct project *p, struct probe *probes, struct err *e);
/* probe_text(out, endpoint, probe): a few lines. */
void probe_text(struct buf *out, const struct project_endpoint *endpoint, const struct probe *p);
void probe_json(struct jsonw *w, const struct project_endpoint *endpoint, const struct probe *p);

#endif
