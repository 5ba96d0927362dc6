#include "coordinator/stopping.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "coordinator/passrates.h"

/*
 * Under the pass rates that were learned (passrates.h), backward induction over the tallies of both
 * lanes gives the plan of fewest expected calls. `adaptive` is the same induction in which an
 * accepted pair is worth a price in calls: a pair is given up where going on costs more calls than
 * the acceptances it may bring are worth. The price is the lowest at which giving up loses no more
 * accepted pairs than it may. As every state has the same price, no other way of giving up saves
 * more calls at the same loss (the price is the Lagrange multiplier of the loss).
 */
#define FIRST 16        /* pairs under way before anything is known */
#define ENOUGH 512      /* finished rollouts after which the window is without limit */
#define SAME 1e-9       /* expected calls that differ by less are equal */
#define FEWEST 20       /* accepted pairs before anything is given up */
#define SURE 0.92       /* a plan aims at so much of the loss it may cause, for rates are learned */
#define MARGIN 0.3      /* and stays below that by so many standard errors of such a share */
#define PRICE_LEAST 1.5 /* times what an accepted pair costs anyway: below, it is for nothing */
#define PRICE_MAX 65536.0 /* calls for one accepted pair that nobody would pay */
#define PRICE_STEPS 10    /* halvings of the range of prices: to one per cent */

enum choice { LANE_0 = 0, LANE_1 = 1, EITHER = 2, GIVE_UP = 4 /* beside one of the others */ };

/* Which of two plans a pair follows. The patient one loses less than it may, the eager one more: so
 * many pairs follow the eager one that just as much is lost as may be. */
enum mood { PATIENT, EAGER };
#define MOOD_BITS 3 /* of a choice */

/* What a plan is made for. */
struct offer {
    double price; /* calls that an accepted pair is worth; 0: nothing is given up */
    enum mood mood;
};

/* A state is a tally the plan knows: correct 0..k (k: passed), missed 0..spare. At k=32, n=64 all
 * tables together take 2.8 MB (adaptive: 5.2 MB), and a new plan 40 ms (adaptive: 400); at k=8,
 * n=16 0.4 MB and 12 ms, at k=3, n=4 next to nothing. */
struct stopping {
    int k, n;
    int spare;  /* misses an order survives: n - k */
    int states; /* of one order */
    uint64_t observed;
    uint64_t renew_at;        /* the value of observed from which the plan is due again */
    uint64_t begun, accepted; /* pairs */
    double loss;              /* 0: not adaptive */
    double eager;             /* share of the pairs that follow the eager plan */
    struct passrates rates;
    uint8_t *choice; /* [state of order 0][state of order 1]: enum choice of both moods */
    uint16_t *worth; /* [the same]: accepted pairs per call in units of 1 / UINT16_MAX */
    double *chance;  /* [state][rate]: likelihood of the state's tally */
    double *calls;   /* [correct of order 0 modulo 2][its missed][state of order 1]: expected */
    double *gain;    /* [the same]: chance to be accepted */
};

struct stopping *stopping_new(int k, int n)
{
    assert(1 <= k && k <= n && n <= 64);
    struct stopping *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->k = k;
    s->n = n;
    s->spare = n - k;
    s->states = (k + 1) * (s->spare + 1);
    size_t states = (size_t)s->states, rows = 2 * (size_t)(s->spare + 1);
    s->choice = calloc(states * states, sizeof(*s->choice));
    s->worth = calloc(states * states, sizeof(*s->worth));
    s->chance = calloc(states * PASSRATES, sizeof(*s->chance));
    s->calls = calloc(rows * states, sizeof(*s->calls));
    s->gain = calloc(rows * states, sizeof(*s->gain));
    if (!passrates_init(&s->rates, n) || !s->choice || !s->worth || !s->chance || !s->calls ||
        !s->gain) {
        stopping_free(s);
        return NULL;
    }
    for (int i = 0; i < s->states; i++)
        for (int x = 0; x < PASSRATES; x++)
            s->chance[i * PASSRATES + x] = passrates_likelihood(x, i / (s->spare + 1),
                                                                i % (s->spare + 1));
    return s;
}

void stopping_free(struct stopping *s)
{
    if (!s)
        return;
    passrates_free(&s->rates);
    free(s->choice);
    free(s->worth);
    free(s->chance);
    free(s->calls);
    free(s->gain);
    free(s);
}

void stopping_adaptive(struct stopping *s, double loss)
{
    assert(0 <= loss && loss <= 0.5);
    s->loss = loss;
    s->renew_at = 0;
}

static bool passes(const struct stopping *s, struct tally t)
{
    return t.correct >= s->k && t.missed <= s->spare;
}

