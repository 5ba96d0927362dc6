/*
 * A rollout of several calls, from what a teacher sends to what is stored: whatever comes back, the
 * segments add up, every cue stays, what is cut stays cut, and the history reads as it was written.
 * What a peer sends for a history or its segments is refused or adds up.
 */
#include <string.h>

#include "base/text.h"
#include "judges/check.h"
#include "judges/reflection.h"
#include "tests/fuzz/fuzz.h"

#define CALL_STEPS 6
#define CUE "\n\nWait,"

static struct message asked_messages[] = {{{"user", 4}, {"Which?", 6}}};
static const struct chat asked = {asked_messages, 1};

/* What somebody else wrote. */
static void check_peer(struct slice text)
{
    static struct history h;
    struct segment s[HISTORY_MAX_SEGMENTS];
    struct arena arena;
    struct err e;
    size_t n;
    arena_init(&arena, 1 << 20);
    if (history_read(text, &h, &arena, &e))
        fuzz_check(segments_fit(h.segments, h.n, h.thought.n, h.answer.n));
    if (segments_read(text, s, &n, &e))
        fuzz_check(n <= HISTORY_MAX_SEGMENTS);
    arena_free(&arena);
}

static void check_review(struct slice text)
{
    struct trace t = trace_split(text, S(""), THOUGHT_ABSENT, FINISH_STOP);
    enum verdict v = check_parse(&t, S("")).verdict;
    fuzz_check(v < VERDICT_COUNT && v != VERDICT_SCORE);
    fuzz_check(check_parse(&t, S("_nonce99")).verdict < VERDICT_COUNT);
}

static void check_cut(struct slice thought)
{
    size_t cut = reflection_cut(thought), found = reflection_found(thought);
    struct slice kept = slice_sub(thought, 0, cut);
    fuzz_check(cut <= thought.n && reflection_cut(kept) == cut);
    fuzz_check(found == SIZE_MAX || found < thought.n);
    fuzz_check(!reflection_is_new(thought, S("")));
}

/* Text whose bytes JSON keeps. */
static bool is_kept(struct slice s)
{
    return text_utf8_error(s) == SIZE_MAX && (s.n == 0 || !memchr(s.p, 0, s.n));
}

static void check_round_trip(const struct history *h)
{
    static struct history back;
    struct buf text;
    struct arena arena;
    struct err e;
    if (!is_kept(h->thought) || !is_kept(h->answer))
        return;
    buf_init(&text, 1 << 24);
    arena_init(&arena, 1 << 24);
    struct jsonw w = jsonw_to(&text);
    history_write(&w, h);
    fuzz_check(history_read(buf_view(&text), &back, &arena, &e));
    fuzz_check(slice_eq(back.thought, h->thought) && slice_eq(back.answer, h->answer));
    fuzz_check(back.n == h->n && back.tokens == h->tokens);
    arena_free(&arena);
    buf_free(&text);
}

static size_t cues_of(const struct history *h)
{
    size_t at = 0, cues = 0;
    for (size_t i = 0; i < h->n && !h->segments[i].in_answer; i++) {
        if (h->segments[i].origin == ORIGIN_CUE) {
            struct slice text = slice_sub(h->thought, at, h->segments[i].bytes);
            fuzz_check(slice_ends(S(CUE), text)); /* without the blank when nothing was kept */
            cues++;
        }
        at += h->segments[i].bytes;
    }
    return cues;
}

/* One step: the first byte says what is asked, how, and whether the prefill is repeated. */
static void go_on(const struct history *h, uint8_t step, struct slice piece, struct history *next,
                  struct arena *arena)
{
    struct reflection_request r;
    struct trace t;
    struct err e;
    struct slice reasoning;
    uint8_t choice = fuzz_byte(&piece);
    enum ask ask = (enum ask)(ASK_CONTINUE + choice % 3);
    enum continuation how = (enum continuation)(CONTINUATION_TURN + choice / 4 % 4);
    struct slice cue = ask == ASK_CONTINUE ? S("Wait,") : S("");
    fuzz_check(reflection_render(&asked, h, ask, cue, how, &r, arena, &e));
    struct slice content = slice_cut(piece, '\x02', &reasoning);
    struct buf echo;
    buf_init(&echo, 1 << 22);
    buf_slice(&echo, choice & 128 ? r.prefill : S(""));
    buf_slice(&echo, content);
    content = arena_dup(arena, buf_view(&echo));
    buf_free(&echo);
    const struct reflection_came came = {content, reasoning, THOUGHT_REASONING, FINISH_STOP, 3};
    fuzz_check(reflection_join(h, ask, cue, &r, step, &came, next, &t, arena, &e));
    fuzz_check(segments_fit(next->segments, next->n, next->thought.n, next->answer.n));
    fuzz_check(slice_eq(t.thought, next->thought) && slice_eq(t.answer, next->answer));
    fuzz_check(next->tokens == h->tokens + 3);
    if (ask == ASK_CONTINUE)
        fuzz_check(cues_of(next) == cues_of(h) + 1);
    history_settle(next, step, VERDICT_B);
}

/* Pieces between bytes 1 are what came, call by call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct history steps[CALL_STEPS];
    struct slice input = fuzz_input(data, n), rest;
    struct arena arena;
    check_peer(input);
    check_review(input);
    struct slice first = slice_cut(input, '\x01', &rest);
    struct trace t = trace_split(first, S(""), THOUGHT_ABSENT, FINISH_STOP);
    history_begin(&steps[0], &t, FORMAT_VERDICT, 1);
    history_settle(&steps[0], 0, VERDICT_A);
    check_cut(t.thought);
    arena_init(&arena, 1 << 24);
    uint8_t step = 1;
    for (; rest.n > 0 && step < CALL_STEPS; step++) {
        struct slice piece = slice_cut(rest, '\x01', &rest);
        go_on(&steps[step - 1], step, piece, &steps[step], &arena);
        check_cut(steps[step].thought);
        check_round_trip(&steps[step]);
    }
    arena_free(&arena);
    return 0;
}
