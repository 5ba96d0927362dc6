#include "coordinator/store/seeds.h"

#include <assert.h>
#include <string.h>

#include "coordinator/store/ledger_private.h"

#define TEXT_MAX ((size_t)1000000000) /* SQLite's own limit for one text */

/* ---- identities ---- */

static void hash_chat(struct hash *h, const struct chat *chat)
{
    hash_u64(h, chat->n);
    for (size_t i = 0; i < chat->n; i++) {
        hash_field(h, chat->messages[i].role);
        hash_field(h, chat->messages[i].content);
    }
}

struct id seeds_pair_id_of(const struct chat *prompt, const struct chat *chosen,
                           const struct chat *rejected)
{
    struct hash h;
    hash_init(&h, "pair");
    hash_chat(&h, prompt);
    hash_chat(&h, chosen);
    hash_chat(&h, rejected);
    return hash_id(&h);
}

struct id seeds_pair_id(const struct seed_record *record, size_t pair)
{
    assert(pair < record->n_pairs);
    return seeds_pair_id_of(&record->prompt, &record->responses[record->pairs[pair].chosen].chat,
                            &record->responses[record->pairs[pair].rejected].chat);
}

static struct id seed_id(const struct seed_record *record)
{
    struct hash h;
    hash_init(&h, "seed");
    hash_chat(&h, &record->prompt);
    hash_u64(&h, record->n_responses);
    for (size_t i = 0; i < record->n_responses; i++) {
        hash_u64(&h, (uint64_t)record->responses[i].rank);
        hash_chat(&h, &record->responses[i].chat);
    }
    hash_field(&h, record->answer);
    return hash_id(&h);
}

static int64_t prompt_hash(const struct seed_record *record)
{
    struct hash h;
    hash_init(&h, "prompt");
    hash_chat(&h, &record->prompt);
    struct id id = hash_id(&h);
    int64_t v;
    memcpy(&v, id.b, sizeof v);
    return v;
}

/* ---- records ---- */

/* A record that is stored already. */
struct known {
    int64_t seed, file, line, scan;
    bool gone; /* its file has been read to its end since, without meeting it */
};

/* A record that is to be stored, and what of it is stored already. */
struct entry {
    const struct seeds_file *file;
    int64_t line;
    const char *importer;
    const struct seed_record *record;
    struct id seed;
    struct id pairs[SEED_MAX_PAIRS];
    bool is_new[SEED_MAX_PAIRS]; /* of the pairs */
    size_t n_new;
    bool whole; /* a seed of just this content is stored */
};

#define KNOWN_COLUMNS                                \
    "SELECT s.seed, s.file, s.line, s.scan, f.path," \
    " f.size >= 0 AND s.scan < f.scan FROM seeds s"  \
    " JOIN files f ON f.file = s.file "

/* find_by(s, sql, id, known, where, e): as store_step_row. *where gets "FILE:LINE" of the first. */
static int find_by(struct store *s, const char *sql, const struct id *id, struct known *known,
                   struct buf *where, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, sql, e);
    if (!st)
        return -1;
    store_bind_id(st, 1, id);
    int got = store_step_row(s, st, e);
    if (got != 1)
        return got;
    *known = (struct known){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
                            sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3),
                            sqlite3_column_int(st, 5) != 0};
    if (where->n == 0) {
        buf_slice(where, store_column_slice(st, 4));
        buf_char(where, ':');
        buf_i64(where, known->line);
    }
    sqlite3_reset(st);
    return 1;
}

/* The record of an earlier reading, or of a place where it no longer stands. */
static bool is_earlier(const struct known *k, const struct seeds_file *file)
{
    return k->file == file->row ? k->scan < file->scan : k->gone;
}

static bool is_repeated(const struct entry *n, size_t pair)
{
    for (size_t i = 0; i < pair; i++)
        if (id_eq(&n->pairs[i], &n->pairs[pair]))
            return true;
    return false;
}

/* A pair is known by its content alone, so that a label given later (an answer, a rank) makes no
 * second one of it; a seed without a pair is known by everything it holds. find_known: 1 when the
 * record or one of its pairs is stored; *known is then the seed that it is to be, preferably one
 * that this reading has not met yet. */
static int find_known(struct store *s, struct entry *n, struct known *known, struct buf *where,
                      struct err *e)
{
    static const char by_pair[] = KNOWN_COLUMNS "JOIN pairs p ON p.seed = s.seed WHERE p.id = ?";
    static const char by_seed[] = KNOWN_COLUMNS "WHERE s.id = ?";
    int found = find_by(s, by_seed, &n->seed, known, where, e);
    n->whole = found == 1;
    n->n_new = 0;
    for (size_t i = 0; found >= 0 && i < n->record->n_pairs; i++) {
        struct known owner;
        n->is_new[i] = false;
        if (is_repeated(n, i))
            continue;
        int got = find_by(s, by_pair, &n->pairs[i], &owner, where, e);
        if (got < 0)
            return -1;
        n->is_new[i] = got == 0;
        n->n_new += got == 0;
        if (got == 1 && !n->whole && (found == 0 || !is_earlier(known, n->file))) {
            *known = owner;
            found = 1;
        }
    }
    return found;
}

