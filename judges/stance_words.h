/* stance_words: a sentence as a row of words that matter for a stance. */
#ifndef JUDGES_STANCE_WORDS_H
#define JUDGES_STANCE_WORDS_H

#include "schemas/types.h"

enum word_class {
    WORD_OTHER,
    WORD_END,  /* of the sentence */
    WORD_MARK, /* punctuation that ends a clause */
    WORD_SIDE,
    WORD_NUMBER,
    WORD_BETTER, /* "better", "superior": of the whole only when nothing narrower follows */
    WORD_WIN,
    WORD_WORSE,
    WORD_CHOOSE,
    WORD_MORE, /* after "is": "more accurate" */
    WORD_LESS,
    WORD_CORRECT,
    WORD_INCORRECT,
    WORD_GOOD,
    WORD_EQUAL,
    WORD_EQUALLY, /* good, that is */
    WORD_BOTH,
    WORD_THAN,
    WORD_TO,
    WORD_NOT,
    WORD_HEDGE,     /* "might", "seems" */
    WORD_CONDITION, /* "if", "whether" */
    WORD_WHICH,     /* asks, unless it is about an answer already named */
    WORD_OR,
    WORD_BUT,
    WORD_BE,
    WORD_GO,      /* "with B" */
    WORD_SO,      /* opens a conclusion */
    WORD_HAVE,    /* what follows is a part of the answer */
    WORD_SCORE,   /* "score", "rate" */
    WORD_NOUN,    /* "answer", "response" */
    WORD_ORDINAL, /* "first", "second" */
    WORD_LINK     /* may follow a side or a "better" without narrowing it */
};

struct word {
    enum word_class class;
    enum verdict side; /* WORD_SIDE, WORD_ORDINAL */
    struct slice text;
};

struct stance_words {
    struct slice rest;
    struct word last, next;
    bool begun;
};

struct stance_words stance_words_of(struct slice sentence);
/* stance_words_next(s): WORD_END at the end, again and again. */
struct word stance_words_next(struct stance_words *s);
/* stance_words_peek(s): what comes next. */
struct word stance_words_peek(const struct stance_words *s);

#endif
