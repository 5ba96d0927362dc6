/*
 * A teacher's text, from the protocol's fields to the verdict: all of it stays within the text, the
 * canonical form says the same, with the letters exchanged the verdict is the other side, scores
 * are scores, and tags without the nonce decide nothing.
 */
#include <string.h>

#include "judges/compat.h"
#include "judges/judge.h"
#include "judges/nonce.h"
#include "tests/fuzz/fuzz.h"

#define NONCE "_k3f9b2d"

static bool is_inside(struct slice part, struct slice whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void exchange(char *text, size_t n, const char *head, size_t letter)
{
    size_t len = strlen(head);
    for (size_t i = 0; i + len < n; i++)
        if (memcmp(text + i, head, len) == 0 &&
            (text[i + letter] == 'A' || text[i + letter] == 'B'))
            text[i + letter] ^= 'A' ^ 'B';
}

static bool same(struct judge_reading a, struct judge_reading b)
{
    return a.verdict == b.verdict && a.score_a == b.score_a && a.score_b == b.score_b;
}

static bool is_score(int score)
{
    return score == SCORE_NONE || (score >= 0 && score <= SCORE_MAX);
}

static void check_reading(const struct judge *judge, struct judge_reading r)
{
    fuzz_check(r.verdict < VERDICT_COUNT && r.verdict != VERDICT_DISPUTED);
    fuzz_check(is_score(r.score_a) && is_score(r.score_b));
    fuzz_check(judge->pointwise ? r.score_b == SCORE_NONE : r.verdict != VERDICT_SCORE);
    fuzz_check((r.verdict == VERDICT_SCORE) == (judge->pointwise && r.score_a != SCORE_NONE));
    if (judge->format == FORMAT_SCORES && r.score_a != SCORE_NONE)
        fuzz_check(r.verdict == (r.score_a > r.score_b   ? VERDICT_A
                                 : r.score_b > r.score_a ? VERDICT_B
                                                         : VERDICT_TIE));
}

static void check_letters_exchanged(const struct judge *judge, const struct trace *t,
                                    struct judge_reading r)
{
    struct trace other = *t;
    char *text = malloc(t->answer.n + 1);
    fuzz_check(text);
    memcpy(text, t->answer.n ? t->answer.p : "", t->answer.n);
    exchange(text, t->answer.n, "score_", 6);
    for (size_t i = 0; i + 5 <= t->answer.n; i++)
        if (memcmp(text + i, "[[A]]", 5) == 0 || memcmp(text + i, "[[B]]", 5) == 0)
            text[i + 2] ^= 'A' ^ 'B';
    other.answer.p = text;
    struct judge_reading is = judge->parse(&other, S(""));
    enum verdict opposite = r.verdict == VERDICT_A   ? VERDICT_B
                            : r.verdict == VERDICT_B ? VERDICT_A
                                                     : r.verdict;
    fuzz_check(is.verdict == opposite);
    fuzz_check(judge->pointwise || (is.score_a == r.score_b && is.score_b == r.score_a));
    free(text);
}

/* What is stored and exported is judged as what was received. */
static void check_canonical(const struct judge *judge, const struct trace *t,
                            struct judge_reading r)
{
    struct buf text;
    if (t->unclosed || slice_find(t->answer, S("</think>")) != SIZE_MAX)
        return;
    buf_init(&text, 1 << 24);
    trace_write(&text, t->thought, t->answer);
    struct trace again = trace_split(buf_view(&text), S(""), THOUGHT_ABSENT, t->finish);
    fuzz_check(slice_eq(again.answer, t->answer) && slice_eq(again.thought, t->thought));
    fuzz_check(same(judge->parse(&again, S("")), r));
    buf_free(&text);
}

/* Tags that carry no nonce decide nothing. */
static void check_nonce(const struct judge *judge, const struct trace *t)
{
    struct slice nonce = S(NONCE);
    struct judge_reading marked = judge->parse(t, nonce);
    if (slice_find(t->answer, nonce) == SIZE_MAX) {
        fuzz_check(marked.verdict >= VERDICT_NONE && marked.verdict != VERDICT_SCORE);
        fuzz_check(marked.score_a == SCORE_NONE && marked.score_b == SCORE_NONE);
        return;
    }
    struct buf plain;
    buf_init(&plain, t->answer.n + 1);
    nonce_strip(&plain, t->answer, nonce);
    fuzz_check(!plain.failed && slice_find(buf_view(&plain), nonce) == SIZE_MAX);
    buf_free(&plain);
    check_reading(judge, marked);
}

static void check_compat(struct slice text)
{
    for (const struct compat *c = compat_table; c->name; c++) {
        enum verdict v = c->read(text);
        fuzz_check(v == VERDICT_A || v == VERDICT_B || v == VERDICT_TIE || v == VERDICT_NONE ||
                   v == VERDICT_CONFLICTING);
    }
}

/* The first byte chooses judge, finish and field; a NUL ends the content, what follows it is the
 * server's own field for the thought. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice input = fuzz_input(data, n), reasoning;
    uint8_t choice = fuzz_byte(&input);
    const struct judge *judge = judge_of((enum format)(choice % FORMAT_COUNT));
    enum finish finish = (enum finish)(choice / 8 % FINISH_COUNT);
    enum thought_field field = choice & 128 ? THOUGHT_REASONING : THOUGHT_REASONING_CONTENT;
    struct slice content = slice_cut(input, '\0', &reasoning);
    struct trace t = trace_split(content, reasoning, field, finish);
    fuzz_check(is_inside(t.thought, input) && is_inside(t.answer, content));
    fuzz_check(t.field < THOUGHT_COUNT && t.finish == finish);
    struct judge_reading r = judge->parse(&t, S(""));
    check_reading(judge, r);
    fuzz_check(same(r, judge->parse(&t, S(""))));
    check_letters_exchanged(judge, &t, r);
    check_canonical(judge, &t, r);
    check_nonce(judge, &t);
    check_compat(content);
    return 0;
}
