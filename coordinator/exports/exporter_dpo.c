/*
 * dpo: preferences between judgments: a correct and an incorrect trace of the same pair in the same
 * order. Traces that a filter rejected are on neither side: a model should not learn from them
 * which verdict is better.
 */
#include "coordinator/exports/row.h"

static const struct export_column columns[] = {
    {"prompt",           EXPORT_MESSAGES},
    {"chosen",           EXPORT_MESSAGES},
    {"rejected",         EXPORT_MESSAGES},
    {"chosen_rollout",   EXPORT_INT     },
    {"rejected_rollout", EXPORT_INT     },
    {NULL,               EXPORT_STRING  },
};

static bool rows(const struct export_item *item, exporter_row_fn *row, void *context, struct err *e)
{
    if (!row_accepted(item))
        return true;
    for (enum lane lane = LANE_CHOSEN_FIRST; lane <= LANE_REJECTED_FIRST; lane++) {
        const struct release_rollout *right[CALL_MAX_K], *wrong[CALL_MAX_K];
        size_t n_right = row_keep(item, lane, OUTCOME_CORRECT, right);
        size_t n_wrong = row_keep(item, lane, OUTCOME_INCORRECT, wrong);
        for (size_t i = 0; i < n_right && i < n_wrong; i++) {
            struct jsonw w = row_begin(item);
            jsonw_key(&w, "prompt");
            jsonw_raw(&w, item->prompts[lane]);
            row_assistant(item, &w, "chosen", right[i]);
            row_assistant(item, &w, "rejected", wrong[i]);
            jsonw_ki64(&w, "chosen_rollout", right[i]->k);
            jsonw_ki64(&w, "rejected_rollout", wrong[i]->k);
            if (!row_end(item, &w, lane, NULL, row, context, e))
                return false;
        }
    }
    return true;
}

const struct exporter exporter_dpo = {
    .name = "dpo",
    .help = "a correct and an incorrect trace of the same pair and order, of accepted pairs",
    .columns = columns,
    .rows = rows,
};
