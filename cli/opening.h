/* opening: what most subcommands begin with: the project loaded and checked, its store opened. */
#ifndef CLI_OPENING_H
#define CLI_OPENING_H

#include "base/args.h"
#include "coordinator/store/store.h"
#include "filters/chain.h"
#include "judges/seat.h"

struct opening {
    struct arena arena;
    struct project project;
    struct chain chain;
    struct seats seats; /* who judges */
    const char *store_path;
    struct store *store; /* NULL until opening_store */
};

/* opening_project(o, path, sets, e): loads and checks the whole project: keys, filters, judge
 * prompts, exporters. */
bool opening_project(struct opening *o, const char *path, const struct args_strings *sets,
                     struct err *e);
bool opening_store(struct opening *o, enum store_mode mode, struct err *e);
void opening_close(struct opening *o);

#endif
