/* How the building of a seed ends: the pairs that are made of its samples, with their evidence. */
#include <stdio.h>

#include "coordinator/pick.h"
#include "coordinator/store/ends.h"
#include "coordinator/store/labels.h"
#include "coordinator/store/samples.h"
#include "coordinator/store/seeds.h"
#include "coordinator/store/store_private.h"

#define EVIDENCE_MAX ((size_t)1 << 20)
#define LABELS_MAX 256 /* pairs of one seed whose labels are looked at */
#define DETAIL_MAX 600
#define TEXT_MAX ((size_t)1000000000) /* SQLite's own limit for one text */

/* What the pairs of one seed are made of. */
struct material {
    const struct samples_end *end;
    struct samples_task task;
    struct chat prompt;
    struct samples_sample *samples;
    struct pick_sample *answers; /* the same, as they would stand in a pair */
    size_t n;
    bool had_any; /* pairs, whatever became of their labels */
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
                                             .own = seats_has_judge(m->end->seats, x->author),
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

/* find_pair(s, id, there, e): whether there is such a pair already, of this seed or another one. */
static bool find_pair(struct store *s, const struct id *id, bool *there, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT 1 FROM pairs WHERE id = ?", e);
    if (!st)
        return false;
    store_bind_id(st, 1, id);
    int got = store_step_row(s, st, e);
    sqlite3_reset(st);
    *there = got == 1;
    return got >= 0;
}

static bool add_pair_row(struct store *s, const struct material *m, const struct id *id,
                         const int64_t responses[2], struct slice evidence, struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "INSERT INTO pairs (id, seed, chosen, rejected,"
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
    store_count(s, "pairs.total", 1);
    store_count(s, "pairs.open", 1);
    store_count(s, "builds.pairs", 1);
    return true;
}

/* add_pair(…, made, e): a pair that is there already is passed over. */
static bool add_pair(struct store *s, const struct material *m, struct pick_pair pair, bool *made,
                     struct err *e)
{
    const struct samples_sample *sides[] = {&m->samples[pair.chosen], &m->samples[pair.rejected]};
    struct message messages[] = {{S("assistant"), part_of(sides[0])},
                                 {S("assistant"), part_of(sides[1])}};
    const struct chat chosen = {&messages[0], 1}, rejected = {&messages[1], 1};
    struct id id = seeds_pair_id_of(&m->prompt, &chosen, &rejected);
    int64_t responses[2];
    bool there;
    if (!find_pair(s, &id, &there, e))
        return false;
    *made = !there;
    if (there)
        return true;
    for (int i = 0; i < 2; i++)
        if (!put_response(s, m, sides[i], i, &responses[i], e))
            return false;
    struct buf evidence;
    buf_init(&evidence, EVIDENCE_MAX);
    write_evidence(&evidence, m, sides[0], sides[1]);
    bool ok = buf_ok(&evidence, "a pair's evidence", e) &&
              add_pair_row(s, m, &id, responses, buf_view(&evidence), e);
    buf_free(&evidence);
    return ok;
}

/* add_pairs(s, m, pairs, had, reason, made, e): beside those that the seed has already. */
static bool add_pairs(struct store *s, struct material *m, struct pick_pair pairs[CALL_MAX_K],
                      size_t had, enum build_reason *reason, struct samples_made *made,
                      struct err *e)
{
    bool any = false;
    size_t n = pick_pairs(m->end->project, &m->end->id, m->end->known, m->answers, m->n, pairs, had,
                          reason);
    if (*reason == BUILD_REASON_NONE)
        return err_set(e, ERR_NOMEM, "out of memory for the pairs of a seed");
    for (size_t i = had; i < n; i++) {
        bool is_new = false;
        if (!add_pair(s, m, pairs[i], &is_new, e))
            return false;
        any = any || is_new;
        made->pairs += is_new;
        made->holding += is_new;
    }
    if (any && !m->had_any)
        store_count(s, "seeds.pairs", 1);
    if (n && !any && !had)
        *reason = BUILD_REASON_DUPLICATE;
    return true;
}

/* ---- labels ---- */

static size_t index_of(const struct material *m, int64_t sample)
{
    size_t i = 0;
    while (i < m->n && m->samples[i].row != sample)
        i++;
    return i;
}

/* Whether this sample may stand on this side: 0: chosen, 1: rejected. */
static bool is_fit(const struct material *m, size_t at, int side)
{
    const struct samples_sample *x = &m->samples[at];
    if (m->end->project->build.exclude_judge && m->answers[at].own)
        return false;
    if (m->end->known)
        return x->mark == (side == 0 ? MARK_RIGHT : MARK_WRONG);
    return x->mark == MARK_USABLE;
}

static void say_why(const struct material *m, const size_t at[2], char detail[DETAIL_MAX])
{
    static const char *const names[] = {"chosen", "rejected"};
    size_t n = 0;
    detail[0] = '\0';
    for (int side = 0; side < 2; side++) {
        const struct samples_sample *x = &m->samples[at[side]];
        if (is_fit(m, at[side], side) || n >= DETAIL_MAX)
            continue;
        struct slice why = slice_sub(x->why, 0, 200);
        bool own = m->end->project->build.exclude_judge && m->answers[at[side]].own;
        n += (size_t)snprintf(detail + n, DETAIL_MAX - n, "%sthe %s answer is %s%s" SLICE_FMT,
                              n ? "; " : "", names[side],
                              own ? "the judging model's own" : mark_name(x->mark),
                              !own && why.n ? ": " : "", SLICE_ARG(own ? S("") : why));
    }
}

/* heed_label(s, m, label, at, made, e): at: the pair's samples. */
static bool heed_label(struct store *s, const struct material *m, const struct label *label,
                       const size_t at[2], struct samples_made *made, struct err *e)
{
    char detail[DETAIL_MAX];
    bool holds = is_fit(m, at[0], 0) && is_fit(m, at[1], 1);
    made->holding += holds;
    if (holds == !label->withdrawn)
        return true;
    if (holds) {
        made->returned++;
        return labels_return(s, label->pair, m->end->run, m->end->wall_ms, e);
    }
    made->withdrawn++;
    say_why(m, at, detail);
    return labels_withdraw(s, label->pair, m->end->run, detail, m->end->wall_ms, e);
}

/* heed_labels(s, m, pairs, had, made, e): pairs: those whose labels hold. */
static bool heed_labels(struct store *s, struct material *m, struct pick_pair pairs[CALL_MAX_K],
                        size_t *had, struct samples_made *made, struct err *e)
{
    struct label labels[LABELS_MAX];
    size_t n;
    *had = 0;
    if (!labels_read(s, m->end->seed, labels, LABELS_MAX, &n, e))
        return false;
    m->had_any = n > 0;
    for (size_t i = 0; i < n; i++) {
        const size_t at[] = {index_of(m, labels[i].chosen), index_of(m, labels[i].rejected)};
        bool unchecked = at[0] == m->n || at[1] == m->n ||
                         m->samples[at[0]].mark == MARK_UNCHECKED ||
                         m->samples[at[1]].mark == MARK_UNCHECKED;
        int64_t holding = made->holding;
        if (unchecked)
            made->holding += !labels[i].withdrawn;
        else if (!heed_label(s, m, &labels[i], at, made, e))
            return false;
        if (!unchecked && made->holding > holding && *had < CALL_MAX_K)
            pairs[(*had)++] = (struct pick_pair){at[0], at[1]};
    }
    return true;
}

bool samples_relabel(struct store *s, const struct samples_end *end, struct samples_made *made,
                     struct arena *arena, struct err *e)
{
    struct material m = {.end = end};
    struct pick_pair pairs[CALL_MAX_K];
    size_t had;
    if (read_material(s, &m, arena, e) && heed_labels(s, &m, pairs, &had, made, e))
        return true;
    store_spoil(s, e);
    return false;
}

/* ---- the end ---- */

bool samples_end(struct store *s, const struct samples_end *end, struct samples_made *made,
                 struct arena *arena, struct err *e)
{
    struct builder_seed open;
    struct material m = {.end = end};
    struct pick_pair pairs[CALL_MAX_K];
    size_t had;
    bool found;
    if (!samples_open_seed(s, end->seed, &end->id, &open, &found, e))
        return false;
    if (!found)
        return true;
    enum build_reason reason = end->reason;
    if (reason == BUILD_REASON_NONE &&
        (!read_material(s, &m, arena, e) || !heed_labels(s, &m, pairs, &had, made, e) ||
         !add_pairs(s, &m, pairs, had, &reason, made, e))) {
        store_spoil(s, e); /* half of the pairs must not be taken for all of them */
        return false;
    }
    return ends_set(s, end, reason, e);
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
