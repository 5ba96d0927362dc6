/*
 * choice: which of a pair's traces leave. Correct ones that no filter rejected; when a checker has
 * reviewed the pair's, only those that stood; of a pair that was accepted in a second pass, those
 * of that pass. A trace that was right in between and lost it again is not among them.
 */
#ifndef EXPORTS_CHOICE_H
#define EXPORTS_CHOICE_H

#include "coordinator/exports/exporter.h"

/* Traces of both halves. */
struct choice {
    const struct release_rollout *kept[EXPORT_HALVES][CALL_MAX_K];
    size_t n[EXPORT_HALVES];
};

/* choice_accepted(item): the pair was accepted, and both halves have a trace to show. */
bool choice_accepted(const struct export_item *item);
/* choice_correct(item, c): correct traces as `accept.keep` ranks them, at most
 * `accept.keep_per_order` of each half. Pointwise the same k of both. */
void choice_correct(const struct export_item *item, struct choice *c);
/* choice_incorrect(item, c): likewise incorrect ones that no filter rejected. */
void choice_incorrect(const struct export_item *item, struct choice *c);
/* choice_steered(item, c): as choice_correct, but of several those of the kind that
 * `reflection.proportions` misses most in item->tally. */
void choice_steered(const struct export_item *item, struct choice *c);

/* choice_n_correct / choice_n: judgments of the pair by the teacher in this half, not those of a
 * second pass; correct: and no filter rejected it. */
int choice_n_correct(const struct export_item *item, int half);
int choice_n(const struct export_item *item, int half);
/* choice_stopped(item, half): fewer judgments than the rules allow were made: which, depends on how
 * the first ones came out, so that n_correct / n is biased. */
bool choice_stopped(const struct export_item *item, int half);

#endif