void stopping_observe(struct stopping *s, struct tally a, struct tally b, int lane, bool correct)
{
    assert(lane == 0 || lane == 1);
    if (a.correct + a.missed + b.correct + b.missed == 0)
        s->begun++;
    else
        passrates_drop(&s->rates, a, b);
    struct tally *moved = lane == 0 ? &a : &b;
    bool passed = passes(s, a) && passes(s, b);
    if (correct)
        moved->correct++;
    else
        moved->missed++;
    if (!passed && passes(s, a) && passes(s, b))
        s->accepted++;
    passrates_add(&s->rates, a, b);
    s->observed++;
}

/* Chances that the next call is correct in order 0 and in order 1. */
struct outlook {
    double p0, p1;
};

/* forth[y]: weight of rate y of order 1 beside the tally of order 0, forth_rate[y]: the same times
 * order 0's rate, b[y]: likelihood of the tally of order 1. */
static struct outlook outlook_of(const double *forth, const double *forth_rate, const double *b)
{
    double all = 0, p0 = 0, p1 = 0;
    for (int y = 0; y < PASSRATES; y++) {
        all += forth[y] * b[y];
        p0 += forth_rate[y] * b[y];
        p1 += forth[y] * b[y] * passrates_grid[y];
    }
    return (struct outlook){p0 / all, p1 / all};
}

/* A way on: expected calls and chance to be accepted. */
struct way {
    double calls, gain;
};

/* The way that begins with a call which is correct with chance p; at_hit and at_miss are where it
 * leads; `last`: a miss loses the pair. */
static struct way way_of(const struct stopping *s, double p, size_t at_hit, size_t at_miss,
                         bool last)
{
    struct way w = {1 + p * s->calls[at_hit], p * s->gain[at_hit]};
    if (!last) {
        w.calls += (1 - p) * s->calls[at_miss];
        w.gain += (1 - p) * s->gain[at_miss];
    }
    return w;
}

/* Which of the two ways is taken, if any; one with INFINITY calls is closed. */
static enum choice choose(struct way w0, struct way w1, double price, struct way *taken)
{
    double cost0 = w0.calls - price * w0.gain, cost1 = w1.calls - price * w1.gain;
    enum choice choice = cost0 < cost1 ? LANE_0 : LANE_1;
    *taken = choice == LANE_0 ? w0 : w1;
    if (w0.calls < INFINITY && w1.calls < INFINITY && fabs(cost0 - cost1) < SAME)
        choice = EITHER;
    if (price > 0 && fmin(cost0, cost1) >= 0) {
        *taken = (struct way){0, 0};
        choice |= GIVE_UP;
    }
    return choice;
}

/* Keeps what was planned for a state. */
static void note(struct stopping *s, int at, enum mood mood, enum choice choice, struct way taken)
{
    int shift = mood == EAGER ? MOOD_BITS : 0;
    int others = s->choice[at] & ~(((1 << MOOD_BITS) - 1) << shift);
    s->choice[at] = (uint8_t)(others | (int)choice << shift);
    if (s->loss > 0 && mood == PATIENT)
        s->worth[at] = (uint16_t)(taken.calls > 0 ? UINT16_MAX * taken.gain / taken.calls : 0);
}

/* Plans all states of order 1 beside the state (correct, missed) of order 0; those after it are
 * planned. */
static void plan_row(struct stopping *s, int correct, int missed, struct offer offer)
{
    int width = s->spare + 1, i = correct * width + missed;
    double forth[PASSRATES] = {0}, forth_rate[PASSRATES] = {0};
    for (int x = 0; x < PASSRATES; x++)
        for (int y = 0; y < PASSRATES; y++) {
            double w = s->rates.weight[x][y] * s->chance[i * PASSRATES + x];
            forth[y] += w;
            forth_rate[y] += w * passrates_grid[x];
        }
    size_t here = (size_t)(((correct & 1) * width + missed) * s->states);
    size_t hit = (size_t)(((~correct & 1) * width + missed) * s->states);
    size_t miss = here + (size_t)s->states;
    bool passed0 = correct == s->k, last0 = missed == s->spare;
    for (int j = s->states - 1; j >= 0; j--) {
        struct outlook o = outlook_of(forth, forth_rate, s->chance + j * PASSRATES);
        bool passed1 = j / width == s->k, last1 = j % width == s->spare;
        struct way w0 = {INFINITY, 0}, w1 = {INFINITY, 0}, taken = {0, 1};
        size_t at = here + (size_t)j;
        if (!passed0)
            w0 = way_of(s, o.p0, hit + (size_t)j, miss + (size_t)j, last0);
        if (!passed1)
            w1 = way_of(s, o.p1, at + (size_t)width, at + 1, last1);
        enum choice choice = EITHER;
        if (!passed0 || !passed1)
            choice = choose(w0, w1, offer.price, &taken);
        s->calls[at] = taken.calls;
        s->gain[at] = taken.gain;
        note(s, i * s->states + j, offer.mood, choice, taken);
    }
}

