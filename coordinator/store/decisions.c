/* Decisions, and what follows from them: states, counters, how many pairs of a kind are accepted.
 */
#include <stdio.h>

#include "coordinator/store/ledger.h"
#include "coordinator/store/ledger_private.h"

static bool state_of(struct store *s, uint64_t pair, enum pair_state *state, enum reason *reason,
                     struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT p.state, coalesce(d.reason, 0) FROM pairs p"
                                       " LEFT JOIN decisions d ON d.decision = p.decision"
                                       " WHERE p.pair = ?",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)pair);
    if (store_step_row(s, st, e) != 1)
        return err_set(e, ERR_CORRUPT, "the store has no pair %llu", (unsigned long long)pair);
    *state = (enum pair_state)sqlite3_column_int(st, 0);
    *reason = (enum reason)sqlite3_column_int(st, 1);
    sqlite3_reset(st);
    return true;
}

static void move_counters(struct store *s, enum pair_state state, enum reason reason, int64_t by)
{
    char name[64];
    snprintf(name, sizeof name, "pairs.%s", state_name(state));
    store_count(s, name, by);
    if (state == STATE_OPEN)
        return;
    snprintf(name, sizeof name, "reason.%s.%s", state_name(state), reason_name(reason));
    store_count(s, name, by);
}

/* How the pair's rollouts under the deciding recipe stand. */
static bool count_rollouts(struct store *s, const struct ledger_decision *d, int64_t *correct,
                           int64_t *finished, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT count(*) FILTER (WHERE outcome = 0 AND filter = ''), count(*)"
        " FROM rollouts WHERE pair = ? AND recipe = ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)d->pair);
    sqlite3_bind_int64(st, 2, d->recipe);
    if (store_step_row(s, st, e) != 1)
        return false;
    *correct = sqlite3_column_int64(st, 0);
    *finished = sqlite3_column_int64(st, 1);
    sqlite3_reset(st);
    return true;
}

static bool add_decision(struct store *s, const struct ledger_decision *d, int64_t wall_ms,
                         int64_t *row, struct err *e)
{
    int64_t correct = 0, finished = 0;
    if (!count_rollouts(s, d, &correct, &finished, e))
        return false;
    sqlite3_stmt *st = store_statement(s,
                                       "INSERT INTO decisions (pair, recipe, rules, run, state,"
                                       " reason, detail, decided_ms, correct, finished)"
                                       " VALUES (?,?,?,?,?,?,?,?,?,?)",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)d->pair);
    sqlite3_bind_int64(st, 2, d->recipe);
    sqlite3_bind_int64(st, 3, d->rules);
    sqlite3_bind_int64(st, 4, d->run);
    sqlite3_bind_int(st, 5, (int)d->state);
    sqlite3_bind_int(st, 6, (int)d->reason);
    store_bind_str(st, 7, d->detail);
    sqlite3_bind_int64(st, 8, wall_ms);
    sqlite3_bind_int64(st, 9, correct);
    sqlite3_bind_int64(st, 10, finished);
    if (!store_step_done(s, st, e))
        return false;
    *row = sqlite3_last_insert_rowid(s->db);
    return true;
}

static bool put_in_force(struct store *s, const struct ledger_decision *d, int64_t row,
                         struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "UPDATE pairs SET state = ?, decision = ? WHERE pair = ?",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, (int)d->state);
    sqlite3_bind_int64(st, 2, row);
    sqlite3_bind_int64(st, 3, (int64_t)d->pair);
    return store_step_done(s, st, e);
}

bool ledger_decide(struct store *s, const struct ledger_decision *d, int64_t wall_ms, struct err *e)
{
    enum pair_state before = STATE_OPEN;
    enum reason reason_before = REASON_NONE;
    int64_t row = 0;
    if (!state_of(s, d->pair, &before, &reason_before, e))
        return false;
    if (reason_before == REASON_LABEL_WITHDRAWN)
        return true; /* it stays so until its label holds again (labels.h) */
    if ((before == STATE_ACCEPTED && !ledger_shift_accepted(s, d->pair, -1, e)) ||
        !add_decision(s, d, wall_ms, &row, e) || !put_in_force(s, d, row, e) ||
        (d->state == STATE_ACCEPTED && !ledger_shift_accepted(s, d->pair, 1, e)))
        return false;
    move_counters(s, before, reason_before, -1);
    move_counters(s, d->state, d->reason, 1);
    return true;
}

