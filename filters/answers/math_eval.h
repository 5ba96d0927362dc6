/* math_eval: the value of an expression at a point. */
#ifndef ANSWERS_MATH_EVAL_H
#define ANSWERS_MATH_EVAL_H

#include "filters/answers/math_tree.h"
#include "filters/answers/math_value.h"

/* What the variables are: rational numbers, one for each name. */
struct math_point {
    const struct math_symbols *symbols;
    mpq_t values[MATH_MAX_SYMBOLS];
    uint64_t seed; /* of the values of functions that nobody knows */
    size_t ranged; /* one more than the number of the variable that is anything from its value … */
    mpq_t high;    /* … to this; 0: none is */
};

/* math_eval(m, x, point, v): v becomes the value; a variable that the point does not have, an
 * infinity, anything that is no expression is unknown. point may be NULL. */
void math_eval(struct math_budget *m, const struct math_node *x, const struct math_point *point,
               struct math_value *v);
/* math_eval_turns(m, x, v): when x is seen to be a rational number of half turns (pi, 180 degrees):
 * true, and v that number. */
bool math_eval_turns(struct math_budget *m, const struct math_node *x, struct math_value *v);
/* math_literal(x, v): the value of a MATH_NUMBER, or of a MATH_BASED as its base reads it. */
void math_literal(const struct math_node *x, mpq_ptr v);

#endif
