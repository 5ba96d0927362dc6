#include "cli/sim_teacher/question.h"

#include <assert.h>

#include "judges/template.h"

#define MAX_STARTS 8
#define MAX_MIDDLES 8
#define MAX_PROMPTS (QUESTION_MAX_READINGS / MAX_STARTS / MAX_MIDDLES)

/* body(text, l): what stands between the first marker and the last. */
static bool body(struct slice text, const struct frame *l, struct slice *inside)
{
    struct slice head = frame_text(&l->before_question);
    struct slice tail = frame_text(l->one ? &l->after_a : &l->after_b);
    size_t start = slice_find(text, head), end = slice_rfind(text, tail);
    if (start == SIZE_MAX || end == SIZE_MAX || end < start + head.n)
        return false;
    *inside = slice_sub(text, start + head.n, end - start - head.n);
    return true;
}

static struct slice without(struct slice text, struct slice tail)
{
    return slice_ends(text, tail) ? slice_sub(text, 0, text.n - tail.n) : text;
}

/* split_prompt(text, l, out): the prompt alone, when a reference or rubric follows it, and all of
 * what stands before the answers. */
static size_t split_prompt(struct slice text, const struct frame *l, struct slice out[MAX_PROMPTS])
{
    struct slice tail = frame_text(&l->after_question);
    size_t n = 0, first = SIZE_MAX;
    out[n++] = without(text, tail);
    for (size_t i = 0; i < l->n_sections; i++) {
        size_t at = slice_find(text, frame_text(&l->sections[i]));
        if (at < first)
            first = at;
    }
    if (first != SIZE_MAX)
        out[n++] = without(slice_sub(text, 0, first), tail);
    return n;
}

/* split_answers(answers, l, prompt, out): a reading for each place where A may end and B begin. */
static size_t split_answers(struct slice answers, const struct frame *l, struct slice prompt,
                            struct question *out)
{
    struct slice between = frame_text(&l->after_a);
    size_t n = 0;
    if (l->one) {
        out[0] = (struct question){.prompt = prompt, .a = answers};
        return 1;
    }
    for (size_t from = 0; n < MAX_MIDDLES; n++) {
        size_t at = slice_find(slice_from(answers, from), between);
        if (at == SIZE_MAX)
            break;
        at += from;
        out[n] = (struct question){.prompt = prompt,
                                   .a = slice_sub(answers, 0, at),
                                   .b = slice_from(answers, at + between.n)};
        from = at + 1;
    }
    return n;
}

size_t question_read(struct slice text, const struct frame *l,
                     struct question readings[QUESTION_MAX_READINGS])
{
    struct slice inside, start = frame_text(&l->before_a);
    if (!body(text, l, &inside))
        return 0;
    size_t n = 0, from = 0;
    for (int starts = 0; starts < MAX_STARTS; starts++) {
        size_t at = slice_find(slice_from(inside, from), start);
        if (at == SIZE_MAX)
            break;
        at += from;
        struct slice prompts[MAX_PROMPTS];
        size_t n_prompts = split_prompt(slice_sub(inside, 0, at), l, prompts);
        for (size_t i = 0; i < n_prompts; i++)
            n += split_answers(slice_from(inside, at + start.n), l, prompts[i], readings + n);
        from = at + 1;
    }
    assert(n <= QUESTION_MAX_READINGS);
    return n;
}

/* shown(template, task, out, arena, e): what stands in the place of the one hole, which one byte
 * precedes so that there is always a message. */
static bool shown(struct slice template, const struct judge_task *task, struct slice *out,
                  struct arena *arena, struct err *e)
{
    struct chat rendered;
    if (!template_render(template, task, &rendered, arena, e))
        return false;
    *out = slice_from(rendered.messages[0].content, 1);
    return true;
}

bool question_render_prompt(const struct chat *prompt, struct slice *out, struct arena *arena,
                            struct err *e)
{
    const struct judge_task task = {.prompt = *prompt};
    return shown(S("=== user ===\n:{{question}}"), &task, out, arena, e);
}

bool question_render(const struct chat *prompt, const struct chat *a, const struct chat *b,
                     struct question *q, struct arena *arena, struct err *e)
{
    const struct slice answer = S("=== user ===\n:{{answer}}");
    const struct judge_task right = {.prompt = *prompt, .answer_a = *a};
    const struct judge_task wrong = {.prompt = *prompt, .answer_a = *b};
    return question_render_prompt(prompt, &q->prompt, arena, e) &&
           shown(answer, &right, &q->a, arena, e) && shown(answer, &wrong, &q->b, arena, e);
}
