/* One pair: found, with its seed, its decisions and its calls. */
#include <string.h>

#include "coordinator/store/look_private.h"

/* ---- finding ---- */

bool look_id_range(struct slice text, struct id *low, struct id *high)
{
    char hex[ID_HEX];
    if (text.n < LOOK_PREFIX_MIN || text.n > ID_HEX - 1)
        return false;
    for (int fill = 0; fill < 2; fill++) {
        memset(hex, fill ? 'f' : '0', sizeof hex);
        memcpy(hex, text.p, text.n);
        if (!id_parse((struct slice){hex, ID_HEX - 1}, fill ? high : low))
            return false;
    }
    return true;
}

static bool is_among(const struct ledger_pair *hits, size_t n, uint64_t row)
{
    for (size_t i = 0; i < n; i++)
        if (hits[i].row == row)
            return true;
    return false;
}

static bool add_hits(struct store *s, sqlite3_stmt *st, struct ledger_pair *hits, size_t max,
                     size_t *n, struct err *e)
{
    int got = 0;
    while (*n < max && (got = store_step_row(s, st, e)) == 1) {
        struct ledger_pair hit = {.row = (uint64_t)sqlite3_column_int64(st, 0)};
        if (store_column_id(st, 1, &hit.id) && !is_among(hits, *n, hit.row))
            hits[(*n)++] = hit;
    }
    sqlite3_reset(st);
    return got >= 0;
}

bool look_find(struct store *s, struct slice text, struct ledger_pair *hits, size_t max, size_t *n,
               struct err *e)
{
    struct id low, high;
    sqlite3_stmt *st;
    *n = 0;
    if (look_id_range(text, &low, &high)) {
        st = store_statement(s, "SELECT pair, id FROM pairs WHERE id BETWEEN ? AND ? ORDER BY id",
                             e);
        if (!st)
            return false;
        store_bind_id(st, 1, &low);
        store_bind_id(st, 2, &high);
        if (!add_hits(s, st, hits, max, n, e))
            return false;
        if (*n && text.n == ID_HEX - 1)
            return true;
    }
    st = store_statement(s,
                         "SELECT p.pair, p.id FROM seeds s JOIN pairs p ON p.seed = s.seed"
                         " WHERE s.name = ? AND s.name <> '' ORDER BY p.pair",
                         e);
    if (!st)
        return false;
    store_bind_slice(st, 1, text);
    return add_hits(s, st, hits, max, n, e);
}

bool look_pairs(struct store *s, uint64_t after, struct ledger_pair *pairs, size_t max, size_t *n,
                struct err *e)
{
    *n = 0;
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT p.pair, p.id, p.trust, s.domain, s.source FROM pairs p"
        " JOIN seeds s ON s.seed = p.seed WHERE p.pair > ? ORDER BY p.pair LIMIT ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)after);
    sqlite3_bind_int64(st, 2, (int64_t)max);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        pairs[*n] = (struct ledger_pair){
            .row = (uint64_t)sqlite3_column_int64(st, 0),
            .trust = (enum trust)look_code(st, 2, TRUST_COUNT),
            .domain = ledger_name(store_column_slice(st, 3)),
            .source = ledger_name(store_column_slice(st, 4)),
        };
        *n += store_column_id(st, 1, &pairs[*n].id);
    }
    return got == 0;
}

/* ---- a pair ---- */

static bool read_pair(sqlite3_stmt *st, struct look_pair *p, struct arena *arena)
{
    struct slice *const texts[] = {
        &p->detail,        &p->name,
        &p->file,          &p->importer,
        &p->group,         &p->domain,
        &p->source,        &p->language,
        &p->eval_set,      &p->prompt,
        &p->chosen,        &p->rejected,
        &p->chosen_author, &p->rejected_author,
        &p->evidence,      &p->answer,
        &p->reference,     &p->rubric,
        &p->meta,
    };
    enum { FIRST_TEXT = 6 };
    store_column_id(st, 0, &p->id);
    p->trust = (enum trust)look_code(st, 1, TRUST_COUNT);
    p->state = (enum pair_state)look_code(st, 2, STATE_COUNT);
    p->reason = (enum reason)look_code(st, 3, REASON_COUNT);
    p->recipe = sqlite3_column_int64(st, 4);
    p->line = sqlite3_column_int64(st, 5);
    return store_copy_columns(st, FIRST_TEXT, texts, sizeof texts / sizeof texts[0], arena);
}

bool look_pair(struct store *s, uint64_t row, struct look_pair *pair, struct arena *arena,
               struct err *e)
{
    *pair = (struct look_pair){.row = row};
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT p.id, p.trust, p.state, coalesce(d.reason, 0),"
        " coalesce(d.recipe, (SELECT recipe FROM runs ORDER BY run DESC LIMIT 1), 0), s.line,"
        " coalesce(d.detail, ''), s.name, f.path, s.importer, s.group_name, s.domain, s.source,"
        " s.language, s.eval_set, s.prompt, c.messages, r.messages, c.author, r.author, p.evidence,"
        " s.answer, s.reference, s.rubric, s.meta FROM pairs p JOIN seeds s ON s.seed = p.seed"
        " JOIN files f ON f.file = s.file JOIN responses c ON c.response = p.chosen"
        " JOIN responses r ON r.response = p.rejected"
        " LEFT JOIN decisions d ON d.decision = p.decision WHERE p.pair = ?",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got = store_step_row(s, st, e);
    if (got == 0)
        return err_set(e, ERR_CORRUPT, "the store: pair %llu has no seed or no texts",
                       (unsigned long long)row);
    if (got < 0)
        return false;
    bool ok = read_pair(st, pair, arena);
    sqlite3_reset(st);
    return ok || err_set(e, ERR_LIMIT, "the texts of pair %llu are too large to be shown",
                         (unsigned long long)row);
}

