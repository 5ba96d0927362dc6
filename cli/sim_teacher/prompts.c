#include "cli/sim_teacher/prompts.h"

#include "cli/sim_teacher/mix.h"

#define ANSWERS_MAX ((size_t)4 * 1024 * 1024 * 1024)
#define MAX_BLANK_LINES 4 /* of an instruction, the one before it included */

/* A value is an answer's offset above its length, plus one so that it is never 0. Who checks
 * answers has no use for longer ones. */
enum { LENGTH_BITS = 20, LENGTH_MAX = (1 << LENGTH_BITS) - 1, OPEN = 1 };

void prompts_init(struct prompts *p)
{
    *p = (struct prompts){0};
    map_init(&p->at, 2 * PROMPTS_MAX);
    buf_init(&p->answers, ANSWERS_MAX);
}

void prompts_free(struct prompts *p)
{
    map_free(&p->at);
    buf_free(&p->answers);
}

static struct slice answer_of(const struct prompts *p, uint64_t value)
{
    return slice_sub(buf_view(&p->answers), (value - 1) >> LENGTH_BITS, (value - 1) & LENGTH_MAX);
}

bool prompts_add(struct prompts *p, struct slice prompt, struct slice answer, struct err *e)
{
    uint64_t *value = map_at(&p->at, mix_bytes(prompt));
    if (!value)
        return err_set(e, ERR_LIMIT, "more than %zu prompts, or no memory for them", PROMPTS_MAX);
    if (answer.n > LENGTH_MAX)
        answer.n = 0;
    if (*value && slice_eq(answer_of(p, *value), answer))
        return true;
    if (*value || answer.n == 0) {
        *value = OPEN;
        return true;
    }
    *value = ((uint64_t)p->answers.n << LENGTH_BITS | answer.n) + 1;
    buf_slice(&p->answers, answer);
    return buf_ok(&p->answers, "the answers", e);
}

bool prompts_find(const struct prompts *p, struct slice text, struct prompt_found *found)
{
    if (p->at.n == 0)
        return false;
    for (int i = 0; i <= MAX_BLANK_LINES; i++) {
        uint64_t id = mix_bytes(text), value = map_get(&p->at, id);
        if (value) {
            *found = (struct prompt_found){text, answer_of(p, value), id};
            return true;
        }
        size_t at = slice_rfind(text, S("\n\n"));
        if (at == SIZE_MAX)
            return false;
        text = slice_sub(text, 0, at);
    }
    return false;
}
