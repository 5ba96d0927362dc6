/*
 * progress: what a person sees while a run works. On a terminal one live block that is redrawn in
 * place; otherwise a log line now and then.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "coordinator/serve.h"

struct progress;

/* progress_new(live): live: draw a block on stderr (it is a terminal); otherwise log lines. NULL
 * without memory. */
struct progress *progress_new(bool live);
void progress_free(struct progress *p);
/* progress_show(p, view): a serve_options.progress function; the context is p. */
void progress_show(void *p, const struct serve_view *view);

#endif
