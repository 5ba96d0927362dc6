#include "filters/answers/rules.h"

struct answer_rules answer_rules_default(void)
{
    return (struct answer_rules){
        .percent = ANSWER_PERCENT_DROP,
        .units = ANSWER_UNITS_OPTIONAL,
        .words = true,
    };
}

struct answer_rules answer_rules_of(const struct project *p)
{
    const struct project_answers *a = &p->answers;
    return (struct answer_rules){
        .percent = a->percent,
        .units = a->units,
        .relative = a->relative,
        .absolute = a->absolute,
        .ratios = a->ratios,
        .words = a->words,
        .fold_case = a->fold_case,
    };
}
