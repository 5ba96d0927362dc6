/*
 * evidence: where a pair's evidence says that the rejected answer is wrong. Read are members named
 * error, wrong_step, quote, got, expected and the like, at any depth; everything else is passed
 * over, since evidence is whatever the seed's author wrote.
 */
#ifndef FILTERS_EVIDENCE_H
#define FILTERS_EVIDENCE_H

#include "base/arena.h"

#define EVIDENCE_MOST 32

enum place_kind {
    PLACE_STEP,       /* number: which step or line */
    PLACE_TEXT,       /* text: what stands there, or should */
    PLACE_DESCRIPTION /* text: says in words what is wrong */
};

struct place {
    enum place_kind kind;
    struct slice text;
    int64_t number;
};

struct evidence {
    struct place places[EVIDENCE_MOST];
    size_t n;
};

/* evidence_read(text, out, arena): the places that it names; none when it is no JSON, names none,
 * or there is no memory. Texts are in the arena. */
void evidence_read(struct slice text, struct evidence *out, struct arena *arena);

#endif
