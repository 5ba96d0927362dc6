#include "coordinator/quota.h"

#include <assert.h>

static const struct project_quota *quota_at(const struct quota *q, size_t i)
{
    const struct project_quota *all = q->project->quotas.items;
    return &all[i];
}

uint64_t quota_name(struct slice text)
{
    if (text.n == 0)
        return 0;
    struct hash h;
    hash_init(&h, "quota");
    hash_field(&h, text);
    struct id id = hash_id(&h);
    uint64_t name = id_u64(&id, 0);
    return name ? name : 1;
}

void quota_init(struct quota *q, const struct project *p)
{
    assert(p->quotas.n <= QUOTA_MAX);
    *q = (struct quota){.project = p};
    for (size_t i = 0; i < p->quotas.n; i++) {
        const struct project_quota *rule = quota_at(q, i);
        enum trust trust;
        q->domain[i] = quota_name(slice_of(rule->domain));
        q->source[i] = quota_name(slice_of(rule->source));
        q->trust[i] = trust_parse(slice_of(rule->trust), &trust) ? (int)trust : -1;
    }
}

/* Whether pairs like this fall under quota i, whatever their rollouts say. */
static bool is_kind(const struct quota *q, size_t i, enum trust trust, uint64_t domain,
                    uint64_t source)
{
    return (q->domain[i] == 0 || q->domain[i] == domain) &&
           (q->source[i] == 0 || q->source[i] == source) &&
           (q->trust[i] < 0 || q->trust[i] == (int)trust);
}

/* Windows hold their lower end alone, so that windows side by side share no pair; 1 ends the last
 * one and belongs to it. */
static bool is_within(const struct project_quota *rule, double pass)
{
    bool ends = pass >= rule->pass_to && rule->pass_to < 1;
    return pass == rule->pass_from || (rule->pass_from < pass && !ends);
}

static bool is_full(const struct quota *q, size_t i)
{
    return q->accepted[i] >= quota_at(q, i)->accepted;
}

bool quota_full(const struct quota *q, const struct subject *s)
{
    for (size_t i = 0; i < q->project->quotas.n; i++) {
        const struct project_quota *rule = quota_at(q, i);
        bool whatever = rule->pass_from <= 0 && rule->pass_to >= 1;
        if (whatever && is_full(q, i) && is_kind(q, i, s->trust, s->domain, s->source))
            return true;
    }
    return false;
}

static uint64_t counted(const struct contest *c, int half)
{
    return c->done[half] & ~c->beyond[half];
}

/* Of pointwise judging one judgment is two scores of the same index. */
static double pass_pointwise(const struct contest *c)
{
    uint64_t both = counted(c, 0) & counted(c, 1), scored = both & c->right[0] & c->right[1];
    int correct = 0;
    for (int k = 0; k < CALL_MAX_K; k++)
        if (scored >> k & 1)
            correct += c->scores[0][k] > c->scores[1][k];
    return both ? (double)correct / __builtin_popcountll(both) : 0;
}

static double pass_of(const struct subject *s)
{
    const struct contest *c = &s->contests[0];
    if (s->pointwise)
        return pass_pointwise(c);
    int correct = 0, done = 0;
    for (int lane = 0; lane < PLANNER_LANES; lane++) {
        correct += __builtin_popcountll(c->right[lane] & counted(c, lane));
        done += __builtin_popcountll(counted(c, lane));
    }
    return done > 0 ? (double)correct / done : 0;
}

bool quota_take(struct quota *q, const struct subject *s)
{
    bool falls[QUOTA_MAX];
    double pass = pass_of(s);
    for (size_t i = 0; i < q->project->quotas.n; i++) {
        falls[i] = is_kind(q, i, s->trust, s->domain, s->source) && is_within(quota_at(q, i), pass);
        if (falls[i] && is_full(q, i))
            return false;
    }
    for (size_t i = 0; i < q->project->quotas.n; i++)
        q->accepted[i] += falls[i];
    return true;
}

void quota_leave(struct quota *q, const struct subject *s)
{
    quota_recall(q, s->trust, s->domain, s->source, pass_of(s), -1);
}

void quota_recall(struct quota *q, enum trust trust, uint64_t domain, uint64_t source, double pass,
                  int64_t n)
{
    for (size_t i = 0; i < q->project->quotas.n; i++)
        if (is_kind(q, i, trust, domain, source) && is_within(quota_at(q, i), pass))
            q->accepted[i] += n;
}
