/* The text of an exported trace: canonical, without nonce, in parts that say what to learn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "coordinator/exports/transcript.h"
#include "judges/nonce.h"
#include "judges/trace.h"

#define ANSWER "<answer> [[A]] </answer>"
#define TEXT_BYTES_MAX ((size_t)1 << 20)

static const struct release_pair pair = {.id = {.b = {7}}};

/* One step of a trace: what it added, and the verdict after it. */
struct piece {
    const char *text;
    enum verdict verdict;
};

/* make(t, pieces, n): of n steps, with a cue before each but the first. */
static void make(struct transcript *t, const struct piece *pieces, size_t n)
{
    struct segment s[HISTORY_MAX_SEGMENTS];
    struct buf thought, segments;
    struct err e;
    size_t m = 0;
    buf_init(&thought, TEXT_BYTES_MAX);
    buf_init(&segments, TEXT_BYTES_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct segment part = {.step = (uint8_t)i, .verdict = pieces[i].verdict};
        if (i) {
            buf_str(&thought, " Wait. ");
            s[m] = part;
            s[m].origin = ORIGIN_CUE;
            s[m++].bytes = 7;
        }
        buf_str(&thought, pieces[i].text);
        s[m] = part;
        s[m++].bytes = (uint32_t)strlen(pieces[i].text);
    }
    s[m++] = (struct segment){.in_answer = true,
                              .step = (uint8_t)(n - 1),
                              .bytes = sizeof ANSWER - 1,
                              .verdict = pieces[n - 1].verdict};
    struct jsonw w = jsonw_to(&segments);
    segments_write(&w, s, m);
    const struct release_rollout r = {
        .lane = LANE_CHOSEN_FIRST,
        .verdict = pieces[n - 1].verdict,
        .outcome = outcome_of(pieces[n - 1].verdict, LANE_CHOSEN_FIRST),
        .thought = buf_view(&thought),
        .answer = S(ANSWER),
        .segments = n > 1 ? buf_view(&segments) : S(""),
        .first = pieces[0].verdict,
        .cues = (int)n - 1,
    };
    if (!transcript_make(t, &pair, &r, &e))
        fail_msg("%s", e.text);
    buf_free(&thought);
    buf_free(&segments);
}

/* What a transcript is, for comparing: "+teacher(text)" is learned, "-teacher(text)" is not. */
static void show(const struct transcript *t, struct buf *out)
{
    size_t at = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct transcript_part *p = &t->parts[i];
        buf_addf(out, "%c%s(", p->train ? '+' : '-', transcript_origin(p->origin));
        buf_slice(out, slice_sub(buf_view(&t->content), at, p->bytes));
        buf_str(out, ")");
        at += p->bytes;
    }
}

static void only_the_wrong_part_is_not_learned(void **state)
{
    (void)state;
    static const struct {
        struct piece pieces[4];
        size_t n;
        const char *expect, *why;
    } cases[] = {
        {{{"one", VERDICT_A}},
         1,
         "+teacher(<think>\none\n</think>\n\n" ANSWER ")",
         "one call wrote all of it"},
        {{{"one", VERDICT_A}, {"two", VERDICT_A}},
         2,
         "+teacher(<think>\none)+cue( Wait. )+teacher(two\n</think>\n\n" ANSWER ")",
         "right to right: all of it"},
        {{{"one", VERDICT_B}, {"two", VERDICT_A}},
         2,
         "+teacher(<think>\n)-teacher(one)+cue( Wait. )+teacher(two\n</think>\n\n" ANSWER ")",
         "wrong to right: from the cue on"},
        {{{"one", VERDICT_NONE}, {"two", VERDICT_A}},
         2,
         "+teacher(<think>\n)-teacher(one)+cue( Wait. )+teacher(two\n</think>\n\n" ANSWER ")",
         "no verdict is not right either"},
        {{{"one", VERDICT_B}, {"two", VERDICT_TIE}, {"three", VERDICT_A}, {"four", VERDICT_A}},
         4,
         "+teacher(<think>\n)-teacher(one)-cue( Wait. )-teacher(two)+cue( Wait. )"
         "+teacher(three)+cue( Wait. )+teacher(four\n</think>\n\n" ANSWER ")",
         "from the cue after the last wrong step on"},
        {{{"one", VERDICT_A}, {"two", VERDICT_B}},
         2,
         "+teacher(<think>\none)+cue( Wait. )+teacher(two\n</think>\n\n" ANSWER ")",
         "broken: nothing of it is learned anyway, it is a negative as a whole"},
    };
    struct transcript t;
    struct buf shown;
    transcript_init(&t);
    buf_init(&shown, TEXT_BYTES_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make(&t, cases[i].pieces, cases[i].n);
        buf_clear(&shown);
        show(&t, &shown);
        if (strcmp(buf_cstr(&shown), cases[i].expect) != 0)
            fail_msg("%s: %s, not %s", cases[i].why, buf_cstr(&shown), cases[i].expect);
    }
    buf_free(&shown);
    transcript_free(&t);
}

