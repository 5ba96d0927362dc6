#include "cli/forecast.h"

#include <assert.h>
#include <math.h>

#include "schemas/call.h"

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

double forecast_calls(const struct project_accept *accept, double calibration, double p)
{
    assert(accept->n <= CALL_MAX_K && accept->k >= 1 && accept->k <= accept->n);
    double full = 2 * (double)accept->n, passes;
    if (accept->stop == STOP_FULL)
        return full;
    double one = expect_order((int)accept->k, (int)accept->n, p, &passes);
    return calibration * full + (1 - calibration) * one * (1 + passes);
}

double forecast_in_flight(const struct project *p)
{
    const struct project_endpoint *all = p->endpoints.items;
    double endpoints = 0, slots = (double)p->workers.local * (double)p->workers.slots;
    for (size_t i = 0; i < p->endpoints.n; i++)
        endpoints += (double)all[i].max_in_flight;
    return slots > 0 ? fmin(endpoints, slots) : endpoints;
}

struct forecast forecast_of(const struct project *p, double pairs, const struct forecast_basis *b)
{
    const struct project_endpoint *teacher = project_teacher(p);
    struct forecast f = {.calls = pairs * b->calls_per_pair};
    f.prompt_tokens = f.calls * b->prompt_tokens;
    f.completion_tokens = f.calls * b->completion_tokens;
    f.cost_usd = (f.prompt_tokens * teacher->price_prompt +
                  f.completion_tokens * teacher->price_completion) /
                 1e6;
    /* A pair has in flight what it surely needs: about k calls. */
    double at_once = fmax(1, fmin(b->in_flight, pairs * (double)p->accept.k));
    f.seconds = f.calls * b->latency_ms / 1000 / at_once;
    return f;
}
