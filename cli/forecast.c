#include "cli/forecast.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "schemas/call.h"

#define STANDS 0.8 /* of the traces that a checker sees */

/* One order, asked until k are right or n-k+1 are not: its expected calls, and how likely it
 * passes. */
static double expect_order(int k, int n, double p, double *passes)
{
    double at[CALL_MAX_K + 1] = {1}; /* by how many were right, the chance to stand there */
    double calls = 0;
    *passes = 0;
    for (int made = 0; made < n; made++) {
        double next[CALL_MAX_K + 1] = {0};
        for (int right = 0; right < k && right <= made; right++) {
            if (made - right > n - k)
                continue; /* failed: no call is made here */
            calls += at[right];
            next[right + 1] += at[right] * p;
            next[right] += at[right] * (1 - p);
        }
        *passes += next[k];
        next[k] = 0;
        for (int right = 0; right <= k; right++)
            at[right] = next[right];
    }
    return calls;
}

/* The share of pairs whose answers are judged one by one. */
static double pointwise_share(const struct project *p)
{
    const struct conf_share *mix = p->judge.mix.items;
    double all = 0, pointwise = 0;
    for (size_t i = 0; i < p->judge.mix.n; i++) {
        bool is = strcmp(mix[i].name, format_name(FORMAT_POINTWISE)) == 0;
        all += mix[i].value;
        pointwise += is ? mix[i].value : 0;
    }
    if (all > 0)
        return pointwise / all;
    return p->judge.format == FORMAT_POINTWISE ? 1 : 0;
}

/* One teacher's gate: its rollouts, and how likely the pair passes. */
static double expect_gate(const struct project *p, struct project_bar bar, double right,
                          double *passes)
{
    double pointwise = pointwise_share(p), full = 2 * (double)bar.n, order;
    if (bar.k < 1) { /* mean scores: all of them are needed */
        *passes = right;
        return full;
    }
    double one = expect_order((int)bar.k, (int)bar.n, right, &order);
    *passes = pointwise * order + (1 - pointwise) * order * order;
    if (p->accept.stop == STOP_FULL || p->purpose == PURPOSE_EVALUATE)
        return full;
    double early = pointwise * 2 * one + (1 - pointwise) * one * (1 + order);
    return p->calibration * full + (1 - p->calibration) * early;
}

/* Calls of one rollout beyond its first. */
static double expect_cues(const struct project *p, double right)
{
    const struct project_reflection *r = &p->reflection;
    const double shares[] = {
        [REFLECT_NONE] = 0,
        [REFLECT_NATURAL] = 0,
        [REFLECT_WAIT] = 1,
        [REFLECT_WRONG_TO_RIGHT] = 1 - right,
        [REFLECT_RIGHT_TO_RIGHT] = right,
        [REFLECT_MIXED] = r->share,
    };
    return shares[r->mode] * (double)r->rounds;
}

/* Failed pairs are tried until the share of hinted ones among the accepted is reached. */
static double expect_hinted(const struct project *p, double right, double accepted)
{
    double order;
    if (p->hint.share <= 0)
        return 0;
    double one = expect_order((int)p->hint.k, (int)p->hint.n, right, &order);
    double wanted = p->hint.share * accepted / fmax(order * order, 1e-9);
    double rechecks = right;
    return fmin(1 - accepted, wanted) * one * (1 + order) * (1 + rechecks);
}

void forecast_pair(const struct project *p, const struct seats *seats, struct project_bar bar,
                   double right, struct forecast_calls *c)
{
    double passes, cues = expect_cues(p, right), accepted = 1;
    *c = (struct forecast_calls){0};
    assert(bar.n <= CALL_MAX_K && bar.k <= bar.n);
    double gate = expect_gate(p, bar, right, &passes);
    for (size_t i = 0; i < seats->n; i++) {
        enum seat_kind kind = seats->all[i].kind;
        if (kind == SEAT_TEACHER || kind == SEAT_SECOND) {
            double rollouts = gate * (p->purpose == PURPOSE_EVALUATE ? 1 : accepted);
            c->kinds[kind] += rollouts * (1 + cues);
            c->cues += rollouts * cues;
            accepted *= passes;
        } else if (kind == SEAT_HINTED)
            c->kinds[kind] += expect_hinted(p, right, accepted);
        else if (kind == SEAT_CHECKER)
            c->kinds[kind] += accepted * 2 / STANDS;
        else
            c->kinds[kind] += 2 * (double)seats->all[i].n;
    }
    for (int kind = 0; kind < SEAT_KIND_COUNT; kind++)
        c->total += c->kinds[kind];
}

