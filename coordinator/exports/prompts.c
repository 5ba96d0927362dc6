#include "coordinator/exports/prompts.h"

#include "judges/wording.h"

/* The seed's own texts, as every request about the pair shows them. */
static bool read_task(const struct release_pair *p, struct judge_task *task,
                      struct chat answers[EXPORT_HALVES], struct arena *arena, struct err *e)
{
    *task = (struct judge_task){
        .reference = p->reference, .rubric = p->rubric, .language = p->language};
    return chat_parse(p->prompt, &task->prompt, arena, e) &&
           chat_parse(p->chosen, &answers[0], arena, e) &&
           chat_parse(p->rejected, &answers[1], arena, e);
}

bool prompts_render(struct export_item *item, struct arena *arena, struct err *e)
{
    const struct release_pair *p = item->pair;
    struct judge_task task;
    struct chat answers[EXPORT_HALVES];
    item->format = p->n_rollouts ? p->rollouts[0].format : wording_format(item->project, &p->id);
    bool pointwise = item->format == FORMAT_POINTWISE;
    item->lanes[0] = pointwise ? LANE_CHOSEN_ONLY : LANE_CHOSEN_FIRST;
    item->lanes[1] = pointwise ? LANE_REJECTED_ONLY : LANE_REJECTED_FIRST;
    if (!read_task(p, &task, answers, arena, e))
        return false;
    for (int half = 0; half < EXPORT_HALVES; half++) {
        struct chat request;
        task.answer_a = answers[half];
        task.answer_b = pointwise ? (struct chat){0} : answers[1 - half];
        if (!wording_render(item->project, item->format, &task, &request, arena, e))
            return false;
        buf_clear(item->line);
        struct jsonw w = jsonw_to(item->line);
        chat_write(&w, &request);
        item->prompts[half] = arena_dup(arena, buf_view(item->line));
        if (!buf_ok(item->line, "the judge's request", e))
            return false;
        if (!item->prompts[half].p)
            return err_set(e, ERR_LIMIT, "its texts are larger than an export can hold");
    }
    return true;
}
