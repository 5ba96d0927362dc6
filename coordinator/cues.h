/*
 * cues: what can be counted in an answer without understanding it. A judge that has seen one of
 * them go with the winner will count instead of judging.
 */
#ifndef COORDINATOR_CUES_H
#define COORDINATOR_CUES_H

#include "base/slice.h"

/* name, what having more of it is, what having less of it is */
#define CUES(X)                                                                               \
    X(CHARACTERS, "characters", "more characters", "fewer characters")                        \
    X(WORDS, "words", "more words", "fewer words")                                            \
    X(LINES, "line_breaks", "more line breaks", "fewer line breaks")                          \
    X(MARKDOWN, "markdown", "more markdown", "less markdown") /* the five below together */   \
    X(HEADINGS, "headings", "more headings", "fewer headings")                                \
    X(BULLETS, "bullets", "more list items", "fewer list items")                              \
    X(BOLD, "bold", "more bold text", "less bold text")                                       \
    X(FENCES, "code_fences", "more code fences", "fewer code fences")                         \
    X(TABLES, "table_rows", "more table rows", "fewer table rows")                            \
    X(DIGITS, "digits", "more digits", "fewer digits")                                        \
    X(QUESTIONS, "question_marks", "more question marks", "fewer question marks")             \
    X(EXCLAMATIONS, "exclamation_marks", "more exclamation marks", "fewer exclamation marks") \
    X(REFUSAL, "refusal_opener", "opening like a refusal", "not opening like a refusal")

enum cue {
#define X(name, text, more, less) CUE_##name,
    CUES(X)
#undef X
        CUE_COUNT
};

const char *cue_name(enum cue c);
const char *cue_more(enum cue c);
const char *cue_less(enum cue c);

struct cues {
    uint64_t count[CUE_COUNT]; /* REFUSAL: 0 or 1 */
};

/* cues_of(text): one pass over any bytes. Characters are code points; headings, list items, fences
 * and table rows are known by how their line begins; digits are ASCII's. */
struct cues cues_of(struct slice text);

#endif
