/*
 * sft: supervised fine-tuning on accepted traces, in the prompt/completion shape of conversations,
 * whose completions trainers learn from by themselves. `segments` says which parts of a completion
 * to leave out of the loss: examples/trainers/loss_mask.py makes masks of it.
 */
#include "coordinator/exports/choice.h"
#include "coordinator/exports/row.h"
#include "coordinator/exports/transcript.h"

static const struct export_column columns[] = {
    {"prompt", EXPORT_MESSAGES},   {"completion", EXPORT_MESSAGES}, {"thought", EXPORT_STRING},
    {"verdict", EXPORT_STRING},    {"score_a", EXPORT_NUMBER},      {"score_b", EXPORT_NUMBER},
    {"segments", EXPORT_SEGMENTS}, {NULL, EXPORT_STRING},
};

static void tally(struct export_tally *t, const struct release_rollout *trace)
{
    t->rows++;
    t->kinds[kind_of(trace)]++;
    t->hinted += trace->hinted;
    t->checked += trace->check == RELEASE_CHECKED;
    kind_count(&t->flips, trace);
}

static bool write_row(const struct export_item *item, const struct row_about *about,
                      exporter_row_fn *row, void *context, struct err *e)
{
    const struct release_rollout *trace = about->trace;
    struct jsonw w = row_begin(item);
    jsonw_key(&w, "prompt");
    jsonw_raw(&w, item->prompts[about->half]);
    if (!row_assistant(item, &w, "completion", trace, e))
        return false;
    jsonw_kslice(&w, "thought", buf_view(&item->transcript->thought));
    jsonw_kstr(&w, "verdict", verdict_name(trace->verdict));
    row_score(&w, "score_a", trace->score_a);
    row_score(&w, "score_b", trace->score_b);
    jsonw_key(&w, "segments");
    transcript_write(&w, item->transcript);
    tally(item->tally, trace);
    return row_end(item, &w, about, row, context, e);
}

static bool rows(const struct export_item *item, exporter_row_fn *row, void *context, struct err *e)
{
    struct choice c;
    if (!choice_accepted(item))
        return true;
    choice_steered(item, &c);
    for (int half = 0; half < EXPORT_HALVES; half++)
        for (size_t i = 0; i < c.n[half]; i++) {
            const struct row_about about = {half, c.kept[half][i], true};
            if (!write_row(item, &about, row, context, e))
                return false;
        }
    return true;
}

const struct exporter exporter_sft = {
    .name = "sft",
    .help = "traces of accepted pairs for supervised fine-tuning, keep_per_order of each order",
    .columns = columns,
    .rows = rows,
};
