/* prose: the thought of a simulated judgment, put together from sentences by hash. Readable,
 * varied, and it argues for the side that it ends with. */
#ifndef SIM_TEACHER_PROSE_H
#define SIM_TEACHER_PROSE_H

#include "base/buf.h"
#include "cli/sim_teacher/excerpt.h"
#include "schemas/types.h"

/* What a thought is about. */
struct prose {
    const struct excerpts *x;
    uint64_t h;    /* everything random about it */
    bool one;      /* there is one answer, and its letter is A */
    char side;     /* 'A' or 'B': the better answer; with one answer, 'A': it is good */
    char hint;     /* not 0: the thought gives away that it was told this winner */
    bool reflects; /* by itself, before it concludes */
    bool repeated; /* after a cue: nothing new is found */
};

/* prose_decide(p, out): the whole thought that leads to the side: 60 to 200 words. */
void prose_decide(const struct prose *p, struct buf *out);
/* prose_waver(p, out): one that leads nowhere. */
void prose_waver(const struct prose *p, struct buf *out);
/* prose_again(p, before, was, out): what follows a cue: a line of an answer is quoted, a sum is
 * done, then the thought stays with `was` or turns to the other side. `before` is the text up to
 * and with the cue; 0 for was: it was not known. With `repeated` its last sentence is said again
 * and that is all. */
void prose_again(const struct prose *p, struct slice before, char was, struct buf *out);
/* prose_plan(p, out): steps of a plan, one a line. */
void prose_plan(const struct prose *p, struct buf *out);
/* prose_review(p, disputed, out): of a critique that speaks for the side. */
void prose_review(const struct prose *p, bool disputed, struct buf *out);
/* prose_refuse, prose_shrug: in the place of an answer. */
void prose_refuse(const struct prose *p, struct buf *out);
void prose_shrug(const struct prose *p, struct buf *out);
/* prose_cut(p, text): cuts it off between two and four fifths, at the end of a word. */
void prose_cut(const struct prose *p, struct buf *text);
/* prose_leaning(thought, one): which side a thought made by these functions speaks for, by the last
 * sentence that tells; 0: none does. */
char prose_leaning(struct slice thought, bool one);

#endif
