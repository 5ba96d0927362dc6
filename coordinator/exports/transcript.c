#include "coordinator/exports/transcript.h"

#include "coordinator/exports/kind.h"
#include "judges/nonce.h"
#include "judges/trace.h"

#define TRANSCRIPT_BYTES_MAX ((size_t)1 << 30)

void transcript_init(struct transcript *t)
{
    buf_init(&t->content, TRANSCRIPT_BYTES_MAX);
    buf_init(&t->thought, TRANSCRIPT_BYTES_MAX);
    buf_init(&t->answer, TRANSCRIPT_BYTES_MAX);
    t->n = 0;
}

void transcript_free(struct transcript *t)
{
    buf_free(&t->content);
    buf_free(&t->thought);
    buf_free(&t->answer);
}

const char *transcript_origin(enum origin origin)
{
    return origin == ORIGIN_CUE ? "cue" : "teacher";
}

/* read_segments(r, s, n, e): those of the rollout; one call wrote all: one for each half. */
static bool read_segments(const struct release_rollout *r, struct segment s[HISTORY_MAX_SEGMENTS],
                          size_t *n, struct err *e)
{
    if (!segments_read(r->segments, s, n, e))
        return err_wrap(e, "call %lld", (long long)r->call);
    if (*n == 0) {
        s[0] = (struct segment){.bytes = (uint32_t)r->thought.n, .verdict = r->verdict};
        s[1] = (struct segment){
            .in_answer = true, .bytes = (uint32_t)r->answer.n, .verdict = r->verdict};
        *n = 2;
    }
    return segments_fit(s, *n, r->thought.n, r->answer.n) ||
           err_set(e, ERR_CORRUPT, "the segments of call %lld do not add up to its text",
                   (long long)r->call);
}

/* The first step that should be learned. */
static int first_to_train(const struct release_rollout *r, const struct segment *s, size_t n)
{
    int first = 0;
    if (r->cues == 0 || kind_of(r) != KIND_WRONG_TO_RIGHT)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (s[i].origin == ORIGIN_TEACHER && s[i].step >= first &&
            outcome_of(s[i].verdict, r->lane) != OUTCOME_CORRECT)
            first = s[i].step + 1;
    return first;
}

static void add_part(struct transcript *t, enum origin origin, bool train, size_t bytes)
{
    struct transcript_part *last = t->n ? &t->parts[t->n - 1] : NULL;
    if (bytes == 0)
        return;
    if (last && last->origin == origin && last->train == train)
        last->bytes += bytes;
    else
        t->parts[t->n++] = (struct transcript_part){origin, train, bytes};
}

bool transcript_make(struct transcript *t, const struct release_pair *pair,
                     const struct release_rollout *r, struct err *e)
{
    struct segment s[HISTORY_MAX_SEGMENTS];
    size_t n, stripped[HISTORY_MAX_SEGMENTS], from[2] = {0, 0};
    char nonce[NONCE_BYTES + 1];
    const struct slice seed[] = {pair->prompt, pair->chosen,
                                 pair->rejected}; /* as when it was asked */
    if (!read_segments(r, s, &n, e))
        return false;
    nonce_make(&pair->id, &r->recipe, seed, sizeof seed / sizeof seed[0], nonce);
    buf_clear(&t->thought);
    buf_clear(&t->answer);
    buf_clear(&t->content);
    for (size_t i = 0; i < n; i++) {
        struct buf *half = s[i].in_answer ? &t->answer : &t->thought;
        struct slice whole = s[i].in_answer ? r->answer : r->thought;
        size_t before = half->n;
        nonce_strip(half, slice_sub(whole, from[s[i].in_answer], s[i].bytes), slice_of(nonce));
        from[s[i].in_answer] += s[i].bytes;
        stripped[i] = half->n - before;
    }
    trace_write(&t->content, buf_view(&t->thought), buf_view(&t->answer));
    if (!buf_ok(&t->thought, "a thought", e) || !buf_ok(&t->answer, "an answer", e) ||
        !buf_ok(&t->content, "a trace", e))
        return false;
    int first = first_to_train(r, s, n);
    size_t opening = slice_find(buf_view(&t->content), S("\n")) + 1, i = 0;
    t->n = 0;
    add_part(t, ORIGIN_TEACHER, true, opening);
    for (; i < n && !s[i].in_answer; i++)
        add_part(t, s[i].origin, s[i].step >= first, stripped[i]);
    add_part(t, ORIGIN_TEACHER, true, t->content.n - opening - t->thought.n - t->answer.n);
    for (; i < n; i++)
        add_part(t, s[i].origin, s[i].step >= first, stripped[i]);
    return true;
}

void transcript_write(struct jsonw *w, const struct transcript *t)
{
    size_t at = 0;
    jsonw_list(w);
    for (size_t i = 0; i < t->n; i++) {
        const struct transcript_part *p = &t->parts[i];
        jsonw_object(w);
        jsonw_kstr(w, "origin", transcript_origin(p->origin));
        jsonw_kslice(w, "text", slice_sub(buf_view(&t->content), at, p->bytes));
        jsonw_kbool(w, "train", p->train);
        jsonw_end_object(w);
        at += p->bytes;
    }
    jsonw_end_list(w);
}
