/* json_lex: the lexical pass of json.c. Knows the grammar, builds nothing. */
#ifndef BASE_JSON_LEX_H
#define BASE_JSON_LEX_H

#include "base/json.h"

struct json_lex {
    struct slice text; /* as given */
    enum json_mode mode;
    size_t at;
    int depth;
    struct slice *numbers; /* every number as written, in order, pointing into text */
    size_t n_numbers;
    size_t cap_numbers;
    char *copy; /* NULL unless something had to be changed for cJSON; as long as text */
};

/* json_lex_run(l, text, mode, e): false with ERR_SYNTAX naming what and the byte, counted from 1.
 * Give l to json_lex_free in either case; it points into text until then. */
bool json_lex_run(struct json_lex *l, struct slice text, enum json_mode mode, struct err *e);
void json_lex_free(struct json_lex *l);
/* json_lex_source(l): what is to be parsed: text, or the changed copy. */
struct slice json_lex_source(const struct json_lex *l);

#endif
