#include "cli/sim_teacher/built.h"

#include "cli/sim_teacher/essay.h"
#include "cli/sim_teacher/final.h"

enum worth { WORTH_UNKNOWN, WORTH_RIGHT, WORTH_WRONG };

static enum worth worth_of(struct slice answer, const struct prompt_found *found)
{
    struct slice value;
    bool right;
    if (found->answer.n)
        right = final_find(answer, &value) && final_is(value, found->answer);
    else if (!essay_answers(answer, found->prompt, &right))
        return WORTH_UNKNOWN;
    return right ? WORTH_RIGHT : WORTH_WRONG;
}

bool built_look(const struct prompts *p, const struct question *shown, bool one, struct built *out)
{
    struct prompt_found found;
    if (!prompts_find(p, shown->prompt, &found))
        return false;
    enum worth a = worth_of(shown->a, &found);
    enum worth b = one ? a : worth_of(shown->b, &found);
    bool both = a != WORTH_UNKNOWN && b != WORTH_UNKNOWN && (one || a != b);
    out->prompt = found.id;
    out->gold = !both ? VERDICT_NONE : a == WORTH_RIGHT ? VERDICT_A : VERDICT_B;
    return true;
}
