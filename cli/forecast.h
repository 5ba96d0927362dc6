/* forecast: what a run will take, from what is known about the teacher or is assumed. Pure. */
#ifndef CLI_FORECAST_H
#define CLI_FORECAST_H

#include "schemas/project.h"

/* What a forecast is made of. */
struct forecast_basis {
    double calls_per_pair;
    double prompt_tokens, completion_tokens; /* per call */
    double latency_ms;                       /* of a call */
    double in_flight;                        /* calls at once */
};

struct forecast {
    double calls, prompt_tokens, completion_tokens;
    double cost_usd; /* 0 without prices */
    double seconds;
};

/* forecast_calls(accept, calibration, p): expected calls of one pair when each judgment is right
 * with probability p, whatever the order: k of n in each order, the second order only when the
 * first has passed; the share `calibration` is drawn in full. */
double forecast_calls(const struct project_accept *accept, double calibration, double p);
/* forecast_in_flight(project): calls at once that endpoints and local workers allow. */
double forecast_in_flight(const struct project *p);
struct forecast forecast_of(const struct project *p, double pairs, const struct forecast_basis *b);

#endif
