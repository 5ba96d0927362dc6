/* All judgments, for measuring those who judged. */
#include <stdlib.h>

#include "base/json.h"
#include "coordinator/store/look_private.h"

#define ROLLOUTS_MAX ((size_t)1 << 20) /* of one pair, under all recipes */

/* ---- seats ---- */

/* Recipes of older stores name the model in their text alone. */
static struct slice model_of(sqlite3_stmt *st, json **text)
{
    struct err ignored;
    struct slice model = store_column_slice(st, 3);
    *text = NULL;
    if (model.n)
        return model;
    *text = json_parse(store_column_slice(st, 4), JSON_STRICT, &ignored);
    return json_string(json_get(*text, "model"));
}

bool look_seats(struct store *s, struct look_seat *seats, size_t max, size_t *n,
                struct arena *arena, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s, "SELECT recipe, id, kind, model, text FROM recipes ORDER BY recipe LIMIT ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        struct look_seat *seat = &seats[*n];
        json *text;
        *seat = (struct look_seat){
            .recipe = sqlite3_column_int64(st, 0),
            .kind = (enum seat_kind)look_code(st, 2, SEAT_KIND_COUNT),
        };
        seat->model = arena_dup(arena, model_of(st, &text));
        json_free(text);
        if (!seat->model.p) {
            sqlite3_reset(st);
            return err_set(e, ERR_NOMEM, "out of memory for the recipes");
        }
        *n += store_column_id(st, 1, &seat->id);
    }
    return got == 0;
}

/* ---- rollouts ---- */

struct pass {
    struct store *store;
    bool (*fn)(void *context, const struct look_judged *judged);
    void *context;
    struct look_rollout *rollouts;
    size_t n, room;
    uint64_t row; /* that they are of */
    bool ended;   /* fn wants no more */
};

static bool make_room(struct pass *p, struct err *e)
{
    if (p->n < p->room)
        return true;
    size_t room = p->room ? 2 * p->room : 256;
    struct look_rollout *larger = room <= ROLLOUTS_MAX
                                      ? reallocarray(p->rollouts, room, sizeof *larger)
                                      : NULL;
    if (!larger)
        return err_set(e, ERR_LIMIT, "pair %llu has too many judgments",
                       (unsigned long long)p->row);
    p->rollouts = larger;
    p->room = room;
    return true;
}

static void read_rollout(sqlite3_stmt *st, struct look_rollout *r)
{
    *r = (struct look_rollout){
        .recipe = sqlite3_column_int64(st, 1),
        .lane = look_code(st, 2, LANE_COUNT),
        .k = look_code(st, 3, CALL_MAX_K),
        .call = sqlite3_column_int64(st, 4),
        .verdict = (enum verdict)look_code(st, 5, VERDICT_COUNT),
        .outcome = (enum outcome)look_code(st, 6, OUTCOME_COUNT),
        .filtered = sqlite3_column_int(st, 7) != 0,
        .cues = sqlite3_column_int(st, 9),
        .score_a = sqlite3_column_int(st, 10),
        .score_b = sqlite3_column_int(st, 11),
    };
    r->first = sqlite3_column_int(st, 8) < 0 ? r->verdict
                                             : (enum verdict)look_code(st, 8, VERDICT_COUNT);
}

