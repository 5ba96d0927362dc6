/* models: which models an endpoint says it serves. For the probe; a run does not ask. */
#ifndef WORKER_TEACHER_MODELS_H
#define WORKER_TEACHER_MODELS_H

#include "base/buf.h"
#include "worker/teacher/raw.h"

struct models {
    int64_t n;        /* how many are listed */
    bool has_ours;    /* the endpoint's `model` is among them */
    int64_t context;  /* tokens of that model; 0: the list does not say */
    struct buf names; /* the first ones, made safe for a line, with ", " between them */
};

/* models_take(m, raw, ours, e): from the answer to RAW_MODELS. False: there is no such list (many
 * servers have none) or it could not be had. To be given to models_free in any case. */
bool models_take(struct models *m, const struct raw *raw, const char *ours, struct err *e);
void models_free(struct models *m);
/* models_read(m, body, ours, e): takes the answer's body apart. Pure. */
bool models_read(struct models *m, struct slice body, const char *ours, struct err *e);

#endif
