/* Calls and the rollouts that they finish, with everything that is counted about them. */
#include <stdio.h>

#include "coordinator/store/ledger_private.h"

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
        s,
        "INSERT INTO calls (pair, recipe, lane, k, step, attempt, endpoint, http_status, finish,"
        " thought_field, model, request_id, prompt_tokens, completion_tokens, reasoning_tokens,"
        " cached_tokens, latency_ms, first_byte_ms, finished_ms, ask, format, verdict, first,"
        " score_a, score_b, trace_tokens, filter)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        e);
    if (!st)
        return false;
    const int64_t before[] = {(int64_t)call->key.row,
                              recipe,
                              call->key.lane,
                              call->key.k,
                              call->key.step,
                              (int64_t)call->attempt,
                              endpoint,
                              r->http_status,
                              (int64_t)r->finish,
                              (int64_t)r->thought_field};
    const int64_t after[] = {r->prompt_tokens,
                             r->completion_tokens,
                             r->reasoning_tokens,
                             r->cached_tokens,
                             r->latency_ms,
                             r->first_byte_ms,
                             wall_ms,
                             (int64_t)r->ask,
                             (int64_t)r->format,
                             (int64_t)r->verdict,
                             (int64_t)r->first,
                             r->score_a,
                             r->score_b,
                             r->trace_tokens};
    int at = 1;
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        sqlite3_bind_int64(st, at++, before[i]);
    store_bind_slice(st, at++, r->model);
    store_bind_slice(st, at++, r->request_id);
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++)
        sqlite3_bind_int64(st, at++, after[i]);
    store_bind_slice(st, at, r->filter);
    return store_step_done(s, st, e);
}

static bool add_text_row(struct store *s, int64_t call, const struct call_result *r, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "INSERT INTO texts (call, thought, answer, segments) VALUES (?,?,?,?)", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, call);
    store_bind_slice(st, 2, r->thought);
    store_bind_slice(st, 3, r->answer);
    store_bind_slice(st, 4, r->segments);
    return store_step_done(s, st, e);
}

/* A rollout that is finished with this call. */
struct finished {
    int64_t recipe, call;
    enum seat_kind kind;
    struct call_key key;
    const struct call_result *r;
    enum outcome outcome;
    int64_t cues;
};

static bool add_rollout_row(struct store *s, const struct finished *f, struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "INSERT INTO rollouts (pair, recipe, lane, k, call, verdict,"
                                       " outcome, score_a, score_b, first, cues, filter)"
                                       " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                                       e);
    if (!st)
        return false;
    const int64_t numbers[] = {(int64_t)f->key.row,
                               f->recipe,
                               f->key.lane,
                               f->key.k,
                               f->call,
                               (int64_t)f->r->verdict,
                               (int64_t)f->outcome,
                               f->r->score_a,
                               f->r->score_b,
                               (int64_t)f->r->first,
                               f->cues};
    int at = 1;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sqlite3_bind_int64(st, at++, numbers[i]);
    store_bind_slice(st, at, f->r->filter);
    return store_step_done(s, st, e);
}

/* ---- what is counted ---- */

static void count_names(struct store *s, const char *a, const char *b, const char *c, int64_t by)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s%s%s", a, b, c[0] ? "." : "", c);
    store_count(s, name, by);
}

static bool is_deciding(enum seat_kind kind)
{
    return kind == SEAT_TEACHER || kind == SEAT_SECOND || kind == SEAT_HINTED;
}

void ledger_count_call(struct store *s, enum seat_kind kind, const struct call_result *r,
                       int64_t cost_nano_usd)
{
    const char *of = seat_kind_name(kind);
    store_count(s, "calls.done", 1);
    store_count(s, "tokens.prompt", r->prompt_tokens);
    store_count(s, "tokens.completion", r->completion_tokens);
    store_count(s, "tokens.reasoning", r->reasoning_tokens);
    store_count(s, "tokens.cached", r->cached_tokens);
    store_count(s, "cost.nano_usd", cost_nano_usd);
    count_names(s, "calls.kind", of, "", 1);
    count_names(s, "tokens.kind", of, "prompt", r->prompt_tokens);
    count_names(s, "tokens.kind", of, "completion", r->completion_tokens);
    count_names(s, "cost.kind", of, "", cost_nano_usd);
}

static void count_outcome(struct store *s, enum seat_kind kind, enum outcome outcome, int64_t by)
{
    if (is_deciding(kind))
        count_names(s, "rollouts", outcome_name(outcome), "", by);
    count_names(s, "rollouts.kind", seat_kind_name(kind), outcome_name(outcome), by);
}

/* What a verdict means by itself, whatever the other half of the judgment says. */
static enum outcome outcome_alone(enum verdict v, enum lane lane)
{
    bool alone = lane == LANE_CHOSEN_ONLY || lane == LANE_REJECTED_ONLY;
    return alone && (v == VERDICT_A || v == VERDICT_B) ? OUTCOME_NO_VERDICT : outcome_of(v, lane);
}

static void count_flip(struct store *s, const struct finished *f)
{
    enum lane lane = (enum lane)f->key.lane;
    const char *first = outcome_name(outcome_alone(f->r->first, lane));
    const char *last = outcome_name(outcome_alone(f->r->verdict, lane));
    char name[64];
    if (f->cues == 0) {
        snprintf(name, sizeof name, "recipe.%lld.plain.%s", (long long)f->recipe, last);
        store_count(s, name, 1);
        return;
    }
    count_names(s, "flips", first, last, 1);
    snprintf(name, sizeof name, "recipe.%lld.flips.%s.%s", (long long)f->recipe, first, last);
    store_count(s, name, 1);
}