static bool add_response(struct store *s, int64_t seed, const struct seed_response *response,
                         struct slice messages, int64_t *row, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "INSERT INTO responses (seed, rank, author, messages) VALUES (?,?,?,?)", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, seed);
    sqlite3_bind_int(st, 2, response->rank);
    store_bind_slice(st, 3, response->author);
    store_bind_slice(st, 4, messages);
    bool ok = store_step_done(s, st, e);
    *row = sqlite3_last_insert_rowid(s->db);
    return ok;
}

/* response_row(s, seed, response, messages, row, e): the seed's response of this text, made when it
 * has none. */
static bool response_row(struct store *s, int64_t seed, const struct seed_response *response,
                         struct slice messages, int64_t *row, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT response FROM responses WHERE seed = ? AND messages = ? ORDER BY 1", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, seed);
    store_bind_slice(st, 2, messages);
    int got = store_step_row(s, st, e);
    if (got == 1) {
        *row = sqlite3_column_int64(st, 0);
        sqlite3_reset(st);
    }
    if (got != 0)
        return got == 1;
    return add_response(s, seed, response, messages, row, e);
}

/* put_responses(s, seed, record, fresh, rows, e): fresh: the seed has none yet. */
static bool put_responses(struct store *s, int64_t seed, const struct seed_record *record,
                          bool fresh, int64_t *rows, struct err *e)
{
    struct buf messages;
    bool ok = true;
    buf_init(&messages, TEXT_MAX);
    for (size_t i = 0; ok && i < record->n_responses; i++) {
        const struct seed_response *response = &record->responses[i];
        buf_clear(&messages);
        struct jsonw w = jsonw_to(&messages);
        chat_write(&w, &response->chat);
        ok = buf_ok(&messages, "a response", e);
        ok = ok && (fresh ? add_response : response_row)(s, seed, response, buf_view(&messages),
                                                         &rows[i], e);
    }
    buf_free(&messages);
    return ok;
}

static bool add_pair(struct store *s, int64_t seed, const struct entry *n, size_t at,
                     const int64_t *responses, struct err *e)
{
    const struct seed_pair *pair = &n->record->pairs[at];
    sqlite3_stmt *st = store_statement(s,
                                       "INSERT INTO pairs (id, seed, chosen, rejected, trust,"
                                       " evidence) VALUES (?,?,?,?,?,?)",
                                       e);
    if (!st)
        return false;
    store_bind_id(st, 1, &n->pairs[at]);
    sqlite3_bind_int64(st, 2, seed);
    sqlite3_bind_int64(st, 3, responses[pair->chosen]);
    sqlite3_bind_int64(st, 4, responses[pair->rejected]);
    sqlite3_bind_int(st, 5, (int)n->record->trust);
    store_bind_slice(st, 6, pair->evidence);
    if (!store_step_done(s, st, e))
        return false;
    store_count(s, "pairs.total", 1);
    store_count(s, "pairs.open", 1);
    return true;
}

/* add_pairs(s, seed, n, fresh, had, e): those of the record's pairs that are new; had: whether the
 * seed had one before. */
static bool add_pairs(struct store *s, int64_t seed, const struct entry *n, bool fresh, bool had,
                      struct err *e)
{
    int64_t responses[SEED_MAX_RESPONSES];
    if (!fresh && n->n_new == 0)
        return true;
    if (!put_responses(s, seed, n->record, fresh, responses, e))
        return false;
    for (size_t i = 0; i < n->record->n_pairs; i++)
        if (n->is_new[i] && !add_pair(s, seed, n, i, responses, e))
            return false;
    store_count(s, "seeds.pairs", n->n_new > 0 && !had);
    return true;
}

/* bind_labels(st, n): parameters 1 to 15, what a later reading may
 * correct. */
static void bind_labels(sqlite3_stmt *st, const struct entry *n)
{
    const struct seed_record *record = n->record;
    sqlite3_bind_int64(st, 1, n->file->row);
    sqlite3_bind_int64(st, 2, n->line);
    sqlite3_bind_int64(st, 3, n->file->scan);
    store_bind_str(st, 4, n->importer);
    store_bind_slice(st, 5, record->name);
    store_bind_slice(st, 6, record->group);
    store_bind_slice(st, 7, record->domain);
    store_bind_slice(st, 8, record->source);
    store_bind_slice(st, 9, record->language);
    store_bind_slice(st, 10, record->eval_set);
    store_bind_slice(st, 11, record->answer);
    store_bind_slice(st, 12, record->reference);
    store_bind_slice(st, 13, record->rubric);
    store_bind_slice(st, 14, record->meta);
    store_bind_slice(st, 15, record->answer_kind);
}

