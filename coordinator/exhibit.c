#include "coordinator/exhibit.h"

#include "coordinator/keep.h"

/* What is known of the rollouts that the traces are from. */
struct known {
    struct ledger_rollout rollouts[2 * CALL_MAX_K], checks[2 * CALL_MAX_K];
    size_t n, n_checks;
    bool pointwise;
    bool reviewed; /* a trace of the pair stood up to the checker */
};

static int64_t recipe_of(const struct ledger_seats *seats, enum seat_kind kind)
{
    for (size_t i = 0; i < seats->n; i++)
        if (seats->kinds[i] == kind)
            return seats->recipes[i];
    return 0;
}

static bool read_known(struct store *s, uint64_t row, int64_t recipe, int64_t checker,
                       struct known *k, struct err *e)
{
    size_t max = sizeof k->rollouts / sizeof k->rollouts[0];
    k->n = k->n_checks = 0;
    if (!ledger_rollouts(s, row, recipe, k->rollouts, max, &k->n, e) ||
        (checker && !ledger_rollouts(s, row, checker, k->checks, max, &k->n_checks, e)))
        return false;
    k->pointwise = k->n > 0 && k->rollouts[0].lane >= LANE_CHOSEN_ONLY;
    k->reviewed = false;
    for (size_t i = 0; i < k->n_checks; i++)
        k->reviewed = k->reviewed || k->checks[i].outcome == OUTCOME_CORRECT;
    return true;
}

/* One that the checker could not read says nothing about the trace. */
static bool is_answer(enum verdict v)
{
    return v == VERDICT_A || v == VERDICT_B || v == VERDICT_TIE || v == VERDICT_DISPUTED;
}

static bool stands(const struct known *known, int side, int k)
{
    for (size_t i = 0; i < known->n_checks; i++) {
        const struct ledger_rollout *c = &known->checks[i];
        if (c->lane == side && c->k == k)
            return c->outcome == OUTCOME_CORRECT || (!known->reviewed && !is_answer(c->verdict));
    }
    return !known->reviewed;
}

/* Both halves of a pointwise judgment leave together. */
static bool is_whole(const struct known *known, int side, int k)
{
    for (size_t i = 0; known->pointwise && i < known->n; i++) {
        const struct ledger_rollout *r = &known->rollouts[i];
        if (r->lane % 2 != side && r->k == k)
            return !r->filtered;
    }
    return !known->pointwise;
}

/* Length of the trace; pointwise, of both halves of the judgment. */
static uint64_t bytes_of(const struct ledger_item *item, int side, const struct ledger_kept *k,
                         bool pointwise)
{
    uint64_t bytes = k->thought.n + k->answer.n;
    for (size_t i = 0; pointwise && i < item->n[!side]; i++) {
        const struct ledger_kept *other = &item->sides[!side][i];
        if (other->k == k->k)
            bytes += other->thought.n + other->answer.n;
    }
    return bytes;
}

/* NULL: none is left. */
static const struct ledger_kept *first_kept(const struct project *p, const struct id *pair,
                                            const struct ledger_item *item, int side,
                                            const struct known *known)
{
    const struct ledger_kept *best = NULL;
    uint64_t least = 0;
    enum lane lane = known->pointwise ? LANE_CHOSEN_ONLY : (enum lane)side;
    for (size_t i = 0; i < item->n[side]; i++) {
        const struct ledger_kept *k = &item->sides[side][i];
        if (!stands(known, side, k->k) || !is_whole(known, side, k->k))
            continue;
        uint64_t rank = keep_rank(p, pair, lane, k->k, bytes_of(item, side, k, known->pointwise));
        if (!best || rank < least) {
            best = k;
            least = rank;
        }
    }
    return best;
}

bool exhibit_read(struct store *s, const struct project *p, const struct ledger_decided *d,
                  bool hinted, struct filter_item *item, struct arena *arena, struct err *e)
{
    struct ledger_seats seats;
    struct ledger_item stored;
    struct known known;
    if (!ledger_seats(s, d->run, d->recipe, &seats, e))
        return false;
    int64_t recipe = hinted ? recipe_of(&seats, SEAT_HINTED) : d->recipe;
    int64_t checker = hinted ? 0 : recipe_of(&seats, SEAT_CHECKER);
    if (!ledger_kept(s, d->pair.row, recipe, &stored, arena, e) ||
        !read_known(s, d->pair.row, recipe, checker, &known, e))
        return false;
    *item = (struct filter_item){.pair = d->pair.id,
                                 .evidence = stored.evidence,
                                 .prompt = stored.prompt,
                                 .chosen = stored.chosen,
                                 .rejected = stored.rejected};
    for (int side = 0; side < 2; side++) {
        const struct ledger_kept *k = first_kept(p, &d->pair.id, &stored, side, &known);
        item->sides[side].thought = k ? k->thought : S("");
        item->sides[side].answer = k ? k->answer : S("");
    }
    return true;
}
