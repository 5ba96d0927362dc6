/* pair_view: a pair with its seed, texts and decisions, for people and as JSON. */
#ifndef CLI_PAIR_VIEW_H
#define CLI_PAIR_VIEW_H

#include "base/jsonw.h"
#include "coordinator/store/look.h"

#define PAIR_VIEW_LABEL_CHARS 300
/* pair_view_label(out, name, text): a line; nothing for an empty text. */
void pair_view_label(struct buf *out, const char *name, struct slice text);
/* pair_view_decided(out, state, reason, detail): "rejected: inconsistent, one order passed …". */
void pair_view_decided(struct buf *out, enum pair_state state, enum reason reason,
                       struct slice detail);
/* pair_view_head(out, pair): who it is and what became of it. */
void pair_view_head(struct buf *out, const struct look_pair *p);
/* pair_view_texts(out, pair, max_lines): prompt and both answers; 0: in full. */
void pair_view_texts(struct buf *out, const struct look_pair *p, size_t max_lines);
/* pair_view_decision(out, decision): one line. */
void pair_view_decision(struct buf *out, const struct look_decision *d);
/* pair_view_json(w, pair): the members of an object; the caller opens and closes it. */
void pair_view_json(struct jsonw *w, const struct look_pair *p);
void pair_view_decision_json(struct jsonw *w, const struct look_decision *d);

#endif
