#include "filters/answers/answer.h"

#define NAME(name, text) text,
static const char *const verdict_names[] = {ANSWER_VERDICTS(NAME)};
#undef NAME

const char *answer_verdict_name(enum answer_verdict v)
{
    return verdict_names[v];
}
