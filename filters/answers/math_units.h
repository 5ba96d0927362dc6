/*
 * math_units: units of measure and of money, and the words that stand where a unit would ("5
 * apples"). A unit is a product of powers; known ones convert exactly.
 */
#ifndef ANSWERS_MATH_UNITS_H
#define ANSWERS_MATH_UNITS_H

#include "filters/answers/math_token.h"
#include "filters/answers/math_tree.h"

#define MATH_UNIT_FACTORS 6

struct math_unit_row;
struct math_unit {
    struct {
        const struct math_unit_row *row; /* NULL: a word that is no known unit */
        struct slice word;               /* … and that word, lower case, singular */
        int power;
    } factors[MATH_UNIT_FACTORS];
    size_t n;
    bool guessed; /* a letter that may as well be a variable */
};

/* How two units go together. */
enum math_unit_match { UNIT_SAME, UNIT_CONVERTIBLE, UNIT_UNLIKE, UNIT_UNSURE };

/* math_unit_known(run): whether the letters are the name of a unit. */
bool math_unit_known(struct slice run);
/* math_unit_parse(arena, t, used): the unit that t begins with; *used tokens. NULL: none. */
const struct math_unit *math_unit_parse(struct arena *arena, const struct math_token *t,
                                        size_t *used);
/* math_unit_per(arena, u, t, used): u for each of the unit that t begins with. */
const struct math_unit *math_unit_per(struct arena *arena, const struct math_unit *u,
                                      const struct math_token *t, size_t *used);
/* math_unit_named(arena, name): of a known name. */
const struct math_unit *math_unit_named(struct arena *arena, const char *name);
enum math_unit_match math_unit_match(const struct math_unit *a, const struct math_unit *b);
/* math_unit_scale(tree, u): how many base units one of u is, a rational number. */
struct math_node *math_unit_scale(struct math_tree *tree, const struct math_unit *u);
/* math_unit_is(u, name): whether it is this known unit alone. */
bool math_unit_is(const struct math_unit *u, const char *name);

#endif
