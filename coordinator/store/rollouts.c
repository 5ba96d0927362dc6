#include "coordinator/store/rollouts.h"

#include <stdio.h>

#include "coordinator/store/store_private.h"

bool ledger_text_rows(struct store *s, int64_t after, struct ledger_text_row *rows, size_t max,
                      size_t *n, struct arena *arena, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT c.call, c.pair, c.recipe, c.lane, c.k, r.verdict, c.finish,"
        " r.filter, t.thought, t.answer FROM calls c"
        " JOIN rollouts r ON r.pair = c.pair AND r.recipe = c.recipe"
        " AND r.lane = c.lane AND r.k = c.k AND r.call = c.call"
        " JOIN texts t ON t.call = c.call"
        " WHERE c.call > ? ORDER BY c.call LIMIT ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, after);
    sqlite3_bind_int64(st, 2, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        struct ledger_text_row *r = &rows[(*n)++];
        *r = (struct ledger_text_row){.call = sqlite3_column_int64(st, 0),
                                      .pair = sqlite3_column_int64(st, 1),
                                      .recipe = sqlite3_column_int64(st, 2),
                                      .lane = sqlite3_column_int(st, 3),
                                      .k = sqlite3_column_int(st, 4),
                                      .verdict = (enum verdict)sqlite3_column_int(st, 5),
                                      .finish = (enum finish)sqlite3_column_int(st, 6)};
        r->filter = arena_dup(arena, store_column_slice(st, 7));
        r->thought = arena_dup(arena, store_column_slice(st, 8));
        r->answer = arena_dup(arena, store_column_slice(st, 9));
        if (!r->filter.p || !r->thought.p || !r->answer.p) {
            sqlite3_reset(st);
            return err_set(e, ERR_LIMIT, "the texts of stored rollouts need too much memory");
        }
    }
    return got == 0;
}

static void move_filter_counter(struct store *s, struct slice name, int64_t by)
{
    char counter[64];
    if (!name.n)
        return;
    snprintf(counter, sizeof counter, "filter." SLICE_FMT, SLICE_ARG(slice_sub(name, 0, 40)));
    store_count(s, counter, by);
}

bool ledger_set_filter(struct store *s, const struct ledger_text_row *row, const char *name,
                       struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "UPDATE rollouts SET filter = ? WHERE pair = ? AND recipe = ? AND lane = ? AND k = ?",
        e);
    if (!st)
        return false;
    store_bind_str(st, 1, name);
    sqlite3_bind_int64(st, 2, row->pair);
    sqlite3_bind_int64(st, 3, row->recipe);
    sqlite3_bind_int(st, 4, row->lane);
    sqlite3_bind_int(st, 5, row->k);
    if (!store_step_done(s, st, e))
        return false;
    move_filter_counter(s, row->filter, -1);
    move_filter_counter(s, slice_of(name), 1);
    return true;
}

bool ledger_judged_after(struct store *s, int64_t recipe, uint64_t after,
                         struct ledger_decided *out, size_t max, size_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT p.pair, p.id, iif(p.state = 0, ?3, d.recipe), p.state,"
        " iif(p.state = 0, 0, d.reason)"
        " FROM pairs p LEFT JOIN decisions d ON d.decision = p.decision"
        " WHERE p.pair > ?1 AND (p.state IN (1, 2) OR p.state = 0 AND EXISTS"
        " (SELECT 1 FROM rollouts r WHERE r.pair = p.pair AND r.recipe = ?3))"
        " ORDER BY p.pair LIMIT ?2",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)after);
    sqlite3_bind_int64(st, 2, (int64_t)max);
    sqlite3_bind_int64(st, 3, recipe);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        struct ledger_decided *d = &out[(*n)++];
        d->row = (uint64_t)sqlite3_column_int64(st, 0);
        d->recipe = sqlite3_column_int64(st, 2);
        d->state = (enum pair_state)sqlite3_column_int(st, 3);
        d->reason = (enum reason)sqlite3_column_int(st, 4);
        if (!store_column_id(st, 1, &d->id)) {
            sqlite3_reset(st);
            return err_set(e, ERR_CORRUPT, "the store: pair %llu has no id",
                           (unsigned long long)d->row);
        }
    }
    return got == 0;
}

bool ledger_first_correct(struct store *s, uint64_t row, int64_t recipe, struct slice *thought,
                          struct slice *answer, struct arena *arena, struct err *e)
{
    *thought = *answer = (struct slice){"", 0};
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT t.thought, t.answer FROM rollouts r JOIN texts t ON t.call = r.call"
        " WHERE r.pair = ? AND r.recipe = ? AND r.lane = 0 AND r.outcome = 0"
        " AND r.filter = '' ORDER BY r.k LIMIT 1",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    sqlite3_bind_int64(st, 2, recipe);
    int got = store_step_row(s, st, e);
    if (got == 1) {
        *thought = arena_dup(arena, store_column_slice(st, 0));
        *answer = arena_dup(arena, store_column_slice(st, 1));
        sqlite3_reset(st);
    }
    return got >= 0 && ((thought->p && answer->p) || err_set(e, ERR_NOMEM, "out of memory"));
}
