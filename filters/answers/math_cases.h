/* math_cases: what the math checker must say, case by case, under the default rules. */
#ifndef ANSWERS_MATH_CASES_H
#define ANSWERS_MATH_CASES_H

#include "filters/answers/checker.h"

#define MATH_CASES 1

extern const struct checker_case math_cases[MATH_CASES];

#endif
