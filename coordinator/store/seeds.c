#include "coordinator/store/seeds.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "coordinator/store/ledger_private.h"

#define TEXT_MAX ((size_t)1000000000) /* SQLite's own limit for one text */

/* ---- files ---- */

static void load_file(sqlite3_stmt *st, struct seeds_file *file)
{
    struct slice options = store_column_slice(st, 4);
    *file = (struct seeds_file){
        .row = sqlite3_column_int64(st, 0),
        .size = sqlite3_column_int64(st, 1),
        .mtime_ns = sqlite3_column_int64(st, 2),
        .inode = sqlite3_column_int64(st, 3),
        .scan = sqlite3_column_int64(st, 5),
    };
    snprintf(file->options, sizeof file->options, SLICE_FMT, SLICE_ARG(options));
}

static bool add_file(struct store *s, const char *path, struct seeds_file *file, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "INSERT INTO files (path) VALUES (?)", e);
    if (!st)
        return false;
    store_bind_str(st, 1, path);
    if (!store_step_done(s, st, e))
        return false;
    *file = (struct seeds_file){
        .row = sqlite3_last_insert_rowid(s->db), .size = -1, .mtime_ns = -1, .inode = -1};
    return true;
}

bool seeds_file(struct store *s, const char *path, struct seeds_file *file, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "SELECT file, size, mtime_ns, inode, options, scan FROM files WHERE path = ?", e);
    if (!st)
        return false;
    store_bind_str(st, 1, path);
    int got = store_step_row(s, st, e);
    if (got == 0)
        return add_file(s, path, file, e);
    if (got == 1)
        load_file(st, file);
    sqlite3_reset(st);
    return got == 1;
}

static bool forget_quarantine(struct store *s, int64_t file, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "DELETE FROM quarantine WHERE file = ?", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file);
    if (!store_step_done(s, st, e))
        return false;
    store_count(s, "seeds.invalid", -sqlite3_changes(s->db));
    return true;
}

bool seeds_scan_begin(struct store *s, struct seeds_file *file, struct err *e)
{
    /* Until the end is reached the file counts as never read, whatever it looked like before. */
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE files SET scan = ?2, size = -1, mtime_ns = -1,"
                                       " inode = -1, lines = 0, invalid = 0 WHERE file = ?1",
                                       e);
    if (!st)
        return false;
    file->scan++;
    sqlite3_bind_int64(st, 1, file->row);
    sqlite3_bind_int64(st, 2, file->scan);
    return store_step_done(s, st, e) && forget_quarantine(s, file->row, e);
}

bool seeds_scan_end(struct store *s, const struct seeds_file *file, int64_t lines, int64_t invalid,
                    struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE files SET size = ?2, mtime_ns = ?3, inode = ?4,"
                                       " options = ?5, lines = ?6, invalid = ?7 WHERE file = ?1",
                                       e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file->row);
    sqlite3_bind_int64(st, 2, file->size);
    sqlite3_bind_int64(st, 3, file->mtime_ns);
    sqlite3_bind_int64(st, 4, file->inode);
    store_bind_str(st, 5, file->options);
    sqlite3_bind_int64(st, 6, lines);
    sqlite3_bind_int64(st, 7, invalid);
    return store_step_done(s, st, e);
}

bool seeds_quarantine(struct store *s, const struct seeds_file *file, int64_t line,
                      const char *reason, struct slice head, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "INSERT INTO quarantine VALUES (?,?,?,?)", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, file->row);
    sqlite3_bind_int64(st, 2, line);
    store_bind_str(st, 3, reason);
    store_bind_slice(st, 4, head);
    if (!store_step_done(s, st, e))
        return false;
    store_count(s, "seeds.invalid", 1);
    return true;
}

/* ---- identities ---- */

static void hash_chat(struct hash *h, const struct chat *chat)
{
    hash_u64(h, chat->n);
    for (size_t i = 0; i < chat->n; i++) {
        hash_field(h, chat->messages[i].role);
        hash_field(h, chat->messages[i].content);
    }
}

