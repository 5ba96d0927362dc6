/* phrases: the sentences that simulated judgments are put together from, by what they do. */
#ifndef SIM_TEACHER_PHRASES_H
#define SIM_TEACHER_PHRASES_H

#include <stddef.h>

/*
 * Marks in a sentence: {q} the question's beginning; {x} the letter of the answer spoken of, {y}
 * the other one's; {a} and {A} "answer X", or "the answer" when there is but one; {e} how the
 * answer spoken of ends; {m}, {n} and {s} two numbers and their sum.
 */
enum phrase {
    PHRASE_OPENING,
    PHRASE_BARE_OPENING, /* when there is no question to quote */
    PHRASE_NEED,
    PHRASE_PRAISE,
    PHRASE_BLAME,
    PHRASE_NEUTRAL,
    PHRASE_RECHECK,
    PHRASE_CONCLUSION,
    PHRASE_UNDECIDED,
    PHRASE_ENDING,
    PHRASE_REFUSAL,
    PHRASE_SHRUG,
    PHRASE_ONE_OPENING, /* those of a judge that sees one answer */
    PHRASE_ONE_NEED,
    PHRASE_ONE_RECHECK,
    PHRASE_ONE_HIGH,
    PHRASE_ONE_LOW,
    PHRASE_PLAN,  /* a step of a plan */
    PHRASE_AGAIN, /* begins to look again, after a cue */
    PHRASE_QUOTE, /* and finds a line of the answer */
    PHRASE_SUM,   /* and does a sum */
    PHRASE_KEPT,  /* and stays with the answer {x} */
    PHRASE_TURNED,
    PHRASE_HINT,   /* gives away that the winner was told */
    PHRASE_STANDS, /* of a critique that speaks for {x} */
    PHRASE_DISPUTED,
    PHRASE_COUNT
};

struct phrases {
    const char *const *items;
    size_t n;
};

/* phrases_of(kind): never empty. */
struct phrases phrases_of(enum phrase kind);

#endif
