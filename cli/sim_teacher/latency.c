#include "cli/sim_teacher/latency.h"

#include <math.h>

#include "base/rng.h"

bool latency_parse(struct latency *l, const char *text, struct err *e)
{
    const struct slice name = S("lognormal:");
    struct slice s = slice_of(text), sigma = S("");
    *l = (struct latency){0};
    bool drawn = slice_starts(s, name);
    struct slice median = drawn ? slice_cut(slice_from(s, name.n), ',', &sigma) : s;
    bool ok = slice_double(median, &l->median_ms) && l->median_ms >= 0 &&
              l->median_ms <= LATENCY_MAX_MS;
    if (drawn)
        ok = ok && slice_double(sigma, &l->sigma) && l->sigma >= 0 && l->sigma <= 10;
    return ok || err_set(e, ERR_USAGE,
                         "--latency needs milliseconds (at most an hour) such as 250, or "
                         "lognormal:MEDIAN_MS,SIGMA such as lognormal:400,0.5, not '%s'",
                         text);
}

int64_t latency_draw(const struct latency *l, uint64_t h)
{
    double ms = l->median_ms;
    if (l->sigma > 0) {
        struct rng r;
        rng_init(&r, h);
        ms *= exp(l->sigma * rng_normal(&r));
    }
    return (int64_t)(ms < LATENCY_MAX_MS ? ms + 0.5 : LATENCY_MAX_MS);
}
