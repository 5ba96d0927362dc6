/* math_token: one piece an answer is written in. */
#ifndef ANSWERS_MATH_TOKEN_H
#define ANSWERS_MATH_TOKEN_H

#include "base/slice.h"

enum math_token_type {
    TOKEN_END,
    TOKEN_NUMBER,  /* digits, perhaps with one point */
    TOKEN_LETTER,  /* one letter outside \text: a variable, a constant, a choice */
    TOKEN_WORD,    /* letters that belong together: inside \text, or plainly a word or a unit */
    TOKEN_COMMAND, /* text: the name without its backslash; "\\" is named "\\" */
    TOKEN_BEGIN,   /* \begin{text} */
    TOKEN_FINISH,  /* \end{text} */
    TOKEN_MARK,    /* {,} */
    TOKEN_SIGN     /* one other character */
};

struct math_token {
    enum math_token_type type;
    bool space;  /* white space before it */
    bool quoted; /* inside \text */
    struct slice text;
};

/* math_token_is(t, c): whether it is the sign c. */
static inline bool math_token_is(const struct math_token *t, char c)
{
    return t->type == TOKEN_SIGN && t->text.p[0] == c;
}
/* math_token_says(t, name): whether it is this command or this word (whatever its case). */
bool math_token_says(const struct math_token *t, const char *name);

#endif
