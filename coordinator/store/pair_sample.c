#include "coordinator/store/pair_sample.h"

#include <stdlib.h>
#include <string.h>

#include "coordinator/store/ledger.h"
#include "coordinator/store/split_keys.h"
#include "coordinator/store/store_private.h"
#include "schemas/chat.h"

#define CHUNK_PAIRS 1000 /* looked at in one short transaction */
#define NAMES_BYTES ((size_t)64 << 10)

struct taken {
    int64_t row;
    uint32_t source; /* as it was met, not as it is sorted */
};

struct pair_sample {
    struct store *store;
    struct arena names;
    struct pair_sample_source sources[PAIR_SAMPLE_SOURCES];
    uint64_t hashes[PAIR_SAMPLE_SOURCES]; /* of their whole names */
    size_t order[PAIR_SAMPLE_SOURCES];    /* by name */
    struct pair_sample_source sorted[PAIR_SAMPLE_SOURCES];
    size_t n_sources;
    struct taken *taken;
    size_t n;
    int64_t visited, passed_over;
    bool whole;
    struct split_keys *families; /* by index in taken */
    struct id last;              /* looked at */
    struct arena arena;          /* of the pair being read */
};

/* ---- drawing ---- */

/* Where the pair of this row belongs; NULL: it is passed over. False without memory. */
static bool find_source(struct pair_sample *p, struct slice name, bool is_importer,
                        struct pair_sample_source **found, struct err *e)
{
    uint64_t hash = ledger_name(name);
    for (size_t i = 0; i < p->n_sources; i++) {
        *found = &p->sources[i];
        if (p->hashes[i] == hash && (*found)->is_importer == is_importer)
            return true;
    }
    *found = NULL;
    if (p->n_sources == PAIR_SAMPLE_SOURCES)
        return true;
    struct slice kept = arena_dup(&p->names, slice_sub(name, 0, PAIR_SAMPLE_NAME));
    if (!kept.p)
        return store_no_room(&p->names, e, "the names of the sources are too long");
    p->hashes[p->n_sources] = hash;
    *found = &p->sources[p->n_sources++];
    **found = (struct pair_sample_source){.name = kept, .is_importer = is_importer};
    return true;
}

/* The columns of draw_chunk's statement. */
static bool visit(struct pair_sample *p, sqlite3_stmt *st, struct err *e)
{
    struct slice name = store_column_slice(st, 2);
    struct pair_sample_source *source;
    if (!store_column_id(st, 1, &p->last))
        return err_set(e, ERR_CORRUPT, "the store holds a pair without a proper id");
    p->visited++;
    if (!find_source(p, name.n ? name : store_column_slice(st, 3), !name.n, &source, e))
        return false;
    if (!source) {
        p->passed_over++;
        return true;
    }
    source->met++;
    if (source->taken == PAIR_SAMPLE_OF_SOURCE || p->n == PAIR_SAMPLE_TAKEN)
        return true;
    if (!split_keys_add(p->families, (int64_t)p->n, (uint64_t)sqlite3_column_int64(st, 5),
                        store_column_slice(st, 4), e))
        return false;
    source->taken++;
    p->taken[p->n++] = (struct taken){sqlite3_column_int64(st, 0), (uint32_t)(source - p->sources)};
    return true;
}

/* *found: rows; none: there are no more. */
static bool draw_chunk(struct pair_sample *p, int64_t *found, struct err *e)
{
    sqlite3_stmt *st = store_statement(
        p->store,
        "SELECT p.pair, p.id, s.source, s.importer, s.group_name, s.prompt_hash FROM pairs p"
        " JOIN seeds s ON s.seed = p.seed WHERE p.id > ?1 ORDER BY p.id LIMIT ?2",
        e);
    if (!st)
        return false;
    const struct id after = p->last; /* visit() changes it while the statement is read */
    sqlite3_bind_blob(st, 1, after.b, p->visited ? ID_BYTES : 0, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, CHUNK_PAIRS);
    int got;
    for (*found = 0; (got = store_step_row(p->store, st, e)) == 1; ++*found) {
        if (!visit(p, st, e)) {
            sqlite3_reset(st);
            return false;
        }
    }
    return got == 0;
}

static int by_name(const void *a, const void *b)
{
    const struct pair_sample_source *x = a, *y = b;
    int names = slice_cmp(x->name, y->name);
    return names ? names : x->is_importer - y->is_importer;
}

static void sort_sources(struct pair_sample *p)
{
    memcpy(p->sorted, p->sources, sizeof p->sorted);
    qsort(p->sorted, p->n_sources, sizeof *p->sorted, by_name);
    for (size_t i = 0; i < p->n_sources; i++)
        for (size_t j = 0; j < p->n_sources; j++)
            if (p->sorted[i].name.p == p->sources[j].name.p)
                p->order[i] = j;
}

