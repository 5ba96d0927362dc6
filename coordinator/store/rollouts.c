#include "coordinator/store/rollouts.h"

#include <stdio.h>

#include "base/json.h"
#include "coordinator/store/ledger_private.h"

/* ---- traces with what they judged ---- */

/* The columns of ledger_text_rows' statement. */
static bool read_text_row(sqlite3_stmt *st, struct ledger_text_row *r, struct arena *arena,
                          struct err *e)
{
    *r = (struct ledger_text_row){.call = sqlite3_column_int64(st, 0),
                                  .pair = sqlite3_column_int64(st, 1),
                                  .recipe = sqlite3_column_int64(st, 2),
                                  .lane = sqlite3_column_int(st, 3),
                                  .k = sqlite3_column_int(st, 4),
                                  .verdict = (enum verdict)sqlite3_column_int(st, 5),
                                  .finish = (enum finish)sqlite3_column_int(st, 6),
                                  .format = (enum format)sqlite3_column_int(st, 7),
                                  .kind = (enum seat_kind)sqlite3_column_int(st, 8)};
    if (!store_column_id(st, 9, &r->pair_id) || !store_column_id(st, 10, &r->recipe_id))
        return err_set(e, ERR_CORRUPT, "the store: pair %lld or its recipe has no id",
                       (long long)r->pair);
    bool swapped = r->lane == LANE_REJECTED_FIRST || r->lane == LANE_REJECTED_ONLY;
    struct slice chosen, rejected;
    struct slice *const texts[] = {&r->filter, &r->thought, &r->answer, &r->segments,
                                   &r->prompt, &chosen,     &rejected,  &r->reference,
                                   &r->rubric, &r->language};
    if (!store_copy_columns(st, 11, texts, sizeof texts / sizeof texts[0], arena))
        return store_no_room(arena, e, "the texts of stored rollouts need too much memory");
    r->answer_a = swapped ? rejected : chosen;
    r->answer_b = swapped ? chosen : rejected;
    if (r->lane == LANE_CHOSEN_ONLY || r->lane == LANE_REJECTED_ONLY)
        r->answer_b = S("");
    return true;
}

