/* How the building of a seed ends: the pairs that are made of its samples, with their evidence. */
#include <stdio.h>
#include <stdlib.h>

#include "coordinator/pick.h"
#include "coordinator/store/samples.h"
#include "coordinator/store/seeds.h"
#include "coordinator/store/store_private.h"

#define EVIDENCE_MAX ((size_t)1 << 20)
#define TEXT_MAX ((size_t)1000000000) /* SQLite's own limit for one text */

/* What the pairs of one seed are made of. */
struct material {
    const struct samples_end *end;
    struct samples_task task;
    struct chat prompt;
    struct samples_sample *samples;
    struct pick_sample *answers; /* the same, as they would stand in a pair */
    size_t n;
};

static struct slice part_of(const struct samples_sample *x)
{
    return x->answer_part.n ? x->answer_part : x->answer;
}

static bool read_material(struct store *s, struct material *m, struct arena *arena, struct err *e)
{
    m->samples = arena_alloc(arena, PICK_MAX * sizeof *m->samples);
    m->answers = arena_alloc(arena, PICK_MAX * sizeof *m->answers);
    if (!m->samples || !m->answers)
        return err_set(e, ERR_NOMEM, "out of memory for the samples of a seed");
    if (!samples_task(s, m->end->seed, &m->task, arena, e) ||
        !chat_parse(m->task.prompt, &m->prompt, arena, e) ||
        !samples_read(s, m->end->seed, &m->end->rules, m->end->recipe, m->samples, PICK_MAX, &m->n,
                      arena, e))
        return false;
    for (size_t i = 0; i < m->n; i++) {
        const struct samples_sample *x = &m->samples[i];
        m->answers[i] = (struct pick_sample){.row = x->row,
                                             .lane = x->lane,
                                             .k = x->k,
                                             .mark = x->mark,
                                             .author = x->author,
                                             .text = part_of(x),
                                             .final = x->final};
    }
    return true;
}

/* ---- evidence ---- */

static size_t count(const struct material *m, enum sample_mark mark)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += m->samples[i].mark == mark;
    return n;
}

static void write_side(struct jsonw *w, const char *key, const struct samples_sample *x)
{
    jsonw_key(w, key);
    jsonw_object(w);
    jsonw_ki64(w, "sample", x->row);
    jsonw_kslice(w, "model", x->author);
    if (x->lane == LANE_ANSWER && x->final.n)
        jsonw_kslice(w, "final", x->final);
    if (x->why.n)
        jsonw_kslice(w, "why", x->why);
    jsonw_end_object(w);
}

/* `expected` and `got` locate the error for the filters (filters/evidence.h). */
static void write_checked(struct jsonw *w, const struct material *m,
                          const struct samples_sample *rejected)
{
    size_t right = count(m, MARK_RIGHT), wrong = count(m, MARK_WRONG);
    jsonw_kstr(w, "kind", "checked_answers");
    jsonw_kslice(w, "expected", m->task.answer);
    jsonw_kslice(w, "got", rejected->final);
    jsonw_ki64(w, "samples", (int64_t)m->n);
    jsonw_ki64(w, "right", (int64_t)right);
    jsonw_ki64(w, "wrong", (int64_t)wrong);
    /* Sampling ended when there was enough: such counts are no pass rates. */
    jsonw_kbool(w, "stopped", (int64_t)m->n < m->end->project->build.samples);
}

static void write_modified(struct jsonw *w, const struct samples_sample *rejected)
{
    jsonw_kstr(w, "kind", "modified_instruction");
    jsonw_kslice(w, "changed_prompt", rejected->final);
    jsonw_kdouble(w, "prompt_overlap", rejected->prompt_overlap);
    jsonw_kdouble(w, "answer_overlap", rejected->answer_overlap);
}

static void write_evidence(struct buf *out, const struct material *m,
                           const struct samples_sample *chosen,
                           const struct samples_sample *rejected)
{
    struct jsonw w = jsonw_to(out);
    jsonw_object(&w);
    if (m->end->known)
        write_checked(&w, m, rejected);
    else
        write_modified(&w, rejected);
    write_side(&w, "chosen", chosen);
    write_side(&w, "rejected", rejected);
    jsonw_end_object(&w);
}

/* ---- pairs ---- */