static void count_rollout(struct store *s, const struct finished *f)
{
    const char *verdict = verdict_name(f->r->verdict);
    count_outcome(s, f->kind, f->outcome, 1);
    count_names(s, "verdict.kind", seat_kind_name(f->kind), verdict, 1);
    if (is_deciding(f->kind)) {
        store_count(s, "rollouts.total", 1);
        count_names(s, "verdict", lane_name((enum lane)f->key.lane), verdict, 1);
    }
    if (f->kind == SEAT_TEACHER)
        count_flip(s, f);
    if (f->r->filter.n) {
        char filter[48];
        snprintf(filter, sizeof filter, SLICE_FMT, SLICE_ARG(slice_sub(f->r->filter, 0, 40)));
        count_names(s, "filter", filter, "", 1);
    }
}

/* ---- a rollout is finished ---- */

struct other_half {
    bool is_there;
    int score; /* SCORE_NONE: it brought none */
    enum outcome outcome;
};

static bool read_other_half(struct store *s, const struct finished *f, struct other_half *other,
                            struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT verdict, score_a, outcome FROM rollouts"
                                       " WHERE pair = ? AND recipe = ? AND lane = ? AND k = ?",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)f->key.row);
    sqlite3_bind_int64(st, 2, f->recipe);
    sqlite3_bind_int(st, 3, f->key.lane ^ 1); /* the two lanes of single answers differ in it */
    sqlite3_bind_int(st, 4, f->key.k);
    int got = store_step_row(s, st, e);
    other->is_there = got == 1;
    if (got == 1) {
        bool scored = sqlite3_column_int(st, 0) == VERDICT_SCORE;
        other->score = scored ? sqlite3_column_int(st, 1) : SCORE_NONE;
        other->outcome = (enum outcome)sqlite3_column_int(st, 2);
        sqlite3_reset(st);
    }
    return got >= 0;
}

static bool set_other_half(struct store *s, const struct finished *f, enum outcome outcome,
                           struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE rollouts SET outcome = ?"
                                       " WHERE pair = ? AND recipe = ? AND lane = ? AND k = ?",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, (int)outcome);
    sqlite3_bind_int64(st, 2, (int64_t)f->key.row);
    sqlite3_bind_int64(st, 3, f->recipe);
    sqlite3_bind_int(st, 4, f->key.lane ^ 1);
    sqlite3_bind_int(st, 5, f->key.k);
    return store_step_done(s, st, e);
}

/* Scores of one answer alone say nothing: with the second half of the same k both get their
 * outcome. */
static bool settle(struct store *s, struct finished *f, struct err *e)
{
    struct other_half other = {0};
    enum lane lane = (enum lane)f->key.lane;
    f->outcome = outcome_alone(f->r->verdict, lane);
    if (f->kind == SEAT_CHECKER || (lane != LANE_CHOSEN_ONLY && lane != LANE_REJECTED_ONLY))
        return true;
    if (!read_other_half(s, f, &other, e))
        return false;
    if (!other.is_there)
        return true;
    int score = f->r->verdict == VERDICT_SCORE ? f->r->score_a : SCORE_NONE;
    f->outcome = lane == LANE_CHOSEN_ONLY ? outcome_of_scores(score, other.score)
                                          : outcome_of_scores(other.score, score);
    if (other.outcome == f->outcome)
        return true;
    if (!set_other_half(s, f, f->outcome, e))
        return false;
    count_outcome(s, f->kind, other.outcome, -1);
    count_outcome(s, f->kind, f->outcome, 1);
    return true;
}

/* A rollout of one call got no cue. */
static bool count_cues(struct store *s, struct finished *f, struct err *e)
{
    if (f->key.step == 0)
        return true;
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT count(*) FROM calls WHERE pair = ? AND recipe = ?"
                                       " AND lane = ? AND k = ? AND step <= ? AND ask = ?",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)f->key.row);
    sqlite3_bind_int64(st, 2, f->recipe);
    sqlite3_bind_int(st, 3, f->key.lane);
    sqlite3_bind_int(st, 4, f->key.k);
    sqlite3_bind_int(st, 5, f->key.step);
    sqlite3_bind_int(st, 6, ASK_CONTINUE);
    if (store_step_row(s, st, e) != 1)
        return false;
    f->cues = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return true;
}

static bool finish(struct store *s, struct finished *f, struct err *e)
{
    if (!settle(s, f, e) || !count_cues(s, f, e) || !add_rollout_row(s, f, e))
        return false;
    count_rollout(s, f);
    return true;
}

bool ledger_add_call(struct store *s, int64_t recipe, enum seat_kind kind,
                     const struct wire_call *call, const struct call_result *result, bool last,
                     int64_t endpoint, int64_t cost_nano_usd, int64_t wall_ms, struct err *e)
{
    if (!add_call_row(s, recipe, call, result, endpoint, wall_ms, e))
        return false;
    struct finished f = {
        .recipe = recipe,
        .call = sqlite3_last_insert_rowid(s->db),
        .kind = kind,
        .key = call->key,
        .r = result,
    };
    if (!add_text_row(s, f.call, result, e) || (last && !finish(s, &f, e)))
        return false;
    ledger_count_call(s, kind, result, cost_nano_usd);
    return true;
}
