#include "coordinator/imports/pairing.h"

#include <math.h>

#include "coordinator/imports/fields.h"

struct project_import pairing_defaults(void)
{
    return (struct project_import){.max_pairs = 32};
}

/* ---- which pairs ---- */

struct range {
    int best, worst;
};

static struct range ranks_of(const struct seed_record *r)
{
    struct range range = {r->responses[0].rank, r->responses[0].rank};
    for (size_t i = 1; i < r->n_responses; i++) {
        int rank = r->responses[i].rank;
        range.best = rank < range.best ? rank : range.best;
        range.worst = rank > range.worst ? rank : range.worst;
    }
    return range;
}

static bool somebody_between(const struct seed_record *r, int above, int below)
{
    for (size_t i = 0; i < r->n_responses; i++)
        if (r->responses[i].rank > above && r->responses[i].rank < below)
            return true;
    return false;
}

static bool is_wanted(const struct seed_record *r, int ranking, struct range range, int chosen,
                      int rejected)
{
    if (chosen >= rejected)
        return false;
    switch (ranking) {
    case RANKING_ALL:
        return true;
    case RANKING_ADJACENT:
        return !somebody_between(r, chosen, rejected);
    case RANKING_BEST_VS_WORST:
        return chosen == range.best && rejected == range.worst;
    default:
        return chosen == range.best;
    }
}

/* margin_of(r, chosen, rejected, margin): false: nobody says by how much. */
static bool margin_of(const struct seed_record *r, const struct seed_response *chosen,
                      const struct seed_response *rejected, double *margin)
{
    if (r->has_margin)
        *margin = fabs(r->margin);
    else if (chosen->scored && rejected->scored)
        *margin = chosen->score - rejected->score;
    else if (r->label == LABEL_RANKED && r->n_responses > 2)
        *margin = rejected->rank - chosen->rank;
    else
        return false;
    return true;
}

struct choice {
    size_t low, same; /* pairs that were wanted, but for their margin, or equal texts */
    size_t taken;     /* wanted and fit */
};

/* look(r, how, i, k, c): whether response i over k is a pair. */
static bool look(const struct seed_record *r, const struct project_import *how, struct range range,
                 size_t i, size_t k, struct choice *c)
{
    const struct seed_response *a = &r->responses[i], *b = &r->responses[k];
    double margin;
    if (!is_wanted(r, how->ranking, range, a->rank, b->rank))
        return false;
    if (margin_of(r, a, b, &margin) && margin < how->min_margin) {
        c->low++;
        return false;
    }
    if (chat_says_the_same(&a->chat, &b->chat)) {
        c->same++;
        return false;
    }
    c->taken++;
    return true;
}

/* choose(r, how, total, c): total: how many there are to choose from, SIZE_MAX: only counts. When
 * there are more than the project wants, those taken are spread evenly. */
static void choose(struct seed_record *r, const struct project_import *how, size_t total,
                   struct choice *c)
{
    struct range range = ranks_of(r);
    size_t most = how->max_pairs < SEED_MAX_PAIRS ? (size_t)how->max_pairs : SEED_MAX_PAIRS;
    *c = (struct choice){0};
    for (size_t i = 0; i < r->n_responses; i++) {
        for (size_t k = 0; k < r->n_responses; k++) {
            if (!look(r, how, range, i, k, c) || total == SIZE_MAX)
                continue;
            size_t n = c->taken;
            if (total <= most || n * most / total > (n - 1) * most / total)
                r->pairs[r->n_pairs++] = (struct seed_pair){.chosen = i, .rejected = k};
        }
    }
}

static void choose_pairs(struct seed_record *r, const struct project_import *how)
{
    struct choice c;
    choose(r, how, SIZE_MAX, &c);
    choose(r, how, c.taken, &c);
    r->left_out += c.taken - r->n_pairs + (r->n_pairs ? c.low + c.same : 0);
    if (r->n_pairs == 0)
        r->reason = c.low                       ? SEED_LOW_MARGIN
                    : c.same                    ? SEED_IDENTICAL
                    : r->label == LABEL_CHECKED ? SEED_ONE_SIDED
                                                : SEED_TIE;
}

/* ---- whether any ---- */

static bool annotators_agree(const struct seed_record *r, int rule)
{
    if (r->votes == 0 || (rule == ANNOTATORS_OVERALL && r->has_overall))
        return true;
    return rule == ANNOTATORS_UNANIMOUS ? r->agreed == r->votes : 2 * r->agreed > r->votes;
}

