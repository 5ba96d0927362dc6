#include "filters/answers/math_token.h"

#include <strings.h>

bool math_token_says(const struct math_token *t, const char *name)
{
    struct slice s = slice_of(name);
    if (t->type == TOKEN_COMMAND)
        return slice_eq(t->text, s);
    return (t->type == TOKEN_WORD || t->type == TOKEN_LETTER) && t->text.n == s.n &&
           strncasecmp(t->text.p, name, s.n) == 0;
}
