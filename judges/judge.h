/*
 * judge: one judge format = one file judge_<name>.c ending in one `const struct judge`. It renders
 * a question and reads a verdict out of an answer; both are pure. The worker never learns which
 * side is right: it sees A and B.
 */
#ifndef JUDGES_JUDGE_H
#define JUDGES_JUDGE_H

#include "judges/trace.h"
#include "schemas/chat.h"

/* What is judged, as it will be shown. */
struct judge_task {
    struct chat prompt;   /* the conversation that both answers answer */
    struct chat answer_a; /* shown first */
    struct chat answer_b; /* shown second */
};

/* A row of a format's own tests: an answer's text and the verdict it must give. */
struct judge_case {
    const char *text;
    enum finish finish;
    enum verdict expect;
    const char *why;
};

struct judge {
    const char *name;
    const char *help;
    const char *prompt_id; /* changes whenever the wording does: part of the recipe's fingerprint */
    /* render(task, chat, arena, e): the request's messages. Every byte of the seed's and the
     * answers' texts stands in them unchanged, and swapping A and B swaps just the two texts. */
    bool (*render)(const struct judge_task *task, struct chat *out, struct arena *arena,
                   struct err *e);
    /* parse(trace): the verdict that stands in the final answer tags, or the reason why there is
     * none. Linear in the length of the text; no memory. */
    enum verdict (*parse)(const struct trace *trace);
    const struct judge_case *cases;
    size_t n_cases;
};

extern const struct judge
    *const judge_table[]; /* sorted by name, NULL at the end; made by the build */

/* judge_find(name): NULL when there is none. */
const struct judge *judge_find(const char *name);

#endif
