/* math_check: comparing trees by one of three scales, from strict to lenient. */
#ifndef ANSWERS_MATH_CHECK_H
#define ANSWERS_MATH_CHECK_H

#include "filters/answers/math_equal.h"

/* The scale: what counts as a difference. */
enum math_level { MATH_STRICT, MATH_RULES, MATH_LENIENT };

struct math_check {
    struct math_work work;
    enum math_level level;
    const struct answer_rules *rules;
    const char *why; /* out: what decided; a phrase */
};

/* math_compare(c, a, b): the two trees. */
enum answer_verdict math_compare(struct math_check *c, struct math_node *a, struct math_node *b);

/* ---- between the files of the comparison ---- */

/* math_best(a, b): of two ways to read something, the more favourable. */
enum answer_verdict math_best(enum answer_verdict a, enum answer_verdict b);
/* math_differ(c, why): different by strict and by the rules, untold by lenient. */
enum answer_verdict math_differ(struct math_check *c, const char *why);
/* math_unlike(c, why): different by every scale. */
enum answer_verdict math_unlike(struct math_check *c, const char *why);
/* math_overlook(c, v, why): v, which leaves out what only strict takes for a difference. */
enum answer_verdict math_overlook(struct math_check *c, enum answer_verdict v, const char *why);

/* math_shapes.c: lists, tuples, sets, matrices */
bool math_is_collection(const struct math_node *x);
enum answer_verdict math_compare_collections(struct math_check *c, struct math_node *a,
                                             struct math_node *b);
/* math_measures.c: percentages, quantities, ratios, times, bases */
bool math_is_measure(const struct math_node *x);
enum answer_verdict math_compare_measures(struct math_check *c, struct math_node *a,
                                          struct math_node *b);
/* math_relations.c */
enum answer_verdict math_compare_relations(struct math_check *c, struct math_node *a,
                                           struct math_node *b);
bool math_is_assignment(const struct math_node *x);

/* ---- math_reals.c: sets of real numbers ---- */

/* math_is_reals(x): whether x is written as such a set, in brackets or by inequalities. */
bool math_is_reals(const struct math_node *x);
/* math_compare_reals(c, a, b, told): *told is false when they could not both be read as sets. */
enum answer_verdict math_compare_reals(struct math_check *c, struct math_node *a,
                                       struct math_node *b, bool *told);

#endif
