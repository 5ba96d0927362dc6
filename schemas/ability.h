/* ability: what the probe found out about an endpoint, and its JSON form, which is stored with the
 * run. */
#ifndef SCHEMAS_ABILITY_H
#define SCHEMAS_ABILITY_H

#include "base/jsonw.h"
#include "schemas/types.h"

enum known { UNKNOWN, NO, YES };

struct ability {
    bool answers;
    enum thought_field thought_field; /* where the thought was put */
    enum continuation continuation;   /* AUTO: not asked; TURN: it cannot go on with an answer */
    bool echoes;                      /* a continued answer begins with the prefill */
    enum known seed;                  /* the same seed gave the same text, another another */
    int n_choices;                    /* that a request for 2 brought; 0: refused */
    enum known counts_all;            /* usage counts the tokens of all choices */
    enum known logprobs;
    enum known usage, stream_usage;
    int64_t context; /* tokens; 0: not told */
};

/* ability_write(w, a): one JSON object. */
void ability_write(struct jsonw *w, const struct ability *a);

#endif
