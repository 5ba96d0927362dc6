/* terms_view: what a project asks for, in a few lines: who judges in which form, what is accepted,
 * how the teacher reflects. */
#ifndef CLI_TERMS_VIEW_H
#define CLI_TERMS_VIEW_H

#include "base/jsonw.h"
#include "filters/chain.h"
#include "judges/seat.h"

void terms_view_text(struct buf *out, const struct project *p, const struct seats *seats,
                     const struct chain *chain);
/* terms_view_json(w, …): members of an object. */
void terms_view_json(struct jsonw *w, const struct project *p, const struct seats *seats,
                     const struct chain *chain);

#endif