/* The response that this sample became; made when it is new. */
static bool put_response(struct store *s, const struct material *m, const struct samples_sample *x,
                         int rank, int64_t *row, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT response FROM responses WHERE seed = ? AND sample = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)m->end->seed);
    sqlite3_bind_int64(st, 2, x->row);
    int got = store_step_row(s, st, e);
    if (got == 1)
        *row = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    if (got != 0)
        return got == 1;
    st = store_statement(
        s, "INSERT INTO responses (seed, rank, author, messages, sample) VALUES (?,?,?,?,?)", e);
    if (!st)
        return false;
    struct message message = {S("assistant"), part_of(x)};
    const struct chat chat = {&message, 1};
    struct buf text;
    buf_init(&text, TEXT_MAX);
    struct jsonw w = jsonw_to(&text);
    chat_write(&w, &chat);
    sqlite3_bind_int64(st, 1, (int64_t)m->end->seed);
    sqlite3_bind_int(st, 2, rank);
    store_bind_slice(st, 3, x->author);
    store_bind_slice(st, 4, buf_view(&text));
    sqlite3_bind_int64(st, 5, x->row);
    bool ok = buf_ok(&text, "a response", e) && store_step_done(s, st, e);
    *row = sqlite3_last_insert_rowid(s->db);
    buf_free(&text);
    return ok;
}

/* add_pair_row(…, made, e): a pair that is there already, from another seed, is passed over. */
static bool add_pair_row(struct store *s, const struct material *m, const struct id *id,
                         const int64_t responses[2], struct slice evidence, bool *made,
                         struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "INSERT OR IGNORE INTO pairs (id, seed, chosen, rejected,"
                                       " trust, evidence) VALUES (?,?,?,?,?,?)",
                                       e);
    if (!st)
        return false;
    store_bind_id(st, 1, id);
    sqlite3_bind_int64(st, 2, (int64_t)m->end->seed);
    sqlite3_bind_int64(st, 3, responses[0]);
    sqlite3_bind_int64(st, 4, responses[1]);
    sqlite3_bind_int(st, 5, m->end->known ? TRUST_VERIFIED : TRUST_SYNTHETIC);
    store_bind_slice(st, 6, evidence);
    if (!store_step_done(s, st, e))
        return false;
    *made = sqlite3_changes(s->db) > 0;
    if (*made) {
        store_count(s, "pairs.total", 1);
        store_count(s, "pairs.open", 1);
        store_count(s, "builds.pairs", 1);
    }
    return true;
}

static bool add_pair(struct store *s, const struct material *m, struct pick_pair pair, bool *made,
                     struct err *e)
{
    const struct samples_sample *sides[] = {&m->samples[pair.chosen], &m->samples[pair.rejected]};
    struct message messages[] = {{S("assistant"), part_of(sides[0])},
                                 {S("assistant"), part_of(sides[1])}};
    const struct chat chosen = {&messages[0], 1}, rejected = {&messages[1], 1};
    struct id id = seeds_pair_id_of(&m->prompt, &chosen, &rejected);
    int64_t responses[2];
    for (int i = 0; i < 2; i++)
        if (!put_response(s, m, sides[i], i, &responses[i], e))
            return false;
    struct buf evidence;
    buf_init(&evidence, EVIDENCE_MAX);
    write_evidence(&evidence, m, sides[0], sides[1]);
    bool ok = buf_ok(&evidence, "a pair's evidence", e) &&
              add_pair_row(s, m, &id, responses, buf_view(&evidence), made, e);
    buf_free(&evidence);
    return ok;
}

static bool add_pairs(struct store *s, struct material *m, enum build_reason *reason, struct err *e)
{
    struct pick_pair pairs[CALL_MAX_K];
    size_t made = 0, n = pick_pairs(m->end->project, &m->end->id, slice_of(m->end->judge),
                                    m->end->known, m->answers, m->n, pairs, reason);
    if (*reason == BUILD_REASON_NONE)
        return err_set(e, ERR_NOMEM, "out of memory for the pairs of a seed");
    for (size_t i = 0; i < n; i++) {
        bool is_new = false;
        if (!add_pair(s, m, pairs[i], &is_new, e))
            return false;
        made += is_new;
    }
    store_count(s, "seeds.pairs", made > 0);
    if (n && !made)
        *reason = BUILD_REASON_DUPLICATE;
    return true;
}