static bool add_seed(struct store *s, const struct entry *n, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "INSERT INTO seeds (file, line, scan, importer, name, group_name, domain, source,"
        " language, eval_set, answer, reference, rubric, meta, answer_kind, id, prompt,"
        " prompt_hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        e);
    if (!st)
        return false;
    struct buf prompt;
    buf_init(&prompt, TEXT_MAX);
    struct jsonw w = jsonw_to(&prompt);
    chat_write(&w, &n->record->prompt);
    bind_labels(st, n);
    store_bind_id(st, 16, &n->seed);
    store_bind_slice(st, 17, buf_view(&prompt));
    sqlite3_bind_int64(st, 18, prompt_hash(n->record));
    bool ok = buf_ok(&prompt, "a prompt", e) && store_step_done(s, st, e);
    buf_free(&prompt);
    store_count(s, "seeds.total", ok);
    return ok;
}

/* A prompt without an answer to it gets its pair here (see samples.h). */
static bool open_build(struct store *s, int64_t seed, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "UPDATE seeds SET build = 1 WHERE seed = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, seed);
    store_count(s, "builds.open", 1);
    return store_step_done(s, st, e);
}

static bool is_to_be_built(const struct seed_record *r)
{
    return r->reason == SEED_PROMPT_ONLY || r->reason == SEED_ANSWER_ONLY;
}

static bool add_record(struct store *s, const struct entry *n, struct err *e)
{
    if (!add_seed(s, n, e))
        return false;
    int64_t row = sqlite3_last_insert_rowid(s->db);
    return (!is_to_be_built(n->record) || open_build(s, row, e)) &&
           add_pairs(s, row, n, true, false, e);
}

static bool update_trust(struct store *s, const struct entry *n, size_t at, struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE pairs SET trust = ?2, evidence = ?3"
                                       " WHERE id = ?1 AND (trust <> ?2 OR evidence <> ?3)",
                                       e);
    if (!st)
        return false;
    store_bind_id(st, 1, &n->pairs[at]);
    sqlite3_bind_int(st, 2, (int)n->record->trust);
    store_bind_slice(st, 3, n->record->pairs[at].evidence);
    return store_step_done(s, st, e);
}

/* Accepted pairs are counted by what is said about them here. *had: whether there is any pair. */
static bool shift_accepted(struct store *s, int64_t seed, int by, bool *had, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT pair, state FROM pairs WHERE seed = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, seed);
    int got;
    *had = false;
    while ((got = store_step_row(s, st, e)) == 1) {
        *had = true;
        if (sqlite3_column_int(st, 1) == STATE_ACCEPTED &&
            !ledger_shift_accepted(s, (uint64_t)sqlite3_column_int64(st, 0), by, e)) {
            sqlite3_reset(st);
            return false;
        }
    }
    return got == 0;
}

static bool update_labels(struct store *s, const struct known *known, const struct entry *n,
                          struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "UPDATE seeds SET file = ?, line = ?, scan = ?, importer = ?, name = ?, group_name = ?,"
        " domain = ?, source = ?, language = ?, eval_set = ?, answer = ?, reference = ?,"
        " rubric = ?, meta = ?, answer_kind = ? WHERE seed = ?",
        e);
    if (!st)
        return false;
    bind_labels(st, n);
    sqlite3_bind_int64(st, 16, known->seed);
    return store_step_done(s, st, e);
}

/* The content is what it was; what is said about it may have been corrected, and other settings may
 * ask for more pairs. Pairs that they no longer ask for stay. */
static bool update_record(struct store *s, const struct known *known, const struct entry *n,
                          struct err *e)
{
    bool had;
    if (!shift_accepted(s, known->seed, -1, &had, e) || !update_labels(s, known, n, e))
        return false;
    for (size_t i = 0; i < n->record->n_pairs; i++)
        if (!n->is_new[i] && !update_trust(s, n, i, e))
            return false;
    bool ignored;
    return add_pairs(s, known->seed, n, false, had, e) &&
           shift_accepted(s, known->seed, 1, &ignored, e);
}

enum seeds_got seeds_add(struct store *s, const struct seeds_file *file, int64_t line,
                         const char *importer, const struct seed_record *record,
                         struct seeds_added *added, struct err *e)
{
    struct known known = {0};
    struct entry n = {.file = file, .line = line, .importer = importer, .record = record};
    n.seed = seed_id(record);
    for (size_t i = 0; i < record->n_pairs; i++)
        n.pairs[i] = seeds_pair_id(record, i);
    int got = find_known(s, &n, &known, &added->where, e);
    if (got < 0)
        return SEEDS_FAILED;
    bool earlier = got == 1 && is_earlier(&known, file);
    if (got == 1 && !earlier && n.n_new > 0 && !n.whole)
        got = 0; /* it shares pairs with others, but has some of its own */
    if (got == 1 && !earlier)
        return SEEDS_DUPLICATE;
    bool ok = got == 0 ? add_record(s, &n, e) : update_record(s, &known, &n, e);
    if (ok) {
        added->pairs = (int64_t)n.n_new;
        return got == 0 ? SEEDS_NEW : SEEDS_KNOWN;
    }
    store_spoil(s, e); /* half of a record must not be taken for the whole by the next import */
    return SEEDS_FAILED;
}