static void decide(struct seed_record *r, const struct project_import *how)
{
    switch (r->label) {
    case LABEL_NONE:
        r->reason = r->answer.n ? SEED_ANSWER_ONLY : SEED_PROMPT_ONLY;
        return;
    case LABEL_TIE:
        r->reason = SEED_TIE;
        r->skip = how->ties == UNPAIRED_SKIP;
        return;
    case LABEL_BOTH_BAD:
        r->reason = SEED_BOTH_BAD;
        r->skip = how->both_bad == UNPAIRED_SKIP;
        return;
    case LABEL_RANKED:
    case LABEL_CHECKED:
        break;
    }
    if (annotators_agree(r, how->annotators))
        choose_pairs(r, how);
    else
        r->reason = SEED_ANNOTATORS;
}

/* ---- how we know ---- */

static void write_side(struct jsonw *w, const struct seed_response *s, bool chosen, bool ranked)
{
    if (s->author.n)
        jsonw_kslice(w, chosen ? "chosen_author" : "rejected_author", s->author);
    if (s->note.n)
        jsonw_kslice(w, chosen ? "chosen_variant" : "rejected_variant", s->note);
    if (s->scored)
        jsonw_kdouble(w, chosen ? "chosen_score" : "rejected_score", s->score);
    else if (ranked)
        jsonw_ki64(w, chosen ? "chosen_rank" : "rejected_rank", s->rank);
}

static void write_votes(struct jsonw *w, const struct seed_record *r)
{
    jsonw_key(w, "votes");
    jsonw_object(w);
    jsonw_ki64(w, "chosen", r->agreed);
    jsonw_ki64(w, "rejected", (int64_t)r->votes - r->agreed - r->undecided);
    jsonw_ki64(w, "tie", r->undecided);
    jsonw_end_object(w);
}

/* What the importer adds, member by member. */
static void write_details(struct jsonw *w, const struct seed_record *r)
{
    if (r->details.n <= 2)
        return;
    buf_char(w->out, ',');
    buf_slice(w->out, slice_sub(r->details, 1, r->details.n - 2));
    w->comma = true;
}

static bool write_evidence(const struct seed_record *r, struct seed_pair *pair, struct arena *arena,
                           struct err *e)
{
    const struct seed_response *chosen = &r->responses[pair->chosen],
                               *rejected = &r->responses[pair->rejected];
    struct buf text;
    double margin;
    buf_init(&text, arena->max);
    struct jsonw w = jsonw_to(&text);
    jsonw_object(&w);
    jsonw_kstr(&w, "kind", r->kind);
    if (margin_of(r, chosen, rejected, &margin))
        jsonw_kdouble(&w, "margin", margin);
    bool ranked = r->label == LABEL_RANKED && r->n_responses > 2;
    write_side(&w, chosen, true, ranked);
    write_side(&w, rejected, false, ranked);
    if (r->votes)
        write_votes(&w, r);
    write_details(&w, r);
    jsonw_end_object(&w);
    bool ok = fields_keep(&pair->evidence, &text, arena, e);
    buf_free(&text);
    return ok;
}

static bool declare(const struct seed_record *r, struct seed_pair *pair, struct arena *arena,
                    struct err *e)
{
    struct buf text;
    buf_init(&text, arena->max);
    struct jsonw w = jsonw_to(&text);
    jsonw_object(&w);
    jsonw_kstr(&w, "kind", "declared");
    jsonw_kstr(&w, "trust", trust_name(r->trust));
    if (r->meta.n) {
        jsonw_key(&w, "meta");
        jsonw_raw(&w, r->meta);
    }
    jsonw_end_object(&w);
    bool ok = fields_keep(&pair->evidence, &text, arena, e);
    buf_free(&text);
    return ok;
}

bool pairing_make(struct seed_record *r, const struct project_import *how, struct arena *arena,
                  struct err *e)
{
    if (r->moderated && how->moderated == UNPAIRED_SKIP) {
        r->n_pairs = 0;
        r->reason = SEED_MODERATED;
        r->skip = true;
        return true;
    }
    if (r->n_pairs == 0)
        decide(r, how);
    if (r->n_pairs > (size_t)how->max_pairs) { /* of an importer that chose them */
        r->left_out += r->n_pairs - (size_t)how->max_pairs;
        r->n_pairs = (size_t)how->max_pairs;
    }
    for (size_t i = 0; i < r->n_pairs; i++)
        if (!r->pairs[i].evidence.n &&
            !(r->kind ? write_evidence : declare)(r, &r->pairs[i], arena, e))
            return false;
    return true;
}
