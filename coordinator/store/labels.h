/* labels: pairs that were built here, and how a label is taken back and given again. For the files
 * of this folder; writing functions need a transaction. */
#ifndef STORE_LABELS_H
#define STORE_LABELS_H

#include "coordinator/store/ledger.h"

/* A pair that was made of two samples of its seed. */
struct label {
    uint64_t pair;
    int64_t chosen, rejected; /* rows of the samples */
    bool withdrawn;
};
/* labels_read(s, seed, labels, max, n, e): those of a seed, in the order of their rows. */
bool labels_read(struct store *s, uint64_t seed, struct label *labels, size_t max, size_t *n,
                 struct err *e);
/* labels_withdraw(s, pair, run, detail, wall_ms, e): decides it rejected, as LABEL_WITHDRAWN. */
bool labels_withdraw(struct store *s, uint64_t pair, const struct ledger_run *run,
                     const char *detail, int64_t wall_ms, struct err *e);
/* labels_return(s, pair, run, wall_ms, e): it is what it was before: decided as then, or open. What
 * its rollouts make of it under the present rules is redecide.h's business, which this asks for. */
bool labels_return(struct store *s, uint64_t pair, const struct ledger_run *run, int64_t wall_ms,
                   struct err *e);

#endif
