/* changes: what is different between two canonical texts of recipe or rules, key by key. */
#ifndef COORDINATOR_CHANGES_H
#define COORDINATOR_CHANGES_H

#include "base/buf.h"

/* changes_write(before, after, out): "accept.k: 3 -> 2; filters: …"; nothing when they are equal.
 * Both are JSON objects that conf_dump or project_recipe_text made. */
void changes_write(struct slice before, struct slice after, struct buf *out);

#endif
