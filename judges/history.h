/*
 * history: a rollout so far: thought and answer in canonical form, and who wrote which part of
 * them. It goes to the worker that continues the rollout, and its segments into the store.
 */
#ifndef JUDGES_HISTORY_H
#define JUDGES_HISTORY_H

#include "base/arena.h"
#include "base/jsonw.h"
#include "judges/trace.h"

#define HISTORY_MAX_SEGMENTS 64

enum origin { ORIGIN_TEACHER, ORIGIN_CUE };

/* A run of bytes by one author. The segments of the thought come first, then those of the answer;
 * their lengths add up to those of the two texts. */
struct segment {
    enum origin origin;
    bool in_answer;
    uint8_t step; /* of the call that brought it; a cue: of the call it asked for */
    uint32_t bytes;
    enum verdict verdict; /* of the rollout after that step, as it stood before it was cut */
};

struct history {
    struct slice thought, answer;
    struct segment segments[HISTORY_MAX_SEGMENTS];
    size_t n;
    uint32_t tokens;      /* completion tokens of all calls so far */
    enum verdict first;   /* of step 0 */
    enum verdict verdict; /* of the last step */
    enum format format;
    enum finish finish; /* of the last step */
};

/* history_begin(h, t, format, tokens): a rollout after its first call; the verdicts are yet to be
 * noted. Its texts are those of the trace. */
void history_begin(struct history *h, const struct trace *t, enum format format, uint32_t tokens);
/* history_add(h, origin, in_answer, step, bytes): one more segment; none for no bytes. false when
 * there are too many. The thought's must all be there before the first of the answer. */
bool history_add(struct history *h, enum origin origin, bool in_answer, uint8_t step, size_t bytes);
/* history_settle(h, step, verdict): notes what was read from the trace after `step`: as the
 * rollout's verdict, as that of the step's segments, and after step 0 as its first. */
void history_settle(struct history *h, uint8_t step, enum verdict verdict);
/* history_write(w, h) / history_read(text, h, arena, e): its JSON form on the wire. ERR_PROTOCOL
 * when it is not one or its lengths do not add up. */
void history_write(struct jsonw *w, const struct history *h);
bool history_read(struct slice text, struct history *h, struct arena *arena, struct err *e);
/* segments_write(w, s, n): [{"origin","step","part","bytes","verdict"},…], as it is stored beside
 * the texts. */
void segments_write(struct jsonw *w, const struct segment *s, size_t n);
/* segments_read(text, s, n, e): the inverse; an empty text gives none. */
bool segments_read(struct slice text, struct segment s[HISTORY_MAX_SEGMENTS], size_t *n,
                   struct err *e);
/* segments_fit(s, n, thought, answer): whether they add up to so many bytes. */
bool segments_fit(const struct segment *s, size_t n, size_t thought, size_t answer);

#endif
