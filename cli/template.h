/* template: what `gavel init` writes. The project file is made from the option rows, so that its
 * comments and defaults are those of the program. */
#ifndef CLI_TEMPLATE_H
#define CLI_TEMPLATE_H

#include "base/buf.h"

/* template_project(out, name): every key of a project file with its help; the main ones active, all
 * others commented out with their defaults. */
void template_project(struct buf *out, const char *name);
/* template_seeds(out): three pairs to begin with. */
void template_seeds(struct buf *out);

#endif
