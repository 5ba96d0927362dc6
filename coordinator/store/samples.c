/* Seeds that are to be built, and the samples that were drawn for them. */
#include "coordinator/store/samples.h"

#include <stdio.h>

#include "coordinator/store/ledger_private.h"

/* ---- seeds ---- */

static bool column_seed(sqlite3_stmt *st, struct builder_seed *seed, struct err *e)
{
    seed->row = (uint64_t)sqlite3_column_int64(st, 0);
    seed->known = sqlite3_column_int(st, 2) != 0;
    return store_column_id(st, 1, &seed->id) ||
           err_set(e, ERR_CORRUPT, "the store: seed %llu has no id", (unsigned long long)seed->row);
}

static bool read_seeds(struct store *s, sqlite3_stmt *st, struct builder_seed *seeds, size_t *n,
                       struct err *e)
{
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        if (!column_seed(st, &seeds[*n], e)) {
            sqlite3_reset(st);
            return false;
        }
        ++*n;
    }
    return got == 0;
}

bool samples_open_seeds(struct store *s, const struct project *p, uint64_t after,
                        struct builder_seed *seeds, size_t max, size_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT seed, id, answer <> '' FROM seeds"
                                       " WHERE build = 1 AND seed > ?1"
                                       " AND iif(answer <> '', ?2, ?3) ORDER BY seed LIMIT ?4",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)after);
    sqlite3_bind_int(st, 2, p->build.verifiable);
    sqlite3_bind_int(st, 3, p->build.open);
    sqlite3_bind_int64(st, 4, (int64_t)max);
    return read_seeds(s, st, seeds, n, e);
}

bool samples_outdated(struct store *s, const struct id *rules, uint64_t after,
                      struct builder_seed *seeds, size_t max, size_t *n, struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT s.seed, s.id, s.answer <> '' FROM"
                                       " (SELECT seed FROM seeds WHERE build_rules IS NOT NULL"
                                       "  AND seed > ?1 AND build_rules <> ?2"
                                       "  ORDER BY seed LIMIT ?3) x JOIN seeds s USING (seed)"
                                       " ORDER BY s.seed",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)after);
    store_bind_id(st, 2, rules);
    sqlite3_bind_int64(st, 3, (int64_t)max);
    return read_seeds(s, st, seeds, n, e);
}

bool samples_open_seed(struct store *s, uint64_t row, const struct id *id,
                       struct builder_seed *seed, bool *found, struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT seed, id, answer <> '' FROM seeds"
                                       " WHERE seed = ? AND id = ? AND build = 1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    store_bind_id(st, 2, id);
    int got = store_step_row(s, st, e);
    *found = got == 1;
    bool ok = got == 0 || (got == 1 && column_seed(st, seed, e));
    sqlite3_reset(st);
    return ok;
}

bool samples_seed(struct store *s, uint64_t row, const struct id *id, bool *found, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT 1 FROM seeds WHERE seed = ? AND id = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    store_bind_id(st, 2, id);
    int got = store_step_row(s, st, e);
    sqlite3_reset(st);
    *found = got == 1;
    return got >= 0;
}

bool samples_task(struct store *s, uint64_t row, struct samples_task *task, struct arena *arena,
                  struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT prompt, answer, answer_kind, language FROM seeds WHERE seed = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got = store_step_row(s, st, e);
    if (got == 0)
        return err_set(e, ERR_CORRUPT, "the store has no seed %llu", (unsigned long long)row);
    if (got < 0)
        return false;
    struct slice *const texts[] = {&task->prompt, &task->answer, &task->answer_kind,
                                   &task->language};
    bool ok = store_copy_columns(st, 0, texts, sizeof texts / sizeof texts[0], arena);
    sqlite3_reset(st);
    return ok || store_no_room(arena, e, "its texts are larger than a message may be") ||
           err_wrap(e, "seed %llu", (unsigned long long)row);
}

/* ---- samples ---- */

/* Every sample counts under one mark. */
static void count_mark(struct store *s, enum sample_mark mark, int64_t by)
{
    char name[64];
    snprintf(name, sizeof name, "samples.%s", mark_name(mark));
    store_count(s, name, by);
}

