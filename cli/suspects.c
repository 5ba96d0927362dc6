#include "cli/suspects.h"

#include <math.h>
#include <stdlib.h>

static bool is_of(const struct look_rollout *o, int64_t recipe)
{
    return o->recipe == recipe && o->k < CALL_MAX_K;
}

/* Of a pointwise judgment both halves have the outcome. */
static void count(struct suspect *s, const struct look_rollout *o)
{
    struct suspicion_order *order = &s->orders[o->lane % 2];
    s->pointwise = o->lane == LANE_CHOSEN_ONLY || o->lane == LANE_REJECTED_ONLY;
    order->correct += o->outcome == OUTCOME_CORRECT;
    order->incorrect += o->outcome == OUTCOME_INCORRECT;
    order->unsure += o->outcome == OUTCOME_TIE;
}

static int n_orders(const struct suspect *s)
{
    return s->pointwise ? 1 : 2;
}

static bool leans_against(const struct suspect *s)
{
    int sum = 0;
    for (int i = 0; i < n_orders(s); i++)
        sum += s->orders[i].incorrect - s->orders[i].correct;
    return sum > 0;
}

static void keep(struct suspects *s, const struct suspect *one)
{
    s->total++;
    s->contradicted += one->contradicted;
    if (s->n == SUSPECTS_MAX)
        return;
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        struct suspect *larger = reallocarray(s->all, room, sizeof *larger);
        s->failed = s->failed || !larger;
        if (!larger)
            return;
        s->all = larger;
        s->room = room;
    }
    s->all[s->n++] = *one;
}

void suspects_add(struct suspects *s, const struct look_judged *j, int64_t recipe)
{
    struct suspect one = {.row = j->pair.row};
    const struct look_rollout *first = NULL;
    if (j->recipe)
        recipe = j->recipe;
    for (size_t i = 0; i < j->n; i++) {
        const struct look_rollout *o = &j->rollouts[i];
        if (!is_of(o, recipe))
            continue;
        count(&one, o);
        if (!first || o->call < first->call)
            first = o;
    }
    s->first_correct += first && first->outcome == OUTCOME_CORRECT;
    s->first_incorrect += first && first->outcome == OUTCOME_INCORRECT;
    one.contradicted = suspicion_contradicted(one.orders, n_orders(&one));
    if (first && (one.contradicted || leans_against(&one)))
        keep(s, &one);
}

static int by_odds(const void *a, const void *b)
{
    const struct suspect *first = a, *second = b;
    if (first->odds < second->odds || first->odds > second->odds)
        return first->odds > second->odds ? -1 : 1;
    return first->row < second->row ? -1 : first->row > second->row;
}

bool suspects_rank(struct suspects *s, struct err *e)
{
    double decided = (double)(s->first_correct + s->first_incorrect);
    double accuracy = decided > 0 ? (double)s->first_correct / decided : 0;
    if (s->failed)
        return err_set(e, ERR_NOMEM, "out of memory for suspect labels");
    for (size_t i = 0; i < s->n; i++)
        s->all[i].odds = suspicion_odds(s->all[i].orders, n_orders(&s->all[i]), accuracy);
    if (s->n)
        qsort(s->all, s->n, sizeof *s->all, by_odds);
    return true;
}

double suspects_chance(const struct suspect *suspect)
{
    return 1 / (1 + exp(-suspect->odds));
}

void suspects_free(struct suspects *s)
{
    free(s->all);
    *s = (struct suspects){0};
}
