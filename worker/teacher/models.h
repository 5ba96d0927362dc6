/* models: which models an endpoint says it serves. For checking a project; a run does not ask. */
#ifndef WORKER_TEACHER_MODELS_H
#define WORKER_TEACHER_MODELS_H

#include "base/buf.h"
#include "schemas/project.h"

struct models {
    int64_t n;        /* how many are listed */
    bool has_ours;    /* the endpoint's `model` is among them */
    struct buf names; /* the first ones, made safe for a line, with ", " between them */
};

/* models_ask(m, project, endpoint, e): GET {url}/models; waits for the answer, at most 20 seconds.
 * False: there is no such list (many servers have none) or it cannot be had. To be given to
 * models_free in any case. */
bool models_ask(struct models *m, const struct project *p, size_t endpoint, struct err *e);
void models_free(struct models *m);
/* models_read(m, body, ours, e): takes the answer's body apart. Pure. */
bool models_read(struct models *m, struct slice body, const char *ours, struct err *e);

#endif