static bool hand_over(struct pass *p, struct err *e)
{
    if (p->n == 0)
        return true;
    sqlite3_stmt *st = store_statement(
        p->store,
        "SELECT p.id, p.trust, p.state, coalesce(d.reason, 0), coalesce(d.recipe, 0), s.name,"
        " s.domain, s.source, s.eval_set FROM pairs p JOIN seeds s ON s.seed = p.seed"
        " LEFT JOIN decisions d ON d.decision = p.decision WHERE p.pair = ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)p->row);
    int got = store_step_row(p->store, st, e);
    if (got <= 0)
        return got == 0;
    struct look_judged j = {
        .pair = {.row = p->row,
                 .trust = (enum trust)look_code(st, 1, TRUST_COUNT),
                 .domain = ledger_name(store_column_slice(st, 6)),
                 .source = ledger_name(store_column_slice(st, 7))},
        .state = (enum pair_state)look_code(st, 2, STATE_COUNT),
        .reason = (enum reason)look_code(st, 3, REASON_COUNT),
        .recipe = sqlite3_column_int64(st, 4),
        .name = store_column_slice(st, 5),
        .domain = store_column_slice(st, 6),
        .source = store_column_slice(st, 7),
        .eval_set = store_column_slice(st, 8),
        .rollouts = p->rollouts,
        .n = p->n,
    };
    if (store_column_id(st, 0, &j.pair.id))
        p->ended = !p->fn(p->context, &j);
    sqlite3_reset(st);
    return true;
}

static bool walk(struct pass *p, sqlite3_stmt *st, struct err *e)
{
    int got;
    while (!p->ended && (got = store_step_row(p->store, st, e)) == 1) {
        uint64_t row = (uint64_t)sqlite3_column_int64(st, 0);
        if (row != p->row && !hand_over(p, e))
            return false;
        if (p->ended)
            break;
        p->n = row == p->row ? p->n : 0;
        p->row = row;
        if (!make_room(p, e))
            return false;
        read_rollout(st, &p->rollouts[p->n++]);
    }
    return p->ended || (got == 0 && hand_over(p, e));
}

bool look_judged(struct store *s, bool (*fn)(void *context, const struct look_judged *judged),
                 void *context, struct err *e)
{
    struct pass p = {.store = s, .fn = fn, .context = context};
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT pair, recipe, lane, k, call, verdict, outcome, filter <> '', first, cues, score_a,"
        " score_b FROM rollouts ORDER BY pair, recipe, lane, k",
        e);
    if (!st)
        return false;
    bool ok = walk(&p, st, e);
    sqlite3_reset(st);
    free(p.rollouts);
    return ok;
}

/* ---- steps ---- */

bool look_steps(struct store *s, uint64_t row,
                void (*fn)(void *context, const struct look_step *step), void *context,
                struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT c.recipe, c.lane, c.k, c.step, c.ask, iif(c.verdict < 0, r.verdict, c.verdict),"
        " c.score_a, c.score_b FROM rollouts r JOIN calls c ON c.pair = r.pair AND"
        " c.recipe = r.recipe AND c.lane = r.lane AND c.k = r.k WHERE r.pair = ? AND r.cues > 0"
        " ORDER BY c.recipe, c.lane, c.k, c.step",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        const struct look_step step = {
            .recipe = sqlite3_column_int64(st, 0),
            .lane = look_code(st, 1, LANE_COUNT),
            .k = look_code(st, 2, CALL_MAX_K),
            .step = sqlite3_column_int(st, 3),
            .ask = (enum ask)look_code(st, 4, ASK_COUNT),
            .verdict = (enum verdict)look_code(st, 5, VERDICT_COUNT),
            .score_a = sqlite3_column_int(st, 6),
            .score_b = sqlite3_column_int(st, 7),
        };
        fn(context, &step);
    }
    return got == 0;
}

bool look_plain_thoughts(struct store *s, int64_t recipe, int64_t max,
                         void (*fn)(void *context, struct slice thought), void *context,
                         struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT t.thought FROM calls c JOIN rollouts r ON r.pair = c.pair AND r.recipe = c.recipe"
        " AND r.lane = c.lane AND r.k = c.k AND r.call = c.call JOIN texts t ON t.call = c.call"
        " WHERE c.recipe = ?1 AND r.cues = 0 AND r.outcome = ?3 ORDER BY c.call DESC LIMIT ?2",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, recipe);
    sqlite3_bind_int64(st, 2, max);
    sqlite3_bind_int(st, 3, OUTCOME_CORRECT);
    int got;
    while ((got = store_step_row(s, st, e)) == 1)
        fn(context, store_column_slice(st, 0));
    return got == 0;
}