struct id seeds_pair_id(const struct seed_record *record)
{
    struct hash h;
    assert(record->has_pair);
    hash_init(&h, "pair");
    hash_chat(&h, &record->prompt);
    hash_chat(&h, &record->responses[record->chosen].chat);
    hash_chat(&h, &record->responses[record->rejected].chat);
    return hash_id(&h);
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

#define KNOWN_COLUMNS                                \
    "SELECT s.seed, s.file, s.line, s.scan, f.path," \
    " f.size >= 0 AND s.scan < f.scan FROM seeds s"  \
    " JOIN files f ON f.file = s.file "

/* find_by(s, sql, id, known, where, e): as store_step_row. *where gets "FILE:LINE". */
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
    buf_slice(where, store_column_slice(st, 4));
    buf_char(where, ':');
    buf_i64(where, known->line);
    sqlite3_reset(st);
    return 1;
}

/* A pair is known by its content alone, so that a label given later (an answer, a rank) makes no
 * second one of it; a seed without a pair is known by everything it holds. */
static int find_known(struct store *s, const struct seed_record *record, const struct id *seed,
                      const struct id *pair, struct known *known, struct buf *where, struct err *e)
{
    static const char by_pair[] = KNOWN_COLUMNS "JOIN pairs p ON p.seed = s.seed WHERE p.id = ?";
    static const char by_seed[] = KNOWN_COLUMNS "WHERE s.id = ?";
    int got = record->has_pair ? find_by(s, by_pair, pair, known, where, e) : 0;
    return got != 0 ? got : find_by(s, by_seed, seed, known, where, e);
}

static bool add_response(struct store *s, int64_t seed, const struct seed_response *response,
                         int64_t *row, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s, "INSERT INTO responses (seed, rank, author, messages) VALUES (?,?,?,?)", e);
    if (!st)
        return false;
    struct buf messages;
    buf_init(&messages, TEXT_MAX);
    struct jsonw w = jsonw_to(&messages);
    chat_write(&w, &response->chat);
    sqlite3_bind_int64(st, 1, seed);
    sqlite3_bind_int(st, 2, response->rank);
    store_bind_slice(st, 3, response->author);
    store_bind_slice(st, 4, buf_view(&messages));
    bool ok = buf_ok(&messages, "a response", e) && store_step_done(s, st, e);
    *row = sqlite3_last_insert_rowid(s->db);
    buf_free(&messages);
    return ok;
}

static bool add_pair(struct store *s, int64_t seed, const struct seed_record *record,
                     const struct id *id, const int64_t *responses, struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "INSERT INTO pairs (id, seed, chosen, rejected, trust,"
                                       " evidence) VALUES (?,?,?,?,?,?)",
                                       e);
    if (!st)
        return false;
    store_bind_id(st, 1, id);
    sqlite3_bind_int64(st, 2, seed);
    sqlite3_bind_int64(st, 3, responses[record->chosen]);
    sqlite3_bind_int64(st, 4, responses[record->rejected]);
    sqlite3_bind_int(st, 5, (int)record->trust);
    store_bind_slice(st, 6, record->evidence);
    if (!store_step_done(s, st, e))
        return false;
    store_count(s, "seeds.pairs", 1);
    store_count(s, "pairs.total", 1);
    store_count(s, "pairs.open", 1);
    return true;
}

/* bind_labels(st, file, line, importer, record): parameters 1 to 14, what a later reading may
 * correct. */
static void bind_labels(sqlite3_stmt *st, const struct seeds_file *file, int64_t line,
                        const char *importer, const struct seed_record *record)
{
    sqlite3_bind_int64(st, 1, file->row);
    sqlite3_bind_int64(st, 2, line);
    sqlite3_bind_int64(st, 3, file->scan);
    store_bind_str(st, 4, importer);
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
}

static bool add_seed(struct store *s, const struct seeds_file *file, int64_t line,
                     const char *importer, const struct seed_record *record, const struct id *id,
                     struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "INSERT INTO seeds (file, line, scan, importer, name, group_name, domain, source,"
        " language, eval_set, answer, reference, rubric, meta, id, prompt, prompt_hash)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        e);
    if (!st)
        return false;
    struct buf prompt;
    buf_init(&prompt, TEXT_MAX);
    struct jsonw w = jsonw_to(&prompt);
    chat_write(&w, &record->prompt);
    bind_labels(st, file, line, importer, record);
    store_bind_id(st, 15, id);
    store_bind_slice(st, 16, buf_view(&prompt));
    sqlite3_bind_int64(st, 17, prompt_hash(record));
    bool ok = buf_ok(&prompt, "a prompt", e) && store_step_done(s, st, e);
    buf_free(&prompt);
    store_count(s, "seeds.total", ok);
    return ok;
}

