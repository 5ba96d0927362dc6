/*
 * answer: whether a candidate's final answer is the known one. There are three words for it, and no
 * fourth: `unknown` is what honesty says when neither can be proved within the bounds on time and
 * memory. Nothing is decided by rounding.
 */
#ifndef ANSWERS_ANSWER_H
#define ANSWERS_ANSWER_H

#include "base/arena.h"
#include "base/err.h"

#define ANSWER_WHY 200 /* bytes of a reason, its end included */
#define ANSWER_MAX                                                                \
    (64u * 1024) /* bytes of an answer that is looked at; a longer one is unknown \
                  */

#define ANSWER_VERDICTS(X) \
    X(UNKNOWN, "unknown")  \
    X(EQUAL, "equal")      \
    X(DIFFERENT, "different")

enum answer_verdict {
#define X(name, text) ANSWER_##name,
    ANSWER_VERDICTS(X)
#undef X
        ANSWER_VERDICT_COUNT
};

const char *answer_verdict_name(enum answer_verdict v);

/* What is a matter of taste: the project's `answers:` section. `verdict` goes by these; strict and
 * lenient are fixed ends of the same scale: strict takes every difference of notation that may mean
 * something (a unit, a percent sign, an order, rounding) for a difference, lenient overlooks all of
 * them. A tolerance and a letter case that are declared (relative, absolute, fold_case) hold for
 * all three. So strict equal implies verdict equal implies lenient equal. */
struct answer_rules {
    int percent;     /* ANSWER_PERCENT_* : 50 % is 50 (MATH's convention), 0.5, either, or itself */
    int units;       /* ANSWER_UNITS_*: one that one side lacks is overlooked, or counts */
    double relative; /* kind number: how far the candidate may be off, as a share of the gold … */
    double absolute; /* … or in all; the larger of the two counts; 0 and 0: exactly */
    bool ratios;     /* 1:2 is 1/2 */
    bool words;      /* number words: three is 3 */
    bool fold_case;  /* kind text: letter case does not count */
};

enum { ANSWER_PERCENT_DROP, ANSWER_PERCENT_FRACTION, ANSWER_PERCENT_EITHER, ANSWER_PERCENT_STRICT };
enum { ANSWER_UNITS_OPTIONAL, ANSWER_UNITS_REQUIRED };

struct answer_result {
    enum answer_verdict verdict, strict, lenient;
    char why[ANSWER_WHY]; /* one plain phrase: what decided it; safe for a terminal */
};

/* A right answer is equal by the strict and the lenient check, a wrong one different by the lenient
 * one; everything else is neither and must not be trained on. */
static inline bool answer_is_right(const struct answer_result *r)
{
    return r->strict == ANSWER_EQUAL && r->lenient == ANSWER_EQUAL;
}
static inline bool answer_is_wrong(const struct answer_result *r)
{
    return r->strict == ANSWER_DIFFERENT && r->lenient == ANSWER_DIFFERENT;
}

#endif
