/* chain: the filters a project asks for, with their settings, in the project's order. */
#ifndef FILTERS_CHAIN_H
#define FILTERS_CHAIN_H

#include "filters/filter.h"
#include "schemas/project.h"

#define CHAIN_MAX 32

struct chain_link {
    const struct filter *filter;
    double settings[FILTER_MAX_OPTIONS];
};

struct chain {
    struct chain_link links[CHAIN_MAX];
    size_t n;
};

/* chain_build(c, p, e): from the project's `filters:` list; when reflection.mode is not none the
 * filter `reflection` is added unless it is there (in mode natural with require=1). Unknown filter,
 * unknown option, a value out of bounds: ERR_USAGE naming it and the nearest known one. */
bool chain_build(struct chain *c, const struct project *p, struct err *e);
/* chain_reject(c, view): name of the first rollout filter that rejects the trace, NULL: all keep
 * it.
 */
const char *chain_reject(const struct chain *c, const struct filter_view *view);
/* chain_has_corpus(c): whether a pass over the accepted pairs is needed. */
bool chain_has_corpus(const struct chain *c);

#endif
