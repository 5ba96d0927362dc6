/*
 * math_parser: from tokens to a tree. Notation is ambiguous, so a text has one first reading and
 * perhaps others: each bit of enum math_reading turns one choice the other way. The parser tells
 * which choices it met.
 */
#ifndef ANSWERS_MATH_PARSER_H
#define ANSWERS_MATH_PARSER_H

#include "filters/answers/math_tokens.h"
#include "filters/answers/math_tree.h"

enum math_reading {
    READ_COMMA_DECIMAL = 1,   /* "2,74" is 2.74 and not two numbers */
    READ_COMMA_LIST = 2,      /* "1,234" is two numbers and not 1234 */
    READ_LETTER_UNIT = 4,     /* "5 m" are metres and not five times m */
    READ_SLASH_WIDE = 8,      /* "1/2x" is 1/(2x) and not x/2 */
    READ_MIXED_PRODUCT = 16,  /* "2\frac12" is 1 and not 2.5 */
    READ_DOT_THOUSANDS = 32,  /* "1.000" is a thousand */
    READ_LOG_NATURAL = 64,    /* "\log" is the natural one */
    READ_CHOICE_LETTER = 128, /* "(C) 5" is the choice C … */
    READ_CHOICE_BODY = 256,   /* … or what it says, 5 */
    READINGS = 9
};

struct math_parser {
    struct math_tree *tree;
    const struct math_token *t; /* all tokens; `at` is the next one */
    size_t n, at;
    unsigned flags;  /* choices turned */
    unsigned met;    /* choices met */
    unsigned likely; /* of these, the ones whose other reading is as good as the first */
    int depth;
    int brackets; /* open ones: a comma inside separates */
    int bars;     /* open |: the next one closes */
    size_t commas;
};

/* math_parse(tree, tokens, flags, met, likely): the reading with these choices turned; NULL when
 * the text is nothing known or past a limit. */
struct math_node *math_parse(struct math_tree *tree, const struct math_tokens *tokens,
                             unsigned flags, unsigned *met, unsigned *likely);

/* ---- between the parser's own files: each gives NULL when it cannot ---- */

static inline const struct math_token *math_next(const struct math_parser *p, size_t ahead)
{
    size_t i = p->at + ahead;
    return &p->t[i < p->n ? i : p->n];
}
/* math_skip_sign(p, c) / math_skip_word(p, name): takes the next token when it is this. */
bool math_skip_sign(struct math_parser *p, char c);
bool math_skip_word(struct math_parser *p, const char *name);
/* math_enter(p): one level deeper; false past the limit. math_leave(p, x) gives x back. */
bool math_enter(struct math_parser *p);
struct math_node *math_leave(struct math_parser *p, struct math_node *x);

struct math_node *math_read_number(struct math_parser *p); /* math_numerals.c */
struct math_node *math_read_atom(struct math_parser *p);   /* math_atoms.c */
struct math_node *math_read_symbol(struct math_parser *p, struct slice letter);
struct math_node *math_read_group(struct math_parser *p); /* {…} or one token, as TeX takes it */
struct math_node *math_read_command(struct math_parser *p);  /* math_commands.c */
struct math_node *math_read_factor(struct math_parser *p);   /* an atom with its powers and marks */
struct math_node *math_read_sum(struct math_parser *p);      /* math_sums.c */
struct math_node *math_read_quantity(struct math_parser *p); /* a sum with a unit, a ratio */
bool math_starts_factor(const struct math_parser *p);
struct math_node *math_read_bracket(struct math_parser *p); /* math_brackets.c */
struct math_node *math_read_matrix(struct math_parser *p);
struct math_node *math_read_item(struct math_parser *p); /* math_statements.c: a relation, a set */
struct math_node *math_read_statements(struct math_parser *p); /* … up to the end of the text */

#endif
