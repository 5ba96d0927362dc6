/*
 * checker: one kind of answer = one file checker_<name>.c ending in one `const struct checker`. It
 * compares a known answer with a candidate's final answer (already extracted, see extract.h).
 */
#ifndef ANSWERS_CHECKER_H
#define ANSWERS_CHECKER_H

#include "filters/answers/answer.h"

/* A row of a checker's own tests, under the default rules unless `rules` says otherwise. */
struct checker_case {
    const char *gold, *candidate;
    enum answer_verdict verdict, strict, lenient;
    const char *why;
};

struct checker {
    const char *name;
    const char *help;
    /* check_gold(gold, e): whether this is an answer of the kind at all; false with a sentence that
     * says what is wrong with it. */
    bool (*check_gold)(struct slice gold, struct err *e);
    /* compare(rules, gold, candidate, result): pure; bounded in time (50 ms) and memory whatever
     * the texts; never fails: what it cannot tell is ANSWER_UNKNOWN. */
    void (*compare)(const struct answer_rules *rules, struct slice gold, struct slice candidate,
                    struct answer_result *result);
    const struct checker_case *cases;
    size_t n_cases;
};

extern const struct checker
    *const checker_table[]; /* sorted by name, NULL at the end; made by the build */

/* checker_find(name): NULL when there is none. */
const struct checker *checker_find(const char *name);

#endif
