/* math_tokens: an answer cut into its pieces. */
#ifndef ANSWERS_MATH_TOKENS_H
#define ANSWERS_MATH_TOKENS_H

#include "base/arena.h"
#include "filters/answers/math_token.h"

#define MATH_MAX_TOKENS 4096

struct math_tokens {
    struct math_token *items; /* a TOKEN_END behind the last */
    size_t n;
};

/* math_tokens_cut(arena, plain, tokens): cuts what math_plain gave; false past a limit or when the
 * braces do not match. */
bool math_tokens_cut(struct arena *arena, struct slice plain, struct math_tokens *tokens);

#endif