/* bind_place(st, recipe, key): parameters 1 to 4. */
static void bind_place(sqlite3_stmt *st, int64_t recipe, struct call_key key)
{
    sqlite3_bind_int64(st, 1, (int64_t)key.row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int(st, 3, key.lane);
    sqlite3_bind_int(st, 4, key.k);
}

bool samples_has(struct store *s, int64_t recipe, struct call_key key)
{
    struct err ignored;
    sqlite3_stmt *st = store_statement(
        s, "SELECT 1 FROM samples WHERE seed = ? AND recipe = ? AND lane = ? AND k = ?", &ignored);
    if (!st)
        return false;
    bind_place(st, recipe, key);
    bool found = store_step_row(s, st, &ignored) == 1;
    sqlite3_reset(st);
    return found;
}

bool samples_add(struct store *s, int64_t recipe, const struct wire_call *call,
                 const struct call_result *r, int64_t endpoint, int64_t cost_nano_usd,
                 int64_t wall_ms, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "INSERT INTO samples (seed, recipe, lane, k, attempt, endpoint, http_status, finish,"
        " thought_field, unclosed, prompt_tokens, completion_tokens, reasoning_tokens,"
        " cached_tokens, latency_ms, first_byte_ms, finished_ms, model, request_id, thought,"
        " answer) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        e);
    if (!st)
        return false;
    const int64_t numbers[] = {(int64_t)call->attempt,
                               endpoint,
                               r->http_status,
                               (int64_t)r->finish,
                               (int64_t)r->thought_field,
                               r->verdict == VERDICT_UNCLOSED,
                               r->prompt_tokens,
                               r->completion_tokens,
                               r->reasoning_tokens,
                               r->cached_tokens,
                               r->latency_ms,
                               r->first_byte_ms,
                               wall_ms};
    const struct slice texts[] = {r->model, r->request_id, r->thought, r->answer};
    bind_place(st, recipe, call->key);
    int at = 5;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sqlite3_bind_int64(st, at++, numbers[i]);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        store_bind_slice(st, at++, texts[i]);
    if (!store_step_done(s, st, e))
        return false;
    ledger_count_call(s, SEAT_GENERATOR, r, cost_nano_usd);
    store_count(s, "samples.total", 1);
    count_mark(s, MARK_UNCHECKED, 1);
    return true;
}

static bool column_text(sqlite3_stmt *st, int at, struct slice *out, struct arena *arena)
{
    *out = arena_dup(arena, store_column_slice(st, at));
    return out->p != NULL;
}

static bool column_sample(sqlite3_stmt *st, struct samples_sample *x, struct arena *arena,
                          struct err *e)
{
    int lane = sqlite3_column_int(st, 2), mark = sqlite3_column_int(st, 7);
    struct id id;
    if (lane < 0 || lane >= LANE_COUNT || !lane_is_seed((enum lane)lane) || mark < 0 ||
        mark >= MARK_COUNT || !store_column_id(st, 14, &id))
        return err_set(e, ERR_CORRUPT, "the store: sample %lld has a number that nobody knows",
                       (long long)sqlite3_column_int64(st, 0));
    *x = (struct samples_sample){.row = sqlite3_column_int64(st, 0),
                                 .recipe = sqlite3_column_int64(st, 1),
                                 .recipe_id = id,
                                 .lane = (enum lane)lane,
                                 .k = sqlite3_column_int(st, 3),
                                 .finish = (enum finish)sqlite3_column_int(st, 4),
                                 .unclosed = sqlite3_column_int(st, 5) != 0,
                                 .mark = (enum sample_mark)mark,
                                 .prompt_overlap = sqlite3_column_double(st, 12),
                                 .answer_overlap = sqlite3_column_double(st, 13)};
    struct slice *const texts[] = {&x->author, &x->final, &x->answer_part, &x->why};
    return (column_text(st, 6, &x->answer, arena) && store_copy_columns(st, 8, texts, 4, arena)) ||
           store_no_room(arena, e, "the samples of a seed are larger than a message may be");
}

bool samples_read(struct store *s, uint64_t row, const struct id *rules, int64_t recipe,
                  struct samples_sample *out, size_t max, size_t *n, struct arena *arena,
                  struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT a.sample, a.recipe, a.lane, a.k, a.finish, a.unclosed, a.answer,"
        " coalesce(c.mark, 0), q.model, coalesce(c.final, ''), coalesce(c.answer, ''),"
        " coalesce(c.why, ''), coalesce(c.prompt_overlap, -1), coalesce(c.answer_overlap, -1), q.id"
        " FROM samples a JOIN recipes q ON q.recipe = a.recipe"
        " LEFT JOIN checks c ON c.sample = a.sample AND (?2 IS NULL OR c.rules = ?2)"
        " WHERE a.sample IN (SELECT sample FROM samples WHERE seed = ?1"
        "  ORDER BY recipe <> ?4, sample DESC LIMIT ?3) ORDER BY a.lane, a.k, a.recipe",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    if (rules)
        store_bind_id(st, 2, rules);
    else
        sqlite3_bind_null(st, 2);
    sqlite3_bind_int64(st, 3, (int64_t)max);
    sqlite3_bind_int64(st, 4, recipe);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        if (!column_sample(st, &out[*n], arena, e)) {
            sqlite3_reset(st);
            return false;
        }
        ++*n;
    }
    return got == 0;
}

