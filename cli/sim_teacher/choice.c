#include "cli/sim_teacher/choice.h"

#include "cli/sim_teacher/form.h"
#include "cli/sim_teacher/mix.h"

enum {
    SALT_VERDICT = 1,
    SALT_FAULT = 3,
    SALT_TURN = 11,
    SALT_EMPTY,
    SALT_MENTION,
    SALT_SCORES,
    SALT_REFLECTS
};

static bool happens(double p, uint64_t h, uint64_t salt)
{
    return mix_share(mix_two(h, salt)) < p;
}

static char letter_of(enum verdict v)
{
    return v == VERDICT_A ? 'A' : 'B';
}

static char opposite(char side)
{
    return side == 'A' ? 'B' : 'A';
}

/* The bias is one towards a place, and a lone answer has none. */
static char first_side(const struct asked *a, const struct oracle *o, uint64_t h)
{
    struct oracle fair = *o;
    if (a->one)
        fair.position_bias = 0;
    return letter_of(oracle_verdict(&fair, a->gold, a->pair, mix_two(h, SALT_VERDICT)));
}

static char gone_on(struct choice *c, const struct asked *a, const struct temper *t, uint64_t h)
{
    bool wrong = a->gold != VERDICT_NONE && letter_of(a->gold) != a->leaning;
    c->repeated = happens(t->empty, h, SALT_EMPTY);
    bool turns = !c->repeated && happens(wrong ? t->fix : t->breaks, h, SALT_TURN);
    return turns ? opposite(a->leaning) : a->leaning;
}

static char side_of(struct choice *c, const struct asked *a, const struct oracle *o,
                    const struct temper *t, uint64_t h)
{
    if (a->ask == ASK_JUDGE && a->hint) {
        c->mentions = happens(t->mention, h, SALT_MENTION);
        return happens(t->hinted, h, SALT_VERDICT) ? a->hint : opposite(a->hint);
    }
    if (a->ask == ASK_JUDGE || a->leaning == 0)
        return first_side(a, o, h);
    if (a->ask == ASK_CONTINUE)
        return gone_on(c, a, t, h);
    if (a->ask == ASK_CLOSE)
        return happens(t->hold, h, SALT_TURN) ? a->leaning : opposite(a->leaning);
    return a->leaning;
}

static enum verdict sound_verdict(const struct choice *c, const struct asked *a,
                                  const struct temper *t, uint64_t h)
{
    if (a->claims && happens(t->dispute, h, SALT_TURN))
        return VERDICT_DISPUTED;
    if (a->one && a->ask != ASK_CHECK)
        return VERDICT_SCORE;
    return c->side == 'A' ? VERDICT_A : VERDICT_B;
}

enum verdict choice_verdict(enum fault fault, enum verdict sound)
{
    static const struct {
        enum fault fault;
        enum verdict verdict;
    } rows[] = {{FAULT_NO_VERDICT, VERDICT_NONE},  {FAULT_TIE, VERDICT_TIE},
                {FAULT_BOTH, VERDICT_CONFLICTING}, {FAULT_UNCLOSED, VERDICT_UNCLOSED},
                {FAULT_LENGTH, VERDICT_TRUNCATED}, {FAULT_REFUSED, VERDICT_REFUSED},
                {FAULT_EMPTY, VERDICT_EMPTY}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].fault == fault)
            return rows[i].verdict;
    return sound;
}

/* A lone score in the middle is as near as a pointwise judge comes to a tie. */
static void draw_scores(struct choice *c, const struct asked *a, uint64_t h)
{
    struct form f = {.format = a->format, .verdict = c->verdict, .h = mix_two(h, SALT_SCORES)};
    form_scores(&f, c->side);
    c->score_a = f.score_a;
    c->score_b = f.score_b;
    if (a->one && a->ask != ASK_CHECK && c->verdict == VERDICT_TIE)
        c->verdict = VERDICT_SCORE;
}

void choice_decide(struct choice *c, const struct asked *a, const struct oracle *o,
                   const struct temper *t, const struct faults *f, uint64_t h)
{
    *c = (struct choice){.fault = faults_content(f, mix_two(h, SALT_FAULT))};
    if (a->ask == ASK_CLOSE && c->fault == FAULT_UNCLOSED) /* it was closed by who asks */
        c->fault = FAULT_NONE;
    c->side = side_of(c, a, o, t, h);
    c->reflects = happens(t->reflects, h, SALT_REFLECTS);
    c->verdict = choice_verdict(c->fault, sound_verdict(c, a, t, h));
    draw_scores(c, a, h);
}
