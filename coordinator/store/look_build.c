#include "coordinator/store/look_build.h"

#include "coordinator/store/look_private.h"

bool look_find_seeds(struct store *s, struct slice text, uint64_t *rows, size_t max, size_t *n,
                     struct err *e)
{
    struct id low = {{0}}, high = {{0}};
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT seed FROM seeds WHERE (?1 AND id BETWEEN ?2 AND ?3)"
                                       " OR (name = ?4 AND name <> '') ORDER BY seed LIMIT ?5",
                                       e);
    *n = 0;
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, look_id_range(text, &low, &high));
    store_bind_id(st, 2, &low);
    store_bind_id(st, 3, &high);
    store_bind_slice(st, 4, text);
    sqlite3_bind_int64(st, 5, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1)
        rows[(*n)++] = (uint64_t)sqlite3_column_int64(st, 0);
    return got == 0;
}

bool look_seed(struct store *s, uint64_t row, struct look_seed *seed, struct arena *arena,
               struct err *e)
{
    *seed = (struct look_seed){.row = row};
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT s.id, s.build, s.build_reason, s.line,"
        " (SELECT count(*) FROM pairs p WHERE p.seed = s.seed), s.name, f.path, s.importer,"
        " s.source, s.answer, s.answer_kind, s.build_detail, s.prompt"
        " FROM seeds s JOIN files f ON f.file = s.file WHERE s.seed = ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got = store_step_row(s, st, e);
    if (got == 0)
        return err_set(e, ERR_CORRUPT, "the store has no seed %llu", (unsigned long long)row);
    if (got < 0)
        return false;
    struct slice *const texts[] = {&seed->name,   &seed->file,   &seed->importer,
                                   &seed->source, &seed->answer, &seed->answer_kind,
                                   &seed->detail, &seed->prompt};
    bool ok = store_column_id(st, 0, &seed->id);
    seed->state = (enum build)look_code(st, 1, BUILD_COUNT);
    seed->reason = (enum build_reason)look_code(st, 2, BUILD_REASON_COUNT);
    seed->line = sqlite3_column_int64(st, 3);
    seed->pairs = sqlite3_column_int64(st, 4);
    ok = ok && store_copy_columns(st, 5, texts, sizeof texts / sizeof texts[0], arena);
    sqlite3_reset(st);
    return ok || store_no_room(arena, e, "the texts of a seed are larger than can be shown");
}

bool look_seed_of(struct store *s, uint64_t pair, uint64_t *row, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT seed FROM pairs WHERE pair = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)pair);
    int got = store_step_row(s, st, e);
    if (got == 1)
        *row = (uint64_t)sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return got == 1;
}

static struct look_sample read_sample(sqlite3_stmt *st)
{
    return (struct look_sample){
        .row = sqlite3_column_int64(st, 0),
        .lane = (enum lane)look_code(st, 1, LANE_COUNT),
        .k = sqlite3_column_int(st, 2),
        .mark = (enum sample_mark)look_code(st, 3, MARK_COUNT),
        .strict = (enum answer_verdict)look_code(st, 4, ANSWER_VERDICT_COUNT),
        .lenient = (enum answer_verdict)look_code(st, 5, ANSWER_VERDICT_COUNT),
        .finish = (enum finish)look_code(st, 6, FINISH_COUNT),
        .prompt_overlap = sqlite3_column_double(st, 7),
        .answer_overlap = sqlite3_column_double(st, 8),
        .chosen = (uint64_t)sqlite3_column_int64(st, 9),
        .rejected = (uint64_t)sqlite3_column_int64(st, 10),
        .prompt_tokens = sqlite3_column_int64(st, 11),
        .completion_tokens = sqlite3_column_int64(st, 12),
        .latency_ms = sqlite3_column_int64(st, 13),
        .model = store_column_slice(st, 14),
        .final = store_column_slice(st, 15),
        .why = store_column_slice(st, 16),
        .thought = store_column_slice(st, 17),
        .answer = store_column_slice(st, 18),
    };
}

bool look_samples(struct store *s, uint64_t row,
                  bool (*fn)(void *context, const struct look_sample *sample), void *context,
                  struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT a.sample, a.lane, a.k, coalesce(c.mark, 0), coalesce(c.strict, 0),"
        " coalesce(c.lenient, 0), a.finish, coalesce(c.prompt_overlap, -1),"
        " coalesce(c.answer_overlap, -1),"
        " (SELECT count(*) FROM responses r JOIN pairs p ON p.chosen = r.response"
        "  WHERE r.seed = a.seed AND p.seed = a.seed AND r.sample = a.sample),"
        " (SELECT count(*) FROM responses r JOIN pairs p ON p.rejected = r.response"
        "  WHERE r.seed = a.seed AND p.seed = a.seed AND r.sample = a.sample),"
        " a.prompt_tokens, a.completion_tokens, a.latency_ms, q.model, coalesce(c.final, ''),"
        " coalesce(c.why, ''), a.thought, a.answer"
        " FROM samples a JOIN recipes q ON q.recipe = a.recipe"
        " LEFT JOIN checks c ON c.sample = a.sample WHERE a.seed = ?"
        " ORDER BY a.lane, a.k, a.recipe",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        const struct look_sample sample = read_sample(st);
        if (!fn(context, &sample)) {
            sqlite3_reset(st);
            return true;
        }
    }
    return got == 0;
}

bool look_known_share(struct store *s, double *share, struct err *e)
{
    *share = 0;
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT coalesce(avg(answer <> ''), 0) FROM seeds"
                                       " WHERE build = 1 OR build = 4",
                                       e);
    if (!st)
        return false;
    int got = store_step_row(s, st, e);
    if (got == 1)
        *share = sqlite3_column_double(st, 0);
    sqlite3_reset(st);
    return got == 1;
}
