/* trace_view: one judgment with its trace, for people and as JSON. */
#ifndef CLI_TRACE_VIEW_H
#define CLI_TRACE_VIEW_H

#include "base/jsonw.h"
#include "coordinator/store/look.h"

#define TRACE_BRIEF_LINES 12 /* of a text, with --brief */

/* trace_view_mark(outcome, filtered): one sign for a judgment: + correct, - incorrect, = tie, ? no
 * verdict, . one half of a pointwise judgment alone, f rejected by a filter. */
char trace_view_mark(enum outcome outcome, bool filtered);
/* trace_view_head(out, call): one line: order, number, who and which step; verdict, outcome,
 * scores, cues, filter. */
void trace_view_head(struct buf *out, const struct look_call *call);
/* trace_view_call(out, call, seed): where the text comes from; seed of the request, -1: not known.
 */
void trace_view_call(struct buf *out, const struct look_call *call, int64_t seed);
/* trace_view_text(out, call, max_lines): thought and answer with the cues in them; 0: in full. */
void trace_view_text(struct buf *out, const struct look_call *call, size_t max_lines);
/* trace_view_json(w, call, seed): an object. */
void trace_view_json(struct jsonw *w, const struct look_call *call, int64_t seed);
/* trace_view_seed(store, pair, call): the seed that went with the request, -1: the run that asked
 * is not in the store. */
int64_t trace_view_seed(struct store *s, const struct id *pair, const struct look_call *call);

#endif