static void plan(struct stopping *s, double price, enum mood mood)
{
    struct offer offer = {price, mood};
    for (int correct = s->k; correct >= 0; correct--)
        for (int missed = s->spare; missed >= 0; missed--)
            plan_row(s, correct, missed, offer);
}

/* Where calls and gain have a pair of which nothing is known, after a plan was made. A one-lane
 * contest begins where lane 1 has passed. */
static int start_of(const struct stopping *s)
{
    return s->begun > 0 ? 0 : s->k * (s->spare + 1);
}

/* What the plan may lose now; 0 or below: nothing. The standard error is that of a share among the
 * accepted pairs seen so far. */
static double allowed_loss(const struct stopping *s)
{
    if (s->loss <= 0 || s->accepted < FEWEST)
        return 0;
    return SURE * s->loss - MARGIN * sqrt(s->loss * (1 - s->loss) / (double)s->accepted);
}

/* After the plan that gives nothing up: the patient plan and the eager one, next to each other in
 * price, and who follows which. */
static void plan_adaptive(struct stopping *s, double may)
{
    int at = start_of(s);
    double all = s->gain[at], low = PRICE_LEAST * s->calls[at] / all, high = PRICE_MAX;
    for (int i = 0; i < PRICE_STEPS; i++) {
        double middle = sqrt(low * high);
        plan(s, middle, EAGER);
        if (s->gain[at] >= all * (1 - may))
            high = middle;
        else
            low = middle;
    }
    plan(s, high, PATIENT);
    double patient = 1 - s->gain[at] / all;
    plan(s, low, EAGER);
    double eager = 1 - s->gain[at] / all;
    s->eager = eager <= may ? 1 : (may - patient) / (eager - patient);
}

/* A plan is renewed when the evidence has grown by a quarter: ten million results take 70 plans. */
static void renew(struct stopping *s)
{
    if (s->observed < s->renew_at)
        return;
    double may = allowed_loss(s);
    passrates_fit(&s->rates);
    plan(s, 0, PATIENT);
    s->eager = 0;
    if (may > 0)
        plan_adaptive(s, may);
    s->renew_at = s->observed + s->observed / 4 + 1;
}

static int state_of(const struct stopping *s, struct tally t)
{
    return (t.correct < s->k ? t.correct : s->k) * (s->spare + 1) + t.missed;
}

static int at_of(const struct stopping *s, struct tally a, struct tally b)
{
    return state_of(s, a) * s->states + state_of(s, b);
}

/* What the plan says for this pair at these tallies. */
static int choice_of(const struct stopping *s, struct tally a, struct tally b, uint64_t tie)
{
    bool eager = (double)(tie >> 11) * 0x1p-53 < s->eager;
    return s->choice[at_of(s, a, b)] >> (eager ? MOOD_BITS : 0) & ((1 << MOOD_BITS) - 1);
}

static bool undecided(const struct stopping *s, struct tally a, struct tally b)
{
    return a.missed <= s->spare && b.missed <= s->spare && (a.correct < s->k || b.correct < s->k);
}

int stopping_next(struct stopping *s, struct tally a, struct tally b, uint64_t tie)
{
    assert(undecided(s, a, b));
    renew(s);
    int choice = choice_of(s, a, b, tie) & ~GIVE_UP;
    return choice == EITHER ? (int)(tie & 1) : choice;
}

bool stopping_surely(struct stopping *s, struct tally a, struct tally b, uint64_t tie, int lane)
{
    bool alone = a.flying + b.flying == 0;
    for (int i = 0; i <= a.flying; i++)
        for (int j = 0; j <= b.flying; j++) {
            struct tally x = {(uint8_t)(a.correct + i), (uint8_t)(a.missed + a.flying - i), 0};
            struct tally y = {(uint8_t)(b.correct + j), (uint8_t)(b.missed + b.flying - j), 0};
            if (!undecided(s, x, y) || stopping_next(s, x, y, tie) != lane)
                return false;
            if (!alone && stopping_give_up(s, x, y, tie))
                return false;
        }
    return true;
}

bool stopping_give_up(struct stopping *s, struct tally a, struct tally b, uint64_t tie)
{
    assert(undecided(s, a, b));
    if (s->loss <= 0 || a.flying + b.flying > 0)
        return false;
    renew(s);
    return choice_of(s, a, b, tie) & GIVE_UP;
}

double stopping_worth(struct stopping *s, struct tally a, struct tally b)
{
    if (!undecided(s, a, b))
        return passes(s, a) && passes(s, b);
    renew(s);
    return (double)s->worth[at_of(s, a, b)] / UINT16_MAX;
}

uint64_t stopping_window(const struct stopping *s)
{
    return s->observed < ENOUGH ? FIRST + s->observed / 2 : UINT64_MAX;
}
