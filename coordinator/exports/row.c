#include "coordinator/exports/row.h"

#include <stdio.h>

#include "coordinator/exports/choice.h"
#include "coordinator/exports/transcript.h"

const struct export_column row_columns[] = {
    {"pair_id", EXPORT_STRING},
    {"order", EXPORT_STRING},
    {"gold", EXPORT_STRING},
    {"rollout", EXPORT_INT},
    {"source", EXPORT_STRING},
    {"group", EXPORT_STRING},
    {"trust", EXPORT_STRING},
    {"n_correct", EXPORT_INT},
    {"n_rollouts", EXPORT_INT},
    {"stopped", EXPORT_BOOL},
    {"n_correct_student", EXPORT_INT},
    {"n_student", EXPORT_INT},
    {"judge_format", EXPORT_STRING},
    {"accepted", EXPORT_BOOL},
    {"teacher", EXPORT_STRING},
    {"reflection", EXPORT_STRING},
    {"cues", EXPORT_INT},
    {"hinted", EXPORT_BOOL},
    {"checked", EXPORT_STRING},
    {"eval_set", EXPORT_STRING},
    {"split_key", EXPORT_STRING},
    {NULL, EXPORT_STRING},
};

struct jsonw row_begin(const struct export_item *item)
{
    buf_clear(item->line);
    struct jsonw w = jsonw_to(item->line);
    jsonw_object(&w);
    return w;
}

bool row_assistant(const struct export_item *item, struct jsonw *w, const char *key,
                   const struct release_rollout *rollout, struct err *e)
{
    if (!transcript_make(item->transcript, item->pair, rollout, e))
        return false;
    struct message message = {S("assistant"), buf_view(&item->transcript->content)};
    jsonw_key(w, key);
    chat_write(w, &(struct chat){&message, 1});
    return true;
}

void row_score(struct jsonw *w, const char *key, int score)
{
    char text[32];
    int n = score == SCORE_NONE ? snprintf(text, sizeof text, "-1.00")
                                : snprintf(text, sizeof text, "%d.%02d", score / 100, score % 100);
    jsonw_key(w, key);
    jsonw_raw(w, (struct slice){text, (size_t)n});
}

const char *row_gold(enum lane lane)
{
    if (lane == LANE_CHOSEN_ONLY)
        return ROW_CHOSEN;
    return lane == LANE_REJECTED_ONLY ? ROW_REJECTED : verdict_name(lane_gold(lane));
}

void row_counts(const struct export_item *item, struct jsonw *w, int half)
{
    jsonw_ki64(w, "n_correct", choice_n_correct(item, half));
    jsonw_ki64(w, "n_rollouts", choice_n(item, half));
    jsonw_kbool(w, "stopped", choice_stopped(item, half));
    jsonw_ki64(w, "n_correct_student", item->pair->student_correct[half]);
    jsonw_ki64(w, "n_student", item->pair->student_n[half]);
}

/* The model of a rollout is what was asked; a pair that was never judged has the project's. */
static struct slice teacher_of(const struct export_item *item, const struct release_rollout *trace)
{
    if (!trace && item->pair->n_rollouts)
        trace = item->pair->rollouts;
    return trace && trace->model.n ? trace->model : slice_of(item->teacher);
}

static void write_marks(struct jsonw *w, const struct release_rollout *trace)
{
    jsonw_kstr(w, "reflection", trace ? kind_name(kind_of(trace)) : "");
    jsonw_ki64(w, "cues", trace ? trace->cues : 0);
    jsonw_kbool(w, "hinted", trace && trace->hinted);
    jsonw_kstr(w, "checked", trace && trace->check == RELEASE_CHECKED ? "passed" : "");
}

bool row_end(const struct export_item *item, struct jsonw *w, const struct row_about *about,
             exporter_row_fn *row, void *context, struct err *e)
{
    const struct release_pair *p = item->pair;
    char pair_id[ID_HEX], split_key[17];
    id_hex(&p->id, pair_id);
    snprintf(split_key, sizeof split_key, "%016llx", (unsigned long long)p->split_key);
    jsonw_kstr(w, "pair_id", pair_id);
    jsonw_kstr(w, "order", lane_name(item->lanes[about->half]));
    jsonw_kstr(w, "gold", row_gold(item->lanes[about->half]));
    jsonw_ki64(w, "rollout", about->alone ? about->trace->k : -1);
    jsonw_kstr(w, "judge_format", format_name(item->format));
    jsonw_kslice(w, "source", p->source);
    jsonw_kslice(w, "group", p->group);
    jsonw_kstr(w, "trust", trust_name(p->trust));
    row_counts(item, w, about->half);
    jsonw_kbool(w, "accepted", choice_accepted(item));
    jsonw_kslice(w, "teacher", teacher_of(item, about->trace));
    write_marks(w, about->trace);
    jsonw_kslice(w, "eval_set", p->eval_set);
    jsonw_kstr(w, "split_key", split_key);
    jsonw_end_object(w);
    return buf_ok(item->line, "a row", e) && row(context, buf_view(item->line), e);
}
