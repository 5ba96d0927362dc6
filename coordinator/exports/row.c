#include "coordinator/exports/row.h"

#include <stdio.h>
#include <stdlib.h>

#include "judges/trace.h"

const struct export_column row_columns[] = {
    {"pair_id",      EXPORT_STRING},
    {"order",        EXPORT_STRING},
    {"gold",         EXPORT_STRING},
    {"rollout",      EXPORT_INT   },
    {"source",       EXPORT_STRING},
    {"group",        EXPORT_STRING},
    {"trust",        EXPORT_STRING},
    {"n_correct",    EXPORT_INT   },
    {"n_rollouts",   EXPORT_INT   },
    {"judge_format", EXPORT_STRING},
    {"accepted",     EXPORT_BOOL  },
    {"teacher",      EXPORT_STRING},
    {"eval_set",     EXPORT_STRING},
    {"split_key",    EXPORT_STRING},
    {NULL,           EXPORT_STRING},
};

static bool is_usable(const struct release_rollout *r, enum lane lane, enum outcome outcome)
{
    return r->lane == lane && r->outcome == outcome && r->filter.n == 0;
}

int row_rollouts(const struct export_item *item, enum lane lane)
{
    int n = 0;
    for (size_t i = 0; i < item->pair->n_rollouts; i++)
        n += item->pair->rollouts[i].lane == lane;
    return n;
}

int row_correct(const struct export_item *item, enum lane lane)
{
    int n = 0;
    for (size_t i = 0; i < item->pair->n_rollouts; i++)
        n += is_usable(&item->pair->rollouts[i], lane, OUTCOME_CORRECT);
    return n;
}

bool row_accepted(const struct export_item *item)
{
    return item->pair->state == STATE_ACCEPTED && row_correct(item, LANE_CHOSEN_FIRST) > 0 &&
           row_correct(item, LANE_REJECTED_FIRST) > 0;
}

/* A rollout and its place in the ranking: the smallest goes first. */
struct ranked {
    uint64_t rank;
    const struct release_rollout *rollout;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->rollout->k - y->rollout->k;
}

static uint64_t random_rank(const struct export_item *item, const struct release_rollout *r)
{
    struct hash h;
    hash_init(&h, "keep");
    hash_field(&h, (struct slice){(const char *)item->pair->id.b, ID_BYTES});
    hash_u64(&h, (uint64_t)r->lane);
    hash_u64(&h, (uint64_t)r->k);
    struct id id = hash_id(&h);
    return id_u64(&id, (uint64_t)item->project->rng_seed);
}

static uint64_t rank_of(const struct export_item *item, const struct release_rollout *r)
{
    uint64_t bytes = r->thought.n + r->answer.n;
    switch (item->project->accept.keep) {
    case KEEP_FIRST:
        return (uint64_t)r->k;
    case KEEP_SHORTEST:
        return bytes;
    case KEEP_LONGEST:
        return UINT64_MAX - bytes;
    default:
        return random_rank(item, r);
    }
}

size_t row_keep(const struct export_item *item, enum lane lane, enum outcome outcome,
                const struct release_rollout **kept)
{
    struct ranked all[CALL_MAX_K];
    size_t n = 0;
    for (size_t i = 0; i < item->pair->n_rollouts; i++) {
        const struct release_rollout *r = &item->pair->rollouts[i];
        if (is_usable(r, lane, outcome))
            all[n++] = (struct ranked){rank_of(item, r), r};
    }
    qsort(all, n, sizeof *all, by_rank);
    size_t most = (size_t)item->project->accept.keep_per_order;
    for (size_t i = 0; i < n && i < most; i++)
        kept[i] = all[i].rollout;
    return n < most ? n : most;
}

struct jsonw row_begin(const struct export_item *item)
{
    buf_clear(item->line);
    struct jsonw w = jsonw_to(item->line);
    jsonw_object(&w);
    return w;
}

void row_assistant(const struct export_item *item, struct jsonw *w, const char *key,
                   const struct release_rollout *rollout)
{
    buf_clear(item->trace);
    trace_write(item->trace, rollout->thought, rollout->answer);
    struct message message = {S("assistant"), buf_view(item->trace)};
    jsonw_key(w, key);
    chat_write(w, &(struct chat){&message, 1});
}

/* The model of a rollout is what was asked; a pair that was never judged has the project's. */
static struct slice teacher_of(const struct export_item *item,
                               const struct release_rollout *rollout)
{
    if (!rollout && item->pair->n_rollouts)
        rollout = item->pair->rollouts;
    return rollout && rollout->model.n ? rollout->model : slice_of(item->teacher);
}

bool row_end(const struct export_item *item, struct jsonw *w, enum lane lane,
             const struct release_rollout *rollout, exporter_row_fn *row, void *context,
             struct err *e)
{
    const struct release_pair *p = item->pair;
    char pair_id[ID_HEX], split_key[17];
    id_hex(&p->id, pair_id);
    snprintf(split_key, sizeof split_key, "%016llx", (unsigned long long)p->split_key);
    jsonw_kstr(w, "pair_id", pair_id);
    jsonw_kstr(w, "order", lane_name(lane));
    jsonw_kstr(w, "gold", verdict_name(lane_gold(lane)));
    jsonw_ki64(w, "rollout", rollout ? rollout->k : -1);
    jsonw_kstr(w, "judge_format", item->judge->name);
    jsonw_kslice(w, "source", p->source);
    jsonw_kslice(w, "group", p->group);
    jsonw_kstr(w, "trust", trust_name(p->trust));
    jsonw_ki64(w, "n_correct", row_correct(item, lane));
    jsonw_ki64(w, "n_rollouts", row_rollouts(item, lane));
    jsonw_kbool(w, "accepted", row_accepted(item));
    jsonw_kslice(w, "teacher", teacher_of(item, rollout));
    jsonw_kslice(w, "eval_set", p->eval_set);
    jsonw_kstr(w, "split_key", split_key);
    jsonw_end_object(w);
    if (!buf_ok(item->trace, "a trace", e) || !buf_ok(item->line, "a row", e))
        return err_wrap(e, "pair %s", pair_id);
    return row(context, buf_view(item->line), e);
}
