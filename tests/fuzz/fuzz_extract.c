/*
 * A text that a model wrote, from the search for its final answer to the comparison with a known
 * one. The first byte chooses kind and style; the gold is what stands before the first byte 1.
 * Whatever comes, the answer is a piece of the text, each verdict keeps its order, and an answer is
 * never another than itself.
 */
#include <string.h>

#include "filters/answers/extract.h"
#include "filters/answers/rules.h"
#include "tests/fuzz/fuzz.h"

static void check_result(const struct answer_result *r)
{
    fuzz_check(r->verdict < ANSWER_VERDICT_COUNT && r->strict < ANSWER_VERDICT_COUNT &&
               r->lenient < ANSWER_VERDICT_COUNT);
    fuzz_check(r->strict != ANSWER_EQUAL || r->verdict == ANSWER_EQUAL);
    fuzz_check(r->verdict != ANSWER_EQUAL || r->lenient == ANSWER_EQUAL);
    fuzz_check(memchr(r->why, 0, sizeof r->why));
}

static void compare(const struct checker *c, const struct answer_rules *rules, struct slice gold,
                    struct slice candidate)
{
    struct answer_result r;
    struct err e;
    c->check_gold(gold, &e);
    c->compare(rules, gold, candidate, &r);
    check_result(&r);
    c->compare(rules, candidate, candidate, &r);
    check_result(&r);
    if (strcmp(c->name, "regex") != 0)
        fuzz_check(r.lenient != ANSWER_DIFFERENT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct answer_rules rules = answer_rules_default();
    struct slice input = fuzz_input(data, n), text, gold;
    uint8_t choice = fuzz_byte(&input);
    enum answer_kind kind = (enum answer_kind)(choice % ANSWER_KIND_COUNT);
    enum extract_style style = (enum extract_style)(choice / ANSWER_KIND_COUNT %
                                                    EXTRACT_STYLE_COUNT);
    gold = slice_cut(input, '\x01', &text);
    if (text.n == 0)
        text = gold;
    const struct extract_how how = extract_how(kind, style, &rules);
    struct extracted x = extract_answer(&how, text, S(""), FINISH_STOP);
    fuzz_check(x.reason < EXTRACT_REASON_COUNT);
    fuzz_check((x.reason == ANSWER_FOUND) == (x.answer.n > 0));
    if (x.answer.n)
        fuzz_check(x.answer.p >= text.p && x.answer.p + x.answer.n <= text.p + text.n &&
                   x.place.p >= text.p && x.place.p + x.place.n <= text.p + text.n);
    for (size_t i = 0; checker_table[i] && input.n < 4096; i++) {
        compare(checker_table[i], &rules, gold, x.answer);
        compare(checker_table[i], &rules, gold, text);
    }
    return 0;
}
