/* Pairs: which are open, what they are, their texts. */
#include "coordinator/store/ledger.h"

#include "coordinator/quota.h"
#include "coordinator/store/ledger_private.h"

uint64_t ledger_name(struct slice text)
{
    return quota_name(text);
}

/* The columns of every statement below that reads pairs. */
#define PAIR_COLUMNS "SELECT p.pair, p.id, p.trust, s.domain, s.source FROM "

bool ledger_column_pair(sqlite3_stmt *st, struct ledger_pair *pair, struct err *e)
{
    int trust = sqlite3_column_int(st, 2);
    pair->row = (uint64_t)sqlite3_column_int64(st, 0);
    pair->domain = ledger_name(store_column_slice(st, 3));
    pair->source = ledger_name(store_column_slice(st, 4));
    if (!store_column_id(st, 1, &pair->id))
        return err_set(e, ERR_CORRUPT, "the store: pair %llu has no id",
                       (unsigned long long)pair->row);
    if (trust < 0 || trust >= TRUST_COUNT)
        return err_set(e, ERR_CORRUPT, "the store: pair %llu has trust %d, which nobody knows",
                       (unsigned long long)pair->row, trust);
    pair->trust = (enum trust)trust;
    return true;
}

static bool read_pairs(struct store *s, sqlite3_stmt *st, struct ledger_pair *pairs, size_t *n,
                       struct err *e)
{
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        if (!ledger_column_pair(st, &pairs[*n], e)) {
            sqlite3_reset(st);
            return false;
        }
        ++*n;
    }
    return got == 0;
}

bool ledger_open_pairs(struct store *s, uint64_t after, struct ledger_pair *pairs, size_t max,
                       size_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(s,
                                       PAIR_COLUMNS "pairs p JOIN seeds s ON s.seed = p.seed"
                                                    " WHERE p.state = 0 AND p.pair > ?"
                                                    " ORDER BY p.pair LIMIT ?",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)after);
    sqlite3_bind_int64(st, 2, (int64_t)max);
    return read_pairs(s, st, pairs, n, e);
}

bool ledger_recent_pairs(struct store *s, struct ledger_pair *pairs, size_t max, size_t *n,
                         struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(s,
                                       PAIR_COLUMNS
                                       "decisions d"
                                       " JOIN pairs p ON p.decision = d.decision"
                                       " AND p.pair = d.pair AND p.state IN (1, 2)"
                                       " JOIN seeds s ON s.seed = p.seed"
                                       " WHERE d.decision >"
                                       " (SELECT max(decision) FROM decisions) - 10 * ?1"
                                       " ORDER BY d.decision DESC LIMIT ?1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)max);
    return read_pairs(s, st, pairs, n, e);
}

bool ledger_pair(struct store *s, uint64_t row, const struct id *id, bool *found, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT 1 FROM pairs WHERE pair = ? AND id = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    store_bind_id(st, 2, id);
    int got = store_step_row(s, st, e);
    sqlite3_reset(st);
    *found = got == 1;
    return got >= 0;
}

bool ledger_is_open(struct store *s, uint64_t row, const struct id *id, struct ledger_pair *pair)
{
    struct err ignored;
    sqlite3_stmt *st = store_statement(s,
                                       PAIR_COLUMNS "pairs p JOIN seeds s ON s.seed = p.seed"
                                                    " WHERE p.pair = ? AND p.id = ?"
                                                    " AND p.state = 0",
                                       &ignored);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    store_bind_id(st, 2, id);
    bool found = store_step_row(s, st, &ignored) == 1 && ledger_column_pair(st, pair, &ignored);
    sqlite3_reset(st);
    return found;
}

bool ledger_task(struct store *s, uint64_t row, struct ledger_task *task, struct arena *arena,
                 struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT s.prompt, c.messages, r.messages, s.reference, s.rubric, s.language FROM pairs p"
        " JOIN seeds s ON s.seed = p.seed"
        " JOIN responses c ON c.response = p.chosen"
        " JOIN responses r ON r.response = p.rejected WHERE p.pair = ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got = store_step_row(s, st, e);
    if (got == 0)
        return err_set(e, ERR_CORRUPT, "the store: pair %llu has no texts",
                       (unsigned long long)row);
    if (got < 0)
        return false;
    struct slice *const texts[] = {&task->prompt,    &task->chosen, &task->rejected,
                                   &task->reference, &task->rubric, &task->language};
    bool ok = store_copy_columns(st, 0, texts, sizeof texts / sizeof texts[0], arena);
    sqlite3_reset(st);
    return ok || store_no_room(arena, e, "its texts are larger than a message may be") ||
           err_wrap(e, "pair %llu", (unsigned long long)row);
}