bool samples_baseline(struct store *s, uint64_t row, struct slice *text, struct arena *arena,
                      struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT a.answer FROM samples a JOIN checks c ON c.sample = a.sample"
        " WHERE a.seed = ? AND a.lane = ? AND c.mark = ? ORDER BY a.k, a.sample LIMIT 1",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    sqlite3_bind_int(st, 2, LANE_ANSWER);
    sqlite3_bind_int(st, 3, MARK_USABLE);
    int got = store_step_row(s, st, e);
    if (got < 0)
        return false;
    if (got == 0)
        return err_set(e, ERR_NOTFOUND, "seed %llu has no baseline answer",
                       (unsigned long long)row);
    bool ok = column_text(st, 0, text, arena);
    sqlite3_reset(st);
    return ok || store_no_room(arena, e, "an answer is larger than a message may be");
}

/* ---- checks ---- */

/* In tenths, for the report: 1.0 counts with the last of them. */
static void count_overlap(struct store *s, const char *what, double overlap, int64_t by)
{
    char name[64];
    if (overlap < 0)
        return;
    int tenth = overlap >= 1 ? 9 : (int)(overlap * 10);
    snprintf(name, sizeof name, "overlap.%s.%d", what, tenth);
    store_count(s, name, by);
}

static void count_check(struct store *s, const struct samples_check *c, int64_t by)
{
    count_mark(s, c->mark, by);
    count_overlap(s, "prompt", c->prompt_overlap, by);
    count_overlap(s, "answer", c->answer_overlap, by);
}

/* What another check takes the place of, as far as it was counted. */
static bool forget_check(struct store *s, int64_t sample, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT mark, prompt_overlap, answer_overlap FROM checks WHERE sample = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, sample);
    int got = store_step_row(s, st, e);
    if (got == 1) {
        const struct samples_check was = {.mark = (enum sample_mark)sqlite3_column_int(st, 0),
                                          .prompt_overlap = sqlite3_column_double(st, 1),
                                          .answer_overlap = sqlite3_column_double(st, 2)};
        sqlite3_reset(st);
        count_check(s, &was, -1);
    } else if (got == 0) {
        count_mark(s, MARK_UNCHECKED, -1);
    }
    return got >= 0;
}

static bool find_sample(struct store *s, int64_t recipe, struct call_key key, int64_t *sample,
                        struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT sample FROM samples WHERE seed = ? AND recipe = ? AND lane = ? AND k = ?", e);
    if (!st)
        return false;
    bind_place(st, recipe, key);
    int got = store_step_row(s, st, e);
    if (got == 0)
        return err_set(e, ERR_CORRUPT, "the store has no sample %d of seed %llu", key.k,
                       (unsigned long long)key.row);
    if (got == 1)
        *sample = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return got == 1;
}

bool samples_set_check(struct store *s, int64_t recipe, struct call_key key, const struct id *rules,
                       const struct samples_check *check, struct err *e)
{
    int64_t sample = 0;
    if (!find_sample(s, recipe, key, &sample, e) || !forget_check(s, sample, e))
        return false;
    sqlite3_stmt *st = store_statement(
        s, "INSERT OR REPLACE INTO checks VALUES (?,?,?,?,?,?,?,?,?,?)", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, sample);
    store_bind_id(st, 2, rules);
    sqlite3_bind_int(st, 3, (int)check->mark);
    sqlite3_bind_int(st, 4, (int)check->strict);
    sqlite3_bind_int(st, 5, (int)check->lenient);
    store_bind_slice(st, 6, check->final);
    store_bind_slice(st, 7, check->answer_part);
    store_bind_slice(st, 8, check->why);
    sqlite3_bind_double(st, 9, check->prompt_overlap);
    sqlite3_bind_double(st, 10, check->answer_overlap);
    if (!store_step_done(s, st, e))
        return false;
    count_check(s, check, 1);
    return true;
}
