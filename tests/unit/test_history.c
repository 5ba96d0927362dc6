/* Histories: what a worker is given of a rollout comes back as it was written, or is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/rng.h"
#include "judges/history.h"

static struct history sample(void)
{
    struct trace t = {.thought = S("A \"adds\"\nwell. \xE5\xA5\xBD"),
                      .answer = S("[[A]]"),
                      .finish = FINISH_LENGTH};
    struct history h;
    history_begin(&h, &t, FORMAT_SCORES_VERDICT, 4000000000u);
    history_settle(&h, 0, VERDICT_TRUNCATED);
    return h;
}

static void write(struct buf *b, const struct history *h)
{
    struct jsonw w = jsonw_to(b);
    history_write(&w, h);
}

static void assert_same(const struct history *a, const struct history *b)
{
    assert_true(slice_eq(a->thought, b->thought) && slice_eq(a->answer, b->answer));
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct segment *x = &a->segments[i], *y = &b->segments[i];
        assert_true(x->origin == y->origin && x->in_answer == y->in_answer && x->step == y->step &&
                    x->bytes == y->bytes && x->verdict == y->verdict);
    }
    assert_true(a->tokens == b->tokens && a->first == b->first && a->verdict == b->verdict &&
                a->format == b->format && a->finish == b->finish);
}

static void a_history_comes_back_as_it_was_written(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 9);
    for (int i = 0; i < 500; i++) {
        struct history h = sample(), back;
        h.n = 0;
        h.thought = slice_sub(h.thought, 0, rng_below(&rng, 15));
        for (size_t left = h.thought.n; left > 0;) {
            size_t n = 1 + rng_below(&rng, left);
            enum origin origin = rng_below(&rng, 2) ? ORIGIN_CUE : ORIGIN_TEACHER;
            assert_true(history_add(&h, origin, false, (uint8_t)rng_below(&rng, 16), n));
            left -= n;
        }
        assert_true(history_add(&h, ORIGIN_TEACHER, true, 15, h.answer.n));
        history_settle(&h, (uint8_t)rng_below(&rng, 16),
                       (enum verdict)rng_below(&rng, VERDICT_COUNT));
        h.finish = (enum finish)rng_below(&rng, FINISH_COUNT);
        struct buf b;
        struct arena arena;
        struct err e;
        buf_init(&b, 1 << 16);
        arena_init(&arena, 1 << 16);
        write(&b, &h);
        if (!history_read(buf_view(&b), &back, &arena, &e))
            fail_msg("%s: %s", e.text, buf_cstr(&b));
        assert_same(&h, &back);
        buf_free(&b);
        arena_free(&arena);
    }
}

static void no_bytes_make_no_segment_and_too_many_are_refused(void **state)
{
    (void)state;
    struct trace nothing = {.finish = FINISH_STOP};
    struct history h;
    history_begin(&h, &nothing, FORMAT_VERDICT, 0);
    assert_int_equal(h.n, 0);
    assert_true(segments_fit(h.segments, h.n, 0, 0));
    assert_false(segments_fit(h.segments, h.n, 1, 0));
    for (int i = 0; i < HISTORY_MAX_SEGMENTS; i++)
        assert_true(history_add(&h, ORIGIN_TEACHER, false, 0, 1));
    assert_false(history_add(&h, ORIGIN_TEACHER, false, 0, 1));
    assert_true(history_add(&h, ORIGIN_TEACHER, false, 0, 0));
    assert_true(segments_fit(h.segments, h.n, HISTORY_MAX_SEGMENTS, 0));
}

static void a_verdict_is_noted_of_its_step_alone(void **state)
{
    (void)state;
    struct history h = sample();
    assert_int_equal(h.first, VERDICT_TRUNCATED);
    history_settle(&h, 1, VERDICT_B);
    assert_int_equal(h.first, VERDICT_TRUNCATED);
    assert_int_equal(h.verdict, VERDICT_B);
    assert_int_equal(h.segments[0].verdict, VERDICT_TRUNCATED);
}

#define HEAD "{\"thought\":\"abc\",\"answer\":\"de\",\"segments\":"
#define TAIL \
    ",\"tokens\":1,\"first\":\"A\",\"verdict\":\"A\",\"format\":\"verdict\",\"finish\":\"stop\"}"
#define SEGMENT(part, bytes)                                                    \
    "{\"origin\":\"teacher\",\"step\":0,\"part\":\"" part "\",\"bytes\":" bytes \
    ",\"verdict\":\"A\"}"

static void what_is_no_history_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {HEAD "[" SEGMENT("thought", "3") "," SEGMENT("answer", "2") "]" TAIL, NULL},
        {HEAD "[" SEGMENT("thought", "2") "," SEGMENT("answer", "2") "]" TAIL, "do not add up"},
        {HEAD "[" SEGMENT("thought", "3") "]" TAIL, "do not add up"},
        {HEAD "[" SEGMENT("answer", "2") "," SEGMENT("thought", "3") "]" TAIL, "stands after"},
        {HEAD "[" SEGMENT("thought", "-3") "]" TAIL, "segment 0 of a rollout is not one"},
        {HEAD "[" SEGMENT("thought", "4294967296") "]" TAIL, "is not one"},
        {HEAD "[" SEGMENT("thought", "3.5") "]" TAIL, "is not one"},
        {HEAD "[" SEGMENT("plan", "3") "]" TAIL, "is not one"},
        {HEAD "[1]" TAIL, "is not one"},
        {HEAD "{}" TAIL, "are not a list"},
        {HEAD "[" SEGMENT("thought", "3") "," SEGMENT("answer", "2") "]}", "lacks its tokens"},
        {"[]", "must be an object, not a list"},
        {"", "a rollout so far: "},
        {"{", "a rollout so far: "},
        {"{\"thought\":\"\\u0000\"}", "a rollout so far: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct history h;
        struct arena arena;
        struct err e;
        arena_init(&arena, 1 << 16);
        bool ok = history_read(slice_of(rows[i].text), &h, &arena, &e);
        assert_int_equal(ok, rows[i].error == NULL);
        if (!ok && (e.code != ERR_PROTOCOL || !strstr(e.text, rows[i].error)))
            fail_msg("row %zu: %s", i, e.text);
        arena_free(&arena);
    }
}

static void segments_alone_are_read_likewise(void **state)
{
    (void)state;
    struct segment s[HISTORY_MAX_SEGMENTS];
    struct history h = sample();
    struct buf b;
    struct err e;
    size_t n = 7;
    assert_true(segments_read(S("  "), s, &n, &e));
    assert_int_equal(n, 0);
    buf_init(&b, 1 << 16);
    struct jsonw w = jsonw_to(&b);
    segments_write(&w, h.segments, h.n);
    assert_true(segments_read(buf_view(&b), s, &n, &e));
    assert_int_equal(n, h.n);
    buf_clear(&b);
    buf_str(&b, "[" SEGMENT("answer", "1"));
    for (int i = 0; i < HISTORY_MAX_SEGMENTS; i++)
        buf_str(&b, "," SEGMENT("answer", "1"));
    buf_str(&b, "]");
    assert_false(segments_read(buf_view(&b), s, &n, &e));
    assert_non_null(strstr(e.text, "more than 64 segments"));
    assert_false(segments_read(S("[}"), s, &n, &e));
    assert_int_equal(e.code, ERR_PROTOCOL);
    buf_free(&b);
}

static void what_does_not_fit_into_memory_is_refused(void **state)
{
    (void)state;
    struct history h = sample(), back;
    struct buf b;
    struct arena arena;
    struct err e;
    buf_init(&b, 1 << 16);
    arena_init(&arena, 4);
    write(&b, &h);
    assert_false(history_read(buf_view(&b), &back, &arena, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    buf_free(&b);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_history_comes_back_as_it_was_written),
        cmocka_unit_test(no_bytes_make_no_segment_and_too_many_are_refused),
        cmocka_unit_test(a_verdict_is_noted_of_its_step_alone),
        cmocka_unit_test(what_is_no_history_is_refused),
        cmocka_unit_test(segments_alone_are_read_likewise),
        cmocka_unit_test(what_does_not_fit_into_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