bool ledger_text_rows(struct store *s, int64_t after, struct ledger_text_row *rows, size_t max,
                      size_t *n, struct arena *arena, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT c.call, c.pair, c.recipe, c.lane, c.k, r.verdict, c.finish, c.format, q.kind,"
        " p.id, q.id, r.filter, t.thought, t.answer, t.segments, s.prompt, a.messages, b.messages,"
        " s.reference, s.rubric, s.language FROM calls c"
        " CROSS JOIN rollouts r ON r.pair = c.pair AND r.recipe = c.recipe"
        " AND r.lane = c.lane AND r.k = c.k AND r.call = c.call"
        " JOIN texts t ON t.call = c.call"
        " JOIN recipes q ON q.recipe = c.recipe"
        " JOIN pairs p ON p.pair = c.pair"
        " JOIN seeds s ON s.seed = p.seed"
        " JOIN responses a ON a.response = p.chosen"
        " JOIN responses b ON b.response = p.rejected"
        " WHERE c.call > ? ORDER BY c.call LIMIT ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, after);
    sqlite3_bind_int64(st, 2, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        if (!read_text_row(st, &rows[*n], arena, e)) {
            sqlite3_reset(st);
            return false;
        }
        ++*n;
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

/* ---- pairs that are decided or could be ---- */

bool ledger_judged_after(struct store *s, int64_t recipe, uint64_t after,
                         struct ledger_decided *out, size_t max, size_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT p.pair, p.id, p.trust, s.domain, s.source, iif(p.state = 0, ?3, d.recipe),"
        " iif(p.state = 0, 0, d.run), p.state, iif(p.state = 0, 0, d.reason)"
        " FROM pairs p JOIN seeds s ON s.seed = p.seed"
        " LEFT JOIN decisions d ON d.decision = p.decision"
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
        struct ledger_decided *d = &out[*n];
        if (!ledger_column_pair(st, &d->pair, e)) {
            sqlite3_reset(st);
            return false;
        }
        d->recipe = sqlite3_column_int64(st, 5);
        d->run = sqlite3_column_int64(st, 6);
        d->state = (enum pair_state)sqlite3_column_int(st, 7);
        d->reason = (enum reason)sqlite3_column_int(st, 8);
        ++*n;
    }
    return got == 0;
}

/* ---- seats ---- */

static bool add_seat(struct store *s, const json *seat, struct ledger_seats *seats, struct err *e)
{
    struct id id;
    bool found = false;
    int kind = 0;
    struct slice name = json_string(json_get(seat, "kind"));
    while (kind < SEAT_KIND_COUNT && !slice_is(name, seat_kind_name((enum seat_kind)kind)))
        kind++;
    if (kind == SEAT_KIND_COUNT || seats->n == CALL_MAX_SEAT ||
        !id_parse(json_string(json_get(seat, "recipe")), &id))
        return err_set(e, ERR_CORRUPT, "the store: a run's seats are not readable");
    if (!ledger_recipe(s, &id, &seats->recipes[seats->n], &found, e))
        return false;
    if (!found)
        return err_set(e, ERR_CORRUPT, "the store: a run's seat has no recipe");
    seats->kinds[seats->n++] = (enum seat_kind)kind;
    return true;
}

static bool read_seats(struct store *s, struct slice text, struct ledger_seats *seats,
                       struct err *e)
{
    json *list = json_parse(text, JSON_STRICT, e);
    bool ok = list != NULL;
    for (const json *seat = json_first(list); ok && seat; seat = json_next(seat))
        ok = add_seat(s, seat, seats, e);
    json_free(list);
    return ok;
}

bool ledger_seats(struct store *s, int64_t run, int64_t recipe, struct ledger_seats *seats,
                  struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT seats FROM runs WHERE recipe = ?1 AND seats <> ''"
                                       " ORDER BY run = ?2 DESC, run DESC LIMIT 1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, recipe);
    sqlite3_bind_int64(st, 2, run);
    *seats = (struct ledger_seats){0};
    int got = store_step_row(s, st, e);
    bool ok = got == 0 || (got == 1 && read_seats(s, store_column_slice(st, 0), seats, e));
    sqlite3_reset(st);
    if (ok && seats->n == 0)
        *seats = (struct ledger_seats){.recipes = {recipe}, .kinds = {SEAT_TEACHER}, .n = 1};
    return ok;
}

/* ---- what a filter over the whole set is shown ---- */

static bool read_kept(struct store *s, uint64_t row, int64_t recipe, struct ledger_kept *kept,
                      int *lanes, size_t *n, struct arena *arena, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT r.lane, r.k, r.call, t.thought, t.answer FROM rollouts r"
        " JOIN texts t ON t.call = r.call WHERE r.pair = ? AND r.recipe = ?"
        " AND r.outcome = 0 AND r.filter = '' ORDER BY r.lane, r.k",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    sqlite3_bind_int64(st, 2, recipe);
    int got;
    while ((got = store_step_row(s, st, e)) == 1 && *n < (size_t)LANE_COUNT * CALL_MAX_K) {
        struct ledger_kept *k = &kept[*n];
        lanes[(*n)++] = sqlite3_column_int(st, 0);
        *k = (struct ledger_kept){.k = sqlite3_column_int(st, 1),
                                  .call = sqlite3_column_int64(st, 2),
                                  .thought = arena_dup(arena, store_column_slice(st, 3)),
                                  .answer = arena_dup(arena, store_column_slice(st, 4))};
        if (!k->thought.p || !k->answer.p) {
            sqlite3_reset(st);
            return store_no_room(arena, e, "the traces of a pair need too much memory");
        }
    }
    sqlite3_reset(st);
    return got >= 0;
}

static bool sort_kept(const struct ledger_kept *kept, const int *lanes, size_t n,
                      struct ledger_item *item, struct arena *arena, struct err *e)
{
    for (int side = 0; side < 2; side++) {
        item->sides[side] = arena_alloc(arena, (n + 1) * sizeof *item->sides[side]);
        if (!item->sides[side])
            return store_no_room(arena, e, "the traces of a pair need too much memory");
    }
    for (size_t i = 0; i < n; i++) {
        int side = lanes[i] & 1; /* the lanes of the chosen answer are even */
        item->sides[side][item->n[side]++] = kept[i];
    }
    return true;
}

static bool read_evidence(struct store *s, uint64_t row, struct ledger_item *item,
                          struct arena *arena, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT evidence FROM pairs WHERE pair = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got = store_step_row(s, st, e);
    item->evidence = got == 1 ? arena_dup(arena, store_column_slice(st, 0)) : (struct slice){0};
    sqlite3_reset(st);
    return got >= 0 && (item->evidence.p ||
                        store_no_room(arena, e, "the evidence of a pair needs too much memory"));
}

bool ledger_kept(struct store *s, uint64_t row, int64_t recipe, struct ledger_item *item,
                 struct arena *arena, struct err *e)
{
    struct ledger_kept kept[LANE_COUNT * CALL_MAX_K];
    int lanes[LANE_COUNT * CALL_MAX_K];
    struct ledger_task task;
    size_t n = 0;
    *item = (struct ledger_item){0};
    if (!ledger_task(s, row, &task, arena, e) || !read_evidence(s, row, item, arena, e) ||
        !read_kept(s, row, recipe, kept, lanes, &n, arena, e))
        return false;
    item->prompt = task.prompt;
    item->chosen = task.chosen;
    item->rejected = task.rejected;
    return sort_kept(kept, lanes, n, item, arena, e);
}
