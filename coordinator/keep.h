/* keep: which of several good traces of one order is kept: the smallest rank goes first. Export and
 * the filters over the whole set must agree on it. Pure. */
#ifndef COORDINATOR_KEEP_H
#define COORDINATOR_KEEP_H

#include "schemas/call.h"
#include "schemas/project.h"

/* keep_rank(p, pair, lane, k, bytes): by `accept.keep`; `bytes`: of thought and answer. */
uint64_t keep_rank(const struct project *p, const struct id *pair, enum lane lane, int k,
                   uint64_t bytes);

#endif