/* ---- the end ---- */

static void count_end(struct store *s, enum build state, enum build_reason reason, int64_t by)
{
    char name[64];
    snprintf(name, sizeof name, "builds.%s", build_name(state));
    store_count(s, name, by);
    if (state == BUILD_OPEN)
        return;
    snprintf(name, sizeof name, "builds.reason.%s", build_reason_name(reason));
    store_count(s, name, by);
}

static enum build state_of(enum build_reason reason)
{
    bool deferred = reason == BUILD_REASON_OUT_OF_TRIES || reason == BUILD_REASON_REFUSED;
    return reason == BUILD_REASON_BUILT ? BUILD_BUILT : deferred ? BUILD_DEFERRED : BUILD_FAILED;
}

static bool set_end(struct store *s, const struct samples_end *end, enum build_reason reason,
                    struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE seeds SET build = ?2, build_reason = ?3,"
                                       " build_detail = ?4, build_rules = ?5, build_recipe = ?6"
                                       " WHERE seed = ?1 AND build = 1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)end->seed);
    sqlite3_bind_int(st, 2, (int)state_of(reason));
    sqlite3_bind_int(st, 3, (int)reason);
    store_bind_str(st, 4, end->detail);
    store_bind_id(st, 5, &end->rules);
    sqlite3_bind_int64(st, 6, end->recipe);
    if (!store_step_done(s, st, e))
        return false;
    if (sqlite3_changes(s->db) > 0) {
        count_end(s, BUILD_OPEN, BUILD_REASON_NONE, -1);
        count_end(s, state_of(reason), reason, 1);
    }
    return true;
}

bool samples_end(struct store *s, const struct samples_end *end, struct arena *arena, struct err *e)
{
    struct builder_seed open;
    struct material m = {.end = end};
    if (!samples_seed_is_open(s, end->seed, &end->id, &open))
        return true;
    enum build_reason reason = end->reason;
    if (reason == BUILD_REASON_NONE &&
        (!read_material(s, &m, arena, e) || !add_pairs(s, &m, &reason, e))) {
        store_spoil(s, e); /* half of the pairs must not be taken for all of them */
        return false;
    }
    return set_end(s, end, reason, e);
}

/* ---- once more ---- */

static bool count_reopened(struct store *s, const struct id *rules, int64_t recipe, int64_t *n,
                           struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT build, build_reason, count(*) FROM seeds"
                                       " WHERE build > 2 AND (build = 4 OR build_rules <> ?1 OR"
                                       " (?2 > 0 AND build_recipe <> ?2)) GROUP BY 1, 2",
                                       e);
    if (!st)
        return false;
    store_bind_id(st, 1, rules);
    sqlite3_bind_int64(st, 2, recipe);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        int64_t seeds = sqlite3_column_int64(st, 2);
        count_end(s, (enum build)sqlite3_column_int(st, 0),
                  (enum build_reason)sqlite3_column_int(st, 1), -seeds);
        count_end(s, BUILD_OPEN, BUILD_REASON_NONE, seeds);
        *n += seeds;
    }
    return got == 0;
}

bool samples_reopen(struct store *s, const struct id *rules, int64_t recipe, int64_t *n,
                    struct err *e)
{
    *n = 0;
    if (!count_reopened(s, rules, recipe, n, e))
        return false;
    if (*n == 0)
        return true;
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE seeds SET build = 1, build_reason = 0,"
                                       " build_detail = '' WHERE build > 2 AND (build = 4 OR"
                                       " build_rules <> ?1 OR (?2 > 0 AND build_recipe <> ?2))",
                                       e);
    if (!st)
        return false;
    store_bind_id(st, 1, rules);
    sqlite3_bind_int64(st, 2, recipe);
    return store_step_done(s, st, e);
}

bool samples_made_pair(struct store *s, uint64_t pair)
{
    struct err ignored;
    sqlite3_stmt *st = store_statement(s,
                                       "SELECT 1 FROM pairs p JOIN responses r"
                                       " ON r.response = p.chosen"
                                       " WHERE p.pair = ? AND r.sample IS NOT NULL",
                                       &ignored);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, (int64_t)pair);
    bool made = store_step_row(s, st, &ignored) == 1;
    sqlite3_reset(st);
    return made;
}