/* Known answer: sampled until enough are right and enough are wrong. at[r][w]: the chance that just
 * so many are; more than enough counts as enough. */
static struct forecast_build expect_samples(const struct project_build *b, double right)
{
    static double at[CALL_MAX_K + 1][CALL_MAX_K + 1];
    size_t enough_r = (size_t)b->right, enough_w = (size_t)b->wrong;
    struct forecast_build f = {0};
    memset(at, 0, sizeof at);
    at[0][0] = 1;
    for (int64_t made = 0; made < b->samples; made++) {
        static double next[CALL_MAX_K + 1][CALL_MAX_K + 1];
        memset(next, 0, sizeof next);
        for (size_t r = 0; r <= enough_r; r++) {
            for (size_t w = 0; w <= enough_w; w++) {
                bool over = r == enough_r && w == enough_w;
                f.calls += over ? 0 : at[r][w];
                next[r < enough_r && !over ? r + 1 : r][w] += at[r][w] * (over ? 1 : right);
                next[r][w < enough_w && !over ? w + 1 : w] += at[r][w] * (over ? 0 : 1 - right);
            }
        }
        memcpy(at, next, sizeof at);
    }
    for (size_t r = 1; r <= enough_r; r++)
        for (size_t w = 1; w <= enough_w; w++)
            f.pairs += at[r][w] * fmin((double)b->pairs, (double)(r * w));
    return f;
}

struct forecast_build forecast_build(const struct project *p, bool known, double good)
{
    const struct project_build *b = &p->build;
    struct forecast_build f = {.calls = 1}; /* the baseline */
    if (known)
        return expect_samples(b, good);
    double none = 1;
    for (int64_t i = 0; i < b->modifications; i++) {
        f.calls += none;
        none *= 1 - good;
    }
    f.pairs = 1 - none;
    return f;
}

double forecast_in_flight(const struct project *p)
{
    const struct project_endpoint *all = p->endpoints.items;
    double endpoints = 0, slots = (double)p->workers.local * (double)p->workers.slots;
    for (size_t i = 0; i < p->endpoints.n; i++)
        endpoints += (double)all[i].max_in_flight;
    return slots > 0 ? fmin(endpoints, slots) : endpoints;
}

/* Prices are those of the first endpoint of each seat; seats of one kind share their calls evenly.
 */
static double cost_of(const struct project *p, const struct seats *seats, double pairs,
                      const struct forecast_basis *b)
{
    const struct project_endpoint *all = p->endpoints.items;
    double cost = 0, of_kind[SEAT_KIND_COUNT] = {0};
    for (size_t i = 0; i < seats->n; i++)
        of_kind[seats->all[i].kind]++;
    for (size_t i = 0; i < seats->n; i++) {
        const struct seat *seat = &seats->all[i];
        size_t at = 0;
        while (at + 1 < p->endpoints.n && !(seat->endpoints >> at & 1))
            at++;
        double calls = pairs * b->per_pair.kinds[seat->kind] / of_kind[seat->kind] +
                       (seat->kind == SEAT_GENERATOR ? b->build_calls : 0);
        cost += calls * (b->prompt_tokens * all[at].price_prompt +
                         b->completion_tokens * all[at].price_completion);
    }
    return cost / 1e6;
}

struct forecast forecast_of(const struct project *p, const struct seats *seats, double pairs,
                            const struct forecast_basis *b)
{
    struct forecast f = {.calls = pairs * b->per_pair.total + b->build_calls};
    f.prompt_tokens = f.calls * b->prompt_tokens;
    f.completion_tokens = f.calls * b->completion_tokens;
    f.cost_usd = cost_of(p, seats, pairs, b);
    /* A pair has in flight what it surely needs: about k calls. */
    double at_once = fmax(1, fmin(b->in_flight, fmax(pairs * (double)p->accept.k, b->build_calls)));
    f.seconds = f.calls * b->latency_ms / 1000 / at_once;
    return f;
}
