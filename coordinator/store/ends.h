/* ends: how the building of a seed ended. For the files of this folder. */
#ifndef STORE_ENDS_H
#define STORE_ENDS_H

#include "coordinator/store/samples.h"

/* ends_set(s, end, reason, e): of an open seed; moves the counters. */
bool ends_set(struct store *s, const struct samples_end *end, enum build_reason reason,
              struct err *e);

#endif
