/* reading: what the subcommands that only look begin with. */
#ifndef CLI_READING_H
#define CLI_READING_H

#include "cli/opening.h"

/* reading_open(o, path, sets, e): loads the project and opens its store for reading; a store that a
 * run is creating at this moment is waited for. ERR_NOTFOUND: there is none yet; the project is
 * loaded all the same. To be closed by opening_close, also after a failure. */
bool reading_open(struct opening *o, const char *path, const struct args_strings *sets,
                  struct err *e);

#endif
