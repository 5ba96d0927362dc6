#include "cli/sim_teacher/question.h"

#include <assert.h>

#include "judges/prompt.h"

#define HEAD S("[User Question]\n")
#define START_A S("\n\n[The Start of Assistant A's Answer]\n")
#define BETWEEN S("\n[The End of Assistant A's Answer]\n\n[The Start of Assistant B's Answer]\n")
#define END_B S("\n[The End of Assistant B's Answer]")
#define MAX_STARTS 8
#define MAX_MIDDLES (QUESTION_MAX_READINGS / MAX_STARTS)

/* body(text): what stands between the first marker and the last. */
static bool body(struct slice text, struct slice *inside)
{
    size_t head = slice_find(text, HEAD);
    size_t end = slice_rfind(text, END_B);
    if (head == SIZE_MAX || end == SIZE_MAX || end < head + HEAD.n)
        return false;
    *inside = slice_sub(text, head + HEAD.n, end - head - HEAD.n);
    return true;
}

/* split_answers(answers, prompt, out, n): a reading for each place where A may end and B begin. */
static size_t split_answers(struct slice answers, struct slice prompt, struct question *out)
{
    size_t n = 0;
    for (size_t from = 0; n < MAX_MIDDLES; n++) {
        size_t at = slice_find(slice_from(answers, from), BETWEEN);
        if (at == SIZE_MAX)
            break;
        at += from;
        out[n] = (struct question){.prompt = prompt,
                                   .a = slice_sub(answers, 0, at),
                                   .b = slice_from(answers, at + BETWEEN.n)};
        from = at + 1;
    }
    return n;
}

size_t question_read(struct slice text, struct question readings[QUESTION_MAX_READINGS])
{
    struct slice inside;
    if (!body(text, &inside))
        return 0;
    size_t n = 0, from = 0;
    for (int starts = 0; starts < MAX_STARTS; starts++) {
        size_t at = slice_find(slice_from(inside, from), START_A);
        if (at == SIZE_MAX)
            break;
        at += from;
        n += split_answers(slice_from(inside, at + START_A.n), slice_sub(inside, 0, at),
                           readings + n);
        from = at + 1;
    }
    assert(n <= QUESTION_MAX_READINGS);
    return n;
}

/* One text alone in its place, the others empty: then the markers around it are known for certain.
 */
static bool shown(const struct judge_task *task, struct slice before, struct slice after,
                  struct slice *out, struct arena *arena, struct err *e)
{
    struct chat rendered;
    if (!prompt_pair(S(""), task, &rendered, arena, e))
        return false;
    struct slice text = rendered.messages[1].content;
    size_t start = slice_find(text, before);
    assert(start != SIZE_MAX && slice_ends(text, after));
    start += before.n;
    *out = slice_sub(text, start, text.n - after.n - start);
    return true;
}

bool question_render(const struct chat *prompt, const struct chat *a, const struct chat *b,
                     struct question *q, struct arena *arena, struct err *e)
{
    struct message user = {S("user"), S("")}, assistant = {S("assistant"), S("")};
    const struct chat no_prompt = {&user, 1}, no_answer = {&assistant, 1};
    const struct slice after_prompt = S(
        "\n\n[The Start of Assistant A's Answer]\n\n[The End of Assistant A's Answer]"
        "\n\n[The Start of Assistant B's Answer]\n\n[The End of Assistant B's Answer]");
    const struct slice after_a = S(
        "\n[The End of Assistant A's Answer]"
        "\n\n[The Start of Assistant B's Answer]\n\n[The End of Assistant B's Answer]");
    struct judge_task only_prompt = {*prompt, no_answer, no_answer};
    struct judge_task only_a = {no_prompt, *a, no_answer};
    struct judge_task only_b = {no_prompt, *b, no_answer};
    return shown(&only_prompt, HEAD, after_prompt, &q->prompt, arena, e) &&
           shown(&only_a, START_A, after_a, &q->a, arena, e) &&
           shown(&only_b, START_A, after_a, &q->b, arena, e);
}
