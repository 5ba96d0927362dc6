/* ledger_private: what the files that know of pairs share; nobody outside this folder includes it.
 */
#ifndef STORE_LEDGER_PRIVATE_H
#define STORE_LEDGER_PRIVATE_H

#include "coordinator/store/ledger.h"
#include "coordinator/store/store_private.h"

/* ledger_column_pair(st, pair, e): from the first five columns: pair, id, trust, domain, source. */
bool ledger_column_pair(sqlite3_stmt *st, struct ledger_pair *pair, struct err *e);
/* ledger_count_call(s, kind, r, cost): one more finished call, with its tokens and its cost. */
void ledger_count_call(struct store *s, enum seat_kind kind, const struct call_result *r,
                       int64_t cost_nano_usd);
/* ledger_shift_accepted(s, row, by, e): counts an accepted pair, as it stands, in or out of the
 * table `accepted`; nothing when it is not accepted. */
bool ledger_shift_accepted(struct store *s, uint64_t row, int by, struct err *e);

/* ledger_reopen_pair(s, row, e): a rejected pair is open again; its old decisions stay. */
bool ledger_reopen_pair(struct store *s, uint64_t row, struct err *e);

#endif
