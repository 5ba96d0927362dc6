/* rules: the project's `answers:` section as checkers take it. */
#ifndef ANSWERS_RULES_H
#define ANSWERS_RULES_H

#include "filters/answers/answer.h"
#include "schemas/project.h"

/* answer_rules_default(): as a project without the section has them. */
struct answer_rules answer_rules_default(void);
/* answer_rules_of(p): as the project file says. */
struct answer_rules answer_rules_of(const struct project *p);

#endif
