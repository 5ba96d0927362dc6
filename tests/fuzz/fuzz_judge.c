/*
 * A teacher's text, from the protocol's fields to the verdict: all of it stays within the text, the
 * canonical form says the same, and with the letters swapped the verdict is the other side.
 */
#include <string.h>

#include "judges/judge.h"
#include "tests/fuzz/fuzz.h"

static bool is_inside(struct slice part, struct slice whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void check_letters_swapped(const struct judge *judge, const struct trace *t, enum verdict v)
{
    struct trace other = *t;
    char *swapped = malloc(t->answer.n + 1);
    fuzz_check(swapped);
    memcpy(swapped, t->answer.n ? t->answer.p : "", t->answer.n);
    for (size_t i = 0; i + 5 <= t->answer.n; i++)
        if (memcmp(swapped + i, "[[A]]", 5) == 0 || memcmp(swapped + i, "[[B]]", 5) == 0)
            swapped[i + 2] = swapped[i + 2] == 'A' ? 'B' : 'A';
    other.answer.p = swapped;
    enum verdict opposite = v == VERDICT_A ? VERDICT_B : v == VERDICT_B ? VERDICT_A : v;
    fuzz_check(judge->parse(&other) == opposite);
    free(swapped);
}

/* What is stored and exported is judged as what was received. */
static void check_canonical(const struct judge *judge, const struct trace *t, enum verdict v)
{
    struct buf text;
    if (t->unclosed || slice_find(t->answer, S("</think>")) != SIZE_MAX)
        return;
    buf_init(&text, 1 << 24);
    trace_write(&text, t->thought, t->answer);
    struct trace again = trace_split(buf_view(&text), S(""), THOUGHT_ABSENT, t->finish);
    fuzz_check(slice_eq(again.answer, t->answer) && slice_eq(again.thought, t->thought));
    fuzz_check(judge->parse(&again) == v);
    buf_free(&text);
}

/* The first byte chooses judge, finish and field; a NUL ends the content, what follows it is the
 * server's own field for the thought. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice input = fuzz_input(data, n), reasoning;
    uint8_t choice = fuzz_byte(&input);
    size_t judges = 0;
    while (judge_table[judges])
        judges++;
    const struct judge *judge = judge_table[choice % judges];
    enum finish finish = (enum finish)(choice / 8 % FINISH_COUNT);
    enum thought_field field = choice & 128 ? THOUGHT_REASONING : THOUGHT_REASONING_CONTENT;
    struct slice content = slice_cut(input, '\0', &reasoning);
    struct trace t = trace_split(content, reasoning, field, finish);
    fuzz_check(is_inside(t.thought, input) && is_inside(t.answer, content));
    fuzz_check(t.field < THOUGHT_COUNT && t.finish == finish);
    enum verdict v = judge->parse(&t);
    fuzz_check(v < VERDICT_COUNT && v == judge->parse(&t));
    check_letters_swapped(judge, &t, v);
    check_canonical(judge, &t, v);
    return 0;
}
