#include "cli/measure.h"

#include <assert.h>

/* How many ways there are to choose k of n. */
static double choose(int n, int k)
{
    double ways = 1;
    if (k < 0 || k > n)
        return 0;
    for (int i = 1; i <= k; i++)
        ways = ways * (n - k + i) / i;
    return ways;
}

double measure_vote(int correct, int incorrect, int other, int n)
{
    int all = correct + incorrect + other;
    double won = 0;
    assert(n >= 1 && n <= all);
    for (int right = 0; right <= correct && right <= n; right++) {
        for (int wrong = 0; wrong <= right && wrong <= incorrect && right + wrong <= n; wrong++) {
            double ways = choose(correct, right) * choose(incorrect, wrong) *
                          choose(other, n - right - wrong);
            if (right > 0)
                won += right == wrong ? ways / 2 : ways;
        }
    }
    return won / choose(all, n);
}

/* ---- one judgment ---- */

struct shares {
    double of[OUTCOME_COUNT];
};

static struct shares shares_of(const struct measure_half *half, int n)
{
    struct shares s = {{0}};
    for (int k = 0; k < n; k++) {
        enum outcome o = half->outcomes[k];
        s.of[o == OUTCOME_PENDING ? OUTCOME_NO_VERDICT : o] += 1.0 / n;
    }
    return s;
}

static void add_halves(struct measure *m, const struct measure_pair *pair, struct shares s[2])
{
    for (int i = 0; i < 2; i++) {
        const struct measure_half *half = &pair->halves[pair->pointwise ? 0 : i];
        int chose_a = 0;
        for (int k = 0; k < pair->n; k++)
            chose_a += half->chose_a[k];
        s[i] = shares_of(half, pair->n);
        m->right[i] += s[i].of[OUTCOME_CORRECT];
        m->tie[i] += s[i].of[OUTCOME_TIE];
        m->none[i] += s[i].of[OUTCOME_NO_VERDICT];
        double chose = s[i].of[OUTCOME_CORRECT] + s[i].of[OUTCOME_INCORRECT];
        if (chose <= 0)
            continue;
        m->choosing[i]++;
        m->chose_a[i] += chose_a / (chose * pair->n);
    }
}

/* Two independent draws, one of each order. */
static void add_consistency(struct measure *m, const struct measure_pair *pair,
                            const struct shares s[2])
{
    const double *a = s[0].of, *b = s[1].of;
    double right = a[OUTCOME_CORRECT] * b[OUTCOME_CORRECT];
    double wrong = a[OUTCOME_INCORRECT] * b[OUTCOME_INCORRECT];
    double flip = a[OUTCOME_CORRECT] * b[OUTCOME_INCORRECT] +
                  a[OUTCOME_INCORRECT] * b[OUTCOME_CORRECT];
    double none = 1 - (1 - a[OUTCOME_NO_VERDICT]) * (1 - b[OUTCOME_NO_VERDICT]);
    if (pair->pointwise) {
        right = a[OUTCOME_CORRECT];
        wrong = a[OUTCOME_INCORRECT];
        flip = 0;
        none = a[OUTCOME_NO_VERDICT];
    }
    m->both_right += right;
    m->both_wrong += wrong;
    m->flip += flip;
    m->any_none += none;
    m->any_tie += 1 - right - wrong - flip - none;
}

/* ---- several judgments ---- */

static void add_point(struct measure_point *p, double first, double second, double both)
{
    p->pairs++;
    p->right[0] += first;
    p->right[1] += second;
    p->both += both;
}

static double vote_of(const struct measure_half *half, int all, int n)
{
    int correct = 0, incorrect = 0;
    for (int k = 0; k < all; k++) {
        correct += half->outcomes[k] == OUTCOME_CORRECT;
        incorrect += half->outcomes[k] == OUTCOME_INCORRECT;
    }
    return measure_vote(correct, incorrect, all - correct - incorrect, n);
}

static void add_majority(struct measure_point *p, const struct measure_pair *pair, int n)
{
    double a = vote_of(&pair->halves[0], pair->n, n);
    if (pair->pointwise) {
        add_point(p, a, a, a);
        return;
    }
    double b = vote_of(&pair->halves[1], pair->n, n);
    add_point(p, a, b, a * b);
}

struct mean {
    int64_t sum, n;
};

static struct mean mean_of(const struct measure_half *half, int begin, int n)
{
    struct mean m = {0, 0};
    for (int k = begin; k < begin + n; k++) {
        if (half->scores[k] == MEASURE_NO_SCORE)
            continue;
        m.sum += half->scores[k];
        m.n++;
    }
    return m;
}

static bool is_ahead(const struct measure_pair *pair, int half, int begin, int n)
{
    struct mean first = mean_of(&pair->halves[half], begin, n);
    if (!pair->pointwise)
        return first.n > 0 && first.sum > 0;
    struct mean other = mean_of(&pair->halves[1], begin, n);
    return first.n > 0 && other.n > 0 && first.sum * other.n > other.sum * first.n;
}

static void add_mean(struct measure_point *p, const struct measure_pair *pair, int n)
{
    int blocks = pair->n / n, right[2] = {0, 0}, both = 0;
    for (int i = 0; i < blocks; i++) {
        bool a = is_ahead(pair, 0, i * n, n);
        bool b = pair->pointwise ? a : is_ahead(pair, 1, i * n, n);
        right[0] += a;
        right[1] += b;
        both += a && b;
    }
    add_point(p, (double)right[0] / blocks, (double)right[1] / blocks, (double)both / blocks);
}

/* ---- cues ---- */

/* What rollouts with `cues` cues or more say after so many, and said before. */
struct waited {
    int n, now, before; /* rollouts, and right ones */
};

static struct waited waited_of(const struct measure_half *half, int all, int cues)
{
    struct waited w = {0, 0, 0};
    for (int k = 0; k < all; k++) {
        if (half->cues[k] < cues)
            continue;
        w.n++;
        w.now += half->after[k][cues] == OUTCOME_CORRECT;
        w.before += half->after[k][0] == OUTCOME_CORRECT;
    }
    return w;
}

static void add_wait(struct measure_wait *wait, const struct measure_pair *pair, int cues)
{
    double now = 1, before = 1;
    bool both = true;
    for (int i = 0; i < 2; i++) {
        struct waited w = waited_of(&pair->halves[pair->pointwise ? 0 : i], pair->n, cues);
        both = both && w.n;
        if (!w.n)
            continue;
        double share = (double)w.now / w.n, share_before = (double)w.before / w.n;
        wait->pairs[i]++;
        wait->now[i] += share;
        wait->before[i] += share_before;
        now = pair->pointwise ? share : now * share;
        before = pair->pointwise ? share_before : before * share_before;
    }
    if (!both)
        return;
    wait->pairs_both++;
    wait->now_both += now;
    wait->before_both += before;
}

void measure_add(struct measure *m, const struct measure_pair *pair)
{
    struct shares shares[2];
    assert(pair->n >= 1 && pair->n <= CALL_MAX_K);
    m->pointwise = pair->pointwise;
    m->pairs++;
    m->rollouts += 2 * (int64_t)pair->n;
    add_halves(m, pair, shares);
    add_consistency(m, pair, shares);
    for (int i = 0, n = 1; i < MEASURE_POWERS && n <= pair->n; i++, n *= 2) {
        add_majority(&m->majority[i], pair, n);
        if (pair->has_scores)
            add_mean(&m->mean[i], pair, n);
    }
    for (int cues = 0; cues <= CALL_MAX_STEP; cues++)
        add_wait(&m->waits[cues], pair, cues);
}
