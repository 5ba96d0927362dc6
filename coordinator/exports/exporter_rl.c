/*
 * rl: prompts with a known answer for reinforcement learning. Every pair leaves, however the
 * teacher did: the label is the truth, and the hard pairs teach most. Both orders of a pair
 * (pointwise: both answers) are neighbours, so that a reward can ask for consistency. The columns
 * are verl's; TRL passes them to the reward.
 */
#include "coordinator/exports/choice.h"
#include "coordinator/exports/row.h"

static const struct export_column columns[] = {
    {"prompt", EXPORT_MESSAGES},     {"data_source", EXPORT_STRING}, {"ability", EXPORT_STRING},
    {"reward_model", EXPORT_OBJECT}, {"extra_info", EXPORT_OBJECT},  {NULL, EXPORT_STRING},
};

/* What a reward function may want to know; verl hands it this object and nothing else. */
static void write_extra_info(const struct export_item *item, struct jsonw *w, int half)
{
    const struct release_pair *p = item->pair;
    char pair_id[ID_HEX];
    id_hex(&p->id, pair_id);
    jsonw_key(w, "extra_info");
    jsonw_object(w);
    jsonw_kstr(w, "split", item->split);
    jsonw_ki64(w, "index", p->row * EXPORT_HALVES + half);
    jsonw_kstr(w, "pair_id", pair_id);
    jsonw_kstr(w, "order", lane_name(item->lanes[half]));
    jsonw_kstr(w, "gold", row_gold(item->lanes[half]));
    jsonw_kstr(w, "judge_format", format_name(item->format));
    jsonw_kslice(w, "domain", p->domain);
    jsonw_kslice(w, "language", p->language);
    jsonw_kslice(w, "source", p->source);
    jsonw_kslice(w, "group", p->group);
    jsonw_kstr(w, "trust", trust_name(p->trust));
    row_counts(item, w, half);
    jsonw_kbool(w, "accepted", choice_accepted(item));
    jsonw_end_object(w);
}

static bool rows(const struct export_item *item, exporter_row_fn *row, void *context, struct err *e)
{
    for (int half = 0; half < EXPORT_HALVES; half++) {
        struct jsonw w = row_begin(item);
        jsonw_key(&w, "prompt");
        jsonw_raw(&w, item->prompts[half]);
        jsonw_kstr(&w, "data_source", "gavel");
        jsonw_kstr(&w, "ability", "judge");
        jsonw_key(&w, "reward_model");
        jsonw_object(&w);
        jsonw_kstr(&w, "style", "rule");
        jsonw_kstr(&w, "ground_truth", row_gold(item->lanes[half]));
        jsonw_end_object(&w);
        write_extra_info(item, &w, half);
        if (!row_end(item, &w, &(struct row_about){half, NULL, false}, row, context, e))
            return false;
    }
    return true;
}

const struct exporter exporter_rl = {
    .name = "rl",
    .help = "prompts of every pair with the right answer, both orders side by side",
    .columns = columns,
    .rows = rows,
};
