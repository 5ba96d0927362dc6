/* probe_view: what the probe found, for people and for programs. */
#ifndef CLI_PROBE_VIEW_H
#define CLI_PROBE_VIEW_H

#include "base/jsonw.h"
#include "cli/probe.h"

/* probe_view_text(out, endpoint, probe): a few lines. */
void probe_view_text(struct buf *out, const struct project_endpoint *endpoint,
                     const struct probe *p);
/* probe_view_json(w, endpoint, probe): an object. */
void probe_view_json(struct jsonw *w, const struct project_endpoint *endpoint,
                     const struct probe *p);

#endif
