/* Calls, rollouts, pairs and decisions: the part of the store that a run lives in. */
#include "coordinator/store/ledger.h"

#include <stdio.h>

#include "coordinator/store/store_private.h"

static bool read_pairs(struct store *s, sqlite3_stmt *st, struct ledger_pair *pairs, size_t *n,
                       struct err *e)
{
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        pairs[*n].row = (uint64_t)sqlite3_column_int64(st, 0);
        if (!store_column_id(st, 1, &pairs[*n].id)) {
            sqlite3_reset(st);
            return err_set(e, ERR_CORRUPT, "the store: pair %llu has no id",
                           (unsigned long long)pairs[*n].row);
        }
        ++*n;
    }
    return got == 0;
}

bool ledger_open_pairs(struct store *s, uint64_t after, struct ledger_pair *pairs, size_t max,
                       size_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s, "SELECT pair, id FROM pairs WHERE state = 0 AND pair > ? ORDER BY pair LIMIT ?", e);
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
                                       "SELECT p.pair, p.id FROM decisions d"
                                       " JOIN pairs p ON p.decision = d.decision"
                                       " AND p.pair = d.pair AND p.state IN (1, 2)"
                                       " WHERE d.decision >"
                                       " (SELECT max(decision) FROM decisions) - 10 * ?1"
                                       " ORDER BY d.decision DESC LIMIT ?1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)max);
    return read_pairs(s, st, pairs, n, e);
}

static bool find_pair(struct store *s, const char *sql, uint64_t row, const struct id *id,
                      bool *found, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, sql, e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    store_bind_id(st, 2, id);
    int got = store_step_row(s, st, e);
    sqlite3_reset(st);
    *found = got == 1;
    return got >= 0;
}

bool ledger_pair(struct store *s, uint64_t row, const struct id *id, bool *found, struct err *e)
{
    return find_pair(s, "SELECT 1 FROM pairs WHERE pair = ? AND id = ?", row, id, found, e);
}

bool ledger_is_open(struct store *s, uint64_t row, const struct id *id)
{
    struct err ignored;
    bool found;
    return find_pair(s, "SELECT 1 FROM pairs WHERE pair = ? AND id = ? AND state = 0", row, id,
                     &found, &ignored) &&
           found;
}

bool ledger_task(struct store *s, uint64_t row, struct ledger_task *task, struct arena *arena,
                 struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT s.prompt, c.messages, r.messages FROM pairs p"
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
    task->prompt = arena_dup(arena, store_column_slice(st, 0));
    task->chosen = arena_dup(arena, store_column_slice(st, 1));
    task->rejected = arena_dup(arena, store_column_slice(st, 2));
    sqlite3_reset(st);
    return (task->prompt.p && task->chosen.p && task->rejected.p) ||
           err_set(e, ERR_LIMIT, "the texts of pair %llu are larger than a message may be",
                   (unsigned long long)row);
}

bool ledger_rollouts(struct store *s, uint64_t row, int64_t recipe, struct ledger_rollout *out,
                     size_t max, size_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT lane, k, call, verdict, outcome, filter <> ''"
                                       " FROM rollouts WHERE pair = ? AND recipe = ?"
                                       " ORDER BY k, lane LIMIT ?",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int64(st, 3, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        struct ledger_rollout *r = &out[(*n)++];
        r->lane = sqlite3_column_int(st, 0);
        r->k = sqlite3_column_int(st, 1);
        r->call = sqlite3_column_int64(st, 2);
        r->verdict = (enum verdict)sqlite3_column_int(st, 3);
        r->outcome = (enum outcome)sqlite3_column_int(st, 4);
        r->filtered = sqlite3_column_int(st, 5);
    }
    return got == 0;
}

bool ledger_has_call(struct store *s, int64_t recipe, struct call_key key)
{
    struct err ignored;
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT 1 FROM calls WHERE pair = ? AND recipe = ?"
                                       " AND lane = ? AND k = ? AND step = ?",
                                       &ignored);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)key.row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int(st, 3, key.lane);
    sqlite3_bind_int(st, 4, key.k);
    sqlite3_bind_int(st, 5, key.step);
    bool found = store_step_row(s, st, &ignored) == 1;
    sqlite3_reset(st);
    return found;
}

static bool add_call_row(struct store *s, int64_t recipe, const struct wire_call *call,
                         const struct call_result *r, int64_t endpoint, int64_t wall_ms,
                         struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "INSERT INTO calls VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)call->key.row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int(st, 3, call->key.lane);
    sqlite3_bind_int(st, 4, call->key.k);
    sqlite3_bind_int(st, 5, call->key.step);
    sqlite3_bind_int64(st, 6, (int64_t)call->attempt);
    sqlite3_bind_int64(st, 7, endpoint);
    sqlite3_bind_int(st, 8, r->http_status);
    sqlite3_bind_int(st, 9, (int)r->finish);
    sqlite3_bind_int(st, 10, (int)r->thought_field);
    store_bind_slice(st, 11, r->model);
    store_bind_slice(st, 12, r->request_id);
    sqlite3_bind_int64(st, 13, r->prompt_tokens);
    sqlite3_bind_int64(st, 14, r->completion_tokens);
    sqlite3_bind_int64(st, 15, r->reasoning_tokens);
    sqlite3_bind_int64(st, 16, r->cached_tokens);
    sqlite3_bind_int64(st, 17, r->latency_ms);
    sqlite3_bind_int64(st, 18, r->first_byte_ms);
    sqlite3_bind_int64(st, 19, wall_ms);
    return store_step_done(s, st, e);
}

