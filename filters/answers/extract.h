/*
 * extract: the final answer in a whole text: the last box, `#### x`, `Answer: x` and their like. It
 * is a piece of the text; nothing is copied or made up. Where a text gives two different answers,
 * or none, it says so: an answer that was guessed would poison the label of a pair.
 */
#ifndef ANSWERS_EXTRACT_H
#define ANSWERS_EXTRACT_H

#include "filters/answers/checker.h"
#include "schemas/project.h"

#define EXTRACT_REASONS(X)                                                          \
    X(FOUND, "found", "")                                                           \
    X(NO_ANSWER, "no_answer", "nothing says which the final answer is")             \
    X(CONFLICTING, "conflicting", "the text gives several different final answers") \
    X(MALFORMED, "malformed",                                                       \
      "a box that is not closed or is empty, or an answer that "                    \
      "is too long")                                                                \
    X(TRUNCATED, "truncated", "the text was cut off, or its thought does not end")

enum extract_reason {
#define X(name, text, help) ANSWER_##name,
    EXTRACT_REASONS(X)
#undef X
        EXTRACT_REASON_COUNT
};

const char *extract_reason_name(enum extract_reason reason);
const char *extract_reason_help(enum extract_reason reason); /* a phrase; "" when found */

/* How to look. */
struct extract_how {
    enum extract_style style;
    enum answer_kind kind;
    /* Tells whether two boxes say the same: by its `verdict`. NULL: by their spelling. */
    const struct checker *same;
    struct answer_rules rules;
};

/* extract_how(kind, style, rules): `same` is the kind's own checker; for the kinds regex and exec,
 * which have none that can tell two answers, it is the one of text. ANSWER_KIND_AUTO is as
 * ANSWER_KIND_MATH. */
struct extract_how extract_how(enum answer_kind kind, enum extract_style style,
                               const struct answer_rules *rules);

struct extracted {
    enum extract_reason reason;
    struct slice answer; /* in the text, without what is around it; empty unless found */
    struct slice place;  /* in the text: the line or box it stood in; empty unless found */
};

/* extract_answer(how, text, reasoning, finish): text is what a model wrote; thought in it
 * (<think>…</think>) never counts. `reasoning`: what came in a field of its own, empty when none
 * did; given, all of the text is the answer. Time and memory are linear in the text, plus at most 8
 * comparisons. */
struct extracted extract_answer(const struct extract_how *how, struct slice text,
                                struct slice reasoning, enum finish finish);

/* A row of the tests of this part. */
struct extract_case {
    enum answer_kind kind;
    enum extract_style style;
    const char *text;
    enum extract_reason reason;
    const char *answer, *why;
};
extern const struct extract_case extract_cases[]; /* ends with a row whose text is NULL */

#endif