static void the_nonce_leaves_thought_answer_and_parts(void **state)
{
    (void)state;
    struct id recipe = {.b = {3}};
    char nonce[NONCE_BYTES + 1], thought[200], answer[200], segments[400];
    nonce_make(&pair.id, &recipe, NULL, 0, nonce);
    int cut = snprintf(thought, sizeof thought, "It ends with </answer%s>.", nonce);
    int n = snprintf(thought + cut, sizeof thought - (size_t)cut, " Wait%s", nonce);
    int m = snprintf(answer, sizeof answer, "<answer%s> [[A]] </answer%s>", nonce, nonce);
    snprintf(segments, sizeof segments,
             "[{\"origin\":\"teacher\",\"step\":0,\"part\":\"thought\",\"bytes\":%d,"
             "\"verdict\":\"A\"},"
             "{\"origin\":\"cue\",\"step\":1,\"part\":\"thought\",\"bytes\":%d,\"verdict\":\"A\"},"
             "{\"origin\":\"teacher\",\"step\":1,\"part\":\"answer\",\"bytes\":%d,"
             "\"verdict\":\"A\"}]",
             cut, n, m);
    const struct release_rollout r = {.recipe = recipe,
                                      .verdict = VERDICT_A,
                                      .first = VERDICT_A,
                                      .cues = 1,
                                      .thought = slice_of(thought),
                                      .answer = slice_of(answer),
                                      .segments = slice_of(segments)};
    struct transcript t;
    struct buf shown;
    struct err e;
    transcript_init(&t);
    buf_init(&shown, TEXT_BYTES_MAX);
    assert_true(transcript_make(&t, &pair, &r, &e));
    show(&t, &shown);
    assert_string_equal(buf_cstr(&shown), "+teacher(<think>\nIt ends with </answer>.)+cue( Wait)"
                                          "+teacher(\n</think>\n\n" ANSWER ")");
    assert_string_equal(buf_cstr(&t.thought), "It ends with </answer>. Wait");
    buf_free(&shown);
    transcript_free(&t);
}

static void segments_that_do_not_fit_the_text_are_damage(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "[{\"origin\":\"teacher\",\"step\":0,\"part\":\"thought\",\"bytes\":99,\"verdict\":\"A\"}]",
        "[{\"origin\":\"nobody\",\"step\":0,\"part\":\"thought\",\"bytes\":3,\"verdict\":\"A\"}]",
        "[",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct release_rollout r = {
            .thought = S("one"), .answer = S(""), .segments = slice_of(cases[i]), .call = 41};
        struct transcript t;
        struct err e;
        transcript_init(&t);
        assert_false(transcript_make(&t, &pair, &r, &e));
        assert_non_null(strstr(e.text, "call 41"));
        transcript_free(&t);
    }
}

/* Random pieces of random bytes of text. */
static void parts_put_together_are_the_canonical_trace(void **state)
{
    (void)state;
    static const char *const words[] = {"",         "x",         "a b\n", "\xC3\xBC",
                                        "</think>", "<think>\n", "\""};
    static const enum verdict verdicts[] = {VERDICT_A, VERDICT_B, VERDICT_TIE, VERDICT_NONE};
    struct rng r;
    struct transcript t;
    struct buf together, plain;
    rng_init(&r, 11);
    transcript_init(&t);
    buf_init(&together, TEXT_BYTES_MAX);
    buf_init(&plain, TEXT_BYTES_MAX);
    for (int round = 0; round < 2000; round++) {
        char texts[9][64] = {{0}};
        struct piece pieces[9];
        size_t n = 1 + rng_below(&r, 9);
        for (size_t i = 0; i < n; i++) {
            for (uint64_t k = rng_below(&r, 5); k > 0; k--)
                strncat(texts[i], words[rng_below(&r, 7)], 10);
            pieces[i] = (struct piece){texts[i], verdicts[rng_below(&r, 4)]};
        }
        make(&t, pieces, n);
        buf_clear(&plain);
        trace_write(&plain, buf_view(&t.thought), S(ANSWER));
        buf_clear(&together);
        size_t at = 0;
        for (size_t i = 0; i < t.n; i++) {
            assert_true(t.parts[i].bytes > 0);
            assert_true(i == 0 || t.parts[i].origin != t.parts[i - 1].origin ||
                        t.parts[i].train != t.parts[i - 1].train);
            buf_slice(&together, slice_sub(buf_view(&t.content), at, t.parts[i].bytes));
            at += t.parts[i].bytes;
        }
        assert_true(slice_eq(buf_view(&together), buf_view(&t.content)));
        assert_true(slice_eq(buf_view(&plain), buf_view(&t.content)));
        assert_true(t.parts[t.n - 1].train || pieces[n - 1].verdict != VERDICT_A);
    }
    buf_free(&plain);
    buf_free(&together);
    transcript_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_wrong_part_is_not_learned),
        cmocka_unit_test(the_nonce_leaves_thought_answer_and_parts),
        cmocka_unit_test(segments_that_do_not_fit_the_text_are_damage),
        cmocka_unit_test(parts_put_together_are_the_canonical_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
