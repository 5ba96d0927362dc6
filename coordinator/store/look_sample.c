/* Samples: the pairs with the smallest hashes, so that a store that has grown gives mostly the
 * same. */
#include <assert.h>
#include <string.h>

#include "coordinator/store/look.h"
#include "coordinator/store/store_private.h"

static const char by_state[] = "SELECT pair, id FROM pairs WHERE state = ?1";
static const char by_reason[] =
    "SELECT p.pair, p.id FROM pairs p JOIN decisions d ON d.decision = p.decision"
    " WHERE d.reason = ?1";
static const char by_verdict[] =
    "SELECT DISTINCT p.pair, p.id FROM rollouts r JOIN pairs p ON p.pair = r.pair"
    " WHERE r.verdict = ?1";
static const char by_outcome[] =
    "SELECT DISTINCT p.pair, p.id FROM rollouts r JOIN pairs p ON p.pair = r.pair"
    " WHERE r.outcome = ?1";
static const char by_filter[] =
    "SELECT p.pair, p.id FROM rollouts r JOIN pairs p ON p.pair = r.pair WHERE r.filter = ?2"
    " UNION SELECT p.pair, p.id FROM pairs p JOIN decisions d ON d.decision = p.decision"
    " WHERE d.reason = ?1 AND d.detail = ?2";

static sqlite3_stmt *question(struct store *s, const struct look_wanted *w, struct err *e)
{
    static const char *const sql[] = {
        [LOOK_STATE] = by_state,     [LOOK_REASON] = by_reason, [LOOK_VERDICT] = by_verdict,
        [LOOK_OUTCOME] = by_outcome, [LOOK_FILTER] = by_filter,
    };
    assert((size_t)w->what < sizeof sql / sizeof sql[0]);
    sqlite3_stmt *st = store_statement(s, sql[w->what], e);
    if (!st)
        return NULL;
    sqlite3_bind_int(st, 1, w->what == LOOK_FILTER ? REASON_CORPUS_FILTER : w->code);
    if (w->what == LOOK_FILTER)
        store_bind_str(st, 2, w->filter);
    return st;
}

/* insert(pairs, n, max, pair, salt): keeps the list sorted by hash and at most max long. */
static void insert(struct ledger_pair *pairs, size_t *n, size_t max, const struct ledger_pair *pair,
                   uint64_t salt)
{
    uint64_t rank = id_u64(&pair->id, salt);
    size_t at = *n;
    while (at > 0 && id_u64(&pairs[at - 1].id, salt) > rank)
        at--;
    if (at == max)
        return;
    size_t moved = (*n < max ? *n : max - 1) - at;
    memmove(&pairs[at + 1], &pairs[at], moved * sizeof *pairs);
    pairs[at] = *pair;
    *n += *n < max;
}

bool look_sample(struct store *s, const struct look_wanted *wanted, uint64_t salt,
                 struct ledger_pair *pairs, size_t max, size_t *n, int64_t *total, struct err *e)
{
    assert(max > 0);
    *n = 0;
    *total = 0;
    sqlite3_stmt *st = question(s, wanted, e);
    if (!st)
        return false;
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        struct ledger_pair pair = {.row = (uint64_t)sqlite3_column_int64(st, 0)};
        if (!store_column_id(st, 1, &pair.id))
            continue;
        insert(pairs, n, max, &pair, salt);
        ++*total;
    }
    return got == 0;
}
