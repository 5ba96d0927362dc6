/* outcome: how checkers say what they found. */
#ifndef ANSWERS_OUTCOME_H
#define ANSWERS_OUTCOME_H

#include "filters/answers/answer.h"

/* outcome_set(r, strict, verdict, lenient, why, ...): asserts that equal carries over from the
 * stricter to the more lenient. */
void outcome_set(struct answer_result *r, enum answer_verdict strict, enum answer_verdict verdict,
                 enum answer_verdict lenient, const char *why, ...)
    __attribute__((format(printf, 5, 6)));
/* outcome_all(r, v, why, ...): the same by each measure. */
void outcome_all(struct answer_result *r, enum answer_verdict v, const char *why, ...)
    __attribute__((format(printf, 3, 4)));
/* outcome_without_look(gold, candidate, r): true, with r set, when no look at the content is needed
 * or possible: empty, too long, not UTF-8. */
bool outcome_without_look(struct slice gold, struct slice candidate, struct answer_result *r);
/* outcome_check_text(gold, e): what every kind asks of a gold: not empty, not too long, UTF-8. */
bool outcome_check_text(struct slice gold, struct err *e);

#endif