static bool add_record(struct store *s, const struct seeds_file *file, int64_t line,
                       const char *importer, const struct seed_record *record,
                       const struct id *seed, const struct id *pair, struct err *e)
{
    int64_t responses[SEED_MAX_RESPONSES];
    if (!add_seed(s, file, line, importer, record, seed, e))
        return false;
    int64_t row = sqlite3_last_insert_rowid(s->db);
    for (size_t i = 0; i < record->n_responses; i++)
        if (!add_response(s, row, &record->responses[i], &responses[i], e))
            return false;
    return !record->has_pair || add_pair(s, row, record, pair, responses, e);
}

static bool update_trust(struct store *s, const struct seed_record *record, const struct id *pair,
                         struct err *e)
{
    sqlite3_stmt *st = store_statement(s,
                                       "UPDATE pairs SET trust = ?2, evidence = ?3"
                                       " WHERE id = ?1 AND (trust <> ?2 OR evidence <> ?3)",
                                       e);
    if (!st)
        return false;
    store_bind_id(st, 1, pair);
    sqlite3_bind_int(st, 2, (int)record->trust);
    store_bind_slice(st, 3, record->evidence);
    return store_step_done(s, st, e);
}

/* Accepted pairs are counted by what is said about them here. */
static bool shift_accepted(struct store *s, int64_t seed, int by, struct err *e)
{
    sqlite3_stmt *st = store_statement(s, "SELECT pair FROM pairs WHERE seed = ? AND state = 1", e);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, seed);
    int got;
    while ((got = store_step_row(s, st, e)) == 1) {
        if (!ledger_shift_accepted(s, (uint64_t)sqlite3_column_int64(st, 0), by, e)) {
            sqlite3_reset(st);
            return false;
        }
    }
    return got == 0;
}

static bool update_labels(struct store *s, const struct known *known, const struct seeds_file *file,
                          int64_t line, const char *importer, const struct seed_record *record,
                          struct err *e)
{
    sqlite3_stmt *st = store_statement(
        s,
        "UPDATE seeds SET file = ?, line = ?, scan = ?, importer = ?, name = ?, group_name = ?,"
        " domain = ?, source = ?, language = ?, eval_set = ?, answer = ?, reference = ?,"
        " rubric = ?, meta = ? WHERE seed = ?",
        e);
    if (!st)
        return false;
    bind_labels(st, file, line, importer, record);
    sqlite3_bind_int64(st, 15, known->seed);
    return store_step_done(s, st, e);
}

/* The content is what it was; what is said about it may have been corrected. */
static bool update_record(struct store *s, const struct known *known, const struct seeds_file *file,
                          int64_t line, const char *importer, const struct seed_record *record,
                          const struct id *pair, struct err *e)
{
    return shift_accepted(s, known->seed, -1, e) &&
           update_labels(s, known, file, line, importer, record, e) &&
           (!record->has_pair || update_trust(s, record, pair, e)) &&
           shift_accepted(s, known->seed, 1, e);
}

enum seeds_got seeds_add(struct store *s, const struct seeds_file *file, int64_t line,
                         const char *importer, const struct seed_record *record, struct buf *where,
                         struct err *e)
{
    struct known known = {0};
    struct id seed = seed_id(record);
    struct id pair = record->has_pair ? seeds_pair_id(record) : (struct id){0};
    int got = find_known(s, record, &seed, &pair, &known, where, e);
    if (got < 0)
        return SEEDS_FAILED;
    bool again = known.file == file->row ? known.scan < file->scan : known.gone;
    if (got == 1 && !again)
        return SEEDS_DUPLICATE;
    bool ok = got == 0 ? add_record(s, file, line, importer, record, &seed, &pair, e)
                       : update_record(s, &known, file, line, importer, record, &pair, e);
    if (ok)
        return got == 0 ? SEEDS_NEW : SEEDS_KNOWN;
    store_spoil(s, e); /* half of a record must not be taken for the whole by the next import */
    return SEEDS_FAILED;
}
