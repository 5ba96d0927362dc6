/* extract_hits: the places of a text that name a final answer, one kind of place at a time. For the
 * extract*.c files alone. */
#ifndef ANSWERS_EXTRACT_HITS_H
#define ANSWERS_EXTRACT_HITS_H

#include "base/slice.h"

enum { HITS_SPELLINGS = 8 };

/* Answers of one kind of place, in the order of the text; the same spelling counts once. */
struct hits {
    struct slice spellings[HITS_SPELLINGS]; /* trimmed */
    size_t n;
    struct slice last, last_place;
    bool many;      /* more spellings than that */
    bool malformed; /* a box that is not closed, or nothing but empty ones */
};

/* hits_boxes(text, h): \boxed{x}, \boxed x, \fbox{x}; of nested ones the outer. Boxes with nothing
 * in them (blanks to be filled in) do not count beside others. */
void hits_boxes(struct slice text, struct hits *h);
/* hits_hashes(text, last_only, h): lines `#### x`. */
void hits_hashes(struct slice text, bool last_only, struct hits *h);
/* hits_lines(text, h): `Answer: x`, `**Final answer:** x`, a heading "Final answer" and the line
 * after it. */
void hits_lines(struct slice text, struct hits *h);
/* hits_a(text, h): `A: x` as the last line. */
void hits_a(struct slice text, struct hits *h);
/* hits_sentences(text, accepts, h): "the answer is x" in running text; what `accepts` refuses is
 * none. */
void hits_sentences(struct slice text, bool (*accepts)(struct slice answer), struct hits *h);
/* hits_number(text, h): the last number. */
void hits_number(struct slice text, struct hits *h);
/* hits_add(h, answer, place): wrapping and a full stop are taken off the answer. */
void hits_add(struct hits *h, struct slice answer, struct slice place);
/* hits_last_line(text): the last line that is not blank, trimmed. */
struct slice hits_last_line(struct slice text);

#endif
