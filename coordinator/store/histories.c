/* What is known of rollouts: finished ones, begun ones, and how one came about. */
#include <stdio.h>

#include "coordinator/store/ledger.h"
#include "coordinator/store/store_private.h"

bool ledger_rollouts(struct store *s, uint64_t row, int64_t recipe, struct ledger_rollout *out,
                     size_t max, size_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT lane, k, call, verdict, outcome, filter <> '',"
                                       " score_a, score_b"
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
        r->score_a = sqlite3_column_int(st, 6);
        r->score_b = sqlite3_column_int(st, 7);
    }
    return got == 0;
}

bool ledger_unfinished(struct store *s, uint64_t row, int64_t recipe, struct ledger_unfinished *out,
                       size_t max, size_t *n, struct err *e)
{
    *n = 0;
    /* With max() the other columns are those of the row it was found in. */
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT c.lane, c.k, max(c.step), c.finish, c.ask, c.format, c.verdict, c.first,"
        " c.trace_tokens, c.score_a, c.score_b, c.filter FROM calls c"
        " WHERE c.pair = ?1 AND c.recipe = ?2 AND NOT EXISTS (SELECT 1 FROM rollouts r"
        " WHERE r.pair = ?1 AND r.recipe = ?2 AND r.lane = c.lane AND r.k = c.k)"
        " GROUP BY c.lane, c.k LIMIT ?3",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int64(st, 3, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        struct ledger_unfinished *u = &out[(*n)++];
        *u = (struct ledger_unfinished){
            .lane = sqlite3_column_int(st, 0),
            .k = sqlite3_column_int(st, 1),
            .step = sqlite3_column_int(st, 2),
            .result = {.finish = (enum finish)sqlite3_column_int(st, 3),
                       .ask = (enum ask)sqlite3_column_int(st, 4),
                       .format = (enum format)sqlite3_column_int(st, 5),
                       .verdict = (enum verdict)sqlite3_column_int(st, 6),
                       .first = (enum verdict)sqlite3_column_int(st, 7),
                       .trace_tokens = (uint32_t)sqlite3_column_int64(st, 8),
                       .score_a = sqlite3_column_int(st, 9),
                       .score_b = sqlite3_column_int(st, 10)},
        };
        /* Which one is not asked; that there is one, is. */
        if (store_column_slice(st, 11).n)
            u->result.filter = S("filtered");
    }
    return got == 0;
}

/* ---- histories ---- */

/* One call wrote all of it. */
static void one_call_wrote(struct history *h, uint8_t step)
{
    history_add(h, ORIGIN_TEACHER, false, step, h->thought.n);
    history_add(h, ORIGIN_TEACHER, true, step, h->answer.n);
    for (size_t i = 0; i < h->n; i++)
        h->segments[i].verdict = h->verdict;
}

/* The columns of ledger_history's statement. */
static bool read_history(sqlite3_stmt *st, struct history *h, struct arena *arena, struct err *e)
{
    int step = sqlite3_column_int(st, 0);
    int verdict = sqlite3_column_int(st, 3), first = sqlite3_column_int(st, 4);
    int64_t tokens = sqlite3_column_int64(st, 5);
    h->finish = (enum finish)sqlite3_column_int(st, 1);
    h->format = (enum format)sqlite3_column_int(st, 2);
    h->verdict = (enum verdict)verdict;
    h->first = (enum verdict)(first >= 0 ? first : verdict);
    h->tokens = (uint32_t)(tokens ? tokens : sqlite3_column_int64(st, 6));
    h->thought = arena_dup(arena, store_column_slice(st, 7));
    h->answer = arena_dup(arena, store_column_slice(st, 8));
    if (!h->thought.p || !h->answer.p)
        return store_no_room(arena, e, "the texts of a stored rollout need too much memory");
    struct slice segments = store_column_slice(st, 9);
    if (!segments.n)
        one_call_wrote(h, (uint8_t)step);
    else if (!segments_read(segments, h->segments, &h->n, e))
        return err_wrap(e, "the store: the parts of a trace");
    return segments_fit(h->segments, h->n, h->thought.n, h->answer.n) ||
           err_set(e, ERR_CORRUPT, "the store: the parts of a trace are not as long as its texts");
}

bool ledger_history(struct store *s, uint64_t row, int64_t recipe, int lane, int k, int step,
                    struct history *h, struct arena *arena, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT c.step, c.finish, c.format, iif(c.verdict < 0, coalesce(r.verdict, ?6), c.verdict),"
        " c.first, c.trace_tokens, c.completion_tokens, t.thought, t.answer, t.segments"
        " FROM calls c JOIN texts t ON t.call = c.call LEFT JOIN rollouts r ON r.pair = c.pair"
        " AND r.recipe = c.recipe AND r.lane = c.lane AND r.k = c.k"
        " WHERE c.pair = ?1 AND c.recipe = ?2 AND c.lane = ?3 AND c.k = ?4"
        " AND (?5 < 0 OR c.step = ?5) ORDER BY c.step DESC LIMIT 1",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int(st, 3, lane);
    sqlite3_bind_int(st, 4, k);
    sqlite3_bind_int(st, 5, step);
    sqlite3_bind_int(st, 6, VERDICT_NONE);
    int got = store_step_row(s, st, e);
    if (got == 0)
        return err_set(e, ERR_NOTFOUND, "the store: pair %llu has no such call of rollout %d",
                       (unsigned long long)row, k);
    if (got < 0)
        return false;
    *h = (struct history){0};
    bool ok = read_history(st, h, arena, e);
    sqlite3_reset(st);
    return ok || err_wrap(e, "pair %llu, rollout %d", (unsigned long long)row, k);
}

/* ---- what cues did ---- */

static bool read_counter(struct store *s, const char *name, uint64_t *value, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT value FROM counters WHERE name = ?1", e);
    if (!st)
        return false;
    store_bind_str(st, 1, name);
    int got = store_step_row(s, st, e);
    *value = got == 1 ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
    sqlite3_reset(st);
    return got >= 0;
}

bool ledger_reflections(struct store *s, int64_t recipe, struct flip_counts *counts, struct err *e)
{
    char name[64];
    for (int first = 0; first < OUTCOME_COUNT; first++) {
        const char *from = outcome_name((enum outcome)first);
        snprintf(name, sizeof name, "recipe.%lld.plain.%s", (long long)recipe, from);
        if (!read_counter(s, name, &counts->plain[first], e))
            return false;
        for (int last = 0; last < OUTCOME_COUNT; last++) {
            const char *to = outcome_name((enum outcome)last);
            snprintf(name, sizeof name, "recipe.%lld.flips.%s.%s", (long long)recipe, from, to);
            if (!read_counter(s, name, &counts->cued[first][last], e))
                return false;
        }
    }
    return true;
}