/* How many pairs are accepted, by kind */

bool ledger_shift_accepted(struct store *s, uint64_t row, int by, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "INSERT INTO accepted"
        " SELECT p.trust, s.domain, s.source, d.correct, d.finished, ?2 FROM pairs p"
        " JOIN seeds s ON s.seed = p.seed JOIN decisions d ON d.decision = p.decision"
        " WHERE p.pair = ?1 AND p.state = 1"
        " ON CONFLICT DO UPDATE SET pairs = pairs + excluded.pairs",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    sqlite3_bind_int(st, 2, by);
    return store_step_done(s, st, e);
}

bool ledger_accepted(struct store *s, void (*fn)(void *context, const struct ledger_accepted *a),
                     void *context, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT trust, domain, source, iif(finished > 0, 1.0 * correct / finished, 0.0), pairs"
        " FROM accepted WHERE pairs > 0",
        e);
    if (!st)
        return false;
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        const struct ledger_accepted a = {
            .trust = (enum trust)sqlite3_column_int(st, 0),
            .domain = ledger_name(store_column_slice(st, 1)),
            .source = ledger_name(store_column_slice(st, 2)),
            .pass = sqlite3_column_double(st, 3),
            .n = sqlite3_column_int64(st, 4),
        };
        fn(context, &a);
    }
    return got == 0;
}

/* Reopened pairs keep their old decisions in the ledger; only the one in force changes. */
static bool reopen(struct store *s, const char *count_sql, const char *sql, int64_t bound,
                   int64_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(s, count_sql, e);
    if (!st)
        return false;
    if (sqlite3_bind_parameter_count(st))
        sqlite3_bind_int64(st, 1, bound);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        int64_t pairs = sqlite3_column_int64(st, 2);
        move_counters(s, (enum pair_state)sqlite3_column_int(st, 0),
                      (enum reason)sqlite3_column_int(st, 1), -pairs);
        store_count(s, "pairs.open", pairs);
        *n += pairs;
    }
    if (got < 0 || *n == 0)
        return got == 0;
    st = store_statement(s, sql, e);
    if (!st)
        return false;
    if (sqlite3_bind_parameter_count(st))
        sqlite3_bind_int64(st, 1, bound);
    return store_step_done(s, st, e);
}

bool ledger_reopen_pair(struct store *s, uint64_t row, struct err *e)
{
    enum pair_state before = STATE_OPEN;
    enum reason reason = REASON_NONE;
    if (!state_of(s, row, &before, &reason, e))
        return false;
    sqlite3_stmt *st = store_statement(
        s, "UPDATE pairs SET state = 0, decision = NULL WHERE pair = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    if (!store_step_done(s, st, e))
        return false;
    move_counters(s, before, reason, -1);
    move_counters(s, STATE_OPEN, REASON_NONE, 1);
    return true;
}

bool ledger_reopen_deferred(struct store *s, int64_t *n, struct err *e)
{
    return reopen(s,
                  "SELECT p.state, d.reason, count(*) FROM pairs p"
                  " JOIN decisions d ON d.decision = p.decision"
                  " WHERE p.state = 3 GROUP BY 1, 2",
                  "UPDATE pairs SET state = 0, decision = NULL WHERE state = 3", 0, n, e);
}

static bool uncount_redrawn(struct store *s, int64_t recipe, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "INSERT INTO accepted"
        " SELECT p.trust, s.domain, s.source, d.correct, d.finished, -count(*) FROM pairs p"
        " JOIN seeds s ON s.seed = p.seed JOIN decisions d ON d.decision = p.decision"
        " WHERE p.state = 1 AND d.recipe <> ? GROUP BY 1, 2, 3, 4, 5"
        " ON CONFLICT DO UPDATE SET pairs = pairs + excluded.pairs",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, recipe);
    return store_step_done(s, st, e);
}

bool ledger_reopen_redrawn(struct store *s, int64_t recipe, int64_t *n, struct err *e)
{
    *n = 0;
    if (!uncount_redrawn(s, recipe, e))
        return false;
    return reopen(s,
                  "SELECT p.state, d.reason, count(*) FROM pairs p"
                  " JOIN decisions d ON d.decision = p.decision"
                  " WHERE d.recipe <> ? GROUP BY 1, 2",
                  "UPDATE pairs SET state = 0, decision = NULL WHERE decision IN"
                  " (SELECT decision FROM decisions WHERE recipe <> ?)",
                  recipe, n, e);
}
