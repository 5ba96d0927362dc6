/*
 * sft: supervised fine-tuning on accepted traces, in the prompt/completion shape of conversations,
 * which trainers mask by themselves.
 */
#include "coordinator/exports/row.h"

static const struct export_column columns[] = {
    {"prompt",         EXPORT_MESSAGES},
    {"completion",                EXPORT_MESSAGES},
    {"thought",EXPORT_STRING},
    {"verdict",        EXPORT_STRING},
    {0               },
};

static bool rows(const struct export_item *item, exporter_row_fn *row, void *context, struct err *e)
{
    if (!row_accepted(item))
        return true;
    for (enum lane lane = LANE_CHOSEN_FIRST; lane <= LANE_REJECTED_FIRST; lane++) {
        const struct release_rollout *kept[CALL_MAX_K];
        size_t n = row_keep(item, lane, OUTCOME_CORRECT, kept);
        for (size_t i = 0; i < n; i++) {
            struct jsonw w = row_begin(item);
            jsonw_key(&w, "prompt");
            jsonw_raw(&w, item->prompts[lane]);
            row_assistant(item, &w, "completion", kept[i]);
            jsonw_kslice(&w, "thought", kept[i]->thought);
            jsonw_kstr(&w, "verdict", verdict_name(kept[i]->verdict));
            if (!row_end(item, &w, lane, kept[i], row, context, e))
                return false;
        }
    }
    return true;
}

const struct exporter exporter_sft = {
    .name = "sft",
    .help = "traces of accepted pairs for supervised fine-tuning, keep_per_order of each order",
    .columns = columns,
    .rows = rows,
};
