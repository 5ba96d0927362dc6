/*
 * dpo: preferences between judgments: a correct and an incorrect trace of the same pair in the same
 * order and format. Traces that a filter rejected are on neither side: a model should not learn
 * from them which verdict is better. A judgment that a cue broke may be the worse one; that it was
 * is marked, since it teaches not to be talked out of a right verdict.
 */
#include "coordinator/exports/choice.h"
#include "coordinator/exports/row.h"

static const struct export_column columns[] = {
    {"prompt", EXPORT_MESSAGES},
    {"chosen", EXPORT_MESSAGES},
    {"rejected", EXPORT_MESSAGES},
    {"chosen_rollout", EXPORT_INT},
    {"rejected_rollout", EXPORT_INT},
    {"rejected_kind", EXPORT_STRING},
    {NULL, EXPORT_STRING},
};

/* A pointwise half is wrong only together with the other one: of two scores of the same answer the
 * better is the one that says more clearly what the answer is. */
static bool is_better(const struct release_rollout *right, const struct release_rollout *wrong)
{
    if (right->lane == LANE_CHOSEN_ONLY)
        return right->score_a > wrong->score_a;
    return right->lane != LANE_REJECTED_ONLY || right->score_a < wrong->score_a;
}

static bool write_row(const struct export_item *item, int half, const struct release_rollout *right,
                      const struct release_rollout *wrong, exporter_row_fn *row, void *context,
                      struct err *e)
{
    bool broken = kind_of(wrong) == KIND_RIGHT_TO_WRONG;
    struct jsonw w = row_begin(item);
    jsonw_key(&w, "prompt");
    jsonw_raw(&w, item->prompts[half]);
    if (!row_assistant(item, &w, "chosen", right, e) ||
        !row_assistant(item, &w, "rejected", wrong, e))
        return false;
    jsonw_ki64(&w, "chosen_rollout", right->k);
    jsonw_ki64(&w, "rejected_rollout", wrong->k);
    jsonw_kstr(&w, "rejected_kind", broken ? "broken" : "incorrect");
    return row_end(item, &w, &(struct row_about){half, right, false}, row, context, e);
}

static bool rows(const struct export_item *item, exporter_row_fn *row, void *context, struct err *e)
{
    struct choice right, wrong;
    if (!choice_accepted(item))
        return true;
    choice_correct(item, &right);
    choice_incorrect(item, &wrong);
    for (int half = 0; half < EXPORT_HALVES; half++)
        for (size_t i = 0; i < right.n[half] && i < wrong.n[half]; i++) {
            const struct release_rollout *a = right.kept[half][i], *b = wrong.kept[half][i];
            if (is_better(a, b) && !write_row(item, half, a, b, row, context, e))
                return false;
        }
    return true;
}

const struct exporter exporter_dpo = {
    .name = "dpo",
    .help = "a correct and an incorrect trace of the same pair and order, of accepted pairs",
    .columns = columns,
    .rows = rows,
};