static bool add_text_row(struct store *s, int64_t call, const struct call_result *r, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "INSERT INTO texts VALUES (?,?,?)", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, call);
    store_bind_slice(st, 2, r->thought);
    store_bind_slice(st, 3, r->answer);
    return store_step_done(s, st, e);
}

static bool add_rollout_row(struct store *s, int64_t recipe, struct call_key key, int64_t call,
                            const struct call_result *r, enum outcome outcome, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "INSERT INTO rollouts VALUES (?,?,?,?,?,?,?,?)", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)key.row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int(st, 3, key.lane);
    sqlite3_bind_int(st, 4, key.k);
    sqlite3_bind_int64(st, 5, call);
    sqlite3_bind_int(st, 6, (int)r->verdict);
    sqlite3_bind_int(st, 7, (int)outcome);
    store_bind_slice(st, 8, r->filter);
    return store_step_done(s, st, e);
}

static void count_name(struct store *s, const char *kind, const char *a, const char *b)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s%s%s", kind, a, b[0] ? "." : "", b);
    store_count(s, name, 1);
}

static void count_call(struct store *s, struct call_key key, const struct call_result *r,
                       enum outcome outcome, int64_t cost_nano_usd)
{
    store_count(s, "calls.done", 1);
    store_count(s, "tokens.prompt", r->prompt_tokens);
    store_count(s, "tokens.completion", r->completion_tokens);
    store_count(s, "tokens.reasoning", r->reasoning_tokens);
    store_count(s, "tokens.cached", r->cached_tokens);
    store_count(s, "cost.nano_usd", cost_nano_usd);
    store_count(s, "rollouts.total", 1);
    count_name(s, "rollouts", outcome_name(outcome), "");
    count_name(s, "verdict", lane_name((enum lane)key.lane), verdict_name(r->verdict));
    if (r->filter.n) {
        char filter[48];
        snprintf(filter, sizeof filter, SLICE_FMT, SLICE_ARG(slice_sub(r->filter, 0, 40)));
        count_name(s, "filter", filter, "");
    }
}

bool ledger_add_call(struct store *s, int64_t recipe, const struct wire_call *call,
                     const struct call_result *result, int64_t endpoint, int64_t cost_nano_usd,
                     int64_t wall_ms, struct err *e)
{
    enum outcome outcome = outcome_of(result->verdict, (enum lane)call->key.lane);
    if (!add_call_row(s, recipe, call, result, endpoint, wall_ms, e))
        return false;
    int64_t row = sqlite3_last_insert_rowid(s->db);
    if (!add_text_row(s, row, result, e) ||
        !add_rollout_row(s, recipe, call->key, row, result, outcome, e))
        return false;
    count_call(s, call->key, result, outcome, cost_nano_usd);
    return true;
}

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

bool ledger_decide(struct store *s, const struct ledger_decision *d, int64_t wall_ms, struct err *e)
{
    enum pair_state before = STATE_OPEN;
    enum reason reason_before = REASON_NONE;
    if (!state_of(s, d->pair, &before, &reason_before, e))
        return false;
    sqlite3_stmt *st = store_statement(s, "INSERT INTO decisions VALUES (NULL,?,?,?,?,?,?,?,?)", e);
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
    if (!store_step_done(s, st, e))
        return false;
    int64_t row = sqlite3_last_insert_rowid(s->db);
    st = store_statement(s, "UPDATE pairs SET state = ?, decision = ? WHERE pair = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, (int)d->state);
    sqlite3_bind_int64(st, 2, row);
    sqlite3_bind_int64(st, 3, (int64_t)d->pair);
    if (!store_step_done(s, st, e))
        return false;
    move_counters(s, before, reason_before, -1);
    move_counters(s, d->state, d->reason, 1);
    return true;
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

bool ledger_reopen_deferred(struct store *s, int64_t *n, struct err *e)
{
    return reopen(s,
                  "SELECT p.state, d.reason, count(*) FROM pairs p"
                  " JOIN decisions d ON d.decision = p.decision"
                  " WHERE p.state = 3 GROUP BY 1, 2",
                  "UPDATE pairs SET state = 0, decision = NULL WHERE state = 3", 0, n, e);
}

bool ledger_reopen_redrawn(struct store *s, int64_t recipe, int64_t *n, struct err *e)
{
    return reopen(s,
                  "SELECT p.state, d.reason, count(*) FROM pairs p"
                  " JOIN decisions d ON d.decision = p.decision"
                  " WHERE d.recipe <> ? GROUP BY 1, 2",
                  "UPDATE pairs SET state = 0, decision = NULL WHERE decision IN"
                  " (SELECT decision FROM decisions WHERE recipe <> ?)",
                  recipe, n, e);
}