static bool draw(struct pair_sample *p, struct err *e)
{
    int64_t found = 1;
    while (found > 0 && p->visited < PAIR_SAMPLE_VISITED)
        if (!draw_chunk(p, &found, e))
            return false;
    p->whole = found == 0;
    sort_sources(p);
    return split_keys_join(p->families, e);
}

struct pair_sample *pair_sample_draw(struct store *s, struct err *e)
{
    struct pair_sample *p = calloc(1, sizeof *p);
    if (p) {
        p->store = s;
        arena_init(&p->names, NAMES_BYTES);
        arena_init(&p->arena, 0);
        p->taken = calloc(PAIR_SAMPLE_TAKEN, sizeof *p->taken);
    }
    if (!p || !p->taken)
        err_set(e, ERR_NOMEM, "out of memory for a sample of the pairs");
    else if ((p->families = split_keys_new(e)) != NULL && draw(p, e))
        return p;
    pair_sample_free(p);
    return NULL;
}

void pair_sample_free(struct pair_sample *p)
{
    if (!p)
        return;
    arena_free(&p->names);
    arena_free(&p->arena);
    split_keys_free(p->families);
    free(p->taken);
    free(p);
}

const struct pair_sample_source *pair_sample_sources(const struct pair_sample *p, size_t *n)
{
    *n = p->n_sources;
    return p->sorted;
}

int64_t pair_sample_visited(const struct pair_sample *p)
{
    return p->visited;
}

bool pair_sample_whole(const struct pair_sample *p)
{
    return p->whole;
}

int64_t pair_sample_passed_over(const struct pair_sample *p)
{
    return p->passed_over;
}

/* ---- reading ---- */

/* What the messages say, a line apart. What was stored by hand may be no conversation: then it is
 * taken as it is. */
static bool plain_text(struct slice stored, struct slice *text, struct arena *arena, struct err *e)
{
    struct chat chat;
    if (!chat_parse(stored, &chat, arena, e)) {
        *text = stored;
        if (e->code == ERR_NOMEM)
            return false;
        return !arena->nomem || store_no_room(arena, e, "");
    }
    char *joined = arena_alloc(arena, chat_bytes(&chat) + chat.n + 1);
    if (!joined)
        return store_no_room(arena, e, "a pair's texts are too large to be looked at");
    size_t n = 0;
    for (size_t i = 0; i < chat.n; i++) {
        if (i)
            joined[n++] = '\n';
        memcpy(joined + n, chat.messages[i].content.p, chat.messages[i].content.n);
        n += chat.messages[i].content.n;
    }
    *text = (struct slice){joined, n};
    return true;
}

/* read_pair(p, index, pair, bytes, e): 1: read; 0: it is gone; -1: failed. The statement is reset
 * by the caller, once the texts are of no more use. */
static int read_pair(struct pair_sample *p, sqlite3_stmt *st, size_t index,
                     struct pair_sample_pair *pair, uint64_t *bytes, struct err *e)
{
    struct slice *const texts[] = {&pair->prompt, &pair->chosen, &pair->rejected};
    sqlite3_bind_int64(st, 1, p->taken[index].row);
    int got = store_step_row(p->store, st, e);
    if (got != 1)
        return got;
    split_keys_get(p->families, (int64_t)index, &pair->family);
    size_t total = 0;
    for (int i = 0; i < 3; i++)
        total += store_column_slice(st, i).n;
    *bytes += total;
    arena_reset(&p->arena);
    p->arena.max = 16 * total + 65536; /* as its messages are at most */
    for (int i = 0; i < 3; i++)
        if (!plain_text(store_column_slice(st, i), texts[i], &p->arena, e))
            return -1;
    return 1;
}

bool pair_sample_read(struct pair_sample *p, size_t source,
                      enum pair_sample_go (*fn)(void *context, const struct pair_sample_pair *pair,
                                                struct err *e),
                      void *context, struct err *e)
{
    enum pair_sample_go go = PAIR_SAMPLE_ON;
    struct pair_sample_pair pair;
    uint64_t bytes = 0, most = PAIR_SAMPLE_BYTES / (p->n_sources + !p->n_sources);
    sqlite3_stmt *st = store_statement(
        p->store,
        "SELECT s.prompt, c.messages, r.messages FROM pairs p JOIN seeds s ON s.seed = p.seed"
        " JOIN responses c ON c.response = p.chosen JOIN responses r ON r.response = p.rejected"
        " WHERE p.pair = ?1",
        e);
    if (!st)
        return false;
    for (size_t i = 0; go == PAIR_SAMPLE_ON && bytes < most && i < p->n; i++) {
        if (p->taken[i].source != p->order[source])
            continue;
        int got = read_pair(p, st, i, &pair, &bytes, e);
        go = got < 0 ? PAIR_SAMPLE_FAILED : got > 0 ? fn(context, &pair, e) : go;
        sqlite3_reset(st);
    }
    return go != PAIR_SAMPLE_FAILED;
}
