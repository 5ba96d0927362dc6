#include "cli/sim_teacher/truth.h"

#include "base/lines.h"
#include "cli/sim_teacher/mix.h"
#include "coordinator/imports/importer.h"

#define LINE_MAX_BYTES ((size_t)64 * 1024 * 1024)

/* Which of the two answers is right is kept by the order of their hashes: it holds however they are
 * shown. */
enum { LOWER_RIGHT = 1, HIGHER_RIGHT = 2 };

struct keys {
    uint64_t a, b;
    uint64_t pair;    /* of the answers in either order */
    uint64_t in_full; /* the same with the prompt */
};

static struct keys keys_of(const struct question *q)
{
    struct keys k = {.a = mix_bytes(q->a), .b = mix_bytes(q->b)};
    k.pair = k.a < k.b ? mix_two(k.a, k.b) : mix_two(k.b, k.a);
    k.in_full = mix_two(mix_bytes(q->prompt), k.pair);
    return k;
}

void truth_init(struct truth *t)
{
    *t = (struct truth){0};
    map_init(&t->known, 2 * TRUTH_MAX_PAIRS);
}

void truth_free(struct truth *t)
{
    map_free(&t->known);
}

static bool mark(struct map *known, uint64_t key, uint64_t right, struct err *e)
{
    uint64_t *value = map_at(known, key);
    if (!value)
        return err_set(e, ERR_LIMIT, "more than %zu pairs, or no memory for them", TRUTH_MAX_PAIRS);
    *value |= right;
    return true;
}

bool truth_add(struct truth *t, const struct question *q, struct err *e)
{
    struct keys k = keys_of(q);
    uint64_t right = k.a < k.b ? LOWER_RIGHT : HIGHER_RIGHT;
    t->pairs++;
    return mark(&t->known, k.pair, right, e) && mark(&t->known, k.in_full, right, e);
}

static bool add_record(struct truth *t, const struct seed_record *r, struct arena *arena,
                       struct err *e)
{
    struct question q;
    if (!r->has_pair) {
        t->skipped++;
        return true;
    }
    return question_render(&r->prompt, &r->responses[r->chosen].chat,
                           &r->responses[r->rejected].chat, &q, arena, e) &&
           truth_add(t, &q, e);
}

/* A line that gives no pair is no reason to stop: gavel quarantines the same line. */
static bool add_line(struct truth *t, struct slice line, struct arena *arena, struct err *e)
{
    struct err unread;
    json *root = json_parse(line, JSON_STRICT, &unread);
    const struct importer *importer = root ? importer_detect(root) : NULL;
    struct seed_record *record = arena_alloc(arena, sizeof *record);
    bool ok = true;
    if (record && importer && importer->read(root, record, arena, &unread))
        ok = add_record(t, record, arena, e);
    else
        t->skipped++;
    json_free(root);
    return ok;
}

bool truth_load(struct truth *t, const char *path, struct err *e)
{
    struct lines *lines = lines_open(path, LINE_MAX_BYTES, e);
    if (!lines)
        return false;
    struct arena arena;
    arena_init(&arena, LINE_MAX_BYTES * 16);
    struct slice line;
    bool ok = true;
    for (enum lines_got got; ok && (got = lines_next(lines, &line, e)) != LINES_END;) {
        if (got == LINES_LINE && slice_trim(line).n)
            ok = add_line(t, line, &arena, e);
        else if (got == LINES_LONG)
            t->skipped++;
        else if (got == LINES_ERROR)
            ok = false;
        arena_reset(&arena);
    }
    arena_free(&arena);
    lines_close(lines);
    return ok || err_wrap(e, "--truth %s", path);
}

/* gold(t, key, k): the side that is right, VERDICT_NONE when unknown or contradicted. */
static enum verdict gold(const struct truth *t, uint64_t key, const struct keys *k)
{
    uint64_t right = map_get(&t->known, key);
    if (right != LOWER_RIGHT && right != HIGHER_RIGHT)
        return VERDICT_NONE;
    return (right == LOWER_RIGHT) == (k->a < k->b) ? VERDICT_A : VERDICT_B;
}

bool truth_look(const struct truth *t, struct slice text, struct truth_view *view)
{
    struct question readings[QUESTION_MAX_READINGS];
    size_t n = question_read(text, readings);
    if (n == 0)
        return false;
    *view = (struct truth_view){.gold = VERDICT_NONE};
    for (size_t i = 0; i < n; i++) {
        struct keys k = keys_of(&readings[i]);
        enum verdict exact = gold(t, k.in_full, &k);
        enum verdict by_answers = exact != VERDICT_NONE ? exact : gold(t, k.pair, &k);
        if (i == 0 || exact != VERDICT_NONE ||
            (view->gold == VERDICT_NONE && by_answers != VERDICT_NONE))
            *view = (struct truth_view){by_answers, k.pair, readings[i]};
        if (exact != VERDICT_NONE)
            break;
    }
    return true;
}
