/*
 * Two answers, apart at the first line break: to swap them changes nothing, the three scales are
 * nested, each equals itself. The work is bounded: libFuzzer's own limit on time sees to it.
 */
#include "filters/answers/checker.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct checker *c, const struct answer_rules *rules, struct slice a,
                  struct slice b)
{
    struct answer_result r, back;
    c->compare(rules, a, b, &r);
    c->compare(rules, b, a, &back);
    fuzz_check(r.verdict == back.verdict && r.strict == back.strict && r.lenient == back.lenient);
    fuzz_check(r.strict != ANSWER_EQUAL || r.verdict == ANSWER_EQUAL);
    fuzz_check(r.verdict != ANSWER_EQUAL || r.lenient == ANSWER_EQUAL);
    fuzz_check(r.lenient != ANSWER_DIFFERENT || r.verdict == ANSWER_DIFFERENT);
    fuzz_check(r.verdict != ANSWER_DIFFERENT || r.strict == ANSWER_DIFFERENT);
}

static void check_itself(const struct checker *c, const struct answer_rules *rules,
                         struct slice gold)
{
    struct answer_result r;
    struct err e;
    if (!c->check_gold(gold, &e))
        return;
    c->compare(rules, gold, gold, &r);
    fuzz_check(r.strict == ANSWER_EQUAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice input = fuzz_input(data, n), candidate;
    struct slice gold = slice_cut(input, '\n', &candidate);
    const struct checker *c = checker_find("math");
    struct answer_rules rules = {.ratios = true, .words = true, .fold_case = true};
    fuzz_check(c != NULL);
    check(c, &rules, gold, candidate);
    rules.percent = ANSWER_PERCENT_EITHER;
    rules.units = ANSWER_UNITS_REQUIRED;
    rules.words = rules.ratios = false;
    check(c, &rules, gold, candidate);
    check_itself(c, &rules, gold);
    check_itself(c, &rules, candidate);
    return 0;
}
