#include "cli/sim_teacher/oracle.h"

#include "cli/sim_teacher/mix.h"

#define P_HOPELESS 0.02
#define SALT_HOPELESS 0x686f70656c657373u

static double clamp(double p)
{
    return p < 0 ? 0 : p > 1 ? 1 : p;
}

double oracle_p_first(const struct oracle *o, enum verdict gold, uint64_t pair)
{
    if (gold == VERDICT_NONE)
        return clamp(0.5 + o->position_bias);
    bool hopeless = mix_share(mix_two(pair, SALT_HOPELESS)) < o->hopeless;
    double p = hopeless ? P_HOPELESS : o->p_correct;
    if (gold == VERDICT_A)
        return hopeless ? p : clamp(p + o->position_bias);
    return hopeless ? 1 - p : 1 - clamp(p - o->position_bias);
}

enum verdict oracle_verdict(const struct oracle *o, enum verdict gold, uint64_t pair, uint64_t h)
{
    return mix_share(h) < oracle_p_first(o, gold, pair) ? VERDICT_A : VERDICT_B;
}
