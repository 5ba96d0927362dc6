#include "coordinator/store/release_view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/store/rollouts.h"
#include "coordinator/store/split_keys.h"
#include "coordinator/store/store_private.h"

/* A chunk ends at either bound, so that neither many pairs nor long texts hold the snapshot long.
 */
#define CHUNK_PAIRS 256
#define CHUNK_BYTES ((size_t)8 << 20)
/* What the last pair of a chunk may add to it. */
#define PAIR_BYTES_MAX ((size_t)1 << 30)
#define TERMS_BYTES_MAX ((size_t)4 << 20)
#define ROLLOUTS_MAX (LANE_COUNT * CALL_MAX_K) /* of one recipe */
#define SEATS_KEPT 16

/* Who judged in the run of a decision. */
struct seats_of {
    int64_t run, recipe;
    struct ledger_seats seats;
};

struct release_view {
    struct store *store;
    int64_t last_seed, last_pair, last_call, last_decision; /* the horizon */
    int64_t run, recipe;                                    /* of undecided pairs; 0: none */
    struct release_terms terms;
    struct arena terms_arena;
    struct split_keys *keys;
    struct arena arena; /* of the chunk */
    struct release_pair chunk[CHUNK_PAIRS];
    struct release_rollout found[2 * ROLLOUTS_MAX]; /* of the pair being read */
    size_t n_found;
    struct seats_of seats[SEATS_KEPT]; /* those of the last runs met, n_seats is the next place */
    size_t n_seats;
    size_t at, n;
    int64_t read_up_to; /* row of the last pair read */
    bool at_end;
};

/* keep(v, st, column, out, e): the column's text, copied into the chunk. */
static bool keep(struct release_view *v, sqlite3_stmt *st, int column, struct slice *out,
                 struct err *e)
{
    *out = arena_dup(&v->arena, store_column_slice(st, column));
    return out->p ||
           store_no_room(&v->arena, e, "a pair's texts are larger than an export can hold");
}

/* code(st, column, n, out, e): a number of one of the enums. */
static bool code(sqlite3_stmt *st, int column, int n, int *out, struct err *e)
{
    *out = sqlite3_column_int(st, column);
    return (*out >= 0 && *out < n) ||
           err_set(e, ERR_CORRUPT, "the store holds %d as %s, which this version does not know",
                   *out, sqlite3_column_name(st, column));
}

static bool read_horizon(struct release_view *v, struct err *e)
{
    sqlite3_stmt *st = store_statement(v->store,
                                       "SELECT (SELECT max(seed) FROM seeds),"
                                       " (SELECT max(pair) FROM pairs),"
                                       " (SELECT max(call) FROM calls),"
                                       " (SELECT max(decision) FROM decisions)",
                                       e);
    if (!st || store_step_row(v->store, st, e) != 1)
        return false;
    v->last_seed = sqlite3_column_int64(st, 0);
    v->last_pair = sqlite3_column_int64(st, 1);
    v->last_call = sqlite3_column_int64(st, 2);
    v->last_decision = sqlite3_column_int64(st, 3);
    sqlite3_reset(st);
    return true;
}

static bool read_terms(struct release_view *v, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        v->store,
        "SELECT r.recipe, c.id, c.text, u.id, u.text, r.run FROM runs r"
        " JOIN recipes c ON c.recipe = r.recipe"
        " JOIN rules u ON u.rules = r.rules"
        " ORDER BY r.run DESC LIMIT 1",
        e);
    int got = st ? store_step_row(v->store, st, e) : -1;
    if (got != 1)
        return got == 0;
    struct release_terms *t = &v->terms;
    v->recipe = sqlite3_column_int64(st, 0);
    v->run = sqlite3_column_int64(st, 5);
    bool ok = store_column_id(st, 1, &t->recipe) && store_column_id(st, 3, &t->rules);
    t->recipe_text = arena_dup(&v->terms_arena, store_column_slice(st, 2));
    t->rules_text = arena_dup(&v->terms_arena, store_column_slice(st, 4));
    sqlite3_reset(st);
    if (!ok)
        return err_set(e, ERR_CORRUPT, "the store's recipe or rules have no proper id");
    return (t->recipe_text.p && t->rules_text.p) ||
           store_no_room(&v->terms_arena, e, "the store's recipe or rules are too large to export");
}

static bool read_split_keys(struct release_view *v, struct err *e)
{
    sqlite3_stmt *st = store_statement(v->store,
                                       "SELECT seed, prompt_hash, group_name FROM seeds"
                                       " WHERE seed > ?1 AND seed <= ?2 ORDER BY seed LIMIT 4096",
                                       e);
    if (!st)
        return false;
    int64_t seed = 0;
    size_t found;
    do {
        sqlite3_bind_int64(st, 1, seed);
        sqlite3_bind_int64(st, 2, v->last_seed);
        int got;
        for (found = 0; (got = store_step_row(v->store, st, e)) == 1; found++) {
            seed = sqlite3_column_int64(st, 0);
            if (!split_keys_add(v->keys, seed, (uint64_t)sqlite3_column_int64(st, 1),
                                store_column_slice(st, 2), e)) {
                sqlite3_reset(st);
                return false;
            }
        }
        if (got < 0)
            return false;
    } while (found > 0);
    return split_keys_join(v->keys, e);
}

