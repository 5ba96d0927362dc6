/* exhibit: what the filters over the whole set are shown of an accepted pair: of each order the
 * trace that would be exported first. Exports choose from the same (exports/choice.h); only their
 * steering by `reflection.proportions`, and the rule about traces of several cues that were right
 * in between, are not repeated here. */
#ifndef COORDINATOR_EXHIBIT_H
#define COORDINATOR_EXHIBIT_H

#include "coordinator/store/rollouts.h"
#include "filters/filter.h"

/* exhibit_read(s, p, d, hinted, item, arena, e): `hinted`: the pair was accepted by the hinted
 * pass, whose traces are then the ones. Texts are in the arena; a side without a trace is empty. */
bool exhibit_read(struct store *s, const struct project *p, const struct ledger_decided *d,
                  bool hinted, struct filter_item *item, struct arena *arena, struct err *e);

#endif
