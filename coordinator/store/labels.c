#include "coordinator/store/labels.h"

#include <stdio.h>

#include "coordinator/store/ledger_private.h"

#define DETAIL_MAX 700

bool labels_read(struct store *s, uint64_t seed, struct label *labels, size_t max, size_t *n,
                 struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT p.pair, c.sample, r.sample, p.state = ?2 AND coalesce(d.reason, 0) = ?3"
        " FROM pairs p JOIN responses c ON c.response = p.chosen"
        " JOIN responses r ON r.response = p.rejected"
        " LEFT JOIN decisions d ON d.decision = p.decision"
        " WHERE p.seed = ?1 AND c.sample IS NOT NULL AND r.sample IS NOT NULL"
        " ORDER BY p.pair LIMIT ?4",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)seed);
    sqlite3_bind_int(st, 2, STATE_REJECTED);
    sqlite3_bind_int(st, 3, REASON_LABEL_WITHDRAWN);
    sqlite3_bind_int64(st, 4, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1)
        labels[(*n)++] = (struct label){.pair = (uint64_t)sqlite3_column_int64(st, 0),
                                        .chosen = sqlite3_column_int64(st, 1),
                                        .rejected = sqlite3_column_int64(st, 2),
                                        .withdrawn = sqlite3_column_int(st, 3) != 0};
    return got == 0;
}

/* before(s, pair, d, detail, e): 1: the pair's newest decision that did not withdraw its label. */
static int before(struct store *s, uint64_t pair, struct ledger_decision *d,
                  char detail[DETAIL_MAX], struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT state, reason, recipe, detail FROM decisions"
                                       " WHERE pair = ? AND reason <> ?"
                                       " ORDER BY decision DESC LIMIT 1",
                                       e);
    if (!st)
        return -1;
    sqlite3_bind_int64(st, 1, (int64_t)pair);
    sqlite3_bind_int(st, 2, REASON_LABEL_WITHDRAWN);
    int got = store_step_row(s, st, e);
    if (got == 1) {
        struct slice text = store_column_slice(st, 3);
        d->state = (enum pair_state)sqlite3_column_int(st, 0);
        d->reason = (enum reason)sqlite3_column_int(st, 1);
        d->recipe = sqlite3_column_int64(st, 2);
        snprintf(detail, DETAIL_MAX, SLICE_FMT, SLICE_ARG(text));
        d->detail = detail;
    }
    sqlite3_reset(st);
    return got;
}

bool labels_withdraw(struct store *s, uint64_t pair, const struct ledger_run *run,
                     const char *detail, int64_t wall_ms, struct err *e)
{
    char ignored[DETAIL_MAX];
    struct ledger_decision d = {.recipe = run->recipes[0]};
    if (before(s, pair, &d, ignored, e) < 0)
        return false;
    d.pair = pair;
    d.rules = run->rules.row;
    d.run = run->run;
    d.state = STATE_REJECTED;
    d.reason = REASON_LABEL_WITHDRAWN;
    d.detail = detail;
    return ledger_decide(s, &d, wall_ms, e);
}

bool labels_return(struct store *s, uint64_t pair, const struct ledger_run *run, int64_t wall_ms,
                   struct err *e)
{
    char detail[DETAIL_MAX];
    struct ledger_decision d = {.pair = pair, .rules = run->rules.row, .run = run->run};
    int got = before(s, pair, &d, detail, e);
    if (got < 0 || !ledger_reopen_pair(s, pair, e) ||
        !ledger_set_live(s, LEDGER_RULES_IN_FORCE, 0, e))
        return false;
    bool decided = got == 1 && (d.state == STATE_ACCEPTED || d.state == STATE_REJECTED);
    return !decided || ledger_decide(s, &d, wall_ms, e);
}
