#include "cli/sim_teacher/truth.h"

#include "cli/sim_teacher/built.h"
#include "cli/sim_teacher/mix.h"
#include "coordinator/imports/seed_reader.h"

#define LINE_MAX_BYTES ((size_t)64 * 1024 * 1024)

/* Which of the two answers is right is kept by the order of their hashes: it holds however they are
 * shown. Of an answer alone it is kept whether it is right, and above these two bits its pair. */
enum { LOWER_RIGHT = 1, HIGHER_RIGHT = 2, ALONE_RIGHT = 1, ALONE_WRONG = 2, BITS = 3 };

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
    map_init(&t->known, 6 * TRUTH_MAX_PAIRS);
    prompts_init(&t->prompts);
}

void truth_free(struct truth *t)
{
    map_free(&t->known);
    prompts_free(&t->prompts);
}

static bool mark(struct map *known, uint64_t key, uint64_t right, struct err *e)
{
    uint64_t *value = map_at(known, key);
    if (!value)
        return err_set(e, ERR_LIMIT, "more than %zu pairs, or no memory for them", TRUTH_MAX_PAIRS);
    *value |= right;
    return true;
}

/* alone(answer, prompt): the key of an answer that is shown without the other; prompt 0: under
 * whatever prompt. */
static uint64_t alone(uint64_t answer, uint64_t prompt)
{
    return mix_two(mix_two(answer, 1), prompt);
}

static bool mark_alone(struct truth *t, uint64_t answer, uint64_t prompt, uint64_t value,
                       struct err *e)
{
    uint64_t *known = map_at(&t->known, alone(answer, prompt));
    if (known && *known == 0)
        *known = value & ~(uint64_t)BITS; /* the first pair that it belongs to */
    return mark(&t->known, alone(answer, prompt), value & BITS, e);
}

bool truth_add(struct truth *t, const struct question *q, struct err *e)
{
    struct keys k = keys_of(q);
    uint64_t right = k.a < k.b ? LOWER_RIGHT : HIGHER_RIGHT;
    uint64_t prompt = mix_bytes(q->prompt), pair = k.pair & ~(uint64_t)BITS;
    t->pairs++;
    return mark(&t->known, k.pair, right, e) && mark(&t->known, k.in_full, right, e) &&
           mark_alone(t, k.a, prompt, pair | ALONE_RIGHT, e) &&
           mark_alone(t, k.b, prompt, pair | ALONE_WRONG, e) &&
           mark_alone(t, k.a, 0, pair | ALONE_RIGHT, e) &&
           mark_alone(t, k.b, 0, pair | ALONE_WRONG, e);
}

/* The prompt is known as a judge's question shows it, and by its last message alone. */
static bool add_prompt(struct truth *t, const struct seed_record *r, struct arena *arena,
                       struct err *e)
{
    struct slice shown, answer = slice_trim(r->answer);
    t->skipped++;
    *(answer.n ? &t->answered : &t->open) += 1;
    return question_render_prompt(&r->prompt, &shown, arena, e) &&
           prompts_add(&t->prompts, shown, answer, e) &&
           prompts_add(&t->prompts, r->prompt.messages[r->prompt.n - 1].content, answer, e);
}

static bool add_record(struct truth *t, const struct seed_record *r, struct arena *arena,
                       struct err *e)
{
    if (r->n_pairs == 0)
        return add_prompt(t, r, arena, e);
    for (size_t i = 0; i < r->n_pairs; i++) {
        struct question q;
        if (!question_render(&r->prompt, &r->responses[r->pairs[i].chosen].chat,
                             &r->responses[r->pairs[i].rejected].chat, &q, arena, e) ||
            !truth_add(t, &q, e))
            return false;
    }
    return true;
}

/* A line that gives no pair is no reason to stop: gavel quarantines the same line. */
bool truth_load(struct truth *t, const char *path, struct err *e)
{
    const struct seed_line_options how = {0};
    struct seed_reader *reader = seed_reader_open(path, &how, LINE_MAX_BYTES, e);
    struct seed_reading got;
    struct arena arena;
    bool ok = reader != NULL, more = ok;
    arena_init(&arena, LINE_MAX_BYTES * 16);
    while (ok && more) {
        switch (seed_reader_next(reader, &got, e)) {
        case SEED_RECORD:
            ok = add_record(t, got.record, &arena, e);
            arena_reset(&arena);
            break;
        case SEED_BAD:
            t->skipped++;
            break;
        case SEED_NOTHING:
            break;
        case SEED_END:
            more = false;
            break;
        case SEED_ERROR:
            ok = false;
            break;
        }
    }
    arena_free(&arena);
    seed_reader_close(reader);
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

/* gold_alone(value): A: the right one of its pair, B: the wrong one. */
static enum verdict gold_alone(uint64_t value)
{
    return (value & BITS) == ALONE_RIGHT   ? VERDICT_A
           : (value & BITS) == ALONE_WRONG ? VERDICT_B
                                           : VERDICT_NONE;
}

/* weigh(view, exact, loose, pair, shown, first): takes a reading over when it tells more. */
static bool weigh(struct truth_view *view, enum verdict exact, enum verdict loose, uint64_t pair,
                  const struct question *shown, bool first)
{
    enum verdict known = exact != VERDICT_NONE ? exact : loose;
    if (first || exact != VERDICT_NONE || (view->gold == VERDICT_NONE && known != VERDICT_NONE))
        *view = (struct truth_view){known, pair & ~(uint64_t)BITS, *shown};
    return exact != VERDICT_NONE;
}

bool truth_look(const struct truth *t, struct slice text, const struct frame *frame,
                struct truth_view *view)
{
    struct question readings[QUESTION_MAX_READINGS];
    size_t n = question_read(text, frame, readings);
    *view = (struct truth_view){.gold = VERDICT_NONE};
    for (size_t i = 0; i < n; i++) {
        enum verdict exact, loose;
        uint64_t pair;
        if (frame->one) {
            uint64_t a = mix_bytes(readings[i].a);
            uint64_t in_full = map_get(&t->known, alone(a, mix_bytes(readings[i].prompt)));
            uint64_t anywhere = map_get(&t->known, alone(a, 0));
            exact = gold_alone(in_full);
            loose = gold_alone(anywhere);
            pair = exact != VERDICT_NONE ? in_full : loose != VERDICT_NONE ? anywhere : a;
        } else {
            struct keys k = keys_of(&readings[i]);
            exact = gold(t, k.in_full, &k);
            loose = gold(t, k.pair, &k);
            pair = k.pair;
        }
        struct built built;
        if (exact == VERDICT_NONE && built_look(&t->prompts, &readings[i], frame->one, &built)) {
            exact = built.gold;
            pair = built.prompt;
        }
        if (weigh(view, exact, loose, pair, &readings[i], i == 0))
            break;
    }
    return n > 0;
}