struct release_view *release_view_open(struct store *s, struct err *e)
{
    struct release_view *v = calloc(1, sizeof *v);
    if (!v) {
        err_set(e, ERR_NOMEM, "out of memory for an export");
        return NULL;
    }
    v->store = s;
    arena_init(&v->arena, CHUNK_BYTES + PAIR_BYTES_MAX);
    arena_init(&v->terms_arena, TERMS_BYTES_MAX);
    v->keys = split_keys_new(e);
    if (v->keys && read_horizon(v, e) && read_terms(v, e) && read_split_keys(v, e))
        return v;
    release_view_close(v);
    return NULL;
}

void release_view_close(struct release_view *v)
{
    if (!v)
        return;
    split_keys_free(v->keys);
    arena_free(&v->terms_arena);
    arena_free(&v->arena);
    free(v);
}

const struct release_terms *release_view_terms(const struct release_view *v)
{
    return &v->terms;
}

void release_view_rewind(struct release_view *v)
{
    v->at = v->n = 0;
    v->read_up_to = 0;
    v->at_end = false;
}

/* Whose rollouts tell of a pair. */
struct verdict_of {
    int64_t run, recipe;
};

/* The decision in force at the horizon, and the recipe whose rollouts count. A pair whose decision
 * was taken back is open, whatever older ones say. */
