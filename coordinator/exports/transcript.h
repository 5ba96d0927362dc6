/*
 * transcript: the text of a trace as it is exported: canonical, without the nonce, and in parts
 * that say who wrote them and whether a model should learn to write them.
 */
#ifndef EXPORTS_TRANSCRIPT_H
#define EXPORTS_TRANSCRIPT_H

#include "base/jsonw.h"
#include "coordinator/store/release_view.h"
#include "judges/history.h"

#define TRANSCRIPT_MAX_PARTS (HISTORY_MAX_SEGMENTS + 3) /* two tags split as many parts off */

struct transcript_part {
    enum origin origin;
    bool train;
    size_t bytes;
};

struct transcript {
    struct buf content, thought, answer; /* all of it, and its two halves */
    struct transcript_part
        parts[TRANSCRIPT_MAX_PARTS]; /* of content, in order; neighbours differ */
    size_t n;
};

void transcript_init(struct transcript *t);
void transcript_free(struct transcript *t);
/* transcript_make(t, pair, rollout, e): replaces what was there. Not to be trained: the steps of a
 * wrong_to_right trace up to the last one that was not right yet; the cue that follows them is
 * trained, and so are the tags. ERR_CORRUPT when the segments do not fit the texts. */
bool transcript_make(struct transcript *t, const struct release_pair *pair,
                     const struct release_rollout *rollout, struct err *e);
/* transcript_write(w, t): [{"origin","text","train"},…]; the texts put together are the content. */
void transcript_write(struct jsonw *w, const struct transcript *t);
/* transcript_origin(origin): "teacher" or "cue". */
const char *transcript_origin(enum origin origin);

#endif
