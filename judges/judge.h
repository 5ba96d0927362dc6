/*
 * judge: one judge format = one file judge_<name>.c ending in one `const struct judge`: the wording
 * of its prompt, and how to read a verdict out of an answer; both are pure. The worker never learns
 * which side is right: it sees A and B.
 */
#ifndef JUDGES_JUDGE_H
#define JUDGES_JUDGE_H

#include "judges/task.h"
#include "judges/trace.h"

/* What an answer says: a verdict, and the scores when the format has any. */
struct judge_reading {
    enum verdict verdict; /* A, B, TIE, SCORE (pointwise), or the reason why there is none */
    int score_a, score_b; /* hundredths; SCORE_NONE: none. Pointwise: score_a */
};

/* A row of a format's own tests: an answer's text and what must be read from it. */
struct judge_case {
    const char *text;
    enum finish finish;
    enum verdict expect;
    const char *why;
    int score_a, score_b; /* looked at only when the verdict is A, B, TIE or SCORE and the format
                             has scores */
};

/* A row without scores. */
#define JUDGE_CASE(text, finish, expect, why)             \
    {                                                     \
        text, finish, expect, why, SCORE_NONE, SCORE_NONE \
    }

struct judge {
    const char *name; /* format_name(format) */
    const char *help;
    enum format format;
    bool pointwise;  /* sees one answer at a time: judge_task.answer_a */
    bool has_scores; /* each judgment brings scores: the rule mean_score can use it */
    /* The prompt as a template (judges/template.h); projects may put another in its place. */
    const char *wording;
    const char *prompt_id; /* changes whenever the wording does: part of the recipe's fingerprint */
    /* parse(trace, nonce): what stands in the final answer tags. With a nonce (judges/nonce.h) only
     * tags that carry it count; "" for none. What the thought says or quotes never counts. Linear
     * in the length of the text; no memory. */
    struct judge_reading (*parse)(const struct trace *trace, struct slice nonce);
    const struct judge_case *cases;
    size_t n_cases;
};

extern const struct judge
    *const judge_table[]; /* sorted by name, NULL at the end; made by the build */

/* judge_find(name): NULL when there is none. */
const struct judge *judge_find(const char *name);
/* judge_of(format): every format has one. */
const struct judge *judge_of(enum format format);

#endif