static bool read_decision(struct release_view *v, struct release_pair *p, bool is_decided,
                          struct verdict_of *by, struct err *e)
{
    *by = (struct verdict_of){v->run, v->recipe};
    if (!is_decided)
        return true;
    sqlite3_stmt *st = store_statement(v->store,
                                       "SELECT state, reason, recipe, run FROM decisions"
                                       " WHERE pair = ?1 AND decision <= ?2"
                                       " ORDER BY decision DESC LIMIT 1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, p->row);
    sqlite3_bind_int64(st, 2, v->last_decision);
    int state = STATE_OPEN, reason = REASON_NONE;
    int got = store_step_row(v->store, st, e);
    if (got == 1)
        *by = (struct verdict_of){sqlite3_column_int64(st, 3), sqlite3_column_int64(st, 2)};
    bool ok = got == 0 || (got == 1 && code(st, 0, STATE_COUNT, &state, e) &&
                           code(st, 1, REASON_COUNT, &reason, e));
    sqlite3_reset(st);
    p->state = (enum pair_state)state;
    p->reason = (enum reason)reason;
    return ok;
}

/* NULL on failure. */
static const struct ledger_seats *seats_of(struct release_view *v, struct verdict_of by,
                                           struct err *e)
{
    for (size_t i = 0; i < SEATS_KEPT; i++)
        if (v->seats[i].seats.n && v->seats[i].run == by.run && v->seats[i].recipe == by.recipe)
            return &v->seats[i].seats;
    struct seats_of *at = &v->seats[v->n_seats++ % SEATS_KEPT];
    *at = (struct seats_of){.run = by.run, .recipe = by.recipe};
    if (ledger_seats(v->store, by.run, by.recipe, &at->seats, e))
        return &at->seats;
    at->seats.n = 0;
    return NULL;
}

/* 0: there is no such seat. */
static int64_t recipe_of(const struct ledger_seats *seats, enum seat_kind kind)
{
    for (size_t i = 0; i < seats->n; i++)
        if (seats->kinds[i] == kind)
            return seats->recipes[i];
    return 0;
}

/* The columns of read_rollouts' statement. */
static bool read_rollout(struct release_view *v, sqlite3_stmt *st, struct release_rollout *r,
                         struct err *e)
{
    int lane, k, verdict, outcome, format, first;
    if (!code(st, 0, LANE_COUNT, &lane, e) || !code(st, 1, CALL_MAX_K, &k, e) ||
        !code(st, 2, VERDICT_COUNT, &verdict, e) || !code(st, 3, OUTCOME_COUNT, &outcome, e) ||
        !code(st, 4, FORMAT_COUNT, &format, e) || !code(st, 5, VERDICT_COUNT, &first, e))
        return false;
    *r = (struct release_rollout){
        .lane = (enum lane)lane,
        .k = k,
        .verdict = (enum verdict)verdict,
        .outcome = (enum outcome)outcome,
        .format = (enum format)format,
        .first = (enum verdict)first,
        .call = sqlite3_column_int64(st, 6),
        .cues = sqlite3_column_int(st, 7),
        .score_a = sqlite3_column_int(st, 8),
        .score_b = sqlite3_column_int(st, 9),
    };
    return keep(v, st, 10, &r->filter, e) && keep(v, st, 11, &r->thought, e) &&
           keep(v, st, 12, &r->answer, e) && keep(v, st, 13, &r->segments, e) &&
           keep(v, st, 14, &r->model, e) &&
           (store_column_id(st, 15, &r->recipe) ||
            err_set(e, ERR_CORRUPT, "the store holds a recipe without a proper id"));
}

/* Adds the rollouts of one recipe to those found. */
static bool read_rollouts(struct release_view *v, int64_t pair, int64_t recipe, bool hinted,
                          struct err *e)
{
    sqlite3_stmt *st = store_statement(
        v->store,
        "SELECT r.lane, r.k, r.verdict, r.outcome, c.format,"
        " iif(r.first < 0, r.verdict, r.first) AS first, r.call, r.cues, r.score_a, r.score_b,"
        " r.filter, t.thought, t.answer, t.segments, n.model, q.id FROM rollouts r"
        " JOIN calls c ON c.call = r.call"
        " JOIN texts t ON t.call = r.call"
        " JOIN endpoints n ON n.endpoint = c.endpoint"
        " JOIN recipes q ON q.recipe = r.recipe"
        " WHERE r.pair = ?1 AND r.recipe = ?2 AND r.call <= ?3"
        " ORDER BY r.lane, r.k",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, pair);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int64(st, 3, v->last_call);
    int got;
    while ((got = store_step_row(v->store, st, e)) == 1) {
        /* by the table's primary key and the bounds of lane and k */
        assert(v->n_found < 2 * ROLLOUTS_MAX);
        struct release_rollout *r = &v->found[v->n_found++];
        if (!read_rollout(v, st, r, e)) {
            sqlite3_reset(st);
            return false;
        }
        r->hinted = hinted;
    }
    return got == 0;
}

/* a goes before b: by lane, then k, then the teacher without a hint. */
static bool goes_before(const struct release_rollout *a, const struct release_rollout *b)
{
    if (a->lane != b->lane)
        return a->lane < b->lane;
    return a->k != b->k ? a->k < b->k : !a->hinted;
}

/* The first n found are of the teacher, the others of the hinted pass; both are in order. */
static bool merge_found(struct release_view *v, struct release_pair *p, size_t n, struct err *e)
{
    p->n_rollouts = v->n_found;
    p->rollouts = arena_alloc(&v->arena, (v->n_found + 1) * sizeof *p->rollouts);
    if (!p->rollouts)
        return store_no_room(&v->arena, e, "a pair has more rollouts than an export can hold");
    for (size_t at = 0, i = 0, j = n; at < v->n_found; at++) {
        bool plain = j == v->n_found || (i < n && goes_before(&v->found[i], &v->found[j]));
        p->rollouts[at] = v->found[plain ? i++ : j++];
    }
    return true;
}

/* One that went wrong on its own says nothing about what it was to check. */
static enum release_check check_of(enum verdict v, enum outcome outcome)
{
    if (outcome == OUTCOME_CORRECT)
        return RELEASE_CHECKED;
    bool answered = v == VERDICT_A || v == VERDICT_B || v == VERDICT_TIE || v == VERDICT_DISPUTED;
    return answered ? RELEASE_DISPUTED : RELEASE_UNCHECKED;
}

/* A checker's rollout has the lane and k of the trace that it reviewed. */
static bool read_checks(struct release_view *v, struct release_pair *p, int64_t recipe,
                        struct err *e)
{
    sqlite3_stmt *st = store_statement(v->store,
                                       "SELECT lane, k, verdict, outcome FROM rollouts"
                                       " WHERE pair = ?1 AND recipe = ?2 AND call <= ?3",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, p->row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int64(st, 3, v->last_call);
    int got;
    while ((got = store_step_row(v->store, st, e)) == 1) {
        int lane = sqlite3_column_int(st, 0), k = sqlite3_column_int(st, 1);
        for (size_t i = 0; i < p->n_rollouts; i++) {
            struct release_rollout *r = &p->rollouts[i];
            if (!r->hinted && (int)r->lane == lane && r->k == k)
                r->check = check_of((enum verdict)sqlite3_column_int(st, 2),
                                    (enum outcome)sqlite3_column_int(st, 3));
        }
    }
    return got == 0;
}

static bool read_student(struct release_view *v, struct release_pair *p, int64_t recipe,
                         struct err *e)
{
    sqlite3_stmt *st = store_statement(v->store,
                                       "SELECT lane & 1, count(*) FILTER (WHERE outcome = 0),"
                                       " count(*) FROM rollouts"
                                       " WHERE pair = ?1 AND recipe = ?2 AND call <= ?3 GROUP BY 1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, p->row);
    sqlite3_bind_int64(st, 2, recipe);
    sqlite3_bind_int64(st, 3, v->last_call);
    int got;
    while ((got = store_step_row(v->store, st, e)) == 1) {
        int order = sqlite3_column_int(st, 0);
        p->student_correct[order] = sqlite3_column_int(st, 1);
        p->student_n[order] = sqlite3_column_int(st, 2);
    }
    return got == 0;
}

/* What the seats of the deciding run have brought. */
static bool read_judgments(struct release_view *v, struct release_pair *p, struct verdict_of by,
                           struct err *e)
{
    const struct ledger_seats *seats = seats_of(v, by, e);
    if (!seats)
        return false;
    int64_t hinted = p->reason == REASON_HINTED ? recipe_of(seats, SEAT_HINTED) : 0;
    int64_t checker = recipe_of(seats, SEAT_CHECKER), student = recipe_of(seats, SEAT_STUDENT);
    v->n_found = 0;
    if (!read_rollouts(v, p->row, by.recipe, false, e))
        return false;
    size_t plain = v->n_found;
    return (!hinted || read_rollouts(v, p->row, hinted, true, e)) && merge_found(v, p, plain, e) &&
           (!checker || read_checks(v, p, checker, e)) &&
           (!student || read_student(v, p, student, e));
}

/* The columns of read_chunk's statement. */
static bool read_pair(struct release_view *v, sqlite3_stmt *st, struct release_pair *p,
                      struct err *e)
{
    int trust;
    *p = (struct release_pair){.row = sqlite3_column_int64(st, 0)};
    if (!store_column_id(st, 1, &p->id))
        return err_set(e, ERR_CORRUPT, "the store holds a pair without a proper id");
    if (!split_keys_get(v->keys, sqlite3_column_int64(st, 2), &p->split_key))
        return err_set(e, ERR_CORRUPT, "the store holds a pair without its seed");
    if (!code(st, 3, TRUST_COUNT, &trust, e))
        return false;
    p->trust = (enum trust)trust;
    struct slice *const texts[] = {&p->evidence, &p->seed_name, &p->group,     &p->domain,
                                   &p->source,   &p->language,  &p->eval_set,  &p->prompt,
                                   &p->chosen,   &p->rejected,  &p->reference, &p->rubric,
                                   &p->meta};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!keep(v, st, 4 + (int)i, texts[i], e))
            return false;
    struct verdict_of by;
    bool is_decided = sqlite3_column_type(st, 17) != SQLITE_NULL;
    return read_decision(v, p, is_decided, &by, e) && read_judgments(v, p, by, e);
}

static bool read_pairs(struct release_view *v, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        v->store,
        "SELECT p.pair, p.id, p.seed, p.trust, p.evidence, s.name, s.group_name,"
        " s.domain, s.source, s.language, s.eval_set, s.prompt, c.messages,"
        " r.messages, s.reference, s.rubric, s.meta, p.decision FROM pairs p"
        " JOIN seeds s ON s.seed = p.seed"
        " JOIN responses c ON c.response = p.chosen"
        " JOIN responses r ON r.response = p.rejected"
        " WHERE p.pair > ?1 AND p.pair <= ?2 ORDER BY p.pair",
        e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, v->read_up_to);
    sqlite3_bind_int64(st, 2, v->last_pair);
    bool ok = true;
    while (ok && v->n < CHUNK_PAIRS && v->arena.used < CHUNK_BYTES) {
        int got = store_step_row(v->store, st, e);
        if (got != 1) {
            v->at_end = got == 0;
            ok = got == 0;
            break;
        }
        struct release_pair *p = &v->chunk[v->n++];
        ok = read_pair(v, st, p, e) || err_wrap(e, "pair %lld", (long long)p->row);
        v->read_up_to = p->row;
    }
    sqlite3_reset(st);
    return ok;
}

/* One short transaction: what belongs to one pair is of one moment. */
static bool read_chunk(struct release_view *v, struct err *e)
{
    v->at = v->n = 0;
    arena_reset(&v->arena);
    sqlite3_stmt *begin = store_statement(v->store, "BEGIN", e);
    if (!begin || !store_step_done(v->store, begin, e))
        return false;
    bool ok = read_pairs(v, e);
    struct err ended;
    sqlite3_stmt *end = store_statement(v->store, "COMMIT", &ended);
    if (end && store_step_done(v->store, end, &ended))
        return ok;
    if (ok)
        *e = ended;
    return false;
}

int release_view_next(struct release_view *v, struct release_pair *pair, struct err *e)
{
    if (v->at == v->n && !v->at_end && !read_chunk(v, e))
        return -1;
    if (v->at == v->n)
        return 0;
    *pair = v->chunk[v->at++];
    return 1;
}