bool look_decisions(struct store *s, uint64_t row,
                    void (*fn)(void *context, const struct look_decision *decision), void *context,
                    struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT d.state, d.reason, d.detail, d.run, d.recipe, d.rules, d.decided_ms,"
        " d.decision = coalesce(p.decision, 0) FROM decisions d JOIN pairs p ON p.pair = d.pair"
        " WHERE d.pair = ? ORDER BY d.decision",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        const struct look_decision d = {
            .state = (enum pair_state)look_code(st, 0, STATE_COUNT),
            .reason = (enum reason)look_code(st, 1, REASON_COUNT),
            .detail = store_column_slice(st, 2),
            .run = sqlite3_column_int64(st, 3),
            .recipe = sqlite3_column_int64(st, 4),
            .rules = sqlite3_column_int64(st, 5),
            .decided_ms = sqlite3_column_int64(st, 6),
            .in_force = sqlite3_column_int(st, 7) != 0,
        };
        fn(context, &d);
    }
    return got == 0;
}

/* ---- calls ---- */

static void read_numbers(sqlite3_stmt *st, int at, struct look_call *c)
{
    c->http_status = sqlite3_column_int(st, at);
    c->finish = (enum finish)look_code(st, at + 1, FINISH_COUNT);
    c->thought_field = (enum thought_field)look_code(st, at + 2, THOUGHT_COUNT);
    c->prompt_tokens = sqlite3_column_int64(st, at + 3);
    c->completion_tokens = sqlite3_column_int64(st, at + 4);
    c->reasoning_tokens = sqlite3_column_int64(st, at + 5);
    c->cached_tokens = sqlite3_column_int64(st, at + 6);
    c->latency_ms = sqlite3_column_int64(st, at + 7);
    c->first_byte_ms = sqlite3_column_int64(st, at + 8);
    c->finished_ms = sqlite3_column_int64(st, at + 9);
}

static void read_call(sqlite3_stmt *st, struct look_call *c)
{
    enum { NUMBERS = 25 };
    *c = (struct look_call){
        .lane = (enum lane)look_code(st, 0, LANE_COUNT),
        .k = sqlite3_column_int(st, 1),
        .step = sqlite3_column_int(st, 2),
        .last = sqlite3_column_int(st, 3) != 0,
        .verdict = (enum verdict)look_code(st, 4, VERDICT_COUNT),
        .outcome = (enum outcome)look_code(st, 5, OUTCOME_COUNT),
        .filter = store_column_slice(st, 6),
        .recipe = sqlite3_column_int64(st, 7),
        .run = (int64_t)((uint64_t)sqlite3_column_int64(st, 9) >> 32),
        .thought = store_column_slice(st, 10),
        .answer = store_column_slice(st, 11),
        .url = store_column_slice(st, 12),
        .asked_model = store_column_slice(st, 13),
        .model = store_column_slice(st, 14),
        .request_id = store_column_slice(st, 15),
        .kind = (enum seat_kind)look_code(st, 16, SEAT_KIND_COUNT),
        .ask = (enum ask)look_code(st, 17, ASK_COUNT),
        .format = (enum format)look_code(st, 18, FORMAT_COUNT),
        .segments = store_column_slice(st, 19),
        .score_a = sqlite3_column_int(st, 20),
        .score_b = sqlite3_column_int(st, 21),
        .first = (enum verdict)look_code(st, 22, VERDICT_COUNT),
        .cues = sqlite3_column_int(st, 23),
        .finished = sqlite3_column_int(st, 24) != 0,
    };
    store_column_id(st, 8, &c->recipe_id);
    read_numbers(st, NUMBERS, c);
}

bool look_calls(struct store *s, uint64_t row,
                bool (*fn)(void *context, const struct look_call *call), void *context,
                struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "SELECT c.lane, c.k, c.step, coalesce(r.call = c.call, 0),"
        " iif(c.verdict < 0, coalesce(r.verdict, 0), c.verdict), coalesce(r.outcome, 0),"
        " coalesce(iif(r.call = c.call, r.filter, ''), ''), c.recipe, e.id, c.attempt,"
        " coalesce(t.thought, ''), coalesce(t.answer, ''), n.url, n.model, c.model, c.request_id,"
        " e.kind, c.ask, c.format, coalesce(t.segments, ''), c.score_a, c.score_b,"
        " iif(coalesce(r.first, -1) < 0, coalesce(r.verdict, 0), r.first), coalesce(r.cues, 0),"
        " r.call IS NOT NULL,"
        " c.http_status, c.finish, c.thought_field, c.prompt_tokens, c.completion_tokens,"
        " c.reasoning_tokens, c.cached_tokens, c.latency_ms, c.first_byte_ms, c.finished_ms"
        " FROM calls c JOIN recipes e ON e.recipe = c.recipe"
        " JOIN endpoints n ON n.endpoint = c.endpoint LEFT JOIN texts t ON t.call = c.call"
        " LEFT JOIN rollouts r ON r.pair = c.pair AND r.recipe = c.recipe AND r.lane = c.lane"
        " AND r.k = c.k WHERE c.pair = ? ORDER BY c.recipe, c.lane, c.k, c.step",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)row);
    int got;
    struct look_call call;
    while ((got = store_step_row(s, st, e)) == 1) {
        read_call(st, &call);
        if (!fn(context, &call))
            break;
    }
    sqlite3_reset(st);
    return got >= 0;
}
