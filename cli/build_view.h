/* build_view: a seed whose pairs are built, and the answers that were sampled for it. */
#ifndef CLI_BUILD_VIEW_H
#define CLI_BUILD_VIEW_H

#include "base/jsonw.h"
#include "cli/table.h"
#include "coordinator/store/look_build.h"

/* build_view_head(out, seed): where it comes from, where it stands, its answer. */
void build_view_head(struct buf *out, const struct look_seed *seed);
/* build_view_table(t): a table of samples; build_view_row(t, x): one of them. */
void build_view_table(struct table *t);
void build_view_row(struct table *t, const struct look_sample *x);
/* build_view_text(out, x, max_lines): its texts in full (0) or their first lines. */
void build_view_text(struct buf *out, const struct look_sample *x, size_t max_lines);
/* build_view_json(w, seed): members of an object; build_view_sample_json(w, x): an object. */
void build_view_json(struct jsonw *w, const struct look_seed *seed);
void build_view_sample_json(struct jsonw *w, const struct look_sample *x);

#endif
